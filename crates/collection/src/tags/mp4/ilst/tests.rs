#![allow(clippy::unwrap_used)]
use crate::tags::kind::{genres, with_genre};

use super::*;

fn data(kind: u8, value: &[u8]) -> Vec<u8> {
    new_box(b"data", &[&[0, 0, 0, kind, 0, 0, 0, 0], value].concat())
}

fn atom(kind: &[u8; 4], values: &[&str]) -> Vec<u8> {
    let values: Vec<u8> = values
        .iter()
        .flat_map(|value| data(1, value.as_bytes()))
        .collect();
    new_box(kind, &values)
}

/// `udta` with atoms and a `free` box of so many bytes behind them.
fn udta(atoms: &[&[u8]], free: Option<usize>) -> Vec<u8> {
    let handler = new_box(b"hdlr", &[&[0; 8][..], b"mdirappl", &[0; 9]].concat());
    let free = free.map_or_else(Vec::new, |n| new_box(b"free", &vec![0; n]));
    let meta = [&[0; 4][..], &handler, &new_box(b"ilst", &atoms.concat()), &free].concat();
    new_box(b"udta", &new_box(b"meta", &meta))
}

/// Tables with places.
fn trak(places: &[u32]) -> Vec<u8> {
    let n = (places.len() as u32).to_be_bytes();
    let short: Vec<u8> = places.iter().flat_map(|place| place.to_be_bytes()).collect();
    let long: Vec<u8> = places
        .iter()
        .flat_map(|&place| u64::from(place).to_be_bytes())
        .collect();
    let tables = [
        new_box(b"stco", &[&[0; 4], &n[..], &short].concat()),
        new_box(b"co64", &[&[0; 4], &n[..], &long].concat()),
    ];
    let stbl = new_box(b"stbl", &tables.concat());
    new_box(b"trak", &new_box(b"mdia", &new_box(b"minf", &stbl)))
}

const SOUND: &[u8] = b"one two three";

/// A file: the index in front of the sound or behind it, something between, places of the three words.
fn file(udta: &[u8], between: &[u8], index_first: bool) -> Vec<u8> {
    let start = new_box(b"ftyp", b"M4A \0\0\0\0");
    let moov = |at: usize| {
        let at = at as u32;
        new_box(
            b"moov",
            &[
                &new_box(b"mvhd", &[1; 20])[..],
                &trak(&[at, at + 4, at + 8]),
                udta,
            ]
            .concat(),
        )
    };
    let mdat = new_box(b"mdat", SOUND);
    let n = moov(0).len();
    match index_first {
        true => [
            &start[..],
            &moov(start.len() + n + between.len() + 8),
            between,
            &mdat,
        ]
        .concat(),
        false => [&start[..], &mdat, &moov(start.len() + 8), between].concat(),
    }
}

#[test]
fn only_the_genre_atoms_change_and_places_move_with_the_sound() {
    let (name, rating) = (atom(b"\xa9nam", &["a"]), new_box(b"rtng", &data(21, &[4])));
    let free_form = new_box(
        b"----",
        &[
            &new_box(b"mean", b"\0\0\0\0x")[..],
            &data(1, b"a"),
            &data(1, b"b"),
        ]
        .concat(),
    );
    let old = [
        atom(GENRE, &["Jazz", "Funk"]),
        new_box(NUMBER, &data(0, &[0, 18])),
        atom(GENRE, &["Soul"]),
    ];
    let new = atom(GENRE, &["Electronic"]);
    for index_first in [true, false] {
        let before = udta(&[&name, &old[0], &rating, &old[1], &old[2], &free_form], None);
        let after = udta(&[&name, &new, &rating, &free_form], None);
        let (before, after) = (file(&before, b"", index_first), file(&after, b"", index_first));
        assert_eq!(genres(&before).unwrap(), ["Jazz", "Funk", "Rock", "Soul"]);
        assert!(
            with_genre(&before, "Electronic").unwrap() == after,
            "{index_first}"
        );
        let none = file(&udta(&[&name, &rating], None), b"", index_first);
        let after = file(&udta(&[&name, &rating, &new], None), b"", index_first);
        assert!(with_genre(&none, "Electronic").unwrap() == after, "{index_first}");
        assert!(
            with_genre(&before, "funk").unwrap() == before,
            "it is one of them"
        );
    }
    let wide = new_box(GENRE, &data(2, b"\0J\0a\0z\0z"));
    assert_eq!(genres(&file(&udta(&[&wide], None), b"", true)).unwrap(), ["Jazz"]);
}

