//! From a folder of CSV files to a store.

mod objects;
mod rejects;
mod sources;

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use cratedigger_files::{Existing, WholeFile, open_kept};

use crate::csv::{FileState, ReadOptions, Rejected, Summary, TableReader, with_threads};
use crate::error::{Error, Result};
use crate::report::{ImportReport, Outcome, ProgressEvent, TableReport};
use crate::schema::TableId;
use crate::store::{
    FORMAT, MANIFEST_FILE, Manifest, Readers, Source, Store, Synthetic, TableEntry, TableWriter,
};

use objects::Pending;
use rejects::RejectsFile;

/// The reading rules; to be raised whenever the same CSV file would give another table.
const SCHEMA_VERSION: u32 = 1;

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
/// changes at once, when everything has succeeded: a failed or killed import leaves it as it was. Files that somebody reads
/// meanwhile ([`Store::open`]) stay until the next import.
///
/// # Errors
/// Each names the file and, for bad records, the record, line, byte, column and value; see [`crate::Error`].
pub fn import(
    dir: &Path,
    store_dir: &Path,
    options: &ImportOptions,
    on_progress: &(dyn Fn(ProgressEvent) + Sync),
) -> Result<ImportReport> {
    let sources = sources::find(dir, &options.required)?;
    std::fs::create_dir_all(store_dir).map_err(|source| Error::write(store_dir, source))?;
    let _lock = lock(store_dir)?;
    let readers = Readers::of(store_dir)?;
    let old = match Manifest::read(store_dir) {
        Ok(manifest) => manifest.tables,
        // What cannot be understood is made anew.
        Err(Error::NotAStore { .. } | Error::Manifest { .. }) => BTreeMap::new(),
        Err(error) => return Err(error),
    };
    let mut pending = Pending::default();
    let mut tables = BTreeMap::new();
    let mut reports = Vec::new();
    for (table, path) in sources {
        let state = FileState::of(&path)?;
        on_progress(ProgressEvent::Started {
            table,
            bytes: state.size,
        });
        let reused = old
            .get(&table)
            .map(|entry| reuse(entry, &path, state, store_dir, options))
            .transpose()?
            .flatten();
        let (entry, outcome) = match reused {
            Some(entry) => (entry, Outcome::Unchanged),
            None => {
                let import = || import_table(table, &path, store_dir, options, &mut pending, on_progress);
                (with_threads(options.threads, import)??, Outcome::Imported)
            }
        };
        on_progress(ProgressEvent::Finished {
            table,
            outcome,
            rows: entry.report.rows,
        });
        let rejected_file = entry
            .report
            .rejected_file
            .as_ref()
            .map(|name| store_dir.join(name));
        reports.push(TableReport {
            outcome,
            rejected_file,
            ..entry.report.clone()
        });
        tables.insert(table, entry);
    }
    let manifest = Manifest {
        format: FORMAT,
        written_by: concat!("cratedigger ", env!("CARGO_PKG_VERSION")).to_string(),
        source: dir.to_path_buf(),
        synthetic: Synthetic::beside(folder_of(dir)),
        tables,
    };
    pending.commit(store_dir)?;
    manifest.write(store_dir)?;
    readers.unless_any(|| objects::remove_stale(store_dir, &manifest));
    Ok(ImportReport {
        source: dir.to_path_buf(),
        store: store_dir.to_path_buf(),
        tables: reports,
    })
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
    if dir.join(MANIFEST_FILE).is_file() {
        return Ok((Store::open(dir)?, None));
    }
    let full = dir.canonicalize().map_err(|source| Error::read(dir, source))?;
    let name = full
        .file_name()
        .map_or_else(|| "root".into(), |n| n.to_string_lossy());
    let hash = blake3::hash(full.as_os_str().as_encoded_bytes()).to_hex();
    let store_dir = cache_root.join(format!("{name}-{}", &hash[..8]));
    let report = import(dir, &store_dir, options, on_progress)?;
    Ok((Store::open(&store_dir)?, Some(report)))
}

/// The folder of the tables, where `dir` may also be a `tracks.csv`.
fn folder_of(dir: &Path) -> &Path {
    match dir.parent() {
        Some(parent) if dir.is_file() => parent,
        _ => dir,
    }
}

