//! How an archive is downloaded, and what is told of it.

use std::path::PathBuf;
use std::time::Duration;

use super::error::Interruption;

/// Where the dataset's authors keep the archives.
pub const OFFICIAL_BASE_URL: &str = "https://os.unil.cloud.switch.ch/fma/";

/// From where, how patiently, and what is done with the archive.
#[derive(Clone, Debug, PartialEq)]
pub struct DownloadOptions {
    /// Address of the folder that holds the archives (http or https).
    pub base_url: String,
    /// Unpack the archive into the destination.
    pub unpack: bool,
    /// Keep the archive after it was unpacked.
    pub keep_archive: bool,
    /// Failed requests in a row that brought no new byte, before the download is given up.
    pub max_tries: u32,
    /// Requests altogether, before the download is given up.
    pub max_requests: u32,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long the server may stay silent: before it answers, and between two pieces of the file.
    pub read_timeout: Duration,
    /// Bytes a second that must arrive at least, as a mean over [`rate_window`](Self::rate_window).
    pub min_rate: u64,
    /// How long a server may send less than that; such requests count as failed, whatever they brought.
    pub rate_window: Duration,
    /// Pause after the first failure; doubled after each that follows without progress.
    pub backoff: Duration,
    /// The longest pause. A `Retry-After` of the server is honoured up to [`max_retry_after`](Self::max_retry_after).
    pub max_backoff: Duration,
    /// The longest pause that a server can ask for.
    pub max_retry_after: Duration,
    /// An archive that claims to expand to more than this multiple of its own size is refused.
    pub max_unpack_ratio: u64,
    /// An archive that claims to expand to more bytes is refused; `None` for a bound that fits the archive.
    pub max_unpacked_bytes: Option<u64>,
}

impl Default for DownloadOptions {
    fn default() -> Self {
        Self {
            base_url: OFFICIAL_BASE_URL.to_owned(),
            unpack: true,
            keep_archive: false,
            max_tries: 8,
            max_requests: 1000,
            connect_timeout: Duration::from_secs(30),
            read_timeout: Duration::from_secs(60),
            min_rate: 1024,
            rate_window: Duration::from_secs(60),
            backoff: Duration::from_secs(1),
            max_backoff: Duration::from_secs(60),
            max_retry_after: Duration::from_secs(600),
            max_unpack_ratio: 200,
            max_unpacked_bytes: None,
        }
    }
}

/// How far a download is.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The SHA-1 sum of what is on disk already is computed.
    Hashing {
        /// Bytes read so far.
        done: u64,
        /// Bytes on disk.
        total: u64,
    },
    /// Bytes arrive.
    Downloading {
        /// Bytes of the file on disk so far, those of earlier calls too.
        done: u64,
        /// Size of the file, where the server told it.
        total: Option<u64>,
    },
    /// Something broke; the next request follows after a pause.
    Waiting {
        /// What broke.
        reason: &'a Interruption,
        /// The pause.
        pause: Duration,
        /// Failed requests in a row without a new byte.
        failed: u32,
        /// The byte at which the download continues.
        at: u64,
    },
    /// Files are unpacked.
    Unpacking {
        /// Files that are whole.
        files: usize,
        /// Files in the archive.
        n_files: usize,
        /// Bytes of unpacked content that are on disk.
        done: u64,
        /// Bytes of content in the archive.
        total: u64,
    },
}

/// What a download did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DownloadReport {
    /// Everything asked for was on disk: no request was sent and no file written.
    pub already_there: bool,
    /// The verified archive, where it is still there.
    pub archive: Option<PathBuf>,
    /// Files and folders that the archive holds at its top, such as `DEST/fma_metadata`; empty where nothing was to be
    /// unpacked.
    pub unpacked: Vec<PathBuf>,
    /// Bytes that arrived over the network in this call.
    pub bytes_received: u64,
    /// The byte at which this call continued an earlier one; 0 for a fresh start.
    pub resumed_at: u64,
    /// Requests sent.
    pub requests: u32,
    /// Files in the archive; 0 where nothing was to be unpacked.
    pub files: usize,
    /// Those of them that were already there with the right size and CRC-32.
    pub files_kept: usize,
    /// Bytes of all those files.
    pub unpacked_bytes: u64,
}
