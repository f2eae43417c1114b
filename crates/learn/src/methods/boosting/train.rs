use rayon::prelude::*;

use super::bins::{Column, bin_columns};
use super::fitted::FittedBoosting;
use super::forest::Forest;
use super::grow::{Tree, Workspace};
use super::histogram::round_to_exact_sums;
use super::objective::CrossEntropy;
use super::parameters::GradientBoosting;
use super::rules::Rules;
use crate::data::dataset::take;
use crate::data::matrix::Matrix;
use crate::data::train_set::TrainSet;
use crate::error::{LearnError, Result};
use crate::estimator::Method;
use crate::methods::margins::n_margins;
use crate::split::stratified_hold_out;
use cratedigger_stats::rng::SeededRng;

/// Room for histograms: as many trees of a round grow at once as this has room for, at least one. A tree keeps no more
/// than twice the size of the matrix.
const HISTOGRAM_BYTES: usize = 1 << 30;

/// Fits the trees to the classes in `classes` (two or more, in order).
pub(super) fn fit(
    parameters: &GradientBoosting,
    train: &TrainSet<'_>,
    classes: Vec<usize>,
    class_weight: &[f64],
) -> Result<FittedBoosting> {
    let weight =
        |row: usize| class_weight[train.y()[row]] * train.sample_weight().map_or(1.0, |weights| weights[row]);
    if u32::try_from(train.x().n_rows()).is_err() {
        return Err(LearnError::Library {
            method: Method::GRADIENT_BOOSTING.name(),
            reason: format!("it takes at most {} rows, not {}", u32::MAX, train.x().n_rows()),
        });
    }
    if let Some(row) = (0..train.x().n_rows()).find(|&row| weight(row) > f64::from(f32::MAX)) {
        return Err(LearnError::parameter(
            "sample_weight",
            weight(row),
            "the weight of a row, that of its class included, must be at most 3.4e38",
        ));
    }
    // Rows without weight would only cost time, and a validation row without weight says nothing.
    let rows: Vec<usize> = (0..train.x().n_rows()).filter(|&row| weight(row) > 0.0).collect();
    // A class may have lost all its rows: it is as one that never had any.
    let classes: Vec<usize> = {
        let mut counts = vec![0usize; train.n_classes()];
        rows.iter().for_each(|&row| counts[train.y()[row]] += 1);
        classes.into_iter().filter(|&class| counts[class] > 0).collect()
    };
    if classes.len() < 2 {
        return Err(LearnError::OneClass {
            method: Method::GRADIENT_BOOSTING.name(),
            class: classes.first().copied().unwrap_or(0),
            name: None,
            n_rows: rows.len(),
        });
    }
    let compact = train.places(&classes);
    let labels: Vec<usize> = rows.iter().map(|&row| compact[train.y()[row]]).collect();
    let (fit_rows, validation_rows) = match parameters.early_stopping_rounds {
        None => ((0..rows.len()).collect(), Vec::new()),
        Some(_) => {
            let fraction = parameters.validation_fraction;
            let fold = stratified_hold_out(&labels, classes.len(), fraction, parameters.seed)
                .map_err(|error| error.among(&classes))?;
            (fold.train, fold.test)
        }
    };
    let n_outputs = n_margins(classes.len());
    let part = |which: &[usize]| -> Result<Part> {
        let indices = take(&rows, which);
        Ok(Part {
            x: train.x().take_rows(&indices)?,
            y: take(&labels, which),
            weights: indices.iter().map(|&row| weight(row)).collect(),
        })
    };
    let (base_margins, forest) = rounds(parameters, &part(&fit_rows)?, &part(&validation_rows)?, n_outputs)?;
    Ok(FittedBoosting {
        n_features: train.x().n_cols(),
        n_classes: train.n_classes(),
        classes,
        base_margins,
        forest,
    })
}

/// Rows with their compact labels and weights.
struct Part {
    x: Matrix,
    y: Vec<usize>,
    weights: Vec<f64>,
}

impl Part {
    fn loss(&self, n_outputs: usize) -> CrossEntropy<'_> {
        CrossEntropy {
            y: &self.y,
            weights: &self.weights,
            n_outputs,
        }
    }
}

