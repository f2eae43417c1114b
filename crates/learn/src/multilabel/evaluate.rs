//! How well a method names several labels, on rows that it was not fitted on.

use std::time::Instant;

use super::fit::{FittedLabels, LabelRows, fit_labels};
use super::metrics::{HierarchicalScores, RankingScores};
use super::thresholds::{ThresholdFor, Thresholds};
use crate::data::dataset::{Dataset, take};
use crate::data::hierarchy::Hierarchy;
use crate::data::label_matrix::LabelMatrix;
use crate::data::score_matrix::ScoreMatrix;
use crate::error::{LearnError, Result, same_length};
use crate::estimator::{Classifier, Method};
use crate::evaluate::CvOptions;
use crate::parallel::{in_parallel, with_threads};
use crate::preprocess::{Pipeline, Rows};
use crate::split::{Fold, inner_folds};

/// Parts of the training rows of a hold-out that thresholds are chosen on in turn.
const INNER_FOLDS: usize = 3;

/// What is known of a method after it named labels of held-out rows.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelEvaluation {
    /// The method.
    pub method: Method,
    /// Indices of the tested rows, rising.
    pub rows: Vec<usize>,
    /// The fold that tested each of them.
    pub fold: Vec<usize>,
    /// Their labels.
    pub labels: LabelMatrix,
    /// Their probabilities, none larger than that of the label above.
    pub proba: ScoreMatrix,
    /// What was claimed of them, for each thing that thresholds were wanted for.
    pub claims: Vec<Claims>,
    /// How well the probabilities order the rows of each label. All tested rows together, since probabilities of several folds are
    /// on one scale and many labels have too few rows for a fold.
    pub ranking: RankingScores,
    /// Share of the tested rows that have each label: the average precision of chance.
    pub prevalence: Vec<f64>,
    /// Seconds of all fits.
    pub fit_seconds: f64,
    /// Whether every optimisation converged.
    pub converged: bool,
}

/// The labels that were claimed of held-out rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims {
    /// What the thresholds were chosen for.
    pub threshold_for: ThresholdFor,
    /// Those of each fold, chosen on rows that neither its model nor its scores have seen.
    pub thresholds: Vec<Thresholds>,
    /// Which labels were claimed: those at or above the fold's thresholds, and what stands above these.
    pub claimed: LabelMatrix,
    /// How well the claims fit.
    pub hierarchical: HierarchicalScores,
}

impl LabelEvaluation {
    /// How well the claims fit by what was wanted first.
    pub fn hierarchical(&self) -> HierarchicalScores {
        self.claims[0].hierarchical
    }
}

/// What one fold gave.
struct Tested {
    proba: ScoreMatrix,
    /// Predictions for parts of the training rows by models of the other parts, and these rows; `None` where other folds are there for
    /// thresholds.
    within: Option<(LabelMatrix, ScoreMatrix)>,
    seconds: f64,
    converged: bool,
}

/// Fits a method to the labels of every fold's training rows, and scores it on the fold's test rows.
///
/// `data`: features and groups; its classes are what folds inside of training rows are balanced by. The thresholds of a fold are
/// the best ones of the predictions for all other folds; of a single fold they are chosen inside of its training rows, whole
/// groups apart. `wanted`: what thresholds are chosen for, each by itself; [`ThresholdFor::F1`] where nothing is named.
///
/// # Errors
/// Those of [`fit_labels`]; `CannotSplit` where the training rows of a hold-out cannot be divided.
pub fn evaluate_labels(
    classifier: &dyn Classifier,
    data: &Dataset,
    (labels, tree): (&LabelMatrix, &Hierarchy),
    folds: &[Fold],
    options: &CvOptions,
    wanted: &[ThresholdFor],
    seed: u64,
) -> Result<LabelEvaluation> {
    let parts = Parts::new(classifier, data, (labels, tree), options.pipeline.as_ref())?;
    if folds.is_empty() {
        return Err(LearnError::Empty {
            what: "the list of folds",
        });
    }
    let tested = in_parallel(folds.len(), options.n_jobs, |at| {
        let within = matches!(folds, [_]).then_some(seed);
        parts.test(&folds[at], within).map(|(_, tested)| tested)
    })?;
    put_together(&parts, folds, tested, wanted)
}

/// The same of one fold, and the model that is fitted to its training rows; its thresholds are those of the first claims.
///
/// # Errors
/// Those of [`evaluate_labels`].
pub fn hold_out_labels(
    classifier: &dyn Classifier,
    data: &Dataset,
    (labels, tree): (&LabelMatrix, &Hierarchy),
    fold: &Fold,
    options: &CvOptions,
    wanted: ThresholdFor,
    seed: u64,
) -> Result<(FittedLabels, LabelEvaluation)> {
    let parts = Parts::new(classifier, data, (labels, tree), options.pipeline.as_ref())?;
    let (model, tested) = with_threads(options.n_jobs, || parts.test(fold, Some(seed)))?;
    let found = put_together(&parts, std::slice::from_ref(fold), vec![tested], &[wanted])?;
    Ok((model, found))
}

/// What every fold shares.
struct Parts<'a> {
    classifier: &'a dyn Classifier,
    data: &'a Dataset,
    labels: &'a LabelMatrix,
    tree: &'a Hierarchy,
    pipeline: Option<&'a Pipeline>,
}

