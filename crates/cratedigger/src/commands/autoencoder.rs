//! `cratedigger autoencoder`: what frames look like, learnt without genres, as columns for every method.

#[cfg_attr(not(feature = "deep"), allow(dead_code))]
mod args;
#[cfg(feature = "deep")]
mod run;

pub(crate) use args::Args;
#[cfg(feature = "deep")]
pub(crate) use run::run;

/// Says how to get a build that can.
#[cfg(not(feature = "deep"))]
pub(crate) fn run(_: &Args, _: crate::progress::Progress) -> anyhow::Result<std::process::ExitCode> {
    Err(super::lacking::part("trains no networks on frames", "deep"))
}
