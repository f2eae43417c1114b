//! A function for each route.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Path, Request, State};
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};
use cratedigger_collection::embedding::Recording;
use tokio::time::timeout_at;

use crate::analysis::{Purpose, Sound, left};
use crate::answers::{Classified, Extracted, FileResult, Genres, ModelAnswer, ModelRef, Values, json};
use crate::metrics::Now;
use crate::problem::{Kind, Problem};
use crate::state::{App, Shared, Work};
use crate::uploads::{Upload, Uploads};

/// What is made of one file's features or frames.
type Make<T> = fn(&App, &Sound) -> Result<T, Problem>;

/// `POST /v1/classify`
pub(crate) async fn classify(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    let started = Instant::now();
    let (results, work) = each_file(&app, request, Purpose::Genres, genres).await?;
    for result in &results {
        if let FileResult::Done { outcome, .. } = result {
            app.metrics.classified(outcome.genre.as_deref());
        }
    }
    let answer = Classified {
        model: ModelRef::of(&app.classifier),
        threshold: app.classifier.threshold(),
        results,
        seconds: started.elapsed().as_secs_f64(),
    };
    told(json(&answer)?, work)
}

/// `POST /v1/features`
pub(crate) async fn features(State(app): State<Shared>, request: Request) -> Result<Response, Problem> {
    let started = Instant::now();
    let values = |_: &App, sound: &Sound| match &sound.features {
        Some(features) => Ok(Values::from(features)),
        None => Err(Problem::internal()),
    };
    let (results, work) = each_file(&app, request, Purpose::Features, values).await?;
    let answer = Extracted::new(&app, results, started.elapsed().as_secs_f64());
    told(json(&answer)?, work)
}

/// `GET /v1/model`
pub(crate) async fn model(State(app): State<Shared>) -> Result<Response, Problem> {
    json(&ModelAnswer::of(&app))
}

/// `GET /metrics`
pub(crate) async fn metrics(State(app): State<Shared>) -> Response {
    let text = app.metrics.text(&Now {
        n_running: app.pool.n_running(),
        n_taken: app.pool.n_taken(),
        n_slots: app.pool.n_slots(),
        upload_memory: app.rules.n_bytes_used(),
        method: &app.classifier.card().method,
        model: app.classifier.id(),
        recipe: app.classifier.recipe().version(),
    });
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(CONTENT_TYPE, kind)], text).into_response()
}

/// `GET /healthz`: the process answers.
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: requests are taken.
pub(crate) async fn readyz(State(app): State<Shared>) -> Result<&'static str, Problem> {
    match app.is_ready() {
        true => Ok("ready\n"),
        false => Err(not_ready()),
    }
}

/// `GET /openapi.json`
pub(crate) async fn openapi(State(app): State<Shared>) -> Response {
    app.site.openapi()
}

/// `GET /`
pub(crate) async fn page(State(app): State<Shared>) -> Result<Response, Problem> {
    app.site.page("index.html").ok_or_else(nothing_here)
}

/// `GET /page/{file}`
pub(crate) async fn page_file(
    State(app): State<Shared>,
    Path(file): Path<String>,
) -> Result<Response, Problem> {
    app.site.page(&file).ok_or_else(nothing_here)
}

/// `GET /report`
pub(crate) async fn report_home(State(app): State<Shared>) -> Result<Response, Problem> {
    match app.site.has_report() {
        true => Ok(Redirect::permanent("/report/").into_response()),
        false => Err(no_report()),
    }
}

/// `GET /report/`
pub(crate) async fn report_index(State(app): State<Shared>) -> Result<Response, Problem> {
    app.site.report("report.html").ok_or_else(no_report)
}

/// `GET /report/{*path}`
pub(crate) async fn report(State(app): State<Shared>, Path(path): Path<String>) -> Result<Response, Problem> {
    app.site.report(&path).ok_or_else(nothing_here)
}

/// Any other address.
pub(crate) async fn not_found() -> Problem {
    nothing_here()
}

/// A known address with a method that it does not have; the router adds which it has.
pub(crate) async fn method_not_allowed() -> Problem {
    Problem::new(
        Kind::MethodNotAllowed,
        "the header Allow says which methods this address has; /openapi.json describes them",
    )
}

fn nothing_here() -> Problem {
    Problem::new(Kind::NotFound, "see /openapi.json for what this server answers")
}

fn no_report() -> Problem {
    Problem::new(
        Kind::NotFound,
        "this server was started without a report; `--report DIR` names the folder that `cratedigger study` wrote",
    )
}

fn not_ready() -> Problem {
    Problem::new(
        Kind::NotReady,
        "the server is starting or stopping; come again in a moment",
    )
    .retry_after(1)
}

fn busy(app: &App) -> Problem {
    let (n_taken, n_threads) = (app.pool.n_taken(), app.settings.decodes);
    Problem::new(
        Kind::QueueFull,
        format!("{n_taken} files are being analysed or wait already; come again later"),
    )
    .retry_after(app.metrics.retry_after_s(n_taken, n_threads))
}

