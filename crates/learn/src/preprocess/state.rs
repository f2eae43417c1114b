//! A fitted pipeline as named arrays and facts, for model files and for models that are made of others.

use super::encoder::FittedEncoder;
use super::fitted::{FittedStep, FittedSteps};
use super::fitted_pipeline::FittedPipeline;
use super::pipeline::Pipeline;
use super::step::Step;
use crate::error::Result;
use crate::estimator::Method;
use crate::state::{ModelState, TensorValues};

impl FittedPipeline {
    /// Adds `{prefix}model.…` and `{prefix}pipeline.{step}.…`, and the facts of the model under `{prefix}…`.
    pub(crate) fn put(&self, state: &mut ModelState, prefix: &str) -> Result<()> {
        state.put_part(prefix, &format!("{prefix}model."), self.model().state()?);
        self.steps().put(state, prefix)
    }

    /// The pipeline of this text and method that was put there.
    ///
    /// # Errors
    /// `BadState` where it was not.
    pub(crate) fn read(
        state: &ModelState,
        prefix: &str,
        (method, pipeline): (Method, &Pipeline),
        n_features: usize,
        n_classes: usize,
    ) -> Result<Self> {
        let steps = FittedSteps::read(state, prefix, pipeline, n_features, n_classes)?;
        let of_model = state.part(prefix, &format!("{prefix}model."));
        let model = method.restore(&of_model, steps.n_outputs(), n_classes)?;
        Ok(Self::from_parts(steps, model))
    }
}

impl FittedSteps {
    pub(crate) fn put(&self, state: &mut ModelState, prefix: &str) -> Result<()> {
        if let Some(encoder) = self.encoder() {
            encoder.put(state, &format!("{prefix}pipeline.0."))?;
        }
        let first = usize::from(self.encoder().is_some());
        let n_columns = self.n_outputs();
        for (at, step) in self.parts().iter().enumerate() {
            for (name, array) in step.step.array_names().iter().zip(&step.arrays) {
                let shape = [n_columns, array.len() / n_columns.max(1)];
                let values = TensorValues::F64(array.clone());
                state.put(&format!("{prefix}pipeline.{}.{name}", first + at), &shape, values)?;
            }
        }
        Ok(())
    }

    pub(crate) fn read(
        state: &ModelState,
        prefix: &str,
        pipeline: &Pipeline,
        n_features: usize,
        n_classes: usize,
    ) -> Result<Self> {
        let encoder = match pipeline.steps.first() {
            Some(Step::Encode(encoding)) => {
                let prefix = format!("{prefix}pipeline.0.");
                Some(FittedEncoder::read(
                    *encoding, state, &prefix, n_features, n_classes,
                )?)
            }
            _ => None,
        };
        let mut steps = Vec::with_capacity(pipeline.steps.len());
        for (at, &step) in pipeline.steps.iter().enumerate() {
            if matches!(step, Step::Encode(_)) {
                continue;
            }
            let mut arrays = Vec::new();
            for name in step.array_names() {
                let (_, values) = state.f64(&format!("{prefix}pipeline.{at}.{name}"))?;
                arrays.push(values.to_vec());
            }
            steps.push(FittedStep { step, arrays });
        }
        Self::from_parts(n_features, encoder, steps)
    }
}
