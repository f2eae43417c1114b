#![allow(clippy::unwrap_used)]
use super::*;
use crate::stale::sweep;

fn n_entries(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

#[test]
fn a_file_is_replaced_at_once_and_nothing_else_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt");
    std::fs::write(&path, "old").unwrap();
    write_whole(&path, b"new").unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"new");
    let mut file = WholeFile::create(&path, Existing::Replace).unwrap();
    file.write_all(b"newer").unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"new", "not before the end");
    assert!(file.temporary_path().unwrap().exists());
    assert_eq!(file.finish().unwrap(), 5);
    assert_eq!(std::fs::read(&path).unwrap(), b"newer");
    drop(WholeFile::create(&path, Existing::Replace).unwrap());
    assert_eq!(n_entries(folder.path()), 1);
}

#[test]
fn what_cannot_be_replaced_stays_as_it_was_and_is_found_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("taken");
    std::fs::create_dir(&path).unwrap();
    let missing = folder.path().join("no such folder").join("a.txt");
    for existing in [Existing::Keep, Existing::Replace, Existing::ReplaceLink] {
        let error = WholeFile::create(&path, existing).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::IsADirectory, "{existing:?}");
        let error = WholeFile::create(&missing, existing).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound, "{existing:?}");
    }
    assert!(path.is_dir());
    assert_eq!(n_entries(folder.path()), 1);
}

#[test]
fn what_is_to_be_kept_is_kept_even_if_it_comes_late() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt");
    let mut file = WholeFile::create(&path, Existing::Keep).unwrap();
    file.write_all(b"ours").unwrap();
    std::fs::write(&path, "another's").unwrap();
    assert_eq!(file.finish().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    let error = WholeFile::create(&path, Existing::Keep).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(std::fs::read(&path).unwrap(), b"another's");
    assert_eq!(n_entries(folder.path()), 1);
}

#[cfg(unix)]
#[test]
fn links_are_followed_or_replaced_as_was_said() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("far")).unwrap();
    std::fs::write(at("far/real"), "old").unwrap();
    symlink("far/real", at("link")).unwrap();
    symlink("nowhere", at("dangling")).unwrap();
    for name in ["link", "dangling"] {
        let error = WholeFile::create(&at(name), Existing::Keep).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists, "{name}");
    }
    assert!(WholeFile::create(&at("dangling"), Existing::Replace).is_err());
    let mut file = WholeFile::create(&at("link"), Existing::Replace).unwrap();
    file.write_all(b"new").unwrap();
    file.finish().unwrap();
    assert!(at("link").is_symlink());
    assert_eq!(std::fs::read(at("far/real")).unwrap(), b"new");
    write_whole(&at("link"), b"ours").unwrap();
    assert!(!at("link").is_symlink());
    assert_eq!(
        std::fs::read(at("far/real")).unwrap(),
        b"new",
        "not through the link"
    );
    assert_eq!(std::fs::read(at("link")).unwrap(), b"ours");
}

#[cfg(unix)]
#[test]
fn devices_and_pipes_are_written_into_and_stay_what_they_are() {
    use std::os::unix::fs::{FileTypeExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("out");
    symlink("/dev/null", &link).unwrap();
    for existing in [Existing::Keep, Existing::Replace] {
        let mut file = WholeFile::create(&link, existing).unwrap();
        file.write_all(b"gone").unwrap();
        assert_eq!(file.temporary_path(), None);
        assert_eq!(file.finish().unwrap(), 0);
    }
    assert!(link.is_symlink());
    let null = std::fs::metadata("/dev/null").unwrap();
    assert!(null.file_type().is_char_device());
    if Path::new("/dev/full").exists() {
        let mut full = WholeFile::create(Path::new("/dev/full"), Existing::Replace).unwrap();
        assert_eq!(
            full.write_all(b"x").unwrap_err().kind(),
            io::ErrorKind::StorageFull
        );
    }
}

#[cfg(unix)]
#[test]
fn its_mode_is_that_of_any_other_new_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (ours, plain) = (folder.path().join("ours"), folder.path().join("plain"));
    write_whole(&ours, b"").unwrap();
    std::fs::write(&plain, b"").unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&ours), mode(&plain));
}

#[test]
fn what_a_killed_process_left_is_swept_and_what_is_in_use_or_of_others_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let busy = WholeFile::create(&at("a"), Existing::Keep).unwrap();
    let busy_path = busy.temporary_path().unwrap().to_owned();
    let name = busy_path.file_name().unwrap().to_str().unwrap();
    // The same name with other letters, as a process that was killed leaves one.
    let stale = at(&format!("{}zzzz", &name[..name.len() - 4]));
    std::fs::write(&stale, "half").unwrap();
    for other in [".cratedigger-notes", ".cratedigger-study", "b.txt"] {
        std::fs::write(at(other), "mine").unwrap();
    }
    sweep(folder.path());
    assert!(!stale.exists());
    assert!(busy_path.exists());
    assert_eq!(n_entries(folder.path()), 4);
    busy.finish().unwrap();
    assert!(at("a").exists());
    write_whole(&at("c"), b"").unwrap();
    assert_eq!(n_entries(folder.path()), 5);
}

#[test]
fn a_bare_name_is_in_the_folder_where_one_is() {
    assert_eq!(folder_of(Path::new("a.txt")), Path::new("."));
    assert_eq!(folder_of(Path::new("b/a.txt")), Path::new("b"));
}
