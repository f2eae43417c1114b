//! `cratedigger decode-helper`, which is not for people: the process in which the other commands decode.

use std::process::ExitCode;

use anyhow::{Context, Result};
use cratedigger_collection::HelperCommand;
use cratedigger_collection::helper::serve;

/// What the subcommand is called.
pub(crate) const NAME: &str = "decode-helper";

/// Whether other commands decode in helpers.
#[derive(clap::Args, Clone, Copy, Debug)]
pub(crate) struct HelperArgs {
    /// Decode in this process: a little faster, but a file that brings a decoder down ends the command
    ///
    /// Otherwise helper processes decode, whose memory and time are limited. A file that ends two of them is among the failures.
    #[arg(long)]
    in_process: bool,
}

impl HelperArgs {
    /// How a helper is started; none where audio is to be decoded in this process.
    pub(crate) fn command(self) -> Result<Option<HelperCommand>> {
        (!self.in_process).then(command).transpose()
    }
}

/// How a helper is started.
pub(crate) fn command() -> Result<HelperCommand> {
    HelperCommand::this_program(NAME).context("cannot find this program, which is its own helper")
}

/// Answers until its standard input ends.
pub(crate) fn run() -> Result<ExitCode> {
    serve(std::io::stdin(), std::io::stdout())?;
    Ok(ExitCode::SUCCESS)
}
