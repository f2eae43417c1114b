#![allow(clippy::unwrap_used)]
use super::super::walk::stuffed;
use super::*;

/// A tag of a version with flags, frames and padding.
fn tag(version: u8, flags: u8, frames: &[&[u8]], padding: usize) -> Vec<u8> {
    let body = [&frames.concat()[..], &vec![0; padding]].concat();
    let size = in_seven_bits(body.len() as u32);
    [b"ID3", &[version, 0, flags][..], &size, &body].concat()
}

/// A frame with a Latin-1 text.
fn text(id: &str, value: &str, version: u8) -> Vec<u8> {
    frame(id, &[b"\0", value.as_bytes()].concat(), version)
}

/// The tag with a genre; held against the old one too.
fn with(old: &[u8], genre: &str) -> Vec<u8> {
    crate::tags::kind::with_genre(&[old, b"\xff\xfb\x90\0 audio"].concat(), genre).unwrap()
}

fn genres(bytes: &[u8]) -> Vec<String> {
    Id3v2::parse(bytes).unwrap().genres().unwrap()
}

fn refused(bytes: &[u8]) -> String {
    Id3v2::parse(bytes)
        .and_then(|tag| tag.genres())
        .unwrap_err()
        .in_one_line()
}

const AUDIO: &[u8] = b"\xff\xfb\x90\0 audio";

#[test]
fn only_the_genre_frames_change_in_every_version() {
    for version in [2, 3, 4] {
        let (title, artist, url) = if version == 2 {
            ("TT2", "TP1", "WAF")
        } else {
            ("TIT2", "TPE1", "WOAF")
        };
        let [a, b, c] = ["first", "second", "01/12"].map(|value| text(title, value, version));
        let url = frame(url, b"http://a.example", version);
        let unknown = frame(
            if version == 2 { "XYZ" } else { "XYZW" },
            b"\xff\xfe\0\x01",
            version,
        );
        let genre = if version == 2 { "TCO" } else { "TCON" };
        let (old, more) = (text(genre, "(17)(6)", version), text(genre, "Polka", version));
        let artist = text(artist, "a", version);
        let file = tag(version, 0, &[&a, &b, &old, &url, &more, &unknown, &c, &artist], 0);
        assert_eq!(genres(&file), ["Rock", "Grunge", "Polka"]);
        let new = text(genre, "Acid Punk", version);
        let want = tag(version, 0, &[&a, &b, &new, &url, &unknown, &c, &artist], 0);
        assert_eq!(with(&file, "Acid Punk"), [&want[..], AUDIO].concat(), "{version}");
        let none = tag(version, 0, &[&a, &url, &b], 0);
        let want = tag(version, 0, &[&a, &url, &b, &new], 0);
        assert_eq!(with(&none, "Acid Punk"), [&want[..], AUDIO].concat(), "{version}");
    }
}

#[test]
fn padding_gives_and_takes_so_that_nothing_else_moves() {
    let (title, genre) = (text("TIT2", "a", 3), text("TCON", "Rock", 3));
    for (before, after) in [
        (40, 40 - genre.len()),
        (genre.len(), 0),
        (genre.len() - 1, genre.len() - 1),
        (0, 0),
    ] {
        let want = tag(3, 0, &[&title, &genre], after);
        assert_eq!(
            with(&tag(3, 0, &[&title], before), "Rock"),
            [&want[..], AUDIO].concat(),
            "{before}"
        );
    }
    let long = text("TCON", "Progressive Rock", 3);
    let want = tag(3, 0, &[&genre, &title], 5 + 12);
    assert_eq!(
        with(&tag(3, 0, &[&long, &title], 5), "Rock"),
        [&want[..], AUDIO].concat()
    );
    // The size of the padding stands in the extended header too.
    let extended = |padding: u8| [0, 0, 0, 6, 0, 0, 0, 0, 0, padding];
    let want = tag(
        3,
        0x40,
        &[&extended(20 - genre.len() as u8), &title, &genre],
        20 - genre.len(),
    );
    assert_eq!(
        with(&tag(3, 0x40, &[&extended(20), &title], 20), "Rock"),
        [&want[..], AUDIO].concat()
    );
}

