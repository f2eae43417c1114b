//! What comes of withholding answers: accuracies of the surest, answers above a threshold, sets; for people and as JSON.

use std::fmt::Write;

use anyhow::Result;
use cratedigger_learn::metrics::Interval;
use cratedigger_learn::model::ModelCard;
use cratedigger_learn::selective::{Answered, COVERAGES, RiskCoverage, RiskTarget, SetScores, confidences};
use cratedigger_learn::{Dataset, Evaluation, PredictionSets};
use serde_json::{Value, json};

use crate::commands::promises::PromiseArgs;

/// What came of promises on rows that had no part in them.
#[derive(Default)]
pub(super) struct Promised {
    answers: Option<Answers>,
    sets: Option<Sets>,
    /// Whether each tested row is answered, and its sets, in the order of the predictions.
    answered: Option<Vec<bool>>,
    of_rows: Option<PredictionSets>,
}

/// Answers above thresholds.
struct Answers {
    /// What was promised; `None` where a person chose the threshold.
    target: Option<RiskTarget>,
    /// The threshold of each half of each fold, or of the saved model; `None` where none keeps the promise.
    thresholds: Vec<Option<f64>>,
    found: Answered,
}

/// Prediction sets with their scores.
struct Sets {
    coverage: f64,
    plain: SetScores,
    per_class: SetScores,
    /// Rows, and coverage and mean size by both kinds, of each genre.
    by_class: Vec<Value>,
}

impl Promised {
    /// What comes of what is asked for, each half of a fold by the other.
    pub(super) fn of(args: &PromiseArgs, found: &Evaluation, data: &Dataset) -> Result<Self> {
        let answers = match args.target() {
            Some(target) => found.answers(data, target)?,
            None => None,
        };
        let sets = match args.coverage {
            Some(coverage) => found.sets(data, coverage)?,
            None => None,
        };
        Ok(Self {
            answered: answers.as_ref().map(|answers| answers.answered.clone()),
            answers: answers.map(|answers| Answers {
                target: Some(answers.target),
                thresholds: answers
                    .choices
                    .iter()
                    .map(|choice| choice.kept().map(|kept| kept.threshold))
                    .collect(),
                found: answers.found,
            }),
            sets: sets
                .as_ref()
                .map(|sets| Sets::new(sets, found, data))
                .transpose()?,
            of_rows: sets,
        })
    }

    /// What comes of what a saved model says of itself.
    pub(super) fn by_card(card: &ModelCard, found: &Evaluation, data: &Dataset) -> Result<Self> {
        let answered = match card.threshold {
            Some(threshold) => found.answered_above(data, threshold)?,
            None => None,
        };
        let sets = match (&card.sets, &found.predictions.proba) {
            (Some(sets), Some(proba)) => Some(PredictionSets::by(
                &sets.calibration,
                proba,
                &found.predictions.y_true,
            )?),
            _ => None,
        };
        let sure = found.predictions.proba.as_ref().map(confidences);
        Ok(Self {
            answered: card
                .threshold
                .zip(sure)
                .map(|(threshold, sure)| sure.iter().map(|&p| p >= threshold).collect()),
            answers: answered.map(|found| Answers {
                target: card.risk.as_ref().map(|risk| RiskTarget {
                    max_risk: risk.max_risk,
                    confidence: risk.confidence,
                }),
                thresholds: vec![card.threshold],
                found,
            }),
            sets: sets
                .as_ref()
                .map(|sets| Sets::new(sets, found, data))
                .transpose()?,
            of_rows: sets,
        })
    }

    /// Whether each tested row is answered, where not all are.
    pub(super) fn answered(&self) -> Option<&[bool]> {
        self.answered.as_deref()
    }

    /// The sets of each tested row.
    pub(super) fn sets(&self) -> Option<&PredictionSets> {
        self.of_rows.as_ref()
    }

    /// The fields that `--json` adds.
    pub(super) fn json(&self) -> (Value, Value) {
        let answers = self.answers.as_ref().map(|answers| {
            let found = &answers.found;
            json!({
                "max_risk": answers.target.map(|target| target.max_risk),
                "confidence": answers.target.map(|target| target.confidence),
                "thresholds": answers.thresholds,
                "n_answered": found.n_answered,
                "n_wrong": found.n_wrong,
                "coverage": found.coverage(),
                "risk": found.risk(),
                "risk_interval": found.interval.map(ends),
            })
        });
        let sets = self.sets.as_ref().map(|sets| {
            json!({
                "coverage": sets.coverage,
                "plain": scores(&sets.plain),
                "per_class": scores(&sets.per_class),
                "by_class": sets.by_class,
            })
        });
        (json!(answers), json!(sets))
    }

