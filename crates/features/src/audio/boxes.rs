//! The boxes of MP4 files.
//!
//! Source: ISO/IEC 14496-12, 4.2.

use std::io;

use crate::audio::source::Bytes;

/// Bytes from `start` up to `end`.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    pub(crate) start: u64,
    pub(crate) end: u64,
}

/// The header of a box.
#[derive(Clone, Copy)]
pub(crate) struct BoxHeader {
    pub(crate) kind: [u8; 4],
    /// Where the box begins.
    pub(crate) start: u64,
    /// Bytes of it, its header included; of a box that ends where all ends, up to there.
    pub(crate) size: u64,
    /// Whether its length has 64 bits.
    pub(crate) is_large: bool,
}

impl BoxHeader {
    /// The header at the start of `span`; nothing at the end, and at a box that would be shorter than its header.
    pub(crate) fn read(bytes: &Bytes<'_>, Span { start, end }: Span) -> io::Result<Option<Self>> {
        let Some([s0, s1, s2, s3, kind @ ..]) = take::<8>(bytes, start, end)? else {
            return Ok(None);
        };
        let small = u32::from_be_bytes([s0, s1, s2, s3]);
        let size = match small {
            0 => Some(end - start),
            1 => take::<8>(bytes, start + 8, end)?.map(u64::from_be_bytes),
            small => Some(u64::from(small)),
        };
        let header = size.map(|size| Self {
            kind,
            start,
            size,
            is_large: small == 1,
        });
        Ok(header.filter(|found| found.size >= found.n_bytes()))
    }

    /// Bytes of the header itself.
    fn n_bytes(&self) -> u64 {
        if self.is_large { 16 } else { 8 }
    }

    /// Where the contents begin.
    pub(crate) fn contents(&self) -> u64 {
        self.start + self.n_bytes()
    }

    /// Where the box ends by its own length.
    pub(crate) fn end(&self) -> u64 {
        self.start.saturating_add(self.size)
    }
}

/// `N` bytes from `at`, if they are all there in front of `end`.
fn take<const N: usize>(bytes: &Bytes<'_>, at: u64, end: u64) -> io::Result<Option<[u8; N]>> {
    match end.saturating_sub(at) < N as u64 {
        true => Ok(None),
        false => bytes.take(at),
    }
}

/// A walk over boxes that reads their headers, up to a number of them.
pub(crate) struct Walk<'a, 's> {
    bytes: &'a Bytes<'s>,
    n_left: u32,
}

impl<'a, 's> Walk<'a, 's> {
    /// A walk of at most `max_boxes`.
    pub(crate) fn new(bytes: &'a Bytes<'s>, max_boxes: u32) -> Self {
        Self {
            bytes,
            n_left: max_boxes,
        }
    }

    /// `N` bytes from `at`, if they are all there in front of `end`.
    pub(crate) fn take<const N: usize>(&self, at: u64, end: u64) -> io::Result<Option<[u8; N]>> {
        take(self.bytes, at, end)
    }

    /// Kind and contents of the box at the start of `span`, and where the next begins; nothing at the end, at a box that
    /// is no box, and once the budget is spent.
    pub(crate) fn next(&mut self, span: Span) -> io::Result<Option<([u8; 4], Span, u64)>> {
        let Some(left) = self.n_left.checked_sub(1) else {
            return Ok(None);
        };
        self.n_left = left;
        Ok(BoxHeader::read(self.bytes, span)?.map(|found| {
            let next = found.end().min(span.end);
            let contents = Span {
                start: found.contents(),
                end: next,
            };
            (found.kind, contents, next)
        }))
    }

    /// Contents of the first box of a kind.
    pub(crate) fn find(&mut self, mut span: Span, kind: &[u8; 4]) -> io::Result<Option<Span>> {
        while let Some((found, contents, next)) = self.next(span)? {
            if found == *kind {
                return Ok(Some(contents));
            }
            span.start = next;
        }
        Ok(None)
    }

    /// Contents of the first box at a path of kinds.
    pub(crate) fn find_path(&mut self, span: Span, path: &[&[u8; 4]]) -> io::Result<Option<Span>> {
        let mut at = Some(span);
        for kind in path {
            at = match at {
                Some(span) => self.find(span, kind)?,
                None => None,
            };
        }
        Ok(at)
    }

    /// The number behind the two times that a header begins with, of 4 bytes each or, in version 1, 8: the ticks a second of a
    /// movie's or a media's header, the id of a track's. `None` if the header is too short.
    pub(crate) fn behind_times(&self, header: Span) -> io::Result<Option<u32>> {
        Ok(self.take::<24>(header.start, header.end)?.map(|b| match b[0] {
            1 => u32::from_be_bytes([b[20], b[21], b[22], b[23]]),
            _ => u32::from_be_bytes([b[12], b[13], b[14], b[15]]),
        }))
    }

    /// Ticks a second by the header, 0 if there is none or it is too short.
    pub(crate) fn timescale(&self, header: Option<Span>) -> io::Result<u32> {
        let number = header.map(|header| self.behind_times(header)).transpose()?;
        Ok(number.flatten().unwrap_or(0))
    }
}
