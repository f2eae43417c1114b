//! One tree.

use std::collections::BTreeMap;

use super::nodes::{LEAF, Node, Tree};
use super::sort::{Key, sort};
use super::table::Table;
use crate::methods::tree::{Limits, SAME_VALUE, Sides, halfway};
use cratedigger_stats::rng::SeededRng;

/// What all nodes of a tree share.
pub(super) struct Grower<'a> {
    table: &'a Table,
    limits: &'a Limits,
    labels: &'a [u16],
    weights: &'a [f64],
    n_labels: usize,
    max_features: usize,
    rng: SeededRng,
    /// All features, in an order that changes with what is drawn.
    features: Vec<usize>,
    /// Label and weight of each row of the node at hand.
    of_node: Vec<(u16, f64)>,
    keys: Vec<Key>,
    other: Vec<Key>,
    sides: Sides,
    scratch: Vec<u32>,
    tree: Tree,
    importance: Vec<f64>,
}

/// A node that is not finished: rows `start..end` of the tree's.
struct Open {
    index: usize,
    start: usize,
    end: usize,
    depth: usize,
    weights: Vec<f64>,
    impurity: f64,
}

/// The best split of a node: rows of a rank up to `last_left` go left.
struct Found {
    feature: usize,
    last_left: u32,
    threshold: f64,
    n_left: usize,
    weights: [Vec<f64>; 2],
    impurities: [f64; 2],
    decrease: f64,
}

/// Grows a tree on these rows, in order, and tells what each feature brought: the decrease of impurity, times weight.
pub(super) fn grow(
    table: &Table,
    limits: &Limits,
    (labels, n_labels): (&[u16], usize),
    weights: &[f64],
    mut rows: Vec<u32>,
    rng: SeededRng,
) -> (Tree, Vec<f64>) {
    let mut grower = Grower {
        table,
        limits,
        labels,
        weights,
        n_labels,
        max_features: limits.max_features,
        rng,
        features: (0..table.n_features()).collect(),
        of_node: Vec::new(),
        keys: Vec::new(),
        other: Vec::new(),
        sides: Sides::new(limits.criterion, &vec![0.0; n_labels]),
        scratch: Vec::new(),
        tree: Tree::default(),
        importance: vec![0.0; table.n_features()],
    };
    grower.run(&mut rows);
    (grower.tree, grower.importance)
}

