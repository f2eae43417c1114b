use serde::{Deserialize, Serialize};

/// How mixed the classes of a node are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// `1 - sum(p^2)`.
    #[default]
    Gini,
    /// `-sum(p log2 p)`.
    #[serde(alias = "log_loss")]
    Entropy,
}

impl Criterion {
    /// Impurity of a node with these weights of the classes.
    pub(in crate::methods) fn impurity(self, weights: &[f64]) -> f64 {
        let total: f64 = weights.iter().sum();
        if total <= 0.0 {
            return 0.0;
        }
        match self {
            Self::Gini => 1.0 - weights.iter().map(|weight| weight * weight).sum::<f64>() / (total * total),
            Self::Entropy => {
                let terms = weights
                    .iter()
                    .filter(|weight| **weight > 0.0)
                    .map(|weight| weight / total);
                -terms.map(|p| p * p.log2()).sum::<f64>()
            }
        }
    }
}
