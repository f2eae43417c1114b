//! `cratedigger evaluate`: how well do methods, or a saved model, tell genres apart, on tracks that they were not trained on?

mod json;
mod saved;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;

use anyhow::{Result, bail};
use cratedigger_learn::search::Params;
use cratedigger_learn::{
    CvOptions, Evaluation, LearnError, Method, ParamValue, Pipeline, evaluate, paired_tests, parse_param,
};

use self::saved::Saved;
use super::folds::{FoldArgs, Plan};
use super::training::{DataArgs, Training, Wanted};
use crate::progress::{Progress, Unit};

/// Score classifiers, or a saved model, on tracks that they were not trained on, and compare them
///
/// By default five folds that keep artists apart: with an artist on both sides a score says little about music of others.
/// `--test-size` holds out one part instead, and `--split official` tests on the dataset's own test part. Features are
/// standardised on the training tracks where a method wants it. Several methods see the same tracks and folds, and are
/// compared by paired tests.
///
/// With `--model FILE` nothing is fitted: the saved model is scored on all rows whose genre it knows. Where DATA is what it
/// was trained on, only the rows that its own split held out are scored; where that cannot be told, a warning says so.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cratedigger evaluate fma_metadata --method mlp --genres top:3
  cratedigger evaluate fma_metadata --method all --genres top:8 --split official
  cratedigger evaluate fma_metadata --method linear-svc,mlp --cv 10
  cratedigger evaluate fma_metadata --method mlp --test-size 0.25 --split stratified
  cratedigger evaluate fma_metadata --features mfcc,chroma_cens --genres Rock,Jazz
  cratedigger evaluate fma_metadata --features echonest --json
  cratedigger evaluate fma_metadata --method mlp --param alpha=0.01 --pipeline outliers=clip:5,standard
  cratedigger evaluate features.parquet --labels genres.csv --method linear-svc
  cratedigger evaluate music/ --labels genres.csv --features-out features.parquet
  cratedigger evaluate fma_metadata --model rock.cdmodel     the rows that it was not fitted on
  cratedigger evaluate new/ --labels new.csv --model rock.cdmodel

Exit codes: 0 all done; 1 some inputs failed, they are listed; 2 nothing could be done.")]
pub(crate) struct Args {
    #[command(flatten)]
    data: DataArgs,

    /// The classifiers, with commas between them, or `all`
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_value = "mlp")]
    method: Vec<Methods>,

    /// A parameter of the one method under scikit-learn's (or XGBoost's) name, such as `alpha=0.01`; repeatable
    ///
    /// With those that `tune` found, their score on folds of another seed is an honest one.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parse_param)]
    params: Vec<(String, ParamValue)>,

    /// Preprocessing, fitted on the training rows of each fold; default: `standard` for the methods that want it
    ///
    /// Steps with commas between them, as `train` has them: impute, outliers, log, quantile, standard, robust, none.
    #[arg(long, value_name = "STEPS")]
    pipeline: Option<Pipeline>,

    /// Score this saved model instead, without fitting anything
    ///
    /// Its recipe must be that of the features; audio is analysed by it. Rows of genres that it does not know are counted
    /// and left out.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["method", "params", "pipeline", "features", "cv", "test_size", "split", "folds"]
    )]
    model: Option<PathBuf>,

    #[command(flatten)]
    folds: FoldArgs,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
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
    training: Training,
    plan: Plan,
    seed: u64,
    /// The parameters that were set, and the preprocessing that was asked for.
    params: Params,
    pipeline: Option<Pipeline>,
    /// The methods that could be fitted, in the order asked for.
    evaluations: Vec<Evaluation>,
    /// The others, with the reason.
    failed: Vec<(Method, String)>,
    /// Always the most frequent genre of the training tracks, on the same tracks.
    baseline: Evaluation,
    /// The model that was scored, where it was there before.
    saved: Option<Saved>,
}

pub(crate) fn run(args: &Args, progress: Progress) -> Result<ExitCode> {
    let report = match &args.model {
        Some(path) => saved::score(args, path, progress)?,
        None => fit(args, progress)?,
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
    let tests = paired_tests(&compared, &report.training.data)?;
    let several = report.evaluations.len() + report.failed.len() > 1;
    if args.json {
        println!("{}", json::text(&report, &tests, several)?);
    } else if several {
        print!("{}", table::comparison(&report, &tests));
    } else {
        print!("{}", table::one(&report, &report.evaluations[0]));
    }
    Ok(ExitCode::from(u8::from(
        report.training.lost.any_failed() || !report.failed.is_empty(),
    )))
}

/// Fits the methods on every fold.
fn fit(args: &Args, progress: Progress) -> Result<Report> {
    let methods = methods(&args.method);
    let params: Params = args.params.iter().cloned().collect();
    if let ([_, _, ..], Some((name, _))) = (methods.as_slice(), params.first_key_value()) {
        bail!(
            "--param {name} is of one method, and {} are asked for",
            methods.len()
        );
    }
    args.folds.check()?;
    let seed = args.folds.seed;
    // Bad parameters are told before anything is read.
    for method in &methods {
        method.classifier_with(&params, seed)?;
    }
    let wanted = args.pipeline.as_ref().map(Wanted::to_fit).unwrap_or_default();
    let training = args.data.load(&wanted, progress)?;
    let plan = args.folds.plan(&training)?;
    let options = CvOptions {
        pipeline: args.pipeline.clone(),
        n_jobs: args.data.n_jobs(),
    };
    let fit = |method: Method, params: &Params| {
        let classifier = method.classifier_with(params, seed)?;
        evaluate(&*classifier, &training.data, &plan.folds, &options, seed)
    };
    let baseline = fit(Method::MAJORITY, &Params::new())?;
    let (mut evaluations, mut failed) = (Vec::new(), Vec::new());
    for &method in &methods {
        let job = progress.job(format!("{method}, {}", plan.in_words()), Unit::Steps);
        match fit(method, &params) {
            Ok(evaluation) => evaluations.push(evaluation),
            // One method that fails does not end the comparison of the others.
            Err(error) if methods.len() > 1 => failed.push((method, error.to_string())),
            Err(error) => return Err(error.into()),
        }
        drop(job);
    }
    Ok(Report {
        training,
        plan,
        seed,
        params,
        pipeline: args.pipeline.clone(),
        evaluations,
        failed,
        baseline,
        saved: None,
    })
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

impl Report {
    /// What a reader must be told before believing the scores.
    fn warnings(&self) -> Vec<String> {
        let mut warnings = match &self.saved {
            Some(saved) => saved.warnings(self),
            None => Vec::new(),
        };
        let baseline = self.baseline.summary.accuracy;
        for found in self
            .evaluations
            .iter()
            .filter(|found| found.method != Method::MAJORITY)
        {
            if found.summary.accuracy <= baseline {
                warnings.push(format!(
                    "warning: {} ({:.4}) is not better than always saying the most frequent genre ({baseline:.4})",
                    found.method, found.summary.accuracy
                ));
            }
            if self.saved.is_none() && !found.converged() {
                warnings.push(format!(
                    "warning: {} ended at its limit of iterations before it had converged",
                    found.method
                ));
            }
        }
        warnings
    }
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
        assert_eq!(parse("mlp,linear-svc,mlp"), [Method::MLP, Method::LINEAR_SVC]);
        assert_eq!(parse("all"), Method::ALL);
        assert_eq!(parse("mlp,all")[..2], [Method::MLP, Method::ALL[0]]);
        assert!(
            "svm"
                .parse::<Methods>()
                .unwrap_err()
                .to_string()
                .contains("linear-svc")
        );
    }
}
