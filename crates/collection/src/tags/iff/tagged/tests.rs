#![allow(clippy::unwrap_used)]
use crate::tags::kind::{genres, with_genre};

use super::*;

fn little(id: &[u8; 4], content: &[u8]) -> Vec<u8> {
    Order::Little.chunk(id, content)
}

fn big(id: &[u8; 4], content: &[u8]) -> Vec<u8> {
    Order::Big.chunk(id, content)
}

fn wav(chunks: &[&[u8]]) -> Vec<u8> {
    let body = [&[b"WAVE", &little(b"fmt ", &[1; 16])[..]], chunks]
        .concat()
        .concat();
    [b"RIFF", &(body.len() as u32).to_le_bytes()[..], &body].concat()
}

fn aiff(chunks: &[&[u8]]) -> Vec<u8> {
    let body = [&[b"AIFF", &big(b"COMM", &[1; 18])[..]], chunks]
        .concat()
        .concat();
    [b"FORM", &(body.len() as u32).to_be_bytes()[..], &body].concat()
}

fn info(texts: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let texts: Vec<u8> = texts.iter().flat_map(|(id, text)| little(id, text)).collect();
    little(b"LIST", &[b"INFO", &texts[..]].concat())
}

/// An ID3v2.3 tag of text frames.
fn id3(frames: &[(&str, &str)]) -> Vec<u8> {
    let frames: Vec<u8> = frames
        .iter()
        .flat_map(|(id, text)| v2::text_frame(id, text, 3))
        .collect();
    [b"ID3\x03\0\0\0\0\0", &[frames.len() as u8][..], &frames].concat()
}

fn changed(old: &[u8], genre: &str) -> Vec<u8> {
    with_genre(old, genre).unwrap()
}

const SOUND: &[u8] = b"data\x04\0\0\0abcd";

#[test]
fn a_wav_file_without_tags_gets_both_kinds() {
    let want = wav(&[
        SOUND,
        &info(&[(b"IGNR", b"Rock\0")]),
        &little(b"id3 ", &id3(&[("TCON", "Rock")])),
    ]);
    assert_eq!(changed(&wav(&[SOUND]), "Rock"), want);
    // What the encoder is called says nothing of the piece.
    let encoder = info(&[(b"ISFT", b"Lavf60\0")]);
    let both = info(&[(b"ISFT", b"Lavf60\0"), (b"IGNR", b"Rock\0")]);
    let want = wav(&[&both, SOUND, &little(b"id3 ", &id3(&[("TCON", "Rock")]))]);
    assert_eq!(changed(&wav(&[&encoder, SOUND]), "Rock"), want);
}

#[test]
fn only_the_genre_changes_in_the_tags_that_are_there() {
    let list = |genre: &[u8]| {
        info(&[
            (b"INAM", b"Na\xefme\0"),
            (b"IGNR", genre),
            (b"IXYZ", b"odd"),
            (b"ITRK", b"03"),
        ])
    };
    let cue = little(b"cue ", &[3; 28]);
    let adtl = little(b"LIST", b"adtllabl\x02\0\0\0xy");
    let old = wav(&[&list(b"Techno\0"), &adtl, SOUND, &cue]);
    assert_eq!(genres(&old).unwrap(), ["Techno"]);
    assert_eq!(
        changed(&old, "Rock"),
        wav(&[&list(b"Rock\0"), &adtl, SOUND, &cue])
    );
    let tag = |genre: &str| little(b"ID3 ", &id3(&[("TIT2", "a"), ("TCON", genre), ("TRCK", "01")]));
    let old = wav(&[&tag("Techno"), SOUND, &cue]);
    assert_eq!(changed(&old, "Rock"), wav(&[&tag("Rock"), SOUND, &cue]));
    let two = |a: &str, b: &str| wav(&[SOUND, &list(a.as_bytes()), &tag(b)]);
    assert_eq!(changed(&two("Pop\0", "Jazz"), "Folk"), two("Folk\0", "Folk"));
    assert_eq!(changed(&two("Pop\0", "Folk"), "Folk"), two("Folk\0", "Folk"));
    let untold = info(&[(b"INAM", b"Name")]);
    let told = info(&[(b"INAM", b"Name"), (b"IGNR", b"Rock\0")]);
    assert_eq!(
        changed(&wav(&[SOUND, &untold, &cue]), "Rock"),
        wav(&[SOUND, &told, &cue])
    );
    let two = info(&[(b"IGNR", b"Jazz"), (b"INAM", b"Name"), (b"IGNR", b"Funk")]);
    let one = info(&[(b"IGNR", b"Rock\0"), (b"INAM", b"Name")]);
    assert_eq!(changed(&wav(&[SOUND, &two]), "Rock"), wav(&[SOUND, &one]));
}

#[test]
fn an_aiff_file_gets_id3_with_what_its_own_chunks_say() {
    let (name, sound) = (big(b"NAME", b"title"), big(b"SSND", &[5; 11]));
    let old = aiff(&[&name, &sound]);
    let tag = id3(&[("TIT2", "title"), ("TCON", "Rock")]);
    assert_eq!(changed(&old, "Rock"), aiff(&[&name, &sound, &big(b"ID3 ", &tag)]));
    let tagged = |genre: &str| aiff(&[&big(b"ID3 ", &id3(&[("TPE1", "a"), ("TCON", genre)])), &sound]);
    assert_eq!(changed(&tagged("Rock"), "Electronic"), tagged("Electronic"));
    let empty = aiff(&[&big(b"ID3 ", b""), &sound]);
    assert_eq!(
        changed(&empty, "Rock"),
        aiff(&[&big(b"ID3 ", &id3(&[("TCON", "Rock")])), &sound])
    );
}

