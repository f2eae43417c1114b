//! The table of the files that gave nothing.

use std::path::{Path, PathBuf};

use cratedigger_files::csv::push_field;

use super::beside::Beside;
use super::inputs::Unread;
use crate::error::Result;

/// The first line of the table.
pub(super) const HEADER: &[u8] = b"path,stage,reason\n";

/// Writes the table of failures, or none, and no old one stays either; where it is, if there is one.
///
/// # Errors
/// Something else has its name, or it cannot be written.
pub fn write_failures(path: &Path, failures: &[Unread]) -> Result<Option<PathBuf>> {
    Beside::new(path, HEADER)?.replace(&lines(failures))?;
    Ok((!failures.is_empty()).then(|| path.to_owned()))
}

/// Lines of the table.
pub(super) fn lines(failures: &[Unread]) -> Vec<u8> {
    let mut text = Vec::new();
    for failure in failures {
        push_field(&mut text, &failure.path.to_string_lossy());
        text.push(b',');
        push_field(&mut text, &failure.stage);
        text.push(b',');
        push_field(&mut text, &failure.reason);
        text.push(b'\n');
    }
    text
}