#[test]
fn headers_and_footers_that_few_programs_write() {
    let (title, genre) = (text("TIT2", "a", 4), text("TCON", "Rock", 4));
    let extended = [0, 0, 0, 6, 1, 0];
    let want = tag(4, 0x40, &[&extended, &title, &genre], 0);
    assert_eq!(
        with(&tag(4, 0x40, &[&extended, &title], 0), "Rock"),
        [&want[..], AUDIO].concat()
    );
    // The flag says that there is one, and there is none.
    let want = tag(4, 0x40, &[&title, &genre], 0);
    assert_eq!(
        with(&tag(4, 0x40, &[&title], 0), "Rock"),
        [&want[..], AUDIO].concat()
    );
    let footed = |frames: &[&[u8]]| {
        let tag = tag(4, 0x10, frames, 0);
        [&tag[..], b"3DI", &tag[3..10]].concat()
    };
    let want = footed(&[&title, &genre]);
    assert_eq!(with(&footed(&[&title]), "Rock"), [&want[..], AUDIO].concat());
    // And such a tag at the end, with no other in front.
    let at_end = |tag: &[u8]| [AUDIO, tag].concat();
    let new = crate::tags::kind::with_genre(&at_end(&footed(&[&title])), "Rock").unwrap();
    assert_eq!(new, at_end(&want));
}

#[test]
fn zeros_that_do_not_count_are_counted_out_and_in() {
    let private = frame("PRIV", b"o\0\xff\xe0\xff\0", 3);
    let frames = [
        text("TIT2", "a", 3),
        private.clone(),
        text("TCON", "Jazz", 3),
        private.clone(),
    ];
    let whole = |frames: &[Vec<u8>], padding: usize| tag(3, 0x80, &[&stuffed(&frames.concat())], padding);
    let mut new = frames.clone();
    new[2] = frame("TCON", &text::encode("ÿ Тяжёлый", 3), 3);
    assert!(stuffed(&new[2]).len() > new[2].len());
    assert_eq!(genres(&whole(&frames, 0)), ["Jazz"]);
    assert_eq!(
        with(&whole(&frames, 0), "ÿ Тяжёлый"),
        [&whole(&new, 0)[..], AUDIO].concat()
    );
    // The last byte of the frames counts, and its zero is no padding.
    let last = frame("PRIV", b"o\0\xff", 3);
    let old = whole(std::slice::from_ref(&last), 3);
    let want = whole(&[last, text("TCON", "Rock", 3)], 3);
    assert_eq!(with(&old, "Rock"), [&want[..], AUDIO].concat());
    // Version 4 says it for each frame.
    let single = [b"TCON\0\0\0\x07\0\x02", &b"\0\xff\0Jazz"[..6], b"z"].concat();
    assert_eq!(genres(&tag(4, 0, &[&single], 0)), ["ÿJazz"]);
}

#[test]
fn sizes_as_itunes_wrote_them_are_known_by_where_they_lead() {
    let long = |n: usize| {
        let content = [b"\x03", &vec![b'x'; n - 1][..]].concat();
        [b"TIT2", &(n as u32).to_be_bytes()[..], &[0, 0], &content].concat()
    };
    let (artist, genre) = (text("TPE1", "a", 4), text("TCON", "Rock", 4));
    for n in [127, 128, 200, 300, 0x310] {
        let want = tag(4, 0, &[&long(n), &artist, &genre], 7 - 7);
        assert_eq!(
            with(&tag(4, 0, &[&long(n), &artist], 0), "Rock"),
            [&want[..], AUDIO].concat(),
            "{n}"
        );
    }
    // A picture that ends in zeros: by either reading of its size nothing but zeros follows. The genre goes in front.
    let mut picture = [b"APIC", &0x310_u32.to_be_bytes()[..], &[0, 0]].concat();
    picture.resize(10 + 0x310, 0);
    let want = tag(4, 0, &[&genre, &picture], 30);
    assert_eq!(
        with(&tag(4, 0, &[&picture], 30), "Rock"),
        [&want[..], AUDIO].concat()
    );
}

