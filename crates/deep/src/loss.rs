//! What training makes small.

use crate::layers::exp;
use crate::tensor::Tensor;

/// Probabilities of each row of `n_classes` numbers (softmax).
pub(crate) fn probabilities(logits: &[f32], n_classes: usize) -> Vec<f32> {
    let mut out = logits.to_vec();
    for row in out.chunks_exact_mut(n_classes) {
        let most = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let mut sum = 0.0;
        for value in row.iter_mut() {
            *value = exp(*value - most);
            sum += *value;
        }
        for value in row.iter_mut() {
            *value /= sum;
        }
    }
    out
}

/// Cross-entropy against `targets` (probabilities, row after row), the mean over rows by their weights, and its gradient.
pub(crate) fn cross_entropy(logits: &Tensor, targets: &[f32], weights: &[f32]) -> (f64, Tensor) {
    let n_classes = logits.shape.c;
    let total: f64 = weights.iter().map(|&weight| f64::from(weight)).sum();
    let mut gradient = Tensor::new(logits.shape, probabilities(&logits.values, n_classes));
    let mut loss = 0.0;
    for (row, &weight) in weights.iter().enumerate() {
        let at = row * n_classes..(row + 1) * n_classes;
        let (logits, targets) = (&logits.values[at.clone()], &targets[at.clone()]);
        let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f64 = logits.iter().map(|&logit| f64::from(logit - most).exp()).sum();
        let log_sum = f64::from(most) + sum.ln();
        let share = f64::from(weight) / total;
        for ((gradient, &target), &logit) in gradient.values[at].iter_mut().zip(targets).zip(logits) {
            if target > 0.0 {
                loss += share * f64::from(target) * (log_sum - f64::from(logit));
            }
            *gradient = (*gradient - target) * share as f32;
        }
    }
    (loss, gradient)
}

/// The mean of the squared differences between `out` and the corner of `want` that it covers, and its gradient.
pub(crate) fn squared_error(out: &Tensor, want: &Tensor) -> (f64, Tensor) {
    let mut gradient = Tensor::zeros(out.shape);
    let count = out.shape.len() as f64;
    let mut loss = 0.0;
    let line = out.shape.f;
    for (row, (out_line, gradient)) in out
        .values
        .chunks_exact(line)
        .zip(gradient.values.chunks_exact_mut(line))
        .enumerate()
    {
        let (n, t) = (row / out.shape.t, row % out.shape.t);
        let want = &want.values[(n * want.shape.t + t) * want.shape.f..][..line];
        for ((gradient, out), want) in gradient.iter_mut().zip(out_line).zip(want) {
            let difference = f64::from(out - want);
            loss += difference * difference;
            *gradient = (2.0 * difference / count) as f32;
        }
    }
    (loss / count, gradient)
}
