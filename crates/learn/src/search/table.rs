use std::cmp::Ordering;
use std::io::{self, Write};

use cratedigger_files::csv::field;
use serde::{Deserialize, Serialize};

use super::candidates::Search;
use super::record::FitRecord;
use crate::error::{LearnError, Result};
use crate::params::Params;

/// The scores of one candidate in one round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CandidateRow {
    /// Index of the candidate.
    pub candidate: usize,
    /// Round of the halving, from 0; 0 throughout without halving.
    pub round: usize,
    /// Rows of the data set that the round stands for; the folds' training rows are reduced in proportion.
    pub n_resources: usize,
    /// The parameters that were searched.
    pub params: Params,
    /// Score on the test rows of each fold; `None` where the fit failed.
    pub fold_scores: Vec<Option<f64>>,
    /// Mean of the folds' scores; `None` where one failed.
    pub mean: Option<f64>,
    /// Population standard deviation of the folds' scores.
    pub sd: Option<f64>,
    /// 1 for the largest mean; equal means have equal ranks, failed candidates the last.
    pub rank: usize,
    /// Mean seconds of a fit. Candidates that shared a run all have its time.
    pub fit_seconds: f64,
    /// Population standard deviation of the seconds of a fit.
    pub fit_seconds_sd: f64,
    /// Mean seconds to predict the test rows.
    pub score_seconds: f64,
    /// Folds on which the optimisation stopped at its limit.
    pub n_not_converged: usize,
    /// Why the first failed fit failed.
    pub error: Option<String>,
}

/// The table of a search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SearchResult {
    /// Name of the method.
    pub method: String,
    /// What was maximised.
    pub scoring: String,
    /// Every candidate of every round, rounds in order, candidates in order within.
    pub rows: Vec<CandidateRow>,
    /// Index in `rows` of the best candidate of the last round.
    pub best: usize,
    /// Number of folds.
    pub n_folds: usize,
    /// Fits, one for each candidate, fold and round.
    pub n_fits: u64,
    /// Those that the journal held.
    pub n_resumed: u64,
}

impl CandidateRow {
    pub(super) fn new<'a>(
        candidate: usize,
        round: usize,
        n_resources: usize,
        params: &Params,
        records: impl Iterator<Item = Option<&'a FitRecord>>,
    ) -> Self {
        let records: Vec<Option<&FitRecord>> = records.collect();
        let fold_scores: Vec<Option<f64>> = records
            .iter()
            .map(|record| record.and_then(|r| r.score))
            .collect();
        let scores: Option<Vec<f64>> = fold_scores.iter().copied().collect();
        let seconds = |of: fn(&FitRecord) -> f64| records.iter().flatten().map(|r| of(r)).collect::<Vec<_>>();
        let fit_seconds = mean_and_sd(&seconds(|record| record.fit_seconds));
        let spread = scores.as_deref().map(mean_and_sd);
        Self {
            candidate,
            round,
            n_resources,
            params: params.clone(),
            mean: spread.map(|spread| spread.0),
            sd: spread.map(|spread| spread.1),
            fold_scores,
            rank: 0,
            fit_seconds: fit_seconds.0,
            fit_seconds_sd: fit_seconds.1,
            score_seconds: mean_and_sd(&seconds(|record| record.score_seconds)).0,
            n_not_converged: records
                .iter()
                .flatten()
                .filter(|record| record.score.is_some() && !record.converged)
                .count(),
            error: records.iter().flatten().find_map(|record| record.error.clone()),
        }
    }

    /// Better candidates first; of equal ones the one with the lower index.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        other
            .score()
            .total_cmp(&self.score())
            .then(self.candidate.cmp(&other.candidate))
    }

    fn score(&self) -> f64 {
        self.mean.unwrap_or(f64::NEG_INFINITY)
    }
}