#[test]
fn what_is_no_frame_stays_where_it_is() {
    let (title, genre) = (text("TIT2", "a", 3), text("TCON", "Rock", 3));
    let junk = b"\xde\xad\xbe\xef and more of it";
    let want = tag(3, 0, &[&genre, &title, junk], 9);
    assert_eq!(
        with(&tag(3, 0, &[&title, junk], 9), "Rock"),
        [&want[..], AUDIO].concat()
    );
    // A frame without a content, behind which TagLib reads nothing.
    let empty = frame("TPE1", b"", 3);
    let want = tag(3, 0, &[&title, &genre, &empty, &title], 0);
    assert_eq!(
        with(&tag(3, 0, &[&title, &empty, &title], 0), "Rock"),
        [&want[..], AUDIO].concat()
    );
    // Names of version 2 in a tag of version 3, as old programs of Apple's wrote them.
    let old = [
        b"TT2\0\0\0\0\x02\0\0\0a".to_vec(),
        b"TCO\0\0\0\0\x05\0\0\0Jazz".to_vec(),
    ];
    let file = tag(3, 0, &[&old[0], &old[1]], 0);
    assert_eq!(genres(&file), ["Jazz"]);
    let want = tag(3, 0, &[&old[0], &genre], 0);
    assert_eq!(with(&file, "Rock"), [&want[..], AUDIO].concat());
}

#[test]
fn what_cannot_be_read_is_named() {
    for (version, flags, word) in [
        (3, [0, 0x80], "compressed"),
        (3, [0, 0x40], "encrypted"),
        (4, [0, 0x08], "compressed"),
        (4, [0, 0x04], "encrypted"),
    ] {
        let mut genre = text("TCON", "Rock", version);
        genre[8..10].copy_from_slice(&flags);
        let error = refused(&tag(version, 0, &[&genre], 0));
        assert!(error.contains("`TCON`") && error.contains(word), "{error}");
    }
    let mut grouped = text("TCON", "\x07\0Rock", 3);
    grouped.remove(10);
    grouped[7] -= 1;
    grouped[9] = 0x20;
    assert_eq!(genres(&tag(3, 0, &[&grouped], 0)), ["Rock"]);
    for (bytes, words) in [
        (tag(5, 0, &[], 9), "version 2.5"),
        (tag(2, 0x40, &[], 9), "ID3v2.2 tag is compressed"),
        (tag(3, 0x40, &[&[0, 0, 0, 10, 0x80, 0]], 20), "checksum"),
        (tag(4, 0x40, &[&[0, 0, 0, 12, 1, 0x20]], 20), "checksum"),
        (tag(4, 0x40, &[&[0x7f, 0x7f, 0, 6, 1, 0]], 20), "extended header"),
        (tag(3, 0x40, &[], 3), "cut short"),
        (tag(3, 0, &[], 9)[..15].to_vec(), "19 bytes, and there are 15"),
    ] {
        assert!(refused(&bytes).contains(words), "{}", refused(&bytes));
    }
}

#[test]
fn brackets_and_numbers_read_back_or_are_refused() {
    let title = tag(3, 0, &[&text("TIT2", "a", 3)], 0);
    let file = [&title[..], AUDIO].concat();
    for genre in ["(4) winds", "(live)", "Old-Time / Historic", "((", "Soul-RnB"] {
        let new = with(&title, genre);
        assert_eq!(genres(&new), [genre]);
    }
    let error = crate::tags::kind::with_genre(&file, "17")
        .unwrap_err()
        .to_string();
    assert!(error.contains("does not read back"), "{error}");
}
