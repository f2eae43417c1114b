//! `cratedigger download`: the dataset's official archives.

mod args;
#[cfg(feature = "download")]
mod run;

pub(crate) use args::Args;
#[cfg(feature = "download")]
pub(crate) use run::run;

/// Says how to get a build that can.
#[cfg(not(feature = "download"))]
pub(crate) fn run(_: &Args, _: crate::progress::Progress) -> anyhow::Result<std::process::ExitCode> {
    Err(super::lacking::part("downloads nothing", "download"))
}
