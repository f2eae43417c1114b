//! Matroska: a segment whose length is wrong, and tags, covers, chapters and indices, which no reader sees.
//!
//! Source: RFC 8794 (EBML), RFC 9559 (Matroska).

use std::io;

use crate::audio::patch::Patch;
use crate::audio::source::Bytes;
use crate::error::{Error, Result};

/// Elements that are looked at in front of the sound.
const MAX_ELEMENTS: usize = 10_000;

/// Tracks of a file.
const MAX_TRACKS: usize = 1000;

const SEGMENT: u32 = 0x1853_8067;
const CLUSTER: u32 = 0x1f43_b675;
const TRACKS: u32 = 0x1654_ae6b;

/// What is read over: where elements are, cues, tags, attachments, chapters. Sound is read from front to back.
const READ_OVER: [u32; 5] = [0x114d_9b74, 0x1c53_bb6b, 0x1254_c367, 0x1941_a469, 0x1043_a770];

/// An element of no meaning, whose name has one byte.
const VOID: u8 = 0xec;

/// What is read in place of the file's own bytes: void elements for what is read over, and the length of a segment that runs past
/// the end, which becomes unknown (all bits of the number set). Whether it is the latter comes with them.
///
/// # Errors
/// Those of reading, and [`Error::Damaged`] for more elements and tracks than any recording has, and for a tag without an end.
pub(crate) fn patches(bytes: &Bytes<'_>, base: u64) -> Result<(Vec<Patch>, bool)> {
    let n = bytes.n_bytes();
    let mut patches = Vec::new();
    let Some(header) = Element::at(bytes, base)? else {
        return Ok((patches, false));
    };
    if header.size.is_none() {
        return Err(too_much("a header without an end".to_owned()));
    }
    let Some(segment) = header
        .end()
        .map(|end| Element::at(bytes, end))
        .transpose()?
        .flatten()
    else {
        return Ok((patches, false));
    };
    if segment.id != SEGMENT {
        return Ok((patches, false));
    }
    let is_cut = segment.end().is_some_and(|end| end > n);
    if is_cut {
        let mut unknown = vec![0xff; segment.n_size as usize];
        unknown[0] = 0xff >> (segment.n_size - 1);
        patches.push(Patch {
            at: segment.at + u64::from(segment.n_id),
            bytes: unknown,
        });
    }
    let mut at = segment.content();
    for _ in 0..MAX_ELEMENTS {
        let Some(element) = Element::at(bytes, at)?.filter(|e| e.id != CLUSTER) else {
            return Ok((patches, is_cut));
        };
        match element.end() {
            Some(end) => {
                if READ_OVER.contains(&element.id) {
                    patches.push(element.void());
                } else if element.id == TRACKS {
                    count_tracks(bytes, element.content(), end.min(n))?;
                }
                at = end;
            }
            None if READ_OVER.contains(&element.id) || element.id == TRACKS => {
                return Err(too_much("a description without an end".to_owned()));
            }
            None => return Ok((patches, is_cut)),
        }
    }
    Err(too_much(format!(
        "more than {MAX_ELEMENTS} elements in front of the sound"
    )))
}

fn too_much(reason: String) -> Error {
    Error::Damaged {
        format: "a Matroska file",
        reason,
    }
}

fn count_tracks(bytes: &Bytes<'_>, mut at: u64, end: u64) -> Result<()> {
    for _ in 0..=MAX_TRACKS {
        let next = Element::at(bytes, at)?.filter(|_| at < end).and_then(|e| e.end());
        match next {
            Some(next) => at = next,
            None => return Ok(()),
        }
    }
    Err(too_much(format!("more than {MAX_TRACKS} tracks")))
}

/// The header of an element.
struct Element {
    at: u64,
    id: u32,
    /// Bytes of the name, and of the length.
    n_id: u8,
    n_size: u8,
    /// Bytes of the content; none if that is not known.
    size: Option<u64>,
}

