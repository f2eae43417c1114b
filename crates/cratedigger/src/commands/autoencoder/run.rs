//! What `cratedigger autoencoder` does.

use std::num::NonZeroUsize;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use cratedigger_catalog::feature_table::FeatureFormat;
use cratedigger_collection::codes::{CodedRecordings, OpenAutoencoder};
use cratedigger_collection::embedding::Describer;
use cratedigger_collection::rows::source::name_of;
use cratedigger_learn::autoencoder::{Autoencoder, AutoencoderCard, AutoencoderSettings};
use cratedigger_learn::{Watch, with_threads};
use serde_json::json;

use super::args::{Action, Args};
use crate::commands::embedding_args::is_autoencoder;
use crate::commands::output::Out;
use crate::commands::watching::Watching;
use crate::console;
use crate::interrupt;
use crate::progress::Progress;

pub(crate) fn run(args: &Args, progress: Progress) -> Result<ExitCode> {
    match &args.action {
        Action::Train { .. } => train(&args.action, progress)?,
        Action::Encode {
            cache,
            model,
            out,
            beside,
            jobs,
            force,
        } => {
            let Some(format) = FeatureFormat::of(out) else {
                bail!("--out {}: the name must end in .parquet or .csv", out.display());
            };
            let mut inputs = vec![model.clone()];
            inputs.extend(beside.clone());
            // Looks whether it may be written, before the work.
            drop(Out::open(out, *force, &inputs)?);
            let open = OpenAutoencoder::open(model)?;
            let recipe = open.autoencoder().card().frames.clone();
            let fewest = open.autoencoder().fewest_frames();
            let coded = CodedRecordings::open(cache, Some(&recipe), |_| Ok(fewest), *jobs, &progress)?;
            let (n_rows, n_without) =
                coded.write(&open, beside.as_deref(), (out, format), *jobs, &progress)?;
            if n_without > 0 {
                progress.say(&format!(
                    "{n_without} of {n_rows} rows have no frames; their cells of the code are empty"
                ));
            }
            console::print(&format!(
                "{}: {n_rows} rows, {} columns of the autoencoder\n",
                out.display(),
                open.columns().len()
            ))?;
        }
        Action::Show { model, json } => {
            let open = OpenAutoencoder::open(model)?;
            let text = match json {
                true => serde_json::to_string_pretty(&as_json(&open))? + "\n",
                false => in_words(&open),
            };
            console::data(text.as_bytes())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn train(action: &Action, progress: Progress) -> Result<()> {
    let Action::Train {
        cache,
        out,
        artists,
        params,
        seed,
        jobs,
        force,
        read,
    } = action
    else {
        return Ok(());
    };
    if !is_autoencoder(out) {
        bail!(
            "--out {}: the name must end in .cdauto, by which --embedding knows what it is",
            out.display()
        );
    }
    interrupt::say(format!(
        "no autoencoder was written; the same command goes on with the last whole epoch of {}",
        out.display()
    ));
    let params = params.iter().cloned().collect();
    let settings = AutoencoderSettings::new(&params, *seed)?;
    let file = Out::open(out, *force, artists.as_slice())?;
    let fewest = |n_bands| Ok(settings.fewest_frames(n_bands)?);
    let coded = CodedRecordings::open(cache, None, fewest, *jobs, &progress)?;
    let groups = match artists {
        Some(table) => Some(coded.artists(table, &read.reading(), &progress)?),
        None => None,
    };
    let watching = Watching::new(out, "all", "training the autoencoder".to_owned(), progress);
    let card = AutoencoderCard {
        source: name_of(cache),
        params,
        seed: *seed,
        ..AutoencoderCard::default()
    };
    let trained = with_threads(jobs.map(NonZeroUsize::get), || {
        let watch: &dyn Watch = &watching;
        Autoencoder::train(
            &settings,
            &coded.recordings,
            groups.as_deref(),
            Some(watch),
            card.clone(),
        )
    })?;
    file.write(&trained.to_bytes()?)?;
    watching.done();
    let curve = trained.curve();
    let losses = curve
        .iter()
        .map(|epoch| epoch.validation_loss.unwrap_or(epoch.train_loss));
    console::print(&format!(
        "{}: {} columns, trained on {} recordings in {} epochs, smallest squared error {:.4}\n",
        shown(out),
        trained.columns().len(),
        coded.ids.len(),
        curve.len(),
        losses.fold(f64::INFINITY, f64::min)
    ))?;
    Ok(())
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn as_json(open: &OpenAutoencoder) -> serde_json::Value {
    let curve = open.autoencoder().curve();
    json!({
        "card": open.autoencoder().card(),
        "hash": open.card().hash,
        "columns": open.columns(),
        "fewest_frames": open.autoencoder().fewest_frames(),
        "curve": curve.iter().map(|epoch| json!({
            "epoch": epoch.epoch,
            "train_loss": epoch.train_loss,
            "validation_loss": epoch.validation_loss,
        })).collect::<Vec<_>>(),
    })
}

fn in_words(open: &OpenAutoencoder) -> String {
    let card = open.autoencoder().card();
    let curve = open.autoencoder().curve();
    let columns = open.columns();
    let mut text = String::new();
    for (name, value) in [
        ("frames", card.frames.clone()),
        (
            "trained on",
            format!("{} recordings of {}", card.n_recordings, card.source),
        ),
        ("epochs", curve.len().to_string()),
        (
            "columns",
            format!(
                "{}: {} …",
                columns.len(),
                columns.first().map(String::as_str).unwrap_or_default()
            ),
        ),
        ("weights", format!("blake3 {}", open.card().hash)),
        ("made by", format!("cratedigger {}", card.cratedigger)),
    ] {
        text += &format!("{name:<12} {value}\n");
    }
    text
}
