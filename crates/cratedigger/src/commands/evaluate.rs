//! `cratedigger evaluate`: how well do methods, or a saved model, tell genres apart, on tracks that they were not trained on?

mod args;
mod by;
mod json;
mod pairs;
mod perturb;
mod promised;
mod report;
mod saved;
mod score;
mod sets;
mod several;
mod sources;
mod table;

use std::process::ExitCode;

use anyhow::{Result, bail};
use cratedigger_learn::search::Params;
use cratedigger_learn::{CvOptions, Evaluation, Method, evaluate, paired_tests};

pub(crate) use self::args::Args;
use self::args::methods;
use self::promised::Promised;
use self::report::Report;
use crate::console;
use crate::interrupt;
use crate::progress::{Progress, Unit};

pub(crate) fn run(args: &Args, progress: Progress) -> Result<ExitCode> {
    interrupt::say(format!("there are no scores; {}", args.data.kept()));
    if let Some(lists) = args.data.lists() {
        return several::run(args, lists, &methods(&args.method), progress);
    }
    if let Some(asked) = &args.sources {
        return sources::run(args, asked, &methods(&args.method), progress);
    }
    let mut report = match &args.model {
        Some(path) => score::score(args, path, progress)?,
        None => fit(args, progress)?,
    };
    for (method, reason) in &report.failed {
        console::note(&format!("{method} failed: {reason}"));
    }
    for warning in report.warnings() {
        console::note(&warning);
    }
    if report.evaluations.is_empty() {
        return Ok(ExitCode::from(2));
    }
    report.by = by::by(args, &report, progress)?;
    report.perturbed = perturb::perturb(args, &report, progress)?;
    let compared: Vec<&Evaluation> = report.evaluations.iter().collect();
    let tests = paired_tests(&compared, &report.training.data)?;
    let several = report.evaluations.len() + report.failed.len() > 1;
    if args.json {
        console::data((json::text(&report, &tests, several)? + "\n").as_bytes())?;
    } else if several {
        console::print(&table::comparison(&report, &tests))?;
    } else {
        console::print(&table::one(&report, &report.evaluations[0]))?;
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
    let wanted = args.data.wanted(args.pipeline.as_ref(), &methods);
    let training = args.data.load(&wanted, progress)?;
    let plan = args.folds.plan(&training)?.keeping(args.data.group());
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
    let promised = evaluations
        .iter()
        .map(|found| Promised::of(&args.promises, found, &training.data))
        .collect::<Result<_>>()?;
    Ok(Report {
        training,
        plan,
        seed,
        params,
        pipeline: args.pipeline.clone(),
        evaluations,
        promised,
        by: Vec::new(),
        perturbed: Vec::new(),
        failed,
        baseline,
        saved: None,
    })
}
