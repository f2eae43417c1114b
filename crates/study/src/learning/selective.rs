//! What can be trusted without listening: the finding `selective`.

use cratedigger_catalog::Store;
use cratedigger_catalog::feature_table::RowId;
use cratedigger_collection::rows::kinds::{NOT_KNOWN, TrackKind, TrackKinds};
use cratedigger_learn::selective::{COVERAGES, RiskCoverage, RiskTarget, SetScores};
use cratedigger_learn::{Answers, Dataset, Evaluation, Outcomes, PredictionSets};
use serde::{Deserialize, Serialize};

use super::methods::Ends;
use crate::error::Result;
use crate::places::Atlas;
use crate::places::located::Located;

/// What is promised of the answers: at most one in twenty wrong.
const TARGET: RiskTarget = RiskTarget {
    max_risk: 0.05,
    confidence: 0.95,
};

/// The share of sets that are to hold the genre.
const COVERAGE: f64 = 0.9;

/// What tracks are told apart by besides genre and continent, in the order of the findings.
const KINDS: [TrackKind; 3] = [TrackKind::Language, TrackKind::Year, TrackKind::BitRate];

/// Points of a curve.
const N_POINTS: u32 = 100;

/// The finding `selective`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Selective {
    /// The share of the answers that may be wrong.
    pub max_risk: f64,
    /// The confidence with which that is to hold.
    pub confidence: f64,
    /// The share of sets that are to hold the genre.
    pub coverage: f64,
    /// The methods with calibrated probabilities, in the order of `classifiers`.
    pub methods: Vec<SelectiveMethod>,
}

/// What a method's probabilities are worth. The two halves of the test artists calibrate each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SelectiveMethod {
    /// The method.
    pub name: String,
    /// Area under the risk-coverage curve.
    pub aurc: f64,
    /// Area under the generalised risk-coverage curve (Traub et al. 2024).
    pub augrc: f64,
    /// How right the surest tracks are.
    pub accuracy_at: Vec<AccuracyAt>,
    /// The curve, at up to 100 shares of the tracks.
    pub curve: Vec<CurvePoint>,
    /// What came of answering only where few answers are wrong.
    pub answers: AnswersFinding,
    /// Sets of genres by a promise about all tracks together.
    pub sets: SetsFinding,
    /// Sets of genres by a promise about the tracks of each genre by itself.
    pub sets_per_class: SetsFinding,
    /// The same by genre.
    pub by_genre: Vec<PartFinding>,
    /// The same by continent; empty where no track has a place.
    pub by_continent: Vec<PartFinding>,
    /// The same by language; empty where none is known of any track.
    pub by_language: Vec<PartFinding>,
    /// The same by year, five together; empty where none is known.
    pub by_year: Vec<PartFinding>,
    /// The same by bit rate; empty where none is known.
    pub by_bit_rate: Vec<PartFinding>,
}

/// The accuracy of the surest tracks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccuracyAt {
    /// The share that was asked for.
    pub coverage: f64,
    /// The share with ties: the first step that is not below it.
    pub answered: f64,
    /// The least probability of these tracks.
    pub threshold: f64,
    /// Their accuracy.
    pub accuracy: f64,
}

/// A point of the curve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// The share of the tracks that is answered.
    pub coverage: f64,
    /// The share of the answers that is wrong.
    pub risk: f64,
}

/// Answers above thresholds that other artists chose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnswersFinding {
    /// The least probability that each half of the test artists allows the other to answer; `null` where none keeps the promise.
    pub thresholds: Vec<Option<f64>>,
    /// Tracks that were answered.
    pub n_answered: u64,
    /// Those of them that are wrong.
    pub n_wrong: u64,
    /// The share of the tracks that was answered.
    pub coverage: f64,
    /// The share of the answers that is wrong; `null` without answers.
    pub risk: Option<f64>,
    /// Its interval over artists; `null` with too few of them.
    pub risk_interval: Option<Ends>,
}

/// Prediction sets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SetsFinding {
    /// The share of the sets that hold the genre.
    pub coverage: f64,
    /// Its interval over artists; `null` with too few of them.
    pub coverage_interval: Option<Ends>,
    /// Genres in a set, on average.
    pub mean_size: f64,
    /// Sets without a genre.
    pub n_empty: u64,
    /// Sets of one genre.
    pub n_single: u64,
    /// Those of them that are right.
    pub n_single_right: u64,
}

/// The tracks of one genre, continent, language, span of years or bit rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartFinding {
    /// Which; `not known` for tracks of which it is not known.
    pub label: String,
    /// Its test tracks.
    pub n_tracks: u64,
    /// Their artists, with what belongs to them; `null` where artists are not known.
    pub n_artists: Option<u64>,
    /// The share of the tracks that was named rightly.
    pub accuracy: f64,
    /// Its interval over artists; `null` with too few of them.
    pub accuracy_interval: Option<Ends>,
    /// The share of them that was answered.
    pub answered: f64,
    /// The share of the answers that is wrong; `null` without answers.
    pub risk: Option<f64>,
    /// Its interval over artists; `null` with too few of them.
    pub risk_interval: Option<Ends>,
    /// Sets by a promise about all tracks together.
    pub sets: SetsFinding,
    /// Sets by a promise about each genre by itself.
    pub sets_per_class: SetsFinding,
}

