//! The fitted linear model as named arrays.

use super::fitted::{FittedLinear, Link};
use crate::error::Result;
use crate::estimator::Method;
use crate::methods::margins::n_margins;
use crate::state::{ModelState, TensorValues, expect};

impl FittedLinear {
    /// `coef` [hyperplanes, features], `intercept` [hyperplanes], `classes`.
    pub(crate) fn to_state(&self) -> Result<ModelState> {
        let mut state = ModelState::default();
        let n = self.coef.len();
        state.put(
            "coef",
            &[n, self.n_features],
            TensorValues::F64(self.coef.concat()),
        )?;
        state.put("intercept", &[n], TensorValues::F64(self.intercept.clone()))?;
        state.put_indices("classes", &self.classes)?;
        state.put_fact("n_iter", self.n_iter);
        state.put_fact("converged", self.converged);
        Ok(state)
    }

    pub(crate) fn from_state(
        method: Method,
        link: Link,
        state: &ModelState,
        n_features: usize,
        n_classes: usize,
    ) -> Result<Self> {
        let classes = state.classes(n_classes, 2)?;
        let n = n_margins(classes.len());
        let (_, coef) = state.f64("coef")?;
        let (_, intercept) = state.f64("intercept")?;
        expect("intercepts", n, intercept.len())?;
        expect("coefficients", n.saturating_mul(n_features), coef.len())?;
        Ok(Self {
            method,
            link,
            n_features,
            n_classes,
            classes,
            coef: coef
                .chunks_exact(n_features.max(1))
                .map(<[f64]>::to_vec)
                .collect(),
            intercept: intercept.to_vec(),
            n_iter: state.fact("n_iter")?,
            converged: state.fact("converged")?,
        })
    }
}
