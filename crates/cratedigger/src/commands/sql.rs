//! `cratedigger sql`: ad-hoc queries over the tables of a store.

mod args;
#[cfg(feature = "sql")]
mod run;

pub(crate) use args::Args;
#[cfg(feature = "sql")]
pub(crate) use run::run;

/// Says how to get a build that can.
#[cfg(not(feature = "sql"))]
pub(crate) fn run(_: &Args, _: crate::progress::Progress) -> anyhow::Result<std::process::ExitCode> {
    Err(super::lacking::part("has no SQL", "sql"))
}
