//! From which novelty on a row is unknown.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::detector::{Detector, DetectorKind};
use super::leave_out::{LeftOut, leave_one_class_out};
use crate::data::columns::ColumnKind;
use crate::data::dataset::Dataset;
use crate::data::matrix::Matrix;
use crate::error::{LearnError, Result};
use crate::parallel::in_parallel;
use crate::split::{Fold, inner_folds};

/// Folds on which detectors are compared and the threshold is found.
const FOLDS: usize = 5;

/// Which rows are unknown, and how that was found.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Criterion {
    /// The detector that was chosen.
    pub detector: DetectorKind,
    /// The share of known rows that may be called unknown.
    pub false_alarm: f64,
    /// Rows of larger scores are unknown.
    pub threshold: f64,
    /// Training rows whose scores chose the threshold, each by a detector that was fitted on other groups.
    pub n_rows: usize,
    /// Whether groups (artists) are known, so that none is compared with its own rows.
    pub by_artist: bool,
    /// The detectors that were compared, in the order of [`DetectorKind::ALL`]; empty with fewer than two classes.
    pub trials: Vec<Trial>,
}

/// How well a detector tells classes that were left out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Trial {
    /// The detector.
    pub detector: DetectorKind,
    /// The mean over the classes that have an AUROC.
    pub mean_auroc: Option<f64>,
    /// Each class.
    pub left_out: Vec<LeftOut>,
}

/// A detector and from which score on a row is unknown.
#[derive(Debug, Clone, PartialEq)]
pub struct Novelty {
    pub(super) detector: Detector,
    /// The columns that it goes by.
    pub(super) columns: Vec<usize>,
    pub(super) criterion: Criterion,
}

impl Novelty {
    /// Chooses the detector that tells left-out classes best (the largest mean AUROC, of equal ones the first of [`DetectorKind::ALL`]), on
    /// folds of whole groups; finds the threshold on rows of groups that were not learnt from, and fits to all rows.
    ///
    /// Columns that are categories, or may be missing in any row, have no say ([`ColumnKind`]): they are no sound.
    ///
    /// # Errors
    /// As [`Detector::fit`]; `InvalidParameter` for a rate that is not between 0 and 1, and without a column to go by; `CannotSplit` where
    /// the rate is too small for so few rows.
    pub fn fit(data: &Dataset, false_alarm: f64, seed: u64, n_jobs: Option<usize>) -> Result<Self> {
        check_rate(false_alarm, data.n_rows())?;
        let columns: Vec<usize> = (0..data.n_features())
            .filter(|&column| ColumnKind::of(&data.feature_names[column]) == ColumnKind::Number)
            .collect();
        if columns.is_empty() {
            return Err(LearnError::parameter(
                "columns",
                0,
                "must be at least one that every row has: novelty is told by features, not by frames or categories",
            ));
        }
        let data = data.take_cols(&columns)?;
        let groups = data.groups.as_deref();
        let folds = inner_folds(&data.y, data.n_classes(), groups, FOLDS, seed)?;
        let mut criterion = Criterion {
            false_alarm,
            n_rows: data.n_rows(),
            by_artist: groups.is_some_and(|groups| groups.iter().any(|group| *group != groups[0])),
            ..Criterion::default()
        };
        if data.class_counts().iter().filter(|&&count| count > 0).count() > 1 {
            criterion.trials = trials(&data, &folds, seed, n_jobs)?;
            criterion.detector = best(&criterion.trials);
        }
        let scores = scores_of_others(&data, &folds, criterion.detector, seed, n_jobs)?;
        criterion.threshold = threshold(scores, false_alarm);
        Ok(Self {
            detector: Detector::fit(criterion.detector, &data, seed)?,
            columns,
            criterion,
        })
    }

    /// Which rows are unknown, and how that was found.
    pub fn criterion(&self) -> &Criterion {
        &self.criterion
    }

