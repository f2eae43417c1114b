use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::folds::SharedFolds;
use super::halving::{Halving, Round, order_of_rows};
use super::journal::Journal;
use super::round::{FitKey, FitRecord, RoundRun};
use super::scoring::Scoring;
use super::sharing::{Group, groups};
use super::space::{Params, Space};
use super::table::{CandidateRow, SearchResult};
use crate::data::dataset::Dataset;
use crate::data::fingerprint::Fingerprint;
use crate::error::{LearnError, Result};
use crate::estimator::{Classifier, Method};
use crate::evaluate::cross_validation::in_parallel;
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

/// How far a search is. A fit is one candidate on one fold, whether it was run, shared or found in the journal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SearchProgress {
    /// Fits that are done.
    pub n_done: u64,
    /// Fits in all, of all rounds.
    pub n_fits: u64,
    /// Fits that the journal held.
    pub n_resumed: u64,
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

    /// Cross-validates the candidates on the folds.
    ///
    /// Candidates and folds run in parallel; while there are more of them than threads, each fit has one thread. With
    /// `journal` every finished fit is noted in that file, and fits that it already holds are not repeated. `progress` is
    /// called after each fit, from any thread.
    ///
    /// A candidate that cannot be fitted (a learning rate that diverges) has no score and the last rank.
    ///
    /// # Errors
    /// `Empty` without candidates or folds; an unknown or malformed parameter, before the first fit; `Journal`;
    /// `NoCandidate` where all fail.
    pub fn run(
        &self,
        data: &Dataset,
        folds: &[Fold],
        journal: Option<&Path>,
        progress: &(dyn Fn(SearchProgress) + Sync),
    ) -> Result<SearchResult> {
        data.check()?;
        for (what, n) in [
            ("the list of candidates", self.candidates.len()),
            ("the list of folds", folds.len()),
        ] {
            if n == 0 {
                return Err(LearnError::Empty { what });
            }
        }
        for params in &self.candidates {
            self.classifier(params)?;
        }
        let rounds = match self.halving {
            None => vec![Round {
                n_candidates: self.candidates.len(),
                n_resources: data.n_rows(),
            }],
            Some(halving) => halving.rounds(
                self.candidates.len(),
                data.n_rows(),
                folds.len(),
                data.n_classes(),
            )?,
        };
        let journal = match journal {
            Some(path) => Some(Journal::open(path, &self.fingerprint(data, folds))?),
            None => None,
        };
        let n_fits = rounds
            .iter()
            .map(|round| (round.n_candidates * folds.len()) as u64)
            .sum();
        let n_resumed = journal.as_ref().map_or(0, |journal| journal.done().len() as u64);
        let n_done = AtomicU64::new(0);
        let report = |n: u64| {
            progress(SearchProgress {
                n_done: n_done.fetch_add(n, Ordering::Relaxed) + n,
                n_fits,
                n_resumed,
            });
        };

        let mut left: Vec<usize> = (0..self.candidates.len()).collect();
        let mut rows: Vec<CandidateRow> = Vec::new();
        for (index, round) in rounds.iter().enumerate() {
            left.truncate(round.n_candidates);
            let mut in_order = left.clone();
            in_order.sort_unstable();
            let folds = self.folds_of_round(data, folds, round.n_resources)?;
            let records = self.run_round(data, &folds, index, &in_order, journal.as_ref(), &report)?;
            let from = rows.len();
            for &candidate in &in_order {
                let of_folds = (0..folds.len()).map(|fold| records.get(&(candidate, fold)));
                let params = &self.candidates[candidate];
                rows.push(CandidateRow::new(
                    candidate,
                    index,
                    round.n_resources,
                    params,
                    of_folds,
                ));
            }
            let mut by_score: Vec<&CandidateRow> = rows[from..].iter().collect();
            by_score.sort_by(|a, b| a.order(b));
            left = by_score.iter().map(|row| row.candidate).collect();
        }
        SearchResult::new(self, rows, n_fits, n_resumed)
    }

    /// The classifier of a candidate.
    ///
    /// # Errors
    /// An unknown or malformed parameter.
    pub fn classifier(&self, params: &Params) -> Result<Box<dyn Classifier>> {
        self.method.classifier_with(params, self.seed)
    }

    /// The folds with as many training rows as the round gives them.
    fn folds_of_round(&self, data: &Dataset, folds: &[Fold], n_resources: usize) -> Result<Vec<Fold>> {
        let n_rows = data.n_rows();
        let shrink = |fold: &Fold| {
            if n_resources >= n_rows {
                return Ok(fold.clone());
            }
            if let Some(&index) = fold.train.iter().find(|&&row| row >= n_rows) {
                return Err(LearnError::IndexOutOfRange { index, n_rows });
            }
            let n_train = (fold.train.len() as u128 * n_resources as u128 / n_rows as u128) as usize;
            let mut train = order_of_rows(&fold.train, &data.y, data.n_classes(), self.seed);
            train.truncate(n_train.max(1));
            train.sort_unstable();
            Ok(Fold {
                train,
                test: fold.test.clone(),
            })
        };
        folds.iter().map(shrink).collect()
    }

    /// Scores the candidates of one round.
    fn run_round(
        &self,
        data: &Dataset,
        folds: &[Fold],
        round: usize,
        candidates: &[usize],
        journal: Option<&Journal>,
        report: &(dyn Fn(u64) + Sync),
    ) -> Result<BTreeMap<(usize, usize), FitRecord>> {
        let mut records = BTreeMap::new();
        let mut tasks: Vec<(usize, Group)> = Vec::new();
        for fold in 0..folds.len() {
            let mut missing = Vec::new();
            for &candidate in candidates {
                let key = FitKey {
                    round,
                    candidate,
                    fold,
                };
                match journal.and_then(|journal| journal.done().get(&key)) {
                    Some(record) => {
                        records.insert((candidate, fold), record.clone());
                        report(1);
                    }
                    None => missing.push((candidate, self.classifier(&self.candidates[candidate])?)),
                }
            }
            tasks.extend(groups(&missing).into_iter().map(|group| (fold, group)));
        }
        let mut n_uses = vec![0; folds.len()];
        for (fold, _) in &tasks {
            n_uses[*fold] += 1;
        }
        let run = RoundRun {
            search: self,
            data,
            round,
            shared: SharedFolds::new(data, folds, &self.pipeline, &n_uses),
            journal,
            report,
        };
        let failed = AtomicBool::new(false);
        let fresh = Mutex::new(Vec::new());
        in_parallel(tasks.len(), self.n_jobs, |task| {
            if failed.load(Ordering::Relaxed) {
                return Ok(());
            }
            let (fold, group) = &tasks[task];
            let done = run.group(*fold, group).inspect_err(|_| {
                failed.store(true, Ordering::Relaxed);
            })?;
            if let Ok(mut fresh) = fresh.lock() {
                fresh.extend(done);
            }
            Ok(())
        })?;
        records.extend(fresh.into_inner().unwrap_or_default());
        Ok(records)
    }

    /// What a journal belongs to: everything that decides a score.
    fn fingerprint(&self, data: &Dataset, folds: &[Fold]) -> String {
        let mut hash = Fingerprint::new("cratedigger search 1");
        hash.dataset(data);
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
