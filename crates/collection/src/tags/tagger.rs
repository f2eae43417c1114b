//! A genre into a file, and the file given back.

use std::path::{Path, PathBuf};

use cratedigger_files::{folder_of, sweep, sync_folder};

use crate::error::{Context, Result, refuse};

use super::backup::{self, Backup};
use super::file::Original;
use super::{anatomy, kind, sound};

/// How genres are written.
#[derive(Clone, Copy, Debug)]
pub struct Tagger<'a> {
    /// Replace a genre that is there already.
    pub overwrite: bool,
    /// Do everything but write.
    pub dry_run: bool,
    /// The folder of the backups; beside each file where there is none.
    pub backups: Option<&'a Path>,
    /// Write into files that have other names (hard links), which then keep the old tag; they are refused otherwise.
    pub break_hard_links: bool,
}

/// What came of a file's tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tagged {
    /// The genre is in the file, where `before` was.
    Written {
        /// The genres that the file had.
        before: Vec<String>,
        /// What could not be kept, in sentences: extended attributes, other names of the file.
        told: Vec<String>,
    },
    /// It would be, were this no rehearsal.
    WouldBeWritten {
        /// The genres that the file has.
        before: Vec<String>,
        /// What would not be kept.
        told: Vec<String>,
    },
    /// The file has this genre, maybe among others, all of which stay.
    Same {
        /// The genres that the file has.
        genres: Vec<String>,
    },
    /// The file has other genres, which stay.
    Kept {
        /// The genres that the file has.
        genres: Vec<String>,
    },
}

/// What came of giving a file back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Restored {
    /// The file is, byte for byte, what it was before its first tag of cratedigger's.
    Done {
        /// What could not be kept, in sentences.
        told: Vec<String>,
    },
    /// It would be, were this no rehearsal.
    WouldBeDone,
    /// There is no backup of it.
    NoBackup,
}

/// The genres that a file's tags tell: those of the first tag that tells any, the one that is usual for the format first.
///
/// # Errors
/// The file cannot be read, or is of a kind without tags.
pub fn genres(path: &Path) -> Result<Vec<String>> {
    kind::genres(&Original::read(path)?.bytes)
}

impl Tagger<'_> {
    /// Writes a genre into a file's tag, unless a person's genre is there.
    ///
    /// The genre of an earlier run may be replaced: the backup tells it from a person's.
    ///
    /// # Errors
    /// The file cannot be read, has no tags that can be written, is read-only, has other names or a backup of another state, or would
    /// sound different or lose another tag. The file is then as it was.
    pub fn write(&self, path: &Path, genre: &str) -> Result<Tagged> {
        let original = Original::read(path)?;
        let place = self.place(&original);
        let found = self.found(&place, &original)?;
        let earlier = self.earlier(&found, &original)?;
        let before = kind::genres(&original.bytes)?;
        let is_ours = |earlier: &Backup| before.len() == 1 && anatomy::tells(&before, &earlier.genre);
        let is_ours = earlier.as_ref().is_some_and(is_ours);
        if anatomy::tells(&before, genre) && (!self.overwrite || kind::tells(&original.bytes, genre)?) {
            return Ok(Tagged::Same { genres: before });
        }
        if !before.is_empty() && !self.overwrite && !is_ours {
            return Ok(Tagged::Kept { genres: before });
        }
        let changed = kind::with_genre(&original.bytes, genre)?;
        sound::check_same(&original.bytes, &changed)?;
        original.check_writable()?;
        let mut told: Vec<String> = other_names(&original).into_iter().collect();
        if let (Some(names), false) = (told.first(), self.break_hard_links) {
            refuse!(
                Tag,
                "{names}, so it is not written to unless --break-hard-links is said"
            );
        }
        if self.dry_run {
            return Ok(Tagged::WouldBeWritten { before, told });
        }
        // A second genre of ours: what is kept is the file before the first.
        let backup = match earlier {
            Some(earlier) => {
                let first = earlier.apply(&original.bytes)?;
                Backup::new(&first, &changed, genre, earlier.modified)?
            }
            None => Backup::new(&original.bytes, &changed, genre, original.modified())?,
        };
        // The old backup fits the file until the rename, the new one from then on; whenever this ends, one of them is there.
        let next = backup::next(&place);
        backup.save(&next, &original)?;
        let replaced = match original.replace(&changed, None) {
            Ok(replaced) => replaced,
            Err(error) => {
                // Ours, since no other run writes into this file meanwhile.
                let _ = std::fs::remove_file(&next);
                return Err(error);
            }
        };
        told.extend(in_words(&replaced.lost));
        rename(&next, &place)?;
        if found != place {
            backup::remove(&found)?;
        }
        drop(replaced);
        Ok(Tagged::Written { before, told })
    }

    /// Gives a file back as it was before its first genre of cratedigger's, its time of change too, and removes the backup.
    ///
    /// # Errors
    /// The file or its backup cannot be read, or the file was changed by others since. The file is then as it is.
    pub fn restore(&self, path: &Path) -> Result<Restored> {
        let original = Original::read(path)?;
        let place = self.found(&self.place(&original), &original)?;
        let found = backup::all(&place)?;
        if found.is_empty() {
            return Ok(Restored::NoBackup);
        }
        let mut told: Vec<String> = Vec::new();
        let mut replaced = None;
        if let Some((_, backup)) = found.iter().find(|(_, b)| b.after.is_of(&original.bytes)) {
            let old = backup.apply(&original.bytes)?;
            original.check_writable()?;
            if self.dry_run {
                return Ok(Restored::WouldBeDone);
            }
            told.extend(other_names(&original));
            let new = replaced.insert(original.replace(&old, backup.modified)?);
            told.extend(in_words(&new.lost));
        } else if !found.iter().any(|(_, b)| b.before.is_of(&original.bytes)) {
            refuse!(
                Tag,
                "it was changed after cratedigger wrote its tag, so {} does not fit it any more",
                place.display()
            );
        } else if self.dry_run {
            return Ok(Restored::WouldBeDone);
        }
        backup::remove(&place)?;
        drop(replaced);
        Ok(Restored::Done { told })
    }

    /// Removes temporary files that runs which were killed left in the folders of these files and of the backups. Not done by
    /// [`Tagger::write`], which would look through a large folder for each of its files.
    pub fn sweep(&self, paths: &[&Path]) {
        let mut folders: Vec<PathBuf> = paths.iter().filter_map(|path| path.canonicalize().ok()).collect();
        folders
            .iter_mut()
            .for_each(|path| *path = folder_of(path).to_owned());
        folders.extend(self.backups.map(Path::to_owned));
        folders.sort_unstable();
        folders.dedup();
        folders.iter().for_each(|folder| sweep(folder));
    }

    /// Where the backup will be.
    fn place(&self, original: &Original) -> PathBuf {
        backup::place(&original.path, self.backups)
    }

    /// Where the backup is: at its place, or where it was left when the file was moved.
    fn found(&self, place: &Path, original: &Original) -> Result<PathBuf> {
        match self.backups {
            Some(folder) if !place.exists() && !backup::next(place).exists() => {
                Ok(backup::moved(original, folder)?.unwrap_or_else(|| place.to_owned()))
            }
            _ => Ok(place.to_owned()),
        }
    }

    /// The backup of an earlier run, if it is of this very file.
    fn earlier(&self, place: &Path, original: &Original) -> Result<Option<Backup>> {
        let mut found = backup::all(place)?;
        if let Some(at) = found.iter().position(|(_, b)| b.after.is_of(&original.bytes)) {
            let (path, backup) = found.swap_remove(at);
            if path != place && !self.dry_run {
                rename(&path, place)?;
            }
            return Ok(Some(backup));
        }
        // Left by a run that ended before the file was replaced: the next one takes its place.
        if found.iter().all(|(_, b)| b.before.is_of(&original.bytes)) {
            return Ok(None);
        }
        refuse!(
            Tag,
            "the backup {} is of another state of this file, which was changed since; move it away first",
            place.display()
        )
    }
}

