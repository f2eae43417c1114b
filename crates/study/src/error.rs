//! What can go wrong between a catalogue and its findings.

use std::path::PathBuf;

use cratedigger_learn::LearnError;

/// The result of this crate's functions.
pub type Result<T> = std::result::Result<T, StudyError>;

/// Errors of the study, one variant for each thing a reader would do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StudyError {
    /// A table lacks a column that the study cannot do without.
    #[error("table `{table}` has no column `{column}`; it has: {present}")]
    MissingColumn {
        /// The table's name.
        table: &'static str,
        /// The column that was looked for.
        column: String,
        /// The columns that are there, the first ones by name.
        present: String,
    },
    /// A column holds another type than its meaning asks for.
    #[error(
        "column `{column}` of table `{table}` is of type {found}, expected {expected}; import the archive again"
    )]
    ColumnType {
        /// The table's name.
        table: &'static str,
        /// The column.
        column: String,
        /// The Arrow type that was found.
        found: String,
        /// What was expected instead, in words.
        expected: &'static str,
    },
    /// A table that was asked for is not in the store.
    #[error("the archive has no `{table}` table; it has: {present}")]
    MissingTable {
        /// The table's name.
        table: &'static str,
        /// The tables that are there.
        present: String,
    },
    /// A genre was asked for that this archive does not know.
    #[error("there is no genre named {}; this archive has: {valid}", quoted(.unknown))]
    UnknownGenre {
        /// The names that were not found.
        unknown: Vec<String>,
        /// The names that can be asked for, most frequent first.
        valid: String,
    },
    /// A family of features was asked for that the table does not have.
    #[error("there is no feature family named {}; this archive has: {valid}", quoted(.unknown))]
    UnknownFeatures {
        /// The names that were not found.
        unknown: Vec<String>,
        /// The families that can be asked for.
        valid: String,
    },
    /// An option's text does not say a valid choice.
    #[error("`{value}` is not a valid value of `{option}`: expected {expected}")]
    InvalidOption {
        /// The option, as on the command line.
        option: &'static str,
        /// The value that was given.
        value: String,
        /// What would have been valid.
        expected: &'static str,
    },
    /// A file of boundaries is not what it should be.
    #[error("{}: {what}", path.display())]
    Boundaries {
        /// The file.
        path: PathBuf,
        /// What was found, what was expected, and what to do.
        what: String,
    },
    /// Nothing is left to learn from.
    #[error("{reason}")]
    NothingToLearn {
        /// One sentence that says what is lacking and what to do.
        reason: String,
    },
    /// The store could not be read.
    #[error("the archive's tables could not be read")]
    Catalog(#[from] cratedigger_catalog::Error),
    /// A classifier or a split failed.
    #[error("the classifier could not be trained or scored")]
    Learn(#[from] LearnError),
    /// A column could not be computed.
    #[error("a table could not be worked with")]
    Arrow(#[from] arrow::error::ArrowError),
    /// The findings could not be turned into JSON.
    #[error("the findings could not be written as JSON")]
    Json(#[from] serde_json::Error),
}

/// An error of a method apart from all others.
pub(crate) fn learn_error<T>(result: Result<T>) -> Result<std::result::Result<T, LearnError>> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(StudyError::Learn(error)) => Ok(Err(error)),
        Err(error) => Err(error),
    }
}

fn quoted(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    quoted.join(", ")
}
