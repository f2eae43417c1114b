//! Unpacking a zip archive that is not trusted.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use cratedigger_files::{Existing, WholeFile, sweep};
use zip::ZipArchive;

use super::crc32;
use super::error::Error;
use super::options::Event;

/// What an archive may claim to expand to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Multiple of the archive's own size.
    pub(super) ratio: u64,
    /// Bytes.
    pub(super) bytes: u64,
}

/// What was unpacked.
pub(super) struct Unpacked {
    /// Path below the destination with `/`, and size, in the archive's order.
    pub(super) files: Vec<(String, u64)>,
    /// How many of them were there already.
    pub(super) kept: usize,
}

/// Unpacks `archive` into `dest`. All entries are judged before the first is written.
pub(super) fn unpack(
    archive: &Path,
    dest: &Path,
    limits: Limits,
    on_event: &mut dyn FnMut(&Event<'_>),
) -> Result<Unpacked, Error> {
    let read = |source| Error::io("read", archive, source);
    let file = File::open(archive).map_err(read)?;
    let packed = file.metadata().map_err(read)?.len();
    let mut zip =
        ZipArchive::new(BufReader::with_capacity(256 << 10, file)).map_err(|source| Error::Zip {
            path: archive.to_owned(),
            source,
        })?;
    let entries = judge(&zip, archive)?;
    let total = declared(&entries);
    let limit = limits.bytes.min(packed.saturating_mul(limits.ratio));
    if total > limit {
        return Err(Error::TooLarge {
            path: archive.to_owned(),
            packed,
            declared: total,
            limit,
        });
    }
    let n_files = entries.iter().filter(|entry| !entry.is_dir).count();
    let mut unpacked = Unpacked {
        files: Vec::with_capacity(n_files),
        kept: 0,
    };
    let mut entered = BTreeSet::new();
    let mut before = 0;
    for entry in entries {
        let target = dest.join(&entry.path);
        if entry.is_dir {
            make_folder(&target)?;
            continue;
        }
        if let Some(parent) = target.parent() {
            enter_folder(parent, &mut entered)?;
        }
        if is_there(&target, &entry) {
            unpacked.kept += 1;
        } else {
            let files = unpacked.files.len();
            write_entry(&mut zip, archive, &entry, &target, &mut |done| {
                on_event(&Event::Unpacking {
                    files,
                    n_files,
                    done: before + done,
                    total,
                });
            })?;
        }
        before += entry.size;
        unpacked.files.push((entry.path, entry.size));
        on_event(&Event::Unpacking {
            files: unpacked.files.len(),
            n_files,
            done: before,
            total,
        });
    }
    Ok(unpacked)
}

/// An entry that may be written.
struct Entry {
    index: usize,
    /// Relative, with `/`, of plain names only.
    path: String,
    is_dir: bool,
    size: u64,
    crc32: u32,
}

/// All entries, if none of them is out of place.
fn judge<R: Read + io::Seek>(zip: &ZipArchive<R>, archive: &Path) -> Result<Vec<Entry>, Error> {
    let mut entries = Vec::with_capacity(zip.len());
    for index in 0..zip.len() {
        let found = zip.by_index_data(index).map_err(|source| Error::Zip {
            path: archive.to_owned(),
            source,
        })?;
        let unsafe_entry = |reason| Error::UnsafeEntry {
            path: archive.to_owned(),
            entry: String::from_utf8_lossy(found.name_raw())
                .escape_debug()
                .to_string(),
            reason,
        };
        let name = found
            .name()
            .map_err(|_| unsafe_entry("whose name is not valid text"))?;
        if found.is_symlink() {
            return Err(unsafe_entry("a symbolic link"));
        }
        const FILE_TYPE: u32 = 0o170_000;
        if !matches!(
            found.unix_mode().unwrap_or(0) & FILE_TYPE,
            0 | 0o100_000 | 0o040_000
        ) {
            return Err(unsafe_entry("neither a file nor a folder"));
        }
        if found.encrypted() {
            return Err(unsafe_entry("which is encrypted"));
        }
        let path = name.strip_suffix('/').unwrap_or(&name);
        if found.enclosed_name().is_none() || !is_plain(path) {
            return Err(unsafe_entry(
                "which is not a plain path below the archive's folder",
            ));
        }
        entries.push(Entry {
            index,
            path: path.to_owned(),
            is_dir: found.is_dir(),
            size: found.size(),
            crc32: found.crc32(),
        });
    }
    Ok(entries)
}

/// `a/b/c`: relative, nothing that any operating system reads as a root, a drive or a step upwards.
fn is_plain(path: &str) -> bool {
    !path.contains(['\\', ':', '\0'])
        && path
            .split('/')
            .all(|part| !part.is_empty() && part != "." && part != "..")
}

fn declared(entries: &[Entry]) -> u64 {
    entries
        .iter()
        .fold(0, |sum: u64, entry| sum.saturating_add(entry.size))
}

fn make_folder(path: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(path).map_err(|source| Error::io("create the folder", path, source))
}

/// Makes a folder, and removes what an unpacking that was killed left in it, once for each.
fn enter_folder(path: &Path, entered: &mut BTreeSet<PathBuf>) -> Result<(), Error> {
    if entered.insert(path.to_owned()) {
        make_folder(path)?;
        sweep(path);
    }
    Ok(())
}

fn is_there(target: &Path, entry: &Entry) -> bool {
    std::fs::symlink_metadata(target).is_ok_and(|found| found.is_file() && found.len() == entry.size)
        && crc32::of_file(target).is_ok_and(|crc| crc == entry.crc32)
}

/// Writes an entry under a temporary name, and renames it when its size and CRC-32 are right.
fn write_entry<R: Read + io::Seek>(
    zip: &mut ZipArchive<R>,
    archive: &Path,
    entry: &Entry,
    target: &Path,
    on_bytes: &mut dyn FnMut(u64),
) -> Result<(), Error> {
    let damaged = |source| Error::DamagedEntry {
        path: archive.to_owned(),
        entry: entry.path.clone(),
        source,
    };
    let write = |source| Error::io("write", target, source);
    let content = zip
        .by_index(entry.index)
        .map_err(|source| damaged(io::Error::other(source)))?;
    let mut out = WholeFile::create(target, Existing::ReplaceLink).map_err(write)?;
    copy(content, entry.size, &mut out, &write, &damaged, on_bytes)?;
    // The next run compares what it finds with the archive.
    out.finish_unsynced().map(drop).map_err(write)
}

/// Copies exactly `size` bytes. The reader checks the CRC-32 at its end.
fn copy(
    content: impl Read,
    size: u64,
    out: &mut WholeFile,
    write: &dyn Fn(io::Error) -> Error,
    damaged: &dyn Fn(io::Error) -> Error,
    on_bytes: &mut dyn FnMut(u64),
) -> Result<(), Error> {
    // One byte more than declared, so that an entry that lies is seen and goes no further.
    let mut content = content.take(size.saturating_add(1));
    let mut buffer = vec![0; 256 << 10];
    let mut done = 0;
    loop {
        let n = match content.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(source) => return Err(damaged(source)),
        };
        done += n as u64;
        if done > size {
            return Err(damaged(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("it is larger than the {size} bytes that the archive states"),
            )));
        }
        out.write_all(&buffer[..n]).map_err(write)?;
        on_bytes(done);
    }
    if done < size {
        return Err(damaged(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            format!("it ends after {done} of {size} bytes"),
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_relative_paths_are_unpacked() {
        for good in ["a", "a/b.csv", "fma_small/000/000002.mp3", "..a/b..", "ü/…"] {
            assert!(is_plain(good), "{good}");
        }
        for bad in [
            "", "/a", "..", "../a", "a/../b", "a/..", "./a", "a//b", "a/", "C:/a", "C:a", "..\\a",
            "\\\\h\\s", "a\0b",
        ] {
            assert!(!is_plain(bad), "{bad}");
        }
    }
}
