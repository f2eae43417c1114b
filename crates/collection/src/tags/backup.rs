//! The file that a file's old state is kept in: `song.mp3.cdtag`.
//!
//! A line that says what it is, a line of JSON with the sizes and hashes of both states, and the [`delta`] between them. It
//! holds no audio: what the old file and the new one have in common is taken from the new one.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::error::{Context, Result, refuse};
use serde::{Deserialize, Serialize};

use super::delta;
use super::file::MAX_BYTES;
use crate::write::write_whole;

/// What is added to the name of a file.
pub(super) const EXTENSION: &str = "cdtag";

const MAGIC: &[u8] = b"cratedigger tag backup 1\n";

/// The old state of a file, and which one it fits.
#[derive(Debug)]
pub(super) struct Backup {
    pub(super) before: State,
    pub(super) after: State,
    /// The genre that was written.
    pub(super) genre: String,
    /// When the old file was changed.
    pub(super) modified: Option<SystemTime>,
    difference: Vec<u8>,
}

/// Which bytes are meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    n_bytes: u64,
    blake3: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    genre: String,
    before: State,
    after: State,
    /// Seconds since 1970 and nanoseconds.
    modified: Option<(u64, u32)>,
    /// Hash of the difference.
    difference: State,
}

/// Where the backup of a file is: beside it, or in a folder under its name and a part of its path's hash.
pub(super) fn place(path: &Path, folder: Option<&Path>) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    let Some(folder) = folder else {
        name.push(format!(".{EXTENSION}"));
        return path.with_file_name(name);
    };
    let hash = blake3::hash(path.as_os_str().as_encoded_bytes()).to_hex();
    name.push(format!(".{}.{EXTENSION}", &hash[..12]));
    folder.join(name)
}

/// Where the backup is until the file is replaced.
pub(super) fn next(place: &Path) -> PathBuf {
    let mut name = place.as_os_str().to_owned();
    name.push(".new");
    name.into()
}

/// The backups that are there: that of the last whole run, and one that a run left that was killed on the way.
pub(super) fn all(place: &Path) -> Result<Vec<(PathBuf, Backup)>> {
    [place.to_owned(), next(place)]
        .into_iter()
        .filter(|path| path.exists())
        .map(|path| Backup::load(&path).map(|backup| (path, backup)))
        .collect()
}

/// Removes the backups that are there.
pub(super) fn remove(place: &Path) -> Result<()> {
    for path in [place.to_owned(), next(place)] {
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot remove {}", path.display()));
            }
            _ => {}
        }
    }
    Ok(())
}

impl State {
    fn of(bytes: &[u8]) -> Self {
        Self {
            n_bytes: bytes.len() as u64,
            blake3: blake3::hash(bytes).to_hex().to_string(),
        }
    }

    /// Whether these are the bytes that are meant.
    pub(super) fn is_of(&self, bytes: &[u8]) -> bool {
        self.n_bytes == bytes.len() as u64 && *self == Self::of(bytes)
    }
}

impl Backup {
    /// Keeps `old` as its difference to `new`, and makes sure that it comes back.
    pub(super) fn new(old: &[u8], new: &[u8], genre: &str, modified: Option<SystemTime>) -> Result<Self> {
        let backup = Self {
            before: State::of(old),
            after: State::of(new),
            genre: genre.to_owned(),
            modified,
            difference: delta::difference(old, new),
        };
        backup.apply(new)?;
        Ok(backup)
    }

    /// The old bytes, from those that were written.
    pub(super) fn apply(&self, new: &[u8]) -> Result<Vec<u8>> {
        if !self.after.is_of(new) {
            refuse!(Tag, "the backup is of another file");
        }
        let old = delta::apply(new, &self.difference, self.before.n_bytes)?;
        if !self.before.is_of(&old) {
            refuse!(Tag, "the backup does not give back the file that it was made of");
        }
        Ok(old)
    }

    /// Writes the backup through a temporary file, in a folder that is made if it is not there.
    pub(super) fn save(&self, path: &Path) -> Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        }
        let head = Head {
            genre: self.genre.clone(),
            before: self.before.clone(),
            after: self.after.clone(),
            modified: self.modified.and_then(|time| {
                let since = time.duration_since(UNIX_EPOCH).ok()?;
                Some((since.as_secs(), since.subsec_nanos()))
            }),
            difference: State::of(&self.difference),
        };
        let mut bytes = MAGIC.to_vec();
        bytes.extend(serde_json::to_vec(&head)?);
        bytes.push(b'\n');
        bytes.extend_from_slice(&self.difference);
        write_whole(path, &bytes)
    }

    /// Reads a backup.
    pub(super) fn load(path: &Path) -> Result<Self> {
        let read = || -> Result<Self> {
            // A difference is at most the old file with a few bytes for each piece.
            if std::fs::metadata(path)?.len() > 2 * MAX_BYTES {
                refuse!(Tag, "it is larger than any backup");
            }
            Self::parse(&std::fs::read(path)?)
        };
        read().with_context(|| format!("cannot read the backup {}", path.display()))
    }

    fn parse(bytes: &[u8]) -> Result<Self> {
        let Some(rest) = bytes.strip_prefix(MAGIC) else {
            refuse!(Tag, "it is not a backup of a tag");
        };
        let Some(end) = rest.iter().position(|&byte| byte == b'\n') else {
            refuse!(Tag, "it is cut short");
        };
        let head: Head = serde_json::from_slice(&rest[..end])?;
        let difference = rest[end + 1..].to_vec();
        if !head.difference.is_of(&difference) {
            refuse!(Tag, "it is damaged");
        }
        Ok(Self {
            before: head.before,
            after: head.after,
            genre: head.genre,
            modified: head.modified.and_then(|(seconds, nanos)| {
                UNIX_EPOCH.checked_add(Duration::new(seconds, nanos.min(999_999_999)))
            }),
            difference,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_backup_is_read_as_it_was_written_and_damage_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let (old, new) = (
            b"old tag, then audio audio audio",
            b"new and longer tag, then audio audio audio",
        );
        let time = UNIX_EPOCH + Duration::new(1_000_000_007, 42);
        let backup = Backup::new(old, new, "Rock", Some(time)).unwrap();
        let path = dir.path().join("a.mp3.cdtag");
        backup.save(&path).unwrap();
        let read = Backup::load(&path).unwrap();
        assert_eq!((read.genre.as_str(), read.modified), ("Rock", Some(time)));
        assert!(read.before.is_of(old) && read.after.is_of(new) && !read.after.is_of(old));
        assert_eq!(read.apply(new).unwrap(), old);
        assert!(read.apply(b"another file, then audio audio audio").is_err());
        let good = std::fs::read(&path).unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            // Genre and time may differ then, the file never.
            if let Ok(bytes) = Backup::parse(&bad).and_then(|backup| backup.apply(new)) {
                assert_eq!(bytes, old, "byte {at}");
            }
            assert!(Backup::parse(&good[..at]).is_err(), "{at} bytes");
        }
        let mut bad = good.clone();
        *bad.last_mut().unwrap() ^= 1;
        assert!(Backup::parse(&bad).is_err());
    }

    #[test]
    fn backups_in_a_folder_do_not_meet() {
        let dir = tempfile::tempdir().unwrap();
        let at = |path: &str| place(Path::new(path), Some(dir.path()));
        assert_ne!(at("/a/song.mp3"), at("/b/song.mp3"));
        assert_eq!(
            place(Path::new("/a/song.mp3"), None),
            Path::new("/a/song.mp3.cdtag")
        );
    }
}
