//! From a catalogue to findings (plain data), and from findings to a report.
//!
//! [`run`] studies an archive and returns [`Findings`]; [`report::write`] writes them as `findings.json`, as CSV tables and
//! as one HTML file that opens offline. [`dataset::assemble`] is the part of it that other commands need: from the tables
//! to a matrix with labels.
//!
//! Findings are data first: the report says nothing that is not in them.

pub mod archive;
pub mod continents;
pub mod contingency;
pub mod dataset;
pub mod error;
pub mod findings;
pub mod genres;
pub mod learning;
pub mod multiple;
pub mod options;
pub mod places;
mod progress;
pub mod provenance;
pub mod published;
pub mod selection;
mod study;
pub mod table;
pub mod words;

pub use error::{Result, StudyError};
pub use findings::{Findings, SCHEMA_VERSION};
pub use options::{DataOptions, FeatureChoice, GenreChoice, LabelRule, StudyOptions};
pub use progress::StudyEvent;
pub use study::{run, section_ids};
