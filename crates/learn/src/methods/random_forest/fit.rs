//! All trees, side by side.

use rayon::prelude::*;

use super::fitted::FittedForest;
use super::grow::grow;
use super::nodes::Tree;
use super::parameters::RandomForest;
use super::table::Table;
use crate::data::score_matrix::argmax;
use crate::data::train_set::TrainSet;
use crate::error::{LearnError, Result};
use crate::estimator::Method;
use crate::methods::tree::{Limits, labels_and_weights};
use cratedigger_stats::rng::SeededRng;

/// A tree, what each feature brought it, and the rows that it did not see.
struct Grown {
    tree: Tree,
    importance: Vec<f64>,
    unseen: Vec<u32>,
}

/// Grows the forest.
pub(super) fn fit(forest: &RandomForest, train: &TrainSet<'_>) -> Result<FittedForest> {
    let classes = train.two_or_more_classes(Method::RANDOM_FOREST.name())?;
    let (labels, weights) = labels_and_weights(train, &classes, &forest.class_weight)?;
    let x = train.x();
    let n_rows = u32::try_from(x.n_rows())
        .map_err(|_| LearnError::parameter("x", x.n_rows(), "a tree takes at most 4,294,967,295 rows"))?;
    let rows: Vec<u32> = (0..n_rows).filter(|&row| weights[row as usize] > 0.0).collect();
    if rows.is_empty() {
        return Err(LearnError::parameter(
            "class_weight",
            0,
            "a class with rows must have a weight above 0",
        ));
    }
    let table = Table::new(x, &rows);
    let limits = Limits::new(&forest.tree(), x.n_rows(), x.n_cols());
    let one = |number: usize| {
        let mut rng = SeededRng::stream(forest.seed, number as u64);
        let (own, of_tree) = match forest.bootstrap {
            true => drawn(&rows, &weights, &mut rng),
            false => (rows.clone(), weights.clone()),
        };
        let unseen = match forest.oob_score {
            true => rows
                .iter()
                .copied()
                .filter(|&row| of_tree[row as usize] == 0.0)
                .collect(),
            false => Vec::new(),
        };
        let (tree, importance) = grow(&table, &limits, (&labels, classes.len()), &of_tree, own, rng);
        Grown {
            tree,
            importance,
            unseen,
        }
    };
    let trees = (0..forest.n_estimators).into_par_iter().with_max_len(1);
    let grown: Vec<Grown> = trees.map(one).collect();
    let importance = importance(&grown, x.n_cols());
    let out_of_bag = forest
        .oob_score
        .then(|| out_of_bag(&grown, train, &labels, classes.len()))
        .flatten();
    let trees = grown.into_iter().map(|grown| grown.tree).collect();
    Ok(FittedForest {
        trees,
        importance,
        out_of_bag,
        classes,
        n_classes: train.n_classes(),
    })
}

/// As many of these rows as there are, drawn with replacement: each once, in order, and the weight of every row, by how often
/// it was drawn.
fn drawn(rows: &[u32], weights: &[f64], rng: &mut SeededRng) -> (Vec<u32>, Vec<f64>) {
    let mut times = vec![0u32; rows.len()];
    for _ in 0..rows.len() {
        times[rng.below(rows.len())] += 1;
    }
    let mut own = Vec::new();
    let mut of_tree = vec![0.0; weights.len()];
    for (&row, &times) in rows.iter().zip(&times).filter(|(_, times)| **times > 0) {
        own.push(row);
        of_tree[row as usize] = f64::from(times) * weights[row as usize];
    }
    (own, of_tree)
}

/// The mean over the trees of what each feature brought, as shares of a tree's sum; shares of 1 in the end.
fn importance(grown: &[Grown], n_features: usize) -> Vec<f64> {
    let mut shares = vec![0.0; n_features];
    for grown in grown {
        let total: f64 = grown.importance.iter().sum();
        if total > 0.0 {
            for (share, own) in shares.iter_mut().zip(&grown.importance) {
                *share += own / total;
            }
        }
    }
    let total: f64 = shares.iter().sum();
    if total > 0.0 {
        shares.iter_mut().for_each(|share| *share /= total);
    }
    shares
}

/// The accuracy on the rows that some tree did not see, each by the trees that did not; `None` where there is no such row.
fn out_of_bag(grown: &[Grown], train: &TrainSet<'_>, labels: &[u16], n_labels: usize) -> Option<f64> {
    let n_rows = train.x().n_rows();
    let mut votes = vec![0.0; n_rows * n_labels];
    let mut seen_by = vec![0usize; n_rows];
    for grown in grown {
        for &row in &grown.unseen {
            let row = row as usize;
            seen_by[row] += 1;
            for &(class, share) in grown.tree.leaf(train.x().row(row)) {
                votes[row * n_labels + class as usize] += share;
            }
        }
    }
    let rows: Vec<usize> = (0..n_rows).filter(|&row| seen_by[row] > 0).collect();
    let is_right = |row: &&usize| {
        let votes = &votes[**row * n_labels..(**row + 1) * n_labels];
        argmax(votes) == usize::from(labels[**row])
    };
    let n_right = rows.iter().filter(is_right).count();
    (!rows.is_empty()).then(|| n_right as f64 / rows.len() as f64)
}