#[test]
fn sizes_that_other_programs_got_wrong_stay_as_wrong() {
    let good = wav(&[SOUND]);
    let told = |file: &[u8]| u32::from_le_bytes([file[4], file[5], file[6], file[7]]);
    let grown = (changed(&good, "Rock").len() - good.len()) as u32;
    for (size, want) in [
        (0, 0),
        (u32::MAX, u32::MAX),
        (told(&good) - 3, told(&good) - 3 + grown),
        (4000, 4000 + grown),
    ] {
        let mut bad = good.clone();
        bad[4..8].copy_from_slice(&size.to_le_bytes());
        let new = changed(&bad, "Rock");
        assert_eq!(
            (told(&new), &new[8..]),
            (want, &changed(&good, "Rock")[8..]),
            "{size}"
        );
    }
    // What stands behind the file's end stays behind it.
    let more = [&good[..], b"garbage"].concat();
    assert_eq!(
        changed(&more, "Rock"),
        [&changed(&good, "Rock")[..], b"garbage"].concat()
    );
    let list = |genre: &[u8]| {
        little(
            b"LIST",
            &[b"INFOIGNR", &(genre.len() as u32).to_le_bytes()[..], genre].concat(),
        )
    };
    let odd = list(b"Pop");
    let new = changed(&wav(&[SOUND, &odd[..odd.len() - 1]]), "Rock");
    let want = wav(&[
        SOUND,
        &info(&[(b"IGNR", b"Rock\0")]),
        &little(b"id3 ", &id3(&[("TCON", "Rock")])),
    ]);
    assert_eq!(new, want);
    // An odd chunk without its zero gets it before the next one.
    let odd = b"data\x03\0\0\0abc";
    let new = changed(&wav(&[odd]), "Rock");
    assert!(new.windows(8).any(|window| window == b"abc\0LIST"), "{new:?}");
}

#[test]
fn sound_without_an_end_stays_the_last() {
    for open in [
        &b"data\xff\xff\xff\xff\x01\x80\x03\x04\x05\x06\x07\x08\x09"[..],
        b"data\0\0\0\0\x01\x80\x03\x04\x05\x06\x07\x08\x09",
    ] {
        let new = changed(&wav(&[open]), "Rock");
        let tags = [
            info(&[(b"IGNR", b"Rock\0")]),
            little(b"id3 ", &id3(&[("TCON", "Rock")])),
        ]
        .concat();
        assert_eq!(new, wav(&[&tags, open]));
        assert_eq!(genres(&new).unwrap(), ["Rock"]);
        assert_eq!(changed(&new, "Pop").len(), new.len() - 4, "{new:?}");
    }
}

#[test]
fn large_files_tell_their_size_elsewhere() {
    let large = |kind: &[u8; 4], chunks: &[&[u8]]| {
        let rest = [&little(b"fmt ", &[1; 16])[..], &chunks.concat()].concat();
        let size = (4 + 36 + rest.len()) as u64;
        let ds64 = [&size.to_le_bytes()[..], &4_u64.to_le_bytes(), &[0; 12]].concat();
        [kind, &[0xff; 4][..], b"WAVE", &little(b"ds64", &ds64), &rest].concat()
    };
    let sound = b"data\xff\xff\xff\xffabcd";
    let cue = little(b"cue ", &[3; 28]);
    for kind in [b"RF64", b"BW64"] {
        let list = |genre: &[u8]| info(&[(b"INAM", b"Name"), (b"IGNR", genre)]);
        let old = large(kind, &[sound, &cue, &list(b"Electronic\0")]);
        assert_eq!(
            changed(&old, "Rock"),
            large(kind, &[sound, &cue, &list(b"Rock\0")])
        );
    }
}

#[test]
fn what_stands_in_the_way_is_named() {
    let told = |file: &[u8]| with_genre(file, "Rock").unwrap_err().in_one_line();
    let cut = &id3(&[("TIT2", "a title"), ("TCON", "Jazz")])[..20];
    assert!(
        told(&wav(&[SOUND, &little(b"id3 ", cut)])).contains("chunk `ID3 ` cannot be read: the ID3 tag says")
    );
    assert!(told(&wav(&[SOUND, &little(b"id3 ", b"what?")])).contains("holds no ID3 tag"));
    assert!(told(b"RIFX\0\0\0\0WAVE").contains("RIFX"));
    assert!(told(b"RF64\xff\xff\xff\xffWAVEfmt \0\0\0\0").contains("ds64"));
    let good = wav(&[
        SOUND,
        &info(&[(b"INAM", b"Name")]),
        &little(b"id3 ", &id3(&[("TCON", "Jazz")])),
    ]);
    let mut state = 9_u32;
    for round in 0..2000 {
        let mut bad = good.clone();
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let at = (state >> 8) as usize % bad.len();
        bad[at] = if round % 2 == 0 { 0xff } else { (state >> 3) as u8 };
        // It is written, all else as it was, or refused.
        let _ = with_genre(&bad, "Rock");
    }
}
