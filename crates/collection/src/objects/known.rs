//! What a listing or a manifest tells of inputs.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
#[cfg(feature = "store")]
use std::sync::Arc;

use crate::extract::FileState;

/// What a listing or a manifest tells of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its bytes.
    pub size: u64,
    /// What changes with them: the etag of an object, the time of the last change of a file.
    pub version: String,
}

impl Known {
    /// Of a file, in the state that it has now.
    pub(crate) fn of_file(state: FileState) -> Self {
        Self {
            size: state.size,
            version: state.modified_ns.to_string(),
        }
    }

    /// As the journal of an extraction keeps it.
    fn state(&self) -> FileState {
        let mut first = [0; 8];
        first.copy_from_slice(&blake3::hash(self.version.as_bytes()).as_bytes()[..8]);
        FileState {
            size: self.size,
            modified_ns: u64::from_le_bytes(first),
        }
    }
}

/// Why builds without stores read no objects.
#[cfg(not(feature = "store"))]
pub(crate) const NO_STORES: &str = "this build of cratedigger reads no object stores: it lacks the feature `store` (cargo build --release --features full)";

/// What a search finds, one by one.
#[cfg_attr(
    not(feature = "store"),
    expect(dead_code, reason = "nothing is found without stores")
)]
pub(crate) enum Found {
    /// An object that was named, or matches a pattern.
    Named(PathBuf, Known),
    /// An object below a folder, with the latter.
    Below(PathBuf, PathBuf, Known),
    /// What is not to be had, and why.
    Not(PathBuf, String),
}

/// The inputs that more is known of than their names, and the stores that objects among them lie in.
#[derive(Clone, Default)]
pub struct Objects {
    known: HashMap<PathBuf, Known>,
    #[cfg(feature = "store")]
    stores: Option<Arc<cratedigger_store::Stores>>,
}

impl PartialEq for Objects {
    fn eq(&self, other: &Self) -> bool {
        self.known == other.known
    }
}

impl Eq for Objects {}

impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} known inputs", self.known.len())
    }
}

impl Objects {
    /// What is known of an input.
    pub fn get(&self, path: &Path) -> Option<&Known> {
        self.known.get(path)
    }

    /// Notes what is known of an input.
    pub fn insert(&mut self, path: PathBuf, known: Known) {
        self.known.insert(path, known);
    }

    /// Size and version as the journal keeps them: of objects what is known, of files what they are now.
    pub(crate) fn state(&self, path: &Path) -> FileState {
        match self.known.get(path) {
            Some(known) if cratedigger_files::is_uri(path) => known.state(),
            _ => FileState::of(path),
        }
    }

    /// Uses the stores that others use.
    pub(crate) fn use_those_of(&mut self, other: &Self) {
        #[cfg(feature = "store")]
        {
            self.stores.clone_from(&other.stores);
        }
        #[cfg(not(feature = "store"))]
        let _ = other;
    }

    /// The stores, opened as the environment says if none were.
    ///
    /// # Errors
    /// The environment does not say how.
    #[cfg(feature = "store")]
    pub(crate) fn stores(&mut self) -> crate::error::Result<Arc<cratedigger_store::Stores>> {
        if let Some(stores) = &self.stores {
            return Ok(stores.clone());
        }
        let stores = Arc::new(cratedigger_store::Stores::from_env()?);
        self.stores = Some(stores.clone());
        Ok(stores)
    }

    /// The stores, where some were opened.
    #[cfg(feature = "store")]
    pub(crate) fn opened(&self) -> Option<&Arc<cratedigger_store::Stores>> {
        self.stores.as_ref()
    }

    /// Uses stores that are open.
    #[cfg(feature = "store")]
    pub fn use_stores(&mut self, stores: &Arc<cratedigger_store::Stores>) {
        self.stores = Some(stores.clone());
    }
}
