//! `cratedigger model`: what is in a model file, and its export.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use cratedigger_learn::model::Model;

use super::output::Out;
use crate::console;
use crate::progress::Progress;

/// Features whose importance is shown.
const MOST_SHOWN: usize = 10;

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
    /// What the model is, what it was trained on, how well it does, and which features its trees go by
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
    /// and linear-svc (`decision_function` instead of probabilities). The styles of `train --styles` are not exported.
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
                true => console::data((serde_json::to_string_pretty(model.card())? + "\n").as_bytes())?,
                false => {
                    let important = most_important(&model).unwrap_or_default();
                    console::print(&format!("{}{important}", model.card()))?;
                }
            }
        }
        Action::Export { file, onnx, force } => {
            let out = Out::open(onnx, *force, std::slice::from_ref(file))?;
            let model = Model::load(file)?;
            out.write(&model.to_onnx()?)?;
            if model.styles().is_some() {
                progress.say("the ONNX file names the genre alone; the styles of the model are not exported");
            }
            progress.say(&format!("written to {}", onnx.display()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The features that matter most, as a table; `None` where the method does not know, or none matters.
fn most_important(model: &Model) -> Option<String> {
    let shares = model.pipeline().model().feature_importance()?;
    let mut features: Vec<(&String, f64)> = model.card().feature_names.iter().zip(shares).collect();
    features.retain(|(_, share)| *share > 0.0);
    // Stable: equal ones stay in the order of the columns.
    features.sort_by(|a, b| b.1.total_cmp(&a.1));
    let (n, shown) = (features.len(), features.len().min(MOST_SHOWN));
    let width = features[..shown].iter().map(|(name, _)| name.len()).max()?.max(7);
    let mut text = format!("\n{:<width$}  importance\n", "feature");
    for (name, share) in &features[..shown] {
        text += &format!("{name:<width$}  {share:>10.4}\n");
    }
    if n > shown {
        text += &format!("and {} more; all sum to 1\n", n - shown);
    }
    Some(text)
}
