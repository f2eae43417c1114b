//! What `--json` prints. Fields are added, never renamed.

use std::collections::BTreeMap;

use anyhow::Result;
use cratedigger_learn::metrics::{Interval, OneVsRest, PValue, ProbabilityScores};
use cratedigger_learn::model::{EmbeddingCard, UnknownRows};
use cratedigger_learn::search::Params;
use cratedigger_learn::{Evaluation, PairedTests};
use serde::Serialize;
use serde_json::Value;

use super::promised::{Promised, curve_json};
use super::report::Report;
use super::saved::Rows;
use crate::commands::belonging::Belonging;

/// One method: the whole output where one was asked for, an entry of `methods` where several were.
#[derive(Serialize)]
struct Scores<'a> {
    method: &'a str,
    n_rows: usize,
    n_features: usize,
    fold_accuracy: &'a [f64],
    mean_accuracy: f64,
    fold_balanced_accuracy: Vec<f64>,
    split: &'a str,
    seed: u64,
    classes: &'a [String],
    n_without_features: u64,
    /// Selected rows without frames, where a cache of them was named.
    n_without_frames: u64,
    n_incomplete_features: u64,
    /// Rows whose artist is not known; groups of artists, albums and doubles; rows that equal one of another group.
    n_without_artist: usize,
    n_groups: usize,
    n_doubles: usize,
    /// Artists and albums with rows on both sides of a fold, and the scored rows of these.
    n_artists_on_both_sides: usize,
    n_albums_on_both_sides: usize,
    n_tested_on_both_sides: usize,
    n_out_of_range: u64,
    fit_seconds: f64,
    /// `cross-validation`, `hold-out`, `given folds` or `saved model`.
    validation: &'a str,
    /// Rows that were tested; with folds all of them.
    n_tested: u64,
    /// Of all tested rows together, as everything below.
    accuracy: f64,
    /// Rows taken for independent of each other.
    wilson_interval: Ends,
    /// Groups (artists, with those that share an album with them) as what is independent of each other; null where nothing is
    /// known of them, or fewer than five.
    artist_interval: Option<Ends>,
    /// Artists of the tested rows; null where artists are unknown.
    n_artists: Option<usize>,
    /// Of the mean over the folds, corrected for training sets that overlap; null for one fold.
    fold_interval: Option<Ends>,
    balanced_accuracy: f64,
    macro_f1: f64,
    weighted_f1: f64,
    cohens_kappa: Option<f64>,
    matthews_corrcoef: f64,
    top_2_accuracy: Option<f64>,
    top_3_accuracy: Option<f64>,
    /// Mean over the folds, as the average precision.
    roc_auc: Option<Average>,
    average_precision: Option<Average>,
    /// Of the method's own probabilities; null where it has none.
    probability: Option<Probability>,
    /// After temperature scaling, each half of a fold's artists by the other half.
    calibrated: Option<Calibrated<'a>>,
    /// How right the surest answers are by these probabilities, or by a saved model's own; null without any.
    risk_coverage: Value,
    /// What came of `--max-risk`, or of a saved model's threshold; null without.
    answers: Value,
    /// What came of `--coverage`, or of a saved model's sets; null without.
    sets: Value,
    per_class: Vec<Class<'a>>,
    /// `confusion[true][predicted]`, in the order of `classes`.
    confusion: &'a [Vec<u64>],
    baseline_accuracy: f64,
    n_iter: Vec<Option<usize>>,
    converged: bool,
    predict_seconds: f64,
    /// Parameters that were set; the others had their defaults.
    params: &'a Params,
    /// Preprocessing that was asked for, or that of the saved model; null for what the method wants.
    pipeline: Option<String>,
    /// The embeddings that some of the features are of.
    embeddings: &'a [EmbeddingCard],
    /// What DATA was, and the recipe of its features where it is known.
    source: &'a str,
    recipe: Option<&'a str>,
    /// Scores by kinds of track; null where none were asked for.
    by: Value,
    /// What changes to the recordings did; null where none were asked for.
    perturbed: Value,
    /// The saved model that was scored; null where methods were fitted.
    model: Option<SavedModel<'a>>,
}

/// A saved model, and what the scored rows are to it.
#[derive(Serialize)]
struct SavedModel<'a> {
    file: &'a str,
    /// `held out` by its own split, `fitted` (the scores are of no use then) or `unknown`.
    rows: &'a str,
    /// Artists with rows on both sides of its split.
    n_artists_shared: Option<usize>,
    /// Rows of each genre that it does not know; they are left out.
    unknown_genres: &'a BTreeMap<String, u64>,
    /// Rows that it was fitted on, where they come from and their fingerprint.
    n_fitted: usize,
    fitted_on: &'a str,
    fingerprint: &'a str,
    temperature: Option<f64>,
    /// How many of the scored rows it calls unknown; null where it cannot tell.
    unknown: Option<UnknownRows>,
}

