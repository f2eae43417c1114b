//! The official archives of the dataset, from its address or a mirror: resumed, checked against the published SHA-1
//! sums, unpacked.
//!
//! [`download`] fetches into `<file>.part`, with a sidecar `<file>.part.json` that keeps what the server said about the
//! file (ETag, date, size), and continues there with HTTP range requests after a break, in this call or in a later one.
//! The archive gets its name only when its SHA-1 sum is right. Then it is unpacked: every entry is judged before
//! anything is written, each file is written under a temporary name and renamed when its size and CRC-32 are right, and
//! files that are already there are kept. A list of what was unpacked, `<file>.unpacked.json`, lets a later call see
//! that nothing is left to do.
//!
//! Sums, sizes and the address are those of the dataset's README (<https://github.com/mdeff/fma>).

mod crc32;
mod error;
mod http;
mod marker;
mod part;
mod transfer;
mod unpack;

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

pub use error::{Error, Interruption};

use marker::Marker;

/// Where the dataset's authors keep the archives.
pub const OFFICIAL_BASE_URL: &str = "https://os.unil.cloud.switch.ch/fma/";

const GIB: u64 = 1 << 30;

/// An archive of the dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Archive {
    /// `fma_metadata.zip`: all tables, for 106,574 tracks (342 MiB).
    Metadata,
    /// `fma_small.zip`: 8,000 clips of 30 s, 8 balanced genres (7.2 GiB).
    Small,
    /// `fma_medium.zip`: 25,000 clips of 30 s, 16 unbalanced genres (22 GiB).
    Medium,
    /// `fma_large.zip`: 106,574 clips of 30 s, 161 unbalanced genres (93 GiB).
    Large,
    /// `fma_full.zip`: 106,574 untrimmed tracks, 161 unbalanced genres (879 GiB).
    Full,
}

impl Archive {
    /// All of them, smallest first.
    pub const ALL: [Self; 5] = [Self::Metadata, Self::Small, Self::Medium, Self::Large, Self::Full];

    /// `metadata`, `small`, `medium`, `large` or `full`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Metadata => "metadata",
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
            Self::Full => "full",
        }
    }

    /// The file's name on the server, such as `fma_metadata.zip`.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Metadata => "fma_metadata.zip",
            Self::Small => "fma_small.zip",
            Self::Medium => "fma_medium.zip",
            Self::Large => "fma_large.zip",
            Self::Full => "fma_full.zip",
        }
    }

    /// The published SHA-1 sum, 40 hexadecimal digits.
    pub fn sha1(self) -> &'static str {
        match self {
            Self::Metadata => "f0df49ffe5f2a6008d7dc83c6915b31835dfe733",
            Self::Small => "ade154f733639d52e35e32f5593efe5be76c6d70",
            Self::Medium => "c67b69ea232021025fca9231fc1c7c1a063ab50b",
            Self::Large => "497109f4dd721066b5ce5e5f250ec604dc78939e",
            Self::Full => "0f0ace23fbe9ba30ecb7e95f763e435ea802b8ab",
        }
    }

    /// The published size, rounded, as people write it.
    pub fn size(self) -> &'static str {
        match self {
            Self::Metadata => "342 MiB",
            Self::Small => "7.2 GiB",
            Self::Medium => "22 GiB",
            Self::Large => "93 GiB",
            Self::Full => "879 GiB",
        }
    }

    /// Bytes that its content cannot reasonably exceed: twice the archive for MP3, which hardly shrinks, and more for text.
    fn max_unpacked_bytes(self) -> u64 {
        match self {
            Self::Metadata => 16 * GIB,
            Self::Small => 16 * GIB,
            Self::Medium => 48 * GIB,
            Self::Large => 192 * GIB,
            Self::Full => 2048 * GIB,
        }
    }
}

impl fmt::Display for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Archive {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|archive| archive.name() == name)
            .ok_or_else(|| Error::UnknownArchive {
                name: name.to_owned(),
            })
    }
}

/// A file to download and what it must be: one of the dataset's archives, or another zip of the same kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    file_name: String,
    sha1: String,
    max_unpacked_bytes: u64,
}

