//! A saved model on rows that are given.

use std::path::Path;

use anyhow::Result;
use cratedigger_collection::rows::Wanted;
use cratedigger_collection::rows::source::name_of;
use cratedigger_learn::model::{Model, Seen, UnknownRows};
use cratedigger_learn::{Fold, evaluate_model, with_threads};

use super::args::Args;
use super::promised::Promised;
use super::report::Report;
use super::saved::{Rows, Saved};
use crate::commands::belonging::Belonging;
use crate::commands::folds::Plan;
use crate::progress::{Progress, Unit};

/// Scores a saved model.
pub(super) fn score(args: &Args, path: &Path, progress: Progress) -> Result<Report> {
    let model = Model::load(path)?;
    let training = args.data.load(&Wanted::by(&model), progress)?;
    let card = model.card().clone();
    let n_rows = training.data.n_rows();
    let all = || Fold {
        train: Vec::new(),
        test: (0..n_rows).collect(),
    };
    let (rows, fold) = match card.seen(&training.data) {
        Seen::All => (Rows::Fitted, all()),
        Seen::Unknown => (Rows::Unknown, all()),
        Seen::Part(fold) => {
            let n_fitted = fold.train.len();
            (Rows::HeldOut { n_fitted }, fold)
        }
    };
    let belonging = Belonging::of(&training.data, std::slice::from_ref(&fold));
    let job = progress.job(format!("scoring the {}", card.method), Unit::Steps);
    let seed = args.folds.seed;
    let scored = with_threads(args.data.n_jobs(), || {
        Ok(evaluate_model(&model, &training.data, &fold.test, seed))
    })?;
    let (evaluation, baseline) = scored?;
    drop(job);
    let unknown = model
        .novelty()
        .map(|novelty| UnknownRows::of(novelty, &training.data.x.take_rows(&fold.test)?))
        .transpose()?;
    let promised = vec![Promised::by_card(&card, &evaluation, &training.data)?];
    let fold = Fold {
        train: Vec::new(),
        test: fold.test,
    };
    Ok(Report {
        training,
        plan: Plan {
            folds: vec![fold],
            validation: "saved model",
            split: rows.name().to_owned(),
            test_size: None,
            belonging,
        },
        seed,
        params: card.params.clone(),
        pipeline: card.pipeline.parse().ok(),
        evaluations: vec![evaluation],
        promised,
        by: Vec::new(),
        perturbed: Vec::new(),
        failed: Vec::new(),
        baseline,
        saved: Some(Saved {
            file: name_of(path),
            card,
            rows,
            unknown,
        }),
    })
}
