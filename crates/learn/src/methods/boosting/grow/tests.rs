#![allow(clippy::unwrap_used)]
//! Trees against the obvious way to grow them: every value of every feature is tried at every node.

use super::super::GradientBoosting;
use super::super::bins::bin_columns;
use super::super::histogram::round_to_exact_sums;
use super::*;
use crate::data::matrix::Matrix;
use cratedigger_stats::rng::SeededRng;

/// What the slow way grows: a split with its children, or a leaf.
#[derive(Debug)]
enum Slow {
    Split {
        feature: usize,
        threshold: f32,
        gain: f64,
        sides: Box<[Slow; 2]>,
    },
    Leaf {
        value: f64,
        rows: Vec<usize>,
    },
}

/// The formulas of the paper (section 2.2) and of XGBoost's documentation, on plain sums in `f64`.
struct Formulas<'a> {
    parameters: &'a GradientBoosting,
    x: &'a Matrix,
    pairs: &'a [Pair],
}

impl Formulas<'_> {
    fn sums(&self, rows: &[usize]) -> (f64, f64) {
        rows.iter().fold((0.0, 0.0), |(g, h), &row| {
            let [gradient, hessian] = self.pairs[row];
            (g + f64::from(gradient), h + f64::from(hessian))
        })
    }

    fn drawn(&self, g: f64) -> f64 {
        g.signum() * (g.abs() - self.parameters.reg_alpha).max(0.0)
    }

    fn weight(&self, (g, h): (f64, f64)) -> f64 {
        let limit = self.parameters.max_delta_step;
        let weight = -self.drawn(g) / (h + self.parameters.reg_lambda);
        if limit > 0.0 {
            weight.clamp(-limit, limit)
        } else {
            weight
        }
    }

    fn score(&self, sums: (f64, f64)) -> f64 {
        let (g, h) = sums;
        if self.parameters.max_delta_step > 0.0 {
            let w = self.weight(sums);
            return -(2.0 * g * w + (h + self.parameters.reg_lambda) * w * w);
        }
        self.drawn(g).powi(2) / (h + self.parameters.reg_lambda)
    }

    /// The tree under these rows.
    fn grow(&self, rows: &[usize], depth: usize) -> Slow {
        let p = self.parameters;
        let own = self.score(self.sums(rows));
        let mut best = (0.0, 0, 0.0);
        for feature in 0..self.x.n_cols() {
            let mut values: Vec<f32> = rows.iter().map(|&row| self.x.get(row, feature)).collect();
            values.sort_by(f32::total_cmp);
            values.dedup();
            for &threshold in values.iter().skip(1) {
                let [left, right] = self.divide(rows, feature, threshold).map(|rows| self.sums(&rows));
                if left.1 < p.min_child_weight || right.1 < p.min_child_weight {
                    continue;
                }
                let gain = self.score(left) + self.score(right) - own;
                if gain > best.0 {
                    best = (gain, feature, threshold);
                }
            }
        }
        let (gain, feature, threshold) = best;
        if gain <= 1e-6 || gain < p.gamma || (p.max_depth > 0 && depth == p.max_depth) {
            return Slow::Leaf {
                value: p.learning_rate * self.weight(self.sums(rows)),
                rows: rows.to_vec(),
            };
        }
        let sides = self
            .divide(rows, feature, threshold)
            .map(|rows| self.grow(&rows, depth + 1));
        Slow::Split {
            feature,
            threshold,
            gain,
            sides: Box::new(sides),
        }
    }

    fn divide(&self, rows: &[usize], feature: usize, threshold: f32) -> [Vec<usize>; 2] {
        let (left, right) = rows
            .iter()
            .partition(|&&row| self.x.get(row, feature) < threshold);
        [left, right]
    }
}

