//! A folder of its own for each thread, in which inputs are files.

use std::fs;
use std::path::{Path, PathBuf};

thread_local! {
    static FOLDER: tempfile::TempDir = tempfile::tempdir().expect("a temporary folder can be made");
}

/// The path of this thread's file `name`.
pub(crate) fn path(name: &str) -> PathBuf {
    FOLDER.with(|folder| folder.path().join(name))
}

/// The same with these bytes in it.
pub(crate) fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = path(name);
    fs::write(&path, bytes).expect("the temporary folder can be written into");
    path
}

/// An empty folder.
pub(crate) fn empty(name: &str) -> PathBuf {
    let path = path(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir(&path).expect("the temporary folder can be written into");
    path
}

/// What is read of `of` at the root of the workspace.
pub(crate) fn at_root(of: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(of)
}
