//! Outputs of commands: opened before the work, so that what cannot be written is known at once.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use cratedigger_files::{Existing, WholeFile, folder_of, sweep};

/// A file that a command will write.
pub(crate) struct Out {
    path: PathBuf,
    file: WholeFile,
}

impl Out {
    /// Opens it. What is there is replaced only if asked to, and never if it is one of the `inputs`.
    pub(crate) fn open(path: &Path, force: bool, inputs: &[PathBuf]) -> Result<Self> {
        sweep(folder_of(path));
        let existing = match force {
            true => Existing::Replace,
            false => Existing::Keep,
        };
        let file = match WholeFile::create(path, existing) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                bail!("{} is there already; replace it with --force", path.display())
            }
            opened => opened.with_context(|| format!("cannot write {}", path.display()))?,
        };
        let out = Self {
            path: path.to_owned(),
            file,
        };
        out.is_none_of(inputs)?;
        Ok(out)
    }

    /// Refuses to replace what is read.
    pub(crate) fn is_none_of(&self, inputs: &[PathBuf]) -> Result<()> {
        let Ok(full) = self.path.canonicalize() else {
            return Ok(());
        };
        match inputs
            .iter()
            .find(|input| input.canonicalize().is_ok_and(|input| input == full))
        {
            Some(input) if self.file.temporary_path().is_some() => bail!(
                "{} is read, and would be replaced by the output; name another file",
                input.display()
            ),
            _ => Ok(()),
        }
    }

    /// Writes the whole file.
    pub(crate) fn write(mut self, bytes: &[u8]) -> Result<()> {
        let written = self.file.write_all(bytes);
        written.with_context(|| self.cannot())?;
        self.finish()
    }

    /// What is written piece by piece.
    #[cfg(feature = "sql")]
    pub(crate) fn file(&mut self) -> &mut WholeFile {
        &mut self.file
    }

    /// Gives the file its name.
    pub(crate) fn finish(self) -> Result<()> {
        let cannot = self.cannot();
        self.file.finish().map(drop).context(cannot)
    }

    fn cannot(&self) -> String {
        format!("cannot write {}", self.path.display())
    }
}

pub(crate) fn check_threshold(threshold: Option<f64>) -> Result<()> {
    match threshold {
        Some(p) if !(0.0..=1.0).contains(&p) => {
            bail!("--threshold {p}: a probability between 0 and 1")
        }
        _ => Ok(()),
    }
}
