//! The way back: backups in a folder, files that others changed, runs that were killed.

use std::collections::BTreeMap;
use std::fs;

use lofty::tag::ItemKey;

use crate::desk::{Desk, said};

#[test]
fn below_the_threshold_nothing_is_written_and_files_changed_since_are_left_alone() {
    let desk = Desk::new();
    desk.add("flac.flac", "music/a.flac");
    let before = desk.music();
    let args = [
        "--model",
        "m.cdmodel",
        "music",
        "--write-tags",
        "--format",
        "json",
    ];
    let run = desk.run(&[&args[..], &["--threshold", "1"]].concat());
    assert!(run.rows["a.flac"]["probability"].as_f64().unwrap() < 1.0);
    assert_eq!(
        (run.code, run.outcome("a.flac")),
        (Some(0), "unsure"),
        "{}",
        run.stderr
    );
    assert!(before == desk.music());

    // Backups in a folder of their own; a link stays a link.
    #[cfg(unix)]
    std::os::unix::fs::symlink(desk.path("music/a.flac"), desk.path("link.flac")).unwrap();
    #[cfg(not(unix))]
    fs::copy(desk.path("music/a.flac"), desk.path("link.flac")).unwrap();
    let args = [
        "--model",
        "m.cdmodel",
        "link.flac",
        "--write-tags",
        "--tag-backup",
        "kept/tags",
    ];
    let run = desk.run(&args);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    #[cfg(unix)]
    assert!(fs::symlink_metadata(desk.path("link.flac")).unwrap().is_symlink());
    let tagged = fs::read(desk.path("link.flac")).unwrap();
    assert_ne!(tagged, before["a.flac"]);
    assert_eq!(fs::read_dir(desk.path("kept/tags")).unwrap().count(), 1);
    let restore = ["--restore-tags", "link.flac", "--tag-backup", "kept/tags"];
    assert_eq!(desk.run(&restore[..2]).code, Some(2), "the backup is elsewhere");

    let mut edited = tagged.clone();
    let encoder = edited.windows(4).position(|word| word == b"Lavf").unwrap();
    edited[encoder] = b'l';
    fs::write(desk.path("link.flac"), &edited).unwrap();
    let run = desk.run(&restore);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("changed after cratedigger"), "{}", run.stderr);
    let run = desk.run(&[&args[..], &["--overwrite-genre"]].concat());
    assert!(
        run.stderr.contains("another state") || run.stdout.contains("already"),
        "{}",
        run.stderr
    );
    assert_eq!(fs::read(desk.path("link.flac")).unwrap(), edited);
    fs::write(desk.path("link.flac"), &tagged).unwrap();
    let rehearsal = desk.run(&[&restore[..], &["--dry-run"]].concat());
    assert!(
        rehearsal.stdout.starts_with("would be restored"),
        "{}",
        rehearsal.stdout
    );
    assert_eq!(fs::read(desk.path("link.flac")).unwrap(), tagged);
    assert_eq!(desk.run(&restore).code, Some(0));
    assert_eq!(fs::read(desk.path("link.flac")).unwrap(), before["a.flac"]);
}

#[test]
fn a_run_that_is_killed_on_the_way_can_be_undone() {
    let desk = Desk::new();
    let first = desk.add("mp3_cbr.mp3", "music/a.mp3");
    assert_eq!(desk.tag(&[]).outcome("a.mp3"), "written");
    let (song, backup) = (desk.path("music/a.mp3"), desk.path("music/a.mp3.cdtag"));
    let next = desk.path("music/a.mp3.cdtag.new");
    let (second, old_backup) = (fs::read(&song).unwrap(), fs::read(&backup).unwrap());
    let run = desk.tag_by("other.cdmodel", &[]);
    assert_eq!(run.outcome("a.mp3"), "written", "{}", run.stderr);
    let (third, new_backup) = (fs::read(&song).unwrap(), fs::read(&backup).unwrap());
    assert!(!next.exists() && second != third && old_backup != new_backup);
    let genres = said(&song, ItemKey::Genre);
    // Killed before the file was replaced, and after; in the middle of the first run, and of the second.
    for (file, old, new) in [
        (&first, None, Some(&old_backup)),
        (&second, None, Some(&old_backup)),
        (&second, Some(&old_backup), Some(&new_backup)),
        (&third, Some(&old_backup), Some(&new_backup)),
    ] {
        let put = || {
            fs::write(&song, file).unwrap();
            for (path, bytes) in [(&backup, old), (&next, new)] {
                let _ = fs::remove_file(path);
                if let Some(bytes) = bytes {
                    fs::write(path, bytes).unwrap();
                }
            }
        };
        put();
        assert_eq!(desk.run(&["--restore-tags", "music"]).code, Some(0));
        assert_eq!(
            desk.music(),
            BTreeMap::from([("a.mp3".to_owned(), first.clone())])
        );
        // Or it goes on from there.
        put();
        let run = desk.tag_by("other.cdmodel", &[]);
        assert!(
            ["written", "same"].contains(&run.outcome("a.mp3")),
            "{}",
            run.stderr
        );
        assert_eq!(said(&song, ItemKey::Genre), genres);
        assert_eq!(desk.run(&["--restore-tags", "music"]).code, Some(0));
        assert_eq!(
            desk.music(),
            BTreeMap::from([("a.mp3".to_owned(), first.clone())])
        );
    }
}
