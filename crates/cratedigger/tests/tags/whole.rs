//! Files and backups are whole and found again: several runs at once, folders that were moved, long names, lists of who may read.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::desk::Desk;

const WRITE: [&str; 7] = [
    "classify",
    "--write-tags",
    "--threshold",
    "0",
    "--overwrite-genre",
    "--model",
    "m.cdmodel",
];

#[test]
fn runs_at_the_same_time_never_lose_the_way_back() {
    let desk = Desk::new();
    let old = desk.add("mp3_cbr.mp3", "music/a.mp3");
    for round in 0..3 {
        let children: Vec<_> = ["m.cdmodel", "other.cdmodel", "m.cdmodel", "other.cdmodel"]
            .into_iter()
            .map(|model| {
                Command::new(env!("CARGO_BIN_EXE_cratedigger"))
                    .args(&WRITE[..6])
                    .args([model, "music"])
                    .current_dir(desk.dir.path())
                    .stdout(Stdio::null())
                    .stderr(Stdio::piped())
                    .spawn()
                    .unwrap()
            })
            .collect();
        for child in children {
            let out = child.wait_with_output().unwrap();
            assert_eq!(
                out.status.code(),
                Some(0),
                "{}",
                String::from_utf8_lossy(&out.stderr)
            );
        }
        assert_eq!(desk.music().len(), 2, "round {round}: the song and its backup");
        let run = desk.run(&["--restore-tags", "music"]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(
            fs::read(desk.path("music/a.mp3")).unwrap() == old,
            "round {round}"
        );
        assert_eq!(desk.music().len(), 1);
    }
}

#[test]
fn a_folder_that_was_moved_is_restored_from_backups_elsewhere() {
    let desk = Desk::new();
    fs::remove_dir(desk.path("music")).unwrap();
    for album in ["one", "two"] {
        fs::create_dir_all(desk.path("music").join(album)).unwrap();
    }
    // The same name twice, and the same sound with another tag.
    let first = desk.add("mp3_cbr.mp3", "music/one/a.mp3");
    let second = desk.add("flac.flac", "music/two/b.flac");
    let third = desk.add("mp3_cbr.mp3", "music/two/a.mp3");
    let tag = |music: &str| desk.run(&[&WRITE[1..], &[music, "--tag-backup", "kept"]].concat());
    assert_eq!(tag("music").code, Some(0));
    fs::rename(desk.path("music"), desk.path("moved")).unwrap();
    // A second genre after the move keeps the way back to the first state.
    let run = desk.run(&[
        "--write-tags",
        "--threshold",
        "0",
        "--overwrite-genre",
        "--model",
        "other.cdmodel",
        "moved/two/b.flac",
        "--tag-backup",
        "kept",
    ]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(fs::read_dir(desk.path("kept")).unwrap().count(), 3);
    let run = desk.run(&["--restore-tags", "moved", "--tag-backup", "kept"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    for (name, old) in [("one/a.mp3", first), ("two/b.flac", second), ("two/a.mp3", third)] {
        assert!(fs::read(desk.path("moved").join(name)).unwrap() == old, "{name}");
    }
    assert_eq!(fs::read_dir(desk.path("kept")).unwrap().count(), 0);
}

#[test]
fn a_copy_does_not_take_the_backup_of_its_original() {
    let desk = Desk::new();
    desk.add("mp3_cbr.mp3", "music/a.mp3");
    let run = desk.run(&[&WRITE[1..], &["music", "--tag-backup", "kept"]].concat());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    fs::create_dir(desk.path("copy")).unwrap();
    fs::copy(desk.path("music/a.mp3"), desk.path("copy/a.mp3")).unwrap();
    let run = desk.run(&["--restore-tags", "copy", "--tag-backup", "kept"]);
    assert_eq!(run.code, Some(2), "{}", run.stdout);
    assert_eq!(fs::read_dir(desk.path("kept")).unwrap().count(), 1);
}

#[test]
fn names_as_long_as_they_may_be_get_a_backup() {
    let desk = Desk::new();
    let name = |letter: &str| format!("music/{}{letter}.mp3", "x".repeat(250));
    let old = desk.add("mp3_cbr.mp3", &name("a"));
    desk.add("mp3_cbr.mp3", &name("b"));
    for folder in [&[][..], &["--tag-backup", "kept"]] {
        let run = desk.run(&[&WRITE[1..], &["music"], folder].concat());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let run = desk.run(&[&["--restore-tags", "music"], folder].concat());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        for letter in ["a", "b"] {
            assert!(fs::read(desk.path(&name(letter))).unwrap() == old);
        }
        assert_eq!(desk.music().len(), 2);
    }
}

#[cfg(unix)]
#[test]
fn a_backup_is_for_those_who_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for (i, wanted) in [0o600, 0o640, 0o664].into_iter().enumerate() {
        let name = format!("music/{i}.mp3");
        desk.add("mp3_cbr.mp3", &name);
        fs::set_permissions(desk.path(&name), fs::Permissions::from_mode(wanted)).unwrap();
        let run = desk.run(&[&WRITE[1..], &[name.as_str()]].concat());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert_eq!(mode(&desk.path(&name)), wanted);
        assert_eq!(mode(&desk.path(&format!("{name}.cdtag"))), wanted);
    }
}

/// A list by which one more user may read and write, as `setfacl -m u:12345:rw` makes it.
#[cfg(target_os = "linux")]
#[test]
fn a_list_of_who_may_read_goes_with_the_file_and_its_backup() {
    let desk = Desk::new();
    desk.add("mp3_cbr.mp3", "music/a.mp3");
    let song = desk.path("music/a.mp3");
    let set = Command::new("setfacl")
        .args(["-m", "u:12345:rw"])
        .arg(&song)
        .status();
    if !set.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: there is no setfacl, or the file system has no lists");
        return;
    }
    let list = |path: PathBuf| {
        let out = Command::new("getfacl")
            .args(["-c", "-n", "-p"])
            .arg(path)
            .output()
            .unwrap();
        String::from_utf8(out.stdout).unwrap()
    };
    let before = list(song.clone());
    assert!(before.contains("user:12345:rw-"), "{before}");
    let run = desk.run(&[&WRITE[1..], &["music"]].concat());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(list(song.clone()), before);
    assert_eq!(list(desk.path("music/a.mp3.cdtag")), before);
    assert_eq!(desk.run(&["--restore-tags", "music"]).code, Some(0));
    assert_eq!(list(song), before);
}

#[test]
fn what_cannot_be_told_in_the_end_is_not_begun() {
    let desk = Desk::new();
    let old = desk.add("mp3_cbr.mp3", "music/a.mp3");
    let run = desk.run(&[&WRITE[1..], &["music", "--out", "none/answers.csv"]].concat());
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr.contains("cannot write none/answers.csv"),
        "{}",
        run.stderr
    );
    assert!(fs::read(desk.path("music/a.mp3")).unwrap() == old);
    assert_eq!(desk.music().len(), 1);
}
