//! The fits of one round: what each gives, and how candidates that share a run are run.

use super::candidates::Search;
use super::folds::{Prepared, SharedFolds};
use super::journal::Journal;
use super::record::{FitKey, FitRecord};
use super::sharing::Group;
use crate::data::dataset::Dataset;
use crate::data::train_set::TrainSet;
use crate::error::Result;
use crate::estimator::{FittedClassifier, PathFit, RunEnd};
use crate::evaluate::fold::{Tested, fit_seen};

/// What the fits of a round have in common.
pub(super) struct RoundRun<'a> {
    pub(super) search: &'a Search,
    pub(super) data: &'a Dataset,
    pub(super) round: usize,
    pub(super) shared: SharedFolds<'a>,
    pub(super) journal: Option<&'a Journal>,
    pub(super) report: &'a (dyn Fn(u64) + Sync),
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
        let ends: Vec<RunEnd> = group.ends.iter().filter_map(|end| end.0.clone()).collect();
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
                record.unwrap_or_else(|error| FitRecord::failed(&error.naming(&self.data.classes))),
            )?;
        }
        Ok(done)
    }

    /// One run for all ends, where the method can.
    fn fit_path(&self, prepared: &Prepared, group: &Group, ends: &[RunEnd]) -> Option<Vec<FitRecord>> {
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
        let (model, fit_seconds) = fit_seen(&*classifier, &train)?;
        self.score(prepared, &*model, fit_seconds)
    }

    fn score(
        &self,
        prepared: &Prepared,
        model: &dyn FittedClassifier,
        fit_seconds: f64,
    ) -> Result<FitRecord> {
        let tested = Tested::new(model, &prepared.test_x, &prepared.test_y, &self.data.classes)?;
        Ok(FitRecord {
            score: Some(self.search.scoring.of(&tested.confusion)),
            error: None,
            fit_seconds,
            score_seconds: tested.seconds,
            converged: model.converged(),
        })
    }
}
