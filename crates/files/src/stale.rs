//! Temporary files: how they are called, those of this process, and those that a killed process left.
//!
//! Whoever writes one holds a lock on it, which ends with the process: a temporary file that can be locked is nobody's.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::{NamedTempFile, TempDir};

/// How names of temporary files begin.
const PREFIX: &str = ".cratedigger-";
/// Letters and digits that follow.
const N_RANDOM: usize = 16;

/// Temporary files and folders of this process, for its end by a signal.
static OURS: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// A temporary file or folder that is listed among those of this process as long as this lives.
#[derive(Debug)]
pub(crate) struct Listed(PathBuf);

impl Drop for Listed {
    fn drop(&mut self) {
        ours().remove(&self.0);
    }
}

fn ours() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    OURS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes the temporary files and folders of this process, which a signal is about to end. While what is returned lives, no new ones are made;
/// who wants to make one waits.
#[must_use]
pub fn remove_temporaries() -> impl Drop {
    let ours = ours();
    for path in ours.iter() {
        if std::fs::remove_file(path).is_err() {
            remove_folder(path);
        }
    }
    NoneIsMade { _ours: ours }
}

/// How often a folder is removed in which others may still make files.
const TIMES: usize = 5;

fn remove_folder(path: &Path) {
    for _ in 0..TIMES {
        let gone = std::fs::remove_dir_all(path);
        if gone.is_ok() || !path.is_dir() {
            break;
        }
    }
}

/// A new folder among the system's temporary files, which is removed with all that is in it when this is dropped, and when a signal
/// ends the process.
#[derive(Debug)]
pub struct TemporaryFolder {
    // removed before it leaves the list
    folder: TempDir,
    _listed: Listed,
}

impl TemporaryFolder {
    /// Makes one.
    ///
    /// # Errors
    /// The folder for temporary files is not there or cannot be written to.
    pub fn new() -> io::Result<Self> {
        let mut ours = ours();
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir()?;
        ours.insert(folder.path().to_owned());
        let listed = Listed(folder.path().to_owned());
        Ok(Self {
            folder,
            _listed: listed,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

struct NoneIsMade {
    _ours: MutexGuard<'static, BTreeSet<PathBuf>>,
}

impl Drop for NoneIsMade {
    fn drop(&mut self) {}
}

/// A new file in `folder` that is deleted unless it is persisted under its own name, with the mode that the umask leaves of 0666,
/// locked as long as it is open.
///
/// # Errors
/// The folder is not there or cannot be written to.
pub(crate) fn temporary_file(folder: &Path) -> io::Result<(NamedTempFile, Listed)> {
    let mut ours = ours();
    let file = locked_file(folder)?;
    ours.insert(file.path().to_owned());
    let listed = Listed(file.path().to_owned());
    Ok((file, listed))
}

fn locked_file(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).rand_bytes(N_RANDOM);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    loop {
        let file = builder.tempfile_in(folder)?;
        match file.as_file().try_lock() {
            // Another process may have taken it for a leftover before it was locked.
            Ok(()) if file.path().exists() => return Ok(file),
            Ok(()) | Err(TryLockError::WouldBlock) => {}
            // A file system without locks: nothing is swept there either.
            Err(TryLockError::Error(_)) => return Ok(file),
        }
    }
}

/// Removes the temporary files in `folder` that no process writes any more. What cannot be removed does no harm.
pub fn sweep(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_temporary = entry.file_name().to_str().is_some_and(is_temporary);
        if !is_temporary || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let path = entry.path();
        // The lock is held until the file is gone, so that its maker finds it locked or gone.
        if let Ok(file) = File::open(&path)
            && file.try_lock().is_ok()
        {
            let _ = std::fs::remove_file(&path);
        }
    }
}

fn is_temporary(name: &str) -> bool {
    name.strip_prefix(PREFIX)
        .is_some_and(|rest| rest.len() == N_RANDOM && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_temporary_folder_goes_when_it_is_dropped_and_at_a_signal() {
        let fill = |folder: &TemporaryFolder| {
            std::fs::create_dir(folder.path().join("below")).unwrap();
            std::fs::write(folder.path().join("below/frames"), "numbers").unwrap();
            folder.path().to_owned()
        };
        let dropped = TemporaryFolder::new().unwrap();
        let path = fill(&dropped);
        assert!(path.is_dir() && ours().contains(&path));
        drop(dropped);
        assert!(!path.exists() && !ours().contains(&path));
        let kept = TemporaryFolder::new().unwrap();
        let path = fill(&kept);
        drop(remove_temporaries());
        assert!(!path.exists());
    }
}
