use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::candidate::{Candidate, Context, Open, PARALLEL_VALUES, best_split};
use super::columns::{Entry, sorted_columns};
use super::limits::Limits;
use super::node::{Node, Split};
use super::parameters::DecisionTree;
use crate::data::matrix::Matrix;
use crate::error::{LearnError, Result};

/// The best split of a node and what its sides are like.
struct Found {
    candidate: Candidate,
    weights: [Vec<f64>; 2],
    impurities: [f64; 2],
    /// Decrease of impurity, times the node's share of the weight.
    decrease: f64,
}

/// Grows the tree level by level, or where `max_leaf_nodes` is given by the best split first.
pub(super) fn grow(
    parameters: &DecisionTree,
    x: &Matrix,
    labels: &[u16],
    weights: &[f64],
    n_labels: usize,
) -> Result<Vec<Node>> {
    let n_rows = u32::try_from(x.n_rows())
        .map_err(|_| LearnError::parameter("x", x.n_rows(), "a tree takes at most 4,294,967,295 rows"))?;
    let rows: Vec<u32> = (0..n_rows).filter(|&row| weights[row as usize] > 0.0).collect();
    let total_weight = weights.iter().sum();
    let context = Context {
        parameters,
        labels,
        weights,
        total_weight,
        limits: Limits::new(parameters, x.n_rows(), x.n_cols()),
        min_weight_leaf: parameters.min_weight_fraction_leaf * total_weight,
        n_features: x.n_cols(),
        n_labels,
        goes_left: (0..x.n_rows()).map(|_| AtomicBool::new(false)).collect(),
    };
    let mut entries = sorted_columns(x, &rows);
    let columns: Vec<&mut [Entry]> = entries.chunks_mut(rows.len()).collect();
    let root_weights = class_weights(columns[0], &context);
    let impurity = parameters.criterion.impurity(&root_weights);
    let mut nodes = vec![Node {
        split: None,
        weights: root_weights.clone(),
        impurity,
    }];
    let root = Open {
        index: 0,
        depth: 0,
        path: 1,
        columns,
        weights: root_weights,
        impurity,
    };
    match parameters.max_leaf_nodes {
        None => by_level(root, &mut nodes, &context),
        Some(max_leaf_nodes) => best_first(root, &mut nodes, max_leaf_nodes, &context),
    }
    Ok(nodes)
}

/// Splits all nodes of a level side by side: they are independent of each other.
fn by_level<'a>(root: Open<'a>, nodes: &mut Vec<Node>, context: &Context<'_>) {
    let mut level = vec![root];
    while !level.is_empty() {
        let children: Vec<Option<(Candidate, [Open<'a>; 2])>> = level
            .into_par_iter()
            .with_max_len(1)
            .map(|open| {
                let found = find(&open, context)?;
                let candidate = found.candidate.clone();
                Some((candidate, divide(open, found, context)))
            })
            .collect();
        level = Vec::new();
        for (candidate, children) in children.into_iter().flatten() {
            level.extend(append(nodes, &candidate, children));
        }
    }
}

/// Splits one node after the other, the one with the largest decrease of impurity first; ties go to the older node.
fn best_first<'a>(root: Open<'a>, nodes: &mut Vec<Node>, max_leaf_nodes: usize, context: &Context<'_>) {
    let mut frontier = BTreeMap::new();
    let add = |frontier: &mut BTreeMap<_, _>, open: Open<'a>| {
        if let Some(found) = find(&open, context) {
            // The bits of positive numbers sort as the numbers do; the largest comes first.
            frontier.insert((!found.decrease.max(0.0).to_bits(), open.index), (found, open));
        }
    };
    add(&mut frontier, root);
    for _ in 1..max_leaf_nodes {
        let Some((_, (found, open))) = frontier.pop_first() else {
            return;
        };
        let candidate = found.candidate.clone();
        let children = divide(open, found, context);
        for child in append(nodes, &candidate, children) {
            add(&mut frontier, child);
        }
    }
}

