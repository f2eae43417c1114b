#![allow(clippy::unwrap_used)]
use crate::tags::kind::{genres, with_genre};
use crate::tags::vorbis::tests::list;

use super::*;

/// A packet as pages of a stream with so many segments at most; the position stands where it ends.
fn laid(packets: &[&[u8]], sequence: u32, position: u8, most: usize) -> Vec<u8> {
    let segments: Vec<u8> = packets.iter().flat_map(|packet| lacing(packet.len())).collect();
    let data = packets.concat();
    let (mut out, mut at) = (Vec::new(), 0);
    for (i, here) in segments.chunks(most).enumerate() {
        let n: usize = here.iter().map(|&n| usize::from(n)).sum();
        let continued = i > 0 && segments[i * most - 1] == 255;
        let page = Page {
            at: 0..0,
            flags: if sequence == 0 { FIRST } else { u8::from(continued) },
            position: if here.iter().all(|&n| n == 255) {
                NO_POSITION
            } else {
                [position, 0, 0, 0, 0, 0, 0, 0]
            },
            serial: *b"abcd",
            sequence: sequence + i as u32,
            checksum: 0,
            lacing: here,
            body: &data[at..at + n],
        };
        at += n;
        out.extend(page.bytes());
    }
    out
}

/// A Vorbis stream: comments and setup on pages that begin with the comments, then two pages of sound.
fn stream(comments: &[&str], tail: &[u8], most: usize) -> Vec<u8> {
    let packet = [b"\x03vorbis", &list(comments)[..], tail].concat();
    let setup = [7; 700];
    let headers = laid(&[&packet, &setup], 1, 0, most);
    let n = Pieces::of(&headers).count() as u32;
    let sound = [
        laid(&[&[1; 300]], n + 1, 40, 255),
        laid(&[&[2; 20]], n + 2, 80, 255),
    ]
    .concat();
    [laid(&[b"\x01vorbis and more"], 0, 0, 255), headers, sound].concat()
}

#[test]
fn pages_are_laid_as_another_program_would() {
    let title = "t".repeat(200);
    for genre in ["x", "Electronic", &"long ".repeat(30), &"longer ".repeat(60)] {
        let genre = genre.trim();
        let new = format!("GENRE={genre}");
        for most in [255, 2] {
            let old = stream(&[&title, "genre=Jazz", "GENRE=Funk"], &[1], most);
            let want = stream(&[&title, &new.replace("GENRE", "genre")], &[1], most);
            let got = with_genre(&old, genre).unwrap();
            // Where pages are smaller than they could be, fewer are made; the packets are the same.
            if most == 255 {
                assert!(got == want, "{genre}");
            }
            assert_eq!(genres(&got).unwrap(), [genre]);
            assert!(Pieces::of(&got).all(|piece| matches!(piece, Piece::Page(page) if page.damage() == 0)));
            let numbers: Vec<u32> = sequences(&got);
            assert!(
                numbers.iter().enumerate().all(|(i, &n)| i as u32 == n),
                "{numbers:?}"
            );
        }
    }
    let none = stream(&[&title], &[1], 255);
    assert!(with_genre(&none, "Rock").unwrap() == stream(&[&title, "GENRE=Rock"], &[1], 255));
}

fn sequences(bytes: &[u8]) -> Vec<u32> {
    Pieces::of(bytes)
        .filter_map(|piece| match piece {
            Piece::Page(page) => Some(page.sequence),
            Piece::Other(_) => None,
        })
        .collect()
}

/// Lengths and bytes of all segments, wherever pages begin.
fn segments(bytes: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (mut lengths, mut data) = (Vec::new(), Vec::new());
    for piece in Pieces::of(bytes) {
        let Piece::Page(page) = piece else {
            panic!("{piece:?}")
        };
        assert_eq!(page.damage(), 0);
        lengths.extend_from_slice(page.lacing);
        data.extend_from_slice(page.body);
    }
    (lengths, data)
}

