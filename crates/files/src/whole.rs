//! Files that appear by a rename: the one way in which this workspace writes a file that is not appended to.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::stale::{Listed, temporary_file};

/// What becomes of something that has a file's name already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It stays, a link that leads nowhere too: `AlreadyExists`, at once and, if it came meanwhile, at the end.
    Keep,
    /// It is replaced. A link stays one, and what it leads to is replaced. For names that a person gave.
    Replace,
    /// It is replaced, a link itself too: what that leads to stays as it is. For names inside of folders of ours.
    ReplaceLink,
}

/// A file that has its name when it is whole, and is not there before.
///
/// Until [`WholeFile::finish`] its bytes are in a temporary file in the same folder, made when this is opened, so that a folder that
/// cannot be written to is found before any work is done. Dropped before that, it leaves nothing. Its mode is what the umask leaves
/// of 0666, as of any other new file, whatever was there before.
///
/// A device or a pipe that a person names (`/dev/stdout`, `/dev/null`, a FIFO) is never replaced but written into as it is.
#[derive(Debug)]
pub struct WholeFile {
    place: Place,
    existing: Existing,
}

#[derive(Debug)]
enum Place {
    Temporary {
        file: NamedTempFile,
        target: PathBuf,
        /// Dropped after the file.
        listed: Listed,
    },
    Stream(File),
}

impl WholeFile {
    /// Opens a file that will be called `path`.
    ///
    /// # Errors
    /// The folder is not there or cannot be written to; something stands in the way: a folder, a socket, a disk, or, with
    /// [`Existing::Keep`], anything.
    pub fn create(path: &Path, existing: Existing) -> io::Result<Self> {
        let target = match existing {
            Existing::ReplaceLink => match std::fs::symlink_metadata(path) {
                Ok(found) if found.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
                _ => path.to_owned(),
            },
            Existing::Keep | Existing::Replace => match std::fs::metadata(path) {
                Ok(found) if is_stream(&found) => {
                    let file = OpenOptions::new().write(true).open(path)?;
                    return Ok(Self {
                        place: Place::Stream(file),
                        existing,
                    });
                }
                Ok(found) if found.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
                Ok(found) if !found.is_file() => {
                    return Err(refused(
                        "it is neither a file nor a stream, and is not written to",
                    ));
                }
                Ok(_) if existing == Existing::Keep => return Err(io::ErrorKind::AlreadyExists.into()),
                Ok(_) => path.canonicalize()?,
                Err(_) if std::fs::symlink_metadata(path).is_ok() => match existing {
                    Existing::Keep => return Err(io::ErrorKind::AlreadyExists.into()),
                    _ => return Err(refused("it is a link that leads nowhere")),
                },
                Err(_) => path.to_owned(),
            },
        };
        let (file, listed) = temporary_file(folder_of(&target))?;
        Ok(Self {
            place: Place::Temporary { file, target, listed },
            existing,
        })
    }

    /// The file that is being written to.
    pub fn as_file(&self) -> &File {
        match &self.place {
            Place::Temporary { file, .. } => file.as_file(),
            Place::Stream(file) => file,
        }
    }

    /// Where the bytes are until the end; `None` for streams.
    pub fn temporary_path(&self) -> Option<&Path> {
        match &self.place {
            Place::Temporary { file, .. } => Some(file.path()),
            Place::Stream(_) => None,
        }
    }

    /// Gives the file its name once its bytes are on the disk, and has the name reach the disk too. Returns its size, 0 for streams.
    ///
    /// # Errors
    /// The disk is full or broken, or the file cannot be replaced; what was there is as it was.
    pub fn finish(self) -> io::Result<u64> {
        self.finish_locked().map(|(size, _)| size)
    }

    /// As [`WholeFile::finish`], and the file stays open, and locked until what is returned is dropped: against processes that
    /// lock it under its new name.
    ///
    /// # Errors
    /// As there.
    pub fn finish_locked(self) -> io::Result<(u64, File)> {
        if let Place::Temporary { file, .. } = &self.place {
            file.as_file().sync_all()?;
        }
        let (size, file, folder) = self.named()?;
        if let Some(folder) = folder {
            sync_folder(&folder);
        }
        Ok((size, file))
    }

    /// As [`WholeFile::finish`], under another name in the same folder, which was not known before.
    ///
    /// # Errors
    /// As there.
    pub fn finish_as(mut self, path: &Path) -> io::Result<u64> {
        if let Place::Temporary { target, .. } = &mut self.place {
            path.clone_into(target);
        }
        self.finish()
    }

    /// As [`WholeFile::finish`], without waiting for the disk: for one of very many files, each of which is checked by its content
    /// when it is found again.
    ///
    /// # Errors
    /// As there.
    pub fn finish_unsynced(self) -> io::Result<u64> {
        self.named().map(|(size, ..)| size)
    }

    /// Gives the file its name: its size, itself and its folder.
    fn named(self) -> io::Result<(u64, File, Option<PathBuf>)> {
        match self.place {
            Place::Stream(mut file) => file.flush().map(|()| (0, file, None)),
            Place::Temporary { file, target, listed } => {
                let size = file.as_file().metadata()?.len();
                let named = match self.existing {
                    Existing::Keep => file.persist_noclobber(&target),
                    Existing::Replace | Existing::ReplaceLink => file.persist(&target),
                };
                let file = named.map_err(|error| error.error)?;
                drop(listed);
                Ok((size, file, Some(folder_of(&target).to_owned())))
            }
        }
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.as_file().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.as_file().flush()
    }
}

/// Writes a file inside of a folder of ours at once, so that `path` is whole or as it was; a link of that name is replaced, not
/// followed. Removes what earlier processes that were killed left in the folder.
///
/// # Errors
/// The folder cannot be written to, the disk is full, or the file cannot be replaced.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    crate::stale::sweep(folder_of(path));
    let mut file = WholeFile::create(path, Existing::ReplaceLink)?;
    file.write_all(bytes)?;
    file.finish().map(drop)
}

/// The folder in which `path` is: `.` for a bare name.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Has names that were given or taken in a folder reach the disk. Not every file system can be asked for that, so it is not an
/// error where one cannot.
pub fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// Whether bytes are passed on and not kept: a terminal, `/dev/null`, a pipe.
fn is_stream(found: &std::fs::Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let kind = found.file_type();
        kind.is_char_device() || kind.is_fifo()
    }
    #[cfg(not(unix))]
    {
        let _ = found;
        false
    }
}

pub(crate) fn refused(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}

#[cfg(test)]
mod tests;
