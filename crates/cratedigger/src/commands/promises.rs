//! What a model is to promise: the same options for `train` and `evaluate`, and a promise made on rows that calibrate.

use anyhow::{Context, Result, bail};
use cratedigger_learn::model::{MeasuredSets, Model, RiskCard, SetsCard};
use cratedigger_learn::selective::{
    Answered, Choice, ConformalSets, RiskTarget, choose_threshold, confidences,
};
use cratedigger_learn::{Dataset, PredictionSets, ScoreMatrix};

use super::numbers::{confidence, part};

/// The promises.
#[derive(clap::Args)]
pub(crate) struct PromiseArgs {
    /// Answer only where at most this share of the answers is wrong, such as 0.05; the others are `uncertain`
    ///
    /// The least probability that is answered is chosen on held-out artists that are not reported (and not fitted on), by a bound that
    /// takes artists, not tracks, as independent (selection with guaranteed risk).
    #[arg(long, value_name = "SHARE", value_parser = part)]
    pub(crate) max_risk: Option<f64>,

    /// The probability with which --max-risk is kept
    #[arg(long, value_name = "SHARE", default_value_t = 0.95, requires = "max_risk", value_parser = confidence)]
    pub(crate) confidence: f64,

    /// Give sets of genres that hold the true one in this share of tracks, such as 0.9
    ///
    /// By split conformal prediction, calibrated on held-out artists that are not reported: for all tracks together, and for the tracks of
    /// each genre by itself.
    #[arg(long, value_name = "SHARE", value_parser = part)]
    pub(crate) coverage: Option<f64>,
}

impl PromiseArgs {
    /// The promise about wrong answers.
    pub(crate) fn target(&self) -> Option<RiskTarget> {
        self.max_risk.map(|max_risk| RiskTarget {
            max_risk,
            confidence: self.confidence,
        })
    }

    /// Whether anything is promised.
    pub(crate) fn any(&self) -> bool {
        self.max_risk.is_some() || self.coverage.is_some()
    }

    /// What the model can promise by the rows that calibrate, and what comes of it on those that are reported.
    pub(crate) fn make(
        &self,
        model: &Model,
        calibration: &Dataset,
        test: &Dataset,
    ) -> Result<(Option<RiskCard>, Option<SetsCard>)> {
        if !self.any() {
            return Ok((None, None));
        }
        let [calibrating, reported] = [calibration, test].map(|rows| said(model, rows));
        let (calibrating, reported) = (calibrating?, reported?);
        let risk = match self.target() {
            Some(target) => Some(risk(target, (&calibrating, calibration), (&reported, test))?),
            None => None,
        };
        let sets = match self.coverage {
            Some(coverage) => Some(sets(coverage, (&calibrating, calibration), (&reported, test))?),
            None => None,
        };
        Ok((risk, sets))
    }
}

/// The probabilities of rows, and whether each is right.
fn said(model: &Model, rows: &Dataset) -> Result<(ScoreMatrix, Vec<bool>)> {
    let said = model.predict(&rows.x)?;
    let method = &model.card().method;
    let probabilities = said.probabilities.with_context(|| {
        format!("a {method} has no probabilities to promise anything by; add --calibrate")
    })?;
    let right = said.classes.iter().zip(&rows.y).map(|(a, b)| a == b).collect();
    Ok((probabilities, right))
}

/// Rows with what is said of them.
type Told<'a> = (&'a (ScoreMatrix, Vec<bool>), &'a Dataset);

fn risk(target: RiskTarget, calibration: Told<'_>, test: Told<'_>) -> Result<RiskCard> {
    let ((proba, right), rows) = calibration;
    let sure = confidences(proba);
    let kept = match choose_threshold(&sure, right, rows.groups.as_deref(), target)? {
        Choice::Kept(kept) => kept,
        Choice::TooMuch { least_bound } => bail!(
            "no probability is high enough for --max-risk {}: of the {} held-out rows that may choose it, the surest could be wrong in up \
             to {:.1} % with a confidence of {} %. Allow more, or hold out more artists (--test-size)",
            target.max_risk,
            right.len(),
            100.0 * least_bound,
            100.0 * target.confidence
        ),
    };
    let ((proba, right), rows) = test;
    let answered: Vec<bool> = confidences(proba).iter().map(|&p| p >= kept.threshold).collect();
    let test = Answered::new(&answered, right, rows.groups.as_deref())?;
    Ok(RiskCard::new(target, &kept, &test))
}

fn sets(coverage: f64, calibration: Told<'_>, test: Told<'_>) -> Result<SetsCard> {
    let ((proba, _), rows) = calibration;
    let mut by = ConformalSets::calibrate(proba, &rows.y, coverage)?;
    by.n_groups = rows.groups.as_ref().map(|groups| {
        let different: std::collections::BTreeSet<_> = groups.iter().collect();
        different.len()
    });
    let ((proba, _), rows) = test;
    let found = PredictionSets::by(&by, proba, &rows.y)?;
    let all: Vec<usize> = (0..rows.n_rows()).collect();
    let groups = rows.groups.as_deref();
    Ok(SetsCard {
        test: MeasuredSets::of(&found.plain.scores(&all, groups)?),
        test_per_class: MeasuredSets::of(&found.per_class.scores(&all, groups)?),
        calibration: by,
    })
}
