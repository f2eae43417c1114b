use super::dataset::{check_labels, class_counts};
use super::matrix::Matrix;
use crate::error::{LearnError, Result, same_length};

/// Training rows that were checked: at least one row and one column, finite values, labels that are classes.
#[derive(Debug, Clone, Copy)]
pub struct TrainSet<'a> {
    x: &'a Matrix,
    y: &'a [usize],
    n_classes: usize,
    sample_weight: Option<&'a [f64]>,
}

impl<'a> TrainSet<'a> {
    /// Checks features and labels (`0..n_classes`).
    ///
    /// # Errors
    /// `Empty`, `ShapeMismatch`, `UnknownLabel`, `NotFinite`.
    pub fn new(x: &'a Matrix, y: &'a [usize], n_classes: usize) -> Result<Self> {
        same_length("labels", x.n_rows(), y.len())?;
        if x.n_rows() == 0 {
            return Err(LearnError::Empty {
                what: "the list of training rows",
            });
        }
        if x.n_cols() == 0 {
            return Err(LearnError::Empty {
                what: "the list of features",
            });
        }
        check_labels(y, n_classes)?;
        x.check_finite()?;
        Ok(Self {
            x,
            y,
            n_classes,
            sample_weight: None,
        })
    }

    /// Gives each row a weight: a row of weight 2 counts as two rows.
    ///
    /// # Errors
    /// `ShapeMismatch`; `InvalidParameter` where a weight is negative or not finite, or all are zero.
    pub fn with_sample_weight(mut self, weights: &'a [f64]) -> Result<Self> {
        same_length("sample weights", self.x.n_rows(), weights.len())?;
        if let Some(weight) = weights
            .iter()
            .find(|weight| !(weight.is_finite() && **weight >= 0.0))
        {
            return Err(LearnError::parameter(
                "sample_weight",
                weight,
                "every weight must be finite and not negative",
            ));
        }
        if weights.iter().all(|&weight| weight == 0.0) {
            return Err(LearnError::parameter(
                "sample_weight",
                0,
                "at least one weight must be positive",
            ));
        }
        self.sample_weight = Some(weights);
        Ok(self)
    }

    /// Features, all finite.
    pub fn x(&self) -> &'a Matrix {
        self.x
    }

    /// Labels, one per row.
    pub fn y(&self) -> &'a [usize] {
        self.y
    }

    /// Number of classes, those without a row included.
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// Weight of each row; `None` where all are one.
    pub fn sample_weight(&self) -> Option<&'a [f64]> {
        self.sample_weight
    }

    /// The classes that have a row, in order.
    pub(crate) fn present_classes(&self) -> Vec<usize> {
        let counts = class_counts(self.y, self.n_classes);
        (0..self.n_classes).filter(|&class| counts[class] > 0).collect()
    }

    /// The place of each class in `classes`, 0 for the others: a class is called by it where methods leave out classes
    /// without rows.
    pub(crate) fn places(&self, classes: &[usize]) -> Vec<usize> {
        let mut places = vec![0; self.n_classes];
        for (place, &class) in classes.iter().enumerate() {
            places[class] = place;
        }
        places
    }

    /// The classes that have a row, in order: at least two.
    pub(crate) fn two_or_more_classes(&self, method: &'static str) -> Result<Vec<usize>> {
        let present = self.present_classes();
        if present.len() < 2 {
            return Err(LearnError::OneClass {
                method,
                class: self.y[0],
                name: None,
                n_rows: self.y.len(),
            });
        }
        Ok(present)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn training_rows_are_checked() {
        let x = Matrix::new(2, 1, vec![0.0, 1.0]).unwrap();
        assert!(TrainSet::new(&x, &[0, 1], 2).is_ok());
        assert_eq!(
            TrainSet::new(&x, &[0, 2], 2).unwrap_err(),
            LearnError::UnknownLabel {
                row: 1,
                label: 2,
                n_classes: 2
            }
        );
        assert!(matches!(
            TrainSet::new(&x, &[0], 2),
            Err(LearnError::ShapeMismatch { .. })
        ));
        assert!(matches!(
            TrainSet::new(&Matrix::default(), &[], 2),
            Err(LearnError::Empty { .. })
        ));
        let nan = Matrix::new(2, 1, vec![0.0, f32::NAN]).unwrap();
        assert!(matches!(
            TrainSet::new(&nan, &[0, 1], 2),
            Err(LearnError::NotFinite {
                row: 1,
                column: 0,
                ..
            })
        ));
        let train = TrainSet::new(&x, &[0, 1], 2).unwrap();
        assert!(train.with_sample_weight(&[1.0, -1.0]).is_err());
        assert!(train.with_sample_weight(&[0.0, 0.0]).is_err());
        assert!(train.with_sample_weight(&[1.0, 0.5]).is_ok());
    }
}
