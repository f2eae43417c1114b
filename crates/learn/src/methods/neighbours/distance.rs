//! Distances by their formulas, in `f64`.

use pulp::{Arch, Simd, WithSimd};

const LANES: usize = 16;

/// Sums of differences, compiled for the widest vectors of the processor at hand: 16 partial sums, added up in a fixed order,
/// without fused multiplication, so that the same two rows are equally far apart everywhere.
#[derive(Debug, Clone, Copy)]
pub(super) struct Distance(Arch);

impl Distance {
    pub(super) fn new() -> Self {
        Self(Arch::new())
    }

    /// The sum of `(a - b)^2`.
    pub(super) fn squared_euclidean(self, a: &[f32], b: &[f32]) -> f64 {
        self.0.dispatch(Sum {
            a,
            b,
            of: |difference| difference * difference,
        })
    }

    /// The sum of `|a - b|`.
    pub(super) fn manhattan(self, a: &[f32], b: &[f32]) -> f64 {
        self.0.dispatch(Sum { a, b, of: f64::abs })
    }
}

struct Sum<'a, F> {
    a: &'a [f32],
    b: &'a [f32],
    of: F,
}

impl<F: Fn(f64) -> f64> WithSimd for Sum<'_, F> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f64 {
        let mut lanes = [0.0; LANES];
        let (a, a_rest) = self.a.as_chunks::<LANES>();
        let (b, b_rest) = self.b.as_chunks::<LANES>();
        for (a, b) in a.iter().zip(b) {
            for lane in 0..LANES {
                lanes[lane] += (self.of)(f64::from(a[lane]) - f64::from(b[lane]));
            }
        }
        for (lane, (a, b)) in lanes.iter_mut().zip(a_rest.iter().zip(b_rest)) {
            *lane += (self.of)(f64::from(*a) - f64::from(*b));
        }
        lanes.iter().sum()
    }
}
