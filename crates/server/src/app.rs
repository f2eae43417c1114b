//! The routes, and what is done around every request.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use futures::FutureExt;

use crate::problem::{Kind, Problem};
use crate::sites::Guard;
use crate::state::{Shared, Work};
use crate::{auth, routes, sites};

/// Scripts and styles come from this server only, nothing is framed, nothing is sent elsewhere.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    connect-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A report is one file with its scripts inside. It runs in an origin of its own, out of reach of the page and the API.
const REPORT_POLICY: &str = "sandbox allow-scripts allow-downloads allow-popups; default-src 'none'; \
    script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src 'self' data: blob:; font-src data:; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

/// A request on a place that is kept for who watches the server.
#[derive(Clone, Copy)]
struct Reserved;

/// What is answered on the places that are kept for who watches the server.
pub(crate) fn watched(router: &Router) -> Router {
    router.clone().layer(Extension(Reserved))
}

/// Everything that is answered.
pub(crate) fn router(guard: Guard) -> Router {
    let guard = Arc::new(guard);
    let app = &guard.app;
    let guarded = Router::new()
        .route("/v1/classify", post(routes::classify))
        .route("/v1/features", post(routes::features))
        .route("/v1/model", get(routes::model))
        .route("/metrics", get(routes::metrics))
        .route("/report", get(routes::report_home))
        .route("/report/", get(routes::report_index))
        .route("/report/{*path}", get(routes::report))
        .route_layer(from_fn_with_state(Arc::clone(app), auth::check));
    let open = Router::new()
        .route("/", get(routes::page))
        .route("/page/{file}", get(routes::page_file))
        .route("/openapi.json", get(routes::openapi))
        .route("/healthz", get(routes::healthz))
        .route("/readyz", get(routes::readyz));
    guarded
        .merge(open)
        .method_not_allowed_fallback(routes::method_not_allowed)
        .fallback(routes::not_found)
        .layer(from_fn_with_state(Arc::clone(&guard), sites::check))
        .layer(from_fn(only_watchers))
        .layer(from_fn_with_state(Arc::clone(app), around))
        .with_state(Arc::clone(app))
}

/// Turns away what has to wait for a place of its own.
async fn only_watchers(request: Request, next: Next) -> Result<Response, Problem> {
    let reserved = request.extensions().get::<Reserved>().is_some();
    if reserved && !sites::FOR_WATCHERS.contains(&request.uri().path()) {
        return Err(Problem::new(
            Kind::TooManyConnections,
            "all connections that this server takes, or that it takes from one address, are open; come again in a moment",
        )
        .retry_after(1));
    }
    Ok(next.run(request).await)
}

/// A number, headers, a line in the log and a count for every request; a panic becomes an answer.
async fn around(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let in_flight = app.metrics.begin();
    let number = app.next_number();
    let method = known(request.method());
    let route = match request.extensions().get::<MatchedPath>() {
        Some(path) => path.as_str().to_owned(),
        None => "other".to_owned(),
    };
    let response = match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => Problem::new(Kind::Internal, "the log of the server says more").into_response(),
    };
    let mut response = with_instance(response, number);
    let policy = if route.starts_with("/report") {
        REPORT_POLICY
    } else {
        PAGE_POLICY
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, policy),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.insert("x-request-id", HeaderValue::from(number));
    let took = started.elapsed();
    let status = response.status();
    app.metrics.answered(&route, method, status.as_u16(), took);
    drop(in_flight);
    let work = response.extensions().get::<Work>();
    tracing::info!(
        request = number,
        method,
        route,
        status = status.as_u16(),
        milliseconds = took.as_secs_f64() * 1000.0,
        files = work.map(|w| w.n_files as u64),
        bytes = work.map(|w| w.n_bytes),
        problem = response.extensions().get::<Problem>().map(|p| p.kind.slug()),
        "answered"
    );
    response
}

/// Puts the request's number into a problem's body, and gives a body to errors that have none.
fn with_instance(mut response: Response, number: u64) -> Response {
    let status = response.status();
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None if status == StatusCode::BAD_REQUEST => {
            Problem::new(Kind::BadRequest, "the address cannot be understood")
        }
        None => return response,
    };
    let (mut parts, _) = response.into_parts();
    let (problem_parts, body) = problem
        .respond(Some(format!("urn:cratedigger:request:{number}")))
        .into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.extend(problem_parts.headers);
    parts.extensions.insert(problem);
    Response::from_parts(parts, Body::new(body))
}

/// The method's name, or `OTHER`: a client must not be able to add names to the counters.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        "PATCH" => "PATCH",
        _ => "OTHER",
    }
}
