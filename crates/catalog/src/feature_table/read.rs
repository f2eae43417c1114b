//! Reading a file of features back, whichever of the two formats it is in.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::csv::ReaderBuilder;
use arrow::datatypes::{DataType, Field, Schema};
use cratedigger_files::bounds::{BoundedRecords, MAX_COLUMNS};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::{EMBEDDINGS_KEY, ID_COLUMN, RECIPE_KEY, RowId, note};
use crate::error::{Error, Result};
use crate::unharmed::unharmed;

/// Header lines of the CSV format, the one that names the index included.
const HEADER_LINES: usize = 4;
/// The longest header line that is taken for one.
const MAX_LINE: u64 = 1 << 20;

/// A file of features in memory.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FeatureTable {
    /// What the rows are called, in the order of the file.
    pub ids: Vec<RowId>,
    /// Names of the columns: family, statistic and number joined by dots.
    pub columns: Vec<String>,
    /// The values, row after row; NaN where one is missing.
    pub values: Vec<f64>,
    /// The version of the recipe that made them, where the file says so. The published `features.csv` does not.
    pub recipe: Option<String>,
    /// What must be known of embeddings among the columns, as the JSON text that was written with them.
    pub embeddings: Option<String>,
}

impl FeatureTable {
    /// A table of rows that were computed just now; they are put in the order that [`FeatureWriter`](super::FeatureWriter)'s
    /// callers write them in, that of the ids.
    ///
    /// # Panics
    /// Where a row has not one value for each column.
    pub fn from_rows(columns: Vec<String>, mut rows: Vec<(RowId, Vec<f64>)>, recipe: Option<String>) -> Self {
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        let mut table = Self {
            ids: Vec::with_capacity(rows.len()),
            values: Vec::with_capacity(rows.len() * columns.len()),
            columns,
            recipe,
            embeddings: None,
        };
        for (id, values) in rows {
            assert_eq!(values.len(), table.columns.len(), "values of {id}");
            table.ids.push(id);
            table.values.extend(values);
        }
        table
    }

    /// The values of a row.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.columns.len()..(row + 1) * self.columns.len()]
    }
}

/// Reads a file of features: Parquet if it begins like one, otherwise CSV with the dataset's four header lines.
///
/// # Errors
/// [`Error::Read`]; [`Error::FeatureFile`] with the line or column where the file is not what was expected.
pub fn read(path: &Path) -> Result<FeatureTable> {
    let mut file = File::open(path).map_err(|e| Error::read(path, e))?;
    let mut magic = Vec::new();
    (&mut file)
        .take(4)
        .read_to_end(&mut magic)
        .map_err(|e| Error::read(path, e))?;
    if magic == b"PAR1" {
        read_parquet(path)
    } else {
        read_csv(path)
    }
}

