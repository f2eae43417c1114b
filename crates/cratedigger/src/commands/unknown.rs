//! What a model may call unknown: the same option for `train` and `tune`.

use anyhow::{Context, Result};
use cratedigger_learn::Dataset;
use cratedigger_learn::novelty::Novelty;

use super::numbers::part;

/// What is unknown.
#[derive(clap::Args)]
pub(crate) struct UnknownArgs {
    /// Let the model call `unknown` what is unlike all that it has learnt, and at most this share of music that is not, such as 0.01
    ///
    /// `classify` and `serve` then answer `unknown`, whatever the probabilities. How far a recording is from the training rows is told by
    /// the detector that tells best a genre that is left out; the distance that is too far, by training rows of artists that the detector
    /// did not see. Needs no held-out rows; the share of the test rows that is unknown is reported (by `tune` with --score-test).
    #[arg(long, value_name = "SHARE", value_parser = part)]
    unknown: Option<f64>,
}

impl UnknownArgs {
    /// What tells rows that are unlike these, where it is asked for.
    pub(crate) fn fit(&self, rows: &Dataset, seed: u64, n_jobs: Option<usize>) -> Result<Option<Novelty>> {
        let fit = |rate: f64| Novelty::fit(rows, rate, seed, n_jobs);
        let fitted = self.unknown.map(fit).transpose();
        fitted.context("cannot tell what is unknown (--unknown)")
    }
}
