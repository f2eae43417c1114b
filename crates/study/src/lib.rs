//! From a catalogue to findings (plain data), and from findings to a report.
//!
//! [`run`] studies an archive and returns [`Findings`]; [`report::write`] writes them as `findings.json`, as CSV tables and
//! as one HTML file that opens offline. [`dataset::assemble`] is the part of it that other commands need: from the tables
//! to a matrix with labels.
//!
//! Findings are data first: the report says nothing that is not in them.

pub mod classify;
pub mod compare;
pub mod comparison;
pub mod contingency;
pub mod differences;
pub mod error;
pub mod findings;
pub mod genre_sets;
pub mod geography;
pub mod inspect;
pub mod missingness;
pub mod multiple;
pub mod options;
pub mod outliers;
pub mod overview;
pub mod places;
mod projection;
pub mod report;
pub mod split;
mod study;
pub mod treatment;
pub mod tuning;

pub use cratedigger_collection::rows::{archive as dataset, genres, selection};
pub use cratedigger_collection::table;
pub use error::{Result, StudyError};
pub use findings::{Findings, SCHEMA_VERSION};
pub use options::{DataOptions, FeatureChoice, GenreChoice, LabelRule, StudyOptions};
pub use study::{StudyEvent, run};
