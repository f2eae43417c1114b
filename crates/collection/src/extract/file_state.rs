//! Whether a file is the one that it was.

use std::path::Path;

/// Size and time of modification: where they are the same, the file is taken for the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FileState {
    pub(crate) size: u64,
    pub(crate) modified_ns: u64,
}

impl FileState {
    /// Of a file that cannot be looked at, zeros: its extraction will say why.
    pub(crate) fn of(path: &Path) -> Self {
        let Ok(metadata) = std::fs::metadata(path) else {
            return Self::default();
        };
        let modified = metadata.modified().ok();
        let since = modified.and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok());
        Self {
            size: metadata.len(),
            modified_ns: since.map_or(0, |d| u64::try_from(d.as_nanos()).unwrap_or(0)),
        }
    }
}
