//! The work of `cratedigger mel`.

use std::process::ExitCode;

use anyhow::{Result, bail};
use cratedigger_collection::extract::Inputs;
use cratedigger_collection::frames::{Job, run as compute};
use cratedigger_collection::{Decoding, FrameExtraction};
use cratedigger_features::{BatchOptions, FrameExtractor, FrameRecipe, Limits, LogScale, MelRecipe, Recipe};

use super::args::{Args, Kind, Log, MelArgs};
use crate::console;
use crate::interrupt;
use crate::progress::Progress;

pub(crate) fn run(args: &Args, progress: Progress) -> Result<ExitCode> {
    interrupt::say("frames that were computed are kept, and the same command goes on with them".to_owned());
    let mut limits = Limits::default().max_lost(args.max_lost);
    if let Some(seconds) = args.max_duration {
        limits = limits.max_duration_s(seconds);
    }
    if let Some(bytes) = args.max_bytes {
        limits = limits.max_bytes(bytes);
    }
    let recipe = recipe(args)?;
    let extractor = FrameExtractor::new(recipe)?;
    let inputs = Inputs::find(&args.paths, &mut std::io::stdin().lock())?;
    if let Some(reason) = inputs.nothing() {
        bail!("{reason}");
    }
    let decoding = Decoding::new(limits, args.helper.command()?.as_ref())?;
    let job = Job {
        extraction: &FrameExtraction::new(extractor, &decoding),
        inputs,
        out: &args.out,
        batch: BatchOptions::default().n_threads(args.jobs),
        verify: args.check,
    };
    let report = compute(&job, &progress)?;
    if report.n_kept > 0 {
        progress.say(&format!("{} of the recordings were there already", report.n_kept));
    }
    if report.n_replaced > 0 {
        progress.say(&format!(
            "{} of the recordings take the place of others of the same name: the file was changed, or is another one",
            report.n_replaced
        ));
    }
    if let Some(failures) = &report.failures {
        progress.say(&format!(
            "{} of {} inputs gave no frames; they are listed in {}",
            report.failed.len(),
            report.failed.len() + report.n_new + report.n_kept,
            failures.display()
        ));
    }
    if report.n_with_loss > 0 {
        progress.say(&format!(
            "{} of the recordings lost some of their sound, no more than {} %; recordings.csv says which and how much",
            report.n_with_loss,
            100.0 * args.max_lost
        ));
    }
    if report.n_new + report.n_kept == 0 {
        bail!(
            "none of the files gave frames; {} says why",
            report.failures.unwrap_or_default().display()
        );
    }
    console::print(&format!(
        "{}: {} recordings, {} frames of {} numbers, {:.1} MB{}, recipe {recipe}\n",
        report.folder.display(),
        report.n_recordings,
        report.n_frames,
        recipe.n_bands(),
        report.bytes as f64 * 1e-6,
        match report.unused_bytes {
            0 => String::new(),
            n => format!(
                " ({:.1} MB of them of recordings that were replaced; delete the folder to compute it anew)",
                n as f64 * 1e-6
            ),
        }
    ))?;
    Ok(ExitCode::from(u8::from(!report.failed.is_empty())))
}

/// What is to be computed.
fn recipe(args: &Args) -> Result<FrameRecipe> {
    let MelArgs {
        n_mels,
        sr,
        n_fft,
        hop_length,
        f_min,
        f_max,
        log,
    } = &args.mel;
    if args.kind == Kind::Descriptors {
        let given = [
            (n_mels.is_some(), "--n-mels"),
            (sr.is_some(), "--sr"),
            (n_fft.is_some(), "--n-fft"),
            (hop_length.is_some(), "--hop-length"),
            (f_min.is_some(), "--f-min"),
            (f_max.is_some(), "--f-max"),
            (log.is_some(), "--log"),
        ];
        if let Some((_, name)) = given.into_iter().find(|(given, _)| *given) {
            bail!("{name} is of --kind mel; the descriptors are those of the 518 features (--recipe)");
        }
        return Ok(FrameRecipe::Descriptors(args.recipe.unwrap_or(Recipe::Fma)));
    }
    if args.recipe.is_some() {
        bail!("--recipe is of --kind descriptors");
    }
    let default = MelRecipe::default();
    Ok(FrameRecipe::Mel(MelRecipe {
        sample_rate: sr.unwrap_or(default.sample_rate),
        n_fft: n_fft.unwrap_or(default.n_fft),
        hop_length: hop_length.unwrap_or(default.hop_length),
        n_mels: n_mels.unwrap_or(default.n_mels),
        f_min: f_min.unwrap_or(default.f_min),
        f_max: *f_max,
        log: match log {
            None => default.log,
            Some(Log::Log10OnePlus) => LogScale::Log10OnePlus,
            Some(Log::Db) => LogScale::Decibel,
        },
        ..default
    }))
}
