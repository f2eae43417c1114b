//! Rows of features for the model, wherever they come from.

use std::io::Read;
use std::path::{Path, PathBuf};

use cratedigger_catalog::TableId;
use cratedigger_catalog::feature_table;
use cratedigger_features::{Extractor, Recipe};
use cratedigger_learn::Matrix;
use cratedigger_learn::model::Model;

use super::audio::AnalysedAudio;
use super::clips;
use super::options::FeatureChoice;
use super::reader::{OutOfRange, Reader, Row, StoreTable};
use super::source::{self, Kind, Reading};
use crate::embedding::{self, Analyser};
use crate::error::{Context, Result, refuse};
use crate::extract::{HeardFiles, Inputs};
use crate::listener::Listener;

/// What can be classified, and what cannot.
pub struct Gathered {
    /// What the rows are called.
    pub ids: Vec<String>,
    /// The audio file of each row; `None` for a row of a table.
    pub paths: Vec<Option<PathBuf>>,
    /// The model's features, in its order.
    pub x: Matrix,
    /// One line for each input that gave no row.
    pub failures: Vec<String>,
    /// What was heard of each audio file.
    pub heard: HeardFiles,
}

/// Rows under construction.
struct Rows<'a> {
    model: &'a Model,
    /// Whether missing values may reach the model.
    takes_missing: bool,
    ids: Vec<String>,
    paths: Vec<Option<PathBuf>>,
    values: Vec<f32>,
    failures: Vec<String>,
    heard: HeardFiles,
}

/// What is told while audio is analysed, and whom.
#[derive(Clone, Copy)]
struct Work<'a> {
    what: &'static str,
    listener: &'a dyn Listener,
}

/// Reads all paths: tables where they are some, audio otherwise. `list` is what `-` among them stands for.
///
/// # Errors
/// The only path cannot be read, the model is not for the features, or nothing was found. One failure among others is in
/// [`Gathered::failures`].
pub fn gather(
    paths: &[PathBuf],
    model: &Model,
    reading: &Reading,
    list: &mut dyn Read,
    listener: &dyn Listener,
) -> Result<Gathered> {
    let work = Work {
        what: "classifying",
        listener,
    };
    let mut rows = Rows::new(model);
    let mut audio: Vec<PathBuf> = Vec::new();
    for path in paths {
        // A table that cannot be read is a failure among others, unless there is nothing else.
        let read = match source::kind(path) {
            Kind::Features => rows.add_file(path, reading.recipe),
            Kind::Tables => rows.add_store(path, reading, work),
            Kind::Audio => {
                audio.push(path.clone());
                continue;
            }
        };
        match read {
            Err(error) if paths.len() == 1 => return Err(error),
            Err(error) => rows
                .failures
                .push(format!("{}: {}", path.display(), error.in_one_line())),
            Ok(()) => {}
        }
    }
    if !audio.is_empty() {
        // Before anything is looked for.
        source::recipe_of_audio(model, reading.recipe)?;
        embedding::for_model(model, reading.embedding.as_ref())?;
        let inputs = Inputs::find(&audio, list)?;
        if let Some(reason) = inputs.nothing()
            && rows.failures.is_empty()
            && rows.ids.is_empty()
        {
            refuse!(Input, "{reason}");
        }
        rows.add_audio(inputs, reading, work)?;
    }
    rows.finish()
}

/// The rows of one data set to compare with: a file of features, a store, a folder of tables, or audio.
///
/// # Errors
/// It is none of these, or cannot be read.
pub fn gather_one(
    path: &Path,
    model: &Model,
    reading: &Reading,
    listener: &dyn Listener,
) -> Result<Gathered> {
    let work = Work {
        what: "extracting",
        listener,
    };
    let mut rows = Rows::new(model);
    match source::kind(path) {
        Kind::Features => rows.add_file(path, reading.recipe)?,
        Kind::Tables => rows.add_store(path, reading, work)?,
        Kind::Audio => {
            let inputs = Inputs::find(&[path.to_owned()], &mut std::io::empty())?;
            if !inputs.files.is_empty() {
                rows.add_audio(inputs, reading, work)?;
            }
            if rows.ids.is_empty() {
                refuse!(
                    Input,
                    "{} is neither a file of features (.parquet, .csv), nor a store, nor a folder of the dataset's CSV files{}",
                    path.display(),
                    match rows.failures.first() {
                        Some(failure) => format!(", and no audio that can be analysed: {failure}"),
                        None => ", nor audio".to_owned(),
                    }
                );
            }
        }
    }
    rows.finish()
}

