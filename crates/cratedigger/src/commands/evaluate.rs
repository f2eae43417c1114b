//! `cratedigger evaluate`: how well do methods tell genres apart, on tracks that they were not trained on?

mod json;
mod table;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;

use anyhow::{Context, Result, bail};
use cratedigger_learn::split::given_folds;
use cratedigger_learn::{
    CvOptions, Dataset, Evaluation, Fold, LearnError, Method, Splitter, evaluate, paired_tests,
};
use cratedigger_study::dataset::assemble;
use cratedigger_study::selection::Selection;
use cratedigger_study::{DataOptions, FeatureChoice, GenreChoice, LabelRule};

use super::source::{self, ReadArgs};
use crate::progress::{Progress, Unit};

/// Score classifiers on tracks that they were not trained on, and compare them
///
/// By default five folds that keep artists apart: with an artist on both sides a score says little about music of others.
/// `--test-size` holds out one part instead, and `--split official` tests on the dataset's own test part. Features are
/// standardised on the training tracks where a method wants it. Several methods see the same tracks and folds, and are
/// compared by paired tests.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cratedigger evaluate fma_metadata --method mlp --genres top:3
  cratedigger evaluate fma_metadata --method all --genres top:8 --split official
  cratedigger evaluate fma_metadata --method linear-svc,mlp --cv 10
  cratedigger evaluate fma_metadata --method mlp --test-size 0.25 --split stratified
  cratedigger evaluate fma_metadata --features mfcc,chroma_cens --genres Rock,Jazz
  cratedigger evaluate fma_metadata --features echonest --json")]
pub(crate) struct Args {
    /// A folder of the dataset's CSV files, or a store
    dir: PathBuf,

    /// The classifiers, with commas between them, or `all`
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_value = "mlp")]
    method: Vec<Methods>,

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

    /// Cross-validate with K folds: every track is tested once
    ///
    /// The default, with 5 folds, unless --test-size, --split official or --folds say otherwise.
    #[arg(long, value_name = "K")]
    cv: Option<usize>,

    /// Hold out this share of the tracks instead, and test on it once
    #[arg(long, value_name = "SHARE", conflicts_with = "cv")]
    test_size: Option<f64>,

    /// How tracks are divided: artist, artist-plain, official, stratified, random
    ///
    /// `artist` and `official` (the dataset's own hold-out) keep the tracks of an artist on one side; `stratified` and
    /// `random` do not, and flatter scores. `artist-plain` makes folds of equal size whatever their genres.
    #[arg(long, value_name = "KIND", default_value_t = Splitter::Artist)]
    split: Splitter,

    /// Take the folds from a JSON file instead: a list of lists of the track ids to test on
    #[arg(long, value_name = "FILE", conflicts_with_all = ["cv", "test_size", "split"])]
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

/// A method, or all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Methods {
    All,
    One(Method),
}

impl FromStr for Methods {
    type Err = LearnError;

    fn from_str(text: &str) -> std::result::Result<Self, LearnError> {
        match text.trim() {
            "all" => Ok(Self::All),
            name => name.parse().map(Self::One),
        }
    }
}

/// What was evaluated, and how.
struct Report {
    data: Dataset,
    selection: Selection,
    plan: Plan,
    seed: u64,
    /// The methods that could be fitted, in the order asked for.
    evaluations: Vec<Evaluation>,
    /// The others, with the reason.
    failed: Vec<(Method, String)>,
    /// Always the most frequent genre of the training tracks, on the same tracks.
    baseline: Evaluation,
}

