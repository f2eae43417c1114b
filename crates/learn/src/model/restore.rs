use super::state::ModelState;
use crate::boosting::FittedBoosting;
use crate::classifier::{FittedClassifier, Method};
use crate::error::Result;
use crate::linear::FittedLinear;

impl Method {
    /// The fitted model that gave this state.
    ///
    /// `n_features` and `n_classes` must be those of the model.
    ///
    /// # Errors
    /// `BadState` where the state is not that of a model of this method.
    pub fn restore(
        self,
        state: &ModelState,
        n_features: usize,
        n_classes: usize,
    ) -> Result<Box<dyn FittedClassifier>> {
        Ok(match self {
            Self::LinearSvc | Self::LogisticRegression => {
                Box::new(FittedLinear::from_state(self, state, n_features, n_classes)?)
            }
            Self::Mlp => crate::mlp::from_state(state, n_features, n_classes)?,
            Self::DecisionTree => crate::tree::from_state(state, n_features, n_classes)?,
            Self::GradientBoosting => Box::new(FittedBoosting::from_state(state, n_features, n_classes)?),
            Self::Majority => crate::majority::from_state(state, n_features, n_classes)?,
        })
    }
}
