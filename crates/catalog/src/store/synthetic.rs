//! What an archive says of itself if it is synthetic.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// Name of the file beside the tables that marks an archive as synthetic.
pub const MARKER_FILE: &str = "SYNTHETIC.json";

/// A note that goes wherever synthetic tables go, so that they never pass for real data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Synthetic {
    /// A sentence for people. The file has more, such as the seed, which is the generator's own business.
    pub note: String,
}

impl Synthetic {
    /// What [`MARKER_FILE`] in `dir` says; `None` where there is none.
    ///
    /// A marker that cannot be understood counts as one, so that a damaged file never makes synthetic data look real.
    pub(crate) fn beside(dir: &Path) -> Option<Self> {
        let path = dir.join(MARKER_FILE);
        let bytes = std::fs::read(&path).ok()?;
        Some(serde_json::from_slice(&bytes).unwrap_or_else(|e| Self {
            note: format!("synthetic data; {} cannot be understood: {e}", path.display()),
        }))
    }
}