/// The folds and where they come from.
struct Plan {
    folds: Vec<Fold>,
    /// `cross-validation`, `hold-out` or `given folds`.
    validation: &'static str,
    /// The kind of split, or the file of the folds.
    split: String,
    test_size: Option<f64>,
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
    let plan = plan(args, &data)?;
    let cv_options = CvOptions {
        n_jobs: args.jobs,
        ..CvOptions::default()
    };
    let fit = |method: Method| {
        evaluate(
            &*method.classifier(args.seed),
            &data,
            &plan.folds,
            &cv_options,
            args.seed,
        )
    };
    let methods = methods(&args.method);
    let baseline = fit(Method::Majority)?;
    let (mut evaluations, mut failed) = (Vec::new(), Vec::new());
    for &method in &methods {
        let job = progress.job(format!("{method}, {}", plan.in_words()), Unit::Steps);
        match fit(method) {
            Ok(evaluation) => evaluations.push(evaluation),
            // One method that fails does not end the comparison of the others.
            Err(error) if methods.len() > 1 => failed.push((method, error.to_string())),
            Err(error) => return Err(error.into()),
        }
        drop(job);
    }
    let report = Report {
        data,
        selection,
        plan,
        seed: args.seed,
        evaluations,
        failed,
        baseline,
    };
    for (method, reason) in &report.failed {
        eprintln!("{method} failed: {reason}");
    }
    for warning in report.warnings() {
        eprintln!("{warning}");
    }
    if report.evaluations.is_empty() {
        return Ok(ExitCode::from(2));
    }
    let compared: Vec<&Evaluation> = report.evaluations.iter().collect();
    let tests = paired_tests(&compared, &report.data)?;
    if args.json {
        println!("{}", json::text(&report, &tests, methods.len() > 1)?);
    } else if methods.len() > 1 {
        print!("{}", table::comparison(&report, &tests));
    } else {
        print!("{}", table::one(&report, &report.evaluations[0]));
    }
    Ok(ExitCode::from(u8::from(
        n_rejected > 0 || !report.failed.is_empty(),
    )))
}

/// The methods asked for, each once.
fn methods(asked: &[Methods]) -> Vec<Method> {
    let mut methods: Vec<Method> = Vec::new();
    for choice in asked {
        let named = match choice {
            Methods::All => Method::ALL,
            Methods::One(method) => std::slice::from_ref(method),
        };
        for method in named {
            if !methods.contains(method) {
                methods.push(*method);
            }
        }
    }
    methods
}

/// How the command line wants tracks to be divided.
fn plan(args: &Args, data: &Dataset) -> Result<Plan> {
    if let Some(path) = &args.folds {
        return Ok(Plan {
            folds: read_folds(path, data)?,
            validation: "given folds",
            split: format!("given by {}", path.display()),
            test_size: None,
        });
    }
    let split = args.split.name().to_owned();
    let official = args.split == Splitter::Official;
    if official && args.cv.is_some() {
        bail!("--split official has one test part and no folds; leave out --cv, or use --split artist");
    }
    if official && args.test_size.is_some() {
        bail!("--split official has a test part of its own; leave out --test-size, or use --split artist");
    }
    if official || args.test_size.is_some() {
        let test_size = args.test_size.unwrap_or(0.25);
        return Ok(Plan {
            folds: vec![args.split.hold_out(data, test_size, args.seed)?],
            validation: "hold-out",
            split,
            test_size: args.test_size,
        });
    }
    Ok(Plan {
        folds: args.split.k_fold(data, args.cv.unwrap_or(5), args.seed)?,
        validation: "cross-validation",
        split,
        test_size: None,
    })
}

impl Plan {
    /// Such as `5 folds by artist` or `a hold-out of 25 % by artist`.
    fn in_words(&self) -> String {
        let by = match self.split.as_str() {
            "artist" | "artist-plain" => "by artist".to_owned(),
            other => other.to_owned(),
        };
        match (self.folds.len(), self.test_size) {
            (1, Some(share)) => format!("a hold-out of {} %, {by}", share * 100.0),
            (1, None) if self.validation == "hold-out" => format!("a hold-out, {by}"),
            (1, None) => format!("1 fold, {by}"),
            (n, _) => format!("{n} folds, {by}"),
        }
    }
}

impl Report {
    /// What a reader must be told before believing the scores.
    fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let baseline = self.baseline.summary.accuracy;
        for found in self
            .evaluations
            .iter()
            .filter(|found| found.method != Method::Majority)
        {
            if found.summary.accuracy <= baseline {
                warnings.push(format!(
                    "warning: {} ({:.4}) is not better than always saying the most frequent genre ({baseline:.4})",
                    found.method, found.summary.accuracy
                ));
            }
            if !found.converged() {
                warnings.push(format!(
                    "warning: {} ended at its limit of iterations before it had converged",
                    found.method
                ));
            }
        }
        warnings
    }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn methods_are_listed_once_in_the_order_asked_for() {
        let parse = |text: &str| -> Vec<Method> {
            methods(
                &text
                    .split(',')
                    .map(|name| name.parse().unwrap())
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(parse("mlp,linear-svc,mlp"), [Method::Mlp, Method::LinearSvc]);
        assert_eq!(parse("all"), Method::ALL);
        assert_eq!(parse("mlp,all")[..2], [Method::Mlp, Method::ALL[0]]);
        assert!(
            "svm"
                .parse::<Methods>()
                .unwrap_err()
                .to_string()
                .contains("linear-svc")
        );
    }
}
