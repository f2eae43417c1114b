//! What can go wrong between a CSV file and a table in memory.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::report::Rejection;
use crate::schema::TableId;
use crate::words::count;

/// Result of this crate's functions.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a table cannot be read, imported or found in a store.
///
/// Every message names the file or folder, says what was expected there and what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder cannot be opened or read.
    #[error("cannot read {}: {source}{}", path.display(), read_hint(source))]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// The folder holds none of the dataset's files.
    #[error("{} holds none of the dataset's files; expected tracks.csv, and beside it genres.csv, features.csv, \
             echonest.csv or raw_*.csv{}", dir.display(), nested_hint(nested))]
    NoTables {
        /// The folder that was searched.
        dir: PathBuf,
        /// A folder inside it that does hold them.
        nested: Option<PathBuf>,
    },
    /// A file that the caller needs is absent.
    #[error("{} is missing; the table `{table}` is read from it. Unpack fma_metadata.zip there, or name the folder that \
             holds it", path.display())]
    MissingFile {
        /// The table that is needed.
        table: TableId,
        /// Where its file was expected.
        path: PathBuf,
    },
    /// The file holds not a single byte.
    #[error("{} is empty (0 bytes); expected {} and records. Download or copy it again", path.display(), count(*n_lines as u64, "header line"))]
    Empty {
        /// The file.
        path: PathBuf,
        /// Header lines of this table.
        n_lines: usize,
    },
    /// The header lines are not those of the table.
    #[error("{}, line {line}: {problem}; expected {expected}", path.display())]
    Header {
        /// The file.
        path: PathBuf,
        /// The header line, counted from 1.
        line: u64,
        /// What stands there.
        problem: String,
        /// What should stand there.
        expected: String,
    },
    /// Records cannot be read, and the import was not lenient.
    #[error("{0}")]
    Records(Box<BadRecords>),
    /// So many records cannot be read that the file is not worth importing.
    #[error("{}: more than {limit} records cannot be read, so this is not a `{table}` table that a few bad records damaged; \
             nothing was imported. The first: {first}", path.display())]
    TooManyRejected {
        /// The file.
        path: PathBuf,
        /// The table it was read as.
        table: TableId,
        /// The limit ([`crate::ImportOptions::max_rejected`]).
        limit: u64,
        /// The first of them.
        first: Box<Rejection>,
    },
    /// The file changed while it was read.
    #[error("{} changed while it was read; nothing was imported from it. Wait until it is complete, then import again", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A file of the store cannot be written.
    #[error("cannot write {}: {source}{}; what was there before is intact", path.display(), write_hint(source))]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// The folder is no store.
    #[error("{} is not a store: it has no store.json. Make one with `cratedigger import`", dir.display())]
    NotAStore {
        /// The folder.
        dir: PathBuf,
    },
    /// The store's list of tables cannot be understood.
    #[error("{} cannot be understood: {problem}. Delete the store's folder and import again", path.display())]
    Manifest {
        /// The `store.json`.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The store has no such table.
    #[error("the store {} has no table `{table}` (it has {}); import a folder that holds {}", dir.display(),
            list_or_none(present), table.file_name())]
    MissingTable {
        /// The store.
        dir: PathBuf,
        /// The table.
        table: TableId,
        /// The tables that it has.
        present: Vec<TableId>,
    },
    /// The table has no such column.
    #[error("table `{table}` has no column `{column}`{}", similar_hint(similar))]
    UnknownColumn {
        /// The table.
        table: TableId,
        /// The column asked for.
        column: String,
        /// Columns with a similar name.
        similar: Vec<String>,
    },
    /// A Parquet file of the store cannot be read or written.
    #[error("{}: {source}. If the file was damaged, delete the store's folder and import again", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What the Parquet library said.
        #[source]
        source: parquet::errors::ParquetError,
    },
    /// Arrow refused to build a table, e.g. because one column's text exceeds 2 GiB in one batch.
    #[error("cannot build a batch of table `{table}`: {source}. Read fewer columns, or in several batches")]
    Arrow {
        /// The table.
        table: TableId,
        /// What Arrow said.
        #[source]
        source: arrow::error::ArrowError,
    },
    /// A file of features cannot be understood.
    #[error("{}: {problem}", path.display())]
    FeatureFile {
        /// The file.
        path: PathBuf,
        /// What is wrong, where, and what was expected.
        problem: String,
    },
    /// The worker threads could not be started.
    #[error("cannot start {threads} worker threads: {source}")]
    Threads {
        /// How many were asked for.
        threads: usize,
        /// What the thread library said.
        #[source]
        source: rayon::ThreadPoolBuildError,
    },
}

/// The records of one file that cannot be read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct BadRecords {
    /// The file.
    pub path: PathBuf,
    /// The table it was read as.
    pub table: TableId,
    /// The first of them.
    pub first: Rejection,
    /// How many there are.
    pub n_rejected: u64,
    /// How many records can be read.
    pub n_whole: u64,
}

impl fmt::Display for BadRecords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}. ", self.path.display(), self.first)?;
        match self.n_rejected.saturating_sub(1) {
            0 => {}
            1 => write!(f, "1 more record cannot be read. ")?,
            n => write!(f, "{n} more records cannot be read. ")?,
        }
        let remedy = match self.first.reason.is_cut_off() {
            true => "Download or copy it again",
            false => "Correct the file",
        };
        match self.n_whole {
            0 => write!(f, "{remedy}: no record is whole"),
            n => write!(
                f,
                "{remedy}, or run again with --lenient to import the {}",
                count(n, "whole record")
            ),
        }
    }
}

impl Error {
    pub(crate) fn read(path: &Path, source: io::Error) -> Error {
        Error::Read {
            path: path.to_path_buf(),
            source,
        }
    }

    pub(crate) fn write(path: &Path, source: io::Error) -> Error {
        Error::Write {
            path: path.to_path_buf(),
            source,
        }
    }
}

fn read_hint(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::PermissionDenied => {
            "; give yourself the right to read it (chmod u+r, and u+x for a folder)"
        }
        io::ErrorKind::NotFound => "; check the path",
        io::ErrorKind::IsADirectory => "; expected a file",
        _ => "",
    }
}

fn write_hint(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; free some space or choose another folder"
        }
        io::ErrorKind::FileTooLarge => "; the limit on file sizes (ulimit -f) is too low",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "; choose a folder that you may write to"
        }
        _ => "",
    }
}

fn nested_hint(nested: &Option<PathBuf>) -> String {
    nested
        .as_ref()
        .map(|dir| format!(". They are in {}", dir.display()))
        .unwrap_or_default()
}

fn similar_hint(similar: &[String]) -> String {
    match similar {
        [] => String::new(),
        names => format!("; did you mean `{}`?", names.join("` or `")),
    }
}

fn list_or_none(tables: &[TableId]) -> String {
    match tables {
        [] => "none".to_string(),
        tables => tables.iter().map(|t| t.name()).collect::<Vec<_>>().join(", "),
    }
}
