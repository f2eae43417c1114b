use super::halving::Halving;
use super::scoring::Scoring;
use super::space::Space;
use crate::data::dataset::Dataset;
use crate::data::fingerprint::Fingerprint;
use crate::error::Result;
use crate::estimator::{Classifier, Method};
use crate::params::Params;
use crate::preprocess::Pipeline;
use crate::split::Fold;

/// A search for the best parameters of a method. Made by [`Search::grid`] or [`Search::random`]; the fields may be
/// changed before it runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// The method.
    pub method: Method,
    /// The candidates, in order: of equal ones the first is the best.
    pub candidates: Vec<Params>,
    /// Preprocessing, fitted on the training rows of each fold. Default: what the method wants.
    pub pipeline: Pipeline,
    /// What is maximised. Default: accuracy.
    pub scoring: Scoring,
    /// Whether poor candidates are dropped early. Default: no.
    pub halving: Option<Halving>,
    /// Seed of every fit.
    pub seed: u64,
    /// Threads to use in all; `None` for as many as there are cores. The scores do not depend on it.
    pub n_jobs: Option<usize>,
}

impl Search {
    /// Every combination of the space's values.
    ///
    /// # Errors
    /// As [`Space::grid`].
    pub fn grid(method: Method, space: &Space, seed: u64) -> Result<Self> {
        Ok(Self::of(method, space.grid()?, seed))
    }

    /// `n` random combinations.
    ///
    /// # Errors
    /// As [`Space::random`].
    pub fn random(method: Method, space: &Space, n: usize, seed: u64) -> Result<Self> {
        Ok(Self::of(method, space.random(n, seed)?, seed))
    }

    /// These candidates.
    pub fn of(method: Method, candidates: Vec<Params>, seed: u64) -> Self {
        Self {
            method,
            candidates,
            pipeline: Pipeline::default_of(method),
            scoring: Scoring::default(),
            halving: None,
            seed,
            n_jobs: None,
        }
    }

    /// The classifier of a candidate.
    ///
    /// # Errors
    /// An unknown or malformed parameter.
    pub fn classifier(&self, params: &Params) -> Result<Box<dyn Classifier>> {
        self.method.classifier_with(params, self.seed)
    }

    /// What a journal belongs to: everything that decides a score.
    pub(super) fn fingerprint(&self, data: &Dataset, folds: &[Fold]) -> String {
        let mut hash = Fingerprint::new("cratedigger search 2");
        hash.dataset(data);
        // They decide which rows early stopping sets aside.
        hash.text(&format!("{:?}", data.groups));
        for fold in folds {
            hash.indices(&fold.train);
            hash.indices(&fold.test);
        }
        hash.text(self.method.name());
        hash.text(&serde_json::to_string(&self.candidates).unwrap_or_default());
        hash.text(&self.pipeline.to_string());
        hash.text(self.scoring.name());
        hash.text(&format!("{:?} {}", self.halving, self.seed));
        hash.text(env!("CARGO_PKG_VERSION"));
        hash.finish()
    }
}
