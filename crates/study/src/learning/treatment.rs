//! What a treatment of outliers does to the scores: the finding `treatments`.
//!
//! The treatments are steps of the classifiers' own pipelines (`outliers=clip:3` and the like): centre and spread are those
//! of the training tracks, and the test tracks are treated with them.

use cratedigger_learn::{Dataset, Fold, FoldResult, LearnError, Matrix, Method, Pipeline, hold_out_validate};
use cratedigger_stats::{holm_log10, mcnemar_clustered};
use serde::{Deserialize, Serialize};

/// The method that is trained once for each treatment: linear, so that a single enormous value can move it.
const METHOD: Method = Method::LINEAR_SVC;

/// Tracks on each side, at most about: five fits on all tracks of a large archive took longer than the rest of its study.
pub const LIMIT: usize = 10_000;

/// What becomes of outliers, and what is to follow so that no value is missing.
const TREATMENTS: [(&str, &str); 5] = [
    ("keep", ""),
    ("nan", ",impute=median"),
    ("mean", ""),
    ("median", ""),
    ("clip", ""),
];

/// The finding `treatments`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Treatments {
    /// The method that was trained: `linear-svc`.
    pub method: String,
    /// Standard deviations beyond which a value was treated.
    pub threshold: f64,
    /// Training tracks: whole artists, until there are about as many as the limit of 10,000.
    pub n_train: u64,
    /// Training tracks that there are. Absent in findings written before there was a limit.
    #[serde(default)]
    pub n_train_available: u64,
    /// Test tracks, limited likewise.
    pub n_test: u64,
    /// Test tracks that there are. Absent in findings written before there was a limit.
    #[serde(default)]
    pub n_test_available: u64,
    /// One entry for each treatment, `keep` first.
    pub treatments: Vec<Treatment>,
}

/// A treatment and its scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Treatment {
    /// `keep`, `nan` (missing, then the median of the others), `mean`, `median` or `clip`.
    pub treatment: String,
    /// The pipeline, as `cratedigger train --pipeline` takes it.
    pub pipeline: String,
    /// Values of training and test tracks that it changed.
    pub n_changed: u64,
    /// The accuracy on the test tracks.
    pub accuracy: f64,
    /// The balanced accuracy.
    pub balanced_accuracy: f64,
    /// The accuracy less that of `keep`.
    pub difference: f64,
    /// Test tracks that only this one got right.
    pub n_only_this_right: u64,
    /// Test tracks that only `keep` got right.
    pub n_only_keep_right: u64,
    /// The p-value of that difference by McNemar's test with artists as clusters (tracks where artists are not known);
    /// `null` for `keep`, and where no track tells the two apart.
    pub p: Option<f64>,
    /// The same, corrected after Holm for the four treatments.
    pub p_holm: Option<f64>,
}

/// Trains and tests one method with each treatment.
///
/// Both sides are whole artists, up to [`LIMIT`] tracks of each, and the treatments are made one after the other on these rows
/// alone: time and memory do not grow with the archive.
///
/// # Errors
/// Whatever a fit or a prediction returns.
pub fn treatments(data: &Dataset, fold: &Fold, threshold: f64, seed: u64) -> Result<Treatments, LearnError> {
    compare(data, fold, threshold, seed, LIMIT)
}

/// A treatment's pipeline, the values that it changed, and the scores that came of it.
type Treated = (String, u64, FoldResult);

fn compare(
    data: &Dataset,
    fold: &Fold,
    threshold: f64,
    seed: u64,
    limit: usize,
) -> Result<Treatments, LearnError> {
    let (mut rows, less) = limited(data, fold, limit, seed)?;
    let untreated = std::mem::replace(&mut rows.x, Matrix::new(0, 0, Vec::new())?);
    let train = untreated.take_rows(&less.train)?;
    let mut results: Vec<Treated> = Vec::with_capacity(TREATMENTS.len());
    for (treatment, after) in TREATMENTS {
        let steps: Pipeline = format!("outliers={treatment}:{threshold}{after}").parse()?;
        rows.x = steps.fit(&train)?.transform(&untreated)?;
        let pairs = untreated.as_slice().iter().zip(rows.x.as_slice());
        let n_changed = pairs.filter(|(before, after)| before != after).count() as u64;
        let (_, scores) = hold_out_validate(&*METHOD.classifier(seed), &rows, &less, None)?;
        results.push((format!("{steps},standard"), n_changed, scores));
    }
    let groups: Vec<i64> = match &rows.groups {
        Some(groups) => less.test.iter().map(|&row| groups[row]).collect(),
        None => (0..less.test.len() as i64).collect(),
    };
    let y: Vec<usize> = less.test.iter().map(|&row| rows.y[row]).collect();
    Ok(Treatments {
        method: METHOD.name().to_owned(),
        threshold,
        n_train: less.train.len() as u64,
        n_train_available: fold.train.len() as u64,
        n_test: less.test.len() as u64,
        n_test_available: fold.test.len() as u64,
        treatments: beside_keep(&results, &y, &groups),
    })
}

