//! From a folder of CSV files to a store.

use std::num::NonZeroUsize;
use std::path::Path;

use crate::error::Result;
use crate::report::{ImportReport, ProgressEvent};
use crate::schema::TableId;
use crate::store::Store;

/// How [`import()`] reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportOptions {
    /// Import the records that are whole and list the others in `rejected-<table>.csv` inside of the store, instead of
    /// refusing a file with a single bad record.
    pub lenient: bool,
    /// Worker threads; `None` takes rayon's current pool (all cores). The result does not depend on it.
    pub threads: Option<NonZeroUsize>,
    /// Tables whose file must be there. Other files are imported where they are present.
    pub required: Vec<TableId>,
    /// A lenient import gives up on a file with more bad records than this.
    pub max_rejected: u64,
}

impl Default for ImportOptions {
    /// Strict, on all cores, `tracks.csv` required, at most 100,000 rejected records in a file.
    fn default() -> Self {
        ImportOptions {
            lenient: false,
            threads: None,
            required: vec![TableId::Tracks],
            max_rejected: 100_000,
        }
    }
}

/// Imports the dataset's CSV files of a folder into a store, which afterwards holds exactly the tables of that folder.
///
/// `dir` may also be a `tracks.csv` under any name; the other tables are then its siblings. A file whose size and time of
/// modification are those of the last import is not even opened, one with the same content is not parsed again. The store
/// changes at once, when everything has succeeded: a failed or killed import leaves it as it was.
///
/// # Errors
/// Each names the file and, for bad records, the record, line, byte, column and value; see [`crate::Error`].
pub fn import(
    dir: &Path,
    store_dir: &Path,
    options: &ImportOptions,
    on_progress: &(dyn Fn(ProgressEvent) + Sync),
) -> Result<ImportReport> {
    let _ = (dir, store_dir, options, on_progress);
    unimplemented!("in the next commit")
}

/// Opens a store, or imports a folder of CSV files into a store of its own below `cache_root` and opens that.
///
/// `dir` with a `store.json` is opened as it is, with no report. Anything else is given to [`import()`]; its store's folder
/// is named after it, and is used again while the files stay as they are.
///
/// # Errors
/// Those of [`Store::open`] and [`import()`].
pub fn open_or_import(
    dir: &Path,
    cache_root: &Path,
    options: &ImportOptions,
    on_progress: &(dyn Fn(ProgressEvent) + Sync),
) -> Result<(Store, Option<ImportReport>)> {
    let _ = (dir, cache_root, options, on_progress);
    unimplemented!("in the next commit")
}
