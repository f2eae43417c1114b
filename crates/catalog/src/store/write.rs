//! Writing a table as Parquet, all columns in parallel, in bounded memory.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, SchemaRef};
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::add_encoded_arrow_schema_to_metadata;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use rayon::prelude::*;

use crate::error::{Error, Result};

/// Rows of a row group: large enough for one page per column, small enough for several groups to be read in parallel.
const GROUP_ROWS: usize = 16 * 1024;
/// Row groups of wide text are cut earlier.
const GROUP_BYTES: usize = 128 << 20;

/// A Parquet file that grows batch by batch. The result depends on the batches alone, not on the number of threads.
pub struct TableWriter {
    path: PathBuf,
    schema: SchemaRef,
    writer: SerializedFileWriter<BufWriter<File>>,
    factory: ArrowRowGroupWriterFactory,
    pending: Vec<RecordBatch>,
    pending_rows: usize,
    pending_bytes: usize,
    n_groups: usize,
    group_rows: usize,
}

impl TableWriter {
    /// Starts a table in an empty file.
    pub fn new(path: &Path, file: File, schema: SchemaRef) -> Result<TableWriter> {
        Self::with_metadata(path, file, schema, &[])
    }

    /// Starts a table in an empty file, with keys and values in its footer.
    pub fn with_metadata(
        path: &Path,
        file: File,
        schema: SchemaRef,
        metadata: &[(&str, &str)],
    ) -> Result<TableWriter> {
        let mut properties = properties(&schema, metadata)?;
        add_encoded_arrow_schema_to_metadata(&schema, &mut properties);
        let parquet = ArrowSchemaConverter::new()
            .convert(&schema)
            .map_err(|e| failed(path, e))?;
        let file = BufWriter::with_capacity(1 << 20, file);
        let writer = SerializedFileWriter::new(file, parquet.root_schema_ptr(), Arc::new(properties))
            .map_err(|e| failed(path, e))?;
        let factory = ArrowRowGroupWriterFactory::new(&writer, schema.clone());
        Ok(TableWriter {
            path: path.to_path_buf(),
            schema,
            writer,
            factory,
            pending: Vec::new(),
            pending_rows: 0,
            pending_bytes: 0,
            n_groups: 0,
            group_rows: GROUP_ROWS,
        })
    }

    /// Ends row groups after this many rows.
    pub fn group_rows(mut self, rows: usize) -> Self {
        self.group_rows = rows;
        self
    }

    /// Adds rows.
    pub fn push(&mut self, batch: RecordBatch) -> Result<()> {
        self.pending_rows += batch.num_rows();
        self.pending_bytes += batch.get_array_memory_size();
        self.pending.push(batch);
        if self.pending_rows >= self.group_rows || self.pending_bytes >= GROUP_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    /// Writes the rest, and waits until the file is on the disk.
    pub fn finish(mut self) -> Result<()> {
        if self.pending_rows > 0 {
            self.flush()?;
        }
        let path = &self.path;
        let mut buffered = self.writer.into_inner().map_err(|e| failed(path, e))?;
        buffered.flush().map_err(|e| Error::write(path, e))?;
        buffered.get_ref().sync_all().map_err(|e| Error::write(path, e))
    }

    /// Encodes and compresses the pending rows as one row group, a task for each column.
    fn flush(&mut self) -> Result<()> {
        let path = &self.path;
        let batches = std::mem::take(&mut self.pending);
        let writers = self
            .factory
            .create_column_writers(self.n_groups)
            .map_err(|e| failed(path, e))?;
        // Every column type of the dataset is one leaf in Parquet.
        let encoded: Vec<ArrowColumnChunk> = writers
            .into_par_iter()
            .enumerate()
            .map(|(i, mut writer)| {
                for batch in &batches {
                    for leaf in compute_leaves(self.schema.field(i), batch.column(i))? {
                        writer.write(&leaf)?;
                    }
                }
                writer.close()
            })
            .collect::<std::result::Result<_, ParquetError>>()
            .map_err(|e| failed(path, e))?;
        drop(batches);
        let mut group = self.writer.next_row_group().map_err(|e| failed(path, e))?;
        for chunk in encoded {
            chunk
                .append_to_row_group(&mut group)
                .map_err(|e| failed(path, e))?;
        }
        group.close().map_err(|e| failed(path, e))?;
        (self.pending_rows, self.pending_bytes) = (0, 0);
        self.n_groups += 1;
        Ok(())
    }
}

/// Numbers are split by byte, since sign, exponent and leading digits repeat where whole numbers do not; all pages are then
/// compressed by zstd's fastest level.
fn properties(schema: &SchemaRef, metadata: &[(&str, &str)]) -> Result<WriterProperties> {
    let metadata: Vec<KeyValue> = metadata
        .iter()
        .map(|(key, value)| KeyValue::new((*key).to_owned(), (*value).to_owned()))
        .collect();
    let mut builder = WriterProperties::builder()
        .set_key_value_metadata((!metadata.is_empty()).then_some(metadata))
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_statistics_enabled(EnabledStatistics::Chunk);
    for field in schema.fields() {
        let column = ColumnPath::new(vec![field.name().clone()]);
        match field.data_type() {
            DataType::Float64 => {
                builder = builder
                    .set_column_encoding(column.clone(), Encoding::BYTE_STREAM_SPLIT)
                    .set_column_dictionary_enabled(column, false);
            }
            DataType::Utf8 | DataType::List(_) => {
                builder = builder.set_column_statistics_enabled(column, EnabledStatistics::None);
            }
            _ => {}
        }
    }
    Ok(builder.build())
}

/// An error while writing: the operating system's, if there is one inside.
fn failed(path: &Path, error: ParquetError) -> Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(source) => Error::write(path, *source),
            Err(source) => Error::Parquet {
                path: path.to_path_buf(),
                source: ParquetError::External(source),
            },
        },
        source => Error::Parquet {
            path: path.to_path_buf(),
            source,
        },
    }
}
