//! `cratedigger serve`: the HTTP server and its page.

#[cfg_attr(not(feature = "server"), allow(dead_code))]
mod args;
#[cfg(feature = "server")]
mod run;

pub(crate) use args::Args;
#[cfg(feature = "server")]
pub(crate) use run::run;

/// Says how to get a build that can.
#[cfg(not(feature = "server"))]
pub(crate) fn run(_: &Args, _: crate::progress::Progress) -> anyhow::Result<std::process::ExitCode> {
    Err(super::lacking::part("has no server", "server"))
}