fn read_parquet(path: &Path) -> Result<FeatureTable> {
    let failed = |source| Error::Parquet {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(|e| Error::read(path, e))?;
    let builder = unharmed(|| ParquetRecordBatchReaderBuilder::try_new(file)).map_err(failed)?;
    let schema = builder.schema().clone();
    let recipe = schema.metadata().get(RECIPE_KEY).cloned();
    let embeddings = schema.metadata().get(EMBEDDINGS_KEY).cloned();
    let mut reader = unharmed(|| builder.with_batch_size(1024).build()).map_err(failed)?;
    let mut table = FeatureTable::empty(path, &schema, recipe)?;
    table.embeddings = embeddings;
    while let Some(batch) = unharmed(|| reader.next().transpose()).map_err(|e| refuse(path, e.to_string()))? {
        table.append(path, &batch)?;
    }
    table.check(path)
}

fn read_csv(path: &Path) -> Result<FeatureTable> {
    let input = BoundedRecords::new(File::open(path).map_err(|e| Error::read(path, e))?);
    let mut input = BufReader::with_capacity(1 << 20, input);
    let mut levels: Vec<Vec<String>> = Vec::new();
    for number in 1..=HEADER_LINES {
        let mut line = Vec::new();
        (&mut input)
            .take(MAX_LINE)
            .read_until(b'\n', &mut line)
            .map_err(|e| Error::read(path, e))?;
        let line = String::from_utf8_lossy(&line);
        let cells: Vec<String> = line
            .trim_end_matches(['\n', '\r'])
            .split(',')
            .map(str::to_owned)
            .collect();
        let expected = ["feature", "statistics", "number", ID_COLUMN][number - 1];
        if cells[0] != expected || (number > 1 && cells.len() != levels[0].len()) {
            return Err(refuse(
                path,
                format!(
                    "line {number} is not the header of a file of features; expected Parquet, or CSV with the four header \
                     lines of the dataset's features.csv, the first cell of this one being `{expected}`, and as many cells \
                     in each. Make one with `cratedigger extract`"
                ),
            ));
        }
        if cells.len() > MAX_COLUMNS {
            return Err(refuse(
                path,
                format!(
                    "line {number} has {} columns; at most {MAX_COLUMNS} are read",
                    cells.len()
                ),
            ));
        }
        levels.push(cells);
    }
    let columns: Vec<String> = (1..levels[0].len())
        .map(|i| format!("{}.{}.{}", levels[0][i], levels[1][i], levels[2][i]))
        .collect();
    let mut fields = vec![Field::new(ID_COLUMN, DataType::Utf8, true)];
    fields.extend(
        columns
            .iter()
            .map(|name| Field::new(name, DataType::Float64, true)),
    );
    let schema = Arc::new(Schema::new(fields));
    let (recipe, embeddings) = match note::said(path)? {
        Some(said) => (Some(said.recipe), said.embeddings),
        None => (None, None),
    };
    let mut table = FeatureTable::empty(path, &schema, recipe)?;
    table.embeddings = embeddings;
    let reader = ReaderBuilder::new(schema)
        .with_batch_size(1024)
        .build(input)
        .map_err(|e| refuse(path, e.to_string()))?;
    for batch in reader {
        let batch = batch.map_err(|e| {
            refuse(
                path,
                format!(
                    "after record {}: {e}; expected an id and numbers",
                    table.ids.len()
                ),
            )
        })?;
        table.append(path, &batch)?;
    }
    table.check(path)
}

impl FeatureTable {
    fn empty(path: &Path, schema: &Schema, recipe: Option<String>) -> Result<Self> {
        let mut names = schema.fields().iter().map(|f| f.name().clone());
        match names.next() {
            Some(first) if first == ID_COLUMN => Ok(Self {
                ids: Vec::new(),
                columns: names.collect(),
                values: Vec::new(),
                recipe,
                embeddings: None,
            }),
            first => Err(refuse(
                path,
                format!(
                    "the first column is {}; expected `{ID_COLUMN}` as in a file that `cratedigger extract` wrote",
                    first.map_or("absent".to_owned(), |name| format!("`{name}`"))
                ),
            )),
        }
    }

    fn append(&mut self, path: &Path, batch: &RecordBatch) -> Result<()> {
        let first = self.ids.len();
        let ids = batch.column(0);
        if let Some(tracks) = ids.as_any().downcast_ref::<Int64Array>() {
            self.ids.extend(tracks.iter().flatten().map(RowId::Track));
        } else if let Some(names) = ids.as_any().downcast_ref::<StringArray>() {
            self.ids.extend(names.iter().flatten().map(RowId::from));
        } else {
            let kind = ids.data_type();
            return Err(refuse(
                path,
                format!("column `{ID_COLUMN}` holds {kind}; expected whole numbers or texts"),
            ));
        }
        if self.ids.len() != first + batch.num_rows() {
            return Err(refuse(
                path,
                format!("a row without `{ID_COLUMN}` after row {first}; every row needs one"),
            ));
        }
        let n = self.columns.len();
        let start = self.values.len();
        self.values.resize(start + batch.num_rows() * n, f64::NAN);
        for (i, column) in batch.columns()[1..].iter().enumerate() {
            let Some(column) = column.as_any().downcast_ref::<Float64Array>() else {
                return Err(refuse(
                    path,
                    format!(
                        "column `{}` holds {}; expected numbers (float64)",
                        self.columns[i],
                        column.data_type()
                    ),
                ));
            };
            for (row, value) in column.iter().enumerate() {
                if let Some(value) = value {
                    self.values[start + row * n + i] = value;
                }
            }
        }
        Ok(())
    }

    /// No id may occur twice.
    fn check(self, path: &Path) -> Result<Self> {
        let mut sorted: Vec<&RowId> = self.ids.iter().collect();
        sorted.sort_unstable();
        match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(refuse(
                path,
                format!("`{ID_COLUMN}` {} occurs twice; every row needs its own", pair[0]),
            )),
            None => Ok(self),
        }
    }
}

fn refuse(path: &Path, problem: String) -> Error {
    Error::FeatureFile {
        path: path.to_owned(),
        problem,
    }
}
