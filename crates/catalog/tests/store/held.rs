//! Stores that are read while they are made anew, and those that a stranger made.

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use cratedigger_catalog::{Store, TableId};

use crate::common::{folder, import_dir};
use crate::desk::*;

#[test]
fn a_store_that_is_read_keeps_its_files_while_it_is_imported_anew() {
    let dir = folder(&[("tracks.csv", &tracks(&[168, 237, 206])), ("genres.csv", GENRES)]);
    let path = dir.path().join("store");
    import_dir(dir.path(), &path, false).unwrap();
    let old = objects(&path);
    let reader = Store::open(&path).unwrap();
    let clone = reader.clone();
    std::fs::write(dir.path().join("tracks.csv"), tracks(&[1, 2])).unwrap();
    import_dir(dir.path(), &path, false).unwrap();
    // Who opened the store before sees the state before.
    let duration = |store: &Store| {
        let batch = store.read(TableId::Tracks, Some(&["track.duration"])).unwrap();
        batch.column(0).as_primitive::<Int64Type>().values().to_vec()
    };
    assert_eq!(duration(&reader), [168, 237, 206]);
    drop(reader);
    assert_eq!(duration(&clone), [168, 237, 206]);
    let new = Store::open(&path).unwrap();
    assert_eq!(duration(&new), [1, 2]);
    drop((clone, new));
    // The next import removes what nobody reads any more.
    assert_eq!(objects(&path).len(), old.len() + 1);
    import_dir(dir.path(), &path, false).unwrap();
    assert_eq!(objects(&path).len(), old.len());
}

#[test]
fn a_list_that_names_files_outside_of_the_store_is_refused() {
    let dir = folder(&[("tracks.csv", &tracks(&[168, 237])), ("genres.csv", GENRES)]);
    let path = dir.path().join("store");
    import_dir(dir.path(), &path, false).unwrap();
    let list = std::fs::read_to_string(path.join("store.json")).unwrap();
    let object = objects(&path)
        .into_iter()
        .find(|name| name.starts_with("tracks-"))
        .unwrap();
    for outside in ["/etc/passwd", "../tracks.csv", "a/../b", ""] {
        std::fs::write(path.join("store.json"), list.replace(&object, outside)).unwrap();
        let error = Store::open(&path).unwrap_err().to_string();
        assert!(error.contains("outside of the store"), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn links_in_a_store_are_not_written_through() {
    use std::os::unix::fs::symlink;
    let dir = folder(&[("tracks.csv", &tracks(&[168, 237])), ("genres.csv", GENRES)]);
    let path = dir.path().join("store");
    std::fs::create_dir(&path).unwrap();
    let important = dir.path().join("important");
    std::fs::write(&important, "mine").unwrap();
    for name in ["store.lock", "store.readers"] {
        symlink(&important, path.join(name)).unwrap();
        let error = import_dir(dir.path(), &path, false).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains("a link"), "{error}");
        std::fs::remove_file(path.join(name)).unwrap();
    }
    symlink(&important, path.join("store.json")).unwrap();
    import_dir(dir.path(), &path, false).unwrap();
    assert!(!path.join("store.json").is_symlink());
    assert_eq!(std::fs::read_to_string(important).unwrap(), "mine");
}

#[test]
fn a_header_of_too_many_columns_is_refused_before_it_takes_memory() {
    let dir = folder(&[("tracks.csv", &tracks(&[168])), ("genres.csv", GENRES)]);
    let text = tracks(&[168]);
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines[0] += &",x".repeat(100_000);
    std::fs::write(dir.path().join("tracks.csv"), lines.join("\n")).unwrap();
    let error = import_dir(dir.path(), &dir.path().join("store"), false)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("more than 10000 columns") && error.len() < 1000,
        "{error}"
    );
}
