#![allow(clippy::unwrap_used)]
use crate::tags::ape::tests::tag as ape;
use crate::tags::kind::{genres, with_genre};

const AUDIO: &[u8] = b"\xff\xfb\x90\0 audio";

/// An ID3v1 tag with title, artist and track.
fn old_tag(number: u8) -> Vec<u8> {
    let mut out = b"TAGTitle".to_vec();
    out.resize(33, 0);
    out.extend_from_slice(b"Artist");
    out.resize(126, 0);
    out.extend_from_slice(&[5, number]);
    out
}

fn file(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

#[test]
fn a_file_without_tags_gets_one_that_the_most_programs_know() {
    let new = with_genre(AUDIO, "Rock").unwrap();
    assert_eq!(
        new,
        file(&[b"ID3\x03\0\0\0\0\0\x0fTCON\0\0\0\x05\0\0\0Rock", AUDIO])
    );
}

#[test]
fn a_genre_with_a_number_is_a_byte_of_id3v1() {
    for (before, genre, after) in [(255, "Rock", 17), (8, "Rock", 17), (200, "psybient", 191)] {
        let new = with_genre(&file(&[AUDIO, &old_tag(before)]), genre).unwrap();
        assert_eq!(new, file(&[AUDIO, &old_tag(after)]), "{genre}");
    }
    assert_eq!(genres(&file(&[AUDIO, &old_tag(17)])).unwrap(), ["Rock"]);
    assert!(genres(&file(&[AUDIO, &old_tag(255)])).unwrap().is_empty());
}

#[test]
fn a_genre_without_a_number_comes_with_what_id3v1_says() {
    for before in [255, 17] {
        let new = with_genre(&file(&[AUDIO, &old_tag(before)]), "Soul-RnB").unwrap();
        let frames = file(&[
            b"TIT2\0\0\0\x06\0\0\0Title",
            b"TPE1\0\0\0\x07\0\0\0Artist",
            b"TRCK\0\0\0\x02\0\0\x005",
            b"TCON\0\0\0\x09\0\0\0Soul-RnB",
        ]);
        let head = file(&[b"ID3\x03\0\0\0\0\0", &[frames.len() as u8]]);
        assert_eq!(new, file(&[&head, &frames, AUDIO, &old_tag(255)]), "{before}");
    }
    // The same for a tag of nothing but padding, which hides ID3v1 from many players.
    let empty = b"ID3\x04\0\0\0\0\0\x03\0\0\0";
    let new = with_genre(&file(&[empty, AUDIO, &old_tag(255)]), "Soul-RnB").unwrap();
    assert!(
        new.starts_with(b"ID3\x04") && new.windows(9).any(|window| window == b"TitleTPE1"),
        "{new:?}"
    );
}

#[test]
fn every_tag_that_tells_a_genre_tells_the_new_one() {
    let v2 = |genre: &str| {
        file(&[
            b"ID3\x03\0\0\0\0\0",
            &[11 + genre.len() as u8],
            b"TCON\0\0\0",
            &[1 + genre.len() as u8],
            b"\0\0\0",
            genre.as_bytes(),
        ])
    };
    let lyrics = b"LYRICSBEGININD0000200000021LYRICS200";
    let all = |genre: &str, number: u8| {
        let ape = ape(&[("Title", b"t"), ("Genre", genre.as_bytes())]);
        file(&[&v2(genre), AUDIO, &ape, lyrics, &old_tag(number)])
    };
    assert_eq!(with_genre(&all("Blues", 0), "Jazz").unwrap(), all("Jazz", 8));
    // Genres of which it is one stay.
    let two = all("Blues", 8);
    assert_eq!(with_genre(&all("Blues", 12), "blues").unwrap(), all("Blues", 0));
    assert_eq!(with_genre(&two, "Jazz").unwrap(), all("Jazz", 8));
}

#[test]
fn a_tag_of_another_kind_gets_it_alone() {
    let tagged = |items: &[(&str, &[u8])]| file(&[AUDIO, &ape(items), &old_tag(255)]);
    let items = [
        ("Title", &b"a title that is longer than thirty letters"[..]),
        ("Genre", b"Soul-RnB"),
    ];
    assert_eq!(
        with_genre(&tagged(&items[..1]), "Soul-RnB").unwrap(),
        tagged(&items)
    );
    // An ID3v1 tag that is not the last is none.
    let hidden = |items: &[(&str, &[u8])]| file(&[AUDIO, &old_tag(255), &ape(items)]);
    assert_eq!(
        with_genre(&hidden(&items[..1]), "Soul-RnB").unwrap(),
        hidden(&items)
    );
    // With ID3v1 beside it, that too where the genre has a number.
    let loud = |more: &[(&str, &[u8])], number: u8| {
        let items = [&[("MP3GAIN_MINMAX", &b"100,200"[..])], more].concat();
        file(&[AUDIO, &ape(&items), &old_tag(number)])
    };
    for (genre, number) in [("Rock", 17), ("Soul-RnB", 255)] {
        let new = with_genre(&loud(&[], 255), genre).unwrap();
        assert_eq!(new, loud(&[("Genre", genre.as_bytes())], number));
    }
}

#[test]
fn arbitrary_bytes_are_written_or_refused() {
    let whole = file(&[
        b"ID3\x04\0\0\0\0\0\x14TIT2\0\0\0\x02\0\0\0aTCO",
        AUDIO,
        &ape(&[("Title", b"t"), ("Genre", b"Jazz")]),
        &old_tag(3),
    ]);
    let mut state = 5_u32;
    let mut random = |n: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % n
    };
    let (mut n_written, mut n_refused) = (0, 0);
    for _ in 0..3000 {
        let mut bad = whole.clone();
        for _ in 0..=random(4) {
            let at = random(bad.len());
            bad[at] = random(256) as u8;
        }
        bad.truncate(whole.len() - random(3) * random(60));
        match with_genre(&bad, "Rock") {
            Ok(_) => n_written += 1,
            Err(_) => n_refused += 1,
        }
    }
    assert!(n_written > 1000 && n_refused > 50, "{n_written} {n_refused}");
}
