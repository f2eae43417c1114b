//! Tables to files: made in parallel, a few thousand rows at a time, and written in order.

use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Float64Builder, Int64Builder, ListBuilder, RecordBatch, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow::datatypes::{Schema, SchemaRef};
use cratedigger_files::{Existing, WholeFile};
use rayon::prelude::*;

use crate::error::Error;
use crate::options::{Format, SynthFile, SynthProgress};
use cratedigger_catalog::pandas::{Cell, header, push_row};
use cratedigger_catalog::schema::{Column, ColumnType, Known, TableId, known_column};
use cratedigger_catalog::store::TableWriter;

/// Rows of one piece.
const PIECE: usize = 512;

/// Some rows of a table, ready to be written.
pub(crate) enum Piece {
    /// Lines of a CSV file.
    Csv(Vec<u8>),
    /// Columns of a Parquet file.
    Parquet(Builder),
}

impl Piece {
    /// Adds a row.
    pub(crate) fn push(&mut self, index: i64, cells: &[Cell<'_>]) {
        match self {
            Piece::Csv(bytes) => push_row(bytes, index, cells),
            Piece::Parquet(builder) => builder.push(index, cells),
        }
    }
}

/// A table to be written.
pub(crate) struct Table {
    /// Which one.
    pub(crate) id: TableId,
    /// Flattened names of its columns, without the index.
    pub(crate) columns: Vec<String>,
    /// First cell of each header level.
    pub(crate) first: &'static [&'static str],
    /// Number of positions to ask `fill` for; a position may give a row or none.
    pub(crate) n_positions: usize,
}

impl Table {
    /// Writes the table into `dir`: `fill` adds the rows of a range of positions to a piece.
    pub(crate) fn write(
        &self,
        dir: &Path,
        format: Format,
        fill: impl Fn(Range<usize>, &mut Piece) + Sync,
        on_progress: &mut dyn FnMut(SynthProgress),
    ) -> Result<SynthFile, Error> {
        let path = dir.join(file_name(self.id, format));
        let failed = |source| Error::Write {
            path: path.clone(),
            source,
        };
        let file = WholeFile::create(&path, Existing::ReplaceLink).map_err(failed)?;
        let schema = self.schema();
        let mut writer = match format {
            Format::Csv => {
                let mut file = file;
                let lines = if self.first.is_empty() {
                    self.plain_header()
                } else {
                    header(&self.columns, self.first, self.id.index_column())
                };
                file.write_all(&lines).map_err(failed)?;
                Writer::Csv(file)
            }
            Format::Parquet => {
                let handle = file.as_file().try_clone().map_err(failed)?;
                let writer = TableWriter::new(&path, handle, schema.clone())?;
                Writer::Parquet(Box::new(writer), file)
            }
        };
        let make = |wave: Range<usize>| -> Vec<Piece> {
            let pieces: Vec<usize> = wave.step_by(PIECE).collect();
            pieces
                .into_par_iter()
                .map(|start| {
                    let mut piece = match format {
                        Format::Csv => Piece::Csv(Vec::new()),
                        Format::Parquet => Piece::Parquet(Builder::new(&schema)),
                    };
                    fill(start..(start + PIECE).min(self.n_positions), &mut piece);
                    piece
                })
                .collect()
        };
        // While one wave is written the next one is made. Its size does not change what is written.
        let wave = 2 * PIECE * rayon::current_num_threads();
        let mut ready = make(0..wave.min(self.n_positions));
        let mut done = 0;
        let mut n_rows = 0;
        while done < self.n_positions {
            done = (done + wave).min(self.n_positions);
            let (next, written) = rayon::join(
                || make(done..(done + wave).min(self.n_positions)),
                || writer.write(ready, &path),
            );
            n_rows += written?;
            ready = next;
            on_progress(SynthProgress {
                table: self.id,
                done: done as u64,
                total: self.n_positions as u64,
            });
        }
        let bytes = writer.finish(&path)?;
        Ok(SynthFile {
            path,
            rows: n_rows,
            bytes,
        })
    }

    fn plain_header(&self) -> Vec<u8> {
        let mut line = self.id.index_column().to_string();
        for column in &self.columns {
            line.push(',');
            line.push_str(column);
        }
        line.push('\n');
        line.into_bytes()
    }

    /// The schema that reading the CSV file gives.
    fn schema(&self) -> SchemaRef {
        let index = Column {
            name: self.id.index_column().to_string(),
            kind: ColumnType::Int64,
        };
        let mut fields = vec![index.field(true)];
        for name in &self.columns {
            let kind = match known_column(self.id, name) {
                Known::Always(kind) | Known::Usually(kind) => kind,
                Known::Never => ColumnType::Text,
            };
            fields.push(
                Column {
                    name: name.clone(),
                    kind,
                }
                .field(false),
            );
        }
        Arc::new(Schema::new(fields))
    }
}

/// The name of a table's file.
pub(crate) fn file_name(id: TableId, format: Format) -> String {
    match format {
        Format::Csv => id.file_name().to_string(),
        Format::Parquet => format!("{}.parquet", id.name()),
    }
}

enum Writer {
    Csv(WholeFile),
    Parquet(Box<TableWriter>, WholeFile),
}

