//! `cratedigger train`: one model, fitted, scored and kept.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use cratedigger_learn::model::{Model, ModelCard};
use cratedigger_learn::search::{Params, Search};
use cratedigger_learn::{
    ConfusionMatrix, Dataset, FittedPipeline, Method, ParamValue, Pipeline, Rows, Splitter, parse_param,
};

use super::training::{DataArgs, Training, check_out};
use crate::progress::{Progress, Unit};

/// Fit one classifier, score it on held-out tracks, and write it to a file
///
/// The model is fitted on the training rows of the split and scored on its test rows; the scores are kept with it. With
/// --refit it is then fitted once more on all rows, and the file says so.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cratedigger train fma_metadata --method mlp --genres top:3 --out rock.cdmodel
  cratedigger train fma_metadata --method linear-svc --param C=0.1 --split official --out svm.cdmodel
  cratedigger train features.parquet --labels genres.csv --pipeline impute=median,outliers=clip:5,standard --out own.cdmodel
  cratedigger classify --model rock.cdmodel song.mp3

Pipelines: impute=mean|median|constant:0, outliers=keep|nan|mean|median|clip[:3][:robust], log, quantile=uniform|normal,
standard, robust, none; several with commas between them, fitted on training rows only.")]
pub(crate) struct Args {
    #[command(flatten)]
    data: DataArgs,

    /// The classifier
    #[arg(long, value_name = "NAME", default_value_t = Method::Mlp)]
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
    #[arg(long, value_name = "SHARE", default_value_t = 0.25)]
    test_size: f64,

    /// Fit once more on all rows after scoring
    #[arg(long)]
    refit: bool,

    /// Probability below which `classify` names no genre
    #[arg(long, value_name = "P")]
    threshold: Option<f64>,

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
    check_out(&args.out, args.force)?;
    check_threshold(args.threshold)?;
    let params: Params = args.params.iter().cloned().collect();
    let pipeline = args
        .pipeline
        .clone()
        .unwrap_or_else(|| Pipeline::default_of(args.method));
    // Bad parameters are told before anything is read.
    let classifier = Search::of(args.method, Vec::new(), args.seed).classifier(&params)?;
    let training = args.data.load(fills_missing(&pipeline), progress)?;
    let data = &training.data;
    let fold = args
        .split
        .hold_out(data, args.test_size, args.seed)
        .with_context(split_advice)?;
    let (train, test) = (data.take_rows(&fold.train)?, data.take_rows(&fold.test)?);
    let job = progress.job(format!("training {}", args.method), Unit::Steps);
    let mut fitted = FittedPipeline::fit_steps(&*classifier, rows(&train), &pipeline)?;
    let confusion = ConfusionMatrix::from_predictions(&test.y, &fitted.predict(&test.x)?, &data.classes)?;
    let mut card = card(&training, if args.refit { data } else { &train });
    card.set_scores(&confusion);
    card.params = params;
    card.seed = args.seed;
    card.threshold = args.threshold;
    card.split = format!(
        "{} split: fitted on {} rows, scored on {} others{}",
        args.split,
        train.n_rows(),
        test.n_rows(),
        if args.split == Splitter::Official {
            String::new()
        } else {
            format!(" (seed {})", args.seed)
        }
    );
    if args.refit {
        fitted = FittedPipeline::fit_steps(&*classifier, rows(data), &pipeline)?;
        card.notes.push(format!(
            "after it was scored the model was fitted again on all {} rows; the scores are those of the first fit",
            data.n_rows()
        ));
    }
    drop(job);
    if !fitted.model().converged() {
        card.notes
            .push("the fit stopped at its limit of iterations before it converged".to_owned());
    }
    let model = Model::new(fitted, card)?;
    model.save(&args.out)?;
    print!("{}", model.card());
    println!("\nwritten to {}", args.out.display());
    Ok(ExitCode::from(u8::from(training.n_rejected > 0)))
}

/// All rows of a data set.
pub(crate) fn rows(data: &Dataset) -> Rows<'_> {
    Rows {
        x: &data.x,
        y: &data.y,
        n_classes: data.n_classes(),
        sample_weight: None,
    }
}

/// The card of a model that is fitted on these rows.
pub(crate) fn card(training: &Training, fitted_on: &Dataset) -> ModelCard {
    let mut card = ModelCard::of(fitted_on);
    card.recipe.clone_from(&training.recipe);
    card.data.source.clone_from(&training.source);
    card
}

/// Whether missing values are filled before the model sees them.
pub(crate) fn fills_missing(pipeline: &Pipeline) -> bool {
    pipeline.to_string().contains("impute=")
}

/// What to do where a split is not possible.
pub(crate) fn split_advice() -> String {
    "the rows cannot be divided as asked; --split stratified needs no artists".to_owned()
}

pub(crate) fn check_threshold(threshold: Option<f64>) -> Result<()> {
    match threshold {
        Some(p) if !(0.0..=1.0).contains(&p) => {
            anyhow::bail!("--threshold {p}: a probability between 0 and 1")
        }
        _ => Ok(()),
    }
}
