use std::fmt;
use std::str::FromStr;

use crate::error::{LearnError, Result};
use crate::metrics::ConfusionMatrix;

/// What a search maximises, under scikit-learn's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scoring {
    /// The share of rows that are right.
    #[default]
    Accuracy,
    /// The mean recall of the classes: small classes count as much as large ones.
    BalancedAccuracy,
    /// The mean F1 of the classes.
    F1Macro,
}

impl Scoring {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Accuracy, Self::BalancedAccuracy, Self::F1Macro];

    /// The name, as in `--scoring accuracy`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::BalancedAccuracy => "balanced_accuracy",
            Self::F1Macro => "f1_macro",
        }
    }

    pub(super) fn of(self, confusion: &ConfusionMatrix) -> f64 {
        match self {
            Self::Accuracy => confusion.accuracy(),
            Self::BalancedAccuracy => confusion.balanced_accuracy(),
            Self::F1Macro => confusion.macro_f1(),
        }
    }
}

impl fmt::Display for Scoring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scoring {
    type Err = LearnError;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|scoring| scoring.name() == name)
            .ok_or_else(|| {
                LearnError::parameter("scoring", name, "must be accuracy, balanced_accuracy or f1_macro")
            })
    }
}
