use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::candidates::Search;
use super::folds::SharedFolds;
use super::halving::{Round, order_of_rows};
use super::journal::Journal;
use super::record::{FitKey, FitRecord};
use super::round::RoundRun;
use super::sharing::{Group, groups};
use super::table::{CandidateRow, SearchResult};
use crate::data::dataset::Dataset;
use crate::error::{LearnError, Result};
use crate::parallel::in_parallel;
use crate::split::Fold;

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
            shared: SharedFolds::new(
                data,
                folds,
                &self.pipeline,
                self.method.classifier(0).prepares_rows(),
                &n_uses,
            ),
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
}
