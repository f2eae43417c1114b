//! The comment header of an Ogg stream, the second packet: taken apart, changed, and laid into pages again.
//!
//! Only the pages change on which the packet lies. Where they become more or fewer, those of the same stream behind them get other
//! numbers, and the checksums that go with these; a checksum that was wrong stays as wrong as it was.

use crate::error::{Result, refuse};
use crate::tags::anatomy::{Anatomy, Plan, tells_another};
use crate::tags::edit::{self, Edit, growth};
use crate::tags::vorbis::Comments;

use super::page::{CONTINUED, FIRST, LAST, MAX_SEGMENTS, NO_POSITION, Page, Piece, Pieces, lacing};

/// How the first packet of a stream begins, and how its second one does.
const CODECS: [(&[u8], &[u8]); 3] = [
    (b"\x01vorbis", b"\x03vorbis"),
    (b"OpusHead", b"OpusTags"),
    (b"\x7fFLAC", FLAC_BLOCK),
];

/// FLAC's comments stand behind the head of a block: its kind, the last bit for the last one, and three bytes of length.
const FLAC_BLOCK: &[u8] = b"\x04...";

/// The comment header of the first audio stream.
struct Header<'a> {
    /// All pages that the packet is on.
    pages: Vec<Page<'a>>,
    packet: Vec<u8>,
    /// How the packet begins.
    magic: &'static [u8],
    /// Segments that the packet has.
    n_segments: usize,
}

pub(in crate::tags) fn anatomy(bytes: &[u8]) -> Result<Anatomy<'_>> {
    let header = Header::find(bytes)?;
    let comments = header.comments()?;
    let mut out = Anatomy {
        genres: vec![comments.genres()],
        rest: Vec::new(),
    };
    let mut inner = Anatomy::default();
    comments.parts(&mut inner);
    let rest = inner.rest.into_iter();
    rest.for_each(|part| out.part(part.name, part.bytes.into_owned()));
    let tail = &header.packet[comments.end..];
    let n_zeros = header.n_zeros(&comments);
    out.part(
        "what follows the Vorbis comments",
        tail[..tail.len() - n_zeros].to_vec(),
    );
    out.part(
        "what follows the comment header of the Ogg stream",
        header.hash_of_rest(bytes),
    );
    Ok(out)
}

pub(in crate::tags) fn plan(bytes: &[u8], genre: &str) -> Result<Plan> {
    let header = Header::find(bytes)?;
    let comments = header.comments()?;
    let genres = comments.genres();
    if !genres.is_empty() && !tells_another(&genres, genre) {
        return Ok(Plan::default());
    }
    if let Some(page) = header.pages.iter().find(|page| page.damage() != 0) {
        refuse!(
            Tag,
            "the checksum of Ogg page {}, on which the comments are, is wrong",
            page.sequence
        );
    }
    let mut edits = comments.edits(genre);
    let (by, end) = (growth(&edits), header.packet.len());
    let n_zeros = header.n_zeros(&comments);
    match usize::try_from(by) {
        Ok(taken) if taken <= n_zeros => edits.push(Edit::new(end - taken..end, [])),
        Err(_) if n_zeros > 0 => edits.push(Edit::new(end..end, vec![0; by.unsigned_abs() as usize])),
        _ => {}
    }
    if header.magic == FLAC_BLOCK {
        let n = end as i64 + growth(&edits) - FLAC_BLOCK.len() as i64;
        if n >= 1 << 24 {
            refuse!(Tag, "the Vorbis comments would become larger than FLAC allows");
        }
        edits.push(Edit::new(1..4, &(n as u32).to_be_bytes()[1..]));
    }
    let packet = edit::apply(&header.packet, edits)?;
    Ok(Plan {
        edits: header.laid_anew(bytes, &packet),
        added: Vec::new(),
    })
}

