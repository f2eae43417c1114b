//! All choices made, and whether they go together.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cratedigger_collection::embedding::Describer;
use cratedigger_collection::{HelperCommand, most_threads};

use super::host::split_host;
use crate::error::{Result, refuse};
use crate::log::LogFormat;
use crate::tokens::Tokens;

/// All choices made.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The model file.
    pub model: PathBuf,
    /// Where to listen; port 0 takes a free one.
    pub addr: SocketAddr,
    /// The folder of a study's report, shown under `/report`.
    pub report: Option<PathBuf>,
    /// What the tracks most alike are looked for among.
    pub neighbours: Option<PathBuf>,
    /// Where stores of folders that were given as CSV files are kept; none for the user's cache folder.
    pub cache: Option<PathBuf>,
    /// The program that decodes uploads, and is killed and replaced where they harm it; none for this process.
    pub helper: Option<HelperCommand>,
    /// What describes recordings beside the 518 features; none where the model needs none, or finds an imported one.
    pub embedding: Option<Arc<dyn Describer>>,
    /// The probability below which no genre is named; none for the model's own.
    pub threshold: Option<f64>,
    /// Who may ask.
    pub tokens: Tokens,
    /// Largest request in bytes.
    pub max_body: u64,
    /// Most files in one request.
    pub max_files: usize,
    /// Longest recording in seconds.
    pub max_duration_s: f64,
    /// Files decoded at the same time.
    pub decodes: usize,
    /// Files that may wait for a decoder.
    pub queue: usize,
    /// Memory for uploads that are under way or waiting, in bytes.
    pub upload_memory: u64,
    /// Most open connections.
    pub max_connections: usize,
    /// Most open connections from one address.
    pub max_per_address: usize,
    /// Bytes a second that an upload must have, measured over each `read_timeout`.
    pub min_rate: u64,
    /// Names by which the server may be asked, beside those of this machine.
    pub hosts: Vec<String>,
    /// Time without a byte after which a client is given up; also for request heads.
    pub read_timeout: Duration,
    /// Time that a whole upload may take.
    pub upload_timeout: Duration,
    /// Time from the last byte of an upload to its answer.
    pub request_timeout: Duration,
    /// Time that accepted requests have to finish when the server is stopped.
    pub shutdown_timeout: Duration,
    /// How the log is written.
    pub log: LogFormat,
}

impl Settings {
    /// Refuses what is out of its range or contradicts itself.
    pub(super) fn check(&self) -> Result<()> {
        if let Some(bad) = self.threshold.filter(|t| !(0.0..=1.0).contains(t)) {
            refuse!(Choice, "--threshold {bad}: it is a probability, 0 to 1");
        }
        if !(self.max_duration_s > 0.0 && self.max_duration_s <= 86_400.0) {
            refuse!(
                Choice,
                "--max-duration {}: a number of seconds above 0, at most a day, is wanted",
                self.max_duration_s
            );
        }
        for (name, n, most) in [
            ("decodes", self.decodes, most_threads()),
            ("max-files", self.max_files, 100_000),
            ("max-connections", self.max_connections, 100_000),
            ("max-per-address", self.max_per_address, 100_000),
        ] {
            if !(1..=most).contains(&n) {
                refuse!(Choice, "--{name} {n}: 1 to {most} is wanted");
            }
        }
        if let Some(bad) = self.hosts.iter().find(|host| split_host(host).is_none()) {
            refuse!(
                Choice,
                "--host {bad}: a name such as `music.example` or `music.example:8080` is wanted"
            );
        }
        if self.queue > 1_000_000 {
            refuse!(Choice, "--queue {}: at most 1000000", self.queue);
        }
        if self.max_body == 0 || self.upload_memory > 1 << 40 {
            refuse!(
                Choice,
                "--max-body must be above 0, and --upload-memory at most 1 TiB"
            );
        }
        if self.max_body > self.upload_memory {
            refuse!(
                Choice,
                "--upload-memory {} is below --max-body {}: the largest request could never be taken",
                self.upload_memory,
                self.max_body
            );
        }
        if self.max_files > self.decodes + self.queue {
            refuse!(
                Choice,
                "--max-files {} is more than the {} files that --decodes and --queue can hold together",
                self.max_files,
                self.decodes + self.queue
            );
        }
        Ok(())
    }
}
