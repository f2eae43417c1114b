//! The columns of a matrix in bins.

use rayon::prelude::*;

use super::cuts::lower_bounds;
use crate::data::matrix::Matrix;

/// Bins that a `u8` numbers.
pub(super) const NARROW: usize = 256;

/// Columns whose histograms are made side by side.
pub(super) const LANES: usize = 4;

/// A column, its values replaced by the number of their bin.
#[derive(Debug)]
pub(super) struct Column {
    /// Lower bounds of the bins but the first, ascending.
    pub(super) bounds: Vec<f32>,
    pub(super) codes: Codes,
}

/// The bin of each row.
#[derive(Debug)]
pub(super) enum Codes {
    /// For at most [`NARROW`] bins.
    Narrow(Vec<u8>),
    Wide(Vec<u16>),
}

impl Column {
    /// A column of finite values, without negative zero; `max_bin` is at most 65,536.
    fn new(values: &[f32], weights: &[f64], max_bin: usize) -> Self {
        let bounds = lower_bounds(values, weights, max_bin);
        let bin = |value: f32| bounds.partition_point(|bound| *bound <= value);
        let codes = if bounds.len() < NARROW {
            Codes::Narrow(values.iter().map(|&value| bin(value) as u8).collect())
        } else {
            Codes::Wide(values.iter().map(|&value| bin(value) as u16).collect())
        };
        Self { bounds, codes }
    }

    pub(super) fn n_bins(&self) -> usize {
        self.bounds.len() + 1
    }

    /// The bin of a row.
    pub(super) fn bin(&self, row: usize) -> usize {
        match &self.codes {
            Codes::Narrow(codes) => usize::from(codes[row]),
            Codes::Wide(codes) => usize::from(codes[row]),
        }
    }
}

/// Every column of a matrix of finite values; rows are weighted where the quantiles are taken.
pub(super) fn bin_columns(x: &Matrix, weights: &[f64], max_bin: usize) -> Vec<Column> {
    let mut values = x.to_columns();
    values
        .par_chunks_exact_mut(x.n_rows())
        .map(|values| {
            // -0.0 and 0.0 are one value.
            values.iter_mut().for_each(|value| *value += 0.0);
            Column::new(values, weights, max_bin)
        })
        .collect()
}

/// Consecutive columns of a tree whose histograms are made together: up to [`LANES`] narrow ones, or one wide one.
pub(super) struct Group<'a> {
    /// Number of each column in the matrix.
    pub(super) features: Vec<u32>,
    pub(super) columns: Vec<&'a Column>,
    /// Cells from the histogram of one column to that of the next.
    pub(super) stride: usize,
}

impl<'a> Group<'a> {
    /// The columns called `features` (ascending), without those that have one bin and cannot be split.
    pub(super) fn all(columns: &'a [Column], features: &[usize]) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for &feature in features {
            let column = &columns[feature];
            let stride = column.n_bins().max(NARROW);
            match groups.last_mut() {
                _ if column.n_bins() == 1 => {}
                Some(group) if stride == NARROW && group.stride == NARROW && group.columns.len() < LANES => {
                    group.features.push(feature as u32);
                    group.columns.push(column);
                }
                _ => groups.push(Self {
                    features: vec![feature as u32],
                    columns: vec![column],
                    stride,
                }),
            }
        }
        groups
    }

    /// Number of bins of all columns.
    pub(super) fn n_bins(&self) -> usize {
        self.columns.iter().map(|column| column.n_bins()).sum()
    }

    /// Cells of a histogram of all columns.
    pub(super) fn n_cells(&self) -> usize {
        self.stride * self.columns.len()
    }
}