/// The rows of both sides alone, whole artists up to about `limit` of each, and the same division of them.
fn limited(data: &Dataset, fold: &Fold, limit: usize, seed: u64) -> Result<(Dataset, Fold), LearnError> {
    let groups = data.groups.as_deref();
    let turned = Fold {
        train: fold.test.clone(),
        test: Vec::new(),
    };
    let train = fold.with_less_training(groups, limit, seed).train;
    let test = turned.with_less_training(groups, limit, seed).train;
    let mut rows: Vec<usize> = train.iter().chain(&test).copied().collect();
    rows.sort_unstable();
    let places = |side: Vec<usize>| {
        side.iter()
            .filter_map(|row| rows.binary_search(row).ok())
            .collect()
    };
    let less = Fold {
        train: places(train),
        test: places(test),
    };
    Ok((data.take_rows(&rows)?, less))
}

/// Each treatment's scores beside those of the first, which leaves values alone; `y` and `groups` are those of the test rows.
fn beside_keep(results: &[Treated], y: &[usize], groups: &[i64]) -> Vec<Treatment> {
    let keep = &results[0].2;
    let mut treatments: Vec<Treatment> = TREATMENTS
        .iter()
        .zip(results)
        .map(|((name, _), (pipeline, n_changed, scores))| {
            let only = |right: &[usize], wrong: &[usize]| {
                let both = right.iter().zip(wrong).zip(y);
                both.filter(|((right, wrong), truth)| right == truth && wrong != truth)
                    .count() as u64
            };
            let (n_this, n_keep) = (
                only(&scores.predicted, &keep.predicted),
                only(&keep.predicted, &scores.predicted),
            );
            let p = (n_this + n_keep > 0)
                .then(|| mcnemar_clustered(y, &scores.predicted, &keep.predicted, groups, 0.95).ok())
                .flatten()
                .map(|test| test.p.value());
            Treatment {
                treatment: (*name).to_owned(),
                pipeline: pipeline.clone(),
                n_changed: *n_changed,
                accuracy: scores.accuracy,
                balanced_accuracy: scores.balanced_accuracy,
                difference: scores.accuracy - keep.accuracy,
                n_only_this_right: n_this,
                n_only_keep_right: n_keep,
                p,
                p_holm: None,
            }
        })
        .collect();
    // What no track tells apart is no evidence: its p counts as 1 among the four.
    let log10_p: Vec<f64> = treatments[1..]
        .iter()
        .map(|entry| entry.p.unwrap_or(1.0).log10())
        .collect();
    for (entry, corrected) in treatments[1..].iter_mut().zip(holm_log10(&log10_p)) {
        entry.p_holm = entry.p.map(|_| 10_f64.powf(corrected));
    }
    treatments
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::learning::training::tests::{data, fold};

    #[test]
    fn rows_are_whole_artists_up_to_the_limit() {
        let (data, fold) = (data(), fold());
        let (rows, less) = limited(&data, &fold, 11, 3).unwrap();
        // Artists have two tracks each.
        assert_eq!((less.train.len(), less.test.len(), rows.n_rows()), (12, 12, 24));
        assert!(less.train.is_sorted() && less.test.is_sorted());
        assert!(less.train.iter().all(|row| !less.test.contains(row)));
        let groups = rows.groups.as_ref().unwrap();
        let side = |rows: &[usize]| rows.iter().map(|&row| groups[row]).collect::<Vec<_>>();
        let whole = |groups: &[i64]| groups.chunks(2).all(|pair| pair[0] == pair[1]);
        assert!(whole(&side(&less.train)) && whole(&side(&less.test)));
        // Each row is still itself, on its side.
        let of_train: Vec<f32> = fold.train.iter().map(|&row| data.x.row(row)[0]).collect();
        assert!(
            less.train
                .iter()
                .all(|&row| of_train.contains(&rows.x.row(row)[0]))
        );
        assert!(
            less.test
                .iter()
                .all(|&row| !of_train.contains(&rows.x.row(row)[0]))
        );
        let (all, same) = limited(&data, &fold, LIMIT, 3).unwrap();
        assert_eq!((all.x, same), (data.x, fold));
    }

    #[test]
    fn each_treatment_is_that_pipeline_on_these_rows() {
        let (mut data, fold) = (data(), fold());
        // One training track is far out.
        let mut x = data.x.as_slice().to_vec();
        x[7] = 50.0;
        data.x = Matrix::new(60, 1, x).unwrap();
        let found = compare(&data, &fold, 3.0, 0, LIMIT).unwrap();
        assert_eq!(
            (
                found.n_train,
                found.n_train_available,
                found.n_test,
                found.n_test_available
            ),
            (40, 40, 20, 20)
        );
        let changed: Vec<u64> = found.treatments.iter().map(|entry| entry.n_changed).collect();
        assert_eq!(changed, [0, 1, 1, 1, 1]);
        for entry in &found.treatments {
            let pipeline: Pipeline = entry.pipeline.parse().unwrap();
            let (_, alone) =
                hold_out_validate(&*METHOD.classifier(0), &data, &fold, Some(&pipeline)).unwrap();
            assert_eq!(entry.accuracy, alone.accuracy, "{}", entry.treatment);
        }
        let less = compare(&data, &fold, 3.0, 0, 11).unwrap();
        assert_eq!((less.n_train, less.n_train_available, less.n_test), (12, 40, 12));
    }
}
