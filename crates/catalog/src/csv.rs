//! Reading the dataset's CSV files, in parallel and in bounded memory.
//!
//! One thread at a time reads a block and cuts it where a record ends (`chunks`); all threads parse such chunks into
//! columns (`parser`); the chunks are then taken in the order of the file (`table`), so that nothing depends on the
//! number of threads.
//!
//! The dialect is that of pandas' `to_csv` and `read_csv`: commas, records ended by a line feed (a carriage return before it
//! is dropped), fields that start with a double quote run to the closing one, with doubled quotes inside; a quote elsewhere
//! is a character like any other. Lines that are wholly empty are skipped.

mod cell;
pub(crate) mod chunks;
mod columns;
mod header;
mod infer;
mod options;
mod parser;
mod rejected;
mod remarks;
mod shorten;
mod so_far;
mod table;
mod wave;

use std::path::Path;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use crate::error::Result;
use crate::report::Note;
use crate::schema::TableId;

pub use options::ReadOptions;
pub(crate) use rejected::Rejected;
pub(crate) use table::{FileState, Summary, TableReader, with_threads};

/// A CSV file in memory.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CsvTable {
    /// The columns: the index first, then in the order of the file.
    pub schema: SchemaRef,
    /// The rows in the order of the file.
    pub batches: Vec<RecordBatch>,
    /// The number of rows.
    pub n_rows: u64,
    /// What is remarkable about them.
    pub notes: Vec<Note>,
}

/// Reads a whole CSV file of the dataset into memory, typed as [`TableId`] says.
///
/// # Errors
/// [`crate::Error::Read`], [`crate::Error::Empty`], [`crate::Error::Header`], and [`crate::Error::Records`] if a single
/// record is bad.
pub fn read(path: &Path, table: TableId, options: &ReadOptions) -> Result<CsvTable> {
    with_threads(options.threads, || {
        let mut reader = TableReader::open(path, table, options)?;
        let mut batches = Vec::new();
        let summary = reader.read(
            &mut |batch| {
                batches.push(batch);
                Ok(())
            },
            Rejected::Refuse,
            &|_, _| {},
        )?;
        Ok(CsvTable {
            schema: reader.schema(),
            batches,
            n_rows: summary.rows,
            notes: summary.notes,
        })
    })?
}