impl<'a> Rows<'a> {
    fn new(model: &'a Model) -> Self {
        Self {
            model,
            takes_missing: model.pipeline().steps().pipeline().fills_missing(),
            ids: Vec::new(),
            paths: Vec::new(),
            values: Vec::new(),
            failures: Vec::new(),
            heard: HeardFiles::new(),
        }
    }

    fn finish(self) -> Result<Gathered> {
        let n_features = self.model.card().feature_names.len();
        Ok(Gathered {
            x: Matrix::new(self.ids.len(), n_features, self.values)?,
            ids: self.ids,
            paths: self.paths,
            failures: self.failures,
            heard: self.heard,
        })
    }

    /// Adds a row whose values are those of the model's features; one with missing values only where the model fills them.
    fn push(&mut self, row: &Row<'_>) {
        let (id, card) = (&row.id, self.model.card());
        if let Some(OutOfRange { at, value }) = row.out_of_range {
            self.failures.push(format!(
                "{id}: feature {} is {value:?}, which no model can take, since single precision ends at 3.4e38",
                card.feature_names[at]
            ));
            return;
        }
        match row.values.iter().position(|value| value.is_nan()) {
            Some(at) if !self.takes_missing => self.failures.push(format!(
                "{id}: feature {} is missing, and the model's pipeline ({}) does not fill it",
                card.feature_names[at], card.pipeline
            )),
            _ => {
                self.ids.push(id.to_string());
                self.paths.push(row.path.map(Path::to_owned));
                self.values.extend_from_slice(row.values);
            }
        }
    }

    /// Adds all rows of a source.
    fn add(&mut self, reader: &dyn Reader) -> Result<()> {
        let places = self.model.columns(reader.columns())?;
        reader.read(&places, &mut |row| {
            self.push(&row);
            Ok(())
        })
    }

    fn add_file(&mut self, path: &Path, recipe: Option<Recipe>) -> Result<()> {
        let table = feature_table::read(path)?;
        let found = table
            .recipe
            .clone()
            .or_else(|| recipe.map(|recipe| recipe.version().to_owned()));
        if let Some(found) = &found {
            self.model
                .check_recipe(found)
                .with_context(|| path.display().to_string())?;
        }
        embedding::read(table.embeddings.as_deref())
            .and_then(|found| embedding::check(&self.model.card().embeddings, &found))
            .with_context(|| path.display().to_string())?;
        self.add(&table).with_context(|| path.display().to_string())
    }

    /// The tracks of a store: its features table, or Echonest's where the model learnt from that; or the audio beside tables
    /// without features.
    fn add_store(&mut self, path: &Path, reading: &Reading, work: Work<'_>) -> Result<()> {
        let (store, n_rejected) = source::open(path, reading, work.listener)?;
        if n_rejected > 0 {
            self.failures.push(format!(
                "{}: {n_rejected} records could not be read",
                path.display()
            ));
        }
        let echonest = self
            .model
            .card()
            .feature_names
            .iter()
            .all(|name| name.starts_with("echonest."));
        if echonest {
            return StoreTable::open(&store, TableId::Echonest)
                .and_then(|table| self.add(&table))
                .with_context(|| path.display().to_string());
        }
        if let Some(inputs) = clips::beside(path, &store, &FeatureChoice::All)? {
            return self.add_audio(inputs, reading, work);
        }
        self.model
            .check_recipe(reading.recipe.unwrap_or(Recipe::Fma).version())?;
        StoreTable::open(&store, TableId::Features)
            .and_then(|table| self.add(&table))
            .with_context(|| path.display().to_string())
    }

    /// Features of audio files by the model's recipe, in the order of the files.
    fn add_audio(&mut self, inputs: Inputs, reading: &Reading, work: Work<'_>) -> Result<()> {
        let recipe = source::recipe_of_audio(self.model, reading.recipe)?;
        let embedding = embedding::for_model(self.model, reading.embedding.as_ref())?;
        let extractor = Extractor::new(recipe).with_limits(reading.limits());
        let analyser = Analyser::new(&extractor, embedding.as_ref());
        let places = self.model.columns(&analyser.columns())?;
        let (audio, failures) =
            AnalysedAudio::new(&analyser, inputs, &places, reading.jobs, work.what, work.listener);
        self.failures.extend(failures);
        self.heard.extend(audio.heard().clone());
        self.add(&audio)
    }
}
