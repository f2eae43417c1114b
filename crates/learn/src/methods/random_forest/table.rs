//! The training rows as ranks, column by column, made once for all trees.

use rayon::prelude::*;

use crate::data::matrix::Matrix;
use crate::methods::tree::{SortedEntry, sorted_columns};

/// The rank of each value among the different values of its column: whole numbers sort quicker than values.
pub(super) struct Table {
    columns: Vec<Column>,
}

struct Column {
    /// Rank of each row; 0 for rows that do not count.
    ranks: Vec<u32>,
    /// The different values, in order.
    values: Vec<f32>,
}

impl Table {
    /// The ranks of these rows of `x`.
    pub(super) fn new(x: &Matrix, rows: &[u32]) -> Self {
        let n_rows = x.n_rows();
        let entries = sorted_columns(x, rows);
        let column = |entries: &[SortedEntry]| {
            let mut ranks = vec![0; n_rows];
            let mut values: Vec<f32> = Vec::new();
            for entry in entries {
                if values.last().is_none_or(|last| *last != entry.value()) {
                    values.push(entry.value());
                }
                ranks[entry.row()] = values.len() as u32 - 1;
            }
            Column { ranks, values }
        };
        Self {
            columns: entries.par_chunks(rows.len()).map(column).collect(),
        }
    }

    pub(super) fn n_features(&self) -> usize {
        self.columns.len()
    }

    /// The rank of each row.
    pub(super) fn ranks(&self, feature: usize) -> &[u32] {
        &self.columns[feature].ranks
    }

    /// The value of each rank.
    pub(super) fn values(&self, feature: usize) -> &[f32] {
        &self.columns[feature].values
    }
}
