//! A synthetic archive of the Free Music Archive's shape, of any size, from a seed.
//!
//! ```text
//! SynthOptions ──> plan: artists, albums, tracks ──> labels, records, sound ──> tables (CSV or Parquet)
//! ClipOptions ──> plan: artists, albums, clips ──┬─> tables of the same kind
//!                                                └─> style, song, instruments, room ──> clips (WAV, FLAC)
//! ```
//!
//! [`write`](fn@write) makes `tracks.csv`, `genres.csv` and, on request, `features.csv` and `echonest.csv` in the very formats of the
//! dataset, or the same tables as Parquet. The archive has what the real one has: artists with several albums, a genre tree
//! of which only 47 % of the tracks have one root, gaps that come in pairs, places around the world, features whose classes
//! overlap and whose artists give them away, silent tracks and absurd values. Everything in it is invented but the genre tree,
//! the cities and the proportions, and says so: a file `SYNTHETIC.json` lies beside the tables ([`marker`]).
//!
//! The same options give the same bytes, whatever the number of threads. [`clips::write`](fn@clips::write) makes an archive whose
//! tracks can be played.
//!
//! | to change | look into |
//! |---|---|
//! | how many artists, albums and tracks there are, and of which sizes | `archive/plan.rs` |
//! | which values are missing together | `archive/missing.rs` |
//! | how far apart genres are in the features | `archive/sound.rs`, `archive/dims.rs` |
//! | how a style is played | `clips/style/` |
//!
//! ```
//! use cratedigger_synth::{SynthOptions, write};
//!
//! let folder = tempfile::tempdir()?;
//! let options = SynthOptions { n_tracks: 50, ..SynthOptions::default() };
//! let report = write(&options, folder.path(), &mut |_| {})?;
//! assert_eq!((report.n_tracks, report.files.len()), (50, 4));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod archive;
pub mod clips;
mod error;
mod folder;
mod marker;
mod options;
mod stream;

pub use archive::write;
pub use cratedigger_catalog::store::MARKER_FILE;
pub use error::Error;
pub use marker::{GENERATOR_VERSION, SynthMarker, marker};
pub use options::{Format, SynthFile, SynthOptions, SynthProgress, SynthReport};
