//! Rows of the kernel of one pair's problem, computed many at a time and kept as long as there is room.

use cratedigger_matmul::{View, product, write_product};
use rayon::prelude::*;

use super::kernel::{Kernel, squared_lengths};

/// Rows that are computed at a time.
pub(super) const BATCH: usize = 32;

/// The place of a row that is not kept.
const NOWHERE: u32 = u32::MAX;

/// The rows of a problem, in an order that its solver changes, and the kernel's values of each with all others, rounded to `f32`.
///
/// Which rows are kept changes no bit: every batch has the same shape, filled up with zeros where fewer rows are asked for, and
/// a value depends only on its two rows.
pub(super) struct KernelRows {
    kernel: Kernel,
    n_rows: usize,
    n_cols: usize,
    values: Vec<f64>,
    squared: Vec<f64>,
    diagonal: Vec<f64>,
    /// Whether a batch is worth several threads.
    parallel: bool,
    capacity: usize,
    kept: Vec<f32>,
    place_of: Vec<u32>,
    row_in: Vec<u32>,
    /// When the row in each place was last asked for.
    asked: Vec<u64>,
    clock: u64,
    batch: Vec<f64>,
    products: Vec<f64>,
}

impl KernelRows {
    /// `values`: row after row. `bytes`: what may be kept; room for three batches is taken in any case.
    pub(super) fn new(kernel: Kernel, values: Vec<f64>, n_cols: usize, bytes: usize, parallel: bool) -> Self {
        let n_rows = values.len() / n_cols;
        let squared = squared_lengths(&values, n_cols);
        let capacity = (bytes / (4 * n_rows.max(1))).max(3 * BATCH).min(n_rows);
        Self {
            diagonal: squared
                .iter()
                .map(|&squared| kernel.with_itself(squared))
                .collect(),
            kernel,
            n_rows,
            n_cols,
            values,
            squared,
            parallel,
            capacity,
            kept: Vec::new(),
            place_of: vec![NOWHERE; n_rows],
            row_in: Vec::new(),
            asked: Vec::new(),
            clock: 0,
            batch: Vec::new(),
            products: Vec::new(),
        }
    }

    /// The kernel of each row with itself.
    pub(super) fn diagonal(&self) -> &[f64] {
        &self.diagonal
    }

    pub(super) fn is_kept(&self, row: usize) -> bool {
        self.place_of[row] != NOWHERE
    }

    /// The values of a row that is kept.
    pub(super) fn row(&self, row: usize) -> &[f32] {
        let place = self.place_of[row] as usize;
        &self.kept[place * self.n_rows..][..self.n_rows]
    }

    /// Makes sure that these rows, at most [`BATCH`] of them, are kept until as many others were asked for twice.
    pub(super) fn keep(&mut self, rows: &[usize]) {
        debug_assert!(rows.len() <= BATCH);
        self.clock += 1;
        let mut missing = Vec::new();
        for &row in rows {
            match self.place_of[row] {
                NOWHERE => missing.push(row),
                place => self.asked[place as usize] = self.clock,
            }
        }
        if missing.is_empty() {
            return;
        }
        self.compute(&missing);
        let places = self.places(missing.len());
        for (at, (&row, place)) in missing.iter().zip(places).enumerate() {
            self.place_of[row] = place as u32;
            self.row_in[place] = row as u32;
            self.asked[place] = self.clock;
            let kept = &mut self.kept[place * self.n_rows..][..self.n_rows];
            let computed = &self.products[at * self.n_rows..][..self.n_rows];
            for (kept, &computed) in kept.iter_mut().zip(computed) {
                *kept = computed as f32;
            }
        }
    }

    /// Computes the kernel of these rows with all into `products`.
    fn compute(&mut self, rows: &[usize]) {
        let (n, d) = (self.n_rows, self.n_cols);
        self.batch.clear();
        for &row in rows {
            self.batch.extend_from_slice(&self.values[row * d..(row + 1) * d]);
        }
        self.batch.resize(BATCH * d, 0.0);
        let batch = View::new(&self.batch, BATCH, d);
        let all = View::new(&self.values, n, d).t();
        let (kernel, squared) = (self.kernel, &self.squared);
        let apply = |(&row, products): (&usize, &mut [f64])| kernel.apply(squared[row], squared, products);
        if self.parallel {
            self.products = product(batch, all);
            rows.par_iter()
                .zip(self.products.par_chunks_mut(n))
                .for_each(apply);
        } else {
            self.products.resize(BATCH * n, 0.0);
            write_product(batch, all, &mut self.products);
            rows.iter().zip(self.products.chunks_mut(n)).for_each(apply);
        }
    }

    /// So many places for rows: new ones as long as there is room, then those not asked for the longest.
    fn places(&mut self, n: usize) -> Vec<usize> {
        let n_new = n.min(self.capacity - self.row_in.len());
        let first = self.row_in.len();
        self.row_in.resize(first + n_new, NOWHERE);
        self.asked.resize(first + n_new, self.clock);
        self.kept.resize((first + n_new) * self.n_rows, 0.0);
        let mut places: Vec<usize> = (first..first + n_new).collect();
        let n_old = n - n_new;
        if n_old > 0 {
            let mut old: Vec<(u64, usize)> = self.asked.iter().copied().zip(0..).take(first).collect();
            old.select_nth_unstable(n_old - 1);
            for &(_, place) in &old[..n_old] {
                self.place_of[self.row_in[place] as usize] = NOWHERE;
                places.push(place);
            }
        }
        places
    }

    /// Lets pairs of rows change their places in the order, one pair after the other.
    pub(super) fn swap(&mut self, pairs: &[(usize, usize)]) {
        let d = self.n_cols;
        for &(a, b) in pairs.iter().filter(|(a, b)| a != b) {
            let (a, b) = (a.min(b), a.max(b));
            let (before, after) = self.values.split_at_mut(b * d);
            before[a * d..][..d].swap_with_slice(&mut after[..d]);
            self.squared.swap(a, b);
            self.diagonal.swap(a, b);
            self.place_of.swap(a, b);
            for row in [a, b] {
                if self.place_of[row] != NOWHERE {
                    self.row_in[self.place_of[row] as usize] = row as u32;
                }
            }
        }
        // Row by row, so that each is in the cache for all of its swaps.
        for kept in self.kept.chunks_exact_mut(self.n_rows) {
            for &(a, b) in pairs {
                kept.swap(a, b);
            }
        }
    }
}
