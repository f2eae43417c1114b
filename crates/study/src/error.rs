//! What can go wrong between a catalogue and its report.

use std::path::PathBuf;

/// The result of this crate's functions.
pub type Result<T> = std::result::Result<T, StudyError>;

/// Errors of the study, one variant for each thing a reader would do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StudyError {
    /// Rows could not be read or joined.
    #[error(transparent)]
    Rows(#[from] cratedigger_collection::Error),
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
    Learn(#[from] cratedigger_learn::LearnError),
    /// A column could not be computed.
    #[error("a table could not be worked with")]
    Arrow(#[from] arrow::error::ArrowError),
    /// A file of the output could not be written.
    #[error("cannot write {}: {source}; is the folder writable, and is there room on the disk?", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The findings could not be turned into JSON.
    #[error("the findings could not be written as JSON")]
    Json(#[from] serde_json::Error),
    /// The report's template failed: a defect of this crate.
    #[error("the report could not be rendered")]
    Template(#[from] minijinja::Error),
}
