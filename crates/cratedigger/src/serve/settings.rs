//! What a server is told: flags, a TOML file of the same names, and defaults, checked once.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::auth::Tokens;

/// The choices that both the command line and the file know. A flag wins over the file.
#[derive(clap::Args, Deserialize, Default, Clone, Debug)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Choices {
    /// The model file, made by `cratedigger train` or `tune`
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,

    /// Where to listen; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT")]
    addr: Option<SocketAddr>,

    /// Show the study's report of this folder under /report
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,

    /// Tell the tracks most alike among those of this file of features, store or folder of the dataset's CSV files
    #[arg(long, value_name = "DATA")]
    neighbours: Option<PathBuf>,

    /// Name no genre where the largest probability is below this [default: the model's own, else 0.5]
    #[arg(long, value_name = "SHARE")]
    threshold: Option<f64>,

    /// Ask for a bearer token whose BLAKE3 hash is this; may be repeated (see --new-token)
    #[arg(long = "token-hash", value_name = "HEX")]
    token_hashes: Vec<String>,

    /// Listen on an address that others can reach although no token is asked for
    #[arg(long, num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    allow_anonymous: Option<bool>,

    /// Largest request in bytes [default: 64 MiB]
    #[arg(long, value_name = "BYTES")]
    max_body: Option<u64>,

    /// Most files in one request [default: 16, or what --decodes and --queue can hold]
    #[arg(long, value_name = "N")]
    max_files: Option<usize>,

    /// Longest recording in seconds [default: 900]
    #[arg(long, value_name = "SECONDS")]
    max_duration: Option<f64>,

    /// Files decoded at the same time [default: one for each processor]
    #[arg(long, value_name = "N")]
    decodes: Option<usize>,

    /// Files that may wait for a decoder; more are refused with 429 [default: 128]
    #[arg(long, value_name = "N")]
    queue: Option<usize>,

    /// Memory for uploads that are under way or waiting, in bytes [default: 512 MiB]
    #[arg(long, value_name = "BYTES")]
    upload_memory: Option<u64>,

    /// Most open connections; further ones wait to be accepted [default: 1024]
    #[arg(long, value_name = "N")]
    max_connections: Option<usize>,

    /// Seconds without a byte after which a client is given up; also for request heads [default: 15]
    #[arg(long, value_name = "SECONDS")]
    read_timeout: Option<f64>,

    /// Seconds that a whole upload may take [default: 300]
    #[arg(long, value_name = "SECONDS")]
    upload_timeout: Option<f64>,

    /// Seconds from the last byte of an upload to its answer [default: 120]
    #[arg(long, value_name = "SECONDS")]
    request_timeout: Option<f64>,

    /// Seconds that accepted requests have to finish when the server is stopped [default: 60]
    #[arg(long, value_name = "SECONDS")]
    shutdown_timeout: Option<f64>,

    /// How the log is written to standard error [default: text]
    #[arg(long, value_enum, value_name = "FORMAT")]
    log: Option<LogFormat>,
}

/// How the log is written.
#[derive(clap::ValueEnum, Deserialize, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// A line of words and `name=value`.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}

/// All choices made.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) model: PathBuf,
    pub(crate) addr: SocketAddr,
    pub(crate) report: Option<PathBuf>,
    pub(crate) neighbours: Option<PathBuf>,
    pub(crate) threshold: Option<f64>,
    pub(crate) tokens: Tokens,
    pub(crate) max_body: u64,
    pub(crate) max_files: usize,
    pub(crate) max_duration_s: f64,
    pub(crate) decodes: usize,
    pub(crate) queue: usize,
    pub(crate) upload_memory: u64,
    pub(crate) max_connections: usize,
    pub(crate) read_timeout: Duration,
    pub(crate) upload_timeout: Duration,
    pub(crate) request_timeout: Duration,
    pub(crate) shutdown_timeout: Duration,
    pub(crate) log: LogFormat,
}

/// Takes the flag where it is given, the file's value otherwise.
macro_rules! first_of {
    ($flags:expr, $file:expr, $($field:ident),+) => {
        Choices { token_hashes: if $flags.token_hashes.is_empty() { $file.token_hashes } else { $flags.token_hashes },
                  $($field: $flags.$field.or($file.$field)),+ }
    };
}

impl Choices {
    /// Reads a TOML file of choices.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("{} is no settings file of a server", path.display()))
    }

    /// These choices where they were made, those of the file otherwise.
    pub(crate) fn or(self, file: Self) -> Self {
        first_of!(
            self,
            file,
            model,
            addr,
            report,
            neighbours,
            threshold,
            allow_anonymous,
            max_body,
            max_files,
            max_duration,
            decodes,
            queue,
            upload_memory,
            max_connections,
            read_timeout,
            upload_timeout,
            request_timeout,
            shutdown_timeout,
            log
        )
    }

    /// Fills in the defaults and checks everything that can be checked without the model.
    pub(crate) fn settle(self) -> Result<Settings> {
        let Some(model) = self.model else {
            bail!("--model FILE is missing: the model that names the genres, made by `cratedigger train`");
        };
        let tokens = Tokens::parse(&self.token_hashes)?;
        let addr = self
            .addr
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
        if !addr.ip().is_loopback() && tokens.is_empty() && !self.allow_anonymous.unwrap_or(false) {
            bail!(
                "{addr} can be reached by others and no token is asked for: make one with `cratedigger serve --new-token` and \
                 give its hash as --token-hash, or say --allow-anonymous"
            );
        }
        let decodes = self.decodes.unwrap_or_else(n_processors);
        let queue = self.queue.unwrap_or(128);
        let settings = Settings {
            model,
            addr,
            report: self.report,
            neighbours: self.neighbours,
            threshold: self.threshold,
            tokens,
            max_body: self.max_body.unwrap_or(64 << 20),
            max_files: self.max_files.unwrap_or(decodes.saturating_add(queue).min(16)),
            max_duration_s: self.max_duration.unwrap_or(900.0),
            decodes,
            queue,
            upload_memory: self.upload_memory.unwrap_or(512 << 20),
            max_connections: self.max_connections.unwrap_or(1024),
            read_timeout: seconds("read-timeout", self.read_timeout, 15.0)?,
            upload_timeout: seconds("upload-timeout", self.upload_timeout, 300.0)?,
            request_timeout: seconds("request-timeout", self.request_timeout, 120.0)?,
            shutdown_timeout: seconds("shutdown-timeout", self.shutdown_timeout, 60.0)?,
            log: self.log.unwrap_or_default(),
        };
        settings.check()?;
        Ok(settings)
    }
}

