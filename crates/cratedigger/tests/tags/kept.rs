//! What stays beside the genre: other names of a file, several genres, an old tag's title.

use std::fs;

use lofty::tag::ItemKey;

use crate::desk::{Desk, fixture_bytes, said};

/// An ID3v2.4 tag with a title and several genres.
fn several(genres: &[&str]) -> Vec<u8> {
    let genres = genres.join("\0");
    let frames = [
        &b"TIT2\0\0\0\x02\0\0\x03x"[..],
        b"TCON\0\0\0",
        &[genres.len() as u8 + 1, 0, 0, 0],
        genres.as_bytes(),
    ]
    .concat();
    [b"ID3\x04\0\0\0\0\0", &[frames.len() as u8][..], &frames].concat()
}

#[test]
fn several_genres_are_told_and_stay_where_one_of_them_is_named() {
    let desk = Desk::new();
    let audio = fixture_bytes("mp3_cbr.mp3");
    let file = |genres: &[&str]| [several(genres), audio.clone()].concat();
    fs::write(desk.path("music/both.mp3"), file(&["Folk", "jazz", "Rock"])).unwrap();
    fs::write(desk.path("music/other.mp3"), file(&["Folk", "Polka"])).unwrap();
    let before = desk.music();
    let run = desk.tag(&["--dry-run"]);
    assert_eq!(run.outcome("both.mp3"), "same", "{}", run.stderr);
    assert_eq!(
        run.rows["other.mp3"]["tag"],
        serde_json::json!({"outcome": "kept", "before": "Folk; Polka"})
    );
    let run = desk.tag(&["--overwrite-genre"]);
    assert_eq!(run.outcome("both.mp3"), "same", "{}", run.stderr);
    assert_eq!(run.outcome("other.mp3"), "written");
    let genre = run.rows["other.mp3"]["genre"].as_str().unwrap();
    let want = [several(&[genre]), audio.clone()].concat();
    assert!(fs::read(desk.path("music/other.mp3")).unwrap() == want);
    assert_eq!(desk.run(&["--restore-tags", "music"]).code, Some(0));
    assert!(before == desk.music());
}

#[test]
fn an_id3v1_tag_alone_keeps_its_title_before_all_players() {
    let desk = Desk::new();
    let mut old = b"TAGOld title".to_vec();
    old.resize(33, 0);
    old.extend_from_slice(b"Old artist");
    old.resize(127, 0);
    // The file without the ID3v2 tag of its encoder.
    let audio = fixture_bytes("mp3_cbr.mp3").split_off(45);
    assert_eq!(audio[0], 0xff);
    let file = |number: u8| [&audio[..], &old, &[number]].concat();
    fs::write(desk.path("music/old.mp3"), file(255)).unwrap();
    let run = desk.tag(&[]);
    assert_eq!(run.outcome("old.mp3"), "written", "{}", run.stderr);
    let number = if run.rows["old.mp3"]["genre"] == "Jazz" {
        8
    } else {
        17
    };
    assert!(fs::read(desk.path("music/old.mp3")).unwrap() == file(number));
    assert_eq!(desk.run(&["--restore-tags", "music"]).code, Some(0));
    assert!(fs::read(desk.path("music/old.mp3")).unwrap() == file(255));
    assert_eq!(
        said(&desk.path("music/old.mp3"), ItemKey::TrackArtist),
        ["Old artist"]
    );
}

#[cfg(unix)]
#[test]
fn a_file_with_other_names_is_refused_unless_asked() {
    let desk = Desk::new();
    let old = desk.add("flac.flac", "music/a.flac");
    fs::hard_link(desk.path("music/a.flac"), desk.path("b.flac")).unwrap();
    let told = "its other names (hard links: 1) keep it as it is";
    let run = desk.tag(&[]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(
        run.stderr.contains(told) && run.stderr.contains("--break-hard-links"),
        "{}",
        run.stderr
    );
    assert!(fs::read(desk.path("music/a.flac")).unwrap() == old);
    assert_eq!(desk.music().len(), 1, "no backup either");
    for dry in [&["--dry-run"][..], &[]] {
        let run = desk.tag(&[&["--break-hard-links"], dry].concat());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(run.stderr.contains(told), "{}", run.stderr);
    }
    assert!(fs::read(desk.path("music/a.flac")).unwrap() != old);
    assert!(fs::read(desk.path("b.flac")).unwrap() == old);
}