#[test]
fn a_packet_that_grows_over_a_page_moves_the_numbers_behind_it() {
    // 254 segments of comments and 3 of setup.
    let title = "t".repeat(253 * 255 - 50);
    let old = stream(&[&title], &[1], 255);
    let genre = "g".repeat(300);
    let mut new = with_genre(&old, &genre).unwrap();
    let want = stream(&[&title, &format!("GENRE={genre}")], &[1], 255);
    assert!(segments(&new) == segments(&want));
    assert_eq!(
        (sequences(&old), sequences(&new)),
        ((0..5).collect(), (0..6).collect())
    );
    // And back, with a page whose checksum is wrong: it stays as wrong.
    let n = new.len();
    new[n - 1] ^= 1;
    let back = with_genre(&new, "g").unwrap();
    let last = |bytes: &[u8]| match Pieces::of(bytes).last() {
        Some(Piece::Page(page)) => (page.sequence, page.damage()),
        other => panic!("{other:?}"),
    };
    assert_eq!(last(&back).1, last(&new).1);
    assert!(last(&back).1 != 0);
}

#[test]
fn padding_in_the_packet_is_used() {
    let padded = |comments: &[&str], n: usize| stream(comments, &[&[1][..], &vec![0; n]].concat(), 255);
    let new = with_genre(&padded(&["a=b"], 100), "Rock").unwrap();
    assert!(new == padded(&["a=b", "GENRE=Rock"], 100 - 14));
    // Of Opus, what follows the comments may be more than padding.
    let opus = |comments: &[&str], tail: &[u8]| {
        let packet = [b"OpusTags", &list(comments)[..], tail].concat();
        [
            laid(&[b"OpusHead and more"], 0, 0, 255),
            laid(&[&packet], 1, 0, 255),
            laid(&[&[9; 99]], 2, 30, 255),
        ]
        .concat()
    };
    for (tail, left) in [
        (&[0; 30][..], &[0; 16][..]),
        (&[], &[]),
        (
            b"\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
            b"\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        ),
    ] {
        let new = with_genre(&opus(&["a=b"], tail), "Rock").unwrap();
        assert!(new == opus(&["a=b", "GENRE=Rock"], left), "{tail:?}");
    }
}

#[test]
fn streams_beside_and_behind_it_stay() {
    let (one, rock) = (
        stream(&["a=b"], &[1], 255),
        stream(&["a=b", "GENRE=Rock"], &[1], 255),
    );
    let other: Vec<u8> = laid(&[b"\x80theora and more"], 0, 0, 255);
    let chained = stream(&["a=b", "GENRE=Jazz"], &[1], 255);
    let file = [&other[..], &one, b"junk", &chained].concat();
    let new = with_genre(&file, "Rock").unwrap();
    assert!(new == [&other[..], &rock, b"junk", &chained].concat());
}

#[test]
fn what_stands_in_the_way_is_named() {
    let good = stream(&["a=b"], &[1], 255);
    let told = |bytes: &[u8]| with_genre(bytes, "Rock").unwrap_err().in_one_line();
    assert!(told(&laid(&[b"Speex   1.2"], 0, 0, 255)).contains("Speex is not supported"));
    assert!(told(&laid(&[b"\x80theora"], 0, 0, 255)).contains("no stream of Vorbis"));
    assert!(told(&laid(&[b"\x01vorbis", b"\x03vorbis"], 0, 0, 255)).contains("more than its first packet"));
    assert!(told(&good[..60]).contains("cut short"));
    let mut bad = good.clone();
    let at = good.windows(3).position(|window| window == b"a=b").unwrap();
    bad[at] ^= 1;
    assert!(told(&bad).contains("checksum of Ogg page 1"), "{}", told(&bad));
    let swapped = [
        laid(&[b"\x01vorbis"], 0, 0, 255),
        laid(&[b"\x05vorbis"], 1, 0, 255),
    ]
    .concat();
    assert!(told(&swapped).contains("no comment header"));
}