#[derive(Serialize)]
struct Ends {
    low: f64,
    high: f64,
    level: f64,
}

#[derive(Serialize)]
struct Average {
    #[serde(rename = "macro")]
    macro_average: Option<f64>,
    weighted: Option<f64>,
}

#[derive(Serialize)]
struct Probability {
    log_loss: f64,
    brier_score: f64,
    expected_calibration_error: f64,
}

#[derive(Serialize)]
struct Calibrated<'a> {
    temperatures: &'a [f64],
    #[serde(flatten)]
    scores: Probability,
}

#[derive(Serialize)]
struct Class<'a> {
    label: &'a str,
    precision: f64,
    recall: f64,
    f1: f64,
    support: u64,
    roc_auc: Option<f64>,
    average_precision: Option<f64>,
    /// Folds that have rows of the class and of others, over which both areas are means.
    n_folds: Option<usize>,
}

/// Several methods.
#[derive(Serialize)]
struct Comparison<'a> {
    methods: Vec<Scores<'a>>,
    comparisons: Vec<Pair>,
    failed: Vec<Failed<'a>>,
}

#[derive(Serialize)]
struct Failed<'a> {
    method: &'a str,
    reason: &'a str,
}

/// Two methods on the same rows.
#[derive(Serialize)]
struct Pair {
    first: &'static str,
    second: &'static str,
    /// The first accuracy less the second one.
    difference: f64,
    /// Over artists; over tracks where artists are unknown.
    interval: Ends,
    only_first_right: u64,
    only_second_right: u64,
    odds_ratio: Option<f64>,
    cohens_g: Option<f64>,
    mcnemar_exact: P,
    mcnemar_corrected: P,
    /// Artists, not tracks, taken for independent (sign flips).
    mcnemar_artists: Option<P>,
    corrected_t_test: Option<TTest>,
    /// The artists' p-value (McNemar's exact one where artists are unknown) after Holm's correction over all pairs.
    adjusted: P,
}

#[derive(Serialize)]
struct P {
    p: f64,
    log10_p: Option<f64>,
}

#[derive(Serialize)]
struct TTest {
    t: Option<f64>,
    df: f64,
    mean_difference: f64,
    interval: Ends,
    cohens_d: Option<f64>,
    #[serde(flatten)]
    p: P,
}

/// The JSON text, one object on one line.
pub(super) fn text(report: &Report, tests: &[PairedTests], several: bool) -> Result<String> {
    let mut methods: Vec<Scores> = report
        .evaluations
        .iter()
        .zip(&report.promised)
        .map(|(found, promised)| scores(report, found, promised))
        .collect();
    for (scores, by) in methods.iter_mut().zip(&report.by) {
        scores.by = by.json();
    }
    for (scores, perturbed) in methods.iter_mut().zip(&report.perturbed) {
        scores.perturbed = perturbed.json(&report.training.data.classes);
    }
    if !several && methods.len() == 1 {
        return Ok(serde_json::to_string(&methods.remove(0))?);
    }
    let failed = report.failed.iter();
    Ok(serde_json::to_string(&Comparison {
        methods,
        comparisons: tests.iter().map(pair).collect(),
        failed: failed
            .map(|(method, reason)| Failed {
                method: method.name(),
                reason,
            })
            .collect(),
    })?)
}

