use crate::methods::kernels::Kernels;

/// Lower triangular factor `L` of a symmetric positive definite matrix `L L^T`, row after row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cholesky {
    n: usize,
    /// `n * n` values, 0 above the diagonal.
    lower: Vec<f64>,
}

impl Cholesky {
    /// The factor of the matrix whose lower triangle is in `a` (`n * n` values, row after row); `None` where a pivot is
    /// not positive.
    pub(crate) fn new(mut a: Vec<f64>, n: usize) -> Option<Self> {
        let kernels = Kernels::new();
        for row in 0..n {
            let (above, this) = a.split_at_mut(row * n);
            for column in 0..row {
                let other = &above[column * n..(column + 1) * n];
                let sum = kernels.dot_f64(&this[..column], &other[..column]);
                this[column] = (this[column] - sum) / other[column];
            }
            let pivot = this[row] - kernels.dot_f64(&this[..row], &this[..row]);
            if pivot.is_nan() || pivot <= 0.0 {
                return None;
            }
            this[row] = pivot.sqrt();
            this[row + 1..n].fill(0.0);
        }
        Some(Self { n, lower: a })
    }

    /// A factor that was kept as [`Self::packed`]; `None` where there are more or fewer values, or the diagonal is not positive.
    pub(crate) fn from_packed(packed: &[f64], n: usize) -> Option<Self> {
        let mut lower = vec![0.0; n.checked_mul(n).filter(|_| packed.len() == n * (n + 1) / 2)?];
        let mut rest = packed;
        for row in 0..n {
            let (this, after) = rest.split_at(row + 1);
            if this[row].is_nan() || this[row] <= 0.0 {
                return None;
            }
            lower[row * n..=row * n + row].copy_from_slice(this);
            rest = after;
        }
        Some(Self { n, lower })
    }

    /// The factor's rows up to the diagonal, one after the other: `n (n + 1) / 2` values.
    pub(crate) fn packed(&self) -> Vec<f64> {
        let rows = (0..self.n).flat_map(|row| &self.lower[row * self.n..=row * self.n + row]);
        rows.copied().collect()
    }

    /// The solution `x` of `L x = b`.
    pub(crate) fn forward(&self, b: &[f64]) -> Vec<f64> {
        let kernels = Kernels::new();
        let mut x = b.to_vec();
        for row in 0..self.n {
            let lower = &self.lower[row * self.n..row * self.n + row + 1];
            x[row] = (x[row] - kernels.dot_f64(&lower[..row], &x[..row])) / lower[row];
        }
        x
    }

    /// The solution `x` of `L L^T x = b`.
    pub(crate) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let row_of = |row: usize| &self.lower[row * self.n..row * self.n + row + 1];
        let mut x = self.forward(b);
        for row in (0..self.n).rev() {
            let lower = row_of(row);
            x[row] /= lower[row];
            let value = x[row];
            for (x, lower) in x[..row].iter_mut().zip(lower) {
                *x -= value * lower;
            }
        }
        x
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_solution_solves() {
        let n = 40;
        let b: Vec<f64> = (0..n * n).map(|i| ((i * i) as f64 * 0.37).sin()).collect();
        let mut a = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..n {
                a[i * n + j] = (0..n).map(|k| b[i * n + k] * b[j * n + k]).sum::<f64>() + f64::from(i == j);
            }
        }
        let rhs: Vec<f64> = (0..n).map(|i| i as f64 - 7.0).collect();
        let x = Cholesky::new(a.clone(), n).unwrap().solve(&rhs);
        for i in 0..n {
            let got: f64 = (0..n).map(|j| a[i * n + j] * x[j]).sum();
            assert!((got - rhs[i]).abs() < 1e-10, "{i}: {got}");
        }
        assert!(
            Cholesky::new(vec![1.0, 0.0, 2.0, 1.0], 2).is_none(),
            "1 - 2 * 2 is negative"
        );
    }
}
