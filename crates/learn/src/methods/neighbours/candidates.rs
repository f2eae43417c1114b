//! Which rows can be among the nearest, from scalar products in `f32` and a bound of their rounding.

use std::collections::BinaryHeap;

/// Half the distance from 1 to the next `f32`.
const HALF_ULP: f64 = f32::EPSILON as f64 / 2.0;

/// The smallest positive `f32`, which bounds what a product loses below the normal numbers.
const SMALLEST: f64 = f32::from_bits(1) as f64;

/// Where squared distances lie whose rows have `n` columns.
///
/// A sum of `n` products in `f32`, whatever the order of additions and with or without fused multiplication, is within
/// `g |a| |b|` of `a . b`, where `g = n u / (1 - n u)` and `u = 2^-24` (Higham 2002, *Accuracy and Stability of Numerical
/// Algorithms*, eq. 3.5, and Cauchy and Schwarz), and the products that underflow add at most `n` times the smallest `f32`.
/// So `|a|^2 - 2 a.b + |b|^2` is off by at most `g (|a|^2 + |b|^2)`, since `2 |a| |b|` is not more than that sum, and by the
/// rounding of the `f64` numbers, as is the distance by the formula: each at most `(n + 8) 2^-52 (|a|^2 + |b|^2)`, since
/// a squared distance is at most twice that sum.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound {
    /// Error per `|a|^2 + |b|^2`.
    share: f64,
    underflow: f64,
}

impl Bound {
    pub(super) fn new(n_cols: usize) -> Self {
        let n = n_cols as f64;
        // Four more than proven: the bound itself is rounded too.
        let product = (n + 4.0) * HALF_ULP;
        let product = match product < 0.5 {
            true => product / (1.0 - product),
            false => f64::INFINITY,
        };
        Self {
            share: product + 2.0 * (n + 8.0) * f64::EPSILON,
            underflow: 2.0 * n * SMALLEST,
        }
    }

    /// Whether the squared distance of two rows is above `limit` for certain: quicker than both bounds, and true of nearly all rows.
    #[inline]
    pub(super) fn is_beyond(&self, a_squared: f64, b_squared: f64, product: f32, limit: f64) -> bool {
        let sum = a_squared + b_squared;
        let low = sum - 2.0 * f64::from(product) - (self.share * sum + self.underflow);
        low > limit && low.is_finite()
    }

    /// The least and the largest that the squared distance of two rows can be: from their squared lengths and product.
    #[inline]
    pub(super) fn of(&self, a_squared: f64, b_squared: f64, product: f32) -> (f64, f64) {
        let sum = a_squared + b_squared;
        let about = sum - 2.0 * f64::from(product);
        let error = self.share * sum + self.underflow;
        match (about - error, about + error) {
            (low, high) if low.is_finite() && high.is_finite() => (low, high.max(0.0)),
            // The product is beyond `f32`: nothing is known.
            _ => (0.0, f64::INFINITY),
        }
    }
}

/// The rows that can be among the `k` nearest of those offered: all but those that are farther than `k` others for certain.
#[derive(Debug)]
pub(super) struct Candidates {
    k: usize,
    /// The `k` smallest upper bounds. Bits of numbers that are not negative have the order of the numbers.
    bounds: BinaryHeap<u64>,
    /// The largest of them; infinite until there are `k`.
    limit: f64,
    kept: Vec<(f64, usize)>,
}

impl Candidates {
    pub(super) fn new(k: usize) -> Self {
        Self {
            k,
            bounds: BinaryHeap::new(),
            limit: f64::INFINITY,
            kept: Vec::new(),
        }
    }

    /// The largest squared distance that a row can have to be among the nearest, as far as is known.
    #[inline]
    pub(super) fn limit(&self) -> f64 {
        self.limit
    }

    /// A row whose squared distance lies between `low` and `high`.
    #[inline]
    pub(super) fn offer(&mut self, (low, high): (f64, f64), row: usize) {
        if low > self.limit {
            return;
        }
        self.kept.push((low, row));
        if high < self.limit {
            if self.bounds.len() == self.k {
                self.bounds.pop();
            }
            self.bounds.push(high.abs().to_bits());
            if self.bounds.len() == self.k {
                self.limit = self
                    .bounds
                    .peek()
                    .map_or(f64::INFINITY, |&bits| f64::from_bits(bits));
            }
        }
    }

    /// The rows, in the order in which they were offered.
    pub(super) fn rows(&self) -> impl Iterator<Item = usize> + '_ {
        let near = self.kept.iter().filter(|(low, _)| *low <= self.limit);
        near.map(|&(_, row)| row)
    }
}
