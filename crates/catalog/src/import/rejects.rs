//! The list of records that a lenient import left out.

use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use cratedigger_files::{Existing, WholeFile};

use crate::error::{Error, Result};
use crate::report::Rejection;
use crate::schema::TableId;

/// The bytes of one record that are kept; more only where a quote was never closed.
const MAX_TEXT: u64 = 16 << 20;

/// Writes `rejected-<table>.csv`: where each record stands, why it was left out, and its text as it stands in the file.
/// The file is made with the first record.
pub(super) struct RejectsFile {
    table: TableId,
    source_path: PathBuf,
    store_dir: PathBuf,
    open: Option<(File, BufWriter<WholeFile>)>,
}

impl RejectsFile {
    pub(super) fn new(table: TableId, source: &Path, store_dir: &Path) -> RejectsFile {
        RejectsFile {
            table,
            source_path: source.to_path_buf(),
            store_dir: store_dir.to_path_buf(),
            open: None,
        }
    }

    /// Adds a record with its bytes in the source.
    pub(super) fn add(&mut self, rejection: &Rejection, bytes: Range<u64>) -> Result<()> {
        let target = self.path();
        let written = |e| Error::write(&target, e);
        let read = |e| Error::read(&self.source_path, e);
        if self.open.is_none() {
            let source = File::open(&self.source_path).map_err(read)?;
            let file = WholeFile::create(&target, Existing::ReplaceLink).map_err(written)?;
            let mut out = BufWriter::new(file);
            out.write_all(b"record,line,byte,column,reason,text\n")
                .map_err(written)?;
            self.open = Some((source, out));
        }
        let Some((source, out)) = &mut self.open else {
            return Ok(());
        };
        let mut text = Vec::new();
        source.seek(SeekFrom::Start(bytes.start)).map_err(read)?;
        source
            .take((bytes.end - bytes.start).min(MAX_TEXT))
            .read_to_end(&mut text)
            .map_err(read)?;
        while matches!(text.last(), Some(b'\n' | b'\r')) {
            text.pop();
        }
        let column = rejection.column.as_deref().unwrap_or_default();
        write!(out, "{},{},{},", rejection.record, rejection.line, rejection.byte).map_err(written)?;
        for (cell, end) in [
            (column.as_bytes(), b","),
            (rejection.to_string().as_bytes(), b","),
            (&text, b"\n"),
        ] {
            write_quoted(out, cell)
                .and_then(|()| out.write_all(end))
                .map_err(written)?;
        }
        Ok(())
    }

    /// The complete file and the name it shall get, if there is anything in it.
    pub(super) fn finish(self) -> Result<Option<(WholeFile, String)>> {
        let (target, name) = (self.path(), self.name());
        let Some((_, out)) = self.open else {
            return Ok(None);
        };
        let file = out
            .into_inner()
            .map_err(|e| Error::write(&target, e.into_error()))?;
        Ok(Some((file, name)))
    }

    fn name(&self) -> String {
        format!("rejected-{}.csv", self.table.name())
    }

    fn path(&self) -> PathBuf {
        self.store_dir.join(self.name())
    }
}

fn write_quoted(out: &mut impl Write, cell: &[u8]) -> std::io::Result<()> {
    out.write_all(b"\"")?;
    for (i, part) in cell.split(|b| *b == b'"').enumerate() {
        if i > 0 {
            out.write_all(b"\"\"")?;
        }
        out.write_all(part)?;
    }
    out.write_all(b"\"")
}
