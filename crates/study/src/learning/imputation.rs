//! Genres for tracks that have none, and whether they help as training tracks: the finding `imputation`.

use std::collections::{HashMap, HashSet};

use cratedigger_catalog::Store;
use cratedigger_collection::impute::{self, OpenTracks, open_tracks};
use cratedigger_learn::selective::{Answered, RiskTarget, choose_threshold, confidences};
use cratedigger_learn::{
    Dataset, FittedPipeline, Fold, Matrix, Method, Splitter, evaluate_hold_out, paired_tests,
};
use serde::{Deserialize, Serialize};

use super::method_pairs::PValueFinding;
use super::methods::Ends;
use crate::error::Result;
use crate::options::StudyOptions;

/// The method that names and is scored: its fit is quick and its probabilities keep their word.
const METHOD: Method = Method::LOGISTIC_REGRESSION;

/// What is promised of the genres that the model names.
const TARGET: RiskTarget = RiskTarget {
    max_risk: 0.2,
    confidence: 0.9,
};

/// The share of the training tracks that chooses the threshold.
const CALIBRATING: f64 = 0.3;

/// The finding `imputation`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Imputation {
    /// The method that names, and is scored with and without what it named: `logistic-regression`.
    pub method: String,
    /// The share of the named genres that may be wrong.
    pub max_risk: f64,
    /// The confidence with which that is to hold.
    pub confidence: f64,
    /// The least probability that names a genre; `null` where none keeps the promise.
    pub threshold: Option<f64>,
    /// Tracks of the archive.
    pub n_tracks: u64,
    /// Those without a top genre.
    pub n_open: u64,
    /// Open tracks whose genres lead to one root: named by the rule.
    pub n_by_rule: u64,
    /// Open tracks that the model names.
    pub n_by_model: u64,
    /// Open tracks without complete features, and with several roots or none.
    pub n_without_features: u64,
    /// The rule on the test tracks, as if they had no top genre.
    pub rule: HiddenGenres,
    /// The model on the test tracks.
    pub model: HiddenGenres,
    /// The method without and with the named tracks among the training tracks.
    pub rescoring: Option<Rescoring>,
}

/// What is named of tracks whose genres are known and were hidden: whole artists, of which nothing was learnt.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct HiddenGenres {
    /// Tracks.
    pub n_tracks: u64,
    /// Those that were named.
    pub n_named: u64,
    /// Those of them whose genre is right.
    pub n_right: u64,
    /// The share of the named that is right; `null` without any.
    pub precision: Option<f64>,
    /// Its interval over artists; `null` with too few of them.
    pub precision_interval: Option<Ends>,
}

/// Scores on the test tracks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rescoring {
    /// Training tracks with a genre of their own.
    pub n_train: u64,
    /// Named tracks that were added; none is of an artist of a test track.
    pub n_added: u64,
    /// Named tracks that were not, since their artist, album or double is among the test tracks.
    pub n_of_test_artists: u64,
    /// Accuracy without them.
    pub accuracy_before: f64,
    /// Accuracy with them.
    pub accuracy_after: f64,
    /// The latter less the former.
    pub difference: f64,
    /// Its 95 % interval: over artists where they are known.
    pub difference_interval: Ends,
    /// Mean F1 of the genres without them.
    pub macro_f1_before: f64,
    /// Mean F1 of the genres with them.
    pub macro_f1_after: f64,
    /// The test of the difference, with artists as what is independent where they are known.
    pub p: PValueFinding,
}

/// Names what has no top genre, by the training tracks alone; `Err` inside: why not.
///
/// # Errors
/// Whatever a table or a fit returns.
pub(crate) fn imputation(
    store: &Store,
    options: &StudyOptions,
    (data, fold): (&Dataset, &Fold),
) -> Result<std::result::Result<Imputation, String>> {
    let all = match open_tracks(store, &options.data)? {
        Ok(all) => all,
        Err(reason) => return Ok(Err(reason)),
    };
    let at: HashMap<i64, usize> = all.data.row_ids.iter().copied().zip(0..).collect();
    let rows = |side: &[usize]| -> Vec<usize> {
        side.iter()
            .filter_map(|&row| at.get(&data.row_ids[row]).copied())
            .collect()
    };
    let (train, test) = (rows(&fold.train), rows(&fold.test));
    let (pipeline, threshold) = fit(&all.data.take_rows(&train)?, options.seed)?;
    let names = names(&pipeline, &all.data.x, threshold, all.class)?;
    let mut found = count(&all, &names);
    let tested = all.data.take_rows(&test)?;
    let hidden = |named: &dyn Fn(usize) -> Option<usize>| -> Result<HiddenGenres> {
        let said: Vec<Option<usize>> = test.iter().map(|&row| named(row)).collect();
        let right: Vec<bool> = said
            .iter()
            .zip(&tested.y)
            .map(|(said, y)| *said == Some(*y))
            .collect();
        let named: Vec<bool> = said.iter().map(Option::is_some).collect();
        Ok(hidden(&Answered::new(&named, &right, tested.groups.as_deref())?))
    };
    found.threshold = threshold;
    found.rule = hidden(&|row| by_rule(&all, row))?;
    found.model = hidden(&|row| names[row])?;
    found.rescoring = rescoring(&all, &names, (&train, &test), options.seed)?;
    Ok(Ok(found))
}

