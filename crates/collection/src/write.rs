//! Files that appear whole or not at all.

use std::path::Path;

use crate::error::{Context, Result};

/// Writes through a temporary file beside `path`, so that `path` is whole or not there.
///
/// # Errors
/// The folder cannot be written to, or the file not be replaced; the message names the file.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    cratedigger_files::write_whole(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
