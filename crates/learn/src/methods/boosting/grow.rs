//! Growth of one tree, level by level.

use std::ops::Range;

use super::bins::{Codes, Column, Group};
use super::histogram::{Pair, total};
use super::level::{Job, Level, Open, Store};
use super::rules::Rules;
use super::split::Split;

/// Rows per bin from which on a histogram is kept, so that one of the children is had by a subtraction. All that are kept
/// of a level are then no larger than the matrix of features; what smaller ones save is less than their way through
/// memory costs.
const ROWS_PER_KEPT_BIN: usize = 4;

/// A tree; its nodes come level by level, as in XGBoost.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    /// Leaves, and where their rows stand in [`Workspace::rows`].
    pub(super) leaves: Vec<(usize, Range<usize>)>,
}

/// A node of a tree. A leaf has itself as children.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Node {
    pub(super) left: usize,
    pub(super) right: usize,
    pub(super) feature: u32,
    /// Rows of this bin and of lower ones go left,
    pub(super) bin: u32,
    /// that is, rows with a value below this one.
    pub(super) threshold: f32,
    /// Gain of a split; 0 for a leaf.
    pub(super) gain: f32,
    /// Value of a leaf; 0 for a split.
    pub(super) value: f32,
}

/// Room for growing a tree, used again for the next one.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    /// The rows the tree is grown on, those of a leaf side by side and in order.
    pub(super) rows: Vec<u32>,
    /// Their derivatives.
    pairs: Vec<Pair>,
    spare_rows: Vec<u32>,
    spare_pairs: Vec<Pair>,
    stores: Vec<Store>,
}

impl Tree {
    /// Grows a tree on the features called `features` (ascending).
    ///
    /// `pairs` has the derivatives of all rows, such that their sums are exact; `sample` the rows to grow on, in order,
    /// `None` for all.
    pub(super) fn grow(
        rules: &Rules,
        columns: &[Column],
        features: &[usize],
        pairs: &[Pair],
        sample: Option<&[u32]>,
        workspace: &mut Workspace,
    ) -> Self {
        workspace.start(pairs, sample);
        let groups = Group::all(columns, features);
        workspace
            .stores
            .resize_with(groups.len().max(workspace.stores.len()), Store::default);
        let bins_per_column = groups.iter().map(Group::n_bins).sum::<usize>() / features.len().max(1);
        let least_kept = ROWS_PER_KEPT_BIN * bins_per_column;

        let n_rows = workspace.rows.len();
        let mut root = Open {
            node: 0,
            rows: 0..n_rows,
            sums: total(&workspace.pairs),
            kept: None,
        };
        let mut tree = Self {
            nodes: vec![Node::leaf(0, rules.value(root.sums))],
            leaves: Vec::new(),
        };
        root.kept = (rules.max_depth > 1 && n_rows >= least_kept).then_some(0);
        let mut jobs = vec![Job {
            built: 0,
            derived: None,
        }];
        let mut nodes = vec![root];
        let mut n_leaves = 1;
        for depth in 0.. {
            let level = Level {
                rules,
                rows: (depth > 0 || sample.is_some()).then_some(workspace.rows.as_slice()),
                pairs: &workspace.pairs,
                nodes: &nodes,
                jobs: &jobs,
            };
            let splits = level.best_splits(&groups, &mut workspace.stores[..groups.len()]);
            let last = depth + 1 == rules.max_depth;
            let mut children = Vec::new();
            jobs.clear();
            let mut n_kept = 0;
            for (open, split) in nodes.iter().zip(&splits) {
                if n_leaves == rules.max_leaves || !rules.worth(split, open.sums) {
                    tree.leaves.push((open.node, open.rows.clone()));
                    continue;
                }
                n_leaves += 1;
                let mut pair = tree.divide(rules, &columns[split.feature as usize], open, split, workspace);
                if last {
                    tree.leaves.extend(pair.map(|child| (child.node, child.rows)));
                    continue;
                }
                let divisible = pair.each_ref().map(|child| rules.divisible(child.sums[1]));
                for (child, divisible) in pair.iter_mut().zip(divisible) {
                    let keeps = divisible && depth + 2 < rules.max_depth && child.rows.len() >= least_kept;
                    child.kept = keeps.then_some(0);
                }
                let left = children.len();
                // The smaller one first.
                let order = if pair[0].rows.len() <= pair[1].rows.len() {
                    [0, 1]
                } else {
                    [1, 0]
                };
                let [small, large] = order.map(|side| left + side);
                let [small_counts, large_counts] = order.map(|side| divisible[side]);
                match open.kept {
                    Some(parent) if large_counts => jobs.push(Job {
                        built: small,
                        derived: Some((large, parent)),
                    }),
                    _ => {
                        let wanted = [(small, small_counts), (large, large_counts)];
                        let wanted = wanted.into_iter().filter(|(_, counts)| *counts);
                        jobs.extend(wanted.map(|(built, _)| Job { built, derived: None }));
                    }
                }
                children.extend(pair);
            }
            // Histograms are kept in the order they are made.
            for job in &jobs {
                for node in [Some(job.built), job.derived.map(|(sibling, _)| sibling)]
                    .into_iter()
                    .flatten()
                {
                    if let Some(kept) = &mut children[node].kept {
                        *kept = n_kept;
                        n_kept += 1;
                    }
                }
            }
            if jobs.is_empty() || n_leaves == rules.max_leaves {
                tree.leaves
                    .extend(children.into_iter().map(|child: Open| (child.node, child.rows)));
                break;
            }
            nodes = children;
        }
        tree
    }

