//! Order statistics of values.

use cratedigger_stats::{Interpolation, quantile};
use serde::{Deserialize, Serialize};

/// Order statistics, interpolated linearly as numpy's `quantile` does by default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    /// Values.
    pub n: u64,
    /// The mean.
    pub mean: f64,
    /// The smallest value.
    pub min: f64,
    /// The 0.25 quantile.
    pub q25: f64,
    /// The 0.5 quantile.
    pub median: f64,
    /// The 0.75 quantile.
    pub q75: f64,
    /// The 0.99 quantile.
    pub q99: f64,
    /// The greatest value.
    pub max: f64,
}

impl Quantiles {
    /// Quantiles of `values`, which must be sorted; `None` without values.
    pub fn of_sorted(values: &[f64]) -> Option<Self> {
        let n = values.len();
        let at = |q: f64| quantile(values, q, Interpolation::LinearFromBelow);
        Some(Self {
            n: n as u64,
            mean: values.iter().sum::<f64>() / n as f64,
            min: *values.first()?,
            q25: at(0.25)?,
            median: at(0.5)?,
            q75: at(0.75)?,
            q99: at(0.99)?,
            max: *values.last()?,
        })
    }
}

/// The finite values, sorted.
pub(crate) fn present(values: impl Iterator<Item = Option<f64>>) -> Vec<f64> {
    let mut values: Vec<f64> = values.flatten().filter(|value| value.is_finite()).collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn quantiles_are_numpys() {
        // numpy.quantile([1, 2, 4, 8], [0.25, 0.5, 0.75, 0.99]) = [1.75, 3.0, 5.0, 7.88]
        let quantiles = Quantiles::of_sorted(&[1.0, 2.0, 4.0, 8.0]).unwrap();
        assert_eq!((quantiles.q25, quantiles.median, quantiles.q75), (1.75, 3.0, 5.0));
        assert!((quantiles.q99 - 7.88).abs() < 1e-12);
        assert_eq!((quantiles.mean, quantiles.min, quantiles.max), (3.75, 1.0, 8.0));
        assert_eq!(Quantiles::of_sorted(&[7.0]).unwrap().q75, 7.0);
        assert_eq!(Quantiles::of_sorted(&[]), None);
    }
}
