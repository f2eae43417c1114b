use super::network::Network;
use crate::error::LearnError;
use crate::estimator::Method;

/// A trained network and how it went.
pub(super) struct Outcome {
    pub(super) network: Network,
    /// Loss of each epoch or iteration.
    pub(super) loss_curve: Vec<f64>,
    pub(super) converged: bool,
}

/// The loss is not finite in this epoch or iteration.
pub(super) fn diverged(iteration: usize) -> LearnError {
    LearnError::Diverged {
        method: Method::MLP.name(),
        iteration,
        parameter: "learning_rate_init",
    }
}