/// A model of the training tracks without some artists, and the least probability at which those artists' tracks keep the promise.
fn fit(train: &Dataset, seed: u64) -> Result<(FittedPipeline, Option<f64>)> {
    let split = match train.groups {
        Some(_) => Splitter::Artist,
        None => Splitter::Stratified,
    };
    let fold = split.hold_out(train, CALIBRATING, seed)?;
    let (pipeline, evaluation) = evaluate_hold_out(&*METHOD.classifier(seed), train, &fold, None, seed)?;
    let rows = train.take_rows(&evaluation.predictions.rows)?;
    let Some(proba) = pipeline.scores(&rows.x)?.probabilities else {
        return Ok((pipeline, None));
    };
    let right: Vec<bool> = evaluation.predictions.hits().collect();
    let chosen = choose_threshold(&confidences(&proba), &right, rows.groups.as_deref(), TARGET)?;
    Ok((pipeline, chosen.kept().map(|kept| kept.threshold)))
}

/// What the model names each row.
type Names = [Option<usize>];

fn names(
    pipeline: &FittedPipeline,
    x: &Matrix,
    threshold: Option<f64>,
    open: usize,
) -> Result<Vec<Option<usize>>> {
    let scores = pipeline.scores(x)?;
    let sure = scores.probabilities.as_ref().map(confidences);
    let named = |row: usize| {
        let enough = sure.as_ref()?[row] >= threshold?;
        Some(scores.class[row]).filter(|&class| enough && class != open)
    };
    Ok((0..x.n_rows()).map(named).collect())
}

/// The genre that all genres of a row lead to, where it is one of those that are told apart.
fn by_rule(all: &OpenTracks, row: usize) -> Option<usize> {
    let root = impute::by_rule(&all.roots[row])?;
    all.data.classes.iter().position(|class| class == root)
}

/// First the rule, then the model where the row's own genres do not speak against it.
fn name(all: &OpenTracks, names: &Names, row: usize) -> Option<usize> {
    let may_be = |class: &usize| impute::may_be(&all.roots[row], &all.data.classes[*class]);
    by_rule(all, row).or_else(|| names[row].filter(may_be))
}

fn count(all: &OpenTracks, names: &Names) -> Imputation {
    let (mut by_rule, mut by_model, mut without) = (0, 0, 0);
    for track in &all.open {
        match track.row {
            _ if impute::by_rule(&track.roots).is_some() => by_rule += 1,
            None => without += 1,
            Some(row) => by_model += u64::from(name(all, names, row).is_some()),
        }
    }
    Imputation {
        method: METHOD.name().to_owned(),
        max_risk: TARGET.max_risk,
        confidence: TARGET.confidence,
        threshold: None,
        n_tracks: all.n_tracks as u64,
        n_open: all.open.len() as u64,
        n_by_rule: by_rule,
        n_by_model: by_model,
        n_without_features: without,
        rule: HiddenGenres::default(),
        model: HiddenGenres::default(),
        rescoring: None,
    }
}

fn hidden(found: &Answered) -> HiddenGenres {
    HiddenGenres {
        n_tracks: found.n_rows,
        n_named: found.n_answered,
        n_right: found.n_answered - found.n_wrong,
        precision: found.risk().map(|risk| 1.0 - risk),
        precision_interval: found.interval.map(|ends| Ends {
            low: 1.0 - ends.high,
            high: 1.0 - ends.low,
        }),
    }
}

