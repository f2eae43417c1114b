//! `cratedigger audit`: which labels to listen to first, and which tracks are there twice.

mod args;
mod output;
mod summary;
#[cfg(feature = "tags")]
mod tagged;
mod trusted;

use std::process::ExitCode;

use anyhow::{Result, bail};
use cratedigger_collection::audit::entries;
use cratedigger_collection::rows::{Kind, Labelled, Wanted, kind};
use cratedigger_learn::audit::{Review, held_out_probabilities};
use cratedigger_learn::model::{Model, Seen};
use cratedigger_learn::{CvOptions, Method, ScoreMatrix, Splitter, with_threads};

pub(crate) use self::args::Args;
use self::output::Format;
use self::summary::By;
use super::folds::advise;
use super::output::Out;
use crate::console;
use crate::interrupt;
use crate::progress::{Progress, Unit};

pub(crate) fn run(args: &Args, progress: Progress) -> Result<ExitCode> {
    interrupt::say(format!("nothing was written; {}", args.data.kept()));
    let format = args.out.as_deref().map(Format::of).transpose()?;
    let out = match &args.out {
        Some(path) => Some(Out::open(path, args.force, args.data.paths())?),
        None => None,
    };
    let trusted_out = match &args.trusted {
        Some(path) => Some(Out::open(path, args.force, args.data.paths())?),
        None => None,
    };
    let model = args.model.as_deref().map(Model::load).transpose()?;
    let wanted = match &model {
        Some(model) => Wanted::by(model),
        None => args.data.wanted(None, &args.method),
    };
    let rows = load(args, &wanted, model.as_ref(), progress)?;
    let (rows, proba, by) = match &model {
        Some(model) => by_model(rows, model, progress)?,
        None => by_folds(args, rows, progress)?,
    };
    let job = progress.job("looking for doubles", Unit::Steps);
    let review = with_threads(args.data.n_jobs(), || Review::new(&rows.data, &proba))?;
    drop(job);
    if let Some(out) = trusted_out {
        let doubtful = entries(&rows.data, &rows.ids, &proba, &review, false);
        let (labels, n) = trusted::labels(&rows.data, &rows.ids, &doubtful);
        out.write(labels.as_bytes())?;
        progress.say(&format!(
            "nothing speaks against the labels of {n} of {} tracks; they are kept as a table of labels",
            rows.ids.len()
        ));
    }
    let entries = entries(&rows.data, &rows.ids, &proba, &review, args.all);
    if let (Some(out), Some(format)) = (out, format) {
        out.write(&format.bytes(&entries)?)?;
    }
    if args.json {
        console::data((output::json(&rows.data, &by, &review, &entries)? + "\n").as_bytes())?;
    } else {
        let text = summary::text(&rows, &by, &review, &entries, args.top);
        console::print(&text)?;
    }
    Ok(ExitCode::from(u8::from(rows.lost.any_failed())))
}

/// The rows, with genres from tables, from a file, or from the files' own tags.
fn load(args: &Args, wanted: &Wanted<'_>, model: Option<&Model>, progress: Progress) -> Result<Labelled> {
    let is_audio = args.data.paths().iter().all(|path| kind(path) == Kind::Audio);
    if !is_audio || args.data.labels_file().is_some() {
        return args.data.load(wanted, progress);
    }
    #[cfg(feature = "tags")]
    {
        use cratedigger_collection::rows::options::LabelSource;
        let labels = tagged::labels(args.data.paths(), model, progress)?;
        let source = LabelSource::File(labels.path().to_owned());
        args.data
            .load_labelled(wanted, &source, progress)
            .map_err(|error| error.context("genres of the files' own tags"))
    }
    #[cfg(not(feature = "tags"))]
    {
        let _ = model;
        bail!("this build reads no tags: build it with `--features tags`, or name genres by --labels FILE")
    }
}

/// What a saved model says of rows that it was not fitted on.
fn by_model(mut rows: Labelled, model: &Model, progress: Progress) -> Result<(Labelled, ScoreMatrix, By)> {
    match model.card().seen(&rows.data) {
        Seen::All => progress.say(
            "warning: the model was fitted on exactly these rows and repeats their labels; leave out --model, so that every row is \
             judged by models that did not see it",
        ),
        Seen::Part(fold) => {
            progress.say(&format!(
                "the model was fitted on {} of these rows; the {} others are audited",
                fold.train.len(),
                fold.test.len()
            ));
            rows.data = rows.data.take_rows(&fold.test)?;
            rows.ids = fold.test.iter().map(|&row| rows.ids[row].clone()).collect();
        }
        Seen::Unknown => {}
    }
    for (genre, n) in &rows.lost.unknown_labels {
        progress.say(&format!(
            "{n} rows of {genre} are left out: the model does not know it"
        ));
    }
    let seen = model.pipeline().transform(&rows.data.x)?;
    let Some(proba) = model.predict_seen(&seen)?.probabilities else {
        bail!(
            "a {} has no probabilities; train it with --calibrate",
            model.card().method
        );
    };
    let by = By::Model(model.card().method.to_string());
    Ok((rows, proba, by))
}

/// What models say that were fitted on other artists.
fn by_folds(args: &Args, rows: Labelled, progress: Progress) -> Result<(Labelled, ScoreMatrix, By)> {
    let split = match rows.data.groups {
        Some(_) => Splitter::Artist,
        None => {
            progress.say(
                "warning: no artist or album is known, so tracks of one artist judge each other: labels that are wrong for a whole \
                 artist are not found",
            );
            Splitter::Stratified
        }
    };
    let folds = split
        .k_fold(&rows.data, args.cv, args.seed)
        .map_err(|error| advise(split, error))?;
    let names: Vec<&str> = args.method.iter().map(|method| method.name()).collect();
    let job = progress.job(
        format!("{}, {} folds", names.join(" and "), folds.len()),
        Unit::Steps,
    );
    let options = CvOptions {
        pipeline: None,
        n_jobs: args.data.n_jobs(),
    };
    let mut methods: Vec<Method> = Vec::new();
    for &method in &args.method {
        if !methods.contains(&method) {
            methods.push(method);
        }
    }
    let proba = held_out_probabilities(&rows.data, &methods, &folds, &options, args.seed)?;
    drop(job);
    let by = By::Folds {
        methods: methods.iter().map(|method| method.name()).collect(),
        n_folds: folds.len(),
        split,
    };
    Ok((rows, proba, by))
}
