//! The query is run, and its rows are written.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use cratedigger_catalog::Store;
use cratedigger_catalog::sql::{Format, Session};
use cratedigger_collection::rows::open;
use cratedigger_files::Printable;

use super::args::{Args, OutputFormat};
use crate::commands::output::Out;
use crate::console;
use crate::interrupt;
use crate::progress::Progress;

pub(crate) fn run(args: &Args, progress: Progress) -> Result<ExitCode> {
    if args.format == OutputFormat::Parquet && args.out.is_none() && std::io::stdout().is_terminal() {
        bail!("a Parquet file is not for a terminal; name a file with --out FILE");
    }
    interrupt::say("nothing was written; tables that were imported are kept");
    let out = match &args.out {
        Some(path) => Some(Out::open(path, args.force, std::slice::from_ref(&args.data))?),
        None => None,
    };
    let (store, n_rejected) = open(&args.data, &args.read.reading(), &progress)?;
    let tables = tables(&store)?;
    if let Some(out) = &out {
        let read = store
            .manifest()
            .tables
            .values()
            .map(|entry| entry.source.path.clone());
        let read = read.chain(tables.iter().map(|(_, path)| path.clone()));
        out.is_none_of(&read.collect::<Vec<_>>())?;
    }
    let session = Session::open(tables.iter().map(|(name, path)| (*name, path.as_path())))?;
    let format = match args.format {
        OutputFormat::Table => Format::Table {
            max_rows: args.max_rows,
        },
        OutputFormat::Csv => Format::Csv,
        OutputFormat::Json => Format::Json,
        OutputFormat::Parquet => Format::Parquet,
    };
    let for_people = args.format == OutputFormat::Table;
    match out {
        None => {
            let mut out = console::writer(for_people);
            session.run(&args.query, format, &mut out)?;
            out.flush()?;
        }
        Some(mut out) => {
            match for_people {
                true => session.run(&args.query, format, &mut Printable::new(out.file()))?,
                false => session.run(&args.query, format, out.file())?,
            };
            out.finish()?;
        }
    }
    Ok(ExitCode::from(u8::from(n_rejected > 0)))
}

/// The tables' names and files.
fn tables(store: &Store) -> Result<Vec<(&'static str, PathBuf)>> {
    let table = |table| {
        Ok((
            cratedigger_catalog::TableId::name(table),
            store.parquet_path(table)?,
        ))
    };
    store.tables().into_iter().map(table).collect()
}
