//! Edit lists and tags in made-up files, sensible and hostile.
#![allow(clippy::unwrap_used)]

use super::*;
use std::io::Cursor;

fn container(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    [&(body.len() as u32 + 8).to_be_bytes()[..], kind, &body].concat()
}

/// A box of numbers of four bytes.
fn table(kind: &[u8; 4], numbers: &[u32]) -> Vec<u8> {
    let bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_be_bytes()).collect();
    container(kind, &[&bytes])
}

/// A track of 44,100 ticks a second with an edit list.
fn track(id: u32, list: &[u8]) -> Vec<u8> {
    container(
        b"trak",
        &[
            &table(b"tkhd", &[0, 0, 0, id, 0, 0]),
            &container(b"edts", &[list]),
            &container(b"mdia", &[&table(b"mdhd", &[0, 0, 0, 44_100, 0, 0])]),
        ],
    )
}

/// A file whose movie, of 1000 ticks a second, has these boxes.
fn file(boxes: &[&[u8]]) -> Vec<u8> {
    let header = table(b"mvhd", &[0, 0, 0, 1000, 0, 0]);
    let movie = container(b"moov", &[&header, &boxes.concat()]);
    [table(b"ftyp", &[0, 0]), table(b"mdat", &[1, 2, 3]), movie].concat()
}

fn read(file: &[u8]) -> Edits {
    Edits::read(&Bytes::new(Box::new(Cursor::new(file.to_vec())))).unwrap()
}

fn tag(name: &[u8], text: &[u8]) -> Vec<u8> {
    let item = container(
        b"----",
        &[
            &container(b"name", &[&[0; 4], name]),
            &container(b"data", &[&[0; 8], text]),
        ],
    );
    let list = container(b"ilst", &[&container(b"free", &[]), &item]);
    container(b"udta", &[&container(b"meta", &[&[0; 4], &list])])
}

#[test]
fn the_first_edit_that_is_not_empty_gives_start_and_end() {
    let one = track(7, &table(b"elst", &[0, 1, 500, 1024, 65_536]));
    let edit = read(&file(&[&one])).of(7, true, Some(44_100)).unwrap();
    assert_eq!(
        (edit.start, edit.end, edit.timescale),
        (1024, Some(1024 + 22_050), 44_100)
    );
    // Half the ticks at half the rate, as of a decoder that leaves out the upper half of the spectrum.
    assert_eq!((edit.n_skipped(44_100), edit.n_skipped(22_050)), (1024, 512));
    assert_eq!(read(&file(&[&one])).of(8, true, Some(44_100)), None);
    // Empty, then 2112 to the end; and of two, the start only.
    let empty = track(1, &table(b"elst", &[0, 2, 99, u32::MAX, 65_536, 0, 2112, 65_536]));
    let two = track(2, &table(b"elst", &[0, 2, 10, 5, 65_536, 20, 3000, 65_536]));
    let edits = read(&file(&[&empty, &two]));
    let of = |id| edits.of(id, false, Some(44_100)).map(|e| (e.start, e.end));
    assert_eq!((of(1), of(2)), (Some((2112, None)), Some((5, None))));
    // Times of eight bytes.
    let long = table(b"elst", &[1 << 24, 1, 0, 1000, 1, 0, 65_536]);
    let edit = read(&file(&[&track(1, &long)])).of(1, false, None).unwrap();
    assert_eq!((edit.start, edit.end), (1 << 32, Some((1 << 32) + 44_100)));
}

#[test]
fn the_tag_of_itunes_counts_for_aac_only() {
    let list = track(1, &table(b"elst", &[0, 1, 500, 1024, 65_536]));
    let note = tag(b"iTunSMPB", b" 00000000 00000840 000001CA 0000000000003F31");
    let edits = read(&file(&[&list, &note]));
    let start = |is_aac| edits.of(1, is_aac, Some(44_100)).unwrap().start;
    assert_eq!((start(true), start(false)), (0x840, 1024));
    assert_eq!(
        read(&file(&[&note])).of(1, true, Some(44_100)).unwrap().start,
        0x840
    );
    for (name, text) in [
        (
            &b"iTunNORM"[..],
            &b" 00000000 00000840 000001CA 0000000000003F31"[..],
        ),
        (b"iTunSMPB", b" 00000000 00000000 000001CA 0000000000003F31"),
        (b"iTunSMPB", b" 00000000 00004000 000001CA 0000000000003F31"),
        (b"iTunSMPB", b" 00000000 \xff\xff\xff00840 000001CA 000000000000"),
        (b"iTunSMPB", b" 00000000 00000840"),
    ] {
        assert_eq!(read(&file(&[&tag(name, text)])), Edits::default());
    }
}

#[test]
fn what_makes_no_sense_is_left_alone() {
    let list = track(1, &table(b"elst", &[0, 1, 500, 1024, 65_536]));
    let whole = file(&[&list]);
    assert_ne!(read(&whole), Edits::default());
    // Fragments, other formats, a file cut anywhere.
    assert_eq!(read(&file(&[&list, &container(b"mvex", &[])])), Edits::default());
    assert_eq!(read(&[b"RIFF", &whole[..]].concat()), Edits::default());
    for n in 0..whole.len() - 1 {
        read(&whole[..n]);
    }
    // A box shorter than its header, one that reaches to the end, one of more bytes than there can be.
    for (size, large) in [
        (0u32, 0u64),
        (1, 0),
        (1, u64::MAX),
        (1, 17),
        (7, 0),
        (u32::MAX, 0),
    ] {
        let head = [&size.to_be_bytes()[..], b"free", &large.to_be_bytes()].concat();
        read(&[table(b"ftyp", &[0, 0]), head.clone(), whole.clone()].concat());
        read(&file(&[&head, &list]));
    }
    // A list with more entries than bytes; no timescale; more boxes than anyone writes.
    let short = track(1, &table(b"elst", &[0, u32::MAX, 0, 77, 65_536]));
    assert_eq!(read(&file(&[&short])).of(1, false, None).unwrap().start, 77);
    let at = whole.windows(4).position(|w| w == b"mdhd").unwrap();
    let mut timeless = whole.clone();
    timeless[at + 16..at + 20].fill(0);
    assert_eq!(read(&timeless), Edits::default());
    let many = container(b"free", &[]).repeat(2 * MAX_BOXES as usize);
    assert_eq!(read(&file(&[&many, &list])), Edits::default());
}