/// The method on the same test tracks, without and with the named tracks of other artists; `None` where none was named.
fn rescoring(
    all: &OpenTracks,
    names: &Names,
    (train, test): (&[usize], &[usize]),
    seed: u64,
) -> Result<Option<Rescoring>> {
    let groups = all.data.groups.as_ref();
    let tested: HashSet<i64> = groups
        .iter()
        .flat_map(|groups| test.iter().map(|&row| groups[row]))
        .collect();
    let of_test = |row: usize| groups.is_some_and(|groups| tested.contains(&groups[row]));
    let named: Vec<(usize, usize)> = (0..all.data.n_rows())
        .filter(|&row| all.data.y[row] == all.class)
        .filter_map(|row| Some((row, name(all, names, row)?)))
        .collect();
    let (kept_out, added): (Vec<_>, Vec<_>) = named.into_iter().partition(|&(row, _)| of_test(row));
    if added.is_empty() {
        return Ok(None);
    }
    // Rows as they are told apart now: training tracks, test tracks, added ones; no class of open tracks, which is the last.
    let (n_train, n_test) = (train.len(), test.len());
    let rows = [
        train,
        test,
        &added.iter().map(|&(row, _)| row).collect::<Vec<_>>(),
    ]
    .concat();
    let mut data = all.data.take_rows(&rows)?;
    data.classes.truncate(all.class);
    for (at, &(_, class)) in added.iter().enumerate() {
        data.y[n_train + n_test + at] = class;
    }
    let score = |added: std::ops::Range<usize>| {
        let fold = Fold {
            train: (0..n_train).chain(added).collect(),
            test: (n_train..n_train + n_test).collect(),
        };
        let scored = evaluate_hold_out(&*METHOD.classifier(seed), &data, &fold, None, seed)?;
        Ok::<_, cratedigger_learn::LearnError>(scored.1)
    };
    let end = n_train + n_test;
    let (before, after) = (score(end..end)?, score(end..data.n_rows())?);
    let test = &paired_tests(&[&after, &before], &data)?[0];
    let ends = test.difference_interval();
    Ok(Some(Rescoring {
        n_train: n_train as u64,
        n_added: added.len() as u64,
        n_of_test_artists: kept_out.len() as u64,
        accuracy_before: before.summary.accuracy,
        accuracy_after: after.summary.accuracy,
        difference: test.mcnemar.difference,
        difference_interval: Ends {
            low: ends.low,
            high: ends.high,
        },
        macro_f1_before: before.summary.macro_f1,
        macro_f1_after: after.summary.macro_f1,
        p: test.adjusted.into(),
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;

    use super::*;
    use cratedigger_collection::impute::OpenTrack;
    use cratedigger_stats::SeededRng;

    /// 480 tracks of 120 artists in two genres that one feature tells apart; every third artist's tracks are open, and of artists with a
    /// test track too.
    fn all() -> OpenTracks {
        let mut rng = SeededRng::new(4);
        let genre = |row: usize| row / 4 % 2;
        let values = (0..480)
            .map(|row| (4.0 * genre(row) as f64 + rng.uniform(-1.5, 1.5)) as f32)
            .collect();
        let is_open = |row: usize| (row / 4).is_multiple_of(3) || row % 8 == 7;
        let y = (0..480)
            .map(|row| if is_open(row) { 2 } else { genre(row) })
            .collect();
        let names = ["Folk", "Rock", "(open)"].map(str::to_owned).to_vec();
        let mut data = Dataset::new(Matrix::new(480, 1, values).unwrap(), y, names).unwrap();
        data.groups = Some((0..480).map(|row| row / 4).collect());
        let root = |row: usize| match row % 16 {
            7 => BTreeSet::from(["Folk".to_owned(), "Rock".to_owned()]),
            15 => BTreeSet::from(["Rock".to_owned()]),
            _ if is_open(row) => BTreeSet::from(["Jazz".to_owned(), "Folk".to_owned()]),
            _ => BTreeSet::from([["Folk", "Rock"][genre(row)].to_owned()]),
        };
        let roots: Vec<BTreeSet<String>> = (0..480).map(root).collect();
        let open = (0..480).filter(|&row| is_open(row)).map(|row| OpenTrack {
            roots: roots[row].clone(),
            row: Some(row),
        });
        OpenTracks {
            n_tracks: 480,
            open: open.collect(),
            class: 2,
            roots,
            data,
        }
    }

    #[test]
    fn no_named_track_of_a_test_artist_is_trained_on() {
        let all = all();
        let (train, test): (Vec<usize>, Vec<usize>) = (0..480)
            .filter(|&row| all.data.y[row] != 2)
            .partition(|row| row / 4 % 5 != 1);
        let (pipeline, threshold) = fit(&all.data.take_rows(&train).unwrap(), 0).unwrap();
        let threshold = threshold.unwrap();
        assert!((0.4..1.0).contains(&threshold), "{threshold}");
        let names = names(&pipeline, &all.data.x, Some(threshold), 2).unwrap();
        let found = rescoring(&all, &names, (&train, &test), 0).unwrap().unwrap();
        let named: Vec<usize> = (0..480)
            .filter(|&row| all.data.y[row] == 2 && name(&all, &names, row).is_some())
            .collect();
        let artists: BTreeSet<usize> = test.iter().map(|row| row / 4).collect();
        let apart = named.iter().filter(|row| !artists.contains(&(*row / 4))).count();
        assert_eq!(
            (found.n_train, found.n_added, found.n_of_test_artists),
            (train.len() as u64, apart as u64, (named.len() - apart) as u64)
        );
        assert!(apart > 0 && apart < named.len(), "{apart} of {}", named.len());
        assert!((found.difference - (found.accuracy_after - found.accuracy_before)).abs() < 1e-12);
        assert!(
            found.accuracy_before > 0.9 && found.macro_f1_before > 0.9,
            "{found:?}"
        );
        // The rule first, nothing against a track's own genres, and silence without a threshold.
        let counts = count(&all, &names);
        assert_eq!(counts.n_open as usize, all.open.len());
        assert_eq!(counts.n_by_rule, 30);
        assert_eq!((counts.n_by_rule + counts.n_by_model) as usize, named.len());
        let against =
            |row: &usize| !all.roots[*row].contains(&all.data.classes[name(&all, &names, *row).unwrap()]);
        assert!(!named.iter().any(against));
        let silent = super::names(&pipeline, &all.data.x, None, 2).unwrap();
        assert!(silent.iter().all(Option::is_none));
    }
}
