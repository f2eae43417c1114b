//! The server of `cratedigger-server`, with this process' signals, standard output and standard error.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, Result};
use cratedigger_server::{Choices, LogFormat, check, new_token, start_log};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::args::{Args, Flags, LogForm};
use crate::commands::decode_helper;
use crate::console;
use crate::progress::Progress;

/// How long `--check` waits for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Serves until SIGINT (Ctrl-C) or SIGTERM; a second signal ends the process at once.
pub(crate) fn run(args: &Args, progress: Progress) -> Result<ExitCode> {
    if args.new_token {
        let (token, hash) = new_token()?;
        console::print(&format!("token       {token}\ntoken hash  {hash}\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(addr) = args.check {
        check(addr, PATIENCE).with_context(|| format!("the server at {addr}"))?;
        console::print("ready\n")?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut choices = choices(args.choices.clone());
    if let Some(path) = &args.config {
        choices = choices.or(Choices::read(path)?);
    }
    let mut settings = choices.settle()?;
    settings.helper = Some(decode_helper::command()?);
    settings.embedding = args.choices.embedding.open(progress)?;
    settings.cache = std::env::var_os("CRATEDIGGER_CACHE").map(Into::into);
    let _log = start_log(settings.log, progress.is_quiet(), std::io::stderr())?;
    let stopping = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // In this order: the first signal finds the flag unset.
        flag::register_conditional_shutdown(signal, 130, Arc::clone(&stopping))
            .and_then(|_| flag::register(signal, Arc::clone(&stopping)))
            .context("cannot listen to signals")?;
    }
    let finished = cratedigger_server::run(settings, stopping, &progress, |addr| {
        // Who started the server reads here where it is, and needs to know it at once. Where nobody reads, the log tells it.
        if let Err(error) = console::print(&format!("listening on http://{addr}\n")) {
            console::note(&format!("cratedigger: cannot write to standard output: {error}"));
        }
        Ok(())
    })?;
    Ok(ExitCode::from(u8::from(!finished)))
}

fn choices(flags: Flags) -> Choices {
    let Flags {
        model,
        addr,
        report,
        neighbours,
        threshold,
        token_hashes,
        allow_anonymous,
        max_body,
        max_files,
        max_duration,
        decodes,
        queue,
        upload_memory,
        max_connections,
        max_per_address,
        min_rate,
        hosts,
        read_timeout,
        upload_timeout,
        request_timeout,
        shutdown_timeout,
        log,
        embedding: _,
    } = flags;
    Choices {
        model,
        addr,
        report,
        neighbours,
        threshold,
        token_hashes,
        allow_anonymous,
        max_body,
        max_files,
        max_duration,
        decodes,
        queue,
        upload_memory,
        max_connections,
        max_per_address,
        min_rate,
        hosts,
        read_timeout,
        upload_timeout,
        request_timeout,
        shutdown_timeout,
        log: log.map(|form| match form {
            LogForm::Text => LogFormat::Text,
            LogForm::Json => LogFormat::Json,
        }),
    }
}