/// What the trained methods' probabilities are worth; `None` where none of them has any that could be calibrated.
///
/// # Errors
/// `Learn`.
pub(crate) fn selective(
    evaluations: &[&Evaluation],
    data: &Dataset,
    places: Option<(&Located, &Atlas)>,
    store: Option<&Store>,
) -> Result<Option<Selective>> {
    let kinds = match store {
        Some(store) => KINDS
            .into_iter()
            .map(|kind| Ok(Some(TrackKinds::read(store, kind)?)))
            .collect::<Result<Vec<_>>>()?,
        None => KINDS.map(|_| None).into(),
    };
    let mut methods = Vec::new();
    for &found in evaluations {
        let answers = found.answers(data, TARGET)?;
        let sets = found.sets(data, COVERAGE)?;
        if let (Some(answers), Some(sets), Some(curve)) = (answers, sets, &found.risk_coverage) {
            let found = Found {
                found,
                curve,
                answers: &answers,
                sets: &sets,
            };
            methods.push(method(&found, data, places, &kinds)?);
        }
    }
    Ok((!methods.is_empty()).then_some(Selective {
        max_risk: TARGET.max_risk,
        confidence: TARGET.confidence,
        coverage: COVERAGE,
        methods,
    }))
}

/// What was found of a method.
struct Found<'a> {
    found: &'a Evaluation,
    curve: &'a RiskCoverage,
    answers: &'a Answers,
    sets: &'a PredictionSets,
}

fn method(
    &Found {
        found,
        curve,
        answers,
        sets,
    }: &Found<'_>,
    data: &Dataset,
    places: Option<(&Located, &Atlas)>,
    kinds: &[Option<TrackKinds>],
) -> Result<SelectiveMethod> {
    let predictions = &found.predictions;
    let groups = predictions.groups(data);
    let all: Vec<usize> = (0..predictions.rows.len()).collect();
    let both = |rows: &[usize]| -> Result<[SetsFinding; 2]> {
        let of =
            |sets: &cratedigger_learn::selective::Sets| sets.scores(rows, groups.as_deref()).map(finding);
        Ok([of(&sets.plain)?, of(&sets.per_class)?])
    };
    let right: Vec<bool> = predictions.hits().collect();
    let outcomes = Outcomes {
        right: &right,
        groups: groups.as_deref(),
        answered: Some(&answers.answered),
        sets: None,
    };
    let part = |label: &str, rows: Vec<usize>| -> Result<PartFinding> {
        let found = outcomes.of(&rows)?;
        let [sets, sets_per_class] = both(&rows)?;
        let answered = found.answered.as_ref();
        Ok(PartFinding {
            label: label.to_owned(),
            n_tracks: found.n,
            n_artists: found.n_groups.map(|n| n as u64),
            accuracy: found.accuracy(),
            accuracy_interval: found.accuracy_interval.map(Ends::from),
            answered: answered.map_or(0.0, |answered| answered.coverage()),
            risk: answered.and_then(|answered| answered.risk()),
            risk_interval: answered.and_then(|answered| answered.interval).map(Ends::from),
            sets,
            sets_per_class,
        })
    };
    let parts = |labels: &[String], of: &dyn Fn(usize) -> Option<usize>| -> Result<Vec<PartFinding>> {
        let rows_of = |label: usize| {
            all.iter()
                .copied()
                .filter(|&row| of(row) == Some(label))
                .collect::<Vec<_>>()
        };
        let found = labels.iter().enumerate().map(|(at, label)| (label, rows_of(at)));
        found
            .filter(|(_, rows)| !rows.is_empty())
            .map(|(label, rows)| part(label, rows))
            .collect()
    };
    let by_continent = match places {
        None => Vec::new(),
        Some((located, atlas)) => {
            let of_track = located.continents(atlas);
            let of_row = |row: usize| {
                of_track
                    .get(&data.row_ids[predictions.rows[row]])
                    .copied()
                    .unwrap_or(NOT_KNOWN)
            };
            let mut labels: Vec<String> = all.iter().map(|&row| of_row(row).to_owned()).collect();
            labels.sort_unstable_by_key(|label| (label == NOT_KNOWN, label.clone()));
            labels.dedup();
            parts(&labels, &|row| {
                labels.iter().position(|label| label == of_row(row))
            })?
        }
    };
    let ids: Vec<RowId> = predictions
        .rows
        .iter()
        .map(|&row| RowId::Track(data.row_ids[row]))
        .collect();
    let of_kind = |kinds: &Option<TrackKinds>| -> Result<Vec<PartFinding>> {
        let parts = kinds.as_ref().map_or_else(Vec::new, |kinds| kinds.parts(&ids));
        // Where nothing is known there is nothing to tell apart.
        match parts.iter().any(|(label, _)| label != NOT_KNOWN) {
            true => parts
                .into_iter()
                .map(|(label, rows)| part(&label, rows))
                .collect(),
            false => Ok(Vec::new()),
        }
    };
    let mut by_kind = kinds.iter().map(of_kind).collect::<Result<Vec<_>>>()?.into_iter();
    let mut next = || by_kind.next().unwrap_or_default();
    let (by_language, by_year, by_bit_rate) = (next(), next(), next());
    let [plain, per_class] = both(&all)?;
    Ok(SelectiveMethod {
        name: found.method.name().to_owned(),
        aurc: curve.aurc,
        augrc: curve.augrc,
        accuracy_at: COVERAGES
            .iter()
            .map(|&coverage| {
                let point = curve.at(coverage);
                AccuracyAt {
                    coverage,
                    answered: curve.coverage(&point),
                    threshold: point.threshold,
                    accuracy: 1.0 - point.risk(),
                }
            })
            .collect(),
        curve: points(curve),
        answers: AnswersFinding {
            thresholds: answers
                .choices
                .iter()
                .map(|choice| choice.kept().map(|kept| kept.threshold))
                .collect(),
            n_answered: answers.found.n_answered,
            n_wrong: answers.found.n_wrong,
            coverage: answers.found.coverage(),
            risk: answers.found.risk(),
            risk_interval: answers.found.interval.map(Ends::from),
        },
        sets: plain,
        sets_per_class: per_class,
        by_genre: parts(&data.classes, &|row| Some(predictions.y_true[row]))?,
        by_continent,
        by_language,
        by_year,
        by_bit_rate,
    })
}