#[test]
fn free_boxes_give_and_take_so_that_the_sound_stays() {
    let (name, rock) = (atom(b"\xa9nam", &["a"]), atom(GENRE, &["Rock"]));
    let n = rock.len();
    for (inner, after) in [(n + 9, 9), (n, 0)] {
        let before = file(&udta(&[&name], Some(inner)), b"", true);
        assert!(with_genre(&before, "Rock").unwrap() == file(&udta(&[&name, &rock], Some(after)), b"", true));
    }
    // Too small inside: the one between index and sound.
    let between = |n: usize| new_box(b"free", &vec![0; n]);
    let before = file(&udta(&[&name], Some(n - 1)), &between(n + 3), true);
    let after = file(&udta(&[&name, &rock], Some(n - 1)), &between(3), true);
    assert!(with_genre(&before, "Rock").unwrap() == after);
    // Something is in it.
    let full = new_box(b"free", &[7; 99]);
    let after = file(&udta(&[&name, &rock], None), &full, true);
    assert!(with_genre(&file(&udta(&[&name], None), &full, true), "Rock").unwrap() == after);
    // A shorter genre leaves room.
    let after = file(&udta(&[&rock], Some(6 + 4)), b"", true);
    assert!(
        with_genre(
            &file(&udta(&[&atom(GENRE, &["Long rock"])], Some(5)), b"", true),
            "Rock"
        )
        .unwrap()
            == after
    );
}

#[test]
fn boxes_that_are_missing_are_made() {
    let rock = atom(GENRE, &["Rock"]);
    for index_first in [true, false] {
        let after = file(&udta(&[&rock], None), b"", index_first);
        assert!(with_genre(&file(b"", b"", index_first), "Rock").unwrap() == after);
        let empty = file(&new_box(b"udta", b""), b"", index_first);
        assert!(with_genre(&empty, "Rock").unwrap() == after);
    }
    // QuickTime's end mark stays the last.
    let (chapters, mark) = (new_box(b"chpl", b"chapters"), [0; 4]);
    let new = with_genre(
        &file(&new_box(b"udta", &[&chapters[..], &mark].concat()), b"", true),
        "Rock",
    )
    .unwrap();
    let inner = &udta(&[&rock], None)[8..];
    assert!(
        new == file(
            &new_box(b"udta", &[&chapters[..], inner, &mark].concat()),
            b"",
            true
        )
    );
}

#[test]
fn places_in_fragments_move_too() {
    let start = new_box(b"ftyp", b"M4A \0\0\0\0");
    let whole = |udta: &[u8]| {
        let moov = new_box(b"moov", &[&new_box(b"mvhd", &[1; 20])[..], udta].concat());
        let at = (start.len() + moov.len()) as u64;
        let tfhd = new_box(
            b"tfhd",
            &[&[0, 0, 0, 1, 0, 0, 0, 1][..], &at.to_be_bytes()].concat(),
        );
        let moof = new_box(b"moof", &new_box(b"traf", &tfhd));
        let entry = [&7_u32.to_be_bytes()[..], &(at as u32).to_be_bytes(), &[1, 1, 1]].concat();
        let head = [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1];
        let mfra = new_box(b"mfra", &new_box(b"tfra", &[&head[..], &entry].concat()));
        [&start[..], &moov, &moof, &new_box(b"mdat", SOUND), &mfra].concat()
    };
    let new = with_genre(&whole(b""), "Rock").unwrap();
    assert!(new == whole(&udta(&[&atom(GENRE, &["Rock"])], None)));
}

#[test]
fn what_stands_in_the_way_is_named() {
    let good = file(&udta(&[&atom(GENRE, &["Jazz"])], None), b"", true);
    let changed = |old: &[u8], new: &[u8]| {
        let mut bad = good.clone();
        let at = good.windows(old.len()).position(|window| window == old).unwrap();
        bad[at..at + new.len()].copy_from_slice(new);
        with_genre(&bad, "Electronic").unwrap_err().in_one_line()
    };
    for (old, new, words) in [
        (&b"mdir"[..], &b"mdta"[..], "of the kind `mdta`"),
        (b"moov", b"void", "no box `moov`"),
        (
            b"stco\0\0\0\0\0\0\0\x03",
            b"stco\0\0\0\0\xff\xff\xff\xff",
            "`stco` is longer than its box",
        ),
        (
            b"co64\0\0\0\0\0\0\0\x03",
            b"co64\0\0\0\0\0\0\0\x04",
            "`co64` is longer than its box",
        ),
        (b"stco", b"saio", "`saio`"),
    ] {
        let told = changed(old, new);
        assert!(told.contains(words), "{told}");
    }
    let mut bad = good.clone();
    let at = good.windows(4).position(|window| window == b"ilst").unwrap();
    bad[at - 2] = 0xff;
    assert!(
        with_genre(&bad, "Rock")
            .unwrap_err()
            .to_string()
            .contains("`ilst` says that it has")
    );
    // Boxes of one kind in each other, without an end.
    let mut deep = trak(&[0]);
    for _ in 0..2000 {
        deep = new_box(b"trak", &deep);
    }
    assert!(with_genre(&file(&deep, b"", true), "Rock").is_ok());
}
