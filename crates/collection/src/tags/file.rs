//! A file as it is read, and its replacement.

use std::fs::{File, Metadata};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use cratedigger_files::{Existing, WholeFile, folder_of};

use crate::error::{Context, Result, refuse};

use super::attributes::{self, Which};

/// The largest file whose tag is written: the old and the new one are held in memory.
pub(super) const MAX_BYTES: u64 = 1 << 30;

/// A file in memory. As long as this is there no other run writes its tag.
pub(super) struct Original {
    /// Without links, so that a link stays one and what it leads to is replaced.
    pub(super) path: PathBuf,
    pub(super) bytes: Vec<u8>,
    meta: Metadata,
    /// Locked where the file system knows locks.
    _locked: File,
}

/// A file that was replaced, until its backup has its place.
pub(super) struct Replaced {
    /// Names of attributes that could not be kept.
    pub(super) lost: Vec<String>,
    _locked: File,
}

impl Original {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let path = path.canonicalize().context("the file cannot be found")?;
        let (mut file, meta) = open_locked(&path)?;
        if meta.len() > MAX_BYTES {
            refuse!(
                Tag,
                "the file has {} bytes; tags are written into files of up to {MAX_BYTES}",
                meta.len()
            );
        }
        let mut bytes = Vec::with_capacity(meta.len() as usize);
        (&mut file)
            .take(MAX_BYTES + 1)
            .read_to_end(&mut bytes)
            .context("the file cannot be read")?;
        if bytes.len() as u64 != meta.len() {
            refuse!(Tag, "the file changed while it was read");
        }
        Ok(Self {
            path,
            bytes,
            meta,
            _locked: file,
        })
    }

    /// When the file was changed last.
    pub(super) fn modified(&self) -> Option<SystemTime> {
        self.meta.modified().ok()
    }

    /// A file that must not be written is not replaced either, although the folder would allow it.
    pub(super) fn check_writable(&self) -> Result<()> {
        match self.meta.permissions().readonly() {
            true => refuse!(Tag, "the file is read-only; nothing was written"),
            false => Ok(()),
        }
    }

    /// What the file is called besides, which a replacement does not reach: the number of these names (hard links).
    pub(super) fn n_other_names(&self) -> u64 {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            self.meta.nlink().saturating_sub(1)
        }
        #[cfg(not(unix))]
        0
    }

    /// Puts other bytes under the file's name, with its permissions, extended attributes and, where that is possible, its owner.
    /// They are on the disk when this returns.
    ///
    /// `modified` is the time of change that the file gets; otherwise it is now. Other runs wait for the new file too, as long as what
    /// is returned is there. It names attributes that could not be kept; a list of who may read or write is always kept, or the file not replaced.
    pub(super) fn replace(&self, bytes: &[u8], modified: Option<SystemTime>) -> Result<Replaced> {
        let cannot = || format!("cannot write into {}", folder_of(&self.path).display());
        let mut file = private(&self.path).with_context(cannot)?;
        file.write_all(bytes).with_context(cannot)?;
        let lost = self.dress(&file, Which::All)?;
        if let Some(access) = lost.iter().find(|name| attributes::is_access(name)) {
            refuse!(
                Tag,
                "the list of who may read and write it ({access}) cannot be kept; nothing was written"
            );
        }
        if let Some(modified) = modified {
            file.as_file().set_modified(modified).with_context(cannot)?;
        }
        let now = std::fs::metadata(&self.path).context("the file is gone")?;
        if (now.len(), now.modified().ok()) != (self.meta.len(), self.modified()) {
            refuse!(
                Tag,
                "the file was changed by another program meanwhile; nothing was written"
            );
        }
        let (_, locked) = file.finish_locked().context("the file cannot be replaced")?;
        Ok(Replaced {
            lost,
            _locked: locked,
        })
    }

    /// Writes a file that holds some of this one's bytes, for those alone who may read this one.
    pub(super) fn write_beside(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let cannot = || format!("cannot write {}", path.display());
        let mut file = private(path).with_context(cannot)?;
        file.write_all(bytes).with_context(cannot)?;
        if !self.dress(&file, Which::Access)?.is_empty() {
            // Without the list, the mode would let in more than it does.
            make_private(file.as_file()).with_context(cannot)?;
        }
        file.finish().map(drop).with_context(cannot)
    }

    /// Gives a file the owner, attributes and permissions of this one, in this order, so that at no moment more people may read it.
    fn dress(&self, file: &WholeFile, which: Which) -> Result<Vec<String>> {
        let Some(path) = file.temporary_path() else {
            return Ok(Vec::new());
        };
        #[cfg(unix)]
        {
            use std::os::unix::fs::{MetadataExt, chown};
            // Only root may give files away; whoever else runs this owns the file, or becomes its owner.
            let _ = chown(path, Some(self.meta.uid()), Some(self.meta.gid()));
        }
        let lost = attributes::copy(&self.path, path, which);
        file.as_file()
            .set_permissions(self.meta.permissions())
            .context("its permissions cannot be kept")?;
        Ok(lost)
    }
}

/// Opens a regular file and locks it against other runs, which it waits for.
fn open_locked(path: &Path) -> Result<(File, Metadata)> {
    loop {
        // Asked before it is opened: to open a pipe may take for ever.
        if !std::fs::metadata(path)
            .context("the file cannot be found")?
            .is_file()
        {
            refuse!(Tag, "it is no file");
        }
        let file = File::open(path).context("the file cannot be read")?;
        #[cfg(unix)]
        // On a file system without locks it goes on without.
        let _ = file.lock();
        let meta = file.metadata()?;
        if !meta.is_file() {
            refuse!(Tag, "it is no file");
        }
        // Whoever held the lock may have put another file into its place.
        match std::fs::metadata(path) {
            Ok(now) if !is_same(&meta, &now) => {}
            _ => return Ok((file, meta)),
        }
    }
}

#[cfg(unix)]
fn is_same(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}

/// A file that its owner alone may read until it is dressed.
fn private(path: &Path) -> std::io::Result<WholeFile> {
    let file = WholeFile::create(path, Existing::ReplaceLink)?;
    make_private(file.as_file())?;
    Ok(file)
}

fn make_private(file: &File) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    }
    let _ = file;
    Ok(())
}
