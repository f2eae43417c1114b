//! Every method there is: the one file that knows them all. A new one is a folder beside this file and a line in
//! [`Method::ALL`].

use std::cmp::Ordering;
use std::str::FromStr;

use crate::error::{LearnError, Result};
use crate::estimator::Method;

impl Method {
    /// Every method, in the order of the study.
    pub const ALL: &'static [Method] = &[
        Method::LINEAR_SVC,
        Method::MLP,
        Method::DECISION_TREE,
        Method::GRADIENT_BOOSTING,
        Method::LOGISTIC_REGRESSION,
        Method::K_NEAREST_NEIGHBOURS,
        Method::STACKING,
        Method::MAJORITY,
    ];

    /// Its place in [`Method::ALL`].
    fn place(self) -> usize {
        Self::ALL
            .iter()
            .position(|&method| method == self)
            .unwrap_or(Self::ALL.len())
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
        Self::ALL
            .iter()
            .copied()
            .find(|method| method.name() == name)
            .ok_or_else(|| LearnError::UnknownMethod {
                name: name.to_owned(),
                available: Self::ALL
                    .iter()
                    .map(|method| method.name())
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }
}

#[cfg(test)]
mod tests;
