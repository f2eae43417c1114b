//! What a server can be told, by flags or by a TOML file of the same names, and the defaults.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::checked::Settings;
use crate::error::{Context, Result, refuse};
use crate::log::LogFormat;
use crate::tokens::Tokens;
use crate::uploads::limits;

/// The choices that both the command line and the file know. A flag wins over the file.
#[derive(Deserialize, Default, Clone, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct Choices {
    /// The model file, made by `cratedigger train` or `tune`.
    pub model: Option<PathBuf>,

    /// Where to listen; port 0 takes a free one [default: 127.0.0.1:8080].
    pub addr: Option<SocketAddr>,

    /// Show the study's report of this folder under /report.
    pub report: Option<PathBuf>,

    /// Tell the tracks most alike among those of this file of features, store or folder of the dataset's CSV files.
    pub neighbours: Option<PathBuf>,

    /// Name no genre where the largest probability is below this [default: the model's own, else 0.5].
    pub threshold: Option<f64>,

    /// Ask for a bearer token whose BLAKE3 hash is this; may be repeated (see [`new_token`](crate::new_token)).
    pub token_hashes: Vec<String>,

    /// Listen on an address that others can reach although no token is asked for.
    pub allow_anonymous: Option<bool>,

    /// Largest request in bytes [default: 64 MiB].
    pub max_body: Option<u64>,

    /// Most files in one request [default: 16, or what --decodes and --queue can hold].
    pub max_files: Option<usize>,

    /// Longest recording in seconds [default: 900].
    pub max_duration: Option<f64>,

    /// Files decoded at the same time [default: one for each processor].
    pub decodes: Option<usize>,

    /// Files that may wait for a decoder; more are refused with 429 [default: 128].
    pub queue: Option<usize>,

    /// Memory for uploads that are under way or waiting, in bytes [default: 512 MiB].
    pub upload_memory: Option<u64>,

    /// Most open connections; further ones are answered 503 [default: 1024].
    pub max_connections: Option<usize>,

    /// Most open connections from one address; further ones are answered 503 [default: half of them all].
    pub max_per_address: Option<usize>,

    /// Bytes a second that an upload must have, measured over each --read-timeout; 0 for any [default: 4096].
    pub min_rate: Option<u64>,

    /// Answer to this name too, `NAME` or `NAME:PORT`; without a token only those of this machine are [default: none].
    pub hosts: Vec<String>,

    /// Seconds without a byte after which a client is given up; also for request heads [default: 15].
    pub read_timeout: Option<f64>,

    /// Seconds that a whole upload may take [default: 300].
    pub upload_timeout: Option<f64>,

    /// Seconds from the last byte of an upload to its answer [default: 120].
    pub request_timeout: Option<f64>,

    /// Seconds that accepted requests have to finish when the server is stopped [default: 60].
    pub shutdown_timeout: Option<f64>,

    /// How the log is written to standard error [default: text].
    pub log: Option<LogFormat>,
}

/// Takes the flag where it is given, the file's value otherwise.
macro_rules! first_of {
    ($flags:expr, $file:expr, $($field:ident),+) => {
        Choices { hosts: if $flags.hosts.is_empty() { $file.hosts } else { $flags.hosts },
                  token_hashes: if $flags.token_hashes.is_empty() { $file.token_hashes } else { $flags.token_hashes },
                  $($field: $flags.$field.or($file.$field)),+ }
    };
}

impl Choices {
    /// Reads a TOML file of choices.
    ///
    /// # Errors
    /// The file cannot be read, is no TOML, or has other names.
    pub fn read(path: &Path) -> Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("{} is no settings file of a server", path.display()))
    }

    /// These choices where they were made, those of the file otherwise.
    pub fn or(self, file: Self) -> Self {
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
            max_per_address,
            min_rate,
            read_timeout,
            upload_timeout,
            request_timeout,
            shutdown_timeout,
            log
        )
    }

    /// Fills in the defaults and checks everything that can be checked without the model.
    ///
    /// # Errors
    /// The model is lacking, a value is out of its range, two contradict each other, or others could ask without a token.
    pub fn settle(self) -> Result<Settings> {
        let Some(model) = self.model else {
            refuse!(
                Choice,
                "--model FILE is missing: the model that names the genres, made by `cratedigger train`"
            );
        };
        let tokens = Tokens::parse(&self.token_hashes)?;
        let addr = self
            .addr
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
        if !addr.ip().is_loopback() && tokens.is_empty() && !self.allow_anonymous.unwrap_or(false) {
            refuse!(
                Choice,
                "{addr} can be reached by others and no token is asked for: make one with `cratedigger serve --new-token` and \
                 give its hash as --token-hash, or say --allow-anonymous"
            );
        }
        let decodes = self.decodes.unwrap_or_else(n_processors);
        let queue = self.queue.unwrap_or(128);
        let max_connections = self.max_connections.unwrap_or(1024);
        let settings = Settings {
            model,
            addr,
            report: self.report,
            neighbours: self.neighbours,
            cache: None,
            helper: None,
            embedding: None,
            threshold: self.threshold,
            tokens,
            max_body: self.max_body.unwrap_or(limits::MAX_BODY),
            max_files: self
                .max_files
                .unwrap_or(decodes.saturating_add(queue).min(limits::MAX_FILES)),
            max_duration_s: self.max_duration.unwrap_or(900.0),
            decodes,
            queue,
            upload_memory: self.upload_memory.unwrap_or(limits::UPLOAD_MEMORY),
            max_connections,
            max_per_address: self.max_per_address.unwrap_or(max_connections.div_ceil(2)),
            min_rate: self.min_rate.unwrap_or(limits::MIN_RATE),
            hosts: self.hosts,
            read_timeout: seconds("read-timeout", self.read_timeout, limits::READ_TIMEOUT_S)?,
            upload_timeout: seconds("upload-timeout", self.upload_timeout, limits::UPLOAD_TIMEOUT_S)?,
            request_timeout: seconds("request-timeout", self.request_timeout, 120.0)?,
            shutdown_timeout: seconds("shutdown-timeout", self.shutdown_timeout, 60.0)?,
            log: self.log.unwrap_or_default(),
        };
        settings.check()?;
        Ok(settings)
    }
}

fn seconds(name: &str, given: Option<f64>, default: f64) -> Result<Duration> {
    let seconds = given.unwrap_or(default);
    if !(0.01..=86_400.0).contains(&seconds) {
        refuse!(Choice, "--{name} {seconds}: 0.01 to 86400 seconds are wanted");
    }
    Ok(Duration::from_secs_f64(seconds))
}

fn n_processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use cratedigger_collection::most_threads;

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
        let most = most_threads();
        with(|c| c.decodes = Some(most)).unwrap();
        let refused = with(|c| c.decodes = Some(100_000)).unwrap_err().to_string();
        assert!(refused.contains(&format!("1 to {most}")), "{refused}");
        assert!(with(|c| c.max_body = Some(0)).is_err());
        assert!(with(|c| c.max_connections = Some(0)).is_err());
        assert!(with(|c| c.threshold = Some(f64::NAN)).is_err());
        assert!(with(|c| c.upload_memory = Some(1)).is_err());
        assert!(with(|c| (c.queue, c.decodes, c.max_files) = (Some(0), Some(1), Some(2))).is_err());
        assert!(with(|c| c.token_hashes = vec!["abc".into()]).is_err());
        assert!(Choices::default().settle().is_err());
    }
}
