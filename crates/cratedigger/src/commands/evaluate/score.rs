//! A saved model on rows that are given.

use std::path::Path;

use anyhow::Result;
use cratedigger_collection::rows::Wanted;
use cratedigger_collection::rows::source::name_of;
use cratedigger_learn::model::{Model, Seen};
use cratedigger_learn::{Fold, evaluate_model, with_threads};

use super::args::Args;
use super::report::Report;
use super::saved::{Rows, Saved};
use crate::commands::folds::{Plan, artists_on_both_sides};
use crate::progress::{Progress, Unit};

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
