//! A shard whose part is not there yet, whatever is made of its recordings.

use super::manifest::Manifest;
use super::naming::{AboutPart, PartName, Recipe};
use super::place::{Named, Place};
use super::share::Shard;
use crate::error::Result;
use crate::extract::Inputs;

/// A shard that is to be done.
pub struct Begun {
    /// What its part will be called.
    pub name: PartName,
    /// Its recordings.
    pub inputs: Inputs,
    about: AboutPart,
}

/// What a shard is found to be.
pub enum Beginning {
    /// Done before.
    WasThere(PartName),
    /// To be done.
    Begun(Box<Begun>),
}

impl Begun {
    /// Looks whether a shard's part is there.
    ///
    /// # Errors
    /// The manifest or the place cannot be read, or the latter not be written to.
    pub fn look(manifest: &Manifest, shard: Shard, place: &Place, recipe: &Recipe) -> Result<Beginning> {
        let (inputs, entries) = manifest.inputs(Some(shard))?;
        let name = PartName::of(shard, &entries, recipe);
        place.prepare()?;
        if place.has(&name.to_string())? {
            return Ok(Beginning::WasThere(name));
        }
        let about = AboutPart::of(manifest, entries.len(), recipe);
        Ok(Beginning::Begun(Box::new(Self { name, inputs, about })))
    }

    /// What the part must say of itself in its footer: a key, and a text for a number of rows. The other recordings have failed.
    pub fn about(&self, n_rows: u64) -> (&'static str, String) {
        let about = AboutPart {
            n_rows,
            n_failed: self.about.n_inputs.saturating_sub(n_rows),
            ..self.about.clone()
        };
        let text = serde_json::Value::Object(about.as_map()).to_string();
        (cratedigger_catalog::feature_table::PART_KEY, text)
    }

    /// The same without numbers of rows.
    pub(super) fn about_map(&self) -> serde_json::Map<String, serde_json::Value> {
        self.about.as_map()
    }

    /// Gives the part its name, after what stands beside it.
    ///
    /// # Errors
    /// The place cannot be written to.
    pub fn put(&self, place: &Place, part: Vec<u8>, beside: Vec<(String, Vec<u8>)>) -> Result<Named> {
        for (name, bytes) in beside {
            place.put(&name, bytes)?;
        }
        place.put_new(&self.name.to_string(), part)
    }
}
