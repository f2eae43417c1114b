//! What is done with many recordings, for every front end: their features, their genres, what they are like, their tags.
//!
//! ```text
//!  what was named: audio, folders, patterns, a list · files of features · a store, a folder of CSV files · audio beside its tables
//!        │
//!        v
//!      rows ──for_learning──> data set with genres, artists, parts of the official split; what was lost
//!        │
//!        └────for_model─────> features in a model's order ──classify──> verdicts <── explain, neighbours
//!                                                              └──────> tags (feature `tags`)
//!      extract: audio ──in parallel, with a journal──> file of features
//!      frames:  audio ──likewise──> cache of spectrograms, beside the rows of a data set
//!      embedding: columns of a network of others beside the 518 (feature `embed`)
//! ```
//!
//! Nothing is printed and no terminal is known: long jobs tell a [`Listener`], errors are [`Error`]s.
//!
//! | to change | look into |
//! |---|---|
//! | the order in which files are extracted | `extract/in_memory.rs` and `extract/run.rs` (their `BatchOptions`); that of the rows: `extract/inputs.rs` |
//! | where decoders run, and what they may take there | `helper/` ([`helper::Decoding`]) |
//! | which recordings a shard takes, what its part is called and when it is whole | [`shards`] |
//! | what is told of a recording besides its features | `extract/heard.rs`; of all of a file of features: `extract/losses.rs` |
//! | what is computed of each recording; which embedding a model accepts | `embedding/analyser.rs`, `embedding/cards.rs` |
//! | how recordings come out of object stores (feature `store`) | [`objects`] |
//! | what an interrupted extraction keeps | `extract/journal.rs`, `extract/record.rs`, `extract/values.rs` |
//! | how frames of recordings are kept | `frames/` |
//! | a kind of input | [`rows::source`] names it, `rows/reader.rs` reads it |
//! | how classes are numbered | `rows/builder.rs` |
//! | which tracks and genres are selected, and what that costs | [`rows::selection`], [`rows::archive`] |
//! | what a CSV file of labels may look like | `rows/known.rs` |
//! | what is told of doubtful labels and doubles, and in which order | [`audit`] |
//! | when a genre is named, and when none | [`mod@classify`] |
//! | what rows are told apart by besides the sound (`--inputs`) | [`rows::inputs`] |
//! | how far apart two tracks are | [`neighbours`] |
//! | what an autoencoder of one's own is trained on, and how its codes become columns (feature `deep`) | `codes/` |
//! | which tags are written, and what is checked before | `tags` |
//! | the columns of the table that `cratedigger classify` prints | not here: `commands/classify` of the command |
//!
//! ```
//! use cratedigger_catalog::feature_table::{FeatureFormat, FeatureWriter, RowId};
//! use cratedigger_collection::Nobody;
//! use cratedigger_collection::rows::options::{FeatureChoice, GenreChoice, LabelSource};
//! use cratedigger_collection::rows::{InputChoice, Reading, Request, Wanted, for_learning};
//!
//! let folder = tempfile::tempdir()?;
//! let (features, labels) = (folder.path().join("f.parquet"), folder.path().join("genres.csv"));
//! let names = ["zcr.mean.01".to_owned()];
//! let mut writer = FeatureWriter::create(&features, FeatureFormat::Parquet, &names, "fma/1", false)?;
//! for (name, value) in [("a.mp3", 0.1), ("b.mp3", 0.3), ("c.mp3", 0.2)] {
//!     writer.push(&RowId::from(name), &[value])?;
//! }
//! writer.finish()?;
//! std::fs::write(&labels, "path,genre,artist\na.mp3,Folk,Ann\nb.mp3,Rock,Bob\nc.mp3,Folk,Ann\n")?;
//!
//! let request = Request {
//!     data: vec![features],
//!     features: FeatureChoice::Auto,
//!     genres: GenreChoice::All,
//!     labels: LabelSource::File(labels),
//!     inputs: InputChoice::default(),
//!     features_out: None,
//!     reading: Reading::default(),
//! };
//! let rows = for_learning(&request, &Wanted::default(), &mut std::io::empty(), &Nobody)?;
//! assert_eq!(rows.data.classes, ["Folk", "Rock"]);
//! assert_eq!(rows.data.groups, Some(vec![1, 2, 1]));
//! assert_eq!(rows.recipe.as_deref(), Some("fma/1"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod audit;
pub mod classify;
#[cfg(feature = "deep")]
pub mod codes;
pub mod embedding;
pub mod error;
pub mod explain;
pub mod extract;
pub mod frames;
pub mod helper;
pub mod impute;
pub mod listener;
pub mod neighbours;
pub mod objects;
pub mod rows;
pub mod shards;
pub mod table;
#[cfg(feature = "tags")]
pub mod tags;
#[cfg(test)]
mod test_audio;
mod threads;
mod write;

pub use error::{Error, Result};
pub use helper::{Decoding, Extraction, FrameExtraction, HelperCommand};
pub use listener::{Job, Listener, Nobody, Unit};
pub use threads::most_threads;
