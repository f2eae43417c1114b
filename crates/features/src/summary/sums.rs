//! Sums in the order of the reference, in single or double precision.

use std::ops::{Add, Div, Mul, Sub};

/// A floating-point type that statistics are taken in.
pub(crate) trait Real:
    Copy
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Send
    + Sync
    + 'static
{
    /// An integer that orders like the number.
    type Key: Ord + Copy + Default;
    const ZERO: Self;
    const INFINITY: Self;
    /// Distance from 1 to the next larger number.
    const EPSILON: Self;

    /// A count of terms, rounded.
    fn count(n: usize) -> Self;
    /// Square root.
    fn root(self) -> Self;
    /// `self` to the power of 3/2.
    fn to_three_halves(self) -> Self;
    /// In double precision, exactly.
    fn wide(self) -> f64;
    fn to_key(self) -> Self::Key;
    fn from_key(key: Self::Key) -> Self;
    /// `-self`.
    fn negative(self) -> Self {
        Self::ZERO - self
    }
}

impl Real for f64 {
    type Key = i64;
    const ZERO: Self = 0.0;
    const INFINITY: Self = Self::INFINITY;
    const EPSILON: Self = Self::EPSILON;

    fn count(n: usize) -> Self {
        n as Self
    }

    fn root(self) -> Self {
        self.sqrt()
    }

    fn to_three_halves(self) -> Self {
        self.powf(1.5)
    }

    fn wide(self) -> f64 {
        self
    }

    fn to_key(self) -> i64 {
        let bits = self.to_bits() as i64;
        bits ^ (((bits >> 63) as u64) >> 1) as i64
    }

    fn from_key(key: i64) -> Self {
        Self::from_bits((key ^ (((key >> 63) as u64) >> 1) as i64) as u64)
    }
}

impl Real for f32 {
    type Key = i32;
    const ZERO: Self = 0.0;
    const INFINITY: Self = Self::INFINITY;
    const EPSILON: Self = Self::EPSILON;

    fn count(n: usize) -> Self {
        n as Self
    }

    fn root(self) -> Self {
        self.sqrt()
    }

    fn to_three_halves(self) -> Self {
        f64::from(self).powf(1.5) as Self
    }

    fn wide(self) -> f64 {
        f64::from(self)
    }

    fn to_key(self) -> i32 {
        let bits = self.to_bits() as i32;
        bits ^ (((bits >> 31) as u32) >> 1) as i32
    }

    fn from_key(key: i32) -> Self {
        Self::from_bits((key ^ (((key >> 31) as u32) >> 1) as i32) as u32)
    }
}

/// In which order numpy adds the terms of a row, which follows from how the array lies in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Frames of a row side by side: pairwise.
    Pairwise,
    /// Rows of a frame side by side: one frame after the other.
    InTurn,
}

impl Order {
    /// The sum of `x`; zero if it is empty.
    pub(crate) fn sum<T: Real>(self, x: &[T]) -> T {
        match self {
            Self::Pairwise => pairwise_sum(x),
            Self::InTurn => x.iter().fold(T::ZERO, |s, x| s + *x),
        }
    }
}

/// numpy's pairwise sum: halves of multiples of eight down to 128 terms, those in eight interleaved sums.
///
/// Source: numpy 1.12, `core/src/umath/loops.c.src`, `pairwise_sum_DOUBLE` (order of additions only); the same in numpy 2.4,
/// whatever the processor.
pub(crate) fn pairwise_sum<T: Real>(x: &[T]) -> T {
    let n = x.len();
    if n < 8 {
        return x.iter().fold(T::ZERO, |s, x| s + *x);
    }
    if n <= 128 {
        return block_sum(x);
    }
    let half = n / 2;
    let half = half - half % 8;
    pairwise_sum(&x[..half]) + pairwise_sum(&x[half..])
}

fn block_sum<T: Real>(x: &[T]) -> T {
    let mut sums: [T; 8] = std::array::from_fn(|i| x[i]);
    let mut chunks = x[8..].chunks_exact(8);
    for c in &mut chunks {
        for (s, v) in sums.iter_mut().zip(c) {
            *s = *s + *v;
        }
    }
    let [a, b, c, d, e, f, g, h] = sums;
    let total = ((a + b) + (c + d)) + ((e + f) + (g + h));
    chunks.remainder().iter().fold(total, |s, v| s + *v)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_additions_is_numpys() {
        let x: Vec<f64> = (1..=1000).map(|i| 1.0 / f64::from(i)).collect();
        let slow = Order::InTurn.sum(&x);
        assert_eq!(slow, x.iter().sum::<f64>());
        let fast = pairwise_sum(&x);
        // The thousandth harmonic number.
        assert!(slow != fast && (slow - fast).abs() < 1e-13 && (fast - 7.485_470_860_550_345).abs() < 1e-15);
        assert_eq!(pairwise_sum(&x[..7]), x[..7].iter().sum::<f64>());
        let by_hand: f64 = {
            let s: Vec<f64> = (0..8).map(|i| x[i] + x[i + 8]).collect();
            (((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]))) + x[16]
        };
        assert_eq!(pairwise_sum(&x[..17]), by_hand);
        assert_eq!(pairwise_sum::<f32>(&[]), 0.0);
    }
}