impl Settings {
    fn check(&self) -> Result<()> {
        if let Some(bad) = self.threshold.filter(|t| !(0.0..=1.0).contains(t)) {
            bail!("--threshold {bad}: it is a probability, 0 to 1");
        }
        if !(self.max_duration_s > 0.0 && self.max_duration_s <= 86_400.0) {
            bail!(
                "--max-duration {}: a number of seconds above 0, at most a day, is wanted",
                self.max_duration_s
            );
        }
        for (name, n) in [
            ("decodes", self.decodes),
            ("max-files", self.max_files),
            ("max-connections", self.max_connections),
        ] {
            if !(1..=100_000).contains(&n) {
                bail!("--{name} {n}: 1 to 100000 is wanted");
            }
        }
        if self.queue > 1_000_000 {
            bail!("--queue {}: at most 1000000", self.queue);
        }
        if self.max_body == 0 || self.upload_memory > 1 << 40 {
            bail!("--max-body must be above 0, and --upload-memory at most 1 TiB");
        }
        if self.max_body > self.upload_memory {
            bail!(
                "--upload-memory {} is below --max-body {}: the largest request could never be taken",
                self.upload_memory,
                self.max_body
            );
        }
        if self.max_files > self.decodes + self.queue {
            bail!(
                "--max-files {} is more than the {} files that --decodes and --queue can hold together",
                self.max_files,
                self.decodes + self.queue
            );
        }
        Ok(())
    }
}

fn seconds(name: &str, given: Option<f64>, default: f64) -> Result<Duration> {
    let seconds = given.unwrap_or(default);
    if !(0.01..=86_400.0).contains(&seconds) {
        bail!("--{name} {seconds}: 0.01 to 86400 seconds are wanted");
    }
    Ok(Duration::from_secs_f64(seconds))
}

fn n_processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn with(change: impl FnOnce(&mut Choices)) -> Result<Settings> {
        let mut choices = Choices {
            model: Some("m.cdmodel".into()),
            ..Choices::default()
        };
        change(&mut choices);
        choices.settle()
    }

    #[test]
    fn a_public_address_needs_a_token_or_a_clear_word() {
        let public = Some("0.0.0.0:80".parse().unwrap());
        let hash = blake3::hash(b"secret").to_hex().to_string();
        assert!(with(|_| ()).unwrap().addr.ip().is_loopback());
        let refused = with(|c| c.addr = public).unwrap_err().to_string();
        assert!(refused.contains("--token-hash"), "{refused}");
        with(|c| (c.addr, c.allow_anonymous) = (public, Some(true))).unwrap();
        with(|c| (c.addr, c.token_hashes) = (public, vec![hash])).unwrap();
        with(|c| c.addr = Some("[::1]:80".parse().unwrap())).unwrap();
    }

    #[test]
    fn flags_win_over_the_file_and_the_file_over_defaults() {
        let file: Choices =
            toml::from_str("model = 'file'\nqueue = 3\nread_timeout = 2\nmax_files = 2\nlog = 'json'")
                .unwrap();
        let flags = Choices {
            queue: Some(7),
            ..Choices::default()
        };
        let settings = flags.or(file).settle().unwrap();
        assert_eq!(settings.queue, 7);
        assert_eq!(settings.model, PathBuf::from("file"));
        assert_eq!(settings.read_timeout, Duration::from_secs(2));
        assert_eq!(settings.log, LogFormat::Json);
        assert_eq!(settings.max_body, 64 << 20);
        let unknown = toml::from_str::<Choices>("queu = 3").unwrap_err().to_string();
        assert!(unknown.contains("queu"), "{unknown}");
    }

    #[test]
    fn settings_that_contradict_each_other_are_refused() {
        assert!(with(|c| c.threshold = Some(1.5)).is_err());
        assert!(with(|c| c.max_duration = Some(f64::NAN)).is_err());
        assert!(with(|c| c.read_timeout = Some(-1.0)).is_err());
        assert!(with(|c| c.decodes = Some(0)).is_err());
        assert!(with(|c| c.upload_memory = Some(1)).is_err());
        assert!(with(|c| (c.queue, c.decodes, c.max_files) = (Some(0), Some(1), Some(2))).is_err());
        assert!(with(|c| c.token_hashes = vec!["abc".into()]).is_err());
        assert!(Choices::default().settle().is_err());
    }
}
