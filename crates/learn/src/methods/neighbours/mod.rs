//! The k nearest neighbours.

mod candidates;
mod distance;
mod fitted;
pub(crate) mod nearest;
mod parameters;
mod state;

use serde_json::json;

use self::fitted::FittedNeighbors;
use crate::data::train_set::TrainSet;
use crate::error::{LearnError, Result};
use crate::estimator::{Classifier, Entry, FittedClassifier, Method};
use crate::methods::by_name;
use crate::params::words::{COUNT, param};
use crate::params::{Param, ParamValue};

pub use parameters::{KNeighborsClassifier, NeighborWeights};

impl Method {
    /// K nearest neighbours, `k-nearest-neighbours`.
    pub const K_NEAREST_NEIGHBOURS: Self = Self::of(&METHOD);
}

static METHOD: Entry = Entry {
    name: "k-nearest-neighbours",
    title: "the nearest neighbours",
    wants_scaling: true,
    reads_frames: false,
    params: PARAMS,
    space: || {
        json!({
            "n_neighbors": [1, 3, 5, 9, 15, 25, 50],
            "weights": ["uniform", "distance"],
        })
    },
    default: |_| Box::new(KNeighborsClassifier::default()),
    build: by_name::build::<KNeighborsClassifier>,
    restore: state::from_state,
    onnx: None,
};

const POWER: &str = "must be 1 (Manhattan) or 2 (Euclidean)";

const PARAMS: &[Param] = &[
    param("n_neighbors", COUNT),
    param("weights", "must be uniform or distance"),
    param("p", POWER),
];

impl KNeighborsClassifier {
    /// The training rows that have a weight, in order. Weights are shares of the largest, so that no sum of votes overflows.
    fn keep(&self, train: &TrainSet<'_>) -> Result<FittedNeighbors> {
        self.check()?;
        let classes = train.two_or_more_classes(Method::K_NEAREST_NEIGHBOURS.name())?;
        let places = train.places(&classes);
        let n_rows = train.y().len();
        let (rows, weights): (Vec<usize>, Vec<f64>) = match train.sample_weight() {
            None => (0..n_rows).map(|row| (row, 1.0)).unzip(),
            Some(weights) => {
                let largest = weights.iter().fold(0.0_f64, |a, &b| a.max(b));
                let shares = weights.iter().map(|weight| weight / largest);
                shares.enumerate().filter(|&(_, share)| share > 0.0).unzip()
            }
        };
        if self.n_neighbors > rows.len() {
            return Err(LearnError::parameter(
                "n_neighbors",
                self.n_neighbors,
                "must be at most the number of training rows whose weight is not 0",
            ));
        }
        let labels = rows.iter().map(|&row| places[train.y()[row]]).collect();
        let x = match rows.len() == n_rows {
            true => train.x().clone(),
            false => train.x().take_rows(&rows)?,
        };
        Ok(FittedNeighbors::new(
            self.clone(),
            x,
            labels,
            weights,
            classes,
            train.n_classes(),
        ))
    }
}

impl Classifier for KNeighborsClassifier {
    fn method(&self) -> Method {
        Method::K_NEAREST_NEIGHBOURS
    }

    fn params(&self) -> Vec<(&'static str, ParamValue)> {
        by_name::list(self)
    }

    fn check(&self) -> Result<()> {
        if self.n_neighbors == 0 {
            return Err(LearnError::parameter("n_neighbors", 0, "must be at least 1"));
        }
        match self.p {
            1 | 2 => Ok(()),
            p => Err(LearnError::parameter("p", p, POWER)),
        }
    }

    fn fit(&self, train: &TrainSet<'_>) -> Result<Box<dyn FittedClassifier>> {
        Ok(Box::new(self.keep(train)?))
    }
}

#[cfg(test)]
mod tests;
