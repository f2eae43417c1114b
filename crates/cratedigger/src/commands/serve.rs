//! `cratedigger serve`: the HTTP server and its page.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;

use crate::progress::Progress;
use crate::serve::{self, Choices};

/// Serve a model over HTTP: an API for programs, and a page that audio files are dropped on
///
/// Prints the address it listens on to standard output, and a line per request to standard error. Ctrl-C or SIGTERM stops it
/// after the requests it has accepted; the guide is docs/server.md, the API's description /openapi.json.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cratedigger serve --model genres.cdmodel                     then open http://127.0.0.1:8080
  cratedigger serve --model genres.cdmodel --report cratedigger-study --neighbours fma_metadata
  curl -F file=@song.mp3 http://127.0.0.1:8080/v1/classify
  cratedigger serve --new-token                                a token, and its hash for --token-hash
  cratedigger serve --config server.toml --addr 0.0.0.0:8080

Exit codes: 0 stopped, everything accepted was answered; 1 stopped before that; 2 not started.")]
pub(crate) struct Args {
    /// Read the options below from a TOML file of the same names with `_` for `-`; options given here win
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Make a token and its hash, and do nothing else
    #[arg(long, exclusive = true)]
    new_token: bool,

    #[command(flatten)]
    choices: Choices,
}

pub(crate) fn run(args: &Args, progress: Progress) -> Result<ExitCode> {
    if args.new_token {
        let (token, hash) = serve::new_token()?;
        println!("token       {token}\ntoken hash  {hash}");
        return Ok(ExitCode::SUCCESS);
    }
    let mut choices = args.choices.clone();
    if let Some(path) = &args.config {
        choices = choices.or(Choices::read(path)?);
    }
    let finished = serve::run(choices.settle()?, progress)?;
    Ok(ExitCode::from(u8::from(!finished)))
}
