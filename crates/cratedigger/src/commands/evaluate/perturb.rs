//! `--perturb`: the tested recordings changed in ways that leave their genre as it was, and answered again.

mod asked;
mod output;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use cratedigger_collection::rows::changed::{ChangedRows, Recordings};
use cratedigger_collection::rows::{Labelled, Reading};
use cratedigger_features::Change;
use cratedigger_learn::robustness::{Robustness, adjust};
use cratedigger_learn::{
    Evaluation, FittedPipeline, Fold, Matrix, Model, OutOfFold, hold_out_validate, with_threads,
};

pub(super) use self::asked::Changes;
use super::args::Args;
use super::report::Report;
use crate::console;
use crate::progress::{Progress, Unit};

/// The level of all intervals.
const LEVEL: f64 = 0.95;

/// What changes did to the answers of one method.
pub(super) struct Perturbed {
    /// Tested rows that have a recording, and all tested rows.
    n_recordings: (usize, usize),
    changes: Vec<OfChange>,
}

/// What one change did.
struct OfChange {
    change: Change,
    /// Recordings that give no features after it.
    n_failed: usize,
    /// `None` where no recording is left.
    found: Option<Robustness>,
}

/// What answers after a change as it did before.
enum Answering {
    /// The saved model.
    Saved(Box<Model>),
    /// The model of each fold, fitted once more.
    Fitted(Vec<FittedPipeline>),
}

impl Answering {
    fn classes(&self, fold: usize, x: &Matrix) -> Result<Vec<usize>> {
        Ok(match self {
            Self::Saved(model) => model.predict(x)?.classes,
            Self::Fitted(folds) => folds[fold].predict(x)?,
        })
    }
}

/// Changes the tested recordings, one change after another, and asks every method again.
pub(super) fn perturb(args: &Args, report: &Report, progress: Progress) -> Result<Vec<Perturbed>> {
    let Some(asked) = &args.perturb else {
        return Ok(Vec::new());
    };
    let (training, seed) = (&report.training, args.folds.seed);
    let paths = match args.audio.as_slice() {
        [] => args.data.paths(),
        named => named,
    };
    if paths.iter().any(|path| path.as_os_str() == "-") {
        bail!("--perturb reads the recordings once more: name their folder by --audio, not `-`");
    }
    let changes = asked.changes(seed, !args.audio.is_empty())?;
    let model = args.model.as_deref().map(Model::load).transpose()?;
    let tested: BTreeSet<usize> = report
        .evaluations
        .iter()
        .flat_map(|found| found.predictions.rows.iter().copied())
        .collect();
    let reading: Reading = args.data.reading(progress)?;
    let recordings = Recordings::of_rows(
        training,
        &tested,
        paths,
        model.as_ref(),
        &reading,
        &mut std::io::empty(),
    )
    .with_context(|| match args.audio.is_empty() {
        true => "--perturb changes recordings: name them as DATA, or by --audio",
        false => "--perturb changes the recordings that --audio names",
    })?;
    let (n_found, n_rows) = recordings.n_found();
    if n_found < n_rows {
        console::note(&format!(
            "{} of the {n_rows} tested rows have no recording among the audio; the others are changed",
            n_rows - n_found
        ));
    }
    let mut answering = match model {
        Some(model) => vec![Answering::Saved(Box::new(model))],
        None => fitted(args, report, progress)?,
    };
    let mut all: Vec<Perturbed> = answering
        .iter()
        .map(|_| Perturbed {
            n_recordings: (n_found, n_rows),
            changes: Vec::new(),
        })
        .collect();
    for &change in &changes {
        let mut rows = recordings.changed(change, &progress)?;
        let n_gaps = without_gaps(&mut rows, training)?;
        if let Some(first) = rows.failures.first() {
            console::note(&format!(
                "{}: {} of {n_found} recordings give no features, the first: {first}",
                change.in_words(),
                rows.failures.len()
            ));
        }
        let x = Matrix::new(rows.rows.len(), training.data.n_features(), rows.values)?;
        for ((found, answering), perturbed) in report.evaluations.iter().zip(&mut answering).zip(&mut all) {
            perturbed.changes.push(OfChange {
                change,
                n_failed: rows.failures.len() + n_gaps,
                found: compare(found, training, answering, (&rows.rows, &x))?,
            });
        }
    }
    for perturbed in &mut all {
        let mut found: Vec<&mut Robustness> = perturbed
            .changes
            .iter_mut()
            .filter_map(|of| of.found.as_mut())
            .collect();
        adjust(&mut found);
    }
    Ok(all)
}