/// Puts the children of a split into the tree. They carry the index of their parent, and get their own.
fn append<'a>(nodes: &mut Vec<Node>, candidate: &Candidate, children: [Open<'a>; 2]) -> [Open<'a>; 2] {
    let parent = children[0].index;
    let (left, right) = (nodes.len(), nodes.len() + 1);
    nodes[parent].split = Some(Split {
        feature: candidate.feature,
        threshold: candidate.threshold,
        left,
        right,
    });
    let mut index = left;
    children.map(|mut child| {
        nodes.push(Node {
            split: None,
            weights: child.weights.clone(),
            impurity: child.impurity,
        });
        child.index = index;
        index += 1;
        child
    })
}

fn class_weights(entries: &[Entry], context: &Context<'_>) -> Vec<f64> {
    let mut weights = vec![0.0; context.n_labels];
    for entry in entries {
        weights[usize::from(context.labels[entry.row()])] += context.weights[entry.row()];
    }
    weights
}

/// The best split of a node; `None` where it stays a leaf.
fn find(open: &Open<'_>, context: &Context<'_>) -> Option<Found> {
    let parameters = context.parameters;
    let total = |weights: &[f64]| weights.iter().sum::<f64>();
    if parameters
        .max_depth
        .is_some_and(|max_depth| open.depth >= max_depth)
        || open.columns[0].len() < context.limits.min_rows_split
        || total(&open.weights) < 2.0 * context.min_weight_leaf
        || open.impurity <= f64::EPSILON
    {
        return None;
    }
    let candidate = best_split(open, context)?;
    let (left, right) = open.columns[candidate.feature].split_at(candidate.n_left);
    let weights = [class_weights(left, context), class_weights(right, context)];
    let impurities = [0, 1].map(|side| parameters.criterion.impurity(&weights[side]));
    let (of_left, of_right) = (total(&weights[0]), total(&weights[1]));
    let of_node = of_left + of_right;
    let decrease = of_node / context.total_weight
        * (open.impurity - of_left / of_node * impurities[0] - of_right / of_node * impurities[1]);
    if decrease + f64::EPSILON < parameters.min_impurity_decrease {
        return None;
    }
    Some(Found {
        candidate,
        weights,
        impurities,
        decrease,
    })
}

/// The two sides of a split. They carry the index of the node.
fn divide<'a>(mut open: Open<'a>, found: Found, context: &Context<'_>) -> [Open<'a>; 2] {
    let candidate = found.candidate;
    let n_rows = open.columns[0].len();
    for (at, entry) in open.columns[candidate.feature].iter().enumerate() {
        context.goes_left[entry.row()].store(at < candidate.n_left, Ordering::Relaxed);
    }
    let divide =
        |scratch: &mut Vec<Entry>, column: &mut [Entry]| partition(column, &context.goes_left, scratch);
    if n_rows * context.n_features >= PARALLEL_VALUES {
        open.columns
            .par_iter_mut()
            .with_min_len(8)
            .for_each_init(Vec::new, |scratch, column| divide(scratch, column));
    } else {
        let mut scratch = Vec::with_capacity(n_rows);
        open.columns
            .iter_mut()
            .for_each(|column| divide(&mut scratch, column));
    }
    let (left, right): (Vec<_>, Vec<_>) = open
        .columns
        .into_iter()
        .map(|column| column.split_at_mut(candidate.n_left))
        .unzip();
    let child = |side: u64, columns, weights, impurity| Open {
        index: open.index,
        depth: open.depth + 1,
        path: (open.path ^ side)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(23),
        columns,
        weights,
        impurity,
    };
    let [of_left, of_right] = found.weights;
    [
        child(2, left, of_left, found.impurities[0]),
        child(3, right, of_right, found.impurities[1]),
    ]
}

/// Puts the rows that go left first; both sides stay sorted.
fn partition(column: &mut [Entry], goes_left: &[AtomicBool], scratch: &mut Vec<Entry>) {
    scratch.resize(column.len(), Entry::default());
    let (mut n_left, mut n_right) = (0, 0);
    for at in 0..column.len() {
        let entry = column[at];
        // Both are written, one of them for good: no branch that the processor could guess wrong.
        let left = usize::from(goes_left[entry.row()].load(Ordering::Relaxed));
        column[n_left] = entry;
        scratch[n_right] = entry;
        n_left += left;
        n_right += 1 - left;
    }
    column[n_left..].copy_from_slice(&scratch[..n_right]);
}
