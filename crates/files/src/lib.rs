//! What every crate that writes needs: files that appear whole or not at all, files that stay open, fields of CSV, and text that a
//! terminal does not obey.
//!
//! ```text
//! bytes ──> a temporary file in the same folder, locked ──fsync, rename, fsync of the folder──> the name
//!           (deleted if anything fails; swept later if the process was killed)
//! ```
//!
//! | to change | look into |
//! |---|---|
//! | how a file is replaced, its mode, what becomes of links, devices and files that are there | `whole.rs` |
//! | what temporaries are called, which of them are leftovers, which go at a signal | `stale.rs` |
//! | how journals and locks are opened | `kept.rs` |
//! | when a field of a CSV file stands in quotation marks | [`csv`] |
//! | what becomes of panics of readers that others wrote | `contained.rs` |
//! | how large a record or a header of a CSV file may be | [`bounds`] |
//! | which names are addresses of objects | `uri.rs` |
//! | which characters are shown as what they are | `terminal.rs` |
//!
//! ```
//! use std::io::Write;
//! use cratedigger_files::{Existing, WholeFile, csv::push_field};
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("genres.csv");
//! // Before the work: that it cannot be written is known now.
//! let mut file = WholeFile::create(&path, Existing::Keep)?;
//! let mut text = b"track_id,genre\n2,".to_vec();
//! push_field(&mut text, "Hip-Hop, old");
//! file.write_all(&text)?;
//! assert!(!path.exists());
//! file.finish()?;
//! assert_eq!(std::fs::read_to_string(&path)?, "track_id,genre\n2,\"Hip-Hop, old\"");
//! # Ok::<(), std::io::Error>(())
//! ```

pub mod bounds;
mod contained;
pub mod csv;
mod kept;
mod stale;
mod terminal;
mod uri;
mod whole;

pub use contained::{contained, is_contained};
pub use kept::open_kept;
pub use stale::{TemporaryFolder, remove_temporaries, sweep};
pub use terminal::{Printable, printable, printable_lines};
pub use uri::is_uri;
pub use whole::{Existing, WholeFile, folder_of, sync_folder, write_whole};
