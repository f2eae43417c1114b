//! From a catalogue to findings: plain data about an archive and about how well its genres can be told apart.
//!
//! ```text
//!         ┌──> archive: what is in it, what is missing, what lies far out
//! store ──┼──> places ──> continents: where the music comes from; do continents differ in genres?
//!         └──> selection ──> matrix ──> learning: split, methods, what sets them apart ──┐
//!                                                                                        v
//!                                  published: the published study's figures <──────── Findings
//! ```
//!
//! [`run`] studies an archive and returns [`Findings`], which `cratedigger-report` makes files of. The rows that are learnt
//! from come through `cratedigger-collection`, as they do for every command.
//!
//! | to change | look into |
//! |---|---|
//! | what a section finds, and the fields that it adds | a file for each in [`archive`], [`places`], [`continents`], [`learning`], [`published`] |
//! | which sections there are, and their order | `SECTIONS` in `study.rs`; a new one is a line there, a field of [`Findings`], its file, and its page in the report |
//! | the phi coefficient of missing values | `phi` in [`archive::missingness`] |
//! | which values count as outliers | [`archive::outliers`] |
//! | which region a point or a text belongs to | not here: `cratedigger-places` |
//! | what is searched when the perceptron is tuned | [`learning::tuning`] |
//! | what is told while it runs | `progress.rs` |
//!
//! ```
//! use cratedigger_catalog::{ImportOptions, Store, import};
//! use cratedigger_study::{StudyOptions, run};
//!
//! let folder = tempfile::tempdir()?;
//! import("tests/fixture".as_ref(), folder.path(), &ImportOptions::default(), &|_| {})?;
//! let mut options = StudyOptions::default();
//! options.methods = Vec::new(); // no classifiers: this is only an example
//! let findings = run(&Store::open(folder.path())?, &options, &|_| {})?;
//! assert_eq!((findings.overview.n_tracks, findings.overview.n_artists), (90, Some(30)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod archive;
pub mod continents;
mod draft;
pub mod error;
pub mod findings;
pub mod learning;
pub mod options;
pub mod places;
mod progress;
pub mod provenance;
pub mod published;
mod study;
pub mod words;

pub use cratedigger_collection::rows::{archive as dataset, genres, selection};
pub use cratedigger_collection::table;
pub use error::{Result, StudyError};
pub use findings::{Findings, SCHEMA_VERSION, SectionSkipped};
pub use options::{DataOptions, DeepOptions, FeatureChoice, GenreChoice, LabelRule, StudyOptions};
pub use progress::StudyEvent;
pub use study::{run, section_ids};
