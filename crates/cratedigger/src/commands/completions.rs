//! `cratedigger completions`: what a shell needs to complete commands, options and their values.

use std::process::ExitCode;

use anyhow::Result;
use clap_complete::Shell;

use crate::console;

/// Print what a shell needs to complete this command
///
/// Made from the same definitions as `--help`, so that it knows the subcommands and options of this very build.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cratedigger completions bash > ~/.local/share/bash-completion/completions/cratedigger
  cratedigger completions zsh > \"${fpath[1]}/_cratedigger\"
  cratedigger completions fish > ~/.config/fish/completions/cratedigger.fish

A new shell knows them.")]
pub(crate) struct Args {
    /// Which shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

/// Prints the script for the command line `command`.
pub(crate) fn run(args: &Args, mut command: clap::Command) -> Result<ExitCode> {
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, name, &mut script);
    console::data(&script)?;
    Ok(ExitCode::SUCCESS)
}
