//! The best place to split a node.

use std::sync::atomic::AtomicBool;

use rayon::prelude::*;

use super::columns::Entry;
use super::criterion::Criterion;
use super::limits::Limits;
use super::parameters::DecisionTree;
use cratedigger_stats::rng::SeededRng;

/// Values that differ by no more than this count as equal (scikit-learn, `FEATURE_THRESHOLD`).
pub(in crate::methods) const SAME_VALUE: f32 = 1e-7;

/// Values of a node above which its features are divided between threads.
pub(super) const PARALLEL_VALUES: usize = 1 << 15;

/// What is the same for every node.
pub(super) struct Context<'a> {
    pub(super) parameters: &'a DecisionTree,
    pub(super) labels: &'a [u16],
    pub(super) weights: &'a [f64],
    pub(super) total_weight: f64,
    pub(super) n_features: usize,
    pub(super) limits: Limits,
    /// Weight each side of a split needs.
    pub(super) min_weight_leaf: f64,
    pub(super) n_labels: usize,
    /// Side of each row in the split of its node.
    pub(super) goes_left: Vec<AtomicBool>,
}

/// A node that is not finished: its rows, sorted by each feature in turn.
pub(super) struct Open<'a> {
    pub(super) index: usize,
    pub(super) depth: usize,
    /// Tells the random numbers of this node; depends on its place in the tree only.
    pub(super) path: u64,
    pub(super) columns: Vec<&'a mut [Entry]>,
    pub(super) weights: Vec<f64>,
    pub(super) impurity: f64,
}

/// A place to split: after the first `n_left` rows in the order of `feature`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    /// What is maximised: larger is purer.
    pub(super) score: f64,
    pub(super) feature: usize,
    pub(super) threshold: f64,
    pub(super) n_left: usize,
}

/// The best candidate of the features that are tried; ties go to the lowest feature.
pub(super) fn best_split(open: &Open<'_>, context: &Context<'_>) -> Option<Candidate> {
    let of_feature =
        |&feature: &usize| best_of_feature(&*open.columns[feature], feature, &open.weights, context);
    let mut features = if context.limits.max_features == context.n_features {
        (0..context.n_features).collect()
    } else {
        chosen_features(open, context)
    };
    features.sort_unstable();
    let candidates: Vec<Option<Candidate>> = if open.columns[0].len() * features.len() >= PARALLEL_VALUES {
        features.par_iter().with_min_len(8).map(of_feature).collect()
    } else {
        features.iter().map(of_feature).collect()
    };
    candidates
        .into_iter()
        .flatten()
        .reduce(|best, next| if next.score > best.score { next } else { best })
}

/// Features in random order until so many were looked at and one of them is not constant.
fn chosen_features(open: &Open<'_>, context: &Context<'_>) -> Vec<usize> {
    let mut rng = SeededRng::stream(context.parameters.seed, open.path);
    let mut features: Vec<usize> = (0..context.n_features).collect();
    let mut varies = false;
    for at in 0..features.len() {
        if at >= context.limits.max_features && varies {
            features.truncate(at);
            break;
        }
        let drawn = at + rng.below(features.len() - at);
        features.swap(at, drawn);
        let column = &open.columns[features[at]];
        varies |= column[column.len() - 1].value() > column[0].value() + SAME_VALUE;
    }
    features
}

/// The best place to split a sorted column; ties go to the lowest threshold.
fn best_of_feature(
    column: &[Entry],
    feature: usize,
    node_weights: &[f64],
    context: &Context<'_>,
) -> Option<Candidate> {
    let (first, last) = (column.first()?.value(), column.last()?.value());
    if last <= first + SAME_VALUE {
        return None;
    }
    let min_leaf = context.limits.min_rows_leaf;
    let min_weight = context.min_weight_leaf;
    let mut sides = Sides::new(context.parameters.criterion, node_weights);
    let mut best: Option<(f64, usize)> = None;
    let mut value = first;
    for at in 0..column.len() - 1 {
        let row = column[at].row();
        sides.move_left(usize::from(context.labels[row]), context.weights[row]);
        let next = column[at + 1].value();
        let differs = next > value + SAME_VALUE;
        value = next;
        if !differs || at + 1 < min_leaf || column.len() - at - 1 < min_leaf {
            continue;
        }
        if min_weight > 0.0 && sides.lighter() < min_weight {
            continue;
        }
        let score = sides.score();
        if best.is_none_or(|(best, _)| score > best) {
            best = Some((score, at + 1));
        }
    }
    let (score, n_left) = best?;
    let (below, above) = (column[n_left - 1].value(), column[n_left].value());
    Some(Candidate {
        score,
        feature,
        threshold: halfway(below, above),
        n_left,
    })
}

/// The threshold between two neighbouring values.
pub(in crate::methods) fn halfway(below: f32, above: f32) -> f64 {
    let middle = f64::from(below) / 2.0 + f64::from(above) / 2.0;
    // Halfway between two neighbours may round up to the upper one, or overflow.
    if middle.is_finite() && middle < f64::from(above) {
        middle
    } else {
        f64::from(below)
    }
}

/// Weights of the classes on both sides of a moving threshold.
pub(in crate::methods) struct Sides {
    criterion: Criterion,
    left: Vec<f64>,
    right: Vec<f64>,
    weight_left: f64,
    weight_right: f64,
    squares_left: f64,
    squares_right: f64,
}

impl Sides {
    pub(in crate::methods) fn new(criterion: Criterion, node_weights: &[f64]) -> Self {
        Self {
            criterion,
            left: vec![0.0; node_weights.len()],
            right: node_weights.to_vec(),
            weight_left: 0.0,
            weight_right: node_weights.iter().sum(),
            squares_left: 0.0,
            squares_right: node_weights.iter().map(|weight| weight * weight).sum(),
        }
    }

    /// Puts everything of another node to the right.
    pub(in crate::methods) fn reset(&mut self, node_weights: &[f64]) {
        self.left.fill(0.0);
        self.right.copy_from_slice(node_weights);
        self.weight_left = 0.0;
        self.weight_right = node_weights.iter().sum();
        self.squares_left = 0.0;
        self.squares_right = node_weights.iter().map(|weight| weight * weight).sum();
    }

    /// The weight of the lighter side.
    pub(in crate::methods) fn lighter(&self) -> f64 {
        self.weight_left.min(self.weight_right)
    }

    #[inline(always)]
    pub(in crate::methods) fn move_left(&mut self, label: usize, weight: f64) {
        let (left, right) = (self.left[label], self.right[label]);
        self.squares_left += weight * (2.0 * left + weight);
        self.squares_right -= weight * (2.0 * right - weight);
        self.left[label] = left + weight;
        self.right[label] = right - weight;
        self.weight_left += weight;
        self.weight_right -= weight;
    }

    /// Minus the impurity of both sides, each times its weight, but for what all thresholds of the node share.
    #[inline(always)]
    pub(in crate::methods) fn score(&self) -> f64 {
        match self.criterion {
            Criterion::Gini => self.squares_left / self.weight_left + self.squares_right / self.weight_right,
            Criterion::Entropy => {
                -self.weight_left * self.criterion.impurity(&self.left)
                    - self.weight_right * self.criterion.impurity(&self.right)
            }
        }
    }
}
