use pulp::{Arch, Simd, WithSimd};

/// Sums and products over rows, compiled for the widest vectors of the processor at hand.
///
/// Every sum has 16 partial sums, added up in a fixed order, and no fused multiplication: the results are the same
/// on every processor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kernels(Arch);

const LANES: usize = 16;

impl Kernels {
    pub(crate) fn new() -> Self {
        Self(Arch::new())
    }

    /// `x . w`, both of equal length.
    #[inline(always)]
    pub(crate) fn dot(self, x: &[f32], w: &[f64]) -> f64 {
        debug_assert_eq!(x.len(), w.len());
        self.0.dispatch(Dot { x, w })
    }

    /// `w += a * x`, both of equal length.
    #[inline(always)]
    pub(crate) fn add_scaled(self, w: &mut [f64], a: f64, x: &[f32]) {
        debug_assert_eq!(x.len(), w.len());
        self.0.dispatch(AddScaled { w, a, x });
    }

    /// `a . b` in `f64`, both of equal length.
    #[inline(always)]
    pub(crate) fn dot_f64(self, a: &[f64], b: &[f64]) -> f64 {
        debug_assert_eq!(a.len(), b.len());
        self.0.dispatch(DotF64 { a, b })
    }
}

struct Dot<'a> {
    x: &'a [f32],
    w: &'a [f64],
}

impl WithSimd for Dot<'_> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f64 {
        let mut lanes = [0.0; LANES];
        let (x, x_rest) = self.x.as_chunks::<LANES>();
        let (w, w_rest) = self.w.as_chunks::<LANES>();
        for (x, w) in x.iter().zip(w) {
            for lane in 0..LANES {
                lanes[lane] += f64::from(x[lane]) * w[lane];
            }
        }
        for (lane, (x, w)) in lanes.iter_mut().zip(x_rest.iter().zip(w_rest)) {
            *lane += f64::from(*x) * w;
        }
        lanes.iter().sum()
    }
}

struct AddScaled<'a> {
    w: &'a mut [f64],
    a: f64,
    x: &'a [f32],
}

impl WithSimd for AddScaled<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (w, x) in self.w.iter_mut().zip(self.x) {
            *w += self.a * f64::from(*x);
        }
    }
}

struct DotF64<'a> {
    a: &'a [f64],
    b: &'a [f64],
}

impl WithSimd for DotF64<'_> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f64 {
        let mut lanes = [0.0; LANES];
        let (a, a_rest) = self.a.as_chunks::<LANES>();
        let (b, b_rest) = self.b.as_chunks::<LANES>();
        for (a, b) in a.iter().zip(b) {
            for lane in 0..LANES {
                lanes[lane] += a[lane] * b[lane];
            }
        }
        for (lane, (a, b)) in lanes.iter_mut().zip(a_rest.iter().zip(b_rest)) {
            *lane += a * b;
        }
        lanes.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_equal_the_obvious_ones_at_every_length() {
        let kernels = Kernels::new();
        for n in 0..70 {
            let x: Vec<f32> = (0..n).map(|i| (i as f32 * 0.7).sin()).collect();
            let w: Vec<f64> = (0..n).map(|i| (f64::from(i) * 1.3).cos()).collect();
            let wide: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
            let want: f64 = wide.iter().zip(&w).map(|(x, w)| x * w).sum();
            assert!((kernels.dot(&x, &w) - want).abs() < 1e-13, "{n}");
            assert!((kernels.dot_f64(&wide, &w) - want).abs() < 1e-13, "{n}");
            let mut sum = w.clone();
            kernels.add_scaled(&mut sum, -0.3, &x);
            assert!((0..n as usize).all(|i| sum[i] == w[i] + -0.3 * wide[i]), "{n}");
        }
    }
}
