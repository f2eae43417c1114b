//! A folder with audio in it and the tables that tell its genres, but no features yet, as `cratedigger synth --clips` makes it.

use std::path::Path;

use cratedigger_catalog::store::MANIFEST_FILE;
use cratedigger_catalog::{Store, TableId};

use super::options::FeatureChoice;
use crate::error::Result;
use crate::extract::Inputs;

/// Whether a path can be such a folder, as far as names tell.
pub(crate) fn may_be(path: &Path) -> bool {
    let has = |name: &str| path.join(name).is_file();
    path.is_dir() && has("tracks.csv") && !has("features.csv") && !has(MANIFEST_FILE)
}

/// The audio files of such a folder; `None` where the store has the features that are asked for, or there is no audio.
///
/// # Errors
/// None but those of [`Inputs::find`].
pub fn beside(path: &Path, store: &Store, choice: &FeatureChoice) -> Result<Option<Inputs>> {
    let has_others = match choice {
        FeatureChoice::Echonest => true,
        FeatureChoice::Auto => store.has(TableId::Echonest),
        FeatureChoice::All | FeatureChoice::Families(_) => false,
    };
    if !may_be(path) || has_others || store.has(TableId::Features) {
        return Ok(None);
    }
    let inputs = Inputs::find(&[path.to_owned()], &mut std::io::empty())?;
    Ok((!inputs.files.is_empty()).then_some(inputs))
}
