//! The file that a file's old state is kept in: `song.mp3.cdtag`.
//!
//! A line that says what it is, a line of JSON with the sizes and hashes of both states, and the [`delta`] between them. It
//! holds no audio: what the old file and the new one have in common is taken from the new one.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::error::{Context, Result, refuse};
use cratedigger_files::{folder_of, sync_folder};
use serde::{Deserialize, Serialize};

use super::delta;
use super::file::{MAX_BYTES, Original};

/// What is added to the name of a file.
pub(super) const EXTENSION: &str = "cdtag";

/// What is added to the name of a backup until the file is replaced.
const NEXT: &str = ".new";

/// Digits of a hash in a name.
const N_HASH: usize = 12;

/// The longest name of a file that file systems take, in bytes.
const MAX_NAME: usize = 255;

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
    /// Where the file was when its tag was written; backups of earlier versions do not say.
    path: Option<PathBuf>,
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
    /// Where the file was, for people and for a folder that was moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// Hash of the difference.
    difference: State,
}

/// Where the backup of a file is: beside it, or in a folder under its name and a part of its path's hash.
pub(super) fn place(path: &Path, folder: Option<&Path>) -> PathBuf {
    let name = path.file_name().unwrap_or_default();
    match folder {
        None => path.with_file_name(with_ending(name, &format!(".{EXTENSION}"))),
        Some(folder) => {
            let hash = short_hash(path.as_os_str());
            folder.join(with_ending(name, &format!(".{hash}.{EXTENSION}")))
        }
    }
}

/// A name with an ending.
fn with_ending(name: &OsStr, ending: &str) -> OsString {
    let mut out = shortened(name, ending.len());
    out.push(ending);
    out
}

/// A name that takes an ending of so many bytes. Of one that would be too long its beginning, and its hash, so that no two are the
/// same.
fn shortened(name: &OsStr, n_ending: usize) -> OsString {
    if name.len() + n_ending + NEXT.len() <= MAX_NAME {
        return name.to_owned();
    }
    let hash = short_hash(name);
    let name = name.to_string_lossy();
    let room = MAX_NAME - n_ending - NEXT.len() - 1 - hash.len();
    format!("{}~{hash}", &name[..name.floor_char_boundary(room)]).into()
}

fn short_hash(text: &OsStr) -> String {
    blake3::hash(text.as_encoded_bytes()).to_hex()[..N_HASH].to_owned()
}

/// Where the backup is until the file is replaced.
pub(super) fn next(place: &Path) -> PathBuf {
    let mut name = place.as_os_str().to_owned();
    name.push(NEXT);
    name.into()
}

/// Where the backup of a file is that was moved since, by whatever folder above it: one of the same name in the folder of backups
/// that fits its bytes, and is not of a file that is where it was. Of several that whose path ends most alike.
///
/// # Errors
/// Several fit equally well, and are of different files.
pub(super) fn moved(original: &Original, folder: &Path) -> Result<Option<PathBuf>> {
    let name = original.path.file_name().unwrap_or_default();
    let ending = format!(".{EXTENSION}");
    let beginning = shortened(name, 1 + N_HASH + ending.len());
    let beginning = format!("{}.", beginning.to_string_lossy());
    let mut fits = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let name = name.strip_suffix(NEXT).unwrap_or(&name);
        let hash = name
            .strip_prefix(&beginning)
            .and_then(|rest| rest.strip_suffix(&ending));
        if !hash.is_some_and(|hash| hash.len() == N_HASH && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
        {
            continue;
        }
        let Ok(backup) = Backup::load(&entry.path()) else {
            continue;
        };
        if backup.after.is_of(&original.bytes) && !backup.is_of_another(&original.path) {
            let place = folder.join(name);
            fits.push((backup.n_alike(&original.path), place, backup.before));
        }
    }
    fits.sort_by(|a, b| (b.0, &a.1).cmp(&(a.0, &b.1)));
    match fits.as_slice() {
        [first, second, ..] if first.0 == second.0 && first.2 != second.2 => refuse!(
            Tag,
            "it was moved since its tag was written, and both {} and {} could be its backup; move the wrong one away",
            first.1.display(),
            second.1.display()
        ),
        _ => Ok(fits.into_iter().next().map(|(_, place, _)| place)),
    }
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
            path: None,
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

    /// Writes the backup of a file, in a folder that is made if it is not there, with the file's owner and permissions: it holds
    /// what the file held. It is on the disk when this returns.
    pub(super) fn save(&self, path: &Path, of: &Original) -> Result<()> {
        let folder = folder_of(path);
        if !folder.is_dir() {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the folder {}", folder.display()))?;
            sync_folder(folder_of(folder));
        }
        of.write_beside(path, &self.to_bytes(&of.path)?)
    }

    fn to_bytes(&self, path: &Path) -> Result<Vec<u8>> {
        let head = Head {
            genre: self.genre.clone(),
            before: self.before.clone(),
            after: self.after.clone(),
            modified: self.modified.and_then(|time| {
                let since = time.duration_since(UNIX_EPOCH).ok()?;
                Some((since.as_secs(), since.subsec_nanos()))
            }),
            path: Some(path.to_string_lossy().into_owned()),
            difference: State::of(&self.difference),
        };
        let mut bytes = MAGIC.to_vec();
        bytes.extend(serde_json::to_vec(&head)?);
        bytes.push(b'\n');
        bytes.extend_from_slice(&self.difference);
        Ok(bytes)
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
            path: head.path.map(PathBuf::from),
            difference,
        })
    }

    /// Whether it is of a file that is still where it was, and is not this one.
    fn is_of_another(&self, path: &Path) -> bool {
        self.path
            .as_ref()
            .is_some_and(|told| told != path && told.exists())
    }

    /// How many names at the end of both paths are the same.
    fn n_alike(&self, path: &Path) -> usize {
        let told = self.path.iter().flat_map(|told| told.components().rev());
        told.zip(path.components().rev())
            .take_while(|(a, b)| a == b)
            .count()
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
        let song = dir.path().join("a.mp3");
        std::fs::write(&song, new).unwrap();
        let path = dir.path().join("a.mp3.cdtag");
        backup.save(&path, &Original::read(&song).unwrap()).unwrap();
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
        // Names as long as they may be, also of characters of two bytes.
        for name in ["x".repeat(255), format!("x{}", "é".repeat(127))] {
            let other = format!("{}y", &name[..name.len() - 2]);
            for folder in [None, Some(dir.path())] {
                let of = |name: &str| next(&place(&Path::new("/a").join(name), folder));
                let length = of(&name).file_name().unwrap().len();
                assert!((240..=MAX_NAME).contains(&length), "{length}");
                assert_ne!(of(&name), of(&other));
            }
        }
    }
}