impl<'a> Header<'a> {
    fn find(bytes: &'a [u8]) -> Result<Self> {
        let mut pages: Vec<Page<'a>> = Vec::new();
        let (mut serial, mut magic, mut packet, mut first) = (None, FLAC_BLOCK, Vec::new(), &[][..]);
        let mut n_segments = 0;
        for piece in Pieces::of(bytes) {
            let Piece::Page(page) = piece else { continue };
            if serial.is_none() && page.flags & FIRST != 0 {
                if first.is_empty() {
                    first = page.body;
                }
                let Some((_, second)) = CODECS.iter().find(|(start, _)| page.body.starts_with(start)) else {
                    continue;
                };
                if page.lacing.iter().position(|&n| n < 255) != Some(page.lacing.len() - 1) {
                    refuse!(
                        Tag,
                        "the first Ogg page of the stream has more than its first packet"
                    );
                }
                (serial, magic) = (Some(page.serial), *second);
            } else if serial == Some(page.serial) {
                if page.flags & FIRST != 0 || (page.flags & CONTINUED != 0) == pages.is_empty() {
                    break;
                }
                let ends = page.lacing.iter().position(|&n| n < 255);
                let n_here = ends.map_or(page.lacing.len(), |at| at + 1);
                let n_bytes = page.lacing[..n_here].iter().map(|&n| usize::from(n)).sum();
                packet.extend_from_slice(&page.body[..n_bytes]);
                n_segments += n_here;
                pages.push(page);
                if ends.is_some() {
                    let header = Self {
                        pages,
                        packet,
                        magic,
                        n_segments,
                    };
                    return header.checked();
                }
            }
        }
        match serial {
            None if first.starts_with(b"Speex   ") => refuse!(Tag, "Speex is not supported"),
            None => refuse!(Tag, "the Ogg file has no stream of Vorbis, Opus or FLAC"),
            Some(_) => refuse!(Tag, "the comment header of the Ogg stream is cut short"),
        }
    }

    fn checked(self) -> Result<Self> {
        let starts = match self.magic == FLAC_BLOCK {
            true => self.packet.len() >= 4 && self.packet[0] & 0x7f == FLAC_BLOCK[0],
            false => self.packet.starts_with(self.magic),
        };
        match starts {
            true => Ok(self),
            false => refuse!(Tag, "the second packet of the Ogg stream is no comment header"),
        }
    }

