//! Who reads a store: an import that finds somebody leaves the files of the state before to the next import.
//!
//! Each reader holds a shared lock on `store.readers`, which ends with it, however it ends. An import that gets the lock for
//! itself, after `store.json` names the new files, knows that nobody reads the old ones.

use std::fs::{File, TryLockError};
use std::path::Path;

use cratedigger_files::open_kept;

use crate::error::{Error, Result};

/// The file that is locked.
const FILE: &str = "store.readers";

/// The readers of a store, as an import sees them.
pub(crate) struct Readers(File);

impl Readers {
    /// Lets the store's files be held from now on.
    pub(crate) fn of(dir: &Path) -> Result<Readers> {
        let path = dir.join(FILE);
        match open_kept(&path) {
            Ok(file) => Ok(Readers(file)),
            Err(source) => Err(Error::write(&path, source)),
        }
    }

    /// Runs `remove` unless somebody reads; new readers wait for it. Where the file system knows no locks, nobody can be asked.
    pub(crate) fn unless_any(&self, remove: impl FnOnce()) {
        match self.0.try_lock() {
            Ok(()) => {
                remove();
                let _ = self.0.unlock();
            }
            Err(TryLockError::Error(_)) => remove(),
            Err(TryLockError::WouldBlock) => {}
        }
    }

    /// Holds the store's files for as long as what is returned is open. `None` for a store of an earlier version, which has nothing
    /// to be held by, or where the file system knows no locks.
    pub(crate) fn hold(dir: &Path) -> Option<File> {
        let file = File::open(dir.join(FILE)).ok()?;
        file.lock_shared().ok()?;
        Some(file)
    }
}
