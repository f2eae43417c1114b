//! The table of the files that gave nothing.

use std::path::{Path, PathBuf};

use cratedigger_files::csv::push_field;

use super::inputs::Unread;
use crate::error::{Context, Result};
use crate::write::write_whole;

/// The table of failures, or none and no old one either.
pub(crate) fn write_failures(path: &Path, failures: &[Unread]) -> Result<Option<PathBuf>> {
    if failures.is_empty() {
        remove_old(path)?;
        return Ok(None);
    }
    let mut text = b"path,stage,reason\n".to_vec();
    for failure in failures {
        push_field(&mut text, &failure.path.to_string_lossy());
        text.push(b',');
        push_field(&mut text, &failure.stage);
        text.push(b',');
        push_field(&mut text, &failure.reason);
        text.push(b'\n');
    }
    write_whole(path, &text)?;
    Ok(Some(path.to_owned()))
}

/// Deletes a table of an earlier run.
pub(crate) fn remove_old(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(e).with_context(|| format!("cannot delete {}, which is of an earlier run", path.display()))
        }
        _ => Ok(()),
    }
}