    /// How far each row is from what was learnt, over the threshold: above 1 it is unknown ([`is_unknown`]).
    ///
    /// `x`: the columns of the data set that it was fitted to, in their order.
    ///
    /// # Errors
    /// `ShapeMismatch`.
    pub fn scores(&self, x: &Matrix) -> Result<Vec<f64>> {
        let scores = self.detector.scores(&x.take_cols(&self.columns)?)?;
        let over = |score: f64| (score / self.criterion.threshold).min(f64::MAX);
        Ok(scores.into_iter().map(over).collect())
    }
}

/// Whether a row of this score, one of [`Novelty::scores`], is unknown.
pub fn is_unknown(score: f64) -> bool {
    score > 1.0
}

fn check_rate(false_alarm: f64, n_rows: usize) -> Result<()> {
    if !(false_alarm > 0.0 && false_alarm < 1.0) {
        return Err(LearnError::parameter(
            "false_alarm",
            false_alarm,
            "must be between 0 and 1",
        ));
    }
    // One row in 1 / rate must be able to exceed the threshold.
    let needed = (1.0 / false_alarm - 1e-9).ceil() as usize - 1;
    match n_rows < needed {
        true => Err(LearnError::CannotSplit {
            n_rows,
            reason: format!(
                "to call one row in {} unknown takes {needed} training rows",
                needed + 1
            ),
        }),
        false => Ok(()),
    }
}

/// Every detector on the same folds.
pub(super) fn trials(data: &Dataset, folds: &[Fold], seed: u64, n_jobs: Option<usize>) -> Result<Vec<Trial>> {
    let trial = |&detector: &DetectorKind| {
        let left_out = leave_one_class_out(data, folds, detector, seed, n_jobs)?;
        let areas: Vec<f64> = left_out.iter().filter_map(|left| left.auroc).collect();
        let mean = areas.iter().sum::<f64>() / areas.len() as f64;
        Ok(Trial {
            detector,
            mean_auroc: (!areas.is_empty()).then_some(mean),
            left_out,
        })
    };
    DetectorKind::ALL.iter().map(trial).collect()
}

/// The first of those with the largest mean.
fn best(trials: &[Trial]) -> DetectorKind {
    let mut best = (DetectorKind::default(), f64::NEG_INFINITY);
    for trial in trials {
        if let Some(mean) = trial.mean_auroc.filter(|mean| *mean > best.1) {
            best = (trial.detector, mean);
        }
    }
    best.0
}

/// Of each tested row the score by a detector that was fitted on the other groups.
fn scores_of_others(
    data: &Dataset,
    folds: &[Fold],
    kind: DetectorKind,
    seed: u64,
    n_jobs: Option<usize>,
) -> Result<Vec<f64>> {
    let of_folds = in_parallel(folds.len(), n_jobs, |fold| {
        let detector = Detector::fit(kind, &data.take_rows(&folds[fold].train)?, seed)?;
        detector.scores(&data.x.take_rows(&folds[fold].test)?)
    })?;
    Ok(of_folds.concat())
}

/// The score that at most a share of `false_alarm` of new rows exceed, where they are exchangeable with these (the rule of split conformal
/// prediction): the `ceil((n + 1) (1 - false_alarm))`-th smallest. Above 0, so that it can be divided by.
fn threshold(mut scores: Vec<f64>, false_alarm: f64) -> f64 {
    scores.sort_by(f64::total_cmp);
    let rank = ((scores.len() as f64 + 1.0) * (1.0 - false_alarm) - 1e-9).ceil() as usize;
    let at = rank.clamp(1, scores.len().max(1)) - 1;
    scores.get(at).copied().unwrap_or_default().max(f64::MIN_POSITIVE)
}

impl fmt::Display for Criterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "what is farther from all training rows than {:.4} ({}), as {} % of {} are",
            self.threshold,
            self.detector,
            (1e6 * self.false_alarm).round() / 1e4,
            match self.by_artist {
                true => "tracks of other artists",
                false => "other tracks (artists being unknown)",
            }
        )
    }
}

#[cfg(test)]
mod tests;