/// Keeps two imports into one store apart: the second waits. Released when dropped, also by a killed process.
fn lock(store_dir: &Path) -> Result<File> {
    let path = store_dir.join("store.lock");
    let file = open_kept(&path).map_err(|source| Error::write(&path, source))?;
    match file.lock() {
        Err(error) if error.kind() != io::ErrorKind::Unsupported => Err(Error::write(&path, error)),
        _ => Ok(file),
    }
}

/// The entry of the last import, if the file is the same and so the table would be.
fn reuse(
    entry: &TableEntry,
    path: &Path,
    state: FileState,
    store_dir: &Path,
    options: &ImportOptions,
) -> Result<Option<TableEntry>> {
    let source = &entry.source;
    let usable = entry.schema_version == SCHEMA_VERSION
        && source.size == state.size
        && (entry.report.rejected == 0 || options.lenient)
        && store_dir.join(&entry.object).is_file();
    if !usable {
        return Ok(None);
    }
    let modified_ns = nanoseconds(state.modified);
    if source.path != path || source.modified_ns != modified_ns {
        let mut hasher = blake3::Hasher::new();
        let mut file = File::open(path).map_err(|source| Error::read(path, source))?;
        hasher
            .update_reader(&mut file)
            .map_err(|source| Error::read(path, source))?;
        if hasher.finalize().to_hex().as_str() != source.blake3 {
            return Ok(None);
        }
    }
    let mut entry = entry.clone();
    entry.source.path = path.to_path_buf();
    entry.source.modified_ns = modified_ns;
    entry.report.source = path.to_path_buf();
    Ok(Some(entry))
}

/// Reads one CSV file into a temporary Parquet file of the store.
fn import_table(
    table: TableId,
    path: &Path,
    store_dir: &Path,
    options: &ImportOptions,
    pending: &mut Pending,
    on_progress: &(dyn Fn(ProgressEvent) + Sync),
) -> Result<TableEntry> {
    let read_options = ReadOptions::default();
    let mut reader = TableReader::open(path, table, &read_options)?.hashing();
    let (state, schema) = (reader.state(), reader.schema());
    // Its name is that of its content, which is not known yet.
    let target = store_dir.join(object_name(table, ""));
    let failed = |source| Error::write(&target, source);
    let file = WholeFile::create(&target, Existing::ReplaceLink).map_err(failed)?;
    let handle = file.as_file().try_clone().map_err(failed)?;
    let mut writer = TableWriter::new(&target, handle, schema.clone())?;
    let mut rejects = RejectsFile::new(table, path, store_dir);
    let progress = |bytes_done: u64, rows: u64| {
        on_progress(ProgressEvent::Advanced {
            table,
            bytes_done,
            bytes: state.size,
            rows,
        });
    };
    let summary = {
        let mut list = |rejection: &_, bytes| rejects.add(rejection, bytes);
        let rejected = match options.lenient {
            true => Rejected::List {
                limit: options.max_rejected,
                sink: &mut list,
            },
            false => Rejected::Refuse,
        };
        reader.read(&mut |batch| writer.push(batch), rejected, &progress)?
    };
    writer.finish()?;
    let Summary {
        rows,
        n_rejected,
        rejections,
        notes,
        blake3,
    } = summary;
    let blake3 = blake3.map(|hash| hash.to_hex().to_string()).unwrap_or_default();
    let object = object_name(table, &blake3);
    pending.add(file, object.clone());
    let rejected_file = match rejects.finish()? {
        Some((file, name)) => {
            pending.add(file, name.clone());
            Some(name.into())
        }
        None => None,
    };
    Ok(TableEntry {
        source: Source {
            path: path.to_path_buf(),
            size: state.size,
            modified_ns: nanoseconds(state.modified),
            blake3,
        },
        object: object.into(),
        schema_version: SCHEMA_VERSION,
        report: TableReport {
            table,
            source: path.to_path_buf(),
            outcome: Outcome::Imported,
            rows,
            columns: schema.fields().len(),
            rejected: n_rejected,
            rejections,
            rejected_file,
            notes,
        },
    })
}

/// The name that the same content read by the same rules always gets.
fn object_name(table: TableId, content: &str) -> String {
    let hash = blake3::hash(format!("{SCHEMA_VERSION}:{content}").as_bytes()).to_hex();
    format!("{}-{}.parquet", table.name(), &hash[..16])
}

fn nanoseconds(time: SystemTime) -> i128 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => after.as_nanos() as i128,
        Err(before) => -(before.duration().as_nanos() as i128),
    }
}
