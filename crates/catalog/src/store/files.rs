//! Names of files in a store's folder.

/// The name of the list of tables inside of a store.
pub const MANIFEST_FILE: &str = "store.json";
