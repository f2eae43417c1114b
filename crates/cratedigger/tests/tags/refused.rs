//! Files that cannot be written, genres that are not named, options that make no sense.

use std::collections::BTreeMap;
use std::fs;

use crate::desk::{Desk, TAGGED, fixture_bytes, heard_by_ffmpeg};

#[test]
fn what_cannot_be_written_stays_as_it_is_and_the_others_go_on() {
    let desk = Desk::new();
    desk.add("flac.flac", "music/good.flac");
    desk.add("mp3_cbr.mp3", "music/read-only.mp3");
    let mut meta = fs::metadata(desk.path("music/read-only.mp3"))
        .unwrap()
        .permissions();
    meta.set_readonly(true);
    fs::set_permissions(desk.path("music/read-only.mp3"), meta).unwrap();
    desk.add("flac.mka", "music/no-tags.mka");
    // Cut in the middle of the sound, or with a tag in front that claims to be larger than everything.
    for name in TAGGED {
        let bytes = fixture_bytes(name);
        let cut = desk.path("music").join(format!("cut-{name}"));
        fs::write(cut, &bytes[..bytes.len() * 3 / 5]).unwrap();
    }
    for (name, size) in [("huge", [0x7f; 4]), ("large", [0, 2, 0, 0])] {
        let head = [&b"ID3\x04\0\0"[..], &size].concat();
        let file = [head, fixture_bytes("mp3_cbr.mp3")].concat();
        fs::write(desk.path("music").join(format!("{name}.mp3")), file).unwrap();
    }
    fs::write(desk.path("music/text.mp3"), "no audio").unwrap();
    let before = desk.music();
    let heard: BTreeMap<&String, _> = before
        .keys()
        .map(|name| (name, heard_by_ffmpeg(&desk.path("music").join(name))))
        .collect();
    let run = desk.tag(&[]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("text.mp3"), "{}", run.stderr);
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    assert_eq!(run.outcome("good.flac"), "written");
    for (name, words) in [
        ("read-only.mp3", "read-only"),
        ("no-tags.mka", "this is none"),
        ("huge.mp3", "268435465 bytes"),
        ("large.mp3", "32778 bytes, and there are"),
    ] {
        assert_eq!(run.outcome(name), "failed", "{name}");
        let told = run.stderr.lines().find(|line| line.contains(name)).unwrap();
        assert!(told.contains(words), "{told}");
    }
    let after = desk.music();
    for (name, row) in &run.rows {
        let path = desk.path("music").join(name);
        match row["tag"]["outcome"].as_str().unwrap() {
            "failed" => {
                assert!(before[name] == after[name], "{name} was changed");
                assert!(!after.contains_key(&format!("{name}.cdtag")), "{name}");
            }
            "written" => assert!(heard[name] == heard_by_ffmpeg(&path), "{name} sounds different"),
            other => panic!("{name}: {other}"),
        }
    }
    assert!(
        after.keys().all(|name| !name.starts_with(".cratedigger-")),
        "{:?}",
        after.keys()
    );
    assert_eq!(desk.run(&["--restore-tags", "music"]).code, Some(0));
    assert!(before == desk.music());
}

#[test]
fn options_that_make_no_sense_together_are_refused() {
    let desk = Desk::new();
    desk.add("flac.flac", "music/a.flac");
    fs::write(desk.path("features.csv"), "").unwrap();
    for (args, word) in [
        (&["music", "--write-tags"][..], "--model"),
        (&["--model", "m.cdmodel", "music", "--dry-run"], "--write-tags"),
        (
            &["--model", "m.cdmodel", "music", "--overwrite-genre"],
            "--write-tags",
        ),
        (
            &["--model", "m.cdmodel", "features.csv", "--write-tags"],
            "features only",
        ),
        (
            &["--restore-tags", "music", "--write-tags"],
            "cannot be used with",
        ),
    ] {
        let run = desk.run(args);
        assert_eq!(run.code, Some(2), "{args:?}: {}", run.stderr);
        assert!(run.stderr.contains(word), "{args:?}: {}", run.stderr);
    }
}