impl Writer {
    /// Writes pieces in order and returns their number of rows.
    fn write(&mut self, pieces: Vec<Piece>, path: &Path) -> Result<u64, Error> {
        let mut n_rows = 0;
        for piece in pieces {
            match (&mut *self, piece) {
                (Writer::Csv(file), Piece::Csv(bytes)) => {
                    n_rows += count_records(&bytes);
                    file.write_all(&bytes).map_err(|source| Error::Write {
                        path: path.to_path_buf(),
                        source,
                    })?;
                }
                (Writer::Parquet(writer, _), Piece::Parquet(builder)) => {
                    let batch = builder.finish().map_err(|source| Error::Arrow {
                        path: path.to_path_buf(),
                        source,
                    })?;
                    n_rows += batch.num_rows() as u64;
                    writer.push(batch)?;
                }
                // Pieces are made for the writer's own format.
                _ => {}
            }
        }
        Ok(n_rows)
    }

    /// Gives the file its name and returns its size.
    fn finish(self, path: &Path) -> Result<u64, Error> {
        let file = match self {
            Writer::Csv(file) => file,
            Writer::Parquet(writer, file) => {
                writer.finish()?;
                file
            }
        };
        file.finish().map_err(|source| Error::Write {
            path: path.to_path_buf(),
            source,
        })
    }
}

/// Records in lines of CSV: line feeds outside quotes.
fn count_records(bytes: &[u8]) -> u64 {
    let mut quoted = false;
    let mut n = 0;
    for at in memchr::memchr2_iter(b'"', b'\n', bytes) {
        match bytes[at] {
            b'"' => quoted = !quoted,
            _ => n += u64::from(!quoted),
        }
    }
    n
}

/// Builds the columns of a table from cells.
pub(crate) struct Builder {
    schema: SchemaRef,
    index: Int64Builder,
    columns: Vec<ColumnBuilder>,
}

enum ColumnBuilder {
    Int(Int64Builder),
    Float(Float64Builder),
    Time(TimestampMicrosecondBuilder),
    Text(StringBuilder),
    Ints(ListBuilder<Int64Builder>),
    Texts(ListBuilder<StringBuilder>),
}

impl Builder {
    fn new(schema: &SchemaRef) -> Self {
        use arrow::datatypes::DataType;
        let columns = schema
            .fields()
            .iter()
            .skip(1)
            .map(|field| match field.data_type() {
                DataType::Int64 => ColumnBuilder::Int(Int64Builder::new()),
                DataType::Float64 => ColumnBuilder::Float(Float64Builder::new()),
                DataType::Timestamp(..) => ColumnBuilder::Time(TimestampMicrosecondBuilder::new()),
                DataType::List(item) if *item.data_type() == DataType::Int64 => {
                    ColumnBuilder::Ints(ListBuilder::new(Int64Builder::new()))
                }
                DataType::List(_) => ColumnBuilder::Texts(ListBuilder::new(StringBuilder::new())),
                _ => ColumnBuilder::Text(StringBuilder::new()),
            })
            .collect();
        Self {
            schema: schema.clone(),
            index: Int64Builder::new(),
            columns,
        }
    }

    fn push(&mut self, index: i64, cells: &[Cell<'_>]) {
        self.index.append_value(index);
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.push(cell);
        }
    }

    fn finish(mut self) -> Result<RecordBatch, arrow::error::ArrowError> {
        let mut arrays: Vec<ArrayRef> = vec![Arc::new(self.index.finish())];
        arrays.extend(self.columns.iter_mut().map(ColumnBuilder::finish));
        RecordBatch::try_new(self.schema, arrays)
    }
}

impl ColumnBuilder {
    fn push(&mut self, cell: &Cell<'_>) {
        match (self, cell) {
            (Self::Int(b), Cell::Int(x)) => b.append_value(*x),
            (Self::Int(b), _) => b.append_null(),
            (Self::Float(b), Cell::Float(x)) => b.append_value(*x),
            (Self::Float(b), _) => b.append_null(),
            (Self::Time(b), Cell::Time(t)) => b.append_value(t * 1_000_000),
            (Self::Time(b), _) => b.append_null(),
            (Self::Text(b), Cell::Text(text)) => b.append_value(text),
            (Self::Text(b), _) => b.append_null(),
            (Self::Ints(b), Cell::Ints(items)) => b.append_value(items.iter().map(|&i| Some(i))),
            (Self::Ints(b), _) => b.append_null(),
            (Self::Texts(b), Cell::Texts(items)) => b.append_value(items.iter().map(Some)),
            (Self::Texts(b), _) => b.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Int(b) => Arc::new(b.finish()),
            Self::Float(b) => Arc::new(b.finish()),
            Self::Time(b) => Arc::new(b.finish()),
            Self::Text(b) => Arc::new(b.finish()),
            Self::Ints(b) => Arc::new(b.finish()),
            Self::Texts(b) => Arc::new(b.finish()),
        }
    }
}

/// The path of a table's file.
pub(crate) fn path_of(dir: &Path, id: TableId, format: Format) -> PathBuf {
    dir.join(file_name(id, format))
}
