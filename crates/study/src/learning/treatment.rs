//! What a treatment of outliers does to the scores: the finding `treatments`.
//!
//! The treatments are steps of the classifiers' own pipelines (`outliers=clip:3` and the like): centre and spread are those
//! of the training tracks, and the test tracks are treated with them.

use cratedigger_learn::{Dataset, Fold, LearnError, Method, Pipeline, hold_out_validate};
use cratedigger_stats::{holm_log10, mcnemar_clustered};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::Result;

/// The method that is trained once for each treatment: linear, so that a single enormous value can move it.
const METHOD: Method = Method::LINEAR_SVC;

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
    /// Training tracks.
    pub n_train: u64,
    /// Test tracks.
    pub n_test: u64,
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

/// Trains and tests one method with each treatment. Or one sentence that says why not.
///
/// # Errors
/// None but defects: what fails in a fit is the sentence.
pub fn treatments(
    data: &Dataset,
    fold: &Fold,
    threshold: f64,
    seed: u64,
) -> Result<std::result::Result<Treatments, LearnError>> {
    let results: std::result::Result<Vec<(String, u64, cratedigger_learn::FoldResult)>, LearnError> =
        TREATMENTS
            .par_iter()
            .map(|(treatment, after)| {
                let steps: Pipeline = format!("outliers={treatment}:{threshold}{after}").parse()?;
                let text = format!("{steps},standard");
                let x = steps.fit(&data.x.take_rows(&fold.train)?)?.transform(&data.x)?;
                let rows = fold.train.iter().chain(&fold.test);
                let n_changed = rows
                    .map(|&row| {
                        let pairs = data.x.row(row).iter().zip(x.row(row));
                        pairs.filter(|(before, after)| before != after).count() as u64
                    })
                    .sum();
                let treated = Dataset { x, ..data.clone() };
                let (_, scores) = hold_out_validate(&*METHOD.classifier(seed), &treated, fold, None)?;
                Ok((text, n_changed, scores))
            })
            .collect();
    let results = match results {
        Ok(results) => results,
        Err(error) => return Ok(Err(error)),
    };
    let y: Vec<usize> = fold.test.iter().map(|&row| data.y[row]).collect();
    let groups: Vec<i64> = match &data.groups {
        Some(groups) => fold.test.iter().map(|&row| groups[row]).collect(),
        None => (0..fold.test.len() as i64).collect(),
    };
    let keep = &results[0].2;
    let mut treatments: Vec<Treatment> = TREATMENTS
        .iter()
        .zip(&results)
        .map(|((name, _), (pipeline, n_changed, scores))| {
            let only = |right: &[usize], wrong: &[usize]| {
                let both = right.iter().zip(wrong).zip(&y);
                both.filter(|((right, wrong), truth)| right == truth && wrong != truth)
                    .count() as u64
            };
            let (n_this, n_keep) = (
                only(&scores.predicted, &keep.predicted),
                only(&keep.predicted, &scores.predicted),
            );
            let p = (n_this + n_keep > 0)
                .then(|| mcnemar_clustered(&y, &scores.predicted, &keep.predicted, &groups, 0.95).ok())
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
    Ok(Ok(Treatments {
        method: METHOD.name().to_owned(),
        threshold,
        n_train: fold.train.len() as u64,
        n_test: fold.test.len() as u64,
        treatments,
    }))
}