/// The rounds of boosting: where the sums start, and the trees, those of a round side by side.
fn rounds(
    parameters: &GradientBoosting,
    fit: &Part,
    validation: &Part,
    n_outputs: usize,
) -> Result<(Vec<f64>, Forest)> {
    let n_rows = fit.x.n_rows();
    let columns = bin_columns(&fit.x, &fit.weights, parameters.max_bin);
    let rules = Rules::new(parameters);
    let matrix_bytes = size_of_val(fit.x.as_slice());
    let n_parallel = rayon::current_num_threads()
        .min(n_outputs)
        .min(HISTOGRAM_BYTES / (2 * matrix_bytes))
        .max(1);
    let mut workspaces: Vec<Workspace> = Vec::new();
    workspaces.resize_with(n_parallel, Workspace::default);
    let loss = fit.loss(n_outputs);
    let base = loss.base_margins();
    let mut margins = base.repeat(n_rows);
    let mut validation_margins = base.repeat(validation.y.len());
    let mut rng = SeededRng::new(parameters.seed);
    let mut forest = Forest::default();
    let mut best = (f64::INFINITY, 0);
    for round in 0..parameters.n_estimators {
        let sample = draw_rows(&mut rng, n_rows, parameters.subsample);
        let features: Vec<Vec<usize>> = (0..n_outputs)
            .map(|_| draw_features(&mut rng, fit.x.n_cols(), parameters.colsample_bytree))
            .collect();
        let mut derivatives = loss.derivatives(&margins);
        derivatives
            .par_iter_mut()
            .for_each(|pairs| round_to_exact_sums(pairs));
        for first in (0..n_outputs).step_by(n_parallel) {
            let trees: Vec<Tree> = derivatives[first..]
                .par_iter()
                .zip(&features[first..])
                .zip(&mut workspaces)
                .map(|((pairs, features), workspace)| {
                    Tree::grow(&rules, &columns, features, pairs, sample.as_deref(), workspace)
                })
                .collect();
            for (at, (tree, workspace)) in trees.iter().zip(&workspaces).enumerate() {
                forest.push(tree);
                let margins = margins[first + at..].iter_mut().step_by(n_outputs);
                add_values(tree, &columns, sample.as_deref(), &workspace.rows, margins);
            }
        }
        let Some(patience) = parameters.early_stopping_rounds else {
            continue;
        };
        for (margins, row) in validation_margins
            .chunks_exact_mut(n_outputs)
            .zip(validation.x.rows())
        {
            for (output, margin) in margins.iter_mut().enumerate() {
                *margin += forest.value(round * n_outputs + output, row);
            }
        }
        let loss = validation.loss(n_outputs).mean_loss(&validation_margins);
        if loss < best.0 {
            best = (loss, round);
        } else if round - best.1 >= patience {
            break;
        }
    }
    if parameters.early_stopping_rounds.is_some() {
        forest.truncate((best.1 + 1) * n_outputs);
    }
    Ok((base, forest))
}

/// The rows of a round, in order; `None` for all. At least one is drawn.
fn draw_rows(rng: &mut SeededRng, n_rows: usize, share: f64) -> Option<Vec<u32>> {
    if share >= 1.0 {
        return None;
    }
    let drawn: Vec<u32> = (0..n_rows as u32).filter(|_| rng.unit() < share).collect();
    Some(if drawn.is_empty() {
        vec![rng.below(n_rows) as u32]
    } else {
        drawn
    })
}

/// The features of a tree, in order. At least one is drawn.
fn draw_features(rng: &mut SeededRng, n_features: usize, share: f64) -> Vec<usize> {
    if share >= 1.0 {
        return (0..n_features).collect();
    }
    let mut features = rng.permutation(n_features);
    features.truncate(((share * n_features as f64) as usize).max(1));
    features.sort_unstable();
    features
}

/// Adds the values of a tree to one of the sums of each row. `rows` are those it was grown on, in the order of its leaves.
fn add_values<'a>(
    tree: &Tree,
    columns: &[Column],
    sample: Option<&[u32]>,
    rows: &[u32],
    margins: impl Iterator<Item = &'a mut f64>,
) {
    if sample.is_some() {
        for (row, margin) in margins.enumerate() {
            *margin += f64::from(tree.value(columns, row));
        }
        return;
    }
    let mut values = vec![0.0f32; rows.len()];
    for (leaf, range) in &tree.leaves {
        for &row in &rows[range.clone()] {
            values[row as usize] = tree.nodes[*leaf].value;
        }
    }
    for (margin, value) in margins.zip(values) {
        *margin += f64::from(value);
    }
}