/// The models of all folds of all methods.
fn fitted(args: &Args, report: &Report, progress: Progress) -> Result<Vec<Answering>> {
    let fit = |found: &Evaluation, fold: &Fold| {
        let classifier = found.method.classifier_with(&report.params, report.seed)?;
        let data = &report.training.data;
        let (fitted, _) = hold_out_validate(&*classifier, data, fold, report.pipeline.as_ref())?;
        Ok(fitted)
    };
    let mut answering = Vec::new();
    for found in &report.evaluations {
        let _job = progress.job(format!("{}, once more", found.method), Unit::Steps);
        let folds = &report.plan.folds;
        let fits = with_threads(args.data.n_jobs(), || {
            Ok(folds
                .iter()
                .map(|fold| fit(found, fold))
                .collect::<cratedigger_learn::Result<_>>())
        })?;
        answering.push(Answering::Fitted(fits?));
    }
    Ok(answering)
}

/// Leaves out rows that have a gap after the change where there was none before; how many.
fn without_gaps(rows: &mut ChangedRows, training: &Labelled) -> Result<usize> {
    let n_columns = training.data.n_features();
    let (mut kept, mut values) = (Vec::new(), Vec::new());
    let n = rows.rows.len();
    for (&row, changed) in rows.rows.iter().zip(rows.values.chunks(n_columns.max(1))) {
        let before = training.data.x.row(row).iter();
        if before.zip(changed).all(|(a, b)| b.is_finite() || !a.is_finite()) {
            kept.push(row);
            values.extend_from_slice(changed);
        }
    }
    (rows.rows, rows.values) = (kept, values);
    Ok(n - rows.rows.len())
}

/// The answers to the rows that could be changed, before and after.
fn compare(
    found: &Evaluation,
    training: &Labelled,
    answering: &Answering,
    (rows, x): (&[usize], &Matrix),
) -> Result<Option<Robustness>> {
    let OutOfFold {
        rows: tested,
        fold,
        y_true,
        predicted,
        ..
    } = &found.predictions;
    // Tested rows of each fold that could be changed, with their places among the changed ones.
    let mut of_fold: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
    for (at, row) in tested.iter().enumerate() {
        if let Ok(place) = rows.binary_search(row) {
            of_fold.entry(fold[at]).or_default().push((at, place));
        }
    }
    let mut after: BTreeMap<usize, usize> = BTreeMap::new();
    for (fold, places) in of_fold {
        let x = x.take_rows(&places.iter().map(|&(_, place)| place).collect::<Vec<_>>())?;
        let classes = answering.classes(fold, &x)?;
        after.extend(places.iter().map(|&(at, _)| at).zip(classes));
    }
    if after.is_empty() {
        return Ok(None);
    }
    let of = |values: &[usize]| -> Vec<usize> { after.keys().map(|&at| values[at]).collect() };
    let groups: Option<Vec<i64>> = found
        .predictions
        .groups(&training.data)
        .map(|groups| after.keys().map(|&at| groups[at]).collect());
    let after_all: Vec<usize> = after.values().copied().collect();
    Ok(Some(Robustness::new(
        &of(y_true),
        &of(predicted),
        &after_all,
        groups.as_deref(),
        training.data.n_classes(),
        LEVEL,
    )?))
}
