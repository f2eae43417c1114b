//! `cratedigger train`: one model, fitted, scored and kept.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use cratedigger_collection::rows::Labelled;
use cratedigger_learn::metrics::{Logits, PROBABILITY_FLOOR, TemperatureFit, TemperatureScaling};
use cratedigger_learn::model::{HoldOutCard, Model, Parts, UnknownRows};
use cratedigger_learn::search::Params;
use cratedigger_learn::{
    ConfusionMatrix, Dataset, FittedPipeline, Fold, Method, ParamValue, Pipeline, Splitter, parse_param,
};

use super::belonging::Belonging;
use super::data::DataArgs;
use super::fitting::{card, fit, keep_what_is_read};
use super::folds::{advise, read_folds};
use super::numbers::part;
use super::output::{Out, check_threshold};
use super::promises::PromiseArgs;
use super::styles::{Beside, StyleArgs};
use super::unknown::UnknownArgs;
use super::watching::Watching;
use crate::console;
use crate::interrupt;
use crate::progress::Progress;

/// Fit one classifier, score it on held-out tracks, and write it to a file
///
/// The model is fitted on the training rows of the split and scored on its test rows; the scores are kept with it, and how
/// the rows were split, so that `evaluate --model` finds the test rows again. With --refit it is then fitted once more on all
/// rows, and the file says so. With --styles the same file also names all genres of a track, along their tree.
///
/// DATA is the dataset's tables, a file of features, or audio; the latter two need --labels FILE, such as
///
///     path,genre,artist
///     blues/one.mp3,Blues,Someone
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cratedigger train fma_metadata --method mlp --genres top:3 --out rock.cdmodel
  cratedigger train fma_metadata --method linear-svc --param C=0.1 --split official --out svm.cdmodel
  cratedigger train features.parquet --labels genres.csv --pipeline impute=median,outliers=clip:5,standard --out own.cdmodel
  cratedigger train fma_metadata --calibrate --max-risk 0.05 --coverage 0.9 --test-size 0.4 --out sure.cdmodel
  cratedigger train fma_metadata --styles --threshold-for precision:0.8 --out styles.cdmodel
  cratedigger train fma_metadata --unknown 0.01 --out careful.cdmodel
  cratedigger train fma_metadata --inputs place,year --method stacking \\
    --param estimators='gradient-boosting@518; logistic-regression@place,year' --out both.cdmodel
  cratedigger train music/ --labels genres.csv --features-out features.parquet --out own.cdmodel
  cratedigger classify --model rock.cdmodel song.mp3

Pipelines: encode=target[:10][:count]|count (columns of categories; first), impute=mean|median|constant:0, outliers=keep|nan|mean|median|clip[:3][:robust], log, quantile=uniform|normal,
standard, robust, none; several with commas between them, fitted on training rows only.

Exit codes: 0 all done; 1 some inputs failed, they are listed; 2 nothing could be done.")]
pub(crate) struct Args {
    #[command(flatten)]
    data: DataArgs,

    /// The classifier
    #[arg(long, value_name = "NAME", default_value_t = Method::MLP)]
    method: Method,

