use crate::data::matrix::Matrix;
use crate::data::score_matrix::ScoreMatrix;
use crate::error::Result;
use crate::estimator::{Classifier, FittedClassifier, TrainSet};
use crate::evaluate::cross_validation::Scaling;
use crate::preprocess::{FittedSteps, Pipeline};

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
}

/// A fitted model with the preprocessing that was fitted on the same rows.
#[derive(Debug)]
pub struct FittedPipeline {
    steps: FittedSteps,
    model: Box<dyn FittedClassifier>,
}

impl FittedPipeline {
    /// Fits the scaling and the model.
    ///
    /// # Errors
    /// Whatever the fit returns.
    pub fn fit(classifier: &dyn Classifier, train: &TrainSet<'_>, scaling: Scaling) -> Result<Self> {
        let rows = Rows {
            x: train.x(),
            y: train.y(),
            n_classes: train.n_classes(),
            sample_weight: train.sample_weight(),
        };
        Self::fit_steps(classifier, rows, &scaling.pipeline(classifier.method()))
    }

    /// Fits the steps of a pipeline and the model.
    ///
    /// # Errors
    /// Whatever the fits return; `NotFinite` where a value is missing after the last step.
    pub fn fit_steps(classifier: &dyn Classifier, rows: Rows<'_>, pipeline: &Pipeline) -> Result<Self> {
        let steps = pipeline.fit(rows.x)?;
        let fit = |x: &Matrix| {
            let mut train = TrainSet::new(x, rows.y, rows.n_classes)?;
            if let Some(weights) = rows.sample_weight {
                train = train.with_sample_weight(weights)?;
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

    /// The class of each row.
    ///
    /// # Errors
    /// As [`FittedClassifier::predict`].
    pub fn predict(&self, x: &Matrix) -> Result<Vec<usize>> {
        self.seen(x, |x| self.model.predict(x))
    }

    /// The probability of each class (columns) for each row.
    ///
    /// # Errors
    /// As [`FittedClassifier::predict_proba`].
    pub fn predict_proba(&self, x: &Matrix) -> Result<ScoreMatrix> {
        self.seen(x, |x| self.model.predict_proba(x))
    }

    /// Signed distances from the decision boundary.
    ///
    /// # Errors
    /// As [`FittedClassifier::decision_function`].
    pub fn decision_function(&self, x: &Matrix) -> Result<ScoreMatrix> {
        self.seen(x, |x| self.model.decision_function(x))
    }

    /// The model without the preprocessing.
    pub fn model(&self) -> &dyn FittedClassifier {
        &*self.model
    }

    /// The preprocessing.
    pub fn steps(&self) -> &FittedSteps {
        &self.steps
    }

    /// Hands the model its rows, without a copy where nothing is done to them.
    fn seen<T>(&self, x: &Matrix, ask: impl Fn(&Matrix) -> Result<T>) -> Result<T> {
        match self.steps.parts().is_empty() {
            true => ask(x),
            false => ask(&self.steps.transform(x)?),
        }
    }
}

impl Scaling {
    /// The pipeline that it stands for.
    pub fn pipeline(self, method: crate::Method) -> Pipeline {
        match self {
            Self::Auto => Pipeline::default_of(method),
            Self::Standard => Pipeline {
                steps: vec![crate::preprocess::Step::Standard],
            },
            Self::None => Pipeline::default(),
        }
    }
}
