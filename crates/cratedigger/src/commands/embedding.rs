//! `cratedigger embedding`: networks of others, imported, listed, shown.

#[cfg_attr(not(feature = "embed"), allow(dead_code))]
mod args;
#[cfg(feature = "embed")]
mod run;

pub(crate) use args::Args;
#[cfg(feature = "embed")]
pub(crate) use run::run;

/// Says how to get a build that can.
#[cfg(not(feature = "embed"))]
pub(crate) fn run(_: &Args, _: crate::progress::Progress) -> anyhow::Result<std::process::ExitCode> {
    Err(super::lacking::part("runs no networks of others", "embed"))
}
