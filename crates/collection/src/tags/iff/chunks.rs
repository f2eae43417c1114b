//! Chunks: a name of four bytes, a size, a content, and a zero behind odd sizes.
//!
//! Source: "Multimedia Programming Interface and Data Specifications 1.0" (RIFF), Apple's "AIFF-C Specification", EBU Tech 3306
//! (RF64).

use std::ops::Range;

use crate::error::{Result, refuse};
use crate::tags::anatomy::MAX_PARTS;
use crate::tags::edit::{Edit, grown};

/// A chunk and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) id: [u8; 4],
    pub(super) start: usize,
    pub(super) content: Range<usize>,
    /// Whether a zero makes it even.
    padded: bool,
}

/// How sizes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

/// Chunks one behind the other.
#[derive(Debug)]
pub(super) struct Chunks {
    pub(super) order: Order,
    pub(super) all: Vec<Chunk>,
    /// Where the last one ends.
    pub(super) end: usize,
    /// Whether that is where it should: no chunk is cut, none is followed by what is no chunk.
    pub(super) is_whole: bool,
}

impl Chunk {
    /// Where the next one begins.
    pub(super) fn end(&self) -> usize {
        self.content.end + usize::from(self.padded)
    }

    /// The name as it is shown.
    pub(super) fn name(&self) -> String {
        self.id.iter().map(|&byte| char::from(byte)).collect()
    }

    /// Size and filling of a chunk whose content grows.
    pub(super) fn resized(&self, by: i64, order: Order) -> Result<Vec<Edit>> {
        if by == 0 {
            return Ok(Vec::new());
        }
        let size = grown(self.content.len() as u64, by).and_then(|size| u32::try_from(size).ok());
        let Some(size) = size else {
            refuse!(
                Tag,
                "the chunk `{}` would become larger than it can be",
                self.name()
            );
        };
        let filling = if size % 2 == 1 { vec![0] } else { vec![] };
        Ok(vec![
            Edit::new(self.start + 4..self.start + 8, order.bytes(size)),
            Edit::new(self.content.end..self.end(), filling),
        ])
    }
}

impl Order {
    pub(super) fn number(self, bytes: [u8; 4]) -> u32 {
        match self {
            Order::Little => u32::from_le_bytes(bytes),
            Order::Big => u32::from_be_bytes(bytes),
        }
    }

    pub(super) fn bytes(self, number: u32) -> [u8; 4] {
        match self {
            Order::Little => number.to_le_bytes(),
            Order::Big => number.to_be_bytes(),
        }
    }

    /// A chunk with a content.
    pub(super) fn chunk(self, id: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let mut out = [id, &self.bytes(content.len() as u32)[..], content].concat();
        if content.len() % 2 == 1 {
            out.push(0);
        }
        out
    }
}

impl Chunks {
    /// The chunks that begin in `within`; `large` is the size of a chunk `data` that does not say its own.
    ///
    /// # Errors
    /// There are more than any file has.
    pub(super) fn find(bytes: &[u8], within: Range<usize>, order: Order, large: Option<u64>) -> Result<Self> {
        let (mut all, mut at, mut is_whole) = (Vec::new(), within.start, true);
        let is_name = |at: usize| {
            let name = bytes.get(at..at + 4);
            name.is_some_and(|name| name.iter().all(|c| (b' '..=b'~').contains(c)))
        };
        while at + 8 <= within.end {
            let id = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
            let told = order.number([bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7]]);
            let size = match large.filter(|_| told == u32::MAX && &id == b"data") {
                Some(size) => size,
                None => u64::from(told),
            };
            if !is_name(at) || size > (bytes.len() - at - 8) as u64 {
                is_whole = false;
                break;
            }
            if all.len() == MAX_PARTS {
                refuse!(Tag, "there are more than {MAX_PARTS} chunks");
            }
            let content = at + 8..at + 8 + size as usize;
            let end = content.end;
            // Some programs leave the filling out; the next name tells.
            let left_out = !is_name(end + 1) && is_name(end);
            let padded = size % 2 == 1 && end < bytes.len() && !left_out;
            all.push(Chunk {
                id,
                start: at,
                content,
                padded,
            });
            at = end + usize::from(padded);
        }
        Ok(Self {
            order,
            all,
            end: at,
            is_whole,
        })
    }

    pub(super) fn named<'a>(&'a self, ids: &'a [&'a [u8; 4]]) -> impl Iterator<Item = &'a Chunk> {
        self.all.iter().filter(|chunk| ids.contains(&&chunk.id))
    }

    /// Where a new chunk goes: behind the last; before the sound where it is not known where that ends. And the filling that the
    /// chunk before lacks.
    pub(super) fn place(&self) -> Result<(usize, &'static [u8])> {
        if !self.is_whole {
            let sound = self.named(&[b"data", b"SSND"]).next().map(|sound| sound.start);
            // A chunk of sound that is cut is not among the chunks.
            return Ok((sound.unwrap_or(self.end), &[]));
        }
        let odd = self
            .all
            .last()
            .is_some_and(|last| last.content.len() % 2 == 1 && !last.padded);
        Ok((self.end, if odd { &[0] } else { &[] }))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn find(bytes: &[u8]) -> Chunks {
        Chunks::find(bytes, 0..bytes.len(), Order::Little, None).unwrap()
    }

    #[test]
    fn odd_chunks_are_followed_by_a_zero_or_not() {
        let (a, b) = (
            Order::Little.chunk(b"abcd", b"xyz"),
            Order::Little.chunk(b"efgh", b"12"),
        );
        assert_eq!((a.len(), b.len()), (12, 10));
        let padded = [&a[..], &b].concat();
        let bare = [&a[..11], &b].concat();
        for (bytes, second) in [(&padded, 12), (&bare, 11)] {
            let chunks = find(bytes);
            assert!(chunks.is_whole && chunks.end == bytes.len());
            assert_eq!(chunks.all[1].start, second);
        }
        assert_eq!(find(&bare[..11]).place().unwrap(), (11, &[0][..]));
        assert_eq!(find(&padded[..12]).place().unwrap(), (12, &[][..]));
        let edits = find(&padded).all[0].resized(1, Order::Little).unwrap();
        assert_eq!(edits, [Edit::new(4..8, [4, 0, 0, 0]), Edit::new(11..12, [])]);
        let edits = find(&bare).all[0].resized(2, Order::Little).unwrap();
        assert_eq!(edits[1], Edit::new(11..11, [0]));
    }

    #[test]
    fn sound_without_an_end_keeps_the_last_place() {
        let open = [
            &Order::Little.chunk(b"fmt ", &[0; 4])[..],
            b"data\xff\xff\xff\xff\x01\x02",
        ]
        .concat();
        let chunks = find(&open);
        assert!(!chunks.is_whole);
        assert_eq!(chunks.place().unwrap().0, 12);
        let none = [
            &Order::Little.chunk(b"data", &[])[..],
            b"\x01\x02\x03\x04\x05\x06\x07\x08\x09",
        ]
        .concat();
        assert_eq!(find(&none).place().unwrap().0, 0);
        let large = Chunks::find(&open, 0..open.len(), Order::Little, Some(2)).unwrap();
        assert!(large.is_whole && large.all[1].content == (20..22));
    }
}
