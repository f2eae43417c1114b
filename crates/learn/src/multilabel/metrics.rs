//! Scores of predictions that name any number of labels.

use rayon::prelude::*;

use crate::data::hierarchy::Hierarchy;
use crate::data::label_matrix::LabelMatrix;
use crate::data::score_matrix::ScoreMatrix;
use crate::error::{LearnError, Result, same_length};
use crate::metrics::{precision_recall_curve, roc_curve};

/// Scores of one label against all rows without it.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelScore {
    /// Rows that have the label.
    pub support: usize,
    /// Area under the ROC curve; `None` where all rows or none have the label.
    pub roc_auc: Option<f64>,
    /// Average precision; `None` where no row has the label.
    pub average_precision: Option<f64>,
}

/// Means over labels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Averages {
    /// Unweighted mean over the labels that have a score; `None` without any.
    pub macro_average: Option<f64>,
    /// Mean weighted by the labels' rows.
    pub weighted_average: Option<f64>,
}

/// How well the order of scores fits the labels.
#[derive(Debug, Clone, PartialEq)]
pub struct RankingScores {
    /// Each label by itself.
    pub per_label: Vec<LabelScore>,
    /// Means of the areas under the ROC curves.
    pub roc_auc: Averages,
    /// Means of the average precisions: the macro average is the mean average precision.
    pub average_precision: Averages,
    /// Mean average precision of the labels of each level of the tree, from the roots down.
    pub by_level: Vec<Averages>,
    /// Of the labels at or above each of a row's labels, the share that the row has; mean over labels, then rows.
    pub label_ranking_average_precision: f64,
}

impl RankingScores {
    /// Scores each label's column of `scores`, and each row's order.
    ///
    /// Source: scikit-learn 1.9, `roc_auc_score` and `average_precision_score` (macro, weighted) and
    /// `label_ranking_average_precision_score`. Differs: a label without a row, or of all rows, is left out of the means where
    /// its score is not defined, instead of making the mean undefined or counting as 0.
    ///
    /// # Errors
    /// `ShapeMismatch`, `NotFinite`; `Empty` without rows.
    pub fn new(labels: &LabelMatrix, tree: &Hierarchy, scores: &ScoreMatrix) -> Result<Self> {
        check(labels, tree, scores.n_rows(), scores.n_cols())?;
        let per_label = (0..labels.n_labels())
            .into_par_iter()
            .map(|label| {
                let column: Vec<f64> = scores.rows().map(|row| row[label]).collect();
                LabelScore::new(&labels.column(label), &column)
            })
            .collect::<Result<Vec<_>>>()?;
        let n_levels = (0..tree.n_labels()).map(|label| tree.level(label) + 1).max();
        let of_level = |level| {
            let here = per_label.iter().enumerate();
            let here = here.filter(|(label, _)| tree.level(*label) == level);
            Averages::over(here.map(|(_, score)| (score.average_precision, score.support)))
        };
        Ok(Self {
            roc_auc: Averages::over(per_label.iter().map(|score| (score.roc_auc, score.support))),
            average_precision: Averages::over(
                per_label
                    .iter()
                    .map(|score| (score.average_precision, score.support)),
            ),
            by_level: (0..n_levels.unwrap_or(0)).map(of_level).collect(),
            label_ranking_average_precision: label_ranking(labels, scores),
            per_label,
        })
    }
}

impl LabelScore {
    fn new(positive: &[bool], scores: &[f64]) -> Result<Self> {
        let defined = |value: Result<f64>| match value {
            Ok(value) => Ok(Some(value)),
            Err(LearnError::UndefinedMetric { .. }) => Ok(None),
            Err(error) => Err(error),
        };
        Ok(Self {
            support: positive.iter().filter(|&&is| is).count(),
            roc_auc: defined(roc_curve(positive, scores).map(|curve| curve.auc()))?,
            average_precision: defined(
                precision_recall_curve(positive, scores).map(|curve| curve.average_precision()),
            )?,
        })
    }
}

