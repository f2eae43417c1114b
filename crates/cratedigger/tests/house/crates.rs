//! Arrows between crates: those of the table in `ARCHITECTURE.md`, and those of the manifests.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

pub(crate) use super::circles::Arrows;

/// What a package of the workspace is called: this, `-` and the name of its folder.
const PREFIX: &str = "cratedigger";

/// Rows such as "| `crates/study` | its job | collection, stats | …": the third column has the crates it may use.
pub(crate) fn allowed(architecture: &Path) -> Arrows {
    let text = fs::read_to_string(architecture).unwrap_or_default();
    text.lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let name = cells.get(1)?.strip_prefix("`crates/")?.strip_suffix('`')?;
            let uses = cells.get(3)?.split(',').map(|cell| cell.trim().trim_matches('`'));
            let uses = uses.filter(|cell| !cell.is_empty() && *cell != "—");
            Some((name.to_owned(), uses.map(str::to_owned).collect()))
        })
        .collect()
}

/// The normal dependencies of each crate on the others.
pub(crate) fn found(crates: &Path) -> Arrows {
    let folders = fs::read_dir(crates).map(|entries| {
        entries
            .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
            .collect::<BTreeSet<String>>()
    });
    let of = |name: &String| {
        let manifest = fs::read_to_string(crates.join(name).join("Cargo.toml")).ok()?;
        Some((name.clone(), dependencies(&manifest)))
    };
    folders.unwrap_or_default().iter().filter_map(of).collect()
}

/// Names under `[dependencies]` that are crates of the workspace, without their prefix.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut inside = false;
    for line in manifest.lines() {
        if let Some(table) = line.strip_prefix('[') {
            let table = table.trim_end_matches(']');
            inside = table == "dependencies";
            found.extend(table.strip_prefix("dependencies.").and_then(folder));
        } else if inside {
            found.extend(line.split(['=', '.', ' ']).next().and_then(folder));
        }
    }
    found
}

fn folder(package: &str) -> Option<String> {
    Some(package.strip_prefix(PREFIX)?.strip_prefix('-')?.to_owned())
}
