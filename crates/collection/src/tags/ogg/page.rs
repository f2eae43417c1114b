//! Pages of Ogg: found, checked and written.
//!
//! Source: RFC 3533, section 6.

use std::ops::Range;

/// Bytes of a page before its table of segments.
const HEAD: usize = 27;

/// Segments that a page has at most.
pub(super) const MAX_SEGMENTS: usize = 255;

pub(super) const CONTINUED: u8 = 1;
pub(super) const FIRST: u8 = 2;
pub(super) const LAST: u8 = 4;

/// The position of a page on which no packet ends.
pub(super) const NO_POSITION: [u8; 8] = [0xff; 8];

/// A page.
#[derive(Debug, Clone)]
pub(super) struct Page<'a> {
    pub(super) at: Range<usize>,
    pub(super) flags: u8,
    pub(super) position: [u8; 8],
    pub(super) serial: [u8; 4],
    pub(super) sequence: u32,
    pub(super) checksum: u32,
    pub(super) lacing: &'a [u8],
    pub(super) body: &'a [u8],
}

/// A page, or bytes that are none.
#[derive(Debug)]
pub(super) enum Piece<'a> {
    Page(Page<'a>),
    Other(&'a [u8]),
}

/// All pages of a file in their order, and what stands between them.
pub(super) struct Pieces<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Pieces<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.bytes.len() {
            return None;
        }
        if let Some(page) = Page::at(self.bytes, self.at) {
            self.at = page.at.end;
            return Some(Piece::Page(page));
        }
        let start = self.at;
        let next = (start + 1..self.bytes.len()).find(|&at| Page::at(self.bytes, at).is_some());
        self.at = next.unwrap_or(self.bytes.len());
        Some(Piece::Other(&self.bytes[start..self.at]))
    }
}

impl<'a> Page<'a> {
    fn at(bytes: &'a [u8], at: usize) -> Option<Self> {
        let head: &[u8; HEAD] = bytes.get(at..)?.first_chunk()?;
        if !head.starts_with(b"OggS\0") {
            return None;
        }
        let four = |from: usize| [head[from], head[from + 1], head[from + 2], head[from + 3]];
        let start = at + HEAD + usize::from(head[26]);
        let lacing = bytes.get(at + HEAD..start)?;
        let end = start + lacing.iter().map(|&n| usize::from(n)).sum::<usize>();
        Some(Self {
            at: at..end,
            flags: head[5],
            position: *head[6..].first_chunk()?,
            serial: four(14),
            sequence: u32::from_le_bytes(four(18)),
            checksum: u32::from_le_bytes(four(22)),
            lacing,
            body: bytes.get(start..end)?,
        })
    }

    /// The page as it is written, with the checksum that is right.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut out = b"OggS\0".to_vec();
        out.push(self.flags);
        out.extend_from_slice(&self.position);
        out.extend_from_slice(&self.serial);
        out.extend_from_slice(&self.sequence.to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        out.push(self.lacing.len() as u8);
        out.extend_from_slice(self.lacing);
        out.extend_from_slice(self.body);
        let sum = checksum(&out);
        out[22..26].copy_from_slice(&sum.to_le_bytes());
        out
    }

    /// By which bits the checksum in the file differs from the right one.
    pub(super) fn damage(&self) -> u32 {
        let bytes = self.bytes();
        let right = u32::from_le_bytes([bytes[22], bytes[23], bytes[24], bytes[25]]);
        right ^ self.checksum
    }
}

/// Segment lengths of a packet of `n` bytes.
pub(super) fn lacing(n: usize) -> Vec<u8> {
    let mut out = vec![255; n / 255];
    out.push((n % 255) as u8);
    out
}

/// The checksum of a page whose own is zero: polynomial 0x04c11db7, highest bit first.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |sum: u32, &byte| {
        sum << 8 ^ TABLE[usize::from((sum >> 24) as u8 ^ byte)]
    })
}

const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let mut sum = (i as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            sum = sum << 1 ^ if sum >> 31 == 1 { 0x04c1_1db7 } else { 0 };
            bit += 1;
        }
        table[i] = sum;
        i += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn pages_are_read_as_they_were_written_by_others() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../features/tests/data/audio");
        for name in ["vorbis.ogg", "pages.ogg", "opus.opus"] {
            let file = std::fs::read(path.join(name)).unwrap();
            let mut again = Vec::new();
            for piece in Pieces::of(&file) {
                let Piece::Page(page) = piece else {
                    panic!("{name}: {piece:?}")
                };
                assert_eq!(page.damage(), 0, "{name} page {}", page.sequence);
                again.extend(page.bytes());
            }
            assert!(again == file, "{name}");
        }
    }

    #[test]
    fn what_is_no_page_is_kept_apart() {
        let page = |n: usize| {
            let body = vec![3; n];
            let lacing = lacing(n);
            let page = Page {
                at: 0..0,
                flags: 0,
                position: [0; 8],
                serial: [1; 4],
                sequence: 5,
                checksum: 0,
                lacing: &lacing,
                body: &body,
            };
            page.bytes()
        };
        let file = [
            b"OggS?",
            &page(300)[..],
            b"junk OggS",
            &page(255),
            &page(40)[..30],
        ]
        .concat();
        let told: Vec<String> = Pieces::of(&file)
            .map(|piece| match piece {
                Piece::Page(page) => format!("page of {}", page.body.len()),
                Piece::Other(bytes) => format!("{} bytes", bytes.len()),
            })
            .collect();
        assert_eq!(
            told,
            ["5 bytes", "page of 300", "9 bytes", "page of 255", "30 bytes"]
        );
        assert_eq!(
            (lacing(0), lacing(254), lacing(255)),
            (vec![0], vec![254], vec![255, 0])
        );
    }
}
