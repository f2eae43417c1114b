//! The HTTP server: audio in, genres out, within limits. The guide is `docs/server.md`.
//!
//! Connections and bodies are handled by async threads ([`listen`], [`upload`]); decoding and prediction by a fixed number
//! of others ([`pool`]), behind a queue of bounded length. [`classifier`] is all that knows the model file.

mod answers;
mod app;
mod assets;
mod auth;
mod classifier;
mod listen;
mod log;
mod metrics;
mod patient;
mod pool;
mod problem;
mod routes;
mod settings;
mod upload;

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use tokio::net::TcpListener;
use tokio::sync::watch;

pub(crate) use auth::new_token;
pub(crate) use settings::{Choices, Settings};

use crate::progress::Progress;

/// How often it is looked whether the server shall stop.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Threads that read and write connections; the work is done by others.
const N_ASYNC_THREADS: usize = 2;

/// Serves until it is told to stop by SIGINT (Ctrl-C) or SIGTERM; whether everything that was accepted was answered.
///
/// A second signal ends the process at once.
pub(crate) fn run(settings: Settings, progress: Progress) -> Result<bool> {
    log::start(settings.log, progress.is_quiet())?;
    let stopping = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // In this order: the first signal finds the flag unset.
        flag::register_conditional_shutdown(signal, 130, Arc::clone(&stopping))
            .and_then(|_| flag::register(signal, Arc::clone(&stopping)))
            .context("cannot listen to signals")?;
    }
    let addr = settings.addr;
    let app = app::App::new(settings, progress)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(N_ASYNC_THREADS)
        .thread_name("connections")
        .enable_io()
        .enable_time()
        .build()
        .context("cannot start the threads of the server")?;
    let finished = runtime.block_on(async {
        let listener = TcpListener::bind(addr)
            .await
            .with_context(|| format!("cannot listen on {addr}"))?;
        let addr = listener.local_addr().context("cannot tell the address")?;
        // Who started the server reads here where it is, and needs to know it at once.
        let mut out = std::io::stdout();
        writeln!(out, "listening on http://{addr}").and_then(|()| out.flush())?;
        let card = app.classifier.card();
        tracing::info!(
            address = %addr,
            model = app.classifier.id(),
            method = card.method,
            genres = card.labels.len() as u64,
            recipe = app.classifier.recipe().version(),
            tokens = !app.settings.tokens.is_empty(),
            "serving"
        );
        let warming = Arc::clone(&app);
        let warming = std::thread::spawn(move || warming.warm_up());
        let (tell, told) = watch::channel(false);
        let watched = Arc::clone(&app);
        tokio::spawn(async move {
            while !stopping.load(Ordering::Relaxed) {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            tracing::info!("stopping; accepted requests are finished first");
            watched.ready.store(false, Ordering::Relaxed);
            let _ = tell.send(true);
        });
        let finished = listen::serve(listener, app.router(), &app.settings, told).await;
        let _ = warming.join();
        anyhow::Ok(finished)
    })?;
    match finished {
        true => tracing::info!("stopped"),
        false => tracing::warn!("stopped before every accepted request was answered"),
    }
    runtime.shutdown_background();
    Ok(finished)
}
