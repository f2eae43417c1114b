//! Kernels with all their numbers, applied to scalar products.

use serde::{Deserialize, Serialize};

use super::parameters::SvcKernel;

/// A kernel that can be computed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kernel {
    pub(super) kind: SvcKernel,
    pub(super) degree: u32,
    pub(super) gamma: f64,
    pub(super) coef0: f64,
}

impl Kernel {
    /// Makes the scalar products of a row (of the squared length `own`) with others (`squared`) the values of the kernel.
    pub(super) fn apply(&self, own: f64, squared: &[f64], products: &mut [f64]) {
        let Self {
            degree, gamma, coef0, ..
        } = *self;
        match self.kind {
            SvcKernel::Linear => {}
            SvcKernel::Rbf => {
                for (value, squared) in products.iter_mut().zip(squared) {
                    *value = (-gamma * (own + squared - 2.0 * *value)).exp();
                }
            }
            SvcKernel::Poly => {
                let degree = i32::try_from(degree).unwrap_or(i32::MAX);
                for value in products {
                    *value = (gamma * *value + coef0).powi(degree);
                }
            }
            SvcKernel::Sigmoid => {
                for value in products {
                    *value = (gamma * *value + coef0).tanh();
                }
            }
        }
    }

    /// The value of a row, of this squared length, with itself.
    pub(super) fn with_itself(&self, squared: f64) -> f64 {
        let mut value = [squared];
        self.apply(squared, &[squared], &mut value);
        value[0]
    }
}

/// The squared length of each row.
pub(super) fn squared_lengths(values: &[f64], n_cols: usize) -> Vec<f64> {
    let rows = values.chunks_exact(n_cols);
    rows.map(|row| row.iter().map(|value| value * value).sum())
        .collect()
}
