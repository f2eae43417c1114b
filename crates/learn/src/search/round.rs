//! The fits of one round: what each gives, and how candidates that share a run are run.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::folds::{Prepared, SharedFolds};
use super::journal::Journal;
use super::run::Search;
use super::sharing::Group;
use crate::data::dataset::Dataset;
use crate::error::{LearnError, Result};
use crate::estimator::{FittedClassifier, PathEnd, PathFit, TrainSet};
use crate::metrics::ConfusionMatrix;

/// What the fits of a round have in common.
pub(super) struct RoundRun<'a> {
    pub(super) search: &'a Search,
    pub(super) data: &'a Dataset,
    pub(super) round: usize,
    pub(super) shared: SharedFolds<'a>,
    pub(super) journal: Option<&'a Journal>,
    pub(super) report: &'a (dyn Fn(u64) + Sync),
}

/// One candidate on one fold of one round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct FitKey {
    pub(super) round: usize,
    pub(super) candidate: usize,
    pub(super) fold: usize,
}

/// What became of a fit. Numbers are kept as text that reads back to the same bits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct FitRecord {
    #[serde(with = "text", default, skip_serializing_if = "Option::is_none")]
    pub(super) score: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
    pub(super) fit_seconds: f64,
    pub(super) score_seconds: f64,
    pub(super) converged: bool,
}

mod text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(value: &Option<f64>, out: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => out.serialize_str(&format!("{value:?}")),
            None => out.serialize_none(),
        }
    }

    pub(super) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<Option<f64>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| text.parse().map_err(D::Error::custom))
            .transpose()
    }
}

impl RoundRun<'_> {
    /// Fits and scores the candidates of a group on one fold. A fit that fails is a record; only a journal that cannot be
    /// written ends the search.
    pub(super) fn group(&self, fold: usize, group: &Group) -> Result<Vec<((usize, usize), FitRecord)>> {
        let mut done = Vec::new();
        let mut note = |candidates: &[usize], record: FitRecord| -> Result<()> {
            for &candidate in candidates {
                let key = FitKey {
                    round: self.round,
                    candidate,
                    fold,
                };
                if let Some(journal) = self.journal {
                    journal.note(key, &record)?;
                }
                done.push(((candidate, fold), record.clone()));
            }
            (self.report)(candidates.len() as u64);
            Ok(())
        };
        let prepared = match self.shared.get(fold) {
            Ok(prepared) => prepared,
            Err(error) => {
                for (_, candidates) in &group.ends {
                    note(candidates, FitRecord::failed(&error))?;
                }
                return Ok(done);
            }
        };
        let ends: Vec<PathEnd> = group.ends.iter().filter_map(|end| end.0).collect();
        if ends.len() == group.ends.len()
            && ends.len() > 1
            && let Some(fits) = self.fit_path(&prepared, group, &ends)
        {
            for ((_, candidates), record) in group.ends.iter().zip(fits) {
                note(candidates, record)?;
            }
            return Ok(done);
        }
        for (_, candidates) in &group.ends {
            let record = self.fit(&prepared, candidates[0]);
            note(
                candidates,
                record.unwrap_or_else(|error| FitRecord::failed(&error)),
            )?;
        }
        Ok(done)
    }

    /// One run for all ends, where the method can.
    fn fit_path(&self, prepared: &Prepared, group: &Group, ends: &[PathEnd]) -> Option<Vec<FitRecord>> {
        let any = group.ends.first()?.1.first()?;
        let classifier = self.search.classifier(&self.search.candidates[*any]).ok()?;
        let train = TrainSet::new(&prepared.train_x, &prepared.train_y, self.data.n_classes()).ok()?;
        let fits = classifier.fit_path(&train, ends)?;
        let record = |(model, seconds): PathFit| match model
            .and_then(|model| self.score(prepared, &*model, seconds))
        {
            Ok(record) => record,
            Err(error) => FitRecord::failed(&error),
        };
        Some(fits.into_iter().map(record).collect())
    }

    fn fit(&self, prepared: &Prepared, candidate: usize) -> Result<FitRecord> {
        let classifier = self.search.classifier(&self.search.candidates[candidate])?;
        let train = TrainSet::new(&prepared.train_x, &prepared.train_y, self.data.n_classes())?;
        let started = Instant::now();
        let model = classifier.fit(&train)?;
        let fit_seconds = started.elapsed().as_secs_f64();
        self.score(prepared, &*model, fit_seconds)
    }

    fn score(
        &self,
        prepared: &Prepared,
        model: &dyn FittedClassifier,
        fit_seconds: f64,
    ) -> Result<FitRecord> {
        let started = Instant::now();
        let predicted = model.predict(&prepared.test_x)?;
        let confusion = ConfusionMatrix::from_predictions(&prepared.test_y, &predicted, &self.data.classes)?;
        Ok(FitRecord {
            score: Some(self.search.scoring.of(&confusion)),
            error: None,
            fit_seconds,
            score_seconds: started.elapsed().as_secs_f64(),
            converged: model.converged(),
        })
    }
}

impl FitRecord {
    fn failed(error: &LearnError) -> Self {
        Self {
            score: None,
            error: Some(error.to_string()),
            fit_seconds: 0.0,
            score_seconds: 0.0,
            converged: false,
        }
    }
}
