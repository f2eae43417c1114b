//! Names of files in a store's folder.

use std::io;
use std::path::Path;

/// The name of the list of tables inside of a store.
pub const MANIFEST_FILE: &str = "store.json";

/// How the names of files start that are not complete yet.
pub const TEMPORARY: &str = ".tmp-";

/// A file in the folder of a store or an archive that is deleted unless it is persisted under its own name.
///
/// # Errors
/// The folder is not there or cannot be written to.
pub fn temporary_file(dir: &Path) -> io::Result<tempfile::NamedTempFile> {
    cratedigger_files::temporary_file(dir, TEMPORARY)
}
