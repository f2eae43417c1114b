//! `cratedigger evaluate`: one method, cross-validated.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use cratedigger_learn::split::given_folds;
use cratedigger_learn::{CvOptions, CvResult, Dataset, Fold, Method, Splitter, cross_validate};
use cratedigger_study::dataset::assemble;
use cratedigger_study::{DataOptions, FeatureChoice, GenreChoice, LabelRule};
use serde::Serialize;

use super::source::{self, ReadArgs};
use crate::progress::{Progress, Unit};

/// Score one classifier by cross-validation
///
/// Features are standardised on the training rows of each fold where the method wants it. The folds keep artists apart
/// unless told otherwise: with an artist on both sides a score says little about music of others.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cratedigger evaluate fma_metadata --method mlp --genres top:3
  cratedigger evaluate fma_metadata --method mlp --features mfcc,chroma_cens --genres Rock,Jazz --split stratified
  cratedigger evaluate fma_metadata --features echonest --cv 10 --json")]
pub(crate) struct Args {
    /// A folder of the dataset's CSV files, or a store
    dir: PathBuf,

    /// The classifier
    #[arg(long, value_name = "NAME", default_value_t = Method::Mlp)]
    method: Method,

    /// `all` columns of the features table, families of it such as `mfcc,chroma_cens`, or `echonest`
    ///
    /// `auto` takes all features where the table is there, Echonest's audio features otherwise.
    #[arg(long, value_name = "CHOICE", default_value_t = FeatureChoice::Auto)]
    features: FeatureChoice,

    /// `all`, the `top:N` most frequent ones, or names with commas between them
    #[arg(long, value_name = "CHOICE", default_value_t = GenreChoice::All)]
    genres: GenreChoice,

    /// Where a track's genre is taken from: `genre_top`, or `unambiguous`
    ///
    /// `unambiguous` takes the roots of all of a track's genres, and the tracks whose roots hold exactly one of the
    /// selected genres.
    #[arg(long, value_name = "RULE", default_value_t = LabelRule::GenreTop)]
    labels: LabelRule,

    /// Number of folds
    #[arg(long, value_name = "K", default_value_t = 5)]
    cv: usize,

    /// How rows are assigned to folds: artist, artist-plain, stratified, random
    #[arg(long, value_name = "KIND", default_value_t = Splitter::Artist)]
    split: Splitter,

    /// Take the folds from a JSON file instead: a list of lists of the track ids to test on
    #[arg(long, value_name = "FILE", conflicts_with_all = ["cv", "split"])]
    folds: Option<PathBuf>,

    /// Seed of everything random
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    /// Threads to use; the scores do not depend on it
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,

    /// Print one JSON object
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    read: ReadArgs,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Scores<'a> {
    method: &'a str,
    n_rows: usize,
    n_features: usize,
    fold_accuracy: &'a [f64],
    mean_accuracy: f64,
    fold_balanced_accuracy: Vec<f64>,
    split: String,
    seed: u64,
    classes: &'a [String],
    n_without_features: u64,
    n_incomplete_features: u64,
    fit_seconds: f64,
}

