//! Genres that people wrote, and what else is in a tag.

use std::fs;
use std::io::Cursor;

use lofty::config::WriteOptions;
use lofty::picture::{MimeType, Picture, PictureType};
use lofty::tag::{Accessor, ItemKey, Tag, TagExt, TagType};

use crate::desk::{Desk, Run, fixture_bytes, said, tags};

#[test]
fn a_persons_genre_stays_unless_told_otherwise_and_the_rest_of_the_tag_always() {
    let desk = Desk::new();
    for (name, kind) in [
        ("mp3_cbr.mp3", TagType::Id3v2),
        ("flac.flac", TagType::VorbisComments),
        ("vorbis.ogg", TagType::VorbisComments),
        ("aac.m4a", TagType::Mp4Ilst),
        ("pcm_s16.wav", TagType::RiffInfo),
    ] {
        let mut file = Cursor::new(fixture_bytes(name));
        let mut tag = Tag::new(kind);
        tag.set_title("Tïtle".to_owned());
        tag.set_genre("Blues".to_owned());
        if kind != TagType::RiffInfo {
            let cover = Picture::unchecked(vec![7; 90_000])
                .pic_type(PictureType::CoverFront)
                .mime_type(MimeType::Png)
                .build();
            tag.push_picture(cover);
        }
        tag.save_to(&mut file, WriteOptions::new()).unwrap();
        fs::write(desk.path("music").join(name), file.into_inner()).unwrap();
    }
    let before = desk.music();
    let run = desk.tag(&[]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(before == desk.music(), "no byte is changed and no backup is made");
    for name in before.keys() {
        assert_eq!(
            run.rows[name]["tag"],
            serde_json::json!({"outcome": "kept", "before": "Blues"})
        );
    }
    let run = desk.tag(&["--overwrite-genre"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let check = |run: &Run| {
        for name in before.keys() {
            let path = desk.path("music").join(name);
            assert_eq!(run.outcome(name), "written", "{name}");
            let genres = said(&path, ItemKey::Genre);
            assert!(
                genres.iter().all(|g| run.rows[name]["genre"] == **g),
                "{name}: {genres:?}"
            );
            assert_eq!(said(&path, ItemKey::TrackTitle), ["Tïtle"], "{name}");
            if name != "pcm_s16.wav" {
                let covers: Vec<Picture> = tags(&path).iter().flat_map(|t| t.pictures().to_vec()).collect();
                assert_eq!(covers.len(), 1, "{name}");
                assert!(covers[0].data() == [7; 90_000], "{name}: another cover");
                let backup = fs::metadata(path.with_file_name(format!("{name}.cdtag"))).unwrap();
                assert!(
                    backup.len() < 10_000,
                    "{name}: the backup has {} bytes",
                    backup.len()
                );
            }
        }
    };
    check(&run);
    assert_eq!(run.rows["flac.flac"]["tag"]["before"], "Blues");
    // Another model may replace what the first one wrote, and the way back still leads to the beginning.
    let run = desk.tag_by("other.cdmodel", &[]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    check(&run);
    assert_eq!(desk.run(&["--restore-tags", "music"]).code, Some(0));
    assert!(before == desk.music());
}

/// An ID3v2.3 tag with a title, a genre and a frame that only its owner understands.
fn old_tag(genre: &str) -> Vec<u8> {
    let frame = |id: &[u8; 4], content: &[u8]| {
        let mut out = id.to_vec();
        out.extend_from_slice(&(content.len() as u32).to_be_bytes());
        out.extend_from_slice(&[0, 0]);
        out.extend_from_slice(content);
        out
    };
    let frames = [
        frame(b"TIT2", b"\0Old title"),
        frame(b"TCON", format!("\0{genre}").as_bytes()),
        frame(b"PRIV", b"somebody@example.org\0\x01\x02\xfe\xff"),
        frame(b"TXXX", b"\0REPLAYGAIN_TRACK_GAIN\0-6.5 dB"),
        frame(b"TYER", b"\x001999"),
    ]
    .concat();
    let n = frames.len() as u32;
    let mut tag = b"ID3\x03\0\0".to_vec();
    tag.extend([n >> 21, n >> 14, n >> 7, n].map(|x| (x & 0x7f) as u8));
    tag.extend(frames);
    tag
}

#[test]
fn an_old_id3_tag_keeps_its_version_and_what_only_its_owner_understands() {
    let desk = Desk::new();
    let mut v1 = b"TAGOld title".to_vec();
    v1.resize(127, 0);
    v1.push(8); // Jazz
    let file = [old_tag("(0)"), fixture_bytes("mp3_cbr.mp3"), v1].concat();
    fs::write(desk.path("music/old.mp3"), &file).unwrap();
    let run = desk.tag(&[]);
    assert_eq!(run.rows["old.mp3"]["tag"]["before"], "Blues", "{}", run.stdout);
    let run = desk.tag(&["--overwrite-genre"]);
    assert_eq!(run.outcome("old.mp3"), "written", "{}", run.stderr);
    let path = desk.path("music/old.mp3");
    let new = fs::read(&path).unwrap();
    assert_eq!(new[..4], *b"ID3\x03");
    let has = |part: &[u8]| new.windows(part.len()).any(|w| w == part);
    assert!(
        has(b"somebody@example.org\0\x01\x02\xfe\xff") && has(b"TYER"),
        "{new:?}"
    );
    // Both tags tell the same genre.
    let genre = run.rows["old.mp3"]["genre"].as_str().unwrap();
    assert_eq!(said(&path, ItemKey::Genre), [genre, genre]);
    assert_eq!(said(&path, ItemKey::ReplayGainTrackGain), ["-6.5 dB"]);
    assert_eq!(desk.run(&["--restore-tags", "music"]).code, Some(0));
    assert_eq!(fs::read(&path).unwrap(), file);
}
