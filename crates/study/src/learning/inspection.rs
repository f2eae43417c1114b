//! The finding `inspection`: curves of all methods, and what the best one relies on.

use cratedigger_learn::inspection::{CurveOptions, FeatureGroup, ImportanceOptions, learning_curve};
use cratedigger_learn::metrics::{precision_recall_curve, roc_curve};
use cratedigger_learn::{ConfusionMatrix, Dataset, Evaluation, Fold, permutation_importance};
use serde::{Deserialize, Serialize};

use crate::dataset::family;
use crate::error::Result;
use crate::learning::training::Trained;

/// Test tracks that importance is measured on at most.
const IMPORTANCE_ROWS: usize = 5_000;

/// Shares of the training tracks of the learning curve, below the whole.
const SHARES: [f64; 4] = [0.05, 0.1, 0.2, 0.4];

/// Training tracks of all these points together, at most: a fit for each would otherwise take longer than all methods.
const MOST_TOGETHER: f64 = 8_000.0;

/// Fewest training tracks of a point of the learning curve.
const FEWEST: f64 = 20.0;

/// Least way between two points of a thinned curve, in units of its axes.
const STEP: f64 = 0.01;

/// The finding `inspection`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    /// The method that all but `roc_by_method` is of: the one with the highest accuracy, of equal ones the first.
    pub method: String,
    /// The mean ROC curve over the classes, of every method that has scores.
    pub roc_by_method: Vec<Curve>,
    /// The ROC curve of every class: `x` false positive rate, `y` true positive rate.
    pub roc: Vec<Curve>,
    /// The precision-recall curve of every class: `x` recall, `y` precision.
    pub precision_recall: Vec<Curve>,
    /// What the method loses when a family of features is shuffled among the test tracks, the greatest loss first.
    pub importance: Vec<Importance>,
    /// Test tracks that importance was measured on.
    pub importance_n: u64,
    /// Permutations of each family.
    pub importance_repeats: u64,
    /// Accuracy on the test tracks after training on a part of the training tracks.
    pub learning_curve: Vec<LearningPoint>,
}

/// A curve, thinned for a picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// The class or the method.
    pub label: String,
    /// The area below it (average precision for precision and recall).
    pub area: f64,
    /// Along the first axis.
    pub x: Vec<f64>,
    /// Along the second axis.
    pub y: Vec<f64>,
}

/// A family of features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Importance {
    /// The family, such as `mfcc`; where all columns are of one family, what they are of it: `mfcc 02`, `danceability`.
    pub family: String,
    /// Its columns.
    pub n_columns: u64,
    /// Mean loss of accuracy when it is permuted over the tracks.
    pub mean: f64,
    /// Standard deviation over the permutations.
    pub std: f64,
    /// Mean loss of balanced accuracy.
    pub mean_balanced: f64,
}

/// A point of the learning curve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LearningPoint {
    /// Training tracks.
    pub n_train: u64,
    /// Artists of these, those that share an album counted as one; `null` where artists are unknown.
    pub n_artists: Option<u64>,
    /// Accuracy on these training tracks themselves.
    pub train_accuracy: f64,
    /// Accuracy on the test tracks.
    pub accuracy: f64,
    /// Balanced accuracy on the test tracks.
    pub balanced_accuracy: f64,
    /// Seconds to fit.
    pub fit_seconds: f64,
}

/// Looks into the best of the methods that were trained.
///
/// # Errors
/// `Learn`.
pub fn inspect(
    trained: &[Trained],
    best: usize,
    data: &Dataset,
    fold: &Fold,
    seed: u64,
) -> Result<Inspection> {
    let chosen = &trained[best];
    let (roc, precision_recall) = curves_by_class(&chosen.evaluation, data)?;
    let (importance, importance_n, options) = importance(chosen, data, fold, seed)?;
    let mut roc_by_method = Vec::new();
    for one in trained {
        roc_by_method.extend(mean_roc(&one.evaluation)?);
    }
    Ok(Inspection {
        method: chosen.evaluation.method.name().to_owned(),
        roc_by_method,
        roc,
        precision_recall,
        importance,
        importance_n: importance_n as u64,
        importance_repeats: options.n_repeats as u64,
        learning_curve: points(chosen, data, fold, seed)?,
    })
}