impl Element {
    fn at(bytes: &Bytes<'_>, at: u64) -> io::Result<Option<Self>> {
        let mut raw = [0; 12];
        let n = bytes.peek(at, &mut raw)?;
        let n_id = raw[0].leading_zeros() as usize + 1;
        if n_id > 4 || n_id >= n {
            return Ok(None);
        }
        let id = raw[..n_id].iter().fold(0, |v, b| v << 8 | u32::from(*b));
        let n_size = raw[n_id].leading_zeros() as usize + 1;
        if n_size > 8 || n_id + n_size > n {
            return Ok(None);
        }
        let value = raw[n_id..n_id + n_size]
            .iter()
            .fold(0, |v, b| v << 8 | u64::from(*b));
        let unknown = (1u64 << (7 * n_size)) - 1;
        Ok(Some(Self {
            at,
            id,
            n_id: n_id as u8,
            n_size: n_size as u8,
            size: Some(value & unknown).filter(|size| *size != unknown),
        }))
    }

    fn content(&self) -> u64 {
        self.at + u64::from(self.n_id) + u64::from(self.n_size)
    }

    fn end(&self) -> Option<u64> {
        self.size.and_then(|size| self.content().checked_add(size))
    }

    /// A void element in the place of this one, whose name has four bytes: as many bytes of it as the name has more stand in the
    /// length, and where that would be too long, in the content.
    fn void(&self) -> Patch {
        let n_size = (self.n_size + 3).min(8);
        let n_left = u64::from(self.n_size + 3 - n_size);
        let size = self.size.unwrap_or(0) + n_left;
        let mut bytes = vec![VOID];
        let coded = size | 1 << (7 * u32::from(n_size));
        bytes.extend(&coded.to_be_bytes()[8 - usize::from(n_size)..]);
        Patch { at: self.at, bytes }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Cursor;

    fn of(x: &[u8]) -> Result<(Vec<Patch>, bool)> {
        patches(&Bytes::new(Box::new(Cursor::new(x.to_vec()))), 0)
    }

    const HEAD: &[u8] = b"\x1a\x45\xdf\xa3\x85abcde";

    #[test]
    fn a_segment_past_the_end_gets_an_unknown_length() {
        // Segment of 0x100 bytes written with 4.
        let mut mka = [HEAD, b"\x18\x53\x80\x67\x10\0\x01\0"].concat();
        mka.extend([0; 20]);
        let unknown = Patch {
            at: 14,
            bytes: vec![0x1f, 0xff, 0xff, 0xff],
        };
        assert_eq!(of(&mka).unwrap(), (vec![unknown], true));
        let mut whole = [HEAD, b"\x18\x53\x80\x67\x10\0\0\x14"].concat();
        whole.extend([0; 20]);
        assert_eq!(of(&whole).unwrap(), (vec![], false));
        assert_eq!(of(b"\x1a\x45\xdf\xa3\0").unwrap(), (vec![], false));
    }

    #[test]
    fn tags_in_front_of_the_sound_become_void_elements_of_the_same_length() {
        for n_size in 1..=8u8 {
            let content = [7; 20];
            let size = (20u64 | 1 << (7 * n_size)).to_be_bytes();
            let tags = [b"\x12\x54\xc3\x67", &size[8 - usize::from(n_size)..], &content].concat();
            let x = [HEAD, b"\x18\x53\x80\x67\xff", &tags, b"\x1f\x43\xb6\x75\xff"].concat();
            let (patches, is_cut) = of(&x).unwrap();
            assert!(!is_cut);
            let [patch] = patches.as_slice() else {
                panic!("{patches:?}")
            };
            let mut patched = x.clone();
            patch.apply(0, &mut patched);
            let void = Element::at(&Bytes::new(Box::new(Cursor::new(patched))), patch.at)
                .unwrap()
                .unwrap();
            assert_eq!(void.id, u32::from(VOID), "{n_size}");
            assert_eq!(void.end(), Some((x.len() - 5) as u64), "{n_size}");
        }
    }

    #[test]
    fn what_no_recording_has_is_refused() {
        let segment = |content: &[u8]| [HEAD, b"\x18\x53\x80\x67\xff", content].concat();
        assert!(of(&segment(&b"\x80\x80".repeat(MAX_ELEMENTS))).is_err());
        assert!(of(&segment(b"\x12\x54\xc3\x67\xff\0\0")).is_err());
        let tracks = b"\xae\x80".repeat(MAX_TRACKS + 1);
        let size = (tracks.len() as u32 | 1 << 28).to_be_bytes();
        assert!(of(&segment(&[b"\x16\x54\xae\x6b", &size[..], &tracks].concat())).is_err());
        assert!(of(&segment(b"\x16\x54\xae\x6b\x84\xae\x80\xae\x80")).is_ok());
    }
}
