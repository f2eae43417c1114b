//! The tables beside a file of features: each is replaced or removed where it is of an earlier run, and nothing else is.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use cratedigger_files::{folder_of, sweep};

use crate::error::{Context, Result, refuse};
use crate::write::write_whole;

/// A table beside a file of features, known by its first line.
pub(super) struct Beside<'a> {
    path: &'a Path,
    header: &'a [u8],
}

impl<'a> Beside<'a> {
    /// The table of that name. To be asked for before the work.
    ///
    /// # Errors
    /// Something else has the name.
    pub(super) fn new(path: &'a Path, header: &'a [u8]) -> Result<Self> {
        sweep(folder_of(path));
        let mut start = Vec::new();
        let read = File::open(path).and_then(|file| file.take(header.len() as u64).read_to_end(&mut start));
        match read {
            Ok(_) if start == header => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            _ => refuse!(
                Journal,
                "{} is there and is no table of an extraction, so it is not replaced; move it away, or choose another --out",
                path.display()
            ),
        }
        Ok(Self { path, header })
    }

    /// Writes the table's lines; with none of them no table is there.
    pub(super) fn replace(&self, lines: &[u8]) -> Result<()> {
        // What was there may be another file by now.
        Self::new(self.path, self.header)?;
        if !lines.is_empty() {
            return write_whole(self.path, &[self.header, lines].concat());
        }
        match std::fs::remove_file(self.path) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(e).with_context(|| {
                format!(
                    "cannot delete {}, which is of an earlier run",
                    self.path.display()
                )
            }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn tables_of_earlier_runs_go_and_files_of_others_stay() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("p.failures.csv");
        let table = Beside::new(&path, b"path,reason\n").unwrap();
        table.replace(b"a,b\n").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"path,reason\na,b\n");
        Beside::new(&path, b"path,reason\n").unwrap();
        table.replace(b"").unwrap();
        assert!(!path.exists());
        table.replace(b"").unwrap();
        std::fs::write(&path, "notes").unwrap();
        for refused in [
            Beside::new(&path, b"path,reason\n").map(drop),
            table.replace(b""),
            table.replace(b"a,b\n"),
        ] {
            let error = refused.unwrap_err().to_string();
            assert!(
                error.contains("p.failures.csv") && error.contains("--out"),
                "{error}"
            );
        }
        assert_eq!(std::fs::read(&path).unwrap(), b"notes");
    }
}
