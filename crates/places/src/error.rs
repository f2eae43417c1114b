use std::path::PathBuf;

/// The result of this crate's functions.
pub type Result<T> = std::result::Result<T, PlacesError>;

/// A file of boundaries is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {what}", path.display())]
pub struct PlacesError {
    /// The file.
    pub path: PathBuf,
    /// What was found, what was expected, and what to do.
    pub what: String,
}
