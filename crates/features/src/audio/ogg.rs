//! Comments and pictures in Ogg, which no reader sees.
//!
//! Each page has a checksum, so a page whose packet is changed gets a new one; a page whose checksum is wrong is no page.
//!
//! Source: RFC 3533, 6; Vorbis I, 5.2; RFC 7845, 5.2 (Opus); RFC 9639, 10.1 (FLAC in Ogg).

use std::collections::BTreeSet;
use std::io;

use symphonia::core::checksum::Crc32;
use symphonia::core::io::Monitor;

use crate::audio::lengths::window::Window;
use crate::audio::patch::Patch;
use crate::audio::source::Bytes;

/// Bytes of a page's header without its table.
const N_HEAD: usize = 27;

/// The longest page.
const N_PAGE: usize = N_HEAD + 255 + 255 * 255;

/// Bytes that are searched at once.
const N_BLOCK: usize = 1 << 16;

/// Pages that are changed: two for each of the joined streams that are followed.
const MAX_PAGES: usize = 2048;

/// What is read in place of the file's own bytes, so that comments are empty and pictures are padding; and where the file ends, if it
/// has more of them than are followed.
///
/// # Errors
/// Those of reading.
pub(crate) fn patches(bytes: &Bytes<'_>, base: u64) -> io::Result<(Vec<Patch>, Option<u64>)> {
    let n = bytes.n_bytes();
    let mut window = Window::new(bytes, n);
    let (mut patches, mut n_pages) = (Vec::new(), 0);
    // Streams of FLAC by their numbers: the kinds of their packets are told by one byte.
    let mut flac = BTreeSet::new();
    let mut at = base;
    loop {
        let block = window.get(at, N_BLOCK)?;
        if block.len() < N_HEAD {
            return Ok((patches, None));
        }
        match block.windows(4).position(|w| w == b"OggS") {
            None => {
                at += block.len() as u64 - 3;
                continue;
            }
            Some(i) => at += i as u64,
        }
        let page = window.get(at, N_PAGE)?;
        let Some(n_page) = whole(page) else {
            at += 4;
            continue;
        };
        let mut page = page[..n_page].to_vec();
        let changed = silence(&mut page, &mut flac);
        if !changed.is_empty() {
            n_pages += 1;
            if n_pages > MAX_PAGES {
                return Ok((patches, Some(at)));
            }
            page[22..26].fill(0);
            let sum = checksum(&[&page]).to_le_bytes();
            page[22..26].copy_from_slice(&sum);
            patches.extend(
                changed
                    .into_iter()
                    .chain(std::iter::once(22..26))
                    .map(|part| Patch {
                        at: at + part.start as u64,
                        bytes: page[part].to_vec(),
                    }),
            );
        }
        at += n_page as u64;
    }
}

/// The length of the page at the beginning, if it is all there and its checksum is right; that of tags of Opus is not looked at: a
/// reader that stops at them would hear nothing.
fn whole(page: &[u8]) -> Option<usize> {
    let n_table = usize::from(*page.get(26)?);
    let table = page.get(N_HEAD..N_HEAD + n_table)?;
    let n = N_HEAD + n_table + table.iter().map(|n| usize::from(*n)).sum::<usize>();
    let sum = u32::from_le_bytes(page.get(22..26)?.try_into().ok()?);
    let found = checksum(&[page.get(..22)?, &[0; 4], page.get(26..n)?]);
    let is_of_tags = page[N_HEAD + n_table..].starts_with(b"OpusTags");
    (sum == found || is_of_tags).then_some(n)
}

/// Empties the comments and pictures that begin on a page; which of its bytes that changed.
fn silence(page: &mut [u8], flac: &mut BTreeSet<[u8; 4]>) -> Vec<std::ops::Range<usize>> {
    let n_table = usize::from(page[26]);
    let serial = [page[14], page[15], page[16], page[17]];
    let mut start = N_HEAD + n_table;
    if page[5] & 2 != 0 {
        match page[start..].starts_with(b"\x7fFLAC") {
            true => _ = flac.insert(serial),
            false => _ = flac.remove(&serial),
        }
    }
    let is_flac = flac.contains(&serial);
    let mut changed = Vec::new();
    let mut end = start;
    for i in 0..n_table {
        let segment = usize::from(page[N_HEAD + i]);
        end += segment;
        if segment == 255 && i + 1 < n_table {
            continue;
        }
        let packet = &page[start..end];
        // The lengths of the first text and of the list behind it.
        let part = if packet.starts_with(b"\x03vorbis") {
            start + 7..start + 15
        } else if packet.starts_with(b"OpusTags") {
            start + 8..start + 16
        } else if is_flac && packet.first().is_some_and(|kind| matches!(kind & 0x7f, 4 | 6)) {
            start..start + 1
        } else {
            0..0
        };
        if !part.is_empty() && part.end <= end {
            match part.len() {
                1 => page[part.start] = page[part.start] & 0x80 | 1,
                _ => page[part.clone()].fill(0),
            }
            changed.push(part);
        }
        start = end;
    }
    changed
}

