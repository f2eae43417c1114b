use crate::data::dataset::Dataset;
use crate::data::matrix::Matrix;
use crate::data::train_set::TrainSet;
use crate::error::Result;
use crate::estimator::{Classifier, FittedClassifier};
use crate::watch::Watch;

/// Rows to fit a pipeline on. Unlike those of a [`TrainSet`] their features may be missing (NaN): a step of the
/// pipeline may fill them.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// Features, one row per track.
    pub x: &'a Matrix,
    /// Label of each row, `0..n_classes`.
    pub y: &'a [usize],
    /// Number of classes, those without a row included.
    pub n_classes: usize,
    /// Weight of each row; `None` where all are one.
    pub sample_weight: Option<&'a [f64]>,
    /// Group (artist) of each row, where that is known.
    pub groups: Option<&'a [i64]>,
    /// What the classes are called, where that is known.
    pub class_names: Option<&'a [String]>,
    /// What the columns are called, where that is known: which of them hold categories, and which family they are of.
    pub feature_names: Option<&'a [String]>,
    /// Who watches a fit that takes long.
    pub watch: Option<&'a dyn Watch>,
}

impl<'a> Rows<'a> {
    /// All rows of a data set.
    pub fn of(data: &'a Dataset) -> Self {
        Self {
            x: &data.x,
            y: &data.y,
            n_classes: data.n_classes(),
            sample_weight: None,
            groups: data.groups.as_deref(),
            class_names: Some(&data.classes),
            feature_names: Some(&data.feature_names),
            watch: None,
        }
    }

    /// Fits a method to these rows as it sees them, after the preprocessing.
    pub(crate) fn fit_seen(
        &self,
        classifier: &dyn Classifier,
        seen: &Matrix,
        names: Option<&[String]>,
    ) -> Result<Box<dyn FittedClassifier>> {
        let mut train = match classifier.prepares_rows() {
            true => TrainSet::unprepared(seen, self.y, self.n_classes)?,
            false => TrainSet::new(seen, self.y, self.n_classes)?,
        };
        if let Some(weights) = self.sample_weight {
            train = train.with_sample_weight(weights)?;
        }
        if let Some(groups) = self.groups {
            train = train.with_groups(groups)?;
        }
        if let Some(names) = self.class_names {
            train = train.with_class_names(names)?;
        }
        if let Some(names) = names {
            train = train.with_feature_names(names)?;
        }
        if let Some(watch) = self.watch {
            train = train.with_watch(watch);
        }
        if !classifier.reads_recordings() {
            train.check_columns()?;
        }
        classifier.fit(&train)
    }
}
