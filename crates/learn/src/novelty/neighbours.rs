//! The distance to training rows, as it is or beside the distances among them.

use cratedigger_stats::rng::SeededRng;

use crate::data::dataset::take;
use crate::data::matrix::Matrix;
use crate::error::{LearnError, Result};
use crate::methods::neighbours::nearest::{Neighbor, euclidean, squared_lengths};

/// How many nearest rows the distance is the mean of.
pub(super) const K: usize = 5;

/// The most rows that are kept, drawn at random of more: a model's file stays small, and a distance among so many is near what it is
/// among all.
const MOST_ROWS: usize = 2000;

/// Training rows to be far from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Near {
    pub(super) rows: Matrix,
    squared: Vec<f64>,
    /// The mean distance of each row to the [`K`] nearest rows of other groups; `None` where distances are taken as they are.
    pub(super) own: Option<Vec<f64>>,
}

impl Near {
    /// Of scaled rows. `local`: whether distances are divided by those among the rows.
    pub(super) fn fit(x: &Matrix, groups: Option<&[i64]>, local: bool, seed: u64) -> Result<Self> {
        if x.n_rows() <= K {
            return Err(LearnError::CannotSplit {
                n_rows: x.n_rows(),
                reason: format!("novelty is the mean distance to {K} other training rows"),
            });
        }
        let mut kept = SeededRng::new(seed).permutation(x.n_rows());
        kept.truncate(MOST_ROWS);
        kept.sort_unstable();
        let mut near = Self::of(x.take_rows(&kept)?, None);
        if local {
            let groups = groups.map(|groups| take(groups, &kept));
            near.own = Some(near.own_distances(groups.as_deref()));
        }
        Ok(near)
    }

    pub(super) fn of(rows: Matrix, own: Option<Vec<f64>>) -> Self {
        Self {
            squared: squared_lengths(&rows),
            rows,
            own,
        }
    }

    fn nearest(&self, x: &Matrix, k: usize) -> Vec<Vec<Neighbor>> {
        euclidean(&self.rows, &self.squared, x, k)
    }

    /// The mean distance of each kept row to the nearest ones of other groups: [`K`] of them, or as many as there are. Rows are groups of
    /// their own where none are known, or all are of one.
    fn own_distances(&self, groups: Option<&[i64]>) -> Vec<f64> {
        let n = self.rows.n_rows();
        let groups: Vec<i64> = match groups {
            Some(groups) if groups.iter().any(|group| *group != groups[0]) => groups.to_vec(),
            _ => (0..n as i64).collect(),
        };
        let mut sorted = groups.clone();
        sorted.sort_unstable();
        let largest = sorted.chunk_by(i64::eq).map(<[i64]>::len).max().unwrap_or(1);
        // So many that enough of them are of other groups.
        let found = self.nearest(&self.rows, (K + largest).min(n));
        let of_row = |(row, found): (usize, Vec<Neighbor>)| {
            let others = found.into_iter().filter(|near| groups[near.row] != groups[row]);
            let distances: Vec<f64> = others.take(K).map(|near| near.distance).collect();
            mean(&distances)
        };
        found.into_iter().enumerate().map(of_row).collect()
    }

    /// The mean distance of each row to its [`K`] nearest; over the mean of these rows' own, where distances are local.
    pub(super) fn scores(&self, x: &Matrix) -> Vec<f64> {
        let score = |near: Vec<Neighbor>| {
            let distance = mean(&near.iter().map(|near| near.distance).collect::<Vec<_>>());
            let Some(own) = &self.own else { return distance };
            let own = mean(&near.iter().map(|near| own[near.row]).collect::<Vec<_>>());
            // Equal rows are as near as can be.
            if distance == 0.0 { 0.0 } else { distance / own }
        };
        self.nearest(x, K).into_iter().map(score).collect()
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