fn checksum(parts: &[&[u8]]) -> u32 {
    let mut crc = Crc32::new(0);
    parts.iter().for_each(|part| crc.process_buf_bytes(part));
    crc.crc()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Cursor;

    fn page(serial: u8, flags: u8, packets: &[&[u8]]) -> Vec<u8> {
        let mut page = b"OggS\0".to_vec();
        page.push(flags);
        page.extend([0; 8]);
        page.extend([serial, 0, 0, 0]);
        page.extend([0; 8]);
        let mut table = Vec::new();
        for packet in packets {
            table.extend(vec![255; packet.len() / 255]);
            table.push((packet.len() % 255) as u8);
        }
        page.push(table.len() as u8);
        page.extend(table);
        page.extend(packets.concat());
        let sum = checksum(&[&page]).to_le_bytes();
        page[22..26].copy_from_slice(&sum);
        page
    }

    #[test]
    fn the_checksum_is_that_of_the_polynomial() {
        let x: Vec<u8> = (0..1000u32).map(|i| ((i * i) >> 3) as u8).collect();
        let slow = x.iter().fold(0u32, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte) << 24, |sum, _| {
                sum << 1 ^ if sum >> 31 == 1 { 0x04c1_1db7 } else { 0 }
            })
        });
        assert_eq!(checksum(&[&x[..300], &x[300..]]), slow);
    }

    fn patched(x: &[u8]) -> Vec<u8> {
        let (patches, end) = patches(&Bytes::new(Box::new(Cursor::new(x.to_vec()))), 0).unwrap();
        assert_eq!(end, None);
        let mut out = x.to_vec();
        patches.iter().for_each(|p| p.apply(0, &mut out));
        out
    }

    #[test]
    fn comments_are_empty_and_pictures_padding_with_the_right_checksums() {
        let comment = |signature: &[u8]| [signature, b"\x02\0\0\0ab\x01\0\0\0\x03\0\0\0k=v"].concat();
        let empty = |signature: &[u8]| {
            let mut x = comment(signature);
            x[signature.len()..signature.len() + 8].fill(0);
            x
        };
        let ident = b"\x01vorbis".as_slice();
        let long = [comment(b"\x03vorbis"), vec![b'x'; 700]].concat();
        let long_empty = [empty(b"\x03vorbis"), vec![b'x'; 700]].concat();
        let streams = |vorbis: &[u8], opus: &[u8], kind: u8| {
            [
                page(1, 2, &[ident]),
                page(2, 2, &[b"OpusHead"]),
                page(3, 2, &[b"\x7fFLAC"]),
                page(1, 0, &[vorbis, b"\x05vorbis"]),
                page(2, 0, &[opus]),
                page(3, 0, &[&[kind | 0x80], b"\xffsound"]),
                b"junk OggS".to_vec(),
                // Sound that begins like a picture of FLAC, in another stream.
                page(1, 4, &[b"\x06sound"]),
            ]
            .concat()
        };
        let x = streams(&long, &comment(b"OpusTags"), 6);
        assert_eq!(patched(&x), streams(&long_empty, &empty(b"OpusTags"), 1));
    }

    #[test]
    fn a_page_with_a_wrong_checksum_is_left_and_searched() {
        let inner = page(1, 0, &[b"\x03vorbis\x05\0\0\0hello\0\0\0\0"]);
        let mut outer = page(1, 0, &[&inner]);
        outer[22] ^= 1;
        let got = patched(&outer);
        assert_ne!(got, outer);
        assert_eq!(got[..28], outer[..28]);
        let mut damaged = inner.clone();
        damaged[40] ^= 1;
        assert_eq!(patched(&damaged), damaged);
        // Tags of Opus become empty, whatever is wrong with them.
        let empty = page(1, 0, &[b"OpusTags\0\0\0\0\0\0\0\0hello"]);
        let mut tags = page(1, 0, &[b"OpusTags\x05\0\0\0\x05\0\0\0hello"]);
        tags[36..38].fill(0xff);
        assert_eq!(patched(&tags), empty);
    }

    #[test]
    fn more_comments_than_are_followed_end_the_file() {
        let one = page(1, 0, &[b"OpusTags\x05\0\0\0hello\0\0\0\0"]);
        let bytes = Bytes::new(Box::new(Cursor::new(one.repeat(MAX_PAGES + 3))));
        let (patches, end) = patches(&bytes, 0).unwrap();
        assert_eq!(patches.len(), 2 * MAX_PAGES);
        assert_eq!(end, Some((MAX_PAGES * one.len()) as u64));
    }
}