    /// Makes a node a split, and its rows those of two new leaves, which are returned.
    fn divide(
        &mut self,
        rules: &Rules,
        column: &Column,
        open: &Open,
        split: &Split,
        workspace: &mut Workspace,
    ) -> [Open; 2] {
        let middle = open.rows.start + workspace.partition(column, split.bin, open.rows.clone());
        let left = self.nodes.len();
        self.nodes[open.node] = Node {
            left,
            right: left + 1,
            feature: split.feature,
            bin: split.bin,
            threshold: column.bounds[split.bin as usize],
            gain: split.gain,
            value: 0.0,
        };
        let right_sums = [open.sums[0] - split.left[0], open.sums[1] - split.left[1]];
        let sides = [
            (open.rows.start..middle, split.left),
            (middle..open.rows.end, right_sums),
        ];
        sides.map(|(rows, sums)| {
            let node = self.nodes.len();
            self.nodes.push(Node::leaf(node, rules.value(sums)));
            Open {
                node,
                rows,
                sums,
                kept: None,
            }
        })
    }

    /// Value of the leaf that a row falls into.
    pub(super) fn value(&self, columns: &[Column], row: usize) -> f32 {
        let mut at = 0;
        loop {
            let node = &self.nodes[at];
            if node.left == at {
                return node.value;
            }
            let left = columns[node.feature as usize].bin(row) <= node.bin as usize;
            at = if left { node.left } else { node.right };
        }
    }
}

impl Node {
    fn leaf(at: usize, value: f32) -> Self {
        Self {
            left: at,
            right: at,
            feature: 0,
            bin: 0,
            threshold: 0.0,
            gain: 0.0,
            value,
        }
    }
}

impl Workspace {
    /// The rows that the root has.
    fn start(&mut self, pairs: &[Pair], sample: Option<&[u32]>) {
        self.rows.clear();
        self.pairs.clear();
        match sample {
            None => {
                self.rows.extend(0..pairs.len() as u32);
                self.pairs.extend_from_slice(pairs);
            }
            Some(rows) => {
                self.rows.extend_from_slice(rows);
                self.pairs.extend(rows.iter().map(|&row| pairs[row as usize]));
            }
        }
        self.spare_rows.resize(self.rows.len(), 0);
        self.spare_pairs.resize(self.pairs.len(), [0.0; 2]);
    }

    /// Moves the rows of a range whose bin is at most `bin` before the others, the order being kept on both sides, and
    /// returns how many these are.
    fn partition(&mut self, column: &Column, bin: u32, range: Range<usize>) -> usize {
        match &column.codes {
            Codes::Narrow(codes) => self.partition_by(codes, bin, range),
            Codes::Wide(codes) => self.partition_by(codes, bin, range),
        }
    }

    fn partition_by<T: Copy + Into<u32>>(&mut self, codes: &[T], bin: u32, range: Range<usize>) -> usize {
        let n = range.len();
        let (rows, pairs) = (&mut self.rows[range.clone()], &mut self.pairs[range]);
        let (spare_rows, spare_pairs) = (&mut self.spare_rows[..n], &mut self.spare_pairs[..n]);
        let (mut n_left, mut n_right) = (0, 0);
        // Both sides are written every time and one is counted, which costs less than to guess which.
        for at in 0..n {
            let (row, pair) = (rows[at], pairs[at]);
            let left = codes[row as usize].into() <= bin;
            rows[n_left] = row;
            pairs[n_left] = pair;
            spare_rows[n_right] = row;
            spare_pairs[n_right] = pair;
            n_left += usize::from(left);
            n_right += usize::from(!left);
        }
        rows[n_left..].copy_from_slice(&spare_rows[..n_right]);
        pairs[n_left..].copy_from_slice(&spare_pairs[..n_right]);
        n_left
    }
}

#[cfg(test)]
mod tests;