impl SearchResult {
    pub(super) fn new(
        search: &Search,
        mut rows: Vec<CandidateRow>,
        n_fits: u64,
        n_resumed: u64,
    ) -> Result<Self> {
        let scores: Vec<f64> = rows.iter().map(CandidateRow::score).collect();
        for (row, rank) in rows.iter_mut().zip(ranks(&scores)) {
            row.rank = rank;
        }
        let last_round = rows.iter().map(|row| row.round).max();
        let best = (0..rows.len())
            .filter(|&at| Some(rows[at].round) == last_round && rows[at].mean.is_some())
            .min_by(|&a, &b| rows[a].order(&rows[b]));
        let Some(best) = best else {
            return Err(LearnError::NoCandidate {
                n_candidates: search.candidates.len(),
                first: rows.iter().find_map(|row| row.error.clone()).unwrap_or_default(),
            });
        };
        Ok(Self {
            method: search.method.name().to_owned(),
            scoring: search.scoring.name().to_owned(),
            n_folds: rows.first().map_or(0, |row| row.fold_scores.len()),
            rows,
            best,
            n_fits,
            n_resumed,
        })
    }

    /// The best candidate.
    pub fn best(&self) -> &CandidateRow {
        &self.rows[self.best]
    }

    /// The table as CSV, with the columns of scikit-learn's `cv_results_` (`rank_test_score`, `mean_test_score`, …,
    /// `param_alpha`, …) and `not_converged` and `error`.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_csv(&self, out: &mut impl Write) -> io::Result<()> {
        let mut names: Vec<&str> = Vec::new();
        for name in self.rows.iter().flat_map(|row| row.params.keys()) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        write!(
            out,
            "iter,n_resources,candidate,rank_test_score,mean_test_score,std_test_score"
        )?;
        for fold in 0..self.n_folds {
            write!(out, ",split{fold}_test_score")?;
        }
        write!(out, ",mean_fit_time,std_fit_time,mean_score_time,not_converged")?;
        for name in &names {
            write!(out, ",{}", field(&format!("param_{name}")))?;
        }
        writeln!(out, ",error")?;
        let number = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:?}"));
        for row in &self.rows {
            write!(
                out,
                "{},{},{},{},{},{}",
                row.round,
                row.n_resources,
                row.candidate,
                row.rank,
                number(row.mean),
                number(row.sd)
            )?;
            for score in &row.fold_scores {
                write!(out, ",{}", number(*score))?;
            }
            write!(
                out,
                ",{:.6},{:.6},{:.6},{}",
                row.fit_seconds, row.fit_seconds_sd, row.score_seconds, row.n_not_converged
            )?;
            for name in &names {
                write!(
                    out,
                    ",{}",
                    field(&row.params.get(*name).map_or(String::new(), ToString::to_string))
                )?;
            }
            writeln!(out, ",{}", field(row.error.as_deref().unwrap_or_default()))?;
        }
        Ok(())
    }
}

/// 1 and the number of greater scores, for each of them; sorted once, so that the time does not grow with the square.
fn ranks(scores: &[f64]) -> Vec<usize> {
    let mut sorted = scores.to_vec();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let greater = |score: &f64| sorted.partition_point(|other| other.total_cmp(score) == Ordering::Greater);
    scores.iter().map(|score| 1 + greater(score)).collect()
}

fn mean_and_sd(values: &[f64]) -> (f64, f64) {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
    (mean, variance.sqrt())
}

#[cfg(test)]
mod tests {
    use super::ranks;

    #[test]
    fn a_rank_is_one_and_the_number_of_greater_scores() {
        let scores: Vec<f64> = (0..500_u32)
            .map(|k| match k % 7 {
                3 => f64::NEG_INFINITY,
                _ => f64::from(k * 7919 % 101) / 101.0,
            })
            .collect();
        let slow: Vec<usize> = scores
            .iter()
            .map(|score| 1 + scores.iter().filter(|other| *other > score).count())
            .collect();
        assert_eq!(ranks(&scores), slow);
        assert!(slow.contains(&1) && ranks(&[]).is_empty());
    }
}