/// Fails where the trees differ; returns the number of splits.
fn compare(tree: &Tree, at: usize, slow: &Slow, x: &Matrix, rows: &[u32]) -> usize {
    let node = &tree.nodes[at];
    match slow {
        Slow::Leaf { value, rows: want } => {
            assert_eq!((node.left, node.right), (at, at), "{slow:?}");
            assert!((f64::from(node.value) - value).abs() < 1e-5 * value.abs().max(1.0));
            let (_, range) = tree.leaves.iter().find(|(leaf, _)| *leaf == at).unwrap();
            let found: Vec<usize> = rows[range.clone()].iter().map(|&row| row as usize).collect();
            assert_eq!(found, *want, "rows of leaf {at}");
            0
        }
        Slow::Split {
            feature,
            threshold,
            gain,
            sides,
        } => {
            assert_eq!(node.feature as usize, *feature, "node {at}, {node:?}");
            assert!(
                (f64::from(node.gain) - gain).abs() < 1e-4 * gain.max(1.0),
                "{} {gain}",
                node.gain
            );
            // The bound is above all of the left rows; the slow threshold is the lowest value of the right ones.
            assert!(node.threshold <= *threshold);
            let between = (0..x.n_rows()).filter(|&row| {
                let value = x.get(row, *feature);
                value >= node.threshold && value < *threshold
            });
            let lies_elsewhere = |row: usize| !leaves_under(sides).contains(&row);
            assert!(between.into_iter().all(lies_elsewhere));
            1 + compare(tree, node.left, &sides[0], x, rows) + compare(tree, node.right, &sides[1], x, rows)
        }
    }
}

fn leaves_under(sides: &[Slow; 2]) -> Vec<usize> {
    sides
        .iter()
        .flat_map(|side| match side {
            Slow::Leaf { rows, .. } => rows.clone(),
            Slow::Split { sides, .. } => leaves_under(sides),
        })
        .collect()
}

/// `n_distinct[j]` values in column `j`, and derivatives that depend on the columns, with noise.
fn data(n: usize, n_distinct: &[usize], seed: u64) -> (Matrix, Vec<Pair>) {
    let mut rng = SeededRng::new(seed);
    let mut values = Vec::new();
    let mut pairs = Vec::new();
    for _ in 0..n {
        let row: Vec<f32> = n_distinct
            .iter()
            .map(|&distinct| (rng.below(distinct) as f32 - 3.0) / distinct as f32)
            .collect();
        let gradient = (6.0 * f64::from(row[0])).sin() + f64::from(row[1] * row[2]) + rng.uniform(-0.5, 0.5);
        pairs.push([gradient as f32, rng.uniform(0.05, 1.0) as f32]);
        values.extend(row);
    }
    round_to_exact_sums(&mut pairs);
    (Matrix::new(n, n_distinct.len(), values).unwrap(), pairs)
}

fn check(parameters: &GradientBoosting, n: usize, n_distinct: &[usize], sampled: bool, seed: u64) -> usize {
    let (x, pairs) = data(n, n_distinct, seed);
    let columns = bin_columns(&x, &vec![1.0; n], parameters.max_bin);
    let features: Vec<usize> = (0..x.n_cols()).collect();
    let sample: Vec<u32> = (0..n as u32).filter(|row| !sampled || row % 3 != 1).collect();
    let mut workspace = Workspace::default();
    let given = sampled.then_some(sample.as_slice());
    let mut grow = || {
        let tree = Tree::grow(
            &Rules::new(parameters),
            &columns,
            &features,
            &pairs,
            given,
            &mut workspace,
        );
        (tree, workspace.rows.clone())
    };
    let (first, _) = grow();
    // Again, in a workspace that is no longer clean.
    let (tree, rows) = grow();
    assert_eq!(tree.nodes, first.nodes);
    let formulas = Formulas {
        parameters,
        x: &x,
        pairs: &pairs,
    };
    let sample: Vec<usize> = sample.into_iter().map(|row| row as usize).collect();
    let n_splits = compare(&tree, 0, &formulas.grow(&sample, 0), &x, &rows);
    for row in 0..n {
        let mut at = 0;
        while tree.nodes[at].left != at {
            let node = &tree.nodes[at];
            let left = x.get(row, node.feature as usize) < node.threshold;
            at = if left { node.left } else { node.right };
        }
        assert_eq!(tree.value(&columns, row), tree.nodes[at].value, "row {row}");
    }
    n_splits
}

