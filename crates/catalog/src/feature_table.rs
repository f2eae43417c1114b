//! Files of audio features that are not part of a store: one row for each recording, as Parquet or in the format of the
//! dataset's `features.csv`, with the version of the recipe that made the values.

mod note;
mod read;
mod write;

use std::fmt;
use std::path::Path;

pub use note::recipe_note;
pub use read::{FeatureTable, read};
pub use write::{FeatureNotes, FeatureWriter};

/// The key under which a Parquet file and the note beside a CSV file keep the recipe's version.
const RECIPE_KEY: &str = "cratedigger.recipe";

/// The key under which they keep what must be known of embeddings among the columns, as JSON.
const EMBEDDINGS_KEY: &str = "cratedigger.embeddings";

/// The key under which a Parquet file that is a part of a set keeps which one it is, as JSON.
pub const PART_KEY: &str = "cratedigger.part";

/// The name of the first column.
const ID_COLUMN: &str = "track_id";

/// What a row is called. Track numbers come before other names; numbers are in numerical order, names in that of bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowId {
    /// A track of the FMA.
    Track(i64),
    /// Any other recording: the path it was found under.
    Name(String),
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RowId::Track(id) => write!(f, "{id}"),
            RowId::Name(name) => f.write_str(name),
        }
    }
}

impl From<&str> for RowId {
    /// A number as `i64` shows it is a track, anything else a name.
    fn from(text: &str) -> Self {
        match text.parse::<i64>() {
            Ok(id) if id.to_string() == text => RowId::Track(id),
            _ => RowId::Name(text.to_owned()),
        }
    }
}

/// How a file of features is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeatureFormat {
    /// Parquet; the recipe is in the footer under `cratedigger.recipe`.
    Parquet,
    /// The dataset's format: four header lines. It has no place for the recipe, which is written beside it
    /// ([`recipe_note`]).
    Csv,
}

impl FeatureFormat {
    /// The format that a file's name asks for: `.parquet` or `.csv`, in any case.
    pub fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_string_lossy().to_lowercase();
        match extension.as_str() {
            "parquet" => Some(Self::Parquet),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }
}
