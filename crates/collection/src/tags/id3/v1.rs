//! ID3v1: the last 128 bytes, with the genre's number in the last.
//!
//! Source: id3.org, "ID3v1"; the number of the track by ID3v1.1.

use std::ops::Range;

use crate::tags::edit::Edit;

use super::{names, text, v2};

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

/// What the tag says besides the genre, as frames of ID3v2.3 with their names. The tag does not say how its texts are written: what
/// is UTF-8 is taken for that, all else for Latin-1.
pub(in crate::tags) fn as_frames(tag: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let field = |at: Range<usize>| {
        let text = tag[at].split(|&byte| byte == 0).next().unwrap_or_default();
        read(text.trim_ascii_end())
    };
    let track = match (tag[125], tag[126]) {
        (0, 1..) => tag[126].to_string(),
        _ => String::new(),
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
        let mut content = text::encode(&text, 3);
        if id == "COMM" {
            // A language that is not known, and no description.
            let description: &[u8] = if content[0] == 1 { b"\xff\xfe\0\0" } else { b"\0" };
            content.splice(1..1, [b"XXX", description].concat());
        }
        (id, v2::frame(id, &content, 3))
    })
    .collect()
}

/// A text of at most thirty bytes, at whose end a letter may be cut.
fn read(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(error) if error.error_len().is_none() && error.valid_up_to() > 25 => {
            String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned()
        }
        Err(_) => text::latin1(bytes),
    }
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
        // Texts as programs of today write them: fourteen letters and a cut one, and a comment.
        let mut tag = ["TAG", &"ж".repeat(14), "\u{20ac}"].concat().into_bytes();
        tag.truncate(33);
        tag.resize(97, 0);
        tag.extend_from_slice("é ☃".as_bytes());
        tag.resize(SIZE, 0);
        let frames = as_frames(&tag);
        assert_eq!(text::decode(&frames[0].1[10..]), ["ж".repeat(14)]);
        let comment = b"COMM\0\0\0\x10\0\0\x01XXX\xff\xfe\0\0\xff\xfe\xe9\0 \0\x03\x26";
        assert_eq!(frames[1].1, comment);
        assert_eq!(
            (read(b"caf\xe9"), read(b"caf\xc3")),
            ("café".into(), "cafÃ".into())
        );
        assert_eq!(edit("jazz", 128), Edit::new(127..128, [8]));
        assert_eq!(edit("Vaporwave", 128), Edit::new(127..128, [255]));
    }
}
