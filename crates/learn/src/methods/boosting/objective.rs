use rayon::prelude::*;

use super::histogram::Pair;

/// Rows of a task, at least.
const BLOCK: usize = 1024;

/// Smallest Hessian of a row, as in XGBoost.
const SMALLEST_HESSIAN: f64 = 1e-16;

/// Cross-entropy of the sums of the trees ("margins"): one sum for two labels (log odds of the second), one per label
/// for more (softmax).
pub(super) struct CrossEntropy<'a> {
    pub(super) y: &'a [usize],
    pub(super) weights: &'a [f64],
    /// Sums per row: 1 for two labels.
    pub(super) n_outputs: usize,
}

impl CrossEntropy<'_> {
    /// Where the sums start: the log odds of the second label, or the logarithms of the shares of all labels, their mean
    /// subtracted.
    pub(super) fn base_margins(&self) -> Vec<f64> {
        let mut shares = vec![0.0; self.n_outputs.max(2)];
        for (&label, weight) in self.y.iter().zip(self.weights) {
            shares[label] += weight;
        }
        if self.n_outputs == 1 {
            return vec![(shares[1] / shares[0]).ln()];
        }
        let total: f64 = shares.iter().sum();
        let logarithms: Vec<f64> = shares.iter().map(|share| (share / total).ln()).collect();
        let mean = logarithms.iter().sum::<f64>() / logarithms.len() as f64;
        logarithms.iter().map(|value| value - mean).collect()
    }

    /// First and second derivatives by each sum; `margins` holds `n_outputs` values a row. The second derivative of the
    /// softmax is doubled, as in XGBoost: `2 p (1 - p)` bounds the part of the Hessian that the diagonal leaves out.
    ///
    /// Returns gradient and Hessian of every row, for one sum after the other.
    pub(super) fn derivatives(&self, margins: &[f64]) -> Vec<Vec<Pair>> {
        let k = self.n_outputs;
        let mut pairs = vec![[0.0f32; 2]; self.y.len() * k];
        margins
            .par_chunks_exact(k)
            .zip(pairs.par_chunks_exact_mut(k))
            .enumerate()
            .with_min_len(BLOCK)
            .for_each(|(row, (margins, out))| self.of_row(row, margins, out));
        (0..k)
            .map(|output| pairs.iter().skip(output).step_by(k).copied().collect())
            .collect()
    }

    /// Writes first and second derivative by each sum of a row.
    fn of_row(&self, row: usize, margins: &[f64], out: &mut [Pair]) {
        let (label, weight) = (self.y[row], self.weights[row]);
        if let ([margin], [out]) = (margins, &mut *out) {
            let p = logistic(*margin);
            let hessian = (p * (1.0 - p)).max(SMALLEST_HESSIAN);
            *out = [((p - label as f64) * weight) as f32, (hessian * weight) as f32];
            return;
        }
        let largest = margins.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = margins.iter().map(|margin| (margin - largest).exp()).sum();
        for (output, (margin, out)) in margins.iter().zip(out).enumerate() {
            let p = (margin - largest).exp() / sum;
            let target = f64::from(u8::from(output == label));
            let hessian = (2.0 * p * (1.0 - p)).max(SMALLEST_HESSIAN);
            *out = [((p - target) * weight) as f32, (hessian * weight) as f32];
        }
    }

    /// Weighted mean of minus the logarithm of the probability of the true label.
    pub(super) fn mean_loss(&self, margins: &[f64]) -> f64 {
        let of_row = |row: usize| {
            let margins = &margins[row * self.n_outputs..(row + 1) * self.n_outputs];
            let loss = match margins {
                // ln(1 + exp(-m)) without overflow, m being positive on the right side.
                [margin] => {
                    let right = if self.y[row] == 1 { *margin } else { -margin };
                    (-right.abs()).exp().ln_1p() + (-right).max(0.0)
                }
                _ => {
                    let largest = margins.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                    let sum: f64 = margins.iter().map(|margin| (margin - largest).exp()).sum();
                    sum.ln() + largest - margins[self.y[row]]
                }
            };
            self.weights[row] * loss
        };
        let sum: f64 = (0..self.y.len()).map(of_row).sum();
        sum / self.weights.iter().sum::<f64>()
    }
}

/// `1 / (1 + exp(-x))`.
pub(super) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Probabilities from the sums of a row, in place.
pub(super) fn softmax(margins: &mut [f64]) {
    let largest = margins.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    margins
        .iter_mut()
        .for_each(|margin| *margin = (*margin - largest).exp());
    let sum: f64 = margins.iter().sum();
    margins.iter_mut().for_each(|margin| *margin /= sum);
}