/// The curve at whole hundredths of the tracks, each step once.
fn points(curve: &RiskCoverage) -> Vec<CurvePoint> {
    let mut points: Vec<CurvePoint> = (1..=N_POINTS)
        .map(|at| curve.at(f64::from(at) / f64::from(N_POINTS)))
        .map(|point| CurvePoint {
            coverage: curve.coverage(&point),
            risk: point.risk(),
        })
        .collect();
    points.dedup();
    points
}

fn finding(scores: SetScores) -> SetsFinding {
    SetsFinding {
        coverage: scores.coverage(),
        coverage_interval: scores.interval.map(Ends::from),
        mean_size: scores.mean_size(),
        n_empty: scores.n_empty,
        n_single: scores.n_single,
        n_single_right: scores.n_single_right,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::learning::training::tests::{data, fold};
    use crate::learning::training::{baseline, train_and_test};
    use cratedigger_learn::Method;

    #[test]
    fn what_is_told_of_parts_adds_up_to_the_whole() {
        let (data, fold) = (data(), fold());
        let least = baseline(&data, &fold, 0).unwrap();
        let trained = train_and_test(Method::LOGISTIC_REGRESSION, &data, &fold, &least, 0).unwrap();
        let found = selective(&[&trained.evaluation], &data, None, None)
            .unwrap()
            .unwrap();
        let method = &found.methods[0];
        assert_eq!(
            (method.name.as_str(), method.by_continent.len()),
            ("logistic-regression", 0)
        );
        let last = method.curve.last().unwrap();
        assert_eq!(last.coverage, 1.0);
        assert!((1.0 - last.risk - method.accuracy_at[4].accuracy).abs() < 1e-12);
        assert!((1.0 - last.risk - trained.evaluation.summary.accuracy).abs() < 1e-12);
        assert!(method.curve.len() <= 20 && method.curve.is_sorted_by(|a, b| a.coverage < b.coverage));
        let n: u64 = method.by_genre.iter().map(|part| part.n_tracks).sum();
        let held: f64 = method
            .by_genre
            .iter()
            .map(|part| part.sets.coverage * part.n_tracks as f64)
            .sum();
        let right: f64 = method
            .by_genre
            .iter()
            .map(|part| part.accuracy * part.n_tracks as f64)
            .sum();
        assert!((right / 20.0 - trained.evaluation.summary.accuracy).abs() < 1e-12);
        assert_eq!(n, 20);
        assert!((held / 20.0 - method.sets.coverage).abs() < 1e-12);
        // Ten artists are too few for one in twenty with this confidence.
        assert_eq!(
            (
                method.answers.thresholds.len(),
                method.answers.n_answered,
                method.answers.risk
            ),
            (2, 0, None)
        );
        assert!(method.by_genre.iter().all(|part| part.answered == 0.0));
        // Of one artist nothing can be calibrated.
        let mut one = data.clone();
        one.groups = Some((0..60).map(|row| i64::from(row < 40)).collect());
        let trained = train_and_test(Method::LOGISTIC_REGRESSION, &one, &fold, &least, 0).unwrap();
        assert_eq!(selective(&[&trained.evaluation], &one, None, None).unwrap(), None);
    }
}
