//! How findings were made: from which files, by which command, and how long it took.

use cratedigger_catalog::Store;
use serde::{Deserialize, Serialize};

use crate::options::StudyOptions;
use crate::progress::SectionTime;

/// How findings were made.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Provenance {
    /// `cratedigger`.
    pub program: String,
    /// Its version.
    pub version: String,
    /// The command line.
    pub command_line: Vec<String>,
    /// The seed of everything random.
    pub seed: u64,
    /// Where the data came from, such as a folder's name.
    pub data_source: String,
    /// BLAKE3 over the names and the content of all tables' files: the same data give the same fingerprint.
    pub data_fingerprint: String,
    /// The files that the tables were read from.
    pub tables: Vec<TableSource>,
    /// The sentence that says so where the data were generated; `null` for real data.
    pub synthetic: Option<String>,
    /// Seconds after which no further classifier was to be begun; `null` for no limit.
    pub time_budget_seconds: Option<f64>,
    /// When the study began, in seconds since 1970-01-01 UTC.
    pub generated_unix_seconds: u64,
    /// How long the study took, in seconds.
    pub total_seconds: f64,
    /// How long each section took.
    pub sections: Vec<SectionTime>,
}

/// The file of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableSource {
    /// The table.
    pub table: String,
    /// Rows that were imported.
    pub n_rows: u64,
    /// Records that could not be read and were left out; 0 unless the import was lenient.
    pub n_rejected: u64,
    /// Bytes of the file.
    pub n_bytes: u64,
    /// BLAKE3 of its content, hexadecimal.
    pub blake3: String,
}

impl Provenance {
    /// What is known when a study begins.
    pub(crate) fn new(store: &Store, options: &StudyOptions, began_unix_seconds: u64) -> Self {
        let tables: Vec<TableSource> = store
            .manifest()
            .tables
            .iter()
            .map(|(table, entry)| TableSource {
                table: table.name().to_owned(),
                n_rows: entry.report.rows,
                n_rejected: entry.report.rejected,
                n_bytes: entry.source.size,
                blake3: entry.source.blake3.clone(),
            })
            .collect();
        let mut fingerprint = blake3::Hasher::new();
        for table in &tables {
            fingerprint.update(format!("{} {}\n", table.table, table.blake3).as_bytes());
        }
        Self {
            program: "cratedigger".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            command_line: options.command_line.clone(),
            seed: options.seed,
            data_source: options.data_source.clone(),
            data_fingerprint: fingerprint.finalize().to_hex().to_string(),
            tables,
            synthetic: options.synthetic.clone(),
            time_budget_seconds: options.time_budget_seconds,
            generated_unix_seconds: began_unix_seconds,
            total_seconds: 0.0,
            sections: Vec::new(),
        }
    }
}
