//! `cratedigger serve`, run as its users run it: the real binary on a free port, a model trained here on clips made here.
#![cfg(feature = "server")]
#![allow(clippy::unwrap_used)]

mod answers;
#[path = "../common/chromium.rs"]
mod chromium;
mod client;
#[cfg(feature = "sql")]
mod corpus;
mod description;
#[cfg(feature = "sql")]
#[path = "../common/desk.rs"]
mod desk;
mod embedding;
mod hostile;
mod operation;
mod page;
#[cfg(target_os = "linux")]
#[path = "../common/processes.rs"]
mod processes;
mod sounds;
mod strangers;
