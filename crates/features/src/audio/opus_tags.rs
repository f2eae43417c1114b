//! Tags of an Opus stream in Ogg that count more bytes than they have: they are read as empty, since nothing in them is sound and
//! a reader that stops at them would hear nothing.
//!
//! Source: RFC 7845, 5.2; RFC 3533, 6.

use std::io;

use symphonia::core::checksum::Crc32;
use symphonia::core::io::Monitor;

use crate::audio::patch::Patch;
use crate::audio::source::Bytes;

/// Pages that are looked at: the tags are on the second one of their stream.
const MAX_PAGES: usize = 64;

/// Bytes of a page's header without its table.
const N_HEAD: usize = 27;

/// Magic bytes, length of the vendor's name, number of comments.
const N_EMPTY: usize = 16;

/// What makes the tags empty, if they are wrong.
///
/// # Errors
/// Those of reading.
pub(crate) fn repair(bytes: &Bytes<'_>) -> io::Result<Vec<Patch>> {
    let mut at = 0;
    for _ in 0..MAX_PAGES {
        let Some(mut page) = page_at(bytes, at)? else {
            break;
        };
        let start = N_HEAD + usize::from(page[26]);
        if page[start..].starts_with(b"OpusTags") {
            let segments = &page[N_HEAD..start];
            let n_full = segments.iter().take_while(|n| **n == 255).count();
            let is_whole = n_full < segments.len();
            let n = 255 * n_full + segments.get(n_full).map_or(0, |n| usize::from(*n));
            if n < N_EMPTY || !counts_wrong(&page[start + 8..start + n], is_whole) {
                break;
            }
            page[start + 8..start + N_EMPTY].fill(0);
            page[22..26].fill(0);
            let mut crc = Crc32::new(0);
            crc.process_buf_bytes(&page);
            let patch = |offset: usize, bytes: Vec<u8>| Patch {
                at: at + offset as u64,
                bytes,
            };
            return Ok(vec![
                patch(22, crc.crc().to_le_bytes().to_vec()),
                patch(start + 8, vec![0; N_EMPTY - 8]),
            ]);
        }
        at += page.len() as u64;
    }
    Ok(Vec::new())
}

/// The page at a position, if it is one and whole.
fn page_at(bytes: &Bytes<'_>, at: u64) -> io::Result<Option<Vec<u8>>> {
    let Some(head) = bytes.take::<N_HEAD>(at)?.filter(|h| h.starts_with(b"OggS\0")) else {
        return Ok(None);
    };
    let mut page = vec![0; N_HEAD + usize::from(head[26])];
    bytes.peek(at, &mut page)?;
    let n_body: usize = page[N_HEAD..].iter().map(|n| usize::from(*n)).sum();
    page.resize(page.len() + n_body, 0);
    let n = bytes.peek(at, &mut page)?;
    Ok((n == page.len()).then_some(page))
}

/// Whether a length in tags is larger than what is left of them; of tags that go on on another page, only the vendor's name is
/// looked at, which is never that long.
fn counts_wrong(tags: &[u8], is_whole: bool) -> bool {
    let Some(behind) = behind_text(tags) else {
        return true;
    };
    if !is_whole {
        return false;
    }
    let Some((n, mut rest)) = behind.split_first_chunk::<4>() else {
        return true;
    };
    (0..u32::from_le_bytes(*n)).any(|_| match behind_text(rest) {
        Some(behind) => {
            rest = behind;
            false
        }
        None => true,
    })
}

/// What follows a text with its length in front; nothing if it is longer than what there is.
fn behind_text(bytes: &[u8]) -> Option<&[u8]> {
    let (n, text) = bytes.split_first_chunk::<4>()?;
    text.get(u32::from_le_bytes(*n) as usize..)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Cursor;

    const GOOD: &[u8] = include_bytes!("../../tests/data/audio/opus.opus");

    fn of(x: &[u8]) -> Vec<Patch> {
        repair(&Bytes::new(Box::new(Cursor::new(x.to_vec())))).unwrap()
    }

    #[test]
    fn tags_that_count_too_much_are_emptied_and_others_left_alone() {
        assert_eq!(of(GOOD), []);
        assert_eq!(of(b"OggS"), []);
        let tags = GOOD.windows(8).position(|w| w == b"OpusTags").unwrap();
        let n_vendor = u32::from_le_bytes(GOOD[tags + 8..tags + 12].try_into().unwrap()) as usize;
        let n_comments = tags + 12 + n_vendor;
        // The vendor's name, the number of comments, the first comment.
        for (at, value) in [
            (tags + 8, 100_000_u32),
            (tags + 8, u32::MAX),
            (n_comments, 9_999_999),
            (n_comments + 4, 70_000),
        ] {
            let mut x = GOOD.to_vec();
            x[at..at + 4].copy_from_slice(&value.to_le_bytes());
            let patches = of(&x);
            assert_eq!(patches.len(), 2, "{at}");
            assert_eq!(
                (patches[1].at, &patches[1].bytes[..]),
                (tags as u64 + 8, &[0; 8][..])
            );
            // The checksum is that of the page as it is read then.
            patches.iter().for_each(|patch| patch.apply(0, &mut x));
            assert_eq!(of(&x), []);
            let start = x[..tags].windows(4).rposition(|w| w == b"OggS").unwrap();
            let next = start + 4 + x[start + 4..].windows(4).position(|w| w == b"OggS").unwrap();
            let told = u32::from_le_bytes(x[start + 22..start + 26].try_into().unwrap());
            x[start + 22..start + 26].fill(0);
            let slow = x[start..next].iter().fold(0u32, |crc, byte| {
                (0..8).fold(crc ^ u32::from(*byte) << 24, |crc, _| {
                    crc << 1 ^ if crc >> 31 == 1 { 0x04c1_1db7 } else { 0 }
                })
            });
            assert_eq!(told, slow);
        }
    }
}
