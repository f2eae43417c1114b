use super::dataset::{check_labels, class_counts};
use super::matrix::Matrix;
use crate::error::{LearnError, Result, same_length};
use crate::watch::Watch;

/// Training rows that were checked: at least one row, a column or recordings, finite values, labels that are classes.
#[derive(Debug, Clone, Copy)]
pub struct TrainSet<'a> {
    x: &'a Matrix,
    y: &'a [usize],
    n_classes: usize,
    sample_weight: Option<&'a [f64]>,
    groups: Option<&'a [i64]>,
    class_names: Option<&'a [String]>,
    watch: Option<&'a dyn Watch>,
    feature_names: Option<&'a [String]>,
}

impl<'a> TrainSet<'a> {
    /// Checks features and labels (`0..n_classes`).
    ///
    /// # Errors
    /// `Empty`, `ShapeMismatch`, `UnknownLabel`, `NotFinite`.
    pub fn new(x: &'a Matrix, y: &'a [usize], n_classes: usize) -> Result<Self> {
        let train = Self::unprepared(x, y, n_classes)?;
        x.check_finite()?;
        Ok(train)
    }

    /// The same for a method that prepares its rows itself ([`crate::Classifier::prepares_rows`]): values may be missing (NaN),
    /// and columns may hold codes of categories.
    ///
    /// # Errors
    /// As [`TrainSet::new`]; `NotFinite` for an infinite value only.
    pub fn unprepared(x: &'a Matrix, y: &'a [usize], n_classes: usize) -> Result<Self> {
        same_length("labels", x.n_rows(), y.len())?;
        if x.n_rows() == 0 {
            return Err(LearnError::Empty {
                what: "the list of training rows",
            });
        }
        if x.n_cols() == 0 && x.recordings().is_empty() {
            return Err(LearnError::Empty {
                what: "the list of features",
            });
        }
        check_labels(y, n_classes)?;
        if let Some(at) = x.as_slice().iter().position(|value| value.is_infinite()) {
            return Err(LearnError::NotFinite {
                row: at / x.n_cols(),
                column: at % x.n_cols(),
                value: x.as_slice()[at],
            });
        }
        Ok(Self {
            x,
            y,
            n_classes,
            sample_weight: None,
            groups: None,
            class_names: None,
            watch: None,
            feature_names: None,
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

    /// Says which rows belong together (the artist): rows that a method sets aside to tell when to stop are whole groups.
    ///
    /// # Errors
    /// `ShapeMismatch`.
    pub fn with_groups(mut self, groups: &'a [i64]) -> Result<Self> {
        same_length("groups", self.x.n_rows(), groups.len())?;
        self.groups = Some(groups);
        Ok(self)
    }

    /// Says what the classes are called, for messages.
    ///
    /// # Errors
    /// `ShapeMismatch`.
    pub fn with_class_names(mut self, names: &'a [String]) -> Result<Self> {
        same_length("names of classes", self.n_classes, names.len())?;
        self.class_names = Some(names);
        Ok(self)
    }

    /// Has a fit that takes long watched.
    pub fn with_watch(mut self, watch: &'a dyn Watch) -> Self {
        self.watch = Some(watch);
        self
    }

    /// Who watches the fit.
    pub fn watch(&self) -> Option<&'a dyn Watch> {
        self.watch
    }

    /// Says what the columns are called, for methods that choose among them.
    ///
    /// # Errors
    /// `ShapeMismatch`.
    pub fn with_feature_names(mut self, names: &'a [String]) -> Result<Self> {
        same_length("names of features", self.x.n_cols(), names.len())?;
        self.feature_names = Some(names);
        Ok(self)
    }

    /// Features, all finite unless made by [`TrainSet::unprepared`].
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

    /// Group of each row, where there are groups.
    pub fn groups(&self) -> Option<&'a [i64]> {
        self.groups
    }

    /// What the classes are called, where that is known.
    pub fn class_names(&self) -> Option<&'a [String]> {
        self.class_names
    }

    /// What the columns are called, where that is known.
    pub fn feature_names(&self) -> Option<&'a [String]> {
        self.feature_names
    }

    /// Why a method that needs two classes cannot be fitted to `n_rows` rows that are all of this one.
    pub(crate) fn one_class(&self, method: &'static str, class: usize, n_rows: usize) -> LearnError {
        LearnError::OneClass {
            method,
            class: match self.class_names {
                Some(names) => names[class].clone(),
                None => class.to_string(),
            },
            n_rows,
        }
    }

    /// `Ok` where there are columns. Rows of recordings alone can be fitted by methods that read those.
    pub(crate) fn check_columns(&self) -> Result<()> {
        match self.x.n_cols() {
            0 => Err(LearnError::Empty {
                what: "the list of features",
            }),
            _ => Ok(()),
        }
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
            return Err(self.one_class(method, self.y[0], self.y.len()));
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
        assert!(train.with_groups(&[1]).is_err() && train.with_class_names(&[]).is_err());
    }
}
