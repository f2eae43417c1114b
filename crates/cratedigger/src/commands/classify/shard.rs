//! `cratedigger classify --shard`: the genres of a shard of a manifest, as one part.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use cratedigger_collection::classify::{self, Question};
use cratedigger_collection::rows::{Reading, gather_inputs};
use cratedigger_collection::shards::{Beginning, Begun, Manifest, Named, Place, Recipe, Shard};
use cratedigger_learn::model::Model;

use super::Args;
use super::output::Answer;
use crate::console;
use crate::interrupt;
use crate::progress::Progress;

/// Makes the part of a shard.
pub(super) fn run(
    args: &Args,
    (manifest, shard, place): (&Manifest, Shard, &Place),
    model_file: &Path,
    reading: &Reading,
    progress: Progress,
) -> Result<ExitCode> {
    if args.force || args.neighbours.is_some() || args.tags.write_tags {
        bail!("--force, --neighbours and --write-tags are not for --shard; a part is never replaced");
    }
    interrupt::say("nothing of the shard is kept; the same command begins it anew");
    let bytes = std::fs::read(model_file).with_context(|| format!("cannot read {}", model_file.display()))?;
    let model = Model::from_bytes(&bytes)?;
    let threshold = classify::threshold(args.threshold, &model, None);
    let said = reading.recipe.map_or("", |recipe| recipe.version());
    let recipe = Recipe::new(
        "genres",
        model.card().recipe.as_deref().unwrap_or(said),
        format!(
            "{} {threshold:?} {}",
            cratedigger_collection::shards::digest(&bytes),
            args.explain
        ),
        &reading.limits(),
    );
    let mut begun = match Begun::look(manifest, shard, place, &recipe)? {
        Beginning::WasThere(name) => {
            console::print(&format!("{} is there already\n", place.show(&name.to_string())))?;
            return Ok(ExitCode::SUCCESS);
        }
        Beginning::Begun(begun) => begun,
    };
    let gathered = gather_inputs(std::mem::take(&mut begun.inputs), &model, reading, &progress)?;
    let families = cratedigger_collection::explain::Families::of(&model);
    let question = Question {
        threshold,
        explain: args.explain.then_some(families.as_ref()),
        neighbours: None,
    };
    let verdicts = classify::classify(&model, &gathered.x, question)?;
    let n_rows = gathered.ids.len();
    let heard = gathered.paths.iter().flatten();
    let heard = heard.map(|path| gathered.heard.get(path).copied()).collect();
    let answer = Answer {
        heard,
        ..Answer::new(
            gathered.ids,
            verdicts,
            model.card().labels.clone(),
            threshold,
            gathered.failures.len(),
        )
    };
    let name = begun.name.to_string();
    let beside = match gathered.failures.as_slice() {
        [] => Vec::new(),
        failures => vec![(
            name.replace(".parquet", ".failures.txt"),
            (failures.join("\n") + "\n").into_bytes(),
        )],
    };
    let part = answer.parquet(Some(begun.about(n_rows as u64)))?;
    let told = match begun.put(place, part, beside)? {
        Named::New => format!(
            "{}: {n_rows} rows, {} failures\n",
            place.show(&name),
            gathered.failures.len()
        ),
        Named::WasThere => format!("{} was made by another process meanwhile\n", place.show(&name)),
    };
    console::print(&told)?;
    Ok(ExitCode::SUCCESS)
}
