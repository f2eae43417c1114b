//! A file as it is read, and its replacement.

use std::fs::{File, Metadata};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::error::{Context, Result, refuse};

use super::attributes;

/// The largest file whose tag is written: the old and the new one are held in memory.
pub(super) const MAX_BYTES: u64 = 1 << 30;

/// A file in memory.
pub(super) struct Original {
    /// Without links, so that a link stays one and what it leads to is replaced.
    pub(super) path: PathBuf,
    pub(super) bytes: Vec<u8>,
    meta: Metadata,
}

impl Original {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let path = path.canonicalize().context("the file cannot be found")?;
        let mut file = File::open(&path).context("the file cannot be read")?;
        let meta = file.metadata()?;
        if !meta.is_file() {
            refuse!(Tag, "it is no file");
        }
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
        Ok(Self { path, bytes, meta })
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

    /// What the file is called besides, which a replacement does not reach; in words, if there is any such name.
    pub(super) fn other_names(&self) -> Option<String> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let n = self.meta.nlink().saturating_sub(1);
            (n > 0).then(|| format!("its other names (hard links: {n}) keep it as it is"))
        }
        #[cfg(not(unix))]
        None
    }

    /// Puts other bytes under the file's name, with its permissions, extended attributes and, where that is possible, its owner.
    ///
    /// `modified` is the time of change that the file gets; otherwise it is now. Returns the names of attributes that could not
    /// be kept.
    pub(super) fn replace(&self, bytes: &[u8], modified: Option<SystemTime>) -> Result<Vec<String>> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let write = || -> std::io::Result<(tempfile::NamedTempFile, Vec<String>)> {
            let mut file = tempfile::Builder::new()
                .prefix(".cratedigger-")
                .tempfile_in(folder)?;
            file.write_all(bytes)?;
            #[cfg(unix)]
            {
                use std::os::unix::fs::{MetadataExt, chown};
                // Only root may give files away; whoever else runs this owns the file, or becomes its owner.
                let _ = chown(file.path(), Some(self.meta.uid()), Some(self.meta.gid()));
            }
            file.as_file().set_permissions(self.meta.permissions())?;
            // Behind the permissions: a list of who may read is an attribute, and goes beyond them.
            let lost = attributes::copy(&self.path, file.path());
            if let Some(modified) = modified {
                file.as_file().set_modified(modified)?;
            }
            file.as_file().sync_all()?;
            Ok((file, lost))
        };
        let (file, lost) = write().with_context(|| format!("cannot write into {}", folder.display()))?;
        let now = std::fs::metadata(&self.path).context("the file is gone")?;
        if (now.len(), now.modified().ok()) != (self.meta.len(), self.modified()) {
            refuse!(
                Tag,
                "the file was changed by another program meanwhile; nothing was written"
            );
        }
        file.persist(&self.path)
            .map_err(|error| error.error)
            .context("the file cannot be replaced")?;
        Ok(lost)
    }
}
