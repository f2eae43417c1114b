//! Connections: accepted within a number, given up when they are silent, finished when the server is stopped.

use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::descriptors;
use super::patient::Patient;
use super::places::{Place, Places};
use crate::settings::Settings;

/// Largest head of a request, in bytes.
const MAX_HEAD: usize = 32 << 10;

/// Most headers of a request.
const MAX_HEADERS: usize = 64;

/// The longest that a head may take where only who watches the server is answered.
const SHORT: Duration = Duration::from_secs(1);

/// Serves until `stop` is true, then until every accepted request is answered; whether that was in time.
///
/// `watched` answers on the places that are kept for who watches the server.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    watched: Router,
    settings: &Settings,
    mut stop: watch::Receiver<bool>,
) -> bool {
    let (n_open, most_by_address) = descriptors::connections(settings);
    let places = Places::new(n_open, most_by_address);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = told(&mut stop) => break,
        };
        let Ok((stream, place)) = accepted else {
            // Out of file descriptors, most likely: others must end first.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let router = if place.is_reserved() { &watched } else { &router };
        let service = TowerToHyperService::new(router.clone());
        let (timeout, stop) = (settings.read_timeout, stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = connection(stream, service, &place, timeout, stop) => {}
                () = place.needed() => {}
            }
            drop(place);
        });
    }
    drop(listener);
    tokio::time::timeout(settings.shutdown_timeout, places.all_left())
        .await
        .is_ok()
}

/// Ends when the server shall stop.
async fn told(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// No connection was accepted; the log says why.
struct Unaccepted;

async fn accept(listener: &TcpListener, places: &Places) -> Result<(TcpStream, Place), Unaccepted> {
    match listener.accept().await {
        Ok((stream, from)) => {
            // Small answers should not wait for more to send.
            let _ = stream.set_nodelay(true);
            let place = places.seat(from.ip().to_canonical()).await;
            Ok((stream, place.ok_or(Unaccepted)?))
        }
        Err(error) => {
            tracing::warn!("a connection was not accepted: {error}");
            Err(Unaccepted)
        }
    }
}

async fn connection(
    stream: TcpStream,
    service: TowerToHyperService<Router>,
    place: &Place,
    timeout: Duration,
    mut stop: watch::Receiver<bool>,
) {
    let timeout = if place.is_reserved() {
        timeout.min(SHORT)
    } else {
        timeout
    };
    let io = TokioIo::new(Patient::new(stream, timeout));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .keep_alive(!place.is_reserved())
        .header_read_timeout(timeout)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS)
        .serve_connection(io, service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = told(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // Clients that go away or stay silent are no news.
        tracing::debug!("a connection ended: {error}");
    }
}
