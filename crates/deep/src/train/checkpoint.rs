//! Files from which a killed training goes on.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::error::{DeepError, Result};
use crate::layers::Array;
use crate::state::State;

/// The key of all facts in the file's metadata.
const FACTS: &str = "facts";

/// A checkpoint's place, and what training it is of.
#[derive(Debug, Clone)]
pub(crate) struct Checkpoint {
    path: PathBuf,
    fingerprint: String,
}

impl Checkpoint {
    pub(crate) fn new(path: &Path, fingerprint: String) -> Self {
        Self {
            path: path.to_owned(),
            fingerprint,
        }
    }

    fn error(&self, reason: impl ToString) -> DeepError {
        DeepError::Checkpoint {
            path: self.path.clone(),
            reason: reason.to_string(),
        }
    }

    /// Writes it whole, or leaves the one before.
    pub(crate) fn write(&self, mut state: State) -> Result<()> {
        state.set("fingerprint", &self.fingerprint)?;
        let bytes = to_bytes(&state).map_err(|reason| self.error(reason))?;
        cratedigger_files::write_whole(&self.path, &bytes).map_err(|error| self.error(error))
    }

    /// The one that is there.
    ///
    /// # Errors
    /// `Checkpoint` where it cannot be read or is of another training.
    pub(crate) fn read(&self) -> Result<Option<State>> {
        let bytes = match std::fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.error(error)),
        };
        let state =
            from_bytes(&bytes).map_err(|reason| self.error(format!("{reason}; delete it to begin anew")))?;
        if state.fact::<String>("fingerprint").ok().as_ref() != Some(&self.fingerprint) {
            return Err(self.error(
                "it is of another training: clips, labels, options or seed differ; give another path, or delete it",
            ));
        }
        Ok(Some(state))
    }
}

/// A state as a file in the format of safetensors.
fn to_bytes(state: &State) -> std::result::Result<Vec<u8>, String> {
    let values: Vec<Vec<u8>> = state
        .arrays
        .iter()
        .map(|array| {
            array
                .values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect()
        })
        .collect();
    let mut views = Vec::new();
    for (array, values) in state.arrays.iter().zip(&values) {
        let view =
            TensorView::new(Dtype::F32, array.shape.clone(), values).map_err(|error| error.to_string())?;
        views.push((array.name.clone(), view));
    }
    let facts = serde_json::to_string(&state.facts).map_err(|error| error.to_string())?;
    let metadata = HashMap::from([(FACTS.to_owned(), facts)]);
    safetensors::serialize(views, Some(metadata)).map_err(|error| error.to_string())
}

/// The way back.
fn from_bytes(bytes: &[u8]) -> std::result::Result<State, String> {
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|error| error.to_string())?;
    let facts = metadata.metadata().as_ref().and_then(|all| all.get(FACTS));
    let facts = serde_json::from_str(facts.ok_or("it has no facts")?).map_err(|error| error.to_string())?;
    let tensors = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let mut arrays = Vec::new();
    for (name, view) in tensors.iter() {
        if view.dtype() != Dtype::F32 {
            return Err(format!("the array {name} is not of single precision"));
        }
        let (words, _) = view.data().as_chunks::<4>();
        let values = words.iter().map(|&word| f32::from_le_bytes(word)).collect();
        arrays.push(Array::new(name, view.shape(), values));
    }
    Ok(State { arrays, facts })
}