    /// A parameter under scikit-learn's (or XGBoost's) name, such as `alpha=0.01` or `hidden_layer_sizes=[100,50]`; repeatable
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parse_param)]
    params: Vec<(String, ParamValue)>,

    /// Preprocessing; default: `standard` for the methods that want it
    #[arg(long, value_name = "STEPS")]
    pipeline: Option<Pipeline>,

    /// How test rows are held out: artist, artist-plain, stratified, random, official
    #[arg(long, value_name = "KIND", default_value_t = Splitter::Artist)]
    split: Splitter,

    /// Share of the rows to test on; the official split has its own
    #[arg(long, value_name = "SHARE", default_value_t = 0.25, value_parser = part)]
    test_size: f64,

    /// Take the test rows from a JSON file instead: one list of the ids to test on, as `evaluate --folds` reads it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["split", "test_size"])]
    folds: Option<PathBuf>,

    /// Fit once more on all rows after scoring
    #[arg(long)]
    refit: bool,

    /// Scale the probabilities by a temperature fitted on held-out rows, so that they say how often they are right
    ///
    /// Half of the held-out artists are taken for it, as for --max-risk and --coverage, and all scores are of the other half. Genres and
    /// their order stay. The linear support vector machine, which has none otherwise, gets probabilities. Rows that
    /// are nearly all right do not say how sure the model may be: the temperature is a cautious one then, and the card says so.
    #[arg(long)]
    calibrate: bool,

    /// Probability below which `classify` names no genre
    #[arg(long, value_name = "P", conflicts_with = "max_risk")]
    threshold: Option<f64>,

    #[command(flatten)]
    promises: PromiseArgs,

    #[command(flatten)]
    styles: StyleArgs,

    #[command(flatten)]
    unknown: UnknownArgs,

    /// Seed of everything random
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    /// The model file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// Replace the file if it is there
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(args: &Args, progress: Progress) -> Result<ExitCode> {
    check_threshold(args.threshold)?;
    interrupt::say(format!("no model was written; {}", args.data.kept()));
    let out = Out::open(&args.out, args.force, args.data.paths())?;
    let params: Params = args.params.iter().cloned().collect();
    // Bad parameters are told before anything is read.
    let classifier = args.method.classifier_with(&params, args.seed)?;
    args.styles.check(&*classifier)?;
    let wanted = args.data.wanted(args.pipeline.as_ref(), &[args.method]);
    let mut training = args.data.load(&wanted, progress)?;
    keep_what_is_read(&*classifier, &mut training.data)?;
    let data = &training.data;
    let default = || Pipeline::default_for(args.method, &data.feature_names);
    let pipeline = args.pipeline.clone().unwrap_or_else(default);
    let (parts, hold_out) = split(args, &training)?;
    let beside = Beside {
        training: &training,
        parts: &parts,
        hold_out: &hold_out,
        classifier: &*classifier,
        pipeline: &pipeline,
        refit: args.refit,
        seed: args.seed,
    };
    let styles = args.styles.learn(&args.data, &beside, progress)?;
    let (train, test) = (data.take_rows(&parts.train)?, data.take_rows(&parts.test)?);
    let calibration = match hold_out.calibrating {
        true => Some(data.take_rows(&parts.calibration)?),
        false => None,
    };
    let novelty = |rows: &Dataset| args.unknown.fit(rows, args.seed, args.data.n_jobs());
    // Before the fit: a rate that so few rows cannot keep is refused at once.
    let mut unknown = novelty(&train)?;
    let what = format!("training {}", args.method);
    let watching = Watching::new(&args.out, "scored", what, progress);
    let mut fitted = fit(
        &*classifier,
        &train,
        &pipeline,
        args.data.n_jobs(),
        Some(&watching),
    )?;
    let confusion = ConfusionMatrix::from_predictions(&test.y, &fitted.predict(&test.x)?, &data.classes)?;
    let temperature = match &calibration {
        Some(rows) if args.calibrate => Some(temperature(&fitted, &train, rows)?),
        _ => None,
    };
    let measured = match &unknown {
        Some(novelty) => UnknownRows::of(novelty, &test.x)?,
        None => UnknownRows::default(),
    };
    let mut card = card(&training, if args.refit { data } else { &train });
    card.set_scores(&confusion);
    card.params = params;
    card.seed = args.seed;
    card.threshold = args.threshold;
    if let Some(fit) = &temperature {
        card.set_temperature(fit);
    }
    card.split = format!(
        "{} split: fitted on {} rows, {}scored on {} others{}",
        hold_out.kind,
        train.n_rows(),
        calibration.as_ref().map_or_else(String::new, |rows| {
            format!("calibrated on {} others, ", rows.n_rows())
        }),
        test.n_rows(),
        match hold_out.kind.as_str() {
            HoldOutCard::GIVEN | "official" => String::new(),
            _ => format!(" (seed {})", args.seed),
        }
    );
    let belonging = Belonging::of(data, std::slice::from_ref(&parts.held_out()));
    card.notes.extend(belonging.cautions());
    card.notes.extend(belonging.doubles());
    card.hold_out = Some(hold_out);
    if let Some(rows) = &calibration {
        let model = Model::new(fitted, card)?;
        let made = args.promises.make(&model, rows, &test)?;
        (fitted, card) = model.into_parts();
        card.threshold = made
            .0
            .as_ref()
            .map_or(card.threshold, |risk| Some(risk.threshold));
        (card.risk, card.sets) = made;
    }
    let mut refitted = None;
    if args.refit {
        let what = format!("training {} on all rows", args.method);
        let again = Watching::new(&args.out, "all", what, progress);
        fitted = fit(&*classifier, data, &pipeline, args.data.n_jobs(), Some(&again))?;
        refitted = Some(again);
        unknown = novelty(data)?;
        card.notes.push(format!(
            "after it was scored the model was fitted again on all {} rows; the scores are those of the first fit",
            data.n_rows()
        ));
        if args.promises.any() {
            card.notes
                .push("what is promised was chosen and measured by the first fit too".to_owned());
        }
    }
    if !fitted.model().converged() {
        card.notes
            .push("the fit stopped at its limit of iterations before it converged".to_owned());
    }
    if let Some(accuracy) = fitted.model().out_of_bag_accuracy() {
        card.scores.insert("oob_score".to_owned(), accuracy);
    }
    if args.refit && unknown.is_some() {
        card.notes
            .push("how many of the reported rows are unknown was measured by the first fit".to_owned());
    }
    let mut model = Model::new(fitted, card)?;
    if let Some((styles, card)) = styles {
        model = model.with_styles(styles, card)?;
    }
    if let Some(novelty) = unknown {
        model = model.with_novelty(novelty, measured);
    }
    out.write(&model.to_bytes()?)?;
    [Some(watching), refitted]
        .into_iter()
        .flatten()
        .for_each(Watching::done);
    console::print(&format!("{}\nwritten to {}\n", model.card(), args.out.display()))?;
    Ok(ExitCode::from(u8::from(training.lost.any_failed())))
}

