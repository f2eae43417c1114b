//! Rows of features for the model, wherever they come from.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cratedigger_catalog::feature_table::{self, RowId};
use cratedigger_catalog::{Store, TableId};
use cratedigger_features::Recipe;
use cratedigger_files::TemporaryFolder;
use cratedigger_learn::model::Model;
use cratedigger_learn::{FrameSource, Matrix, Recordings};

use super::audio::AnalysedAudio;
use super::clips;
use super::frames::FramesOnly;
use super::inputs::choice::InputChoice;
use super::inputs::{InputColumns, WithInputs, is_input};
use super::options::FeatureChoice;
use super::reader::{OutOfRange, Reader, Row, StoreTable};
use super::source::{self, Kind, Reading};
use crate::embedding::{self, Analyser};
use crate::error::{Context, Result, refuse};
use crate::extract::{HeardFiles, Inputs};
use crate::frames::{self, Checked, ComputedFrames, FrameSets, Mixed};
use crate::helper::Extraction;
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
    /// For each recipe of frames that the model reads, the recording of each row.
    recordings: Vec<Vec<(Arc<dyn FrameSource>, usize)>>,
    /// Caches that stand beside tables.
    beside: Option<FrameSets>,
    /// Folders of frames that were computed here.
    folders: Vec<Arc<TemporaryFolder>>,
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
    let mut rows = Rows::new(model, reading, listener)?;
    let mut audio: Vec<PathBuf> = Vec::new();
    for path in paths {
        // A table that cannot be read is a failure among others, unless there is nothing else.
        let read = match source::kind(path) {
            Kind::Features => rows.add_file(path, reading.recipe),
            Kind::Tables => rows.add_store(path, reading, work),
            Kind::Frames => rows.add_cache(path, work),
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
        check_recipes(model, reading)?;
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

/// Analyses audio that was found before, such as that of a manifest.
///
/// # Errors
/// The model is not for features of audio. What is wrong with single recordings is in [`Gathered::failures`].
pub fn gather_inputs(
    inputs: Inputs,
    model: &Model,
    reading: &Reading,
    listener: &dyn Listener,
) -> Result<Gathered> {
    let work = Work {
        what: "classifying",
        listener,
    };
    let mut rows = Rows::new(model, reading, listener)?;
    check_recipes(model, reading)?;
    rows.add_audio(inputs, reading, work)?;
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
    let mut rows = Rows::new(model, reading, listener)?;
    match source::kind(path) {
        Kind::Features => rows.add_file(path, reading.recipe)?,
        Kind::Tables => rows.add_store(path, reading, work)?,
        Kind::Frames => rows.add_cache(path, work)?,
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
    fn new(model: &'a Model, reading: &Reading, listener: &dyn Listener) -> Result<Self> {
        let recipes = &model.card().frames;
        let beside = match reading.frames.is_empty() || recipes.is_empty() {
            true => None,
            false => Some(FrameSets::open(&reading.frames, Some(recipes), listener)?),
        };
        Ok(Self {
            model,
            takes_missing: model.pipeline().steps().pipeline().fills_missing(),
            ids: Vec::new(),
            paths: Vec::new(),
            values: Vec::new(),
            recordings: recipes.iter().map(|_| Vec::new()).collect(),
            beside,
            folders: Vec::new(),
            failures: Vec::new(),
            heard: HeardFiles::new(),
        })
    }

    fn finish(self) -> Result<Gathered> {
        let card = self.model.card();
        let mut x = Matrix::new(self.ids.len(), card.feature_names.len(), self.values)?;
        for (recipe, recordings) in card.frames.iter().zip(self.recordings) {
            let n_bands = recordings.first().map_or(1, |(source, _)| source.n_bands());
            let rows = (0..recordings.len()).collect();
            let source = Arc::new(Mixed::new(recipe, n_bands, recordings, self.folders.clone())?);
            x = x.with_recordings(Recordings::new(source, rows)?)?;
        }
        Ok(Gathered {
            x,
            ids: self.ids,
            paths: self.paths,
            failures: self.failures,
            heard: self.heard,
        })
    }

    /// Adds a row whose values are those of the model's features; one with missing values only where the model fills them.
    fn push(&mut self, row: &Row<'_>, frames: Checked) {
        let (id, card) = (&row.id, self.model.card());
        let frames = match frames {
            Ok(frames) => frames,
            Err(reason) => {
                self.failures.push(format!("{id}: {reason}"));
                return;
            }
        };
        if let Some(OutOfRange { at, value }) = row.out_of_range {
            self.failures.push(format!(
                "{id}: feature {} is {value:?}, which no model can take, since single precision ends at 3.4e38",
                card.feature_names[at]
            ));
            return;
        }
        // What is not known of a row besides its sound may be missing in any.
        let lacks = |at: &usize| row.values[*at].is_nan() && !is_input(&card.feature_names[*at]);
        match (0..row.values.len()).find(lacks) {
            Some(at) if !self.takes_missing => self.failures.push(format!(
                "{id}: feature {} is missing, and the model's pipeline ({}) does not fill it",
                card.feature_names[at], card.pipeline
            )),
            _ => {
                self.ids.push(id.to_string());
                self.paths.push(row.path.map(Path::to_owned));
                self.values.extend_from_slice(row.values);
                for (all, recording) in self.recordings.iter_mut().zip(frames) {
                    all.push(recording);
                }
            }
        }
    }

    /// Adds all rows of a source, with what the store knows of them besides, and the frames that stand beside it.
    fn add(&mut self, reader: &dyn Reader, store: Option<&Store>) -> Result<()> {
        let beside = self.beside.take();
        let none = self.model.card().frames.is_empty();
        let added = self.add_with(reader, store, &mut |row| match &beside {
            _ if none => Ok(Vec::new()),
            Some(sets) => sets.checked(&row.id),
            None => Err(
                "the model reads frames of recordings, and a row of a table has none: name a cache of them by --frames".to_owned(),
            ),
        });
        self.beside = beside;
        added
    }

    /// Adds all rows of a source, with what the store knows of them besides, and the frames that `frames` gives them.
    fn add_with(
        &mut self,
        reader: &dyn Reader,
        store: Option<&Store>,
        frames: &mut dyn FnMut(&Row<'_>) -> Checked,
    ) -> Result<()> {
        let inputs = InputColumns::of_model(self.model, &InputChoice::default(), store, reader.columns())?;
        match inputs.is_empty() {
            true => self.add_all(reader, frames),
            false => self.add_all(&WithInputs::new(reader, &inputs), frames),
        }
    }

    /// Adds all rows of a source that has all columns.
    fn add_all(&mut self, reader: &dyn Reader, frames: &mut dyn FnMut(&Row<'_>) -> Checked) -> Result<()> {
        let places = self.model.columns(reader.columns())?;
        reader.read(&places, &mut |row| {
            let frames = frames(&row);
            self.push(&row, frames);
            Ok(())
        })
    }

    /// The recordings of a cache of frames.
    fn add_cache(&mut self, path: &Path, work: Work<'_>) -> Result<()> {
        let card = self.model.card();
        if card.frames.is_empty() || !card.feature_names.is_empty() {
            refuse!(
                Model,
                "{} has frames, and the model reads {}",
                path.display(),
                match card.frames.is_empty() {
                    true => "features",
                    false => "features beside them: name what has those, and the cache by --frames",
                }
            );
        }
        let sets = FrameSets::open(&[path.to_owned()], Some(&card.frames), work.listener)?;
        self.add_with(&FramesOnly::of(&sets), None, &mut |row| sets.checked(&row.id))
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
            .and_then(|found| embedding::check(self.model.card(), &found))
            .with_context(|| path.display().to_string())?;
        self.add(&table, None).with_context(|| path.display().to_string())
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
        let mut names = self
            .model
            .card()
            .feature_names
            .iter()
            .filter(|name| !is_input(name))
            .peekable();
        let echonest = names.peek().is_some() && names.all(|name| name.starts_with("echonest."));
        if echonest {
            return StoreTable::open(&store, TableId::Echonest)
                .and_then(|table| self.add(&table, Some(&store)))
                .with_context(|| path.display().to_string());
        }
        if let Some(inputs) = clips::beside(path, &store, &FeatureChoice::All)? {
            return self.add_audio(inputs, reading, work);
        }
        self.model
            .check_recipe(reading.recipe.unwrap_or(Recipe::Fma).version())?;
        StoreTable::open(&store, TableId::Features)
            .and_then(|table| self.add(&table, Some(&store)))
            .with_context(|| path.display().to_string())
    }

    /// What the model reads of audio files, by its recipes, in the order of the files.
    fn add_audio(&mut self, mut inputs: Inputs, reading: &Reading, work: Work<'_>) -> Result<()> {
        let card = self.model.card();
        let (decoding, jobs) = (reading.decoding()?, reading.jobs);
        let frames = match card.frames.as_slice() {
            [] => None,
            recipes => {
                let frames = ComputedFrames::new(recipes, &inputs, &decoding, jobs, work.listener)?;
                self.failures.extend_from_slice(&frames.failures);
                self.folders.push(frames.folder());
                inputs.unread.clear();
                inputs
                    .files
                    .retain(|file| frames.sets().has(&RowId::from(file.id.as_str())));
                Some(frames)
            }
        };
        if let Some(frames) = frames.as_ref().filter(|_| card.feature_names.is_empty()) {
            self.heard.extend(frames.heard(&inputs));
            return self.add_with(&FramesOnly::of_files(&inputs), None, &mut |row| {
                frames.of(&row.id)
            });
        }
        let recipe = source::recipe_of_audio(self.model, reading.recipe)?;
        let embedding = embedding::for_model(self.model, reading.embedding.as_ref())?;
        let extraction = Extraction::of(recipe, &decoding);
        let analyser = Analyser::new(&extraction, embedding.as_ref());
        let known = self.model.columns_known(&analyser.columns())?;
        let places: Vec<usize> = known.into_iter().flatten().collect();
        let (audio, failures) =
            AnalysedAudio::new(&analyser, inputs, &places, jobs, work.what, work.listener);
        self.failures.extend(failures);
        self.heard.extend(audio.heard().clone());
        self.add_with(&audio, None, &mut |row| match &frames {
            Some(frames) => frames.of(&row.id),
            None => Ok(Vec::new()),
        })
    }
}

/// Refuses audio for a model whose recipes are not known, before anything is looked for.
fn check_recipes(model: &Model, reading: &Reading) -> Result<()> {
    let card = model.card();
    card.frames
        .iter()
        .try_for_each(|recipe| frames::extractor(recipe).map(drop))?;
    match card.feature_names.is_empty() {
        true => Ok(()),
        false => source::recipe_of_audio(model, reading.recipe).map(drop),
    }
}
