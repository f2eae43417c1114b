//! Rows of features for the model, wherever they come from.

use std::io::Read;
use std::path::{Path, PathBuf};

use arrow::array::Array;
use cratedigger_catalog::feature_table;
use cratedigger_catalog::{Store, TableId};
use cratedigger_features::{Extractor, Recipe, columns};
use cratedigger_learn::Matrix;
use cratedigger_learn::model::Model;

use super::source::{self, Kind, Reading};
use crate::error::{Context, Result, refuse};
use crate::extract::{Inputs, in_memory};
use crate::listener::Listener;
use crate::table::{Table, value_at};

/// Rows of a store that are read at a time.
const BATCH_ROWS: usize = 4_096;

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
}

/// Reads all paths: tables where they are some, audio otherwise.
pub fn gather(
    paths: &[PathBuf],
    model: &Model,
    reading: &Reading,
    list: &mut dyn Read,
    listener: &dyn Listener,
) -> Result<Gathered> {
    let mut rows = Rows::new(model);
    let mut audio: Vec<PathBuf> = Vec::new();
    for path in paths {
        // A table that cannot be read is a failure among others, unless there is nothing else.
        let read = match source::kind(path) {
            Kind::Features => rows.add_file(path, reading.recipe),
            Kind::Tables => rows.add_store(path, reading, listener),
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
        rows.add_audio(&audio, reading, list, listener)?;
    }
    rows.finish()
}

/// The rows of one file of features, store or folder of tables.
///
/// # Errors
/// It is none of these, or cannot be read.
pub fn table_rows(
    path: &Path,
    model: &Model,
    reading: &Reading,
    listener: &dyn Listener,
) -> Result<Gathered> {
    let mut rows = Rows::new(model);
    match source::kind(path) {
        Kind::Features => rows.add_file(path, reading.recipe)?,
        Kind::Tables => rows.add_store(path, reading, listener)?,
        Kind::Audio => refuse!(
            Input,
            "{} is neither a file of features (.parquet, .csv), nor a store, nor a folder of the dataset's CSV files",
            path.display()
        ),
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
        }
    }

    fn finish(self) -> Result<Gathered> {
        let n_features = self.model.card().feature_names.len();
        Ok(Gathered {
            x: Matrix::new(self.ids.len(), n_features, self.values)?,
            ids: self.ids,
            paths: self.paths,
            failures: self.failures,
        })
    }

    /// Adds a row whose values are those of the model's features; one with missing values only where the model fills them.
    fn push(&mut self, id: String, path: Option<PathBuf>, values: impl Iterator<Item = f64>) {
        let start = self.values.len();
        self.values.extend(values.map(|value| value as f32));
        let row = &self.values[start..];
        let bad = row
            .iter()
            .position(|value| value.is_infinite() || (value.is_nan() && !self.takes_missing));
        match bad {
            None => {
                self.ids.push(id);
                self.paths.push(path);
            }
            Some(at) => {
                let name = &self.model.card().feature_names[at];
                self.failures.push(format!(
                    "{id}: feature {name} is {}, and the model's pipeline ({}) does not fill it",
                    if row[at].is_nan() { "missing" } else { "infinite" },
                    self.model.card().pipeline
                ));
                self.values.truncate(start);
            }
        }
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
        let places = self
            .model
            .columns(&table.columns)
            .with_context(|| path.display().to_string())?;
        for (at, id) in table.ids.iter().enumerate() {
            let row = table.row(at);
            self.push(id.to_string(), None, places.iter().map(|&place| row[place]));
        }
        Ok(())
    }

    /// The tracks of a store: its features table, or Echonest's where the model learnt from that.
    fn add_store(&mut self, path: &Path, reading: &Reading, listener: &dyn Listener) -> Result<()> {
        let (store, n_rejected) = source::open(path, reading, listener)?;
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
        let table = match echonest {
            true => TableId::Echonest,
            false => TableId::Features,
        };
        if !echonest {
            self.model
                .check_recipe(reading.recipe.unwrap_or(Recipe::Fma).version())?;
        }
        self.add_table(&store, table)
            .with_context(|| path.display().to_string())
    }

    fn add_table(&mut self, store: &Store, id: TableId) -> Result<()> {
        let schema = store.schema(id)?;
        let present: Vec<&String> = schema.fields().iter().map(|field| field.name()).collect();
        self.model.columns(&present)?;
        let model = self.model;
        let wanted: Vec<&str> = std::iter::once(id.index_column())
            .chain(model.card().feature_names.iter().map(String::as_str))
            .collect();
        for batch in store.read_batches(id, Some(&wanted), BATCH_ROWS)? {
            let batch = batch?;
            let table = Table::new(id.name(), &batch);
            let ids = table.int64(id.index_column())?;
            let columns = wanted[1..]
                .iter()
                .map(|name| Ok(table.float64(name)?))
                .collect::<Result<Vec<_>>>()?;
            for row in 0..batch.num_rows() {
                let track = value_at(ids.as_ref(), row).unwrap_or_default();
                let value = |column: &Option<arrow::array::Float64Array>| match column {
                    Some(column) if column.is_valid(row) => column.value(row),
                    _ => f64::NAN,
                };
                self.push(track.to_string(), None, columns.iter().map(value));
            }
        }
        Ok(())
    }

    /// Features of audio files by the model's recipe, in the order of the files.
    fn add_audio(
        &mut self,
        paths: &[PathBuf],
        reading: &Reading,
        list: &mut dyn Read,
        listener: &dyn Listener,
    ) -> Result<()> {
        let recipe = source::recipe_of_audio(self.model, reading.recipe)?;
        let names: Vec<&str> = columns().iter().map(|column| column.name.as_str()).collect();
        let places = self.model.columns(&names)?;
        let inputs = Inputs::find(paths, list)?;
        if inputs.files.is_empty()
            && inputs.unread.is_empty()
            && self.failures.is_empty()
            && self.ids.is_empty()
        {
            refuse!(Input, "no audio file found in what was named");
        }
        let (rows, failures) = in_memory(
            &Extractor::new(recipe),
            inputs,
            reading.jobs,
            "classifying",
            listener,
            |values| {
                places
                    .iter()
                    .map(|&place| values[place] as f32)
                    .collect::<Vec<f32>>()
            },
        );
        self.failures.extend(failures);
        for (file, values) in rows {
            self.push(file.id, Some(file.path), values.into_iter().map(f64::from));
        }
        Ok(())
    }
}
