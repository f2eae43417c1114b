//! `cratedigger model`: what is in a model file, and its export.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use cratedigger_collection::write_whole;
use cratedigger_learn::model::Model;

use super::output::check_out;
use crate::progress::Progress;

/// Show or export a model file
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cratedigger model show best.cdmodel
  cratedigger model show best.cdmodel --json
  cratedigger model export best.cdmodel --onnx best.onnx")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// What the model is, what it was trained on, and how well it does
    Show {
        /// The model file
        file: PathBuf,
        /// Print the whole card as one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Write the model, preprocessing included, in a format of other runtimes
    ///
    /// ONNX: input `features` (float, rows x features), outputs `label` and `probabilities`. For mlp, logistic-regression
    /// and linear-svc (`decision_function` instead of probabilities).
    Export {
        /// The model file
        file: PathBuf,
        /// The ONNX file to write
        #[arg(long, value_name = "FILE")]
        onnx: PathBuf,
        /// Replace the file if it is there
        #[arg(long)]
        force: bool,
    },
}

pub(crate) fn run(args: &Args, progress: Progress) -> Result<ExitCode> {
    match &args.action {
        Action::Show { file, json } => {
            let model = Model::load(file)?;
            match json {
                true => println!("{}", serde_json::to_string_pretty(model.card())?),
                false => print!("{}", model.card()),
            }
        }
        Action::Export { file, onnx, force } => {
            check_out(onnx, *force)?;
            write_whole(onnx, &Model::load(file)?.to_onnx()?)?;
            progress.say(&format!("written to {}", onnx.display()));
        }
    }
    Ok(ExitCode::SUCCESS)
}
