//! What the tests of whole studies share. Each file of tests uses a part of it.
#![allow(dead_code, clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use cratedigger_catalog::{ImportOptions, Store, import};
use cratedigger_learn::Method;
use cratedigger_study::{Findings, StudyOptions, run};

pub(crate) fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(path)
}

/// A folder of real data, or `None` with a line that says so.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("CRATEDIGGER_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let dir = root.join(path);
    if dir.is_dir() {
        return Some(dir);
    }
    eprintln!(
        "SKIPPED: {} is not here; set CRATEDIGGER_SHARED to the folder that holds fma/",
        dir.display()
    );
    None
}

pub(crate) fn store(dir: &Path) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    import(dir, folder.path(), &ImportOptions::default(), &|_| {}).unwrap();
    let store = Store::open(folder.path()).unwrap();
    (folder, store)
}

pub(crate) fn study(store: &Store, options: &StudyOptions) -> Findings {
    run(store, options, &|_| {}).unwrap()
}

/// The perceptron alone: what is not about methods need not wait for all of them.
pub(crate) fn options() -> StudyOptions {
    let mut options = all_methods();
    options.methods = vec![Method::MLP];
    options.genre_sets = Vec::new();
    options.tune = false;
    options
}

pub(crate) fn all_methods() -> StudyOptions {
    let mut options = StudyOptions::default();
    options.command_line = ["cratedigger", "study", "fixture"].map(str::to_owned).to_vec();
    options.data_source = "fixture".to_owned();
    // A quarter of the fixture's 75 tracks would be too few to test on.
    options.test_size = 0.35;
    options
}
