//! A saved model on rows that are given: which of them it has not seen, and what to say where that cannot be told.

use std::path::Path;

use anyhow::Result;
use cratedigger_collection::rows::Wanted;
use cratedigger_collection::rows::source::name_of;
use cratedigger_learn::model::{Model, ModelCard, Seen};
use cratedigger_learn::{Fold, evaluate_model, with_threads};

use super::{Args, Report};
use crate::commands::folds::{Plan, artists_on_both_sides};
use crate::progress::{Progress, Unit};

/// The model that was scored, and what it has seen.
pub(super) struct Saved {
    /// The name of its file, without the folder.
    pub(super) file: String,
    pub(super) card: ModelCard,
    pub(super) rows: Rows,
}

/// What the rows that were scored are to the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rows {
    /// Those that its own split held out, all others being those that it was fitted on.
    HeldOut {
        n_fitted: usize,
        n_artists_shared: usize,
    },
    /// Exactly those that it was fitted on.
    Fitted,
    /// Others, as far as the whole is concerned; some of them may be among those that it was fitted on.
    Unknown,
}

/// Scores a saved model.
pub(super) fn score(args: &Args, path: &Path, progress: Progress) -> Result<Report> {
    let model = Model::load(path)?;
    let training = args.data.load(&Wanted::by(&model), progress)?;
    let card = model.card().clone();
    let n_rows = training.data.n_rows();
    let (rows, test) = match card.seen(&training.data) {
        Seen::All => (Rows::Fitted, (0..n_rows).collect()),
        Seen::Unknown => (Rows::Unknown, (0..n_rows).collect()),
        Seen::Part(fold) => {
            let rows = Rows::HeldOut {
                n_fitted: fold.train.len(),
                n_artists_shared: artists_on_both_sides(&training.data, &fold),
            };
            (rows, fold.test)
        }
    };
    let job = progress.job(format!("scoring the {}", card.method), Unit::Steps);
    let seed = args.folds.seed;
    let scored = with_threads(args.data.n_jobs(), || {
        Ok(evaluate_model(&model, &training.data, &test, seed))
    })?;
    let (evaluation, baseline) = scored?;
    drop(job);
    let fold = Fold {
        train: Vec::new(),
        test,
    };
    Ok(Report {
        training,
        plan: Plan {
            folds: vec![fold],
            validation: "saved model",
            split: rows.name().to_owned(),
            test_size: None,
        },
        seed,
        params: card.params.clone(),
        pipeline: card.pipeline.parse().ok(),
        evaluations: vec![evaluation],
        failed: Vec::new(),
        baseline,
        saved: Some(Saved {
            file: name_of(path),
            card,
            rows,
        }),
    })
}

impl Rows {
    /// The word for them in the JSON output.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::HeldOut { .. } => "held out",
            Self::Fitted => "fitted",
            Self::Unknown => "unknown",
        }
    }
}

impl Saved {
    /// One line on which rows were scored.
    pub(super) fn in_words(&self, report: &Report) -> String {
        let n = report.evaluations.first().map_or(0, |found| found.summary.n);
        match self.rows {
            Rows::HeldOut { n_fitted, .. } => {
                format!("the {n} rows that its own split held out; it was fitted on the {n_fitted} others")
            }
            Rows::Fitted => format!("the {n} rows that it was fitted on"),
            Rows::Unknown => format!(
                "all {n} rows; it was fitted on {} rows{}",
                self.card.data.n_rows,
                match self.card.data.source.as_str() {
                    "" => String::new(),
                    source => format!(" of {source}"),
                }
            ),
        }
    }

    /// What a reader must be told before believing the scores.
    pub(super) fn warnings(&self, report: &Report) -> Vec<String> {
        let mut warnings = Vec::new();
        match self.rows {
            Rows::Fitted => warnings.push(
                "warning: the model was fitted on exactly these rows: the scores tell what it remembers, not how well it does \
                 on others"
                    .to_owned(),
            ),
            Rows::Unknown => warnings.push(
                "warning: whether the model was fitted on some of these rows cannot be told, since they are not the whole data \
                 that it was trained on; where it was, the scores flatter it"
                    .to_owned(),
            ),
            Rows::HeldOut { n_artists_shared, .. } => {
                if n_artists_shared > 0 {
                    warnings.push(format!(
                        "warning: {n_artists_shared} artists have rows both among those that the model was fitted on and among \
                         these, which flatters it"
                    ));
                }
                if self.card.temperature.is_some() {
                    warnings.push(
                        "warning: the model's temperature was fitted on these rows, which flatters its probabilities"
                            .to_owned(),
                    );
                }
            }
        }
        let silent = match (&self.card.recipe, &report.training.recipe) {
            (None, Some(_)) => Some("the model does not say by which recipe its"),
            (Some(_), None) => Some("the file, unlike --recipe NAME, does not say by which recipe its"),
            _ => None,
        };
        if let Some(silent) = silent {
            warnings.push(format!(
                "warning: {silent} features were computed; they were matched by name"
            ));
        }
        let unknown = &report.training.lost.unknown_labels;
        if !unknown.is_empty() {
            let named: Vec<String> = unknown
                .iter()
                .map(|(genre, n)| format!("{genre} ({n})"))
                .collect();
            warnings.push(format!(
                "warning: rows of genres that the model does not know are left out: {}",
                named.join(", ")
            ));
        }
        warnings
    }
}
