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
mod options;
mod part;
mod spec;
mod transfer;
mod unpack;

use std::path::Path;

pub use error::{Error, Interruption};
pub use options::{DownloadOptions, DownloadReport, Event, OFFICIAL_BASE_URL};
pub use spec::{Archive, Spec};

use marker::Marker;

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
    let url = http::url(&options.base_url, spec.file_name())?;
    std::fs::create_dir_all(dest).map_err(|source| Error::io("create the folder", dest, source))?;
    let archive = dest.join(spec.file_name());
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
