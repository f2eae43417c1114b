use super::fitted::FittedSteps;
use super::pipeline::Pipeline;
use super::rows::Rows;
use crate::data::matrix::Matrix;
use crate::data::train_set::TrainSet;
use crate::error::Result;
use crate::estimator::{Classifier, FittedClassifier, Scores};

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
            feature_names: train.feature_names(),
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
        let default = match rows.feature_names {
            Some(names) => Pipeline::default_for(classifier.method(), names),
            None => Pipeline::default_of(classifier.method()),
        };
        let pipeline = pipeline.unwrap_or(&default);
        if classifier.prepares_rows() && pipeline.steps.is_empty() {
            let steps = FittedSteps::none(rows.x.n_cols());
            let model = rows.fit_seen(classifier, rows.x, rows.feature_names)?;
            return Ok(Self { steps, model });
        }
        let (steps, seen) = pipeline.fit_transform(&rows)?;
        let names = rows.feature_names.map(|names| steps.output_names(names));
        let model = rows.fit_seen(classifier, &seen, names.as_deref())?;
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
        match self.steps.is_empty() {
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
