use serde::{Deserialize, Serialize};

use super::column::deviation;
use crate::data::matrix::Matrix;
use crate::error::{LearnError, Result, same_length};

/// Shifts and scales every column to mean 0 and standard deviation 1.
///
/// Population standard deviation (`ddof = 0`), accumulated in `f64`; a constant column is shifted but not scaled. NaN
/// is ignored by `fit` and kept by `transform`; infinite values are refused.
///
/// Source: scikit-learn, `StandardScaler`, the rule for constant columns included (`_is_constant_feature`: a variance
/// within the rounding error of its own computation counts as zero). Differs: a column without any value gets mean 0
/// and scale 1 instead of NaN.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StandardScaler {
    mean: Vec<f64>,
    scale: Vec<f64>,
}

impl StandardScaler {
    /// Means and standard deviations of the columns of `x`.
    ///
    /// # Errors
    /// `Empty` without rows, `NotFinite` for an infinite value.
    pub fn fit(x: &Matrix) -> Result<Self> {
        if x.n_rows() == 0 {
            return Err(LearnError::Empty {
                what: "the list of rows to standardise by",
            });
        }
        let n_cols = x.n_cols();
        let mut count = vec![0usize; n_cols];
        let mut mean = vec![0.0f64; n_cols];
        for (row, values) in x.rows().enumerate() {
            for (column, &value) in values.iter().enumerate() {
                if value.is_infinite() {
                    return Err(LearnError::NotFinite { row, column, value });
                }
                if !value.is_nan() {
                    count[column] += 1;
                    mean[column] += f64::from(value);
                }
            }
        }
        for (mean, &count) in mean.iter_mut().zip(&count) {
            *mean /= count.max(1) as f64;
        }
        // Second pass: squares of deviations, and their sum to correct for the rounding of the mean.
        let mut squares = vec![0.0f64; n_cols];
        let mut correction = vec![0.0f64; n_cols];
        for values in x.rows() {
            for (column, &value) in values.iter().enumerate() {
                if !value.is_nan() {
                    let deviation = f64::from(value) - mean[column];
                    squares[column] += deviation * deviation;
                    correction[column] += deviation;
                }
            }
        }
        let scale = (0..n_cols)
            .map(|column| {
                let n = count[column].max(1) as f64;
                match deviation(n, mean[column], squares[column], correction[column]) {
                    0.0 => 1.0,
                    deviation => deviation,
                }
            })
            .collect();
        Ok(Self { mean, scale })
    }

    /// The columns of `x` shifted and scaled.
    ///
    /// # Errors
    /// `ShapeMismatch` where `x` has another number of columns.
    pub fn transform(&self, x: &Matrix) -> Result<Matrix> {
        same_length("features per row", self.mean.len(), x.n_cols())?;
        let mut out = x.clone();
        for row in out.as_mut_slice().chunks_exact_mut(self.mean.len().max(1)) {
            for ((value, mean), scale) in row.iter_mut().zip(&self.mean).zip(&self.scale) {
                *value = ((f64::from(*value) - mean) / scale) as f32;
            }
        }
        Ok(out)
    }

    /// Mean of every column.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// Standard deviation of every column, 1 for a constant one.
    pub fn scale(&self) -> &[f64] {
        &self.scale
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::test_support::{assert_close, floats, golden};

    #[test]
    fn columns_get_mean_zero_and_deviation_one() {
        // Column 0: mean 3, deviations -2, 0, 2, so the standard deviation is sqrt(8 / 3). Column 1 is constant.
        // Column 2 has one value missing: 1 and 3 are left, mean 2, deviation 1. Column 3 has no value at all.
        let nan = f32::NAN;
        let x = Matrix::new(
            3,
            4,
            vec![1.0, 0.1, 1.0, nan, 3.0, 0.1, nan, nan, 5.0, 0.1, 3.0, nan],
        )
        .unwrap();
        let scaler = StandardScaler::fit(&x).unwrap();
        assert_eq!(scaler.mean(), [3.0, f64::from(0.1f32), 2.0, 0.0]);
        assert_eq!(scaler.scale(), [(8.0f64 / 3.0).sqrt(), 1.0, 1.0, 1.0]);
        let z = scaler.transform(&x).unwrap();
        assert_eq!(z.row(0)[..3], [-(1.5f64.sqrt()) as f32, 0.0, -1.0]);
        assert!(z.get(1, 2).is_nan() && z.get(0, 3).is_nan());
    }

    #[test]
    fn means_and_scales_equal_scikit_learn() {
        let golden = golden(include_str!("../../tests/golden/scaler.json"));
        let rows: Vec<Vec<f32>> = golden["x"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| floats(row).into_iter().map(|value| value as f32).collect())
            .collect();
        let scaler = StandardScaler::fit(&Matrix::from_rows(&rows).unwrap()).unwrap();
        assert_close(scaler.mean(), &floats(&golden["mean"]), 1e-12);
        assert_close(scaler.scale(), &floats(&golden["scale"]), 1e-12);
    }

    #[test]
    fn a_large_offset_does_not_drown_a_small_spread() {
        let x = Matrix::new(4, 1, vec![1e6, 1e6 + 1.0, 1e6 + 2.0, 1e6 + 3.0]).unwrap();
        let scaler = StandardScaler::fit(&x).unwrap();
        assert!(
            (scaler.scale()[0] - 1.25f64.sqrt()).abs() < 1e-12,
            "{:?}",
            scaler.scale()
        );
    }

    #[test]
    fn bad_input_is_refused() {
        assert!(matches!(
            StandardScaler::fit(&Matrix::default()),
            Err(LearnError::Empty { .. })
        ));
        let infinite = Matrix::new(1, 2, vec![0.0, f32::NEG_INFINITY]).unwrap();
        assert!(matches!(
            StandardScaler::fit(&infinite),
            Err(LearnError::NotFinite {
                row: 0,
                column: 1,
                ..
            })
        ));
        let scaler = StandardScaler::fit(&Matrix::new(1, 2, vec![0.0, 1.0]).unwrap()).unwrap();
        assert!(scaler.transform(&Matrix::new(1, 1, vec![0.0]).unwrap()).is_err());
    }
}
