//! The training rows as named arrays.

use super::fitted::FittedNeighbors;
use super::parameters::KNeighborsClassifier;
use crate::data::matrix::Matrix;
use crate::error::Result;
use crate::estimator::{Classifier, FittedClassifier};
use crate::state::{ModelState, TensorValues, bad_state, expect};

impl FittedNeighbors {
    /// `rows` [rows, features], `labels` (places in `classes`), `weights`, `classes`; the parameters as a fact.
    pub(super) fn to_state(&self) -> Result<ModelState> {
        let mut state = ModelState::default();
        let shape = [self.rows.n_rows(), self.rows.n_cols()];
        state.put("rows", &shape, TensorValues::F32(self.rows.as_slice().to_vec()))?;
        state.put_indices("labels", &self.labels)?;
        let weights = TensorValues::F64(self.weights.clone());
        state.put("weights", &[self.weights.len()], weights)?;
        state.put_indices("classes", &self.classes)?;
        state.put_fact("parameters", &self.parameters);
        Ok(state)
    }
}

/// The model of a state.
pub(super) fn from_state(
    state: &ModelState,
    n_features: usize,
    n_classes: usize,
) -> Result<Box<dyn FittedClassifier>> {
    let parameters: KNeighborsClassifier = state.fact("parameters")?;
    parameters.check().map_err(|error| bad_state(error.to_string()))?;
    let classes = state.classes(n_classes, 2)?;
    let labels = state.indices("labels", classes.len())?;
    let (_, weights) = state.f64("weights")?;
    let (_, values) = state.f32("rows")?;
    if n_features == 0 {
        return Err(bad_state("the rows have no features"));
    }
    expect("weights", labels.len(), weights.len())?;
    expect(
        "values of the rows",
        labels.len().saturating_mul(n_features),
        values.len(),
    )?;
    if parameters.n_neighbors > labels.len() {
        return Err(bad_state(format!(
            "{} neighbours of {} rows",
            parameters.n_neighbors,
            labels.len()
        )));
    }
    if values.iter().any(|value| !value.is_finite()) {
        return Err(bad_state("`rows` holds numbers that are not finite"));
    }
    if weights.iter().any(|&weight| !(weight > 0.0 && weight <= 1.0)) {
        return Err(bad_state("a weight must be above 0 and at most 1"));
    }
    let rows = Matrix::new(labels.len(), n_features, values.to_vec())?;
    Ok(Box::new(FittedNeighbors::new(
        parameters,
        rows,
        labels,
        weights.to_vec(),
        classes,
        n_classes,
    )))
}
