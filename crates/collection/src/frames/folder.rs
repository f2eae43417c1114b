//! The names in a folder of caches: one folder for each recipe, named after it and a hash of its text.

use std::path::{Path, PathBuf};

use cratedigger_features::FrameRecipe;

use crate::error::{Context, Result};

/// What the numbers are, for people and programs.
pub(super) const RECIPE_FILE: &str = "recipe.json";
/// The journal of files that ended helpers or this program, until a run has come to its end.
pub(super) const ATTEMPTS_FILE: &str = "attempts";
/// The journal of recordings.
pub(super) const INDEX_FILE: &str = "index";
/// The same as CSV, written at the end of each run.
pub(super) const TABLE_FILE: &str = "recordings.csv";
/// Inputs of the last run that gave nothing.
pub(super) const FAILURES_FILE: &str = "failures.csv";
/// Bytes from which on the next file of numbers is begun.
pub(super) const FILE_BYTES: u64 = 1 << 30;

/// The folder of a recipe's frames inside of a cache: `mel-96-` or `descriptors-74-` and 16 digits of the recipe's BLAKE3 hash.
pub fn folder_name(recipe: &FrameRecipe) -> String {
    let hash = blake3::hash(recipe.to_string().as_bytes()).to_hex();
    format!("{}-{}-{}", recipe.kind(), recipe.n_bands(), &hash[..16])
}

/// A file of numbers.
pub(super) fn data_file(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("frames-{number:03}.f16"))
}

/// Whether a folder holds the frames of one recipe.
fn is_of_recipe(folder: &Path) -> bool {
    folder.join(RECIPE_FILE).is_file() && folder.join(INDEX_FILE).is_file()
}

/// Whether a path is a cache of frames, or the part of one that is of one recipe.
pub fn is_cache(path: &Path) -> bool {
    path.is_dir() && (is_of_recipe(path) || recipes_in(path).is_ok_and(|found| !found.is_empty()))
}

/// The folders of single recipes that a path means: itself, or those in it, by name.
///
/// # Errors
/// The folder cannot be read.
pub fn recipes_in(path: &Path) -> Result<Vec<PathBuf>> {
    if is_of_recipe(path) {
        return Ok(vec![path.to_owned()]);
    }
    let cannot_read = || format!("cannot read {}", path.display());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path).with_context(cannot_read)? {
        let folder = entry.with_context(cannot_read)?.path();
        let name = folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let may_be = name.starts_with("mel-") || name.starts_with("descriptors-");
        if may_be && is_of_recipe(&folder) {
            found.push(folder);
        }
    }
    found.sort();
    Ok(found)
}