pub(crate) fn run(args: &Args, progress: Progress) -> Result<ExitCode> {
    let (store, n_rejected) = source::open(&args.dir, &args.read, progress)?;
    let options = DataOptions {
        genres: args.genres.clone(),
        labels: args.labels,
        features: args.features.clone(),
    };
    let (selection, data) = assemble(&store, &options)?.into_data()?;
    let (n_without, n_incomplete) = (selection.without_features.n, selection.incomplete_features.n);
    if n_without + n_incomplete > 0 {
        progress.say(&format!(
            "{n_without} of the selected tracks have no row of features and {n_incomplete} have empty cells in it; they take no part"
        ));
    }
    let folds = match &args.folds {
        Some(path) => read_folds(path, &data)?,
        None => args.split.k_fold(&data, args.cv, args.seed)?,
    };
    let classifier = args.method.classifier(args.seed);
    let job = progress.job(format!("{}, {} folds", args.method, folds.len()), Unit::Steps);
    let cv_options = CvOptions {
        n_jobs: args.jobs,
        ..CvOptions::default()
    };
    let result = cross_validate(&*classifier, &data, &folds, &cv_options)?;
    drop(job);
    let split = match &args.folds {
        Some(path) => format!("given by {}", path.display()),
        None => args.split.name().to_owned(),
    };
    if args.json {
        let scores = Scores {
            method: args.method.name(),
            n_rows: result.n_rows,
            n_features: result.n_features,
            fold_accuracy: &result.fold_accuracy,
            mean_accuracy: result.mean_accuracy,
            fold_balanced_accuracy: result.folds.iter().map(|fold| fold.balanced_accuracy).collect(),
            split,
            seed: args.seed,
            classes: &data.classes,
            n_without_features: n_without,
            n_incomplete_features: n_incomplete,
            fit_seconds: result.fit_seconds,
        };
        println!("{}", serde_json::to_string(&scores)?);
    } else {
        print!("{}", table(&data, &result, &split));
    }
    Ok(ExitCode::from(u8::from(n_rejected > 0)))
}

/// Folds of given track ids.
fn read_folds(path: &Path, data: &Dataset) -> Result<Vec<Fold>> {
    let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let ids: Vec<Vec<i64>> = serde_json::from_slice(&text)
        .with_context(|| format!("{} is not a JSON list of lists of track ids", path.display()))?;
    let row_of: HashMap<i64, usize> = data
        .row_ids
        .iter()
        .enumerate()
        .map(|(row, id)| (*id, row))
        .collect();
    let mut test_rows = Vec::with_capacity(ids.len());
    for fold in &ids {
        let mut rows = Vec::with_capacity(fold.len());
        for id in fold {
            match row_of.get(id) {
                Some(row) => rows.push(*row),
                None => bail!(
                    "{} tests on track {id}, which is not among the {} selected tracks with complete features",
                    path.display(),
                    data.n_rows()
                ),
            }
        }
        test_rows.push(rows);
    }
    given_folds(data.n_rows(), &test_rows).with_context(|| format!("the folds of {}", path.display()))
}

/// The scores for people: each fold, the mean, each class.
fn table(data: &Dataset, result: &CvResult, split: &str) -> String {
    use std::fmt::Write;
    let mut text = format!(
        "{}: {} rows x {} features, {} classes, {} folds, split {split}\n\n  fold  accuracy  balanced  test rows\n",
        result.method.name(),
        result.n_rows,
        result.n_features,
        data.n_classes(),
        result.folds.len()
    );
    for (i, fold) in result.folds.iter().enumerate() {
        let _ = writeln!(
            text,
            "  {:>4}  {:>8.4}  {:>8.4}  {:>9}",
            i + 1,
            fold.accuracy,
            fold.balanced_accuracy,
            fold.n_test
        );
    }
    let n_folds = result.folds.len() as f64;
    let balanced = result
        .folds
        .iter()
        .map(|fold| fold.balanced_accuracy)
        .sum::<f64>()
        / n_folds;
    let _ = writeln!(text, "  mean  {:>8.4}  {balanced:>8.4}\n", result.mean_accuracy);
    let width = data
        .classes
        .iter()
        .map(|c| c.chars().count())
        .max()
        .unwrap_or(0)
        .max(5);
    let _ = writeln!(text, "  {:<width$}  precision  recall      F1  support", "class");
    for (class, score) in data.classes.iter().zip(result.confusion.per_class()) {
        let _ = writeln!(
            text,
            "  {class:<width$}  {:>9.4}  {:>6.4}  {:>6.4}  {:>7}",
            score.precision, score.recall, score.f1, score.support
        );
    }
    let _ = writeln!(text, "\n  fitted in {:.1} s (all folds)", result.fit_seconds);
    text
}