/// ROC and precision-recall curves of every class that has test tracks, and does not have all of them.
fn curves_by_class(evaluation: &Evaluation, data: &Dataset) -> Result<(Vec<Curve>, Vec<Curve>)> {
    let (mut rocs, mut precisions) = (Vec::new(), Vec::new());
    for (class, positive, scores) in one_against_others(evaluation) {
        let roc = roc_curve(&positive, &scores)?;
        rocs.push(Curve::thinned(
            &data.classes[class],
            roc.auc(),
            &roc.fpr,
            &roc.tpr,
        ));
        let curve = precision_recall_curve(&positive, &scores)?;
        // From the highest threshold on, as the ROC curve.
        let backwards = |values: &[f64]| values.iter().rev().copied().collect::<Vec<_>>();
        let (recall, precision) = (backwards(&curve.recall), backwards(&curve.precision));
        precisions.push(Curve::thinned(
            &data.classes[class],
            curve.average_precision(),
            &recall,
            &precision,
        ));
    }
    Ok((rocs, precisions))
}

/// The true positive rate of each class at the same false positive rates, averaged; `None` without scores.
fn mean_roc(evaluation: &Evaluation) -> Result<Option<Curve>> {
    let rates: Vec<f64> = (0..=100).map(|step| f64::from(step) / 100.0).collect();
    let mut sums = vec![0.0; rates.len()];
    let mut n_classes = 0.0;
    for (_, positive, scores) in one_against_others(evaluation) {
        let roc = roc_curve(&positive, &scores)?;
        sums.iter_mut()
            .zip(&rates)
            .for_each(|(sum, &rate)| *sum += interpolate(&roc.fpr, &roc.tpr, rate));
        n_classes += 1.0;
    }
    let area = evaluation
        .summary
        .roc_auc
        .as_ref()
        .and_then(|scores| scores.macro_average);
    Ok(area.map(|area| Curve {
        label: evaluation.method.name().to_owned(),
        area,
        x: rates,
        y: sums.into_iter().map(|sum| sum / n_classes).collect(),
    }))
}

/// Every class with which rows are of it, and its scores.
fn one_against_others(evaluation: &Evaluation) -> Vec<(usize, Vec<bool>, Vec<f64>)> {
    let predictions = &evaluation.predictions;
    let Some(scores) = predictions.class_scores() else {
        return Vec::new();
    };
    (0..scores.n_cols())
        .map(|class| {
            let positive: Vec<bool> = predictions.y_true.iter().map(|&label| label == class).collect();
            (class, positive, scores.rows().map(|row| row[class]).collect())
        })
        .filter(|(_, positive, _)| positive.iter().any(|&is| is) && positive.iter().any(|&is| !is))
        .collect()
}

/// The highest `y` at `at` of a curve whose `x` rises.
fn interpolate(x: &[f64], y: &[f64], at: f64) -> f64 {
    let after = x.partition_point(|&x| x <= at);
    let before = after.saturating_sub(1);
    if after == x.len() {
        return y[before];
    }
    y[before] + (y[after] - y[before]) * (at - x[before]) / (x[after] - x[before])
}

impl Curve {
    /// Both ends, and points at least a step away from each other.
    fn thinned(label: &str, area: f64, x: &[f64], y: &[f64]) -> Self {
        let mut curve = Self {
            label: label.to_owned(),
            area,
            x: Vec::new(),
            y: Vec::new(),
        };
        for (index, (&x_here, &y_here)) in x.iter().zip(y).enumerate() {
            let away = |(x, y): (&f64, &f64)| (x - x_here).abs() + (y - y_here).abs() >= STEP;
            let last = curve.x.last().zip(curve.y.last());
            if index + 1 == x.len() || last.is_none_or(away) {
                curve.x.push(x_here);
                curve.y.push(y_here);
            }
        }
        curve
    }
}