impl Averages {
    fn over(scores: impl Iterator<Item = (Option<f64>, usize)>) -> Self {
        let (mut n, mut sum, mut weight, mut weighted) = (0.0, 0.0, 0.0, 0.0);
        for (score, support) in scores {
            if let Some(score) = score {
                n += 1.0;
                sum += score;
                weight += support as f64;
                weighted += score * support as f64;
            }
        }
        Self {
            macro_average: (n > 0.0).then(|| sum / n),
            weighted_average: (weight > 0.0).then(|| weighted / weight),
        }
    }
}

/// Of the labels that score at least as high as one of a row's labels, the share that the row has; the mean over the row's
/// labels, and over rows. A row with all labels or with none counts 1.
fn label_ranking(labels: &LabelMatrix, scores: &ScoreMatrix) -> f64 {
    let of_row = |(has, scores): (&[bool], &[f64])| {
        let n_true = has.iter().filter(|&&is| is).count();
        if n_true == 0 || n_true == has.len() {
            return 1.0;
        }
        let mut order: Vec<usize> = (0..has.len()).collect();
        order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
        let (mut sum, mut n_seen, mut n_right) = (0.0, 0, 0);
        for tied in order.chunk_by(|&a, &b| scores[a] == scores[b]) {
            let right = tied.iter().filter(|&&label| has[label]).count();
            n_seen += tied.len();
            n_right += right;
            sum += right as f64 * n_right as f64 / n_seen as f64;
        }
        sum / n_true as f64
    };
    labels.rows().zip(scores.rows()).map(of_row).sum::<f64>() / labels.n_rows() as f64
}

/// How well decisions fit the labels, with all that stands above either counted too.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HierarchicalScores {
    /// Of the labels that were claimed, with those above them, the share that is right.
    pub precision: f64,
    /// Of the labels that the rows have, with those above them, the share that was claimed.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1: f64,
}

impl HierarchicalScores {
    /// Counts over all rows (micro average) of true and claimed labels, each with its ancestors; 0 where nothing is claimed,
    /// or there is nothing to be found.
    ///
    /// Source: S. Kiritchenko, S. Matwin, R. Nock, A. F. Famili (2006), "Learning and evaluation in the presence of class
    /// hierarchies", section 4; hiclass 5, `metrics.precision`, `recall`, `f1` with `average="micro"`.
    ///
    /// # Errors
    /// `ShapeMismatch`; `Empty` without rows.
    pub fn new(labels: &LabelMatrix, tree: &Hierarchy, claimed: &LabelMatrix) -> Result<Self> {
        check(labels, tree, claimed.n_rows(), claimed.n_labels())?;
        let (mut n_both, mut n_claimed, mut n_true) = (0_u64, 0_u64, 0_u64);
        for (has, claims) in labels.rows().zip(claimed.rows()) {
            let (mut has, mut claims) = (has.to_vec(), claims.to_vec());
            tree.add_ancestors(&mut has);
            tree.add_ancestors(&mut claims);
            for (&has, &claimed) in has.iter().zip(&claims) {
                n_both += u64::from(has && claimed);
                n_claimed += u64::from(claimed);
                n_true += u64::from(has);
            }
        }
        let share = |part: u64, whole: u64| {
            if whole == 0 {
                0.0
            } else {
                part as f64 / whole as f64
            }
        };
        Ok(Self {
            precision: share(n_both, n_claimed),
            recall: share(n_both, n_true),
            f1: share(2 * n_both, n_claimed + n_true),
        })
    }
}

fn check(labels: &LabelMatrix, tree: &Hierarchy, n_rows: usize, n_cols: usize) -> Result<()> {
    if labels.n_rows() == 0 {
        return Err(LearnError::Empty {
            what: "the list of rows to score",
        });
    }
    same_length("labels of the tree", labels.n_labels(), tree.n_labels())?;
    same_length("rows of predictions", labels.n_rows(), n_rows)?;
    same_length("labels of predictions", labels.n_labels(), n_cols)
}

#[cfg(test)]
#[path = "metrics/tests.rs"]
mod tests;
