//! An ID3v2 tag: its genre read and replaced, every other frame left as it is.
//!
//! Source: id3.org, "ID3 tag version 2.2.0", "2.3.0", "2.4.0 - Main Structure".

use std::borrow::Cow;
use std::ops::Range;

use crate::error::{Result, refuse};
use crate::tags::anatomy::Anatomy;
use crate::tags::edit::{Edit, grown, growth};

use super::walk::{Frame, Walk, in_seven_bits, seven_bits, stuffed, unstuffed, walk};
use super::{names, text};

const HEADER: usize = 10;

/// The most bytes that the header can tell.
const MAX_SIZE: u64 = 1 << 28;

/// A tag, from its header to the end of its padding or footer.
#[derive(Debug)]
pub(in crate::tags) struct Id3v2<'a> {
    bytes: &'a [u8],
    version: u8,
    /// The optional header that follows the first.
    extended: Range<usize>,
    /// Where frames and padding end.
    body_end: usize,
    walk: Walk,
}

/// How long the tag is that these bytes begin with, by what its header says.
pub(in crate::tags) fn length(bytes: &[u8]) -> Option<u64> {
    let [b'I', b'D', b'3', version, _, flags, a, b, c, d, ..] = *bytes else {
        return None;
    };
    let footer = if version == 4 && flags & 0x10 != 0 {
        HEADER
    } else {
        0
    };
    Some((HEADER + footer) as u64 + u64::from(seven_bits([a, b, c, d])))
}

impl<'a> Id3v2<'a> {
    /// Takes a tag apart that begins with these bytes, and may not be longer than they are.
    ///
    /// # Errors
    /// It is longer, of a version or packing that is not known, or has a checksum.
    pub(in crate::tags) fn parse(bytes: &'a [u8]) -> Result<Self> {
        let n = length(bytes).unwrap_or(0);
        let Some(bytes) = usize::try_from(n)
            .ok()
            .and_then(|n| bytes.get(..n))
            .filter(|_| n > 0)
        else {
            refuse!(
                Tag,
                "the ID3 tag says that it has {n} bytes, and there are {}; a program for tags can repair it",
                bytes.len()
            );
        };
        let (version, flags) = (bytes[3], bytes[5]);
        if !(2..=4).contains(&version) {
            refuse!(Tag, "ID3v2 tags of version 2.{version} are not known");
        }
        if version == 2 && flags & 0x40 != 0 {
            refuse!(Tag, "the ID3v2.2 tag is compressed, which is not read");
        }
        let body_end = HEADER + seven_bits([bytes[6], bytes[7], bytes[8], bytes[9]]) as usize;
        let body = &bytes[..body_end];
        let whole = version < 4 && flags & 0x80 != 0;
        let extended = match version > 2 && flags & 0x40 != 0 {
            true => extended(body, version, whole)?,
            false => HEADER..HEADER,
        };
        let walk = walk(body, extended.end, version, whole)?;
        Ok(Self {
            bytes,
            version,
            extended,
            body_end,
            walk,
        })
    }

    pub(in crate::tags) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there is no frame at all, and room for frames of version 3.
    pub(in crate::tags) fn is_empty(&self) -> bool {
        self.walk.frames.is_empty() && self.version > 2
    }

    /// Whether it says what the piece is called, or whose it is.
    pub(in crate::tags) fn says_what(&self) -> bool {
        let telling = ["TIT2", "TPE1", "TALB", "TT2", "TP1", "TAL"];
        self.walk
            .frames
            .iter()
            .any(|frame| telling.contains(&frame.name().as_str()))
    }

    /// The genres of all genre frames.
    ///
    /// # Errors
    /// One of them is packed in a way that is not read.
    pub(in crate::tags) fn genres(&self) -> Result<Vec<String>> {
        let mut out = Vec::new();
        for frame in self.genre_frames() {
            for text in text::decode(&self.content(frame)?) {
                names::of_text(&text, &mut out);
            }
        }
        Ok(out)
    }

