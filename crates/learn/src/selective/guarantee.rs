//! From which probability on answers keep a promise: selection with guaranteed risk.

use cratedigger_stats::risk_bound;
use serde::{Deserialize, Serialize};

use super::risk_coverage::RiskCoverage;
use crate::data::groups::n_different;
use crate::error::{LearnError, Result, same_length};

/// A promise: of the answers at most this share is wrong, and it is kept with this confidence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RiskTarget {
    /// The largest share of the answers that may be wrong, above 0 and below 1.
    pub max_risk: f64,
    /// The probability that the promise holds, above 0.5 and below 1.
    pub confidence: f64,
}

/// A threshold that keeps a promise, and the rows that say so.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guarantee {
    /// Answers are given where the probability is not below it.
    pub threshold: f64,
    /// With the confidence of the promise the risk above the threshold is not higher than this, which the promise allows.
    pub bound: f64,
    /// Rows that it was chosen on.
    pub n_rows: u64,
    /// Those of them that are answered.
    pub n_answered: u64,
    /// Those of the answered ones that are wrong.
    pub n_wrong: u64,
    /// Groups (artists) of the rows that it was chosen on; `None` where rows were taken as independent.
    pub n_groups: Option<usize>,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Choice {
    /// A threshold that keeps the promise.
    Kept(Guarantee),
    /// The rows are too few or too often wrong for it: this is the least bound that was met.
    TooMuch {
        /// The least bound; 1 with fewer than five groups.
        least_bound: f64,
    },
}

impl Choice {
    /// What keeps the promise.
    pub fn kept(&self) -> Option<&Guarantee> {
        match self {
            Self::Kept(kept) => Some(kept),
            Self::TooMuch { .. } => None,
        }
    }

    /// The probability below which nothing is answered; infinite where no probability is high enough.
    pub fn threshold(&self) -> f64 {
        self.kept().map_or(f64::INFINITY, |kept| kept.threshold)
    }
}

impl RiskTarget {
    /// `Ok` for shares that make sense.
    ///
    /// # Errors
    /// `InvalidParameter`.
    pub fn check(&self) -> Result<()> {
        if !(self.max_risk > 0.0 && self.max_risk < 1.0) {
            return Err(LearnError::parameter(
                "max_risk",
                self.max_risk,
                "must be above 0 and below 1",
            ));
        }
        match self.confidence > 0.5 && self.confidence < 1.0 {
            true => Ok(()),
            false => Err(LearnError::parameter(
                "confidence",
                self.confidence,
                "must be above 0.5 and below 1",
            )),
        }
    }
}

/// The threshold that answers most while its bound on the risk is within the promise.
///
/// The steps of the risk-coverage curve are searched by bisection; each of the at most `ceil(log2(steps + 1))` bounds that are looked at has
/// its share of `1 - confidence` (Bonferroni), so that all of them hold at once with the confidence. Differs from the source in
/// the bound: rows of a group (artist) are not independent, so that it is [`risk_bound`], over the groups of the answered rows, where there
/// are groups; without any it is the source's, the binomial tail inverted.
///
/// Source: Y. Geifman and R. El-Yaniv (2017), "Selective classification for deep neural networks", algorithm 1 (SGR).
///
/// # Errors
/// `ShapeMismatch`, `Empty`, `InvalidParameter`.
pub fn choose_threshold(
    confidence: &[f64],
    right: &[bool],
    groups: Option<&[i64]>,
    target: RiskTarget,
) -> Result<Choice> {
    target.check()?;
    let curve = RiskCoverage::new(confidence, right)?;
    if let Some(groups) = groups {
        same_length("groups", right.len(), groups.len())?;
    }
    let n_looks = (curve.points.len() as f64 + 1.0).log2().ceil().max(1.0);
    let level = 1.0 - (1.0 - target.confidence) / n_looks;
    let bound = |threshold: f64| -> Result<f64> {
        let answered: Vec<usize> = (0..right.len())
            .filter(|&row| confidence[row] >= threshold)
            .collect();
        let wrong: Vec<bool> = answered.iter().map(|&row| !right[row]).collect();
        let groups: Option<Vec<i64>> = groups.map(|groups| answered.iter().map(|&row| groups[row]).collect());
        Ok(risk_bound(&wrong, groups.as_deref(), level)?.unwrap_or(1.0))
    };
    let (mut kept, mut least_bound) = (None, 1.0_f64);
    // Steps before `low` are not looked at again since more can be answered; `high` and later ones answer too much.
    let (mut low, mut high) = (0, curve.points.len());
    while low < high {
        let middle = (low + high) / 2;
        let point = curve.points[middle];
        let bound = bound(point.threshold)?;
        least_bound = least_bound.min(bound);
        if bound <= target.max_risk {
            low = middle + 1;
            kept = Some(Guarantee {
                threshold: point.threshold,
                bound,
                n_rows: curve.n,
                n_answered: point.n_answered,
                n_wrong: point.n_wrong,
                n_groups: groups.map(|groups| n_different(groups.iter().copied())),
            });
        } else {
            high = middle;
        }
    }
    Ok(kept.map_or(Choice::TooMuch { least_bound }, Choice::Kept))
}

#[cfg(test)]
mod tests;
