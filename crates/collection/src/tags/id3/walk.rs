//! Frames of an ID3v2 tag, one behind the other, by their sizes.
//!
//! Versions 2 and 3 may be unsynchronised as a whole: behind each byte 255 stands a 0 that is not counted. Version 4 writes
//! sizes with seven bits in a byte, but iTunes wrote them with eight; which it was shows in where the frames lead.

use std::ops::Range;

use crate::error::{Result, refuse};

use crate::tags::anatomy::MAX_PARTS;

/// How a tag is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) version: u8,
    /// Bytes 255 are followed by a 0 that does not count, in the whole tag.
    pub(super) stuffed: bool,
    /// Sizes of version 4 with eight bits in a byte.
    pub(super) plain: bool,
}

/// A frame, with its head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) id: [u8; 4],
    /// The two bytes of flags; 0 in version 2.
    pub(super) flags: [u8; 2],
    pub(super) at: Range<usize>,
    /// Where the content begins.
    pub(super) content: usize,
}

/// The frames of a tag, and where they end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Walk {
    pub(super) style: Style,
    pub(super) frames: Vec<Frame>,
    pub(super) end: usize,
    /// Whether nothing but zeros follows, and no other reading of the sizes leads there too.
    pub(super) sure: bool,
}

impl Frame {
    /// The name as it is written, without what fills it up.
    pub(super) fn name(&self) -> String {
        let id: &[u8] = &self.id;
        id.iter()
            .filter(|c| c.is_ascii_alphanumeric())
            .map(|&c| char::from(c))
            .collect()
    }

    /// Whether the genre is in it. Version 3 of iTunes has names of version 2 too.
    pub(super) fn is_genre(&self) -> bool {
        &self.id == b"TCON" || self.id.starts_with(b"TCO\0") || self.id.starts_with(b"TCO ")
    }
}

impl Style {
    fn head(self) -> usize {
        if self.version == 2 { 6 } else { 10 }
    }

    /// Where `n` bytes from `at` on end, those that do not count on top.
    pub(super) fn skip(self, bytes: &[u8], mut at: usize, n: usize) -> Option<usize> {
        if !self.stuffed {
            let end = at.checked_add(n)?;
            return (end <= bytes.len()).then_some(end);
        }
        for _ in 0..n {
            let byte = *bytes.get(at)?;
            at += 1;
            if byte == 0xff && bytes.get(at) == Some(&0) {
                at += 1;
            }
        }
        Some(at)
    }

    /// The bytes that count.
    pub(super) fn counted(self, bytes: &[u8]) -> Vec<u8> {
        match self.stuffed {
            true => unstuffed(bytes),
            false => bytes.to_vec(),
        }
    }
}

/// The bytes without the zeros behind 255.
pub(super) fn unstuffed(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut last = 0;
    for &byte in bytes {
        if !(last == 0xff && byte == 0) {
            out.push(byte);
        }
        last = byte;
    }
    out
}

/// The bytes with a zero behind each 255.
pub(super) fn stuffed(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 2);
    for &byte in bytes {
        out.push(byte);
        if byte == 0xff {
            out.push(0);
        }
    }
    out
}

/// A number of four bytes with seven bits in each.
pub(super) fn seven_bits(bytes: [u8; 4]) -> u32 {
    bytes.iter().fold(0, |n, &byte| n << 7 | u32::from(byte & 0x7f))
}

/// The bytes of a number, seven bits in each; below 2^28.
pub(super) fn in_seven_bits(n: u32) -> [u8; 4] {
    [n >> 21, n >> 14, n >> 7, n].map(|part| (part & 0x7f) as u8)
}

/// All frames between `from` and the end of `body`.
///
/// # Errors
/// There are more than any tag has.
pub(super) fn walk(body: &[u8], from: usize, version: u8, stuffed: bool) -> Result<Walk> {
    let style = Style {
        version,
        stuffed,
        plain: false,
    };
    let mut found = one_way(body, from, style)?;
    if version == 4 && (!found.sure || found.frames.iter().any(|frame| frame.at.len() > 137)) {
        let other = one_way(body, from, Style { plain: true, ..style })?;
        if !found.sure && (other.sure || other.frames.len() > found.frames.len()) {
            return Ok(other);
        }
        found.sure &= !other.sure || other.frames == found.frames;
    }
    Ok(found)
}

fn one_way(body: &[u8], from: usize, style: Style) -> Result<Walk> {
    let (mut frames, mut at) = (Vec::new(), from);
    while let Some(frame) = frame(body, at, style) {
        if frames.len() == MAX_PARTS {
            refuse!(Tag, "the ID3v2 tag has more than {MAX_PARTS} frames");
        }
        at = frame.at.end;
        frames.push(frame);
    }
    let sure = body[at..].iter().all(|&byte| byte == 0);
    Ok(Walk {
        style,
        frames,
        end: at,
        sure,
    })
}

fn frame(body: &[u8], at: usize, style: Style) -> Option<Frame> {
    let content = style.skip(body, at, style.head())?;
    let head = style.counted(&body[at..content]);
    let (id, size, flags) = match head[..] {
        [a, b, c, x, y, z] => ([a, b, c, 0], u32::from_be_bytes([0, x, y, z]), [0, 0]),
        [a, b, c, d, w, x, y, z, f, g] => {
            let size = [w, x, y, z];
            let size = match style.version == 4 && !style.plain {
                true if size.iter().any(|&byte| byte > 0x7f) => return None,
                true => seven_bits(size),
                false => u32::from_be_bytes(size),
            };
            ([a, b, c, d], size, [f, g])
        }
        _ => return None,
    };
    let upper = |c: &u8| c.is_ascii_uppercase() || c.is_ascii_digit();
    let ends_well = upper(&id[3]) || id[3] == 0 || id[3] == b' ';
    if !id[..3].iter().all(upper) || !ends_well || (id[3] == 0 && id[0].is_ascii_digit()) {
        return None;
    }
    let end = style.skip(body, content, size as usize)?;
    Some(Frame {
        id,
        flags,
        at: at..end,
        content,
    })
}