/// Renames, and has the new name reach the disk.
fn rename(from: &Path, to: &Path) -> Result<()> {
    std::fs::rename(from, to).with_context(|| format!("cannot rename {}", from.display()))?;
    sync_folder(folder_of(to));
    Ok(())
}

/// That a file has other names, in words.
fn other_names(original: &Original) -> Option<String> {
    let n = original.n_other_names();
    (n > 0).then(|| format!("its other names (hard links: {n}) keep it as it is"))
}

fn in_words(lost: &[String]) -> Option<String> {
    let names = lost.join(", ");
    (!lost.is_empty()).then(|| format!("extended attributes that could not be kept: {names}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Damage of every kind in files of every kind: each is written, so that it sounds the same, and comes back; or it is
    /// refused and stays as it is.
    #[test]
    fn damaged_files_are_written_and_given_back_or_left_alone() {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../features/tests/data/audio");
        let dir = tempfile::tempdir().unwrap();
        let tagger = Tagger {
            overwrite: true,
            dry_run: false,
            backups: None,
            break_hard_links: false,
        };
        let mut state = 11_u32;
        let mut random = |n: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as usize % n
        };
        let (mut n_written, mut n_refused) = (0, 0);
        for name in [
            "mp3_cbr.mp3",
            "flac.flac",
            "vorbis.ogg",
            "aac.m4a",
            "pcm_s16.wav",
            "pcm_s16.aiff",
            "aac.aac",
        ] {
            // With a tag of ours in it, so that there is one to be damaged.
            let path = dir.path().join(name);
            std::fs::copy(fixtures.join(name), &path).unwrap();
            tagger.write(&path, "Blues").unwrap();
            let good = std::fs::read(&path).unwrap();
            backup::remove(&path.with_file_name(format!("{name}.cdtag"))).unwrap();
            for round in 0..60 {
                let mut bad = good.clone();
                // Most of it where the headers and tags are.
                for _ in 0..=round % 4 {
                    let reach = if round % 3 == 0 {
                        bad.len()
                    } else {
                        bad.len().min(1500)
                    };
                    let at = random(reach);
                    bad[at] = match round % 2 {
                        0 => random(256) as u8,
                        _ => 0xff,
                    };
                }
                if round % 10 == 9 {
                    bad.truncate(random(good.len()));
                }
                std::fs::write(&path, &bad).unwrap();
                match tagger.write(&path, "Rock") {
                    Ok(Tagged::Written { .. }) => {
                        n_written += 1;
                        let new = std::fs::read(&path).unwrap();
                        sound::check_same(&bad, &new).unwrap();
                        assert!(kind::tells(&new, "Rock").unwrap());
                        assert_eq!(tagger.restore(&path).unwrap(), Restored::Done { told: vec![] });
                    }
                    Ok(other) => panic!("{name} {round}: {other:?}"),
                    Err(_) => n_refused += 1,
                }
                assert!(std::fs::read(&path).unwrap() == bad, "{name} {round}");
                assert_eq!(
                    std::fs::read_dir(dir.path()).unwrap().count(),
                    1,
                    "{name} {round}"
                );
            }
            std::fs::remove_file(&path).unwrap();
        }
        assert!(
            n_written > 100 && n_refused > 30,
            "{n_written} written, {n_refused} refused"
        );
    }
}
