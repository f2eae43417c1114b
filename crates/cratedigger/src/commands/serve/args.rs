//! The arguments of `cratedigger serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::commands::embedding_args::EmbeddingArgs;

/// Serve a model over HTTP: an API for programs, and a page that audio files are dropped on
///
/// Prints the address it listens on to standard output, and a line per request to standard error. Ctrl-C or SIGTERM stops it
/// after the requests it has accepted; the guide is docs/server.md, the API's description /openapi.json.
#[derive(clap::Args)]
#[cfg_attr(not(feature = "server"), command(about = "Serve a model over HTTP (not in this build, which lacks the feature `server`)", long_about = None))]
#[command(after_help = "\
Examples:
  cratedigger serve --model genres.cdmodel                     then open http://127.0.0.1:8080
  cratedigger serve --model genres.cdmodel --report cratedigger-study --neighbours fma_metadata
  curl -F file=@song.mp3 http://127.0.0.1:8080/v1/classify
  cratedigger serve --new-token                                a token, and its hash for --token-hash
  cratedigger serve --check                                    whether a server on this machine takes requests
  cratedigger serve --config server.toml --addr 0.0.0.0:8080

Exit codes: 0 stopped, everything accepted was answered; 1 stopped before that; 2 not started.")]
pub(crate) struct Args {
    /// Read the options below, but for --embedding, from a TOML file of the same names with `_` for `-`; options given here win
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,

    /// Make a token and its hash, and do nothing else
    #[arg(long, exclusive = true)]
    pub(super) new_token: bool,

    /// Ask the server at this address whether it takes requests, and do nothing else: exit code 0 if it does, else 2
    #[arg(long, exclusive = true, num_args = 0..=1, default_missing_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
    pub(super) check: Option<SocketAddr>,

    #[command(flatten)]
    pub(super) choices: Flags,
}

#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Flags {
    /// The model file, made by `cratedigger train` or `tune`
    #[arg(long, value_name = "FILE")]
    pub(super) model: Option<PathBuf>,

    /// Where to listen; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(super) addr: Option<SocketAddr>,

    /// Show the study's report of this folder under /report
    #[arg(long, value_name = "DIR")]
    pub(super) report: Option<PathBuf>,

    /// Tell the tracks most alike among those of this file of features, store or folder of the dataset's CSV files
    #[arg(long, value_name = "DATA")]
    pub(super) neighbours: Option<PathBuf>,

    /// Name no genre where the largest probability is below this [default: the model's own, else 0.5]
    #[arg(long, value_name = "SHARE")]
    pub(super) threshold: Option<f64>,

    /// Ask for a bearer token whose BLAKE3 hash is this; may be repeated (see --new-token)
    #[arg(long = "token-hash", value_name = "HEX")]
    pub(super) token_hashes: Vec<String>,

    /// Listen on an address that others can reach although no token is asked for
    #[arg(long, num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub(super) allow_anonymous: Option<bool>,

    /// Largest request in bytes [default: 64 MiB]
    #[arg(long, value_name = "BYTES")]
    pub(super) max_body: Option<u64>,

    /// Most files in one request [default: 16, or what --decodes and --queue can hold]
    #[arg(long, value_name = "N")]
    pub(super) max_files: Option<usize>,

    /// Longest recording in seconds [default: 900]
    #[arg(long, value_name = "SECONDS")]
    pub(super) max_duration: Option<f64>,

    /// Files decoded at the same time [default: one for each processor]
    #[arg(long, value_name = "N")]
    pub(super) decodes: Option<usize>,

    /// Files that may wait for a decoder; more are refused with 429 [default: 128]
    #[arg(long, value_name = "N")]
    pub(super) queue: Option<usize>,

    /// Memory for uploads that are under way or waiting, in bytes [default: 512 MiB]
    #[arg(long, value_name = "BYTES")]
    pub(super) upload_memory: Option<u64>,

    /// Most open connections; further ones are answered 503 [default: 1024]
    #[arg(long, value_name = "N")]
    pub(super) max_connections: Option<usize>,

    /// Most open connections from one address; further ones are answered 503 [default: half of them all]
    #[arg(long, value_name = "N")]
    pub(super) max_per_address: Option<usize>,

    /// Bytes a second that an upload must have, measured over each --read-timeout; 0 for any [default: 4096]
    #[arg(long, value_name = "BYTES")]
    pub(super) min_rate: Option<u64>,

    /// Answer to this name too, NAME or NAME:PORT; may be repeated. Without a token only names of this machine are answered
    /// [default: none]
    #[arg(long = "host", value_name = "NAME")]
    pub(super) hosts: Vec<String>,

    /// Seconds without a byte after which a client is given up; also for request heads [default: 15]
    #[arg(long, value_name = "SECONDS")]
    pub(super) read_timeout: Option<f64>,

    /// Seconds that a whole upload may take [default: 300]
    #[arg(long, value_name = "SECONDS")]
    pub(super) upload_timeout: Option<f64>,

    /// Seconds from the last byte of an upload to its answer [default: 120]
    #[arg(long, value_name = "SECONDS")]
    pub(super) request_timeout: Option<f64>,

    /// Seconds that accepted requests have to finish when the server is stopped [default: 60]
    #[arg(long, value_name = "SECONDS")]
    pub(super) shutdown_timeout: Option<f64>,

    /// How the log is written to standard error [default: text]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(super) log: Option<LogForm>,

    #[command(flatten)]
    pub(super) embedding: EmbeddingArgs,
}

/// How the log is written.
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
pub(crate) enum LogForm {
    /// A line of words and `name=value`.
    Text,
    /// A JSON object a line.
    Json,
}
