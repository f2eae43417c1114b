//! What of the sound was lost before the features were computed: the sums of the tables that an extraction leaves beside its
//! file of features.

use cratedigger_catalog::{Store, TableId};
pub use cratedigger_collection::extract::{Losses, RecordingLoss};
use serde::{Deserialize, Serialize};

use crate::error::Result;

/// What was lost of the recordings that the features are of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sound {
    /// Rows of the table of features.
    pub n_rows: u64,
    /// What was lost, as the tables beside its file tell.
    #[serde(flatten)]
    pub losses: Losses,
}

impl Sound {
    /// Whether the features have as many rows as recordings were heard: otherwise they are of more than one extraction.
    pub fn is_of_all_rows(&self) -> bool {
        self.n_rows == self.losses.n_recordings
    }

    /// Lost seconds as a share of all, 0 to 1.
    pub fn lost_share(&self) -> f64 {
        match self.losses.lost_s {
            0.0 => 0.0,
            lost => lost / (self.losses.sound_s + lost),
        }
    }
}

/// Reads the tables beside the file that the store's features were imported from; nothing without features, or where no such
/// tables are there any more.
///
/// # Errors
/// They cannot be read, or are no such tables.
pub fn of_store(store: &Store) -> Result<Option<Sound>> {
    let Some(features) = store.manifest().tables.get(&TableId::Features) else {
        return Ok(None);
    };
    let losses = Losses::beside(&features.source.path)?;
    Ok(losses.map(|losses| Sound {
        n_rows: features.report.rows,
        losses,
    }))
}
