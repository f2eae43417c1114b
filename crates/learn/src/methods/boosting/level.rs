//! The best splits of the nodes of one level of a tree.

use std::ops::Range;

use rayon::prelude::*;

use super::bins::Group;
use super::histogram::{Cell, Pair, accumulate};
use super::rules::Rules;
use super::search::Search;
use super::split::Split;

/// A node whose rows may be divided further.
#[derive(Debug, Clone)]
pub(super) struct Open {
    /// Its number in the tree.
    pub(super) node: usize,
    /// Where its rows stand in the list of rows.
    pub(super) rows: Range<usize>,
    pub(super) sums: Cell,
    /// Number of its histogram among those that were kept of the level; `None` where it wasn't.
    pub(super) kept: Option<usize>,
}

/// How the histograms of one or two siblings are made. Numbers are those of nodes of the level.
#[derive(Debug, Clone, Copy)]
pub(super) struct Job {
    /// Made from the rows.
    pub(super) built: usize,
    /// The sibling, and the parent's histogram among those kept of the level before: what is not in one is in the other.
    pub(super) derived: Option<(usize, usize)>,
}

/// Histograms of a group of columns that are kept for the next level: the cells of all columns, node after node.
#[derive(Debug, Default)]
pub(super) struct Store {
    of_parents: Vec<Cell>,
    of_level: Vec<Cell>,
}

/// What all nodes of a level share.
pub(super) struct Level<'a> {
    pub(super) rules: &'a Rules,
    /// Rows of all nodes, each node's side by side; `None` where one node has all rows in order.
    pub(super) rows: Option<&'a [u32]>,
    /// Derivatives of those rows.
    pub(super) pairs: &'a [Pair],
    pub(super) nodes: &'a [Open],
    pub(super) jobs: &'a [Job],
}

impl Level<'_> {
    /// The best split of every node, by the columns of all groups; among equal gains that of the lowest feature.
    pub(super) fn best_splits(&self, groups: &[Group<'_>], stores: &mut [Store]) -> Vec<Split> {
        let by_group: Vec<Vec<Split>> = groups
            .par_iter()
            .zip(stores)
            .map(|(group, store)| self.of_group(group, store))
            .collect();
        let mut best = vec![Split::default(); self.nodes.len()];
        for splits in by_group {
            for (best, split) in best.iter_mut().zip(splits) {
                if split.gain > best.gain {
                    *best = split;
                }
            }
        }
        best
    }

    fn of_group(&self, group: &Group<'_>, store: &mut Store) -> Vec<Split> {
        std::mem::swap(&mut store.of_parents, &mut store.of_level);
        store.of_level.clear();
        let n_kept = self.nodes.iter().filter(|node| node.kept.is_some()).count();
        store.of_level.reserve_exact(n_kept * group.n_bins());
        let mut best = vec![Split::default(); self.nodes.len()];
        let mut search = Search::new(self.rules);
        let mut built = vec![[0.0; 2]; group.n_cells()];
        let mut derived = vec![[0.0; 2]; group.n_cells()];
        for job in self.jobs {
            let rows = self.nodes[job.built].rows.clone();
            let numbers = self.rows.map(|numbers| &numbers[rows.clone()]);
            accumulate(group, numbers, &self.pairs[rows], &mut built);
            self.finish(job.built, group, &built, &mut search, &mut best, store);
            let Some((sibling, parent)) = job.derived else {
                continue;
            };
            let mut at = parent * group.n_bins();
            let pieces = derived
                .chunks_exact_mut(group.stride)
                .zip(built.chunks_exact(group.stride));
            for (column, (derived, built)) in group.columns.iter().zip(pieces) {
                let parent = &store.of_parents[at..at + column.n_bins()];
                for ((derived, built), parent) in derived.iter_mut().zip(built).zip(parent) {
                    *derived = [parent[0] - built[0], parent[1] - built[1]];
                }
                at += column.n_bins();
            }
            self.finish(sibling, group, &derived, &mut search, &mut best, store);
        }
        best
    }

    /// Searches the histogram of a node, and keeps it where it is wanted.
    fn finish(
        &self,
        node: usize,
        group: &Group<'_>,
        cells: &[Cell],
        search: &mut Search<'_>,
        best: &mut [Split],
        store: &mut Store,
    ) {
        let open = &self.nodes[node];
        let best = &mut best[node];
        let score = self.rules.score(open.sums);
        let divisible = self.rules.divisible(open.sums[1]);
        let columns = group.features.iter().zip(&group.columns);
        for ((&feature, column), cells) in columns.zip(cells.chunks_exact(group.stride)) {
            let cells = &cells[..column.n_bins()];
            if divisible {
                search.improve(best, feature, cells, open.sums, score);
            }
            if open.kept.is_some() {
                store.of_level.extend_from_slice(cells);
            }
        }
    }
}
