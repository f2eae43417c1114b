//! A server from its start to its end.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cratedigger_collection::Listener;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::error::{Context, Error, Result};
use crate::settings::Settings;
use crate::sites::{Guard, Sites};
use crate::state::App;
use crate::{app, connections};

/// How often it is looked whether the server shall stop.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Threads that read and write connections; the work is done by others.
const N_ASYNC_THREADS: usize = 2;

/// Serves until `stopping` is set; whether everything that was accepted was answered.
///
/// `listening` is told the address once connections are taken there. What goes on after that is in the log.
///
/// # Errors
/// The server does not start: the model, the report or the tracks to look among cannot be read, the address is taken, or
/// `listening` failed.
pub fn run(
    settings: Settings,
    stopping: Arc<AtomicBool>,
    listener: &dyn Listener,
    listening: impl FnOnce(SocketAddr) -> io::Result<()>,
) -> Result<bool> {
    let addr = settings.addr;
    let app = App::new(settings, listener)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(N_ASYNC_THREADS)
        .thread_name("connections")
        .enable_io()
        .enable_time()
        .build()
        .context("cannot start the threads of the server")?;
    let finished = runtime.block_on(async {
        let socket = TcpListener::bind(addr)
            .await
            .with_context(|| format!("cannot listen on {addr}"))?;
        let addr = socket.local_addr().context("cannot tell the address")?;
        listening(addr).map_err(Error::NotHeard)?;
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
        let guard = Guard {
            sites: Sites::new(&app.settings, addr),
            app: Arc::clone(&app),
        };
        let router = app::router(guard);
        let watched = app::watched(&router);
        let finished = connections::serve(socket, router, watched, &app.settings, told).await;
        let _ = warming.join();
        Ok::<_, Error>(finished)
    })?;
    match finished {
        true => tracing::info!("stopped"),
        false => tracing::warn!("stopped before every accepted request was answered"),
    }
    runtime.shutdown_background();
    Ok(finished)
}
