//! What can go wrong between a server and files on disk.

use std::error::Error as StdError;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why a download failed. Every message names the address or the file, and says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no archive of that name.
    #[error("there is no archive `{name}`; choose metadata, small, medium, large or full")]
    UnknownArchive {
        /// What was asked for.
        name: String,
    },
    /// A part of a [`Spec`](super::Spec) is malformed.
    #[error("`{value}` is not {expected}")]
    BadSpec {
        /// What was given.
        value: String,
        /// What it should have been.
        expected: &'static str,
    },
    /// The base address is no address.
    #[error(
        "`{url}` is not the address of a folder on a web server ({reason}); expected something like \
             https://os.unil.cloud.switch.ch/fma/"
    )]
    BadUrl {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The HTTP client cannot be set up, for example since the system has no root certificates.
    #[error(
        "cannot set up HTTPS: {}. The certificates of the operating system are used: see that they are installed \
             (on Debian and Ubuntu the package ca-certificates)",
        innermost(source)
    )]
    Client {
        /// What the client said.
        #[source]
        source: reqwest::Error,
    },
    /// The server answered, and it will not give the file.
    #[error("the server answered {status}{} for {url}; {}", reason_of(*status), status_hint(*status))]
    Status {
        /// The address.
        url: String,
        /// The HTTP status code.
        status: u16,
    },
    /// The download broke off more often than allowed.
    #[error("the download of {url} broke off at byte {at}{} after {requests} request(s): {source}. Check the connection, \
             then run the same command again: it continues at byte {at}", of_total(*total))]
    BrokeOff {
        /// The address.
        url: String,
        /// Bytes that are on disk, in `<file>.part`.
        at: u64,
        /// Size of the file, where known.
        total: Option<u64>,
        /// Requests sent.
        requests: u32,
        /// What broke last.
        #[source]
        source: Interruption,
    },
    /// What arrived is not the published file.
    #[error(
        "what {url} gave is not the published file: its SHA-1 sum is {got}, expected {expected}. It was removed; run \
             the same command again to download it afresh, and if that gives the same sum, use another --base-url"
    )]
    WrongSum {
        /// The address.
        url: String,
        /// The published sum.
        expected: String,
        /// The sum of what arrived.
        got: String,
    },
    /// A file with the archive's name was there before, and it is something else.
    #[error("{} is there already and is not the published file: its SHA-1 sum is {got}, expected {expected}. It is \
             damaged or cut off; remove it and run the same command again", path.display())]
    WrongArchive {
        /// The file.
        path: PathBuf,
        /// The published sum.
        expected: String,
        /// Its own sum.
        got: String,
    },
    /// The server tells or sends another number of bytes than the published file has.
    #[error(
        "{url} is not the published file: it has {got} bytes, and the published one {expected}. Check --base-url"
    )]
    WrongSize {
        /// The address.
        url: String,
        /// What was expected, in words.
        expected: String,
        /// What the server tells, or the first byte too many.
        got: u64,
    },
    /// Another process downloads the same file into the same folder.
    #[error("{} is being downloaded by another process; wait for it, or name another folder", path.display())]
    InUse {
        /// The partial file that the other process holds.
        path: PathBuf,
    },
    /// A file or folder cannot be read or written.
    #[error("cannot {action} {}: {source}{}", path.display(), io_hint(source))]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// The archive is not a readable zip file.
    #[error("{} is not a zip archive that can be unpacked: {source}", path.display())]
    Zip {
        /// The archive.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: zip::result::ZipError,
    },
    /// The archive holds an entry that has no place in an honest archive. Nothing was unpacked.
    #[error("{} holds the entry `{entry}`, {reason}; nothing was unpacked. Do not trust this archive", path.display())]
    UnsafeEntry {
        /// The archive.
        path: PathBuf,
        /// Name of the entry, as it stands in the archive.
        entry: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The archive claims to expand beyond all proportion. Nothing was unpacked.
    #[error("{} has {packed} bytes and claims to expand to {declared}, more than the limit of {limit}; nothing was \
             unpacked. Do not trust this archive", path.display())]
    TooLarge {
        /// The archive.
        path: PathBuf,
        /// Its size.
        packed: u64,
        /// What its entries claim to hold.
        declared: u64,
        /// What is allowed.
        limit: u64,
    },
    /// The content of an entry is not what the archive says of it (size, CRC-32), or cannot be decompressed.
    #[error("the entry `{entry}` of {} is damaged: {source}. It was not unpacked; remove the archive and run the same \
             command again", path.display())]
    DamagedEntry {
        /// The archive.
        path: PathBuf,
        /// Name of the entry.
        entry: String,
        /// What is wrong with it.
        #[source]
        source: io::Error,
    },
}

impl Error {
    pub(super) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }
}

/// Why one request did not bring the rest of the file; another may.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Interruption {
    /// No connection, or no answer.
    #[error("{}", innermost(source))]
    Request {
        /// What the client said.
        #[source]
        source: reqwest::Error,
    },
    /// The connection broke, or was silent for too long, amid the file.
    #[error("{}", innermost(source))]
    Body {
        /// What the client said.
        #[source]
        source: io::Error,
    },
    /// The body ended before the file did.
    #[error("the server ended its answer too early")]
    Short,
    /// Bytes come, but so few that the file would never be whole.
    #[error("the server sends less than {min_rate} bytes a second")]
    Slow {
        /// What is asked of it.
        min_rate: u64,
    },
    /// The server is busy or broken for the moment.
    #[error("the server answered {status}{}", reason_of(*status))]
    Unavailable {
        /// The HTTP status code.
        status: u16,
        /// The pause that the server asked for.
        retry_after: Option<Duration>,
    },
    /// The file on the server is not the one of which a part is on disk; that part was dropped.
    #[error("the file on the server has changed or its ranges do not fit, so it is begun anew")]
    Changed,
}

/// The last cause: HTTP clients wrap "connection refused" in several layers that say nothing.
fn innermost(error: &(dyn StdError + 'static)) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

fn of_total(total: Option<u64>) -> String {
    total.map_or_else(String::new, |total| format!(" of {total}"))
}

fn reason_of(status: u16) -> String {
    reqwest::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .map_or_else(String::new, |reason| format!(" {reason}"))
}

fn status_hint(status: u16) -> &'static str {
    match status {
        404 | 410 => "the file is not there: check --base-url",
        401 | 403 => "access is refused: check --base-url, or a proxy in between",
        _ => "check --base-url, or try again later",
    }
}

fn io_hint(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            ". Make room, or name another folder with --out, then run the same command again: what is there is kept"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            ". Name a folder that you may write to with --out"
        }
        io::ErrorKind::FileTooLarge => {
            ". The file system cannot hold files of this size: name another folder"
        }
        _ => "",
    }
}
