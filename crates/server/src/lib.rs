//! A model behind HTTP: audio in, genres out, within limits, and a page that audio files are dropped on. The guide for who
//! runs a server is `docs/server.md`.
//!
//! ```text
//! Choices ──settle──> Settings ──load──> App (model, threads, limits, counters) ──> Router
//!
//! socket ──connections──> a number, a log line ──auth──> routes ──uploads──> files ──pool──> features
//!          silent: ended    (app)                token?           too much: refused   full: 429  │
//!                                                                                             ▼
//! answer or problem <──JSON──────────────────────────────── answers <── verdict <── classifier
//! ```
//!
//! Connections and bodies are handled by async threads (`connections`, `uploads`); decoding and prediction by a fixed number
//! of others (`pool`), behind a queue of bounded length. `classifier` is all that knows the model file. Modules depend on
//! those below them only: `settings` and `state` at the bottom, `routes` above them, `app` puts all together and `run` keeps
//! it up until it is told to stop.
//!
//! # Where to change what
//!
//! | what | where |
//! |---|---|
//! | the limits of an upload: bytes, files, seconds | `uploads/limits.rs` |
//! | which content types are taken | `uploads/kind.rs` |
//! | an option, or what is checked of it | `settings/` |
//! | timeouts of heads and of clients that stay silent, places for connections | `connections/` |
//! | a route | `app.rs` (the list), `routes.rs` (the function), `openapi.json` (its description) |
//! | a field of an answer | `answers.rs` and `openapi.json`, which a test compares |
//! | what is computed of a recording: features, frames | `analysis.rs` |
//! | a kind of problem, its status and words | `problem.rs` and `docs/server.md` |
//! | who may ask, and which sites | `auth.rs`, `tokens.rs`, `sites.rs` |
//! | the page | `page/` |
//! | what `serve --check` asks of a server | `check.rs` |
//! | a line of the log, a counter | `app.rs`, `log.rs`, `metrics.rs` |
//! | when a genre is named at all | `cratedigger_collection::classify` |
//!
//! # Example
//!
//! ```
//! use cratedigger_server::{Choices, new_token};
//!
//! let (_token, hash) = new_token()?;
//! let flags = Choices {
//!     model: Some("genres.cdmodel".into()),
//!     addr: Some("0.0.0.0:8080".parse()?),
//!     ..Choices::default()
//! };
//! // Others can reach this address, so a token must be asked for, or a clear word be said.
//! assert!(flags.clone().settle().is_err());
//! let file = Choices { token_hashes: vec![hash], max_files: Some(4), ..Choices::default() };
//! let settings = flags.or(file).settle()?;
//! assert_eq!((settings.max_files, settings.max_body), (4, 64 << 20));
//! // `cratedigger_server::run(settings, …)` serves until it is told to stop.
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod analysis;
mod answers;
mod app;
mod assets;
mod auth;
mod check;
mod classifier;
mod connections;
mod error;
mod log;
mod metrics;
mod pool;
mod problem;
mod routes;
mod run;
mod settings;
mod sites;
mod state;
mod tokens;
mod uploads;

pub use check::check;
pub use error::{Error, Result};
pub use log::{LogEnd, LogFormat, start as start_log};
pub use run::run;
pub use settings::{Choices, Settings};
pub use tokens::{Tokens, new_token};
