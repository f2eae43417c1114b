//! What several commands check before they begin.

use std::path::Path;

use anyhow::{Result, bail};

/// Refuses to replace a file that is there, unless asked to.
pub(crate) fn check_out(path: &Path, force: bool) -> Result<()> {
    if path.exists() && !force {
        bail!("{} is there already; replace it with --force", path.display());
    }
    Ok(())
}

pub(crate) fn check_threshold(threshold: Option<f64>) -> Result<()> {
    match threshold {
        Some(p) if !(0.0..=1.0).contains(&p) => {
            bail!("--threshold {p}: a probability between 0 and 1")
        }
        _ => Ok(()),
    }
}
