//! The finding `tuning`: does a search for better parameters help?

use cratedigger_learn::search::{CandidateRow, Params, Search, SearchResult, Space};
use cratedigger_learn::{Dataset, Fold, Method, ParamValue, Splitter, evaluate_hold_out, paired_tests};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::error::Result;
use crate::learning::method_pairs::PValueFinding;
use crate::learning::methods::Ends;
use crate::learning::training::Trained;

/// Training tracks that candidates are compared on at most.
const SEARCH_ROWS: usize = 3_000;

/// Folds of the search.
const N_FOLDS: usize = 3;

/// The method that is tuned, as in the study's source.
pub const TUNED: Method = Method::MLP;

/// The finding `tuning`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tuning {
    /// The method.
    pub method: String,
    /// Training tracks that the candidates were compared on; no test track is among them.
    pub n_search: u64,
    /// Folds, which keep artists apart where artists are known.
    pub n_folds: u64,
    /// The candidates, the best first.
    pub candidates: Vec<Candidate>,
    /// The parameters of the best candidate, by name.
    pub best: Map<String, Value>,
    /// On the test tracks, with the default parameters.
    pub before: TunedScores,
    /// On the test tracks, after training on all training tracks with the best parameters.
    pub after: TunedScores,
    /// `after.accuracy - before.accuracy`.
    pub difference: f64,
    /// 95 % interval of the difference: for artists that are independent of each other; for tracks where artists are unknown.
    pub difference_interval: Ends,
    /// The p-value of the difference: with artists as what is independent where they are known, else McNemar's exact one.
    pub p: PValueFinding,
}

/// One candidate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Its parameters, by name.
    pub parameters: Map<String, Value>,
    /// Mean accuracy over the folds; `null` where it could not be fitted.
    pub mean: Option<f64>,
    /// Standard deviation over the folds.
    pub std: Option<f64>,
    /// Seconds of a fit.
    pub fit_seconds: f64,
}

/// Scores on the test tracks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TunedScores {
    /// Accuracy.
    pub accuracy: f64,
    /// Where it might be with other artists; `null` with too few of them to tell.
    pub accuracy_interval: Option<Ends>,
    /// Balanced accuracy.
    pub balanced_accuracy: f64,
    /// Mean F1 of the genres.
    pub macro_f1: f64,
    /// Seconds to fit.
    pub fit_seconds: f64,
}

/// Searches on the training tracks, fits the best candidate on all of them and tests it.
///
/// # Errors
/// `Learn`, for example where there are too few artists for folds.
pub fn tune(
    default: &Trained,
    data: &Dataset,
    fold: &Fold,
    seed: u64,
    n_jobs: Option<usize>,
) -> Result<Tuning> {
    let less = fold.with_less_training(data.groups.as_deref(), SEARCH_ROWS, seed);
    let train = data.take_rows(&less.train)?;
    let splitter = if train.groups.is_some() {
        Splitter::Artist
    } else {
        Splitter::Stratified
    };
    let folds = splitter.k_fold(&train, N_FOLDS, seed)?;
    let mut search = Search::grid(TUNED, &space()?, seed)?;
    search.n_jobs = n_jobs;
    let found = search.run(&train, &folds, None, &|_| {})?;
    let best = &found.rows[found.best].params;
    let classifier = search.classifier(best)?;
    let (_, tuned) = evaluate_hold_out(&*classifier, data, fold, None, seed)?;
    let test = &paired_tests(&[&tuned, &default.evaluation], data)?[0];
    Ok(Tuning {
        method: TUNED.name().to_owned(),
        n_search: train.n_rows() as u64,
        n_folds: folds.len() as u64,
        candidates: candidates(&found)?,
        best: named(best)?,
        before: scores(&default.evaluation),
        after: scores(&tuned),
        difference: test.mcnemar.difference,
        difference_interval: Ends {
            low: test.difference_interval().low,
            high: test.difference_interval().high,
        },
        p: test.adjusted.into(),
    })
}

/// A few points of the space that `cratedigger tune` searches by default.
fn space() -> Result<Space> {
    Ok(serde_json::from_value(json!({
        "hidden_layer_sizes": [[50], [100], [50, 100, 50]],
        "alpha": [0.0001, 0.05, 1.0],
    }))?)
}

fn candidates(found: &SearchResult) -> Result<Vec<Candidate>> {
    let mut rows: Vec<_> = found.rows.iter().collect();
    rows.sort_by_key(|row| row.rank);
    let candidate = |row: &CandidateRow| {
        Ok(Candidate {
            parameters: named(&row.params)?,
            mean: row.mean,
            std: row.sd,
            fit_seconds: row.fit_seconds,
        })
    };
    rows.into_iter().map(candidate).collect()
}

/// Parameters as JSON has them.
fn named(parameters: &Params) -> Result<Map<String, Value>> {
    let one = |(name, value): (&String, &ParamValue)| Ok((name.clone(), serde_json::to_value(value)?));
    parameters.iter().map(one).collect()
}

fn scores(evaluation: &cratedigger_learn::Evaluation) -> TunedScores {
    TunedScores {
        accuracy: evaluation.summary.accuracy,
        accuracy_interval: evaluation.accuracy_interval().map(Ends::from),
        balanced_accuracy: evaluation.summary.balanced_accuracy,
        macro_f1: evaluation.summary.macro_f1,
        fit_seconds: evaluation.result.fit_seconds,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::learning::training::tests::{data, fold};
    use crate::learning::training::{baseline, train_and_test};

    #[test]
    fn the_best_candidate_is_tested_beside_the_default() {
        let (data, fold) = (data(), fold());
        let least = baseline(&data, &fold, 0).unwrap();
        let default = train_and_test(TUNED, &data, &fold, &least, 0).unwrap();
        let found = tune(&default, &data, &fold, 0, None).unwrap();
        assert_eq!(
            (found.n_search, found.n_folds, found.candidates.len()),
            (40, 3, 9)
        );
        assert_eq!(found.candidates[0].parameters, found.best);
        assert!(found.candidates.is_sorted_by(|a, b| a.mean >= b.mean));
        assert_eq!(found.before.accuracy, default.finding.accuracy);
        assert!((found.difference - (found.after.accuracy - found.before.accuracy)).abs() < 1e-12);
        let mut again = tune(&default, &data, &fold, 0, Some(1)).unwrap();
        again.after.fit_seconds = found.after.fit_seconds;
        again
            .candidates
            .iter_mut()
            .zip(&found.candidates)
            .for_each(|(a, b)| a.fit_seconds = b.fit_seconds);
        assert_eq!(found, again, "the threads change nothing");
    }
}
