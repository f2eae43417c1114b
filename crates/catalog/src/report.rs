//! What an import found: rows, rejected records and remarks, as data and as text.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::schema::TableId;
use crate::words::count;

/// What became of a folder of CSV files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ImportReport {
    /// The folder (or the `tracks.csv`) that was imported.
    #[serde(with = "crate::path_in_json")]
    pub source: PathBuf,
    /// The store that holds the tables now.
    #[serde(with = "crate::path_in_json")]
    pub store: PathBuf,
    /// One entry per table, in the order of [`TableId::ALL`].
    pub tables: Vec<TableReport>,
}

/// What became of one CSV file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TableReport {
    /// The table.
    pub table: TableId,
    /// Its CSV file.
    #[serde(with = "crate::path_in_json")]
    pub source: PathBuf,
    /// Whether it was read anew.
    pub outcome: Outcome,
    /// Records kept.
    pub rows: u64,
    /// Columns kept, the index included.
    pub columns: usize,
    /// Records that could not be read; always 0 unless the import was lenient.
    pub rejected: u64,
    /// The first of them, at most 20.
    pub rejections: Vec<Rejection>,
    /// The file in the store that lists all of them with their text.
    #[serde(with = "crate::path_in_json::option")]
    pub rejected_file: Option<PathBuf>,
    /// What is remarkable about the records that were kept.
    pub notes: Vec<Note>,
}

/// Whether a table was read anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// The file was read and its table written.
    Imported,
    /// The store already held the table of this very file.
    Unchanged,
}

/// A record that cannot be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Rejection {
    /// The record, counted from 1 after the header lines.
    pub record: u64,
    /// The line of the file that it starts on, counted from 1.
    pub line: u64,
    /// The byte of the file, counted from 0: of the cell where one is at fault, otherwise of the record's start.
    pub byte: u64,
    /// The column at fault.
    pub column: Option<String>,
    /// The start of the cell at fault.
    pub value: Option<String>,
    /// What is wrong.
    pub reason: Reason,
}

/// Why a record cannot be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// The file ends inside a quoted field.
    UnclosedQuote,
    /// The last record has no line break and too few fields.
    CutOff {
        /// Fields found.
        found: usize,
        /// Fields of the header.
        expected: usize,
    },
    /// The record has more or fewer fields than the header.
    FieldCount {
        /// Fields found.
        found: usize,
        /// Fields of the header.
        expected: usize,
    },
    /// The record is longer than any real one, most likely because a quote was never closed.
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// The bytes are not UTF-8.
    NotUtf8,
    /// The cell is not of the column's type.
    Unparsable {
        /// What it should be.
        expected: String,
    },
    /// The index cell is empty.
    MissingId,
    /// An earlier record has the same index.
    DuplicateId {
        /// That record, counted from 1.
        first_record: u64,
    },
}

impl Reason {
    /// Whether it looks as if the end of the file is missing.
    pub fn is_cut_off(&self) -> bool {
        matches!(self, Reason::UnclosedQuote | Reason::CutOff { .. })
    }
}

/// Something remarkable about the records that were kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Note {
    /// What kind of thing.
    pub kind: NoteKind,
    /// The column, where the note is about one.
    pub column: Option<String>,
    /// How many cells, columns or lines.
    pub count: u64,
    /// Up to five of them.
    pub examples: Vec<String>,
}

/// Kinds of [`Note`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NoteKind {
    /// Columns of the distributed file that are absent.
    MissingColumns,
    /// A column that the distributed file does not have; kept under a type taken from its cells.
    UnknownColumn,
    /// A `raw_*` column some of whose cells are not of its usual type; kept as text.
    KeptAsText,
    /// Cells whose text (`NA`, `None`, `null`, ...) counts as missing, as with pandas' `read_csv`.
    ReadAsMissing,
    /// Coordinates outside of -90..90 (latitude) or -180..180 (longitude); kept as they are.
    OutOfRange,
    /// Cells of an ordered category with a text that is none of its values; kept as they are.
    NotACategory,
    /// Infinite numbers; kept as they are.
    Infinite,
    /// The file does not end with a line break, so its last value may be cut off.
    NoFinalLineBreak,
}

