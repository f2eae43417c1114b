//! A folder of Parquet files with a list of what they were made from.

mod files;
mod manifest;
mod read;
mod readers;
mod synthetic;
mod write;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use crate::error::{Error, Result};
use crate::schema::TableId;

use read::TableFile;

pub use files::MANIFEST_FILE;
pub(crate) use manifest::FORMAT;
pub use manifest::{Manifest, Source, TableEntry};
pub(crate) use readers::Readers;
pub use synthetic::{MARKER_FILE, Synthetic};
pub use write::TableWriter;

/// An imported collection: a folder with `store.json` and one Parquet file per table.
#[derive(Debug, Clone)]
pub struct Store {
    dir: PathBuf,
    manifest: Manifest,
    /// While it is held no import removes the files that the manifest lists.
    _held: Option<Arc<File>>,
}

impl Store {
    /// Opens the store in a folder that [`crate::import()`] made. Its files stay as long as this or a clone of it is there,
    /// though the store may be imported anew meanwhile; what is read is then the state that was opened.
    ///
    /// # Errors
    /// [`Error::NotAStore`] without `store.json`, [`Error::Manifest`] for one that cannot be understood.
    pub fn open(dir: &Path) -> Result<Store> {
        // Before the list is read, so that what it names is there still.
        let held = Readers::hold(dir);
        let manifest = Manifest::read(dir)?;
        Ok(Store {
            dir: dir.to_path_buf(),
            manifest,
            _held: held.map(Arc::new),
        })
    }

    /// The store's folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What the tables were made from, and what was found on the way.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The tables of the store, in the order of [`TableId::ALL`].
    pub fn tables(&self) -> Vec<TableId> {
        self.manifest.tables.keys().copied().collect()
    }

    /// Whether the store has this table.
    pub fn has(&self, table: TableId) -> bool {
        self.manifest.tables.contains_key(&table)
    }

    /// The number of rows of a table.
    ///
    /// # Errors
    /// [`Error::MissingTable`].
    pub fn n_rows(&self, table: TableId) -> Result<u64> {
        Ok(self.entry(table)?.report.rows)
    }

    /// The table's Parquet file, for DataFusion and other readers.
    ///
    /// # Errors
    /// [`Error::MissingTable`].
    pub fn parquet_path(&self, table: TableId) -> Result<PathBuf> {
        Ok(self.dir.join(&self.entry(table)?.object))
    }

    /// The table's columns with their Arrow types; ordered categories have their values in the field's metadata under
    /// `categories`.
    ///
    /// # Errors
    /// [`Error::MissingTable`], or [`Error::Parquet`] for a damaged file.
    pub fn schema(&self, table: TableId) -> Result<SchemaRef> {
        Ok(TableFile::open(&self.parquet_path(table)?, table)?.schema())
    }

    /// Reads a table, or the named columns of it in the order named, as one batch.
    ///
    /// # Errors
    /// [`Error::MissingTable`], [`Error::UnknownColumn`], [`Error::Parquet`] for a damaged file or more than 2 GiB of text
    /// in one column (then use [`Store::read_batches`]).
    pub fn read(&self, table: TableId, columns: Option<&[&str]>) -> Result<RecordBatch> {
        let path = self.parquet_path(table)?;
        let file = TableFile::open(&path, table)?;
        file.read(&file.places(columns)?)
    }

    /// Reads a table, or the named columns of it in the order named, in batches of at most `batch_rows` rows, so that memory
    /// stays bounded.
    ///
    /// # Errors
    /// As [`Store::read`]; the iterator yields [`Error::Parquet`] where the file turns out to be damaged.
    pub fn read_batches(
        &self,
        table: TableId,
        columns: Option<&[&str]>,
        batch_rows: usize,
    ) -> Result<Box<dyn Iterator<Item = Result<RecordBatch>> + Send>> {
        let path = self.parquet_path(table)?;
        let file = TableFile::open(&path, table)?;
        Ok(Box::new(file.batches(file.places(columns)?, batch_rows)?))
    }

    fn entry(&self, table: TableId) -> Result<&TableEntry> {
        self.manifest
            .tables
            .get(&table)
            .ok_or_else(|| Error::MissingTable {
                dir: self.dir.clone(),
                table,
                present: self.tables(),
            })
    }
}
