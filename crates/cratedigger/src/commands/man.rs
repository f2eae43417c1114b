//! `cratedigger man`: a page of the manual for the command and each of its subcommands.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap_mangen::Man;

use super::output::Out;
use crate::console;

/// Write the pages of the manual: cratedigger(1), cratedigger-extract(1), …
///
/// Made from the same definitions as `--help`, so that they tell of this very build.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cratedigger man ~/.local/share/man/man1
  man cratedigger-extract")]
pub(crate) struct Args {
    /// The folder that they are written to; it is made if it is not there
    #[arg(value_name = "DIR")]
    dir: PathBuf,

    /// Replace pages that are there
    #[arg(long)]
    force: bool,
}

/// Writes the pages of the command line `command`.
pub(crate) fn run(args: &Args, command: clap::Command) -> Result<ExitCode> {
    fs::create_dir_all(&args.dir)
        .with_context(|| format!("cannot make the folder {}", args.dir.display()))?;
    let pages = pages(command)?;
    for (name, page) in &pages {
        Out::open(&args.dir.join(name), args.force, &[])?.write(page)?;
    }
    console::note(&format!("{} pages in {}", pages.len(), args.dir.display()));
    Ok(ExitCode::SUCCESS)
}

/// Each page's file name and text.
fn pages(command: clap::Command) -> Result<Vec<(String, Vec<u8>)>> {
    // `cratedigger help` is no subcommand of its own
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    let mut open = vec![command];
    while let Some(command) = open.pop() {
        let shown = command.get_subcommands().filter(|below| !below.is_hide_set());
        open.extend(shown.cloned());
        let man = Man::new(command.version(env!("CARGO_PKG_VERSION")));
        let mut page = Vec::new();
        man.render(&mut page)
            .context("cannot write a page of the manual")?;
        pages.push((man.get_filename(), page));
    }
    pages.sort();
    Ok(pages)
}
