use super::fitted::FittedSteps;
use super::pipeline::Pipeline;
use crate::data::dataset::Dataset;
use crate::data::matrix::Matrix;
use crate::data::train_set::TrainSet;
use crate::error::Result;
use crate::estimator::{Classifier, FittedClassifier, Scores};
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
            watch: None,
        }
    }
}

/// A fitted model with the preprocessing that was fitted on the same rows.
#[derive(Debug)]
pub struct FittedPipeline {
    steps: FittedSteps,
    model: Box<dyn FittedClassifier>,
}

impl FittedPipeline {
    /// Fits the model to rows that were checked, after the preprocessing that its method gets unless told otherwise.
    ///
    /// # Errors
    /// Whatever the fit returns.
    pub fn fit(classifier: &dyn Classifier, train: &TrainSet<'_>) -> Result<Self> {
        let rows = Rows {
            x: train.x(),
            y: train.y(),
            n_classes: train.n_classes(),
            sample_weight: train.sample_weight(),
            groups: train.groups(),
            class_names: train.class_names(),
            watch: train.watch(),
        };
        Self::fit_rows(classifier, rows, None)
    }

    /// Fits the steps of a pipeline and the model; `None` for what the method gets unless told otherwise.
    ///
    /// # Errors
    /// Whatever the fits return; `NotFinite` where a value is missing after the last step.
    pub fn fit_rows(
        classifier: &dyn Classifier,
        rows: Rows<'_>,
        pipeline: Option<&Pipeline>,
    ) -> Result<Self> {
        let default = Pipeline::default_of(classifier.method());
        let pipeline = pipeline.unwrap_or(&default);
        let steps = pipeline.fit(rows.x)?;
        let fit = |x: &Matrix| {
            let mut train = TrainSet::new(x, rows.y, rows.n_classes)?;
            if let Some(weights) = rows.sample_weight {
                train = train.with_sample_weight(weights)?;
            }
            if let Some(groups) = rows.groups {
                train = train.with_groups(groups)?;
            }
            if let Some(names) = rows.class_names {
                train = train.with_class_names(names)?;
            }
            if let Some(watch) = rows.watch {
                train = train.with_watch(watch);
            }
            classifier.fit(&train)
        };
        let model = match pipeline.steps.is_empty() {
            true => fit(rows.x)?,
            false => fit(&steps.transform(rows.x)?)?,
        };
        Ok(Self { steps, model })
    }

    /// A pipeline from its parts, which were fitted together.
    pub(crate) fn from_parts(steps: FittedSteps, model: Box<dyn FittedClassifier>) -> Self {
        Self { steps, model }
    }

    /// The rows as the model sees them.
    ///
    /// # Errors
    /// `ShapeMismatch` where the number of features is another one.
    pub fn transform(&self, x: &Matrix) -> Result<Matrix> {
        self.steps.transform(x)
    }

    /// All that the model says of each row.
    ///
    /// # Errors
    /// As [`FittedClassifier::scores`].
    pub fn scores(&self, x: &Matrix) -> Result<Scores> {
        match self.steps.parts().is_empty() {
            true => self.model.scores(x),
            false => self.model.scores(&self.steps.transform(x)?),
        }
    }

    /// The class of each row.
    ///
    /// # Errors
    /// As [`FittedPipeline::scores`].
    pub fn predict(&self, x: &Matrix) -> Result<Vec<usize>> {
        Ok(self.scores(x)?.class)
    }

    /// The model without the preprocessing.
    pub fn model(&self) -> &dyn FittedClassifier {
        &*self.model
    }

    /// The preprocessing.
    pub fn steps(&self) -> &FittedSteps {
        &self.steps
    }
}
