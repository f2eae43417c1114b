//! Files that appear whole or not at all.

use std::path::Path;

use crate::error::{Context, Result};

/// Writes a file of ours whole or not at all; a link of that name is replaced.
///
/// # Errors
/// The folder cannot be written to, or the file not be replaced; the message names the file.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    cratedigger_files::write_whole(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
