//! Many recordings to a table of genres, each by the way that `cratedigger classify` goes.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, ListBuilder, RecordBatch, StringArray, StringBuilder};
use cratedigger_collection::classify::{Question, Verdicts, classify};
use cratedigger_collection::rows::{Kind, Reading, gather, kind};
use cratedigger_collection::{Decoding, Nobody};
use cratedigger_features::{BatchOptions, Failure, Order, batch};
use cratedigger_learn::{Model, with_threads};
use pyo3::prelude::*;

use crate::errors;
use crate::many::{WINDOW, in_a_cell, inputs};
use crate::table::Table;
use crate::work::Stop;

/// What is asked of a model.
pub(crate) struct Asked {
    /// The model.
    pub(crate) model: Arc<Model>,
    /// Where recordings are decoded.
    pub(crate) decoding: Decoding,
    /// The probability below which no genre is named.
    pub(crate) threshold: Option<f64>,
    /// Threads.
    pub(crate) jobs: Option<NonZeroUsize>,
}

/// What the model says of each recording, in their order.
pub(crate) fn verdicts(asked: &Asked, uris: &[String], stop: &Stop) -> Vec<Result<Verdicts, Failure>> {
    let early = || Failure {
        stage: "internal",
        reason: "the work ended early".to_owned(),
    };
    let mut outcomes: Vec<Result<Verdicts, Failure>> = uris.iter().map(|_| Err(early())).collect();
    let options = BatchOptions::default()
        .n_threads(asked.jobs)
        .order(Order::LargestFirst);
    batch(
        &inputs(uris),
        options,
        WINDOW,
        |path| Ok(asked.one(path)),
        |row| {
            outcomes[row.index] = row.outcome.flatten();
            match stop.is_set() {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        },
    );
    outcomes
}

impl Asked {
    /// What the model says of one recording.
    fn one(&self, path: &Path) -> Result<Verdicts, Failure> {
        let failed = |stage: &'static str| move |reason: String| Failure { stage, reason };
        if path.is_dir() || kind(path) != Kind::Audio {
            return Err(failed("open")(
                "it is no recording: one is classified here, and rows of tables by predict".to_owned(),
            ));
        }
        let reading = Reading {
            jobs: Some(NonZeroUsize::MIN),
            decoding: Some(self.decoding.clone()),
            ..Reading::default()
        };
        let paths: [PathBuf; 1] = [path.to_owned()];
        let mut gathered = gather(&paths, &self.model, &reading, &mut std::io::empty(), &Nobody)
            .map_err(|error| failed("model")(error.in_one_line()))?;
        if gathered.ids.len() != 1 {
            return Err(told(gathered.failures.pop().unwrap_or_default(), path));
        }
        let question = Question {
            threshold: self.threshold,
            ..Question::default()
        };
        // A pool of its own: one that all share would not be there in a forked child.
        let said = with_threads(Some(1), || Ok(classify(&self.model, &gathered.x, question)));
        match said {
            Ok(Ok(verdicts)) => Ok(verdicts),
            Ok(Err(error)) => Err(failed("model")(error.in_one_line())),
            Err(error) => Err(failed("internal")(error.to_string())),
        }
    }
}

/// The stage and the reason of a line `PATH: stage: reason`.
fn told(line: String, path: &Path) -> Failure {
    let line = line
        .strip_prefix(&format!("{}: ", path.display()))
        .unwrap_or(&line);
    let stages = ["open", "probe", "decode", "features", "internal"];
    let of = |stage: &'static str| {
        let reason = line.strip_prefix(stage)?.strip_prefix(": ")?.to_owned();
        Some(Failure { stage, reason })
    };
    stages.into_iter().find_map(of).unwrap_or_else(|| Failure {
        stage: "features",
        reason: line.to_owned(),
    })
}

/// What is said of one recording.
pub(crate) struct Said<'a> {
    /// The genre, where one is named.
    pub(crate) genre: Option<&'a str>,
    /// `named` or `uncertain`.
    pub(crate) word: &'static str,
    /// The likeliest genre's score, and those of all.
    pub(crate) best: f64,
    pub(crate) scores: &'a [f64],
    pub(crate) are_probabilities: bool,
    /// Genres of which the true one is among as often as promised.
    pub(crate) set: Option<Vec<&'a str>>,
}

impl<'a> Said<'a> {
    /// Of the only row of verdicts.
    pub(crate) fn of(verdicts: &'a Verdicts, labels: &'a [String]) -> Self {
        let (said, class) = (verdicts.said[0], verdicts.classes[0]);
        let names = |set: &'a [usize]| set.iter().map(|&class| labels[class].as_str()).collect();
        Self {
            genre: said.genre().map(|class| labels[class].as_str()),
            word: said.word(),
            best: verdicts.scores[class],
            scores: &verdicts.scores,
            are_probabilities: verdicts.are_probabilities,
            set: verdicts.sets.as_ref().map(|sets| names(&sets.plain[0])),
        }
    }
}

/// A row for each recording: `uri`, `failure`, `genre`, `verdict`, its score, a column for each label, and the set, where the model
/// makes some.
pub(crate) fn table(
    uris: &[String],
    outcomes: &[Result<Verdicts, Failure>],
    (labels, has_sets): (&[String], bool),
) -> PyResult<Table> {
    let said: Vec<Option<Said<'_>>> = outcomes
        .iter()
        .map(|outcome| outcome.as_ref().ok().map(|verdicts| Said::of(verdicts, labels)))
        .collect();
    let texts = |of: &dyn Fn(&Said<'_>) -> Option<String>| -> ArrayRef {
        Arc::new(
            said.iter()
                .map(|said| said.as_ref().and_then(of))
                .collect::<StringArray>(),
        )
    };
    let numbers = |of: &dyn Fn(&Said<'_>) -> f64| -> ArrayRef {
        Arc::new(
            said.iter()
                .map(|said| said.as_ref().map(of))
                .collect::<Float64Array>(),
        )
    };
    let failures = outcomes
        .iter()
        .map(|outcome| outcome.as_ref().err().map(in_a_cell));
    let margins = said.iter().flatten().any(|said| !said.are_probabilities);
    let score = match margins {
        true => "decision",
        false => "probability",
    };
    let mut columns: Vec<(&str, ArrayRef, bool)> = vec![
        ("uri", Arc::new(StringArray::from_iter_values(uris)), false),
        ("failure", Arc::new(failures.collect::<StringArray>()), true),
        ("genre", texts(&|said| said.genre.map(str::to_owned)), true),
        ("verdict", texts(&|said| Some(said.word.to_owned())), true),
        (score, numbers(&|said| said.best), true),
    ];
    for (at, label) in labels.iter().enumerate() {
        columns.push((label, numbers(&|said| said.scores[at]), true));
    }
    if has_sets {
        let mut sets = ListBuilder::new(StringBuilder::new());
        for said in &said {
            let set = said.as_ref().and_then(|said| said.set.as_ref());
            if let Some(set) = set {
                set.iter().for_each(|genre| sets.values().append_value(genre));
            }
            sets.append(set.is_some());
        }
        columns.push(("set", Arc::new(sets.finish()), true));
    }
    let batch =
        RecordBatch::try_from_iter_with_nullable(columns).map_err(|error| errors::said(error.to_string()))?;
    Ok(Table::new(batch.schema(), vec![batch]))
}
