//! Files that appear whole or not at all.

use std::io::Write;
use std::path::Path;

use crate::error::{Context, Result};

/// Writes through a temporary file beside `path`, so that `path` is whole or not there.
///
/// # Errors
/// The folder cannot be written to, or the file not be replaced.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || -> std::io::Result<()> {
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".cratedigger-");
        // Like any other new file, not for the owner's eyes alone.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = builder.tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}