fn scores<'a>(report: &'a Report, found: &'a Evaluation, promised: &Promised) -> Scores<'a> {
    let (answers, sets) = promised.json();
    let (result, summary) = (&found.result, &found.summary);
    let Belonging { grouping, sides, .. } = &report.plan.belonging;
    let of_class =
        |scores: &Option<OneVsRest>, class: usize| scores.as_ref().and_then(|scores| scores.per_class[class]);
    Scores {
        method: found.method.name(),
        n_rows: result.n_rows,
        n_features: result.n_features,
        fold_accuracy: &result.fold_accuracy,
        mean_accuracy: result.mean_accuracy,
        fold_balanced_accuracy: result.folds.iter().map(|fold| fold.balanced_accuracy).collect(),
        split: &report.plan.split,
        seed: report.seed,
        classes: &report.training.data.classes,
        n_without_features: report.training.lost.n_without_features,
        n_without_frames: report.training.lost.n_without_frames,
        n_incomplete_features: report.training.lost.n_incomplete,
        n_without_artist: grouping.n_without_artist,
        n_groups: grouping.n_groups,
        n_doubles: grouping.n_doubles,
        n_artists_on_both_sides: sides.n_artists,
        n_albums_on_both_sides: sides.n_albums,
        n_tested_on_both_sides: sides.n_test,
        n_out_of_range: report.training.lost.out_of_range.n,
        fit_seconds: result.fit_seconds,
        validation: report.plan.validation,
        n_tested: summary.n,
        accuracy: summary.accuracy,
        wilson_interval: ends(summary.accuracy_interval),
        artist_interval: found.group_interval.map(ends),
        n_artists: found.n_groups,
        fold_interval: found.fold_interval.map(ends),
        balanced_accuracy: summary.balanced_accuracy,
        macro_f1: summary.macro_f1,
        weighted_f1: summary.weighted_f1,
        cohens_kappa: summary.cohens_kappa,
        matthews_corrcoef: summary.matthews,
        top_2_accuracy: summary.top_2_accuracy,
        top_3_accuracy: summary.top_3_accuracy,
        roc_auc: summary.roc_auc.as_ref().map(average),
        average_precision: summary.average_precision.as_ref().map(average),
        probability: summary.probability.map(probability),
        calibrated: found.calibrated.as_ref().map(|calibrated| Calibrated {
            temperatures: &calibrated.temperatures,
            scores: probability(calibrated.scores),
        }),
        risk_coverage: curve_json(found.risk_coverage.as_ref()),
        answers,
        sets,
        per_class: summary
            .per_class
            .iter()
            .enumerate()
            .map(|(class, score)| Class {
                label: &score.label,
                precision: score.precision,
                recall: score.recall,
                f1: score.f1,
                support: score.support,
                roc_auc: of_class(&summary.roc_auc, class),
                average_precision: of_class(&summary.average_precision, class),
                n_folds: found.class_folds.get(class).copied(),
            })
            .collect(),
        confusion: result.confusion.counts(),
        baseline_accuracy: report.baseline.summary.accuracy,
        n_iter: result.folds.iter().map(|fold| fold.n_iter).collect(),
        converged: found.converged(),
        predict_seconds: found.predict_seconds(),
        params: &report.params,
        pipeline: report.pipeline.as_ref().map(ToString::to_string),
        embeddings: &report.training.embeddings,
        source: &report.training.source,
        recipe: report.training.recipe.as_deref(),
        by: Value::Null,
        perturbed: Value::Null,
        model: report.saved.as_ref().map(|saved| SavedModel {
            file: &saved.file,
            rows: saved.rows.name(),
            n_artists_shared: match saved.rows {
                Rows::HeldOut { .. } => Some(sides.n_artists),
                Rows::Fitted | Rows::Unknown => None,
            },
            unknown_genres: &report.training.lost.unknown_labels,
            n_fitted: saved.card.data.n_rows,
            fitted_on: &saved.card.data.source,
            fingerprint: &saved.card.data.fingerprint,
            temperature: saved.card.temperature,
            unknown: saved.unknown,
        }),
    }
}

fn ends(interval: Interval) -> Ends {
    Ends {
        low: interval.low,
        high: interval.high,
        level: interval.level,
    }
}

fn average(scores: &OneVsRest) -> Average {
    Average {
        macro_average: scores.macro_average,
        weighted: scores.weighted_average,
    }
}

fn probability(scores: ProbabilityScores) -> Probability {
    Probability {
        log_loss: scores.log_loss,
        brier_score: scores.brier_score,
        expected_calibration_error: scores.ece,
    }
}

fn pair(test: &PairedTests) -> Pair {
    Pair {
        first: test.first.name(),
        second: test.second.name(),
        difference: test.mcnemar.difference,
        interval: ends(test.difference_interval()),
        only_first_right: test.mcnemar.only_first,
        only_second_right: test.mcnemar.only_second,
        odds_ratio: test.mcnemar.odds_ratio,
        cohens_g: test.mcnemar.cohens_g,
        mcnemar_exact: p(test.mcnemar.exact),
        mcnemar_corrected: p(test.mcnemar.corrected),
        mcnemar_artists: test.clustered.map(|clustered| p(clustered.p)),
        corrected_t_test: test.t_test.map(|t_test| TTest {
            t: finite(t_test.t),
            df: t_test.df,
            mean_difference: t_test.mean_difference,
            interval: ends(t_test.interval),
            cohens_d: t_test.cohens_d,
            p: p(t_test.p),
        }),
        adjusted: p(test.adjusted),
    }
}

fn p(value: PValue) -> P {
    P {
        p: value.value(),
        log10_p: finite(value.log10()),
    }
}

/// JSON has no infinity.
fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
