//! The part of a file that is on disk: its bytes, their running SHA-1 sum, and what the server said about the file.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use cratedigger_files::{folder_of, open_kept, sync_folder, write_whole};
use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

use super::error::Error;
use super::options::Event;
use super::spec::Spec;

/// What a server said about a file: a later answer that differs is of another file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Version {
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
    pub(super) total: Option<u64>,
}

impl Version {
    /// What `If-Range` may carry: a strong ETag, else the date (RFC 9110, section 13.1.5).
    pub(super) fn validator(&self) -> Option<&str> {
        self.strong_etag().or(self.last_modified.as_deref())
    }

    /// Whether both can be of one file.
    pub(super) fn agrees_with(&self, other: &Self) -> bool {
        let agree = |a: Option<&str>, b: Option<&str>| a.is_none() || b.is_none() || a == b;
        agree(self.strong_etag(), other.strong_etag())
            && (self.total.is_none() || other.total.is_none() || self.total == other.total)
    }

    fn strong_etag(&self) -> Option<&str> {
        self.etag.as_deref().filter(|etag| !etag.starts_with("W/"))
    }
}

/// The sidecar: the file that is wanted, and its version.
#[derive(Serialize, Deserialize)]
struct Sidecar {
    sha1: String,
    version: Version,
}

/// `<file>.part`, locked against other processes.
pub(super) struct Part {
    path: PathBuf,
    sidecar: PathBuf,
    file: File,
    hasher: Sha1,
    len: u64,
    sha1: String,
    version: Version,
}

impl Part {
    /// Opens or begins the part of `archive`, and computes the sum of what is there.
    pub(super) fn open(
        archive: &Path,
        spec: &Spec,
        on_event: &mut dyn FnMut(&Event<'_>),
    ) -> Result<Self, Error> {
        let path = suffixed(archive, ".part");
        let file = open_kept(&path).map_err(|source| Error::io("write", &path, source))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::InUse { path }),
            // Some network file systems know no locks; the sum is checked in any case.
            Err(TryLockError::Error(_)) => {}
        }
        let sidecar = suffixed(archive, ".part.json");
        let known = std::fs::read(&sidecar)
            .ok()
            .and_then(|json| serde_json::from_slice::<Sidecar>(&json).ok());
        let other_file = known.as_ref().is_some_and(|known| known.sha1 != spec.sha1);
        let mut part = Self {
            hasher: Sha1::new(),
            len: 0,
            sha1: spec.sha1.clone(),
            version: known.map(|known| known.version).unwrap_or_default(),
            path,
            sidecar,
            file,
        };
        let too_long = |len: u64| part.version.total.is_some_and(|total| len > total);
        let on_disk = part
            .file
            .metadata()
            .map_err(|source| Error::io("read", &part.path, source))?
            .len();
        if other_file || too_long(on_disk) {
            part.restart(Version::default())?;
        } else {
            (part.hasher, part.len) = hash(&mut part.file, &part.path, on_disk, on_event)?;
        }
        Ok(part)
    }

    /// Bytes on disk.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    pub(super) fn version(&self) -> &Version {
        &self.version
    }

    /// Whether all bytes are there, as far as the server told how many there are.
    pub(super) fn is_whole(&self) -> bool {
        self.version.total == Some(self.len)
    }

    /// Drops what is there and begins anew, with that version of the file.
    pub(super) fn restart(&mut self, version: Version) -> Result<(), Error> {
        self.file
            .set_len(0)
            .and_then(|()| self.file.seek(SeekFrom::Start(0)))
            .map_err(|source| Error::io("write", &self.path, source))?;
        self.hasher = Sha1::new();
        self.len = 0;
        self.remember(version)
    }

    /// Keeps what the server said about the file for later calls.
    pub(super) fn remember(&mut self, version: Version) -> Result<(), Error> {
        self.version = version;
        let sidecar = Sidecar {
            sha1: self.sha1.clone(),
            version: self.version.clone(),
        };
        write_json(&self.sidecar, &sidecar)
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.file
            .write_all(bytes)
            .map_err(|source| Error::io("write", &self.path, source))?;
        self.hasher.update(bytes);
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// Ends a download that failed: what is there stays for the next one, nothing leaves no trace.
    pub(super) fn leave(self) {
        if self.len == 0 {
            drop(self.file);
            // The failure is the error to tell.
            let _ = remove(&self.sidecar).and_then(|()| remove(&self.path));
        }
    }

    /// Gives the file its name if its sum is right, removes it if not.
    pub(super) fn finish(self, archive: &Path, url: &str) -> Result<(), Error> {
        let got = hex(&self.hasher.finalize());
        if got != self.sha1 {
            drop(self.file);
            remove(&self.sidecar)?;
            remove(&self.path)?;
            return Err(Error::WrongSum {
                url: url.to_owned(),
                expected: self.sha1,
                got,
            });
        }
        self.file
            .sync_all()
            .map_err(|source| Error::io("write", &self.path, source))?;
        drop(self.file);
        std::fs::rename(&self.path, archive).map_err(|source| Error::io("rename", &self.path, source))?;
        sync_folder(folder_of(archive));
        remove(&self.sidecar)
    }
}

/// Checks a file that has the archive's name already.
pub(super) fn check_archive(
    archive: &Path,
    spec: &Spec,
    on_event: &mut dyn FnMut(&Event<'_>),
) -> Result<(), Error> {
    let mut file = File::open(archive).map_err(|source| Error::io("read", archive, source))?;
    let len = file
        .metadata()
        .map_err(|source| Error::io("read", archive, source))?
        .len();
    let (hasher, _) = hash(&mut file, archive, len, on_event)?;
    let got = hex(&hasher.finalize());
    if got != spec.sha1 {
        return Err(Error::WrongArchive {
            path: archive.to_owned(),
            expected: spec.sha1.clone(),
            got,
        });
    }
    Ok(())
}

/// Writes the file whole or not at all.
pub(super) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), Error> {
    let mut json =
        serde_json::to_vec(value).map_err(|source| Error::io("write", path, std::io::Error::from(source)))?;
    json.push(b'\n');
    write_whole(path, &json).map_err(|source| Error::io("write", path, source))
}

pub(super) fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The sum of a file and its length; the file stands at its end afterwards.
fn hash(
    file: &mut File,
    path: &Path,
    total: u64,
    on_event: &mut dyn FnMut(&Event<'_>),
) -> Result<(Sha1, u64), Error> {
    let mut hasher = Sha1::new();
    let mut buffer = vec![0; 1 << 20];
    let mut done = 0;
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok((hasher, done)),
            Ok(n) => {
                hasher.update(&buffer[..n]);
                done += n as u64;
                on_event(&Event::Hashing { done, total });
            }
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(source) => return Err(Error::io("read", path, source)),
        }
    }
}

fn remove(path: &Path) -> Result<(), Error> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Error::io("remove", path, e)),
        _ => Ok(()),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_strong_validators_count() {
        let version = |etag: &str, date: Option<&str>| Version {
            etag: Some(etag.to_owned()),
            last_modified: date.map(str::to_owned),
            total: None,
        };
        assert_eq!(version("\"a\"", Some("d")).validator(), Some("\"a\""));
        assert_eq!(version("W/\"a\"", Some("d")).validator(), Some("d"));
        assert_eq!(version("W/\"a\"", None).validator(), None);
        assert!(version("\"a\"", None).agrees_with(&version("\"a\"", None)));
        assert!(!version("\"a\"", None).agrees_with(&version("\"b\"", None)));
        assert!(version("\"a\"", None).agrees_with(&Version::default()));
    }
}
