//! What can go wrong between findings and files.

use std::path::PathBuf;

/// The result of this crate's functions.
pub type Result<T> = std::result::Result<T, ReportError>;

/// Errors of the report, one variant for each thing a reader would do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// A file of the output could not be written.
    #[error("cannot write {}: {source}; is the folder writable, and is there room on the disk?", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The folder has a file that a report would have, and that none wrote.
    #[error(
        "{} is there, and no study wrote it: name another folder with --out, or replace what is in the way with --force",
        path.display()
    )]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// The findings could not be turned into JSON, or a picture is not what the drawings know: a defect of this crate.
    #[error("the findings could not be written as JSON")]
    Json(#[from] serde_json::Error),
    /// The report's template failed: a defect of this crate.
    #[error("the report could not be rendered")]
    Template(#[from] minijinja::Error),
    /// The packed text of plotly.js is damaged: a defect of this crate.
    #[error("plotly.js could not be unpacked")]
    Plotly(#[source] std::io::Error),
}
