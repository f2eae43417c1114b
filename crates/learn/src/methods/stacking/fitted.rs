use super::level::{Said, ask, beside, chosen};
use crate::data::matrix::Matrix;
use crate::error::{Result, same_length};
use crate::estimator::{FittedClassifier, Method, Scores};
use crate::metrics::{Logits, TemperatureScaling};
use crate::preprocess::{FittedPipeline, FittedSteps};
use crate::state::ModelState;

/// A fitted stack.
#[derive(Debug)]
pub(super) struct FittedStacking {
    pub(super) n_features: usize,
    pub(super) n_classes: usize,
    /// Classes with training rows.
    pub(super) classes: Vec<usize>,
    pub(super) members: Vec<FittedMember>,
    /// What the columns that are passed through become.
    pub(super) passed: Option<FittedSteps>,
    pub(super) last: FittedPipeline,
}

/// A member that was fitted to all training rows.
#[derive(Debug)]
pub(super) struct FittedMember {
    /// As it was written.
    pub(super) text: String,
    pub(super) columns: Vec<usize>,
    pub(super) pipeline: FittedPipeline,
    /// By which its margins become probabilities.
    pub(super) temperature: Option<f64>,
}

impl FittedMember {
    /// The columns of the final estimator that are this member's.
    fn say(&self, x: &Matrix, classes: &[usize]) -> Result<Vec<Vec<f32>>> {
        let said = match self.columns.len() == x.n_cols() {
            true => ask(&self.pipeline, x)?,
            false => ask(&self.pipeline, &x.take_cols(&self.columns)?)?,
        };
        let proba = match said {
            Said::Proba(proba) => proba,
            Said::Margins(margins) => {
                let temperature = self.temperature.unwrap_or(1.0);
                TemperatureScaling { temperature }.proba(&Logits::of_decision(&margins))
            }
        };
        Ok(chosen(&proba, classes))
    }
}

impl FittedClassifier for FittedStacking {
    fn method(&self) -> Method {
        Method::STACKING
    }

    fn n_features(&self) -> usize {
        self.n_features
    }

    fn n_classes(&self) -> usize {
        self.n_classes
    }

    fn scores(&self, x: &Matrix) -> Result<Scores> {
        same_length("features per row", self.n_features, x.n_cols())?;
        let level: Vec<Vec<Vec<f32>>> = self
            .members
            .iter()
            .map(|member| member.say(x, &self.classes))
            .collect::<Result<_>>()?;
        let passed = self.passed.as_ref().map(|steps| steps.transform(x)).transpose()?;
        self.last.scores(&beside(x.n_rows(), &level, passed.as_ref())?)
    }

    fn state(&self) -> Result<ModelState> {
        self.to_state()
    }

    fn converged(&self) -> bool {
        let members = self.members.iter().map(|member| &member.pipeline);
        members
            .chain([&self.last])
            .all(|pipeline| pipeline.model().converged())
    }
}
