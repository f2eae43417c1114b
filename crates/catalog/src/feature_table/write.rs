//! Writing rows of features one by one, in bounded memory.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Builder, Int64Builder, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use cratedigger_files::csv::push_field;
use cratedigger_files::{Existing, WholeFile};

use super::{EMBEDDINGS_KEY, FeatureFormat, ID_COLUMN, PART_KEY, RECIPE_KEY, RowId, note};
use crate::error::{Error, Result};
use crate::pandas::{header, push_repr};
use crate::store::TableWriter;

/// Rows that are collected before they become a batch of columns.
const BATCH_ROWS: usize = 256;
/// Rows of a row group of the Parquet file: 518 columns of it take 17 MB.
const GROUP_ROWS: usize = 4096;

/// What a file of features says of itself besides its columns.
#[derive(Clone, Copy, Debug)]
pub struct FeatureNotes<'a> {
    /// Version of the recipe.
    pub recipe: &'a str,
    /// What must be known of embeddings among the columns, as JSON.
    pub embeddings: Option<&'a str>,
    /// Which part of a set it is, as JSON; for Parquet only.
    pub part: Option<&'a str>,
}

/// A file of features that grows row by row and appears under its name when it is complete.
pub struct FeatureWriter {
    path: PathBuf,
    n_columns: usize,
    recipe: String,
    embeddings: Option<String>,
    n_rows: u64,
    sink: Sink,
}

enum Sink {
    Csv {
        file: BufWriter<WholeFile>,
        hasher: Box<blake3::Hasher>,
    },
    Parquet {
        file: WholeFile,
        writer: Box<TableWriter>,
        rows: Rows,
    },
}

/// Rows on their way into columns.
struct Rows {
    schema: SchemaRef,
    ids: Ids,
    values: Vec<Float64Builder>,
    n: usize,
}

enum Ids {
    Tracks(Int64Builder),
    Names(StringBuilder),
}

impl FeatureWriter {
    /// Begins a file for rows of `columns` (`mfcc.mean.01`), made by the recipe of that version.
    ///
    /// `tracks_only` promises that every id is a track number: the ids of a Parquet file are then whole numbers,
    /// otherwise texts.
    ///
    /// A file of that name is replaced, in the end; dropped before that, this leaves it as it is.
    ///
    /// # Errors
    /// [`Error::Write`] where the folder cannot be written to; [`Error::FeatureFile`] where something else has the name of the
    /// note beside a CSV file.
    pub fn create(
        path: &Path,
        format: FeatureFormat,
        columns: &[String],
        recipe: &str,
        tracks_only: bool,
    ) -> Result<Self> {
        Self::with_embeddings(path, format, columns, recipe, None, tracks_only)
    }

    /// The same for columns of which some are embeddings; `embeddings` is a JSON text that says what must be known of them.
    ///
    /// # Errors
    /// As [`Self::create`].
    pub fn with_embeddings(
        path: &Path,
        format: FeatureFormat,
        columns: &[String],
        recipe: &str,
        embeddings: Option<&str>,
        tracks_only: bool,
    ) -> Result<Self> {
        let notes = FeatureNotes {
            recipe,
            embeddings,
            part: None,
        };
        Self::with_notes(path, format, columns, notes, tracks_only)
    }

    /// The same with all that such a file says of itself.
    ///
    /// # Errors
    /// As [`Self::create`].
    pub fn with_notes(
        path: &Path,
        format: FeatureFormat,
        columns: &[String],
        FeatureNotes {
            recipe,
            embeddings,
            part,
        }: FeatureNotes<'_>,
        tracks_only: bool,
    ) -> Result<Self> {
        let file = WholeFile::create(path, Existing::Replace).map_err(|e| Error::write(path, e))?;
        let sink = match format {
            FeatureFormat::Csv => {
                note::check(path)?;
                let mut file = BufWriter::with_capacity(1 << 20, file);
                let lines = header(columns, &["feature", "statistics", "number"], ID_COLUMN);
                file.write_all(&lines).map_err(|e| Error::write(path, e))?;
                let mut hasher = blake3::Hasher::new();
                hasher.update(&lines);
                Sink::Csv {
                    file,
                    hasher: Box::new(hasher),
                }
            }
            FeatureFormat::Parquet => {
                let rows = Rows::new(columns, tracks_only);
                let handle = file.as_file().try_clone().map_err(|e| Error::write(path, e))?;
                let mut metadata = vec![(RECIPE_KEY, recipe)];
                metadata.extend(embeddings.map(|embeddings| (EMBEDDINGS_KEY, embeddings)));
                metadata.extend(part.map(|part| (PART_KEY, part)));
                let writer = TableWriter::with_metadata(path, handle, rows.schema.clone(), &metadata)?
                    .group_rows(GROUP_ROWS);
                Sink::Parquet {
                    file,
                    writer: Box::new(writer),
                    rows,
                }
            }
        };
        Ok(Self {
            path: path.to_owned(),
            n_columns: columns.len(),
            recipe: recipe.to_owned(),
            embeddings: embeddings.map(str::to_owned),
            n_rows: 0,
            sink,
        })
    }

