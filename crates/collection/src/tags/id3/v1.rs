//! ID3v1: the last 128 bytes, with the genre's number in the last.
//!
//! Source: id3.org, "ID3v1"; the number of the track by ID3v1.1.

use std::ops::Range;

use crate::tags::edit::Edit;

use super::{names, v2};

pub(in crate::tags) const SIZE: usize = 128;

/// No genre.
const NONE: u8 = 255;

/// Whether these bytes end with such a tag.
pub(in crate::tags) fn is_at_end_of(bytes: &[u8]) -> bool {
    bytes.len() >= SIZE && bytes[bytes.len() - SIZE..].starts_with(b"TAG")
}

/// The genre of a tag, if its number has a name.
pub(in crate::tags) fn genres(tag: &[u8]) -> Vec<String> {
    let name = tag.last().and_then(|&number| names::name(number));
    name.map(str::to_owned).into_iter().collect()
}

/// The genre's number in the tag that ends at `end`; a genre that has none leaves the tag without.
pub(in crate::tags) fn edit(genre: &str, end: usize) -> Edit {
    Edit::new(end - 1..end, [names::number(genre).unwrap_or(NONE)])
}

/// What the tag says besides the genre, as frames of ID3v2.3 with their names. Texts stay as they are, byte for byte.
pub(in crate::tags) fn as_frames(tag: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let field = |at: Range<usize>| {
        let text = tag[at].split(|&byte| byte == 0).next().unwrap_or_default();
        text.trim_ascii_end().to_vec()
    };
    let track = match (tag[125], tag[126]) {
        (0, 1..) => tag[126].to_string().into_bytes(),
        _ => Vec::new(),
    };
    let comment = if track.is_empty() { 97..127 } else { 97..125 };
    [
        ("TIT2", field(3..33)),
        ("TPE1", field(33..63)),
        ("TALB", field(63..93)),
        ("TYER", field(93..97)),
        ("TRCK", track),
        ("COMM", field(comment)),
    ]
    .into_iter()
    .filter(|(_, text)| !text.is_empty())
    .map(|(id, text)| {
        let before: &[u8] = if id == "COMM" { b"\0XXX\0" } else { b"\0" };
        (id, v2::frame(id, &[before, &text].concat(), 3))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_tag_says_becomes_frames() {
        let mut tag = b"TAGSong".to_vec();
        tag.resize(33, 0);
        tag.extend_from_slice(b"Ann \xe9      ");
        tag.resize(93, 0);
        tag.extend_from_slice(b"1999a comment");
        tag.resize(126, 0);
        tag.extend_from_slice(&[12, 17]);
        assert!(is_at_end_of(&tag) && tag.len() == SIZE);
        assert_eq!(genres(&tag), ["Rock"]);
        let frames = as_frames(&tag);
        let ids: Vec<&str> = frames.iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, ["TIT2", "TPE1", "TYER", "TRCK", "COMM"]);
        assert_eq!(frames[1].1, b"TPE1\0\0\0\x06\0\0\0Ann \xe9");
        assert_eq!(frames[3].1, b"TRCK\0\0\0\x03\0\0\x0012");
        assert_eq!(frames[4].1, b"COMM\0\0\0\x0e\0\0\0XXX\0a comment");
        assert_eq!(edit("jazz", 128), Edit::new(127..128, [8]));
        assert_eq!(edit("Vaporwave", 128), Edit::new(127..128, [255]));
    }
}
