//! What a model promises of its answers, and what came of it on rows that had no part in the promise.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::data::matrix::Matrix;
use crate::error::Result;
use crate::novelty::{Criterion, Novelty, is_unknown};
use crate::selective::{Answered, ConformalSets, Guarantee, RiskTarget, SetScores};

/// From which probability on answers are given so that few of them are wrong.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RiskCard {
    /// The largest share of the answers that may be wrong.
    pub max_risk: f64,
    /// The confidence of the promise.
    pub confidence: f64,
    /// The least probability that is answered; also the card's `threshold`.
    pub threshold: f64,
    /// With the confidence no larger share of the answers is wrong.
    pub bound: f64,
    /// What the threshold was chosen on.
    pub calibration: AnswersCard,
    /// The same threshold on the rows that are reported.
    pub test: AnswersCard,
}

/// The answers of some rows.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AnswersCard {
    /// Rows.
    pub n_rows: u64,
    /// Artists of them; `None` where rows were taken as independent.
    pub n_artists: Option<usize>,
    /// The share of the rows that is answered.
    pub coverage: f64,
    /// The share of the answers that is wrong; `None` without answers.
    pub risk: Option<f64>,
}

/// How sets of genres are made that hold the true one as often as promised.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SetsCard {
    /// The quantiles.
    pub calibration: ConformalSets,
    /// The sets of the rows that are reported.
    pub test: MeasuredSets,
    /// The same of the sets for each genre by itself.
    pub test_per_class: MeasuredSets,
}

/// From which novelty on a row is unknown: it is unlike everything that the model has learnt.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UnknownCard {
    /// Detector, threshold, and how well classes were told that were left out.
    pub criterion: Criterion,
    /// The rows that are reported: all of them are of known classes. None where no rows were left to report.
    pub test: UnknownRows,
}

/// How many of some rows are unknown.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UnknownRows {
    /// Rows.
    pub n_rows: usize,
    /// Those of them that are unknown.
    pub n_unknown: usize,
}

/// What came of sets.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MeasuredSets {
    /// Rows.
    pub n_rows: u64,
    /// The share of the sets that hold the true genre.
    pub coverage: f64,
    /// Genres in a set, on average.
    pub mean_size: f64,
}

impl RiskCard {
    /// A threshold with what was promised of it, and what came of it.
    pub fn new(target: RiskTarget, kept: &Guarantee, test: &Answered) -> Self {
        let answered = kept.n_answered as f64;
        Self {
            max_risk: target.max_risk,
            confidence: target.confidence,
            threshold: kept.threshold,
            bound: kept.bound,
            calibration: AnswersCard {
                n_rows: kept.n_rows,
                n_artists: kept.n_groups,
                coverage: answered / kept.n_rows as f64,
                risk: Some(kept.n_wrong as f64 / answered),
            },
            test: AnswersCard {
                n_rows: test.n_rows,
                n_artists: test.n_groups,
                coverage: test.coverage(),
                risk: test.risk(),
            },
        }
    }
}

impl MeasuredSets {
    /// The part of scores that a card keeps.
    pub fn of(scores: &SetScores) -> Self {
        Self {
            n_rows: scores.n,
            coverage: scores.coverage(),
            mean_size: scores.mean_size(),
        }
    }
}

impl UnknownRows {
    /// How many of these rows are unknown by a criterion; `x`: as in [`Novelty::scores`].
    ///
    /// # Errors
    /// `ShapeMismatch`.
    pub fn of(novelty: &Novelty, x: &Matrix) -> Result<Self> {
        let scores = novelty.scores(x)?;
        Ok(Self {
            n_rows: x.n_rows(),
            n_unknown: scores.into_iter().filter(|score| is_unknown(*score)).count(),
        })
    }
}

impl fmt::Display for UnknownRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = 100.0 * self.n_unknown as f64 / self.n_rows.max(1) as f64;
        write!(f, "{share:.1} % of {} rows", self.n_rows)
    }
}

impl fmt::Display for UnknownCard {
    /// Several lines, the first of which says what is unknown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.criterion)?;
        if self.test.n_rows > 0 {
            write!(f, "\nreported: {} of known genres", self.test)?;
        }
        for trial in &self.criterion.trials {
            if let Some(mean) = trial.mean_auroc {
                let genres = trial.left_out.iter();
                let areas: Vec<String> = genres
                    .filter_map(|left| Some(format!("{} {:.2}", left.label, left.auroc?)))
                    .collect();
                let name = trial.detector;
                let areas = areas.join(", ");
                write!(f, "\nAUROC of genres left out, {name}: mean {mean:.3}; {areas}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for AnswersCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows", self.n_rows)?;
        if let Some(n) = self.n_artists {
            write!(f, " by {n} artists")?;
        }
        write!(f, ": {:.1} % answered", 100.0 * self.coverage)?;
        match self.risk {
            Some(risk) => write!(f, ", {:.1} % of them wrong", 100.0 * risk),
            None => Ok(()),
        }
    }
}

impl fmt::Display for RiskCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "at most {} % of the answers wrong, with a confidence of {} %: from a probability of {:.4} on (bound {:.2} %)",
            percent(self.max_risk),
            percent(self.confidence),
            self.threshold,
            100.0 * self.bound
        )
    }
}

impl fmt::Display for MeasuredSets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.1} % hold it, {:.2} genres on average",
            100.0 * self.coverage,
            self.mean_size
        )
    }
}

/// `0.05` is `5`.
fn percent(share: f64) -> f64 {
    (1e6 * share).round() / 1e4
}