impl<'a> Parts<'a> {
    fn new(
        classifier: &'a dyn Classifier,
        data: &'a Dataset,
        (labels, tree): (&'a LabelMatrix, &'a Hierarchy),
        pipeline: Option<&'a Pipeline>,
    ) -> Result<Self> {
        data.check()?;
        same_length("rows of labels", data.n_rows(), labels.n_rows())?;
        Ok(Self {
            classifier,
            data,
            labels,
            tree,
            pipeline,
        })
    }

    /// Fits to the training rows of a fold, and asks the model about the others. `within`: the seed of parts of the training rows, where
    /// thresholds are to be chosen there.
    fn test(&self, fold: &Fold, within: Option<u64>) -> Result<(FittedLabels, Tested)> {
        let started = Instant::now();
        let model = self.fit(&fold.train)?;
        let tested = Tested {
            proba: self.ask(&model, &fold.test)?,
            within: match within {
                Some(seed) => Some(self.predicted_within(&fold.train, seed)?),
                None => None,
            },
            seconds: started.elapsed().as_secs_f64(),
            converged: model.converged(),
        };
        Ok((model, tested))
    }

    fn fit(&self, rows: &[usize]) -> Result<FittedLabels> {
        let x = self.data.x.take_rows(rows)?;
        let y = take(&self.data.y, rows);
        let groups = self.data.groups.as_ref().map(|groups| take(groups, rows));
        let labels = self.labels.take_rows(rows);
        let train = LabelRows {
            rows: Rows {
                x: &x,
                y: &y,
                groups: groups.as_deref(),
                ..Rows::of(self.data)
            },
            labels: &labels,
            tree: self.tree,
        };
        fit_labels(self.classifier, &train, self.pipeline)
    }

    fn ask(&self, model: &FittedLabels, rows: &[usize]) -> Result<ScoreMatrix> {
        model.proba(&self.data.x.take_rows(rows)?)
    }

    /// Predictions for parts of these rows by models of the other parts, and the labels of the rows.
    fn predicted_within(&self, rows: &[usize], seed: u64) -> Result<(LabelMatrix, ScoreMatrix)> {
        let y = take(&self.data.y, rows);
        let groups = self.data.groups.as_ref().map(|groups| take(groups, rows));
        let folds = inner_folds(&y, self.data.n_classes(), groups.as_deref(), INNER_FOLDS, seed)?;
        let (mut tested, mut values) = (Vec::new(), Vec::new());
        for fold in &folds {
            let test = take(rows, &fold.test);
            let proba = self.ask(&self.fit(&take(rows, &fold.train))?, &test)?;
            values.extend_from_slice(proba.as_slice());
            tested.extend(test);
        }
        let proba = ScoreMatrix::new(tested.len(), self.labels.n_labels(), values)?;
        Ok((self.labels.take_rows(&tested), proba))
    }
}

fn put_together(
    parts: &Parts<'_>,
    folds: &[Fold],
    tested: Vec<Tested>,
    wanted: &[ThresholdFor],
) -> Result<LabelEvaluation> {
    let mut order = Vec::new();
    for (index, fold) in folds.iter().enumerate() {
        order.extend(fold.test.iter().enumerate().map(|(at, &row)| (row, index, at)));
    }
    order.sort_unstable();
    let rows: Vec<usize> = order.iter().map(|entry| entry.0).collect();
    let fold: Vec<usize> = order.iter().map(|entry| entry.1).collect();
    let values = order.iter().flat_map(|&(_, fold, at)| tested[fold].proba.row(at));
    let proba = ScoreMatrix::new(rows.len(), parts.labels.n_labels(), values.copied().collect())?;
    let labels = parts.labels.take_rows(&rows);
    let claims = |wanted: ThresholdFor| -> Result<Claims> {
        let mut thresholds = Vec::with_capacity(folds.len());
        for (index, tested) in tested.iter().enumerate() {
            thresholds.push(match &tested.within {
                Some((labels, proba)) => Thresholds::choose(labels, proba, wanted)?,
                None => {
                    let others: Vec<usize> = (0..rows.len()).filter(|&at| fold[at] != index).collect();
                    Thresholds::choose(&labels.take_rows(&others), &proba.take_rows(&others), wanted)?
                }
            });
        }
        let of_rows: Vec<Vec<usize>> = proba
            .rows()
            .zip(&fold)
            .map(|(row, &fold)| {
                let claimed = thresholds[fold].claim(parts.tree, row);
                (0..claimed.len()).filter(|&label| claimed[label]).collect()
            })
            .collect();
        let claimed = LabelMatrix::new(labels.names().to_vec(), &of_rows)?;
        Ok(Claims {
            threshold_for: wanted,
            hierarchical: HierarchicalScores::new(&labels, parts.tree, &claimed)?,
            thresholds,
            claimed,
        })
    };
    let wanted = if wanted.is_empty() {
        &[ThresholdFor::F1]
    } else {
        wanted
    };
    let claims = wanted
        .iter()
        .map(|&wanted| claims(wanted))
        .collect::<Result<Vec<_>>>()?;
    let n_rows = rows.len() as f64;
    Ok(LabelEvaluation {
        method: parts.classifier.method(),
        ranking: RankingScores::new(&labels, parts.tree, &proba)?,
        prevalence: labels.support().iter().map(|&n| n as f64 / n_rows).collect(),
        fit_seconds: tested.iter().map(|tested| tested.seconds).sum(),
        converged: tested.iter().all(|tested| tested.converged),
        rows,
        fold,
        labels,
        proba,
        claims,
    })
}

#[cfg(test)]
#[path = "evaluate/tests.rs"]
mod tests;
