//! The query is run, and its rows are written.

use std::fs::File;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use cratedigger_catalog::Store;
use cratedigger_catalog::sql::{Format, Session};
use cratedigger_collection::rows::open;

use super::args::{Args, OutputFormat};
use crate::progress::Progress;

pub(crate) fn run(args: &Args, progress: Progress) -> Result<ExitCode> {
    if args.format == OutputFormat::Parquet && args.out.is_none() && std::io::stdout().is_terminal() {
        bail!("a Parquet file is not for a terminal; name a file with --out FILE");
    }
    let (store, n_rejected) = open(&args.data, &args.read.reading(), &progress)?;
    let session = session(&store)?;
    let format = match args.format {
        OutputFormat::Table => Format::Table {
            max_rows: args.max_rows,
        },
        OutputFormat::Csv => Format::Csv,
        OutputFormat::Json => Format::Json,
        OutputFormat::Parquet => Format::Parquet,
    };
    match &args.out {
        None => {
            let mut out = std::io::BufWriter::new(std::io::stdout());
            session.run(&args.query, format, &mut out)?;
            out.flush()?;
        }
        Some(path) => write_file(path, |out| Ok(session.run(&args.query, format, out)?))?,
    }
    Ok(ExitCode::from(u8::from(n_rejected > 0)))
}

fn session(store: &Store) -> Result<Session> {
    let mut tables = Vec::new();
    for table in store.tables() {
        tables.push((table.name(), store.parquet_path(table)?));
    }
    Ok(Session::open(
        tables.iter().map(|(name, path)| (*name, path.as_path())),
    )?)
}

/// Writes through a temporary file beside `path`, so that `path` is whole or not there.
fn write_file(path: &Path, write: impl FnOnce(&mut File) -> Result<u64>) -> Result<()> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut file = tempfile::NamedTempFile::new_in(folder)
        .with_context(|| format!("cannot write in {}", folder.display()))?;
    write(file.as_file_mut())?;
    file.persist(path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(())
}