    /// Adds a row; NaN is written as missing.
    ///
    /// # Errors
    /// [`Error::Write`]; [`Error::FeatureFile`] where the number of values is not that of the columns, or a name comes
    /// where track numbers were promised.
    pub fn push(&mut self, id: &RowId, values: &[f64]) -> Result<()> {
        if values.len() != self.n_columns {
            return Err(self.refuse(format!(
                "row `{id}` has {} values; expected {}",
                values.len(),
                self.n_columns
            )));
        }
        match &mut self.sink {
            Sink::Csv { file, hasher } => {
                let mut line = Vec::with_capacity(20 * values.len());
                push_field(&mut line, &id.to_string());
                for &value in values {
                    line.push(b',');
                    if !value.is_nan() {
                        push_repr(&mut line, value);
                    }
                }
                line.push(b'\n');
                hasher.update(&line);
                file.write_all(&line).map_err(|e| Error::write(&self.path, e))?;
            }
            Sink::Parquet { writer, rows, .. } => {
                if !rows.push(id, values) {
                    return Err(self.refuse(format!("row `{id}` where only track numbers were expected")));
                }
                if rows.n == BATCH_ROWS {
                    writer.push(rows.take(&self.path)?)?;
                }
            }
        }
        self.n_rows += 1;
        Ok(())
    }

    /// Completes the file, gives it its name, and returns its number of rows.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn finish(self) -> Result<u64> {
        let path = &self.path;
        let failed = |e| Error::write(path, e);
        match self.sink {
            Sink::Csv { file, hasher } => {
                let file = file.into_inner().map_err(|e| failed(e.into_error()))?;
                let rename = || file.finish().map(drop).map_err(failed);
                let said = note::Said {
                    recipe: self.recipe,
                    embeddings: self.embeddings,
                };
                note::replace(path, said, hasher.finalize(), rename)?;
            }
            Sink::Parquet {
                file,
                mut writer,
                mut rows,
            } => {
                if rows.n > 0 {
                    writer.push(rows.take(path)?)?;
                }
                writer.finish()?;
                file.finish().map_err(failed)?;
            }
        }
        Ok(self.n_rows)
    }

    fn refuse(&self, problem: String) -> Error {
        Error::FeatureFile {
            path: self.path.clone(),
            problem,
        }
    }
}

impl Rows {
    fn new(columns: &[String], tracks_only: bool) -> Self {
        let (kind, ids) = match tracks_only {
            true => (DataType::Int64, Ids::Tracks(Int64Builder::new())),
            false => (DataType::Utf8, Ids::Names(StringBuilder::new())),
        };
        let mut fields = vec![Field::new(ID_COLUMN, kind, false)];
        fields.extend(
            columns
                .iter()
                .map(|name| Field::new(name, DataType::Float64, true)),
        );
        Self {
            schema: Arc::new(Schema::new(fields)),
            ids,
            values: columns
                .iter()
                .map(|_| Float64Builder::with_capacity(BATCH_ROWS))
                .collect(),
            n: 0,
        }
    }

    /// Whether the id was of the promised kind.
    fn push(&mut self, id: &RowId, values: &[f64]) -> bool {
        match (&mut self.ids, id) {
            (Ids::Tracks(ids), RowId::Track(id)) => ids.append_value(*id),
            (Ids::Tracks(_), RowId::Name(_)) => return false,
            (Ids::Names(ids), id) => ids.append_value(id.to_string()),
        }
        for (column, &value) in self.values.iter_mut().zip(values) {
            column.append_option((!value.is_nan()).then_some(value));
        }
        self.n += 1;
        true
    }

    fn take(&mut self, path: &Path) -> Result<RecordBatch> {
        let ids: ArrayRef = match &mut self.ids {
            Ids::Tracks(ids) => Arc::new(ids.finish()),
            Ids::Names(ids) => Arc::new(ids.finish()),
        };
        let mut arrays = vec![ids];
        arrays.extend(self.values.iter_mut().map(|v| Arc::new(v.finish()) as ArrayRef));
        self.n = 0;
        RecordBatch::try_new(self.schema.clone(), arrays).map_err(|source| Error::FeatureFile {
            path: path.to_owned(),
            problem: source.to_string(),
        })
    }
}