    /// Everything but the genre, padding and sizes.
    pub(in crate::tags) fn parts(&self, out: &mut Anatomy<'a>) {
        out.part("the header of the ID3v2 tag", &self.bytes[3..6]);
        let extended = &self.bytes[self.extended.clone()];
        // Of version 3 the last four bytes are the size of the padding.
        let n = extended.len().min(if self.version == 3 { 6 } else { usize::MAX });
        out.part_if_any("the extended header of the ID3v2 tag", &extended[..n]);
        for frame in self.walk.frames.iter().filter(|frame| !frame.is_genre()) {
            out.part(
                format!("the frame `{}`", frame.name()),
                &self.bytes[frame.at.clone()],
            );
        }
        let behind = &self.bytes[self.walk.end..self.body_end];
        if behind.iter().any(|&byte| byte != 0) {
            out.part("what follows the frames of the ID3v2 tag", behind);
        }
    }

    /// What makes the tag tell this genre and no other; `more` are frames that it gets too.
    ///
    /// # Errors
    /// It would become too large.
    pub(in crate::tags) fn edits(&self, genre: &str, more: &[u8]) -> Result<Vec<Edit>> {
        let mut with = genre_frame(genre, self.version);
        with.extend_from_slice(more);
        if self.walk.style.stuffed {
            with = stuffed(&with);
        }
        let mut old = self.genre_frames();
        let first = match old.next() {
            Some(frame) => frame.at.clone(),
            // Where the end of the frames is in doubt, the beginning is not.
            None if self.walk.sure => {
                // TagLib reads no further than a frame without a content.
                let mut empty = self
                    .walk
                    .frames
                    .iter()
                    .filter(|frame| frame.content == frame.at.end);
                let at = empty.next().map_or(self.walk.end, |frame| frame.at.start);
                at..at
            }
            None => self.extended.end..self.extended.end,
        };
        let mut edits = vec![Edit::new(first, with)];
        edits.extend(old.map(|frame| Edit::new(frame.at.clone(), [])));
        self.fit(&mut edits)?;
        Ok(edits)
    }

    /// Takes what is needed from the padding, or changes the tag's size.
    fn fit(&self, edits: &mut Vec<Edit>) -> Result<()> {
        let (by, end) = (growth(edits), self.walk.end);
        let padding = match self.walk.sure {
            true => self.body_end - end,
            false => 0,
        };
        let left = grown(padding as u64, -by).unwrap_or(0);
        let resized = match (padding > 0, usize::try_from(by)) {
            (true, Ok(taken)) if taken <= padding => {
                edits.push(Edit::new(end..end + taken, []));
                left
            }
            (true, Err(_)) => {
                edits.push(Edit::new(end..end, vec![0; by.unsigned_abs() as usize]));
                left
            }
            _ => {
                let size = grown((self.body_end - HEADER) as u64, by).filter(|&size| size < MAX_SIZE);
                let Some(size) = size else {
                    refuse!(Tag, "the ID3v2 tag would become larger than it can be");
                };
                let size = in_seven_bits(size as u32);
                edits.push(Edit::new(6..10, size));
                if self.bytes.len() > self.body_end {
                    edits.push(Edit::new(self.body_end + 6..self.body_end + 10, size));
                }
                padding as u64
            }
        };
        let at = self.extended.start + 6;
        let told = self
            .bytes
            .get(at..at + 4)
            .filter(|_| self.extended.len() >= 10 && self.version == 3);
        if told == Some(&(padding as u32).to_be_bytes()[..]) && resized != padding as u64 {
            edits.push(Edit::new(at..at + 4, (resized as u32).to_be_bytes()));
        }
        Ok(())
    }

    fn genre_frames(&self) -> impl Iterator<Item = &Frame> {
        self.walk.frames.iter().filter(|frame| frame.is_genre())
    }