#[test]
fn trees_are_those_of_an_exhaustive_search() {
    let base = GradientBoosting {
        max_depth: 5,
        min_child_weight: 3.0,
        ..Default::default()
    };
    let variants = [
        base.clone(),
        GradientBoosting {
            reg_alpha: 2.0,
            reg_lambda: 0.25,
            ..base.clone()
        },
        GradientBoosting {
            gamma: 4.0,
            max_depth: 0,
            ..base.clone()
        },
        GradientBoosting {
            max_delta_step: 0.25,
            learning_rate: 0.5,
            ..base.clone()
        },
        GradientBoosting {
            max_depth: 1,
            min_child_weight: 0.0,
            ..base.clone()
        },
        GradientBoosting {
            reg_lambda: 0.0,
            min_child_weight: 12.0,
            ..base.clone()
        },
    ];
    let mut n_splits = 0;
    for (seed, parameters) in variants.iter().enumerate() {
        for sampled in [false, true] {
            // Few bins: histograms are kept, and one child of two is had by a subtraction. Six columns: four side by side
            // and two that are not; a constant one.
            n_splits += check(parameters, 600, &[9, 7, 12, 5, 1, 8, 3], sampled, seed as u64);
            // Many bins: every histogram is made from the rows.
            n_splits += check(parameters, 300, &[200, 250, 100, 30], sampled, seed as u64);
        }
    }
    assert!(n_splits > 150, "{n_splits}");
}

#[test]
fn columns_of_more_than_256_bins_are_searched_alike() {
    let parameters = GradientBoosting {
        max_depth: 4,
        min_child_weight: 5.0,
        max_bin: 5000,
        ..Default::default()
    };
    let mut n_splits = 0;
    for sampled in [false, true] {
        n_splits += check(&parameters, 900, &[4000, 5, 3000, 8, 6, 9, 4, 2000], sampled, 1);
        // Enough rows to keep histograms of 300 bins.
        n_splits += check(&parameters, 3000, &[300, 290, 310], sampled, 2);
    }
    assert!(n_splits > 40, "{n_splits}");
}

#[test]
fn equal_gains_go_to_the_lowest_feature_and_bin() {
    // All columns but 2 are column 0 in other units and divide alike; those from 5 on are searched in another group.
    // Gradients are symmetric, so that the splits after the first and before the last value gain the same.
    let values: Vec<f32> = (0..60)
        .flat_map(|row| {
            let value = (row % 6) as f32;
            [
                value,
                10.0 * value,
                1.0,
                -value,
                value - 9.0,
                value + 1.0,
                -0.5 * value,
            ]
        })
        .collect();
    let x = Matrix::new(60, 7, values).unwrap();
    let gradients = [-1.0, 0.1, 0.1, 0.1, 0.1, -1.0];
    let mut pairs: Vec<Pair> = (0..60).map(|row| [gradients[row % 6], 0.3]).collect();
    round_to_exact_sums(&mut pairs);
    let columns = bin_columns(&x, &[1.0; 60], 256);
    let rules = Rules::new(&GradientBoosting {
        max_depth: 1,
        ..Default::default()
    });
    let root = |features: &[usize]| {
        let mut workspace = Workspace::default();
        Tree::grow(&rules, &columns, features, &pairs, None, &mut workspace).nodes[0]
    };
    let all = root(&[0, 1, 2, 3, 4, 5, 6]);
    assert_eq!((all.feature, all.bin, all.threshold), (0, 0, 1.0));
    let some = root(&[1, 3]);
    assert_eq!((some.feature, some.bin, some.threshold), (1, 0, 10.0));
    assert_eq!(all.gain, some.gain);
    // Without a column that can be divided, a tree is a leaf.
    assert_eq!((root(&[2]).left, root(&[2]).gain), (0, 0.0));
}