impl Spec {
    /// Another archive, such as an excerpt that a mirror offers: its file name under the base address, and its SHA-1 sum.
    ///
    /// # Errors
    /// [`Error::BadSpec`] where the name is not a plain file name or the sum is not 40 hexadecimal digits.
    pub fn new(file_name: &str, sha1: &str) -> Result<Self, Error> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if file_name.is_empty() || file_name.starts_with('.') || !file_name.chars().all(plain) {
            return Err(Error::BadSpec {
                value: file_name.to_owned(),
                expected: "a file name of letters, digits, '.', '_' and '-'",
            });
        }
        if sha1.len() != 40 || !sha1.chars().all(|c| c.is_ascii_hexdigit()) {
            return Err(Error::BadSpec {
                value: sha1.to_owned(),
                expected: "a SHA-1 sum of 40 hexadecimal digits",
            });
        }
        Ok(Self {
            file_name: file_name.to_owned(),
            sha1: sha1.to_ascii_lowercase(),
            max_unpacked_bytes: 2048 * GIB,
        })
    }

    /// The file's name under the base address and in the destination.
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// The expected SHA-1 sum, 40 lower-case hexadecimal digits.
    pub fn sha1(&self) -> &str {
        &self.sha1
    }
}

impl From<Archive> for Spec {
    fn from(archive: Archive) -> Self {
        Self {
            file_name: archive.file_name().to_owned(),
            sha1: archive.sha1().to_owned(),
            max_unpacked_bytes: archive.max_unpacked_bytes(),
        }
    }
}

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

/// Downloads an archive into the folder `dest` (made where absent), checks it, and unpacks it there.
///
/// Calling it again after any failure continues where it stopped. Do not call it inside an asynchronous runtime: the HTTP
/// client is a blocking one, and panics there.
///
/// # Errors
/// See [`Error`]; each message names the address or the file, and what to do.
pub fn download(
    what: impl Into<Spec>,
    dest: &Path,
    options: &DownloadOptions,
    on_event: &mut dyn FnMut(&Event<'_>),
) -> Result<DownloadReport, Error> {
    let spec = what.into();
    let url = http::url(&options.base_url, &spec.file_name)?;
    std::fs::create_dir_all(dest).map_err(|source| Error::io("create the folder", dest, source))?;
    let archive = dest.join(&spec.file_name);
    let marker = Marker::path(dest, &spec);
    if options.unpack
        && let Some(found) = Marker::read(&marker, &spec).filter(|m| m.is_complete(dest))
    {
        return Ok(DownloadReport {
            already_there: true,
            archive: archive.is_file().then_some(archive),
            unpacked: found.roots(dest),
            bytes_received: 0,
            resumed_at: 0,
            requests: 0,
            files: found.n_files(),
            files_kept: found.n_files(),
            unpacked_bytes: found.n_bytes(),
        });
    }
    let mut report = DownloadReport {
        already_there: false,
        archive: Some(archive.clone()),
        unpacked: Vec::new(),
        bytes_received: 0,
        resumed_at: 0,
        requests: 0,
        files: 0,
        files_kept: 0,
        unpacked_bytes: 0,
    };
    if archive.exists() {
        part::check_archive(&archive, &spec, on_event)?;
        report.already_there = !options.unpack;
    } else {
        let sent = transfer::fetch(&spec, &url, &archive, options, on_event)?;
        report.bytes_received = sent.bytes_received;
        report.resumed_at = sent.resumed_at;
        report.requests = sent.requests;
    }
    if !options.unpack {
        return Ok(report);
    }
    let limits = unpack::Limits {
        ratio: options.max_unpack_ratio,
        bytes: options.max_unpacked_bytes.unwrap_or(spec.max_unpacked_bytes),
    };
    let done = unpack::unpack(&archive, dest, limits, on_event)?;
    let list = Marker::new(&spec, done.files);
    list.write(&marker)?;
    report.unpacked = list.roots(dest);
    report.files = list.n_files();
    report.unpacked_bytes = list.n_bytes();
    report.files_kept = done.kept;
    if !options.keep_archive {
        std::fs::remove_file(&archive)
            .map_err(|source| Error::io("remove the unpacked", &archive, source))?;
        report.archive = None;
    }
    Ok(report)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
