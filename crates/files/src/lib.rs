//! Files that appear whole or not at all, and fields of CSV: what every crate that writes needs.
//!
//! ```text
//! bytes ──> a temporary file in the same folder ──rename──> the name
//!           (deleted if anything fails)
//! ```
//!
//! | to change | look into |
//! |---|---|
//! | how a file is replaced, its mode, what its temporary is called | `whole.rs` |
//! | when a field of a CSV file stands in quotation marks | [`csv`] |
//!
//! ```
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("genres.csv");
//! let mut text = b"track_id,genre\n2,".to_vec();
//! cratedigger_files::csv::push_field(&mut text, "Hip-Hop, old");
//! cratedigger_files::write_whole(&path, &text)?;
//! assert_eq!(std::fs::read_to_string(&path)?, "track_id,genre\n2,\"Hip-Hop, old\"");
//! # Ok::<(), std::io::Error>(())
//! ```

pub mod csv;
mod whole;

pub use tempfile::NamedTempFile;
pub use whole::{folder_of, temporary_file, write_whole};