    /// Lines for people.
    pub(super) fn text(&self, text: &mut String) {
        if let Some(answers) = &self.answers {
            let found = &answers.found;
            let promise = answers.target.map_or_else(String::new, |target| {
                format!(
                    " for at most {} % wrong, confidence {} %",
                    percent(target.max_risk),
                    percent(target.confidence)
                )
            });
            let kept: Vec<f64> = answers.thresholds.iter().flatten().copied().collect();
            let from = match (
                kept.iter().copied().reduce(f64::min),
                kept.iter().copied().reduce(f64::max),
            ) {
                (Some(low), Some(high)) if low < high => {
                    format!("from a probability of {low:.4} to {high:.4} on")
                }
                (Some(low), _) => format!("from a probability of {low:.4} on"),
                _ => "at no probability".to_owned(),
            };
            let _ = writeln!(text, "\n  answers{promise}: {from}");
            let n_without = answers.thresholds.len() - kept.len();
            if n_without > 0 {
                let _ = writeln!(
                    text,
                    "  {n_without} of {} calibrating parts allow no threshold: too few artists, or too often wrong",
                    answers.thresholds.len()
                );
            }
            let risk = found.risk().map_or_else(String::new, |risk| {
                let interval = found.interval.map_or_else(String::new, |ends| {
                    format!(" (95 % interval {:.4} to {:.4})", ends.low, ends.high)
                });
                format!("; wrong of them {risk:.4}{interval}")
            });
            let _ = writeln!(
                text,
                "  answered {} of {} rows ({:.4}){risk}",
                found.n_answered,
                found.n_rows,
                found.coverage()
            );
        }
        if let Some(sets) = &self.sets {
            let _ = writeln!(
                text,
                "\n  sets that are to hold the genre in {} % of rows  held    interval          size  empty  one genre  right of these",
                percent(sets.coverage)
            );
            for (name, found) in [
                ("by all rows together", &sets.plain),
                ("by the rows of each genre", &sets.per_class),
            ] {
                let interval = found.interval.map_or_else(
                    || format!("{:<16}", "-"),
                    |ends| format!("{:.4} to {:.4}", ends.low, ends.high),
                );
                let right = match found.n_single {
                    0 => "-".to_owned(),
                    n => format!("{:.4}", found.n_single_right as f64 / n as f64),
                };
                let _ = writeln!(
                    text,
                    "  {name:<50}  {:.4}  {interval}  {:>4.2}  {:>5}  {:>9}  {right:>14}",
                    found.coverage(),
                    found.mean_size(),
                    found.n_empty,
                    found.n_single
                );
            }
        }
    }
}

impl Sets {
    fn new(sets: &PredictionSets, found: &Evaluation, data: &Dataset) -> Result<Self> {
        let predictions = &found.predictions;
        let rows: Vec<usize> = (0..predictions.rows.len()).collect();
        let groups = predictions.groups(data);
        let n_classes = data.n_classes();
        let plain = sets.plain.by_class(&predictions.y_true, n_classes);
        let per_class = sets.per_class.by_class(&predictions.y_true, n_classes);
        let by_class = data.classes.iter().zip(plain.iter().zip(&per_class));
        Ok(Self {
            coverage: sets.coverage,
            plain: sets.plain.scores(&rows, groups.as_deref())?,
            per_class: sets.per_class.scores(&rows, groups.as_deref())?,
            by_class: by_class
                .map(|(label, (plain, per_class))| {
                    json!({
                        "label": label,
                        "n": plain.n,
                        "coverage": plain.coverage(),
                        "mean_size": plain.mean_size(),
                        "coverage_per_class": per_class.coverage(),
                        "mean_size_per_class": per_class.mean_size(),
                    })
                })
                .collect(),
        })
    }
}

/// The curve as JSON: its areas, and its steps at a few coverages.
pub(super) fn curve_json(curve: Option<&RiskCoverage>) -> Value {
    json!(curve.map(|curve| {
        let at = COVERAGES.map(|coverage| {
            let point = curve.at(coverage);
            json!({
                "coverage": coverage,
                "answered": curve.coverage(&point),
                "threshold": point.threshold,
                "accuracy": 1.0 - point.risk(),
            })
        });
        json!({"aurc": curve.aurc, "augrc": curve.augrc, "accuracy_at": at})
    }))
}

/// A line for each method: how right the surest answers are.
pub(super) fn surest(evaluations: &[Evaluation], is_saved: bool, text: &mut String) {
    let found = || {
        evaluations
            .iter()
            .filter_map(|found| Some((found, found.risk_coverage.as_ref()?)))
    };
    if found().next().is_none() {
        return;
    }
    let width = found()
        .map(|(found, _)| found.method.name().len())
        .max()
        .unwrap_or(0)
        .max(8);
    let _ = write!(text, "\n  {:<width$}", "accuracy");
    for coverage in COVERAGES {
        let _ = write!(text, "  {:>7}", format!("{} %", 100.0 * coverage));
    }
    let _ = writeln!(text, "     AURC   AUGRC");
    for (found, curve) in found() {
        let _ = write!(text, "  {:<width$}", found.method.name());
        for coverage in COVERAGES {
            let _ = write!(text, "  {:>7.4}", 1.0 - curve.at(coverage).risk());
        }
        let _ = writeln!(text, "  {:>7.4} {:>7.4}", curve.aurc, curve.augrc);
    }
    let by = match is_saved {
        true => "the model's",
        false => "the scaled",
    };
    let _ = writeln!(
        text,
        "  of that share of rows which {by} probabilities are surest of; rows of equal probability stand together."
    );
}

/// Sets as JSON.
pub(super) fn scores(found: &SetScores) -> Value {
    json!({
        "n": found.n,
        "coverage": found.coverage(),
        "coverage_interval": found.interval.map(ends),
        "mean_size": found.mean_size(),
        "n_empty": found.n_empty,
        "n_single": found.n_single,
        "n_single_right": found.n_single_right,
    })
}

fn ends(interval: Interval) -> Value {
    json!({"low": interval.low, "high": interval.high, "level": interval.level})
}

/// `0.05` is `5`.
fn percent(share: f64) -> f64 {
    (1e6 * share).round() / 1e4
}