/// The rows to fit on, those that calibrate and those that are reported, and how they were chosen.
fn split(args: &Args, training: &Labelled) -> Result<(Parts, HoldOutCard)> {
    let calibrating = args.calibrate || args.promises.any();
    let Some(path) = &args.folds else {
        let hold_out = HoldOutCard {
            calibrating,
            group: args.data.group(),
            ..HoldOutCard::of_splitter(args.split, args.test_size, args.seed)
        };
        let parts = hold_out
            .parts(&training.data)
            .map_err(|error| advise(args.split, error))?;
        return Ok((parts, hold_out));
    };
    let folds = read_folds(path, training)?;
    let n_rows = training.data.n_rows();
    match <[Fold; 1]>::try_from(folds) {
        Ok([fold]) => {
            let hold_out = HoldOutCard {
                calibrating,
                seed: args.seed,
                ..HoldOutCard::given(&fold, n_rows)
            };
            Ok((hold_out.parts(&training.data)?, hold_out))
        }
        Err(folds) => bail!(
            "{} has {} folds, and a model has one list of test rows; `cratedigger evaluate --folds` scores by all of them",
            path.display(),
            folds.len()
        ),
    }
}

/// The temperature for rows that the model was not fitted on.
fn temperature(fitted: &FittedPipeline, train: &Dataset, rows: &Dataset) -> Result<TemperatureFit> {
    let scores = fitted.scores(&rows.x)?;
    let logits = Logits::of(
        scores.probabilities.as_ref(),
        scores.decision.as_ref(),
        PROBABILITY_FLOOR,
    )
    .context("the method has nothing to calibrate")?
    .without_unseen(&train.class_counts());
    TemperatureScaling::fit(&logits, &rows.y)
        .context("the probabilities cannot be calibrated on the held-out rows")
}
