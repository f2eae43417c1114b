//! Every method there is: the one file that knows them all. A new one is a folder beside this file and a line in
//! [`Method::ALL`].

use std::cmp::Ordering;
use std::str::FromStr;

use crate::error::{LearnError, Result};
use crate::estimator::Method;

/// What the methods of [`Method::OF_FRAMES`] are called, known in every build.
const NAMES_OF_FRAMES: [&str; 3] = ["cnn", "crnn", "lstm"];

impl Method {
    /// Every method that reads columns, in the order of the study.
    pub const ALL: &'static [Method] = &[
        Method::LINEAR_SVC,
        Method::MLP,
        Method::DECISION_TREE,
        Method::GRADIENT_BOOSTING,
        Method::LOGISTIC_REGRESSION,
        Method::K_NEAREST_NEIGHBOURS,
        Method::STACKING,
        Method::SVC,
        Method::RANDOM_FOREST,
        Method::MAJORITY,
    ];

    /// Every method that reads recordings frame by frame; none in a build without the feature `deep`.
    pub const OF_FRAMES: &'static [Method] = &[
        #[cfg(feature = "deep")]
        Method::CNN,
        #[cfg(feature = "deep")]
        Method::CRNN,
        #[cfg(feature = "deep")]
        Method::LSTM,
    ];

    /// All methods there are.
    pub fn every() -> impl Iterator<Item = Method> {
        Self::ALL.iter().chain(Self::OF_FRAMES).copied()
    }

    /// Its place among all.
    fn place(self) -> usize {
        Self::every()
            .position(|method| method == self)
            .unwrap_or(usize::MAX)
    }
}

impl Ord for Method {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place().cmp(&other.place())
    }
}

impl PartialOrd for Method {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl FromStr for Method {
    type Err = LearnError;

    /// # Errors
    /// `UnknownMethod`, which lists the names there are.
    fn from_str(name: &str) -> Result<Self> {
        if Self::OF_FRAMES.is_empty() && NAMES_OF_FRAMES.contains(&name) {
            return Err(LearnError::NotInBuild {
                method: name.to_owned(),
            });
        }
        Self::every()
            .find(|method| method.name() == name)
            .ok_or_else(|| LearnError::UnknownMethod {
                name: name.to_owned(),
                available: Self::every()
                    .map(|method| method.name())
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }
}

#[cfg(test)]
mod tests;
