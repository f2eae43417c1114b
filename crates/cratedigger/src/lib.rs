//! The `cratedigger` command: genres that a person can trust, from music files and catalogue metadata.
//!
//! Data go to standard output, messages to standard error. Exit codes: 0 all done, 1 some inputs failed (they are
//! listed), 2 nothing could be done, 141 nobody reads standard output any more (as a shell tells of tools that SIGPIPE ends).

mod commands;
mod console;
mod interrupt;
mod progress;
mod staged;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use cratedigger_collection::objects::tell_waits;

use crate::progress::Progress;
use crate::staged::Staged;
use commands::{
    audit, autoencoder, classify, completions, decode_helper, download, embedding, evaluate,
    extract as extract_command, import, impute, man, manifest, mel, model, parts, serve as serve_command,
    sql, study, synth, train, tune,
};

/// Genres that a person can trust, from music files and catalogue metadata.
///
/// Reads the tables of the Free Music Archive (FMA) dataset, studies them, trains and compares genre classifiers, and
/// writes a report that opens offline. Without any data of your own, `cratedigger study` runs on a synthetic archive.
#[derive(Parser)]
#[command(
    name = "cratedigger",
    version,
    max_term_width = 100,
    after_help = "\
Exit codes: 0 all done; 1 some inputs failed, they are listed; 2 nothing could be done;
141 standard output was closed. Ctrl-C says what is kept, and how to go on.

Begin with:
  cratedigger study                          the whole study on a synthetic archive
  cratedigger download metadata              the dataset's tables (342 MiB)
  cratedigger study fma_metadata --out fma   the study of the real archive
  cratedigger extract music --out features.parquet   the audio features of a folder
  cratedigger train fma_metadata --out genres.cdmodel      a classifier in a file
  cratedigger classify --model genres.cdmodel song.mp3     its genre
  cratedigger audit music           which of its genre tags to listen to first"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,

    /// Say nothing but errors
    #[arg(short, long, global = true)]
    quiet: bool,
}

#[derive(Subcommand)]
enum Command {
    Study(study::Args),
    Extract(extract_command::Args),
    Mel(mel::Args),
    Autoencoder(autoencoder::Args),
    Evaluate(evaluate::Args),
    Train(train::Args),
    Tune(tune::Args),
    Classify(classify::Args),
    Impute(impute::Args),
    Audit(audit::Args),
    Embedding(embedding::Args),
    Model(model::Args),
    Serve(serve_command::Args),
    Import(import::Args),
    Sql(sql::Args),
    Synth(synth::Args),
    Download(download::Args),
    Manifest(manifest::Args),
    Parts(parts::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// The command, with the arguments of this process.
pub fn main() -> ExitCode {
    hush();
    end(helper().unwrap_or_else(|| run_staged(&Cli::parse())))
}

/// The command with its networks on another device: `engine` makes what computes them, of a function that tells people something.
#[cfg(feature = "deep")]
pub fn main_with(engine: impl FnOnce(fn(&str)) -> Box<dyn cratedigger_learn::Engine>) -> ExitCode {
    hush();
    end(helper().unwrap_or_else(|| {
        let cli = Cli::parse();
        let tell: fn(&str) = if cli.quiet { |_: &str| {} } else { console::note };
        cratedigger_learn::use_engine(engine(tell))?;
        run_staged(&cli)
    }))
}

/// What a helper process of this program does, where this is one. It is no command of people: it stands in no help and no completion.
fn helper() -> Option<anyhow::Result<ExitCode>> {
    let is_one = std::env::args_os()
        .nth(1)
        .is_some_and(|name| name == decode_helper::NAME);
    is_one.then(decode_helper::run)
}

fn end(done: anyhow::Result<ExitCode>) -> ExitCode {
    match done {
        Ok(code) => code,
        Err(error) if is_closed_pipe(&error) => ExitCode::from(CLOSED_PIPE),
        Err(error) => {
            console::note(&format!("cratedigger: {}", chain(&error)));
            ExitCode::from(2)
        }
    }
}

/// Panics of readers that become errors are told as these, once.
fn hush() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !cratedigger_files::is_contained() {
            tell(panic);
        }
    }));
}

/// Runs the command with what it names in stores fetched before, and put there after. What is wrong with the arguments has been told
/// before anything is fetched for them.
fn run_staged(cli: &Cli) -> anyhow::Result<ExitCode> {
    let progress = Progress::new(cli.quiet);
    tell_waits(move |line| progress.say(line));
    let staged = Staged::of(std::env::args_os().collect())?;
    if !staged.has_any() {
        return run(cli);
    }
    let done = run(&Cli::parse_from(staged.arguments()));
    match &done {
        Ok(code) if *code != ExitCode::from(2) => staged.publish()?,
        _ => staged.give_up(),
    }
    done
}

fn run(cli: &Cli) -> anyhow::Result<ExitCode> {
    let progress = Progress::new(cli.quiet);
    match &cli.command {
        Command::Study(args) => study::run(args, progress),
        Command::Extract(args) => extract_command::run(args, progress),
        Command::Mel(args) => mel::run(args, progress),
        Command::Autoencoder(args) => autoencoder::run(args, progress),
        Command::Evaluate(args) => evaluate::run(args, progress),
        Command::Train(args) => train::run(args, progress),
        Command::Tune(args) => tune::run(args, progress),
        Command::Classify(args) => classify::run(args, progress),
        Command::Impute(args) => impute::run(args, progress),
        Command::Audit(args) => audit::run(args, progress),
        Command::Embedding(args) => embedding::run(args, progress),
        Command::Model(args) => model::run(args, progress),
        Command::Serve(args) => serve_command::run(args, progress),
        Command::Import(args) => import::run(args, progress),
        Command::Sql(args) => sql::run(args, progress),
        Command::Synth(args) => synth::run(args, progress),
        Command::Download(args) => download::run(args, progress),
        Command::Manifest(args) => manifest::run(args, progress),
        Command::Parts(args) => parts::run(args, progress),
        Command::Completions(args) => completions::run(args, Cli::command()),
        Command::Man(args) => man::run(args, Cli::command()),
    }
}

/// What a shell says of `cat` and other tools that write on after their reader ended: 128 and the number of SIGPIPE.
const CLOSED_PIPE: u8 = 141;

/// Whoever read our output has seen enough: `cratedigger sql … | head`.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|e| {
        e.downcast_ref::<std::io::Error>()
            .is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
    })
}

/// The error and its causes, each once: many libraries repeat the cause in their own text.
fn chain(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if !text.contains(&cause) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&cause);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use anyhow::Context;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn causes_are_told_once() {
        let inner = std::io::Error::other("disk full");
        let error = anyhow::Error::new(inner)
            .context("cannot write x: disk full")
            .context("the study stopped");
        assert_eq!(chain(&error), "the study stopped: cannot write x: disk full");
    }

    #[test]
    fn a_closed_pipe_is_found_below_other_errors() {
        let pipe = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        let error = Err::<(), _>(pipe).context("cannot write").unwrap_err();
        assert!(is_closed_pipe(&error));
        assert!(!is_closed_pipe(&anyhow::anyhow!("other")));
    }
}