    /// What is in a frame, unpacked.
    fn content(&self, frame: &Frame) -> Result<Cow<'a, [u8]>> {
        let bytes = &self.bytes[frame.content..frame.at.end];
        let (packed, encrypted, grouped, told, single) = match self.version {
            3 => (0x80, 0x40, 0x20, 0, 0),
            4 => (0x08, 0x04, 0x40, 0x01, 0x02),
            _ => (0, 0, 0, 0, 0),
        };
        let is = |flag: u8| frame.flags[1] & flag != 0;
        for (flag, word) in [(packed, "compressed"), (encrypted, "encrypted")] {
            if is(flag) {
                refuse!(
                    Tag,
                    "the frame `{}` is {word}, so its genre cannot be read",
                    frame.name()
                );
            }
        }
        let bytes =
            match self.walk.style.stuffed || is(single) || (self.version == 4 && self.bytes[5] & 0x80 != 0) {
                true => Cow::Owned(unstuffed(bytes)),
                false => Cow::Borrowed(bytes),
            };
        let skip = usize::from(is(grouped)) + if is(told) { 4 } else { 0 };
        Ok(match bytes {
            _ if skip == 0 => bytes,
            _ => Cow::Owned(bytes.get(skip..).unwrap_or_default().to_vec()),
        })
    }
}

/// Where the extended header is.
fn extended(body: &[u8], version: u8, whole: bool) -> Result<Range<usize>> {
    let Some(&[a, b, c, d, e, f]) = body.get(HEADER..HEADER + 6) else {
        refuse!(Tag, "the extended header of the ID3v2 tag is cut short");
    };
    // Some programs set the flag and write none.
    if a.is_ascii_uppercase() {
        return Ok(HEADER..HEADER);
    }
    let (n, checksum) = match version {
        3 => (u64::from(u32::from_be_bytes([a, b, c, d])) + 4, e & 0x80 != 0),
        _ => (u64::from(seven_bits([a, b, c, d])), f & 0x20 != 0),
    };
    if checksum {
        refuse!(
            Tag,
            "the ID3v2 tag has a checksum in its extended header, which is not written"
        );
    }
    match usize::try_from(n)
        .ok()
        .filter(|&n| n >= 6 && HEADER + n <= body.len())
    {
        Some(n) if !(whole && body[HEADER..HEADER + n].contains(&0xff)) => Ok(HEADER..HEADER + n),
        _ => refuse!(
            Tag,
            "the extended header of the ID3v2 tag says that it has {n} bytes"
        ),
    }
}

/// A frame of the genre that reads back as this very genre.
fn genre_frame(genre: &str, version: u8) -> Vec<u8> {
    let mut read = Vec::new();
    names::of_text(genre, &mut read);
    // A bracket in front is doubled, where it would be taken for a number.
    match read == [genre] {
        true => text_frame("TCON", genre, version),
        false => text_frame("TCON", &format!("({genre}"), version),
    }
}

/// A frame with a text.
pub(in crate::tags) fn text_frame(id: &str, text: &str, version: u8) -> Vec<u8> {
    let id = if version == 2 { "TCO" } else { id };
    frame(id, &text::encode(text, version), version)
}

/// A frame with a content.
pub(in crate::tags) fn frame(id: &str, content: &[u8], version: u8) -> Vec<u8> {
    let n = content.len() as u32;
    let mut out = id.as_bytes().to_vec();
    match version {
        2 => out.extend_from_slice(&n.to_be_bytes()[1..]),
        3 => out.extend_from_slice(&n.to_be_bytes()),
        _ => out.extend_from_slice(&in_seven_bits(n)),
    }
    if version > 2 {
        out.extend_from_slice(&[0, 0]);
    }
    out.extend_from_slice(content);
    out
}

/// A new tag of version 3, which the most programs know, with a genre and frames of version 3.
pub(in crate::tags) fn new_tag(genre: &str, more: &[u8]) -> Vec<u8> {
    let frames = [more, &genre_frame(genre, 3)].concat();
    let mut out = b"ID3\x03\0\0".to_vec();
    out.extend_from_slice(&in_seven_bits(frames.len() as u32));
    out.extend_from_slice(&frames);
    out
}

#[cfg(test)]
mod tests;