/// Importance by family, the greatest loss first, ties in the order of the columns.
fn importance(
    chosen: &Trained,
    data: &Dataset,
    fold: &Fold,
    seed: u64,
) -> Result<(Vec<Importance>, usize, ImportanceOptions)> {
    let options = ImportanceOptions {
        seed,
        ..ImportanceOptions::default()
    };
    // The first rows of a test set could all be of the oldest artists: every so many-th row instead.
    let step = fold.test.len().div_ceil(IMPORTANCE_ROWS).max(1);
    let rows: Vec<usize> = fold.test.iter().step_by(step).copied().collect();
    let x = chosen.pipeline.transform(&data.x.take_rows(&rows)?)?;
    let y: Vec<usize> = rows.iter().map(|&row| data.y[row]).collect();
    let groups = groups(&data.feature_names);
    if x.n_cols() != data.n_features() {
        return Ok((Vec::new(), rows.len(), options));
    }
    let found = permutation_importance(chosen.pipeline.model(), &x, &y, &groups, &options)?;
    let mut importance: Vec<Importance> = found
        .into_iter()
        .map(|group| Importance {
            family: group.name,
            n_columns: group.n_columns as u64,
            mean: group.mean,
            std: group.std,
            mean_balanced: group.mean_balanced,
        })
        .collect();
    importance.sort_by(|a, b| b.mean.total_cmp(&a.mean));
    Ok((importance, rows.len(), options))
}

/// The columns by family; those of one family alone by what they are of it: `mfcc 02` is that coefficient's seven statistics,
/// `danceability` one of Echonest's features. Where that is one again, every column is its own.
fn groups(names: &[String]) -> Vec<FeatureGroup> {
    let by_family = FeatureGroup::by_family(names, family);
    if by_family.len() != 1 {
        return by_family;
    }
    let mut parts = FeatureGroup::by_family(names, |name| name.rsplit('.').next().unwrap_or(name));
    if parts.len() == 1 {
        return FeatureGroup::by_family(names, |name| name);
    }
    for part in &mut parts {
        // A number says nothing by itself.
        if part.name.chars().all(|letter| letter.is_ascii_digit()) {
            part.name = format!("{} {}", by_family[0].name, part.name);
        }
    }
    parts
}

fn points(chosen: &Trained, data: &Dataset, fold: &Fold, seed: u64) -> Result<Vec<LearningPoint>> {
    let n_train = fold.train.len() as f64;
    let options = CurveOptions {
        train_sizes: SHARES
            .into_iter()
            .filter(|share| share * n_train >= FEWEST)
            .scan(0.0, |together, share| {
                *together += share * n_train;
                Some((share, *together))
            })
            .take_while(|(_, together)| *together <= MOST_TOGETHER)
            .map(|(share, _)| share)
            .collect(),
        seed,
        ..CurveOptions::default()
    };
    let classifier = chosen.evaluation.method.classifier(seed);
    let points = learning_curve(&*classifier, data, fold, &options)?;
    let mut points: Vec<LearningPoint> = points
        .into_iter()
        .map(|point| LearningPoint {
            n_train: point.n_train as u64,
            n_artists: point.n_groups.map(|n| n as u64),
            train_accuracy: point.train_accuracy,
            accuracy: point.accuracy,
            balanced_accuracy: point.balanced_accuracy,
            fit_seconds: point.fit_seconds,
        })
        .collect();
    points.push(whole(chosen, data, fold)?);
    Ok(points)
}

/// The last point: the fit that is there already.
fn whole(chosen: &Trained, data: &Dataset, fold: &Fold) -> Result<LearningPoint> {
    let y: Vec<usize> = fold.train.iter().map(|&row| data.y[row]).collect();
    let predicted = chosen.pipeline.predict(&data.x.take_rows(&fold.train)?)?;
    let n_artists = data.groups.as_ref().map(|groups| {
        let artists: std::collections::BTreeSet<i64> = fold.train.iter().map(|&row| groups[row]).collect();
        artists.len() as u64
    });
    Ok(LearningPoint {
        n_train: fold.train.len() as u64,
        n_artists,
        train_accuracy: ConfusionMatrix::from_predictions(&y, &predicted, &data.classes)?.accuracy(),
        accuracy: chosen.finding.accuracy,
        balanced_accuracy: chosen.finding.balanced_accuracy,
        fit_seconds: chosen.finding.fit_seconds,
    })
}

#[cfg(test)]
mod tests;