impl Grower<'_> {
    fn run(&mut self, rows: &mut [u32]) {
        let mut weights = vec![0.0; self.n_labels];
        for &row in &*rows {
            weights[usize::from(self.labels[row as usize])] += self.weights[row as usize];
        }
        self.tree.nodes.push(Node {
            feature: LEAF,
            child: 0,
            threshold: 0.0,
        });
        let total: f64 = weights.iter().sum();
        let root = Open {
            index: 0,
            start: 0,
            end: rows.len(),
            depth: 0,
            impurity: self.limits.criterion.impurity(&weights),
            weights,
        };
        match self.limits.max_leaf_nodes {
            None => self.depth_first(root, rows, total),
            Some(n) => self.best_first(root, rows, total, n),
        }
    }

    fn depth_first(&mut self, root: Open, rows: &mut [u32], total: f64) {
        let mut stack = vec![root];
        while let Some(open) = stack.pop() {
            match self.find(&open, rows, total) {
                Some(found) => {
                    let [left, right] = self.divide(&open, found, rows);
                    stack.push(right);
                    stack.push(left);
                }
                None => self.close(&open),
            }
        }
    }

    /// The split with the largest decrease of impurity first; ties go to the older node.
    fn best_first(&mut self, root: Open, rows: &mut [u32], total: f64, max_leaf_nodes: usize) {
        let mut frontier: BTreeMap<(u64, usize), (Found, Open)> = BTreeMap::new();
        let mut new = vec![root];
        let mut n_leaves = 1;
        loop {
            for open in new.drain(..) {
                match self.find(&open, rows, total) {
                    // The bits of positive numbers sort as the numbers do; the largest comes first.
                    Some(found) => {
                        let key = (!found.decrease.max(0.0).to_bits(), open.index);
                        frontier.insert(key, (found, open));
                    }
                    None => self.close(&open),
                }
            }
            if n_leaves == max_leaf_nodes {
                break;
            }
            let Some((_, (found, open))) = frontier.pop_first() else {
                break;
            };
            new.extend(self.divide(&open, found, rows));
            n_leaves += 1;
        }
        for (_, open) in frontier.values() {
            self.close(open);
        }
    }

    /// Makes a node a leaf.
    fn close(&mut self, open: &Open) {
        self.tree.nodes[open.index].child = self.tree.add_leaf(&open.weights);
    }

    /// The best split of a node; `None` where it stays a leaf.
    fn find(&mut self, open: &Open, rows: &[u32], total_weight: f64) -> Option<Found> {
        let limits = self.limits;
        let rows = &rows[open.start..open.end];
        let sum = |weights: &[f64]| weights.iter().sum::<f64>();
        let of_node = sum(&open.weights);
        let min_weight = limits.min_weight_share * total_weight;
        if limits.max_depth.is_some_and(|max| open.depth >= max)
            || rows.len() < limits.min_rows_split
            || of_node < 2.0 * min_weight
            || open.impurity <= f64::EPSILON
        {
            return None;
        }
        self.of_node.clear();
        let (labels, weights) = (self.labels, self.weights);
        let label_and_weight = rows
            .iter()
            .map(|&row| (labels[row as usize], weights[row as usize]));
        self.of_node.extend(label_and_weight);
        let mut best: Option<(f64, usize, u32, u32, usize)> = None;
        let mut varies = false;
        for drawn in 0..self.features.len() {
            if drawn >= self.max_features && varies {
                break;
            }
            if self.max_features < self.features.len() {
                let at = drawn + self.rng.below(self.features.len() - drawn);
                self.features.swap(drawn, at);
            }
            let feature = self.features[drawn];
            if !self.sort(feature, rows) {
                continue;
            }
            varies = true;
            if let Some((score, n_left)) = self.best_place(feature, &open.weights, min_weight) {
                let better = best
                    .as_ref()
                    .is_none_or(|best| score > best.0 || (score == best.0 && feature < best.1));
                if better {
                    let ranks = (self.keys[n_left - 1].rank(), self.keys[n_left].rank());
                    best = Some((score, feature, ranks.0, ranks.1, n_left));
                }
            }
        }
        let (_, feature, below, above, n_left) = best?;
        let ranks = self.table.ranks(feature);
        let mut weights = [vec![0.0; self.n_labels], vec![0.0; self.n_labels]];
        for (&row, &(label, weight)) in rows.iter().zip(&self.of_node) {
            let side = usize::from(ranks[row as usize] > below);
            weights[side][usize::from(label)] += weight;
        }
        let impurities = [0, 1].map(|side| limits.criterion.impurity(&weights[side]));
        let (of_left, of_right) = (sum(&weights[0]), sum(&weights[1]));
        let decrease = of_node / total_weight
            * (open.impurity - of_left / of_node * impurities[0] - of_right / of_node * impurities[1]);
        if decrease + f64::EPSILON < limits.min_impurity_decrease {
            return None;
        }
        let values = self.table.values(feature);
        Some(Found {
            feature,
            last_left: below,
            threshold: halfway(values[below as usize], values[above as usize]),
            n_left,
            weights,
            impurities,
            decrease,
        })
    }

    /// Sorts the rows of a node by a feature; `false` where it has one value.
    fn sort(&mut self, feature: usize, rows: &[u32]) -> bool {
        let (ranks, values) = (self.table.ranks(feature), self.table.values(feature));
        let (mut least, mut largest) = (u32::MAX, 0);
        self.keys.clear();
        self.keys.extend(rows.iter().enumerate().map(|(place, &row)| {
            let rank = ranks[row as usize];
            (least, largest) = (least.min(rank), largest.max(rank));
            Key::new(rank, place)
        }));
        if values[largest as usize] <= values[least as usize] + SAME_VALUE {
            return false;
        }
        sort(&mut self.keys, &mut self.other, least, largest);
        true
    }

    /// The score of the best place to divide the sorted rows, and how many go left; ties go to the lowest threshold.
    fn best_place(&mut self, feature: usize, node_weights: &[f64], min_weight: f64) -> Option<(f64, usize)> {
        let values = self.table.values(feature);
        let min_leaf = self.limits.min_rows_leaf;
        let n = self.keys.len();
        self.sides.reset(node_weights);
        let mut best: Option<(f64, usize)> = None;
        for at in 0..n - 1 {
            let (key, next) = (self.keys[at], self.keys[at + 1]);
            let (label, weight) = self.of_node[key.place()];
            self.sides.move_left(usize::from(label), weight);
            if key.rank() == next.rank()
                || values[next.rank() as usize] <= values[key.rank() as usize] + SAME_VALUE
                || at + 1 < min_leaf
                || n - at - 1 < min_leaf
                || (min_weight > 0.0 && self.sides.lighter() < min_weight)
            {
                continue;
            }
            let score = self.sides.score();
            if best.is_none_or(|(best, _)| score > best) {
                best = Some((score, at + 1));
            }
        }
        best
    }

    /// Splits a node: the rows of both sides stay in order.
    fn divide(&mut self, open: &Open, found: Found, rows: &mut [u32]) -> [Open; 2] {
        let ranks = self.table.ranks(found.feature);
        let rows = &mut rows[open.start..open.end];
        self.scratch.clear();
        let mut n_left = 0;
        for at in 0..rows.len() {
            let row = rows[at];
            if ranks[row as usize] <= found.last_left {
                rows[n_left] = row;
                n_left += 1;
            } else {
                self.scratch.push(row);
            }
        }
        debug_assert_eq!(n_left, found.n_left);
        rows[n_left..].copy_from_slice(&self.scratch);
        let sum = |weights: &[f64]| weights.iter().sum::<f64>();
        self.importance[found.feature] += sum(&open.weights) * open.impurity
            - sum(&found.weights[0]) * found.impurities[0]
            - sum(&found.weights[1]) * found.impurities[1];
        let child = self.tree.nodes.len();
        self.tree.nodes[open.index] = Node {
            feature: found.feature as u32,
            child: child as u32,
            threshold: found.threshold,
        };
        let leaf = Node {
            feature: LEAF,
            child: 0,
            threshold: 0.0,
        };
        self.tree.nodes.extend([leaf, leaf]);
        let middle = open.start + n_left;
        let [left, right] = found.weights;
        let side = |side: usize, start, end, weights| Open {
            index: child + side,
            start,
            end,
            depth: open.depth + 1,
            weights,
            impurity: found.impurities[side],
        };
        [
            side(0, open.start, middle, left),
            side(1, middle, open.end, right),
        ]
    }
}
