//! What can go wrong between a catalogue and its findings.

use cratedigger_learn::LearnError;

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
    /// A section was to be left out that there is not.
    #[error("there is no section named `{name}`; there are {valid}")]
    UnknownSection {
        /// The name that was given.
        name: String,
        /// All names, in the order of the study.
        valid: String,
    },
    /// A file of boundaries is not what it should be.
    #[error(transparent)]
    Boundaries(#[from] cratedigger_places::PlacesError),
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
