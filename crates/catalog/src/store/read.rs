//! Reading tables back from Parquet.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::{Schema, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::schema::TableId;
use crate::unharmed::unharmed;

/// A Parquet file whose footer has been read.
pub(super) struct TableFile<'a> {
    path: &'a Path,
    table: TableId,
    metadata: ArrowReaderMetadata,
}

impl TableFile<'_> {
    pub(super) fn open(path: &Path, table: TableId) -> Result<TableFile<'_>> {
        let file = File::open(path).map_err(|source| Error::read(path, source))?;
        let load = || ArrowReaderMetadata::load(&file, ArrowReaderOptions::default());
        let metadata = unharmed(load).map_err(|source| Error::Parquet {
            path: path.to_path_buf(),
            source,
        })?;
        Ok(TableFile {
            path,
            table,
            metadata,
        })
    }

    pub(super) fn schema(&self) -> SchemaRef {
        self.metadata.schema().clone()
    }

    /// The places of the named columns, or of all.
    pub(super) fn places(&self, columns: Option<&[&str]>) -> Result<Vec<usize>> {
        let schema = self.metadata.schema();
        let Some(columns) = columns else {
            return Ok((0..schema.fields().len()).collect());
        };
        let place = |name: &&str| {
            schema
                .index_of(name)
                .map_err(|_| unknown(self.table, name, schema))
        };
        columns.iter().map(place).collect()
    }

    /// All rows of these columns as one batch; the columns are decoded in parallel.
    pub(super) fn read(&self, places: &[usize]) -> Result<RecordBatch> {
        let schema = Arc::new(
            self.metadata
                .schema()
                .project(places)
                .map_err(|e| self.arrow(e))?,
        );
        let n_rows = usize::try_from(self.metadata.metadata().file_metadata().num_rows()).unwrap_or(0);
        if n_rows == 0 || places.is_empty() {
            return Ok(RecordBatch::new_empty(schema));
        }
        let mut sorted = places.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let n_tasks = (4 * rayon::current_num_threads()).min(sorted.len());
        let parts: Vec<RecordBatch> = sorted
            .par_chunks(sorted.len().div_ceil(n_tasks))
            .map(|part| {
                let batches = self.reader(part, n_rows)?.collect::<Result<Vec<_>>>()?;
                match <[RecordBatch; 1]>::try_from(batches) {
                    Ok([batch]) => Ok(batch),
                    Err(batches) => {
                        let schema = batches
                            .first()
                            .map_or_else(|| schema.clone(), RecordBatch::schema);
                        concat_batches(&schema, &batches).map_err(|e| self.arrow(e))
                    }
                }
            })
            .collect::<Result<_>>()?;
        let decoded: Vec<ArrayRef> = parts.iter().flat_map(|p| p.columns().iter().cloned()).collect();
        let arrays = places
            .iter()
            .map(|place| decoded[sorted.partition_point(|p| p < place)].clone())
            .collect();
        RecordBatch::try_new(schema, arrays).map_err(|e| self.arrow(e))
    }

    /// The rows of these columns, batch by batch.
    pub(super) fn batches(
        &self,
        places: Vec<usize>,
        batch_rows: usize,
    ) -> Result<impl Iterator<Item = Result<RecordBatch>> + Send + use<>> {
        let table = self.table;
        let mut sorted = places.clone();
        sorted.sort_unstable();
        sorted.dedup();
        let order: Vec<usize> = places
            .iter()
            .map(|place| sorted.partition_point(|p| p < place))
            .collect();
        let reorder = move |batch: RecordBatch| {
            batch
                .project(&order)
                .map_err(|source| Error::Arrow { table, source })
        };
        Ok(self
            .reader(&sorted, batch_rows.max(1))?
            .map(move |batch| batch.and_then(&reorder)))
    }

    /// A reader of its own file handle, so that several can work at once.
    fn reader(&self, places: &[usize], batch_rows: usize) -> Result<Batches> {
        let file = File::open(self.path).map_err(|source| Error::read(self.path, source))?;
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone());
        let mask = ProjectionMask::roots(builder.parquet_schema(), places.iter().copied());
        let builder = builder.with_projection(mask).with_batch_size(batch_rows);
        let reader = unharmed(|| builder.build()).map_err(|source| Error::Parquet {
            path: self.path.to_path_buf(),
            source,
        })?;
        Ok(Batches {
            path: self.path.to_path_buf(),
            reader,
            is_harmed: false,
        })
    }

    fn arrow(&self, source: arrow::error::ArrowError) -> Error {
        Error::Arrow {
            table: self.table,
            source,
        }
    }
}

struct Batches {
    path: std::path::PathBuf,
    reader: ParquetRecordBatchReader,
    /// It failed, and is not asked again.
    is_harmed: bool,
}

impl Iterator for Batches {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_harmed {
            return None;
        }
        let batch = unharmed(|| self.reader.next().transpose().map_err(ParquetError::from));
        let batch = batch.map_err(|source| Error::Parquet {
            path: self.path.clone(),
            source,
        });
        self.is_harmed = batch.is_err();
        batch.transpose()
    }
}

fn unknown(table: TableId, column: &str, schema: &Schema) -> Error {
    let wanted = column.to_lowercase();
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_lowercase();
    let is_similar = |name: &str| {
        let name_lower = name.to_lowercase();
        name_lower.contains(&wanted) || wanted.contains(&name_lower) || last(name) == last(column)
    };
    let names = schema
        .fields()
        .iter()
        .map(|f| f.name())
        .filter(|name| is_similar(name));
    Error::UnknownColumn {
        table,
        column: column.to_string(),
        similar: names.take(3).cloned().collect(),
    }
}