    fn comments(&self) -> Result<Comments<'_>> {
        Comments::parse(&self.packet, self.magic.len())
    }

    /// Zeros at the end of the packet that are nothing but padding.
    fn n_zeros(&self, comments: &Comments<'_>) -> usize {
        let tail = &self.packet[comments.end..];
        let zeros = match self.magic {
            b"\x03vorbis" => tail.strip_prefix(&[1]),
            b"OpusTags" => Some(tail),
            _ => None,
        };
        zeros
            .filter(|zeros| zeros.iter().all(|&byte| byte == 0))
            .map_or(0, <[u8]>::len)
    }

    /// Segments and bytes that follow the packet on its last page.
    fn rest(&self) -> (&'a [u8], &'a [u8]) {
        let Some((last, before)) = self.pages.split_last() else {
            return Default::default();
        };
        let n_before: usize = before.iter().map(|page| page.lacing.len()).sum();
        let lacing = &last.lacing[self.n_segments - n_before..];
        let n: usize = lacing.iter().map(|&n| usize::from(n)).sum();
        (lacing, &last.body[last.body.len() - n..])
    }

    /// A hash over all but the packet: the segments of the stream behind it and their bytes, wherever pages begin and end; which
    /// of them have a position, a mark or a wrong checksum; gaps between the numbers of pages; and all that is of other streams.
    fn hash_of_rest(&self, bytes: &[u8]) -> Vec<u8> {
        let [mut segments, mut data, mut marks] = [(); 3].map(|()| blake3::Hasher::new());
        let mut n_segments = 0_u64;
        let mut number = self.pages.first().map_or(0, |page| page.sequence.wrapping_sub(1));
        let last = self.pages.last().map(|page| page.at.start);
        for piece in Pieces::of(bytes) {
            let page = match piece {
                Piece::Other(bytes) => {
                    marks.update(&n_segments.to_le_bytes()).update(bytes);
                    continue;
                }
                Piece::Page(page) => page,
            };
            let is_own = self.owns(&page);
            if !is_own && !self.is_behind(&page) {
                marks.update(&page.bytes()).update(&page.damage().to_le_bytes());
                continue;
            }
            let (lacing, body) = match is_own {
                false => (page.lacing, page.body),
                true if Some(page.at.start) == last => self.rest(),
                true => (&[][..], &[][..]),
            };
            segments.update(lacing);
            data.update(body);
            // Positions belong to the last packet that ends on the page.
            let end = lacing.iter().rposition(|&n| n < 255);
            let end = end.map(|at| n_segments + at as u64);
            n_segments += lacing.len() as u64;
            let has_position = page.position != NO_POSITION && page.position != [0; 8];
            if has_position && (end.is_some() || !is_own) {
                marks
                    .update(&end.unwrap_or(n_segments).to_le_bytes())
                    .update(&page.position);
            }
            // A chained stream counts from its beginning.
            let before = if page.flags & FIRST == 0 { number } else { 0 };
            let gap = page.sequence.wrapping_sub(before);
            let flags = page.flags & !CONTINUED;
            if flags != 0 || gap != 1 || page.damage() != 0 {
                marks.update(&n_segments.to_le_bytes()).update(&[flags]);
                marks
                    .update(&gap.to_le_bytes())
                    .update(&page.damage().to_le_bytes());
            }
            number = page.sequence;
        }
        [segments, data, marks]
            .map(|hasher| *hasher.finalize().as_bytes())
            .concat()
    }

    /// Whether the packet is on a page.
    fn owns(&self, page: &Page<'_>) -> bool {
        let start = page.at.start;
        self.pages
            .binary_search_by_key(&start, |own| own.at.start)
            .is_ok()
    }

    /// Whether a page is of the same stream, behind the packet.
    fn is_behind(&self, page: &Page<'_>) -> bool {
        let last = self.pages.last();
        last.is_some_and(|last| last.serial == page.serial && page.at.start >= last.at.end)
    }

    /// Another packet in the place of this one.
    fn laid_anew(&self, bytes: &[u8], packet: &[u8]) -> Vec<Edit> {
        let (rest_lacing, rest) = self.rest();
        let segments = [&lacing(packet.len())[..], rest_lacing].concat();
        let data = [packet, rest].concat();
        let new = pages(&self.pages, &segments, &data);
        let mut edits: Vec<Edit> = Vec::new();
        for (i, old) in self.pages.iter().enumerate() {
            let own = match i + 1 == self.pages.len() {
                true => new.get(i..),
                false => new.get(i..i + 1),
            };
            edits.push(Edit::new(old.at.clone(), own.unwrap_or_default().concat()));
        }
        let by = (new.len() as u32).wrapping_sub(self.pages.len() as u32);
        let behind = Pieces::of(bytes).filter_map(|piece| match piece {
            Piece::Page(page) if self.is_behind(&page) => Some(page),
            _ => None,
        });
        // A chained stream may have the same serial number; its pages count from the beginning.
        for page in behind.take_while(|page| by != 0 && page.flags & FIRST == 0) {
            let damage = page.damage();
            let sequence = page.sequence.wrapping_add(by);
            let start = page.at.start;
            let renumbered = Page { sequence, ..page }.bytes();
            let sum = u32::from_le_bytes([renumbered[22], renumbered[23], renumbered[24], renumbered[25]]);
            let numbers = [sequence.to_le_bytes(), (sum ^ damage).to_le_bytes()].concat();
            edits.push(Edit::new(start + 18..start + 26, numbers));
        }
        edits
    }
}

/// Segments on pages: as many pages as there were, if they suffice and each gets one.
fn pages(old: &[Page<'_>], segments: &[u8], data: &[u8]) -> Vec<Vec<u8>> {
    let (Some(first), Some(last)) = (old.first(), old.last()) else {
        return Vec::new();
    };
    let n_pages = old
        .len()
        .max(segments.len().div_ceil(MAX_SEGMENTS))
        .min(segments.len());
    // Where the last packet ends that ends here: its page has the position of the old one.
    let last_end = segments.iter().rposition(|&n| n < 255);
    let (mut out, mut from, mut at) = (Vec::new(), 0, 0);
    for i in 0..n_pages {
        let to = (from + MAX_SEGMENTS).min(segments.len() - (n_pages - 1 - i));
        let here = &segments[from..to];
        let n: usize = here.iter().map(|&n| usize::from(n)).sum();
        let begins = if from > 0 && segments[from - 1] == 255 {
            CONTINUED
        } else {
            0
        };
        let ends = if i + 1 == n_pages { last.flags & LAST } else { 0 };
        let page = Page {
            at: 0..0,
            flags: begins | ends,
            position: match last_end {
                Some(end) if (from..to).contains(&end) => last.position,
                _ if here.iter().any(|&n| n < 255) => [0; 8],
                _ => NO_POSITION,
            },
            serial: first.serial,
            sequence: first.sequence.wrapping_add(i as u32),
            checksum: 0,
            lacing: here,
            body: &data[at..at + n],
        };
        out.push(page.bytes());
        (from, at) = (to, at + n);
    }
    out
}

#[cfg(test)]
mod tests;