fn genres(app: &App, sound: &Sound) -> Result<Genres, Problem> {
    match app.classifier.classify(sound) {
        Ok(verdict) => Ok(Genres::new(verdict, &app.classifier.card().labels)),
        Err(error) => Err(Problem::new(
            Kind::Unusable,
            format!(
                "the model cannot classify these features: {}",
                error.in_one_line()
            ),
        )),
    }
}

/// Reads the files of a request and makes something of each on the decoding threads.
///
/// The problem of a single file is that of the request; among several files each has its own outcome.
async fn each_file<T: Send + 'static>(
    app: &Shared,
    request: Request,
    purpose: Purpose,
    make: Make<T>,
) -> Result<(Vec<FileResult<T>>, Work), Problem> {
    let refusal = match (app.is_ready(), app.pool.has_place()) {
        (true, true) => None,
        (true, false) => Some(busy(app)),
        (false, _) => Some(not_ready()),
    };
    if let Some(problem) = refusal {
        app.rules.discard(request).await;
        return Err(problem);
    }
    let Uploads {
        files,
        n_bytes,
        budget,
    } = app.rules.read(request).await?;
    app.metrics.uploaded(n_bytes);
    let work = Work {
        n_files: files.len(),
        n_bytes,
    };
    let mut places = app.pool.places(files.len()).map_err(|_| busy(app))?;
    let budget = Arc::new(budget);
    let deadline = tokio::time::Instant::now() + app.settings.request_timeout;
    let mut waiting = Vec::with_capacity(files.len());
    for file in files {
        let (app_there, budget) = (Arc::clone(app), Arc::clone(&budget));
        let name = file.name.clone();
        let answer = app.pool.start(&mut places, move || {
            let result = one_file(&app_there, file, purpose, deadline.into_std(), make);
            drop(budget);
            result
        });
        waiting.push((name, answer));
    }
    drop(budget);
    let alone = waiting.len() == 1;
    let mut results = Vec::with_capacity(waiting.len());
    for (name, answer) in waiting {
        let result = match timeout_at(deadline, answer).await {
            Err(_) => return Err(took_too_long(app)),
            Ok(Ok(Ok(result))) => result,
            Ok(Ok(Err(panic))) => {
                tracing::error!("a file made the analysis panic: {}", panic.0);
                app.metrics.analysed(Kind::Internal.slug(), Duration::ZERO, 0.0);
                Err(Problem::internal())
            }
            Ok(Err(_)) => Err(not_ready()),
        };
        match result {
            Ok(done) => results.push(done.named(name)),
            Err(problem) if alone => return Err(problem),
            Err(problem) => results.push(FileResult::Failed {
                file: name,
                problem: problem.details(None),
            }),
        }
    }
    Ok((results, work))
}

fn took_too_long(app: &App) -> Problem {
    Problem::new(
        Kind::TookTooLong,
        format!(
            "the analysis was not done after {} seconds; send fewer or shorter files, or come again later",
            app.settings.request_timeout.as_secs_f64()
        ),
    )
    .retry_after(
        app.metrics
            .retry_after_s(app.pool.n_taken(), app.settings.decodes),
    )
}

/// One file, on a decoding thread, until nobody waits for it any more.
fn one_file<T>(
    app: &App,
    file: Upload,
    purpose: Purpose,
    deadline: Instant,
    make: Make<T>,
) -> Result<FileResult<T>, Problem> {
    let started = Instant::now();
    let mut analysed = app.analyser.bytes(&file.bytes, purpose, deadline);
    let embedding = match (app.classifier.embedding(), &analysed) {
        (Some(embedding), Ok(_)) if purpose == Purpose::Genres => embedding
            .describe(
                Recording::Bytes(&file.bytes),
                app.analyser.decoding(),
                left(deadline),
                &mut 0,
            )
            .map(|described| described.values)
            .map_err(|failure| Problem::new(Kind::Unusable, failure.reason)),
        _ => Ok(Vec::new()),
    };
    drop(file);
    if let (Ok(sound), Ok(values)) = (&mut analysed, &embedding) {
        sound.embedding.clone_from(values);
    }
    let result = match &analysed {
        Ok(sound) => embedding
            .and_then(|_| make(app, sound))
            .map(|outcome| FileResult::Done {
                file: None,
                outcome,
                audio: sound.info.into(),
                seconds: started.elapsed().as_secs_f64(),
            }),
        Err(error) => Err(Problem::of_audio(error)),
    };
    let outcome = result.as_ref().map_or_else(|p| p.kind.slug(), |_| "ok");
    let audio_s = analysed.map_or(0.0, |sound| sound.info.duration_s());
    app.metrics.analysed(outcome, started.elapsed(), audio_s);
    result
}

fn told(mut response: Response, work: Work) -> Result<Response, Problem> {
    response.extensions_mut().insert(work);
    Ok(response)
}
