//! Tags in front of the sound, of which the sizes are read and nothing else.
//!
//! No decoder sees them: readers of tags have been brought to overflow their stack and to take many times a tag's bytes of
//! memory, and nothing in a tag is sound.

use std::io;

use crate::audio::source::Bytes;

/// Tags in front of a file that are passed.
const MAX_TAGS: usize = 16;

/// Zeros behind a tag, in front of another, that are passed.
const MAX_ZEROS: usize = 1 << 16;

/// Where the file begins behind tags of ID3v2 and APE; past its end where a tag tells more bytes than there are.
///
/// Source: ID3v2.4.0, 3.1 (the same in 2.2 and 2.3 but for the footer); APEv2.
///
/// # Errors
/// Those of reading.
pub(crate) fn end_of_tags(bytes: &Bytes<'_>) -> io::Result<u64> {
    let mut at = 0;
    for _ in 0..MAX_TAGS {
        let Some(n) = tag_at(bytes, at)? else {
            let behind = behind_zeros(bytes, at)?;
            match tag_at(bytes, behind)? {
                Some(n) if at > 0 && behind > at => at = behind + n,
                _ => break,
            }
            continue;
        };
        at += n;
    }
    Ok(at)
}

/// Bytes of the tag that begins at `at`, if one does.
fn tag_at(bytes: &Bytes<'_>, at: u64) -> io::Result<Option<u64>> {
    let mut head = [0; 32];
    let n = bytes.peek(at, &mut head)?;
    Ok(match &head[..n] {
        // Four times seven bits; sizes with other bits set are read as far as they make sense. Ten bytes more for a footer.
        [b'I', b'D', b'3', _, _, flags, a, b, c, d, ..] => {
            let size = [a, b, c, d]
                .iter()
                .fold(0u64, |n, b| n << 7 | u64::from(**b & 0x7f));
            Some(10 + size + if flags & 0x10 != 0 { 10 } else { 0 })
        }
        // The size counts the items and the footer. A footer alone stands behind its tag.
        [
            b'A',
            b'P',
            b'E',
            b'T',
            b'A',
            b'G',
            b'E',
            b'X',
            _,
            _,
            _,
            _,
            a,
            b,
            c,
            d,
            rest @ ..,
        ] if rest.get(7).is_some_and(|flags| flags & 0x20 != 0) => {
            Some(32 + u64::from(u32::from_le_bytes([*a, *b, *c, *d])))
        }
        _ => None,
    })
}

/// The first byte from `at` on that is not 0; `at` itself if there are too many zeros.
fn behind_zeros(bytes: &Bytes<'_>, at: u64) -> io::Result<u64> {
    let mut first = [0];
    if bytes.peek(at, &mut first)? == 0 || first[0] != 0 {
        return Ok(at);
    }
    let mut zeros = vec![0; MAX_ZEROS];
    let n = bytes.peek(at, &mut zeros)?;
    let behind = zeros[..n].iter().position(|b| *b != 0);
    Ok(at + behind.unwrap_or(0) as u64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Cursor;

    fn of(x: &[u8]) -> u64 {
        end_of_tags(&Bytes::new(Box::new(Cursor::new(x.to_vec())))).unwrap()
    }

    #[test]
    fn tags_are_passed_by_their_sizes() {
        let id3 = b"ID3\x04\0\0\0\0\0\x05hello".as_slice();
        let footed = b"ID3\x04\0\x10\0\0\0\x01x3DI7654321".as_slice();
        let mut ape = b"APETAGEX\xd0\x07\0\0\x24\0\0\0\0\0\0\0\0\0\0\xa0".to_vec();
        ape.resize(32 + 36, 7);
        assert_eq!(of(b"fLaC"), 0);
        assert_eq!(of(&[id3, b"fLaC"].concat()), 15);
        assert_eq!(of(&[id3, footed, &ape, b"fLaC"].concat()), 15 + 21 + 68);
        // Padding that the size does not count, only in front of another tag.
        assert_eq!(of(&[id3, &[0; 100], id3, b"fLaC"].concat()), 130);
        assert_eq!(of(&[id3, &[0; 100], b"fLaC"].concat()), 15);
        assert_eq!(of(b"ID3\x04\0\0\x7f\x7f\x7f\x7f"), 10 + (1 << 28) - 1);
        // More tags than anybody writes: what follows is no tag any more.
        assert_eq!(of(&id3.repeat(40)), 16 * 15);
    }
}
