//! `cratedigger parts`: whether what many machines made is whole.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use cratedigger_collection::shards::{Manifest, Parts, Place, Recipe};
use cratedigger_features::Limits;

use crate::console;
use crate::progress::Progress;

/// Shards without a part that are named each; the others are counted.
const N_NAMED: usize = 50;

/// Check the parts of a sharded extraction: none missing, none twice
///
/// Every shard must have one part, all from the same manifest and recipe, with as many rows and failures as it had recordings, and no row
/// in two of them. What is missing is told with the command that makes it.
#[derive(clap::Args)]
#[command(after_help = "\
Exit codes: 0 the set is whole; 1 something is missing, there twice or damaged; 2 there are no parts.")]
pub(crate) struct Args {
    /// The folder or address that the parts were written to
    #[arg(value_name = "OUT")]
    out: PathBuf,

    /// Also compare the parts with the recordings of this manifest
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, _: Progress) -> Result<ExitCode> {
    let place = Place::of(&args.out)?;
    let manifest = args.manifest.as_deref().map(Manifest::open).transpose()?;
    let parts = Parts::look(&place, manifest.as_ref())?;
    if parts.of == 0 {
        bail!("there are no parts in {}", args.out.display());
    }
    for wrong in &parts.wrong {
        console::note(&format!("cratedigger: {wrong}"));
    }
    let named = args.manifest.as_deref().map(|path| path.display().to_string());
    let manifest = named.as_deref().unwrap_or("MANIFEST");
    for shard in parts.missing.iter().take(N_NAMED) {
        console::note(&format!(
            "shard {shard} is missing; make it with: cratedigger {} --manifest {manifest} --shard {shard} --out {}",
            parts
                .recipe
                .as_ref()
                .map_or_else(|| "extract".to_owned(), command),
            args.out.display()
        ));
    }
    if parts.missing.len() > N_NAMED {
        console::note(&format!("and {} more are missing", parts.missing.len() - N_NAMED));
    }
    console::print(&format!(
        "{}: {} of {} parts, {} rows and {} failures of {} recordings: {}\n",
        args.out.display(),
        parts.n_parts,
        parts.of,
        parts.n_rows,
        parts.n_failed,
        parts.n_inputs,
        match parts.is_whole() {
            true => "whole",
            false => "not whole",
        }
    ))?;
    Ok(ExitCode::from(u8::from(!parts.is_whole())))
}

/// The command that made a part, as far as the recipe tells.
fn command(recipe: &Recipe) -> String {
    let default = Limits::default();
    let mut text = match recipe.kind.as_str() {
        "genres" => "classify --model MODEL".to_owned(),
        _ => match recipe.recipe.split('/').next() {
            Some(name) if name != "fma" => format!("extract --recipe {name}"),
            _ => "extract".to_owned(),
        },
    };
    if !recipe.with.is_empty() && recipe.kind != "genres" {
        text += " --embedding NAME";
    }
    if recipe.max_duration_s != default.max_duration_s {
        text += &format!(" --max-duration {}", recipe.max_duration_s);
    }
    if recipe.max_bytes != default.max_bytes {
        text += &format!(" --max-bytes {}", recipe.max_bytes);
    }
    if recipe.max_lost != default.max_lost {
        text += &format!(" --max-lost {}", recipe.max_lost);
    }
    text
}
