//! The nearest training rows of rows, exact.

use std::collections::BinaryHeap;

use cratedigger_matmul::{View, product};
use rayon::prelude::*;

use super::candidates::{Bound, Candidates};
use super::distance::Distance;
use crate::data::matrix::Matrix;

/// Rows whose neighbours are sought together.
const BLOCK: usize = 256;

/// Training rows that they are compared with at a time: a product of 1 MB.
const TILE: usize = 1024;

/// A training row and its distance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Neighbor {
    pub(crate) distance: f64,
    pub(crate) row: usize,
}

/// The squared length of each row.
pub(crate) fn squared_lengths(x: &Matrix) -> Vec<f64> {
    let origin = vec![0.0; x.n_cols()];
    let distance = Distance::new();
    let rows = x.as_slice().par_chunks(x.n_cols().max(1));
    rows.with_min_len(BLOCK)
        .map(|row| distance.squared_euclidean(row, &origin))
        .collect()
}

/// The `k` nearest rows of `train` for each row of `x`, the nearest first, of equally distant ones the lowest index.
/// `train_squared` are its squared lengths.
pub(crate) fn euclidean(train: &Matrix, train_squared: &[f64], x: &Matrix, k: usize) -> Vec<Vec<Neighbor>> {
    let n_cols = train.n_cols();
    let bound = Bound::new(n_cols);
    let distance = Distance::new();
    let x_squared = squared_lengths(x);
    in_blocks(x, |first, block| {
        let n_block = block.len() / n_cols;
        let mut candidates: Vec<Candidates> = (0..n_block).map(|_| Candidates::new(k)).collect();
        for (tile, rows) in train.as_slice().chunks(TILE * n_cols).enumerate() {
            let n_tile = rows.len() / n_cols;
            let products = product(
                View::new(block, n_block, n_cols),
                View::new(rows, n_tile, n_cols).t(),
            );
            let squared = &train_squared[tile * TILE..][..n_tile];
            for (at, (candidates, products)) in candidates
                .iter_mut()
                .zip(products.chunks_exact(n_tile))
                .enumerate()
            {
                let own = x_squared[first + at];
                for (row, (&product, &other)) in products.iter().zip(squared).enumerate() {
                    if !bound.is_beyond(own, other, product, candidates.limit()) {
                        candidates.offer(bound.of(own, other, product), tile * TILE + row);
                    }
                }
            }
        }
        let found = candidates.iter().zip(block.chunks_exact(n_cols));
        found
            .map(|(candidates, values)| {
                let mut nearest = Nearest::new(k);
                for row in candidates.rows() {
                    nearest.offer(distance.squared_euclidean(values, train.row(row)), row);
                }
                nearest.sorted(f64::sqrt)
            })
            .collect()
    })
}

/// As [`euclidean`], by the Manhattan distance: every one is computed.
pub(super) fn manhattan(train: &Matrix, x: &Matrix, k: usize) -> Vec<Vec<Neighbor>> {
    let n_cols = train.n_cols();
    let distance = Distance::new();
    in_blocks(x, |_, block| {
        let mut nearest: Vec<Nearest> = block.chunks_exact(n_cols).map(|_| Nearest::new(k)).collect();
        for (row, other) in train.rows().enumerate() {
            for (nearest, values) in nearest.iter_mut().zip(block.chunks_exact(n_cols)) {
                nearest.offer(distance.manhattan(values, other), row);
            }
        }
        nearest
            .into_iter()
            .map(|nearest| nearest.sorted(|sum| sum))
            .collect()
    })
}

/// Results of blocks of rows (the index of the first, their values), in the order of the rows.
fn in_blocks<T: Send>(x: &Matrix, of: impl Fn(usize, &[f32]) -> Vec<T> + Sync) -> Vec<T> {
    let blocks = x.as_slice().par_chunks(BLOCK * x.n_cols()).enumerate();
    let results: Vec<Vec<T>> = blocks.map(|(at, block)| of(at * BLOCK, block)).collect();
    results.into_iter().flatten().collect()
}

/// The `k` smallest of the distances offered, of equal ones those of the lowest rows.
struct Nearest {
    k: usize,
    /// Bits of numbers that are not negative have the order of the numbers.
    heap: BinaryHeap<(u64, usize)>,
}

impl Nearest {
    fn new(k: usize) -> Self {
        Self {
            k,
            heap: BinaryHeap::new(),
        }
    }

    fn offer(&mut self, distance: f64, row: usize) {
        let new = (distance.to_bits(), row);
        if self.heap.len() < self.k {
            self.heap.push(new);
        } else if self.heap.peek().is_some_and(|&farthest| new < farthest) {
            self.heap.pop();
            self.heap.push(new);
        }
    }

    fn sorted(self, distance: impl Fn(f64) -> f64) -> Vec<Neighbor> {
        let sorted = self.heap.into_sorted_vec().into_iter();
        sorted
            .map(|(bits, row)| Neighbor {
                distance: distance(f64::from_bits(bits)),
                row,
            })
            .collect()
    }
}