/// The progress of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProgressEvent {
    /// A file is going to be read.
    Started {
        /// Its table.
        table: TableId,
        /// Its size.
        bytes: u64,
    },
    /// A part of it has been read.
    Advanced {
        /// Its table.
        table: TableId,
        /// Bytes read so far.
        bytes_done: u64,
        /// Its size.
        bytes: u64,
        /// Records kept so far.
        rows: u64,
    },
    /// The table is in the store.
    Finished {
        /// The table.
        table: TableId,
        /// Whether it was read anew.
        outcome: Outcome,
        /// Its records.
        rows: u64,
    },
}

impl ImportReport {
    /// The entry of a table, where its file was found.
    pub fn table(&self, table: TableId) -> Option<&TableReport> {
        self.tables.iter().find(|t| t.table == table)
    }

    /// Records that could not be read, over all tables.
    pub fn n_rejected(&self) -> u64 {
        self.tables.iter().map(|t| t.rejected).sum()
    }
}

impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} -> {}", self.source.display(), self.store.display())?;
        for table in &self.tables {
            write!(f, "{table}")?;
        }
        Ok(())
    }
}

impl fmt::Display for TableReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = match self.outcome {
            Outcome::Imported => "imported",
            Outcome::Unchanged => "unchanged",
        };
        writeln!(
            f,
            "  {:<12} {} x {}, {outcome}",
            self.table.name(),
            count(self.rows, "row"),
            count(self.columns as u64, "column")
        )?;
        if self.rejected > 0 {
            write!(f, "    {} rejected", count(self.rejected, "record"))?;
            match &self.rejected_file {
                Some(path) => writeln!(f, ", listed in {}", path.display())?,
                None => writeln!(f)?,
            }
            for rejection in self.rejections.iter().take(3) {
                writeln!(f, "      {rejection}")?;
            }
        }
        for note in &self.notes {
            writeln!(f, "    {note}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "record {} (line {}, byte {})",
            self.record, self.line, self.byte
        )?;
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": ")?;
        let value = self.value.as_deref().unwrap_or_default();
        match &self.reason {
            Reason::UnclosedQuote => write!(
                f,
                "the file ends inside a quoted field, so it was cut off or a closing quote is missing"
            ),
            Reason::CutOff { found, expected } => {
                write!(
                    f,
                    "the file ends after {found} of {expected} fields, so it was cut off"
                )
            }
            Reason::FieldCount { found, expected } => {
                write!(
                    f,
                    "{} where the header has {expected}",
                    count(*found as u64, "field")
                )
            }
            Reason::TooLong { limit } => {
                write!(
                    f,
                    "the record is longer than {} MiB; a quote is never closed",
                    limit >> 20
                )
            }
            Reason::NotUtf8 => write!(f, "`{value}` is not UTF-8 text"),
            Reason::Unparsable { expected } => write!(f, "`{value}` is not {expected}"),
            Reason::MissingId => write!(f, "the index cell is empty; expected a whole number"),
            Reason::DuplicateId { first_record } => {
                write!(f, "`{value}` is already the index of record {first_record}")
            }
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = self.column.as_deref().unwrap_or_default();
        let examples = self.examples.join(", ");
        let n = self.count;
        match self.kind {
            NoteKind::MissingColumns => write!(
                f,
                "{} of the distributed file absent: {examples}",
                count(n, "column")
            )?,
            NoteKind::UnknownColumn => write!(f, "{column} is no column of the dataset; kept as {examples}")?,
            NoteKind::KeptAsText => write!(
                f,
                "{column}: kept as text, {} not of its usual type: {examples}",
                count(n, "cell")
            )?,
            NoteKind::ReadAsMissing => {
                write!(f, "{column}: {} read as missing: {examples}", count(n, "cell"))?
            }
            NoteKind::OutOfRange => write!(
                f,
                "{column}: {} out of range, kept: {examples}",
                count(n, "value")
            )?,
            NoteKind::NotACategory => write!(
                f,
                "{column}: {} not among its categories, kept: {examples}",
                count(n, "cell")
            )?,
            NoteKind::Infinite => write!(f, "{column}: {}, kept", count(n, "infinite value"))?,
            NoteKind::NoFinalLineBreak => {
                return write!(
                    f,
                    "the file does not end with a line break; its last value may be cut off"
                );
            }
        }
        match self.kind {
            NoteKind::UnknownColumn | NoteKind::Infinite => Ok(()),
            _ if n > self.examples.len() as u64 => write!(f, ", ..."),
            _ => Ok(()),
        }
    }
}
