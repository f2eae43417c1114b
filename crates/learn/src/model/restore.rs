use crate::error::Result;
use crate::estimator::{FittedClassifier, Method};
use crate::methods::boosting::FittedBoosting;
use crate::methods::linear::FittedLinear;
use crate::state::ModelState;

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
            Self::Mlp => crate::methods::mlp::from_state(state, n_features, n_classes)?,
            Self::DecisionTree => crate::methods::tree::from_state(state, n_features, n_classes)?,
            Self::GradientBoosting => Box::new(FittedBoosting::from_state(state, n_features, n_classes)?),
            Self::Majority => crate::methods::majority::from_state(state, n_features, n_classes)?,
        })
    }
}
