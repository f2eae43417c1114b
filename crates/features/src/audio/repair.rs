//! Containers that were cut short: the lengths in their headers, corrected so that what is there can be read.
//!
//! Readers of AIFF, CAF, Matroska and MP4 refuse a file whose outermost length runs past its end. Decoders of other
//! programs read on to where the bytes end; so does ours once the length is that of the bytes.

use std::io;

use crate::audio::patch::{Patch, Repair};
use crate::audio::source::Bytes;

/// Chunks that are looked at before the search is given up.
const MAX_CHUNKS: usize = 100_000;

/// What to correct in a file that is shorter than it says; nothing for whole files and other formats.
///
/// # Errors
/// Those of reading.
pub(crate) fn repair(bytes: &Bytes<'_>) -> io::Result<Repair> {
    let Some(n) = bytes.n_bytes() else {
        return Ok(Repair::default());
    };
    let file = File { bytes, n };
    let Some(head) = file.take::<12>(0)? else {
        return Ok(Repair::default());
    };
    let mut forward_only = false;
    let patches = match (&head[..4], &head[4..8], &head[8..]) {
        (b"FORM", _, b"AIFF" | b"AIFC") => file.aiff()?,
        (b"caff", ..) => file.caf()?,
        (_, b"ftyp", _) => file.mp4()?,
        (&[0x1a, 0x45, 0xdf, 0xa3], ..) => {
            let patches = file.matroska()?;
            forward_only = !patches.is_empty();
            patches
        }
        _ => Vec::new(),
    };
    Ok(Repair {
        patches,
        forward_only,
    })
}

struct File<'a, 's> {
    bytes: &'a Bytes<'s>,
    n: u64,
}

impl File<'_, '_> {
    fn take<const N: usize>(&self, at: u64) -> io::Result<Option<[u8; N]>> {
        let mut out = [0; N];
        Ok((self.bytes.peek(at, &mut out)? == N).then_some(out))
    }

    /// Chunks with 32-bit lengths, padded to even positions.
    fn aiff(&self) -> io::Result<Vec<Patch>> {
        let mut at = 12;
        for _ in 0..MAX_CHUNKS {
            let Some([a, b, c, d, size @ ..]) = self.take::<8>(at)? else {
                break;
            };
            let (start, size) = (at + 8, u64::from(u32::from_be_bytes(size)));
            if start + size > self.n {
                if [a, b, c, d] != *b"SSND" {
                    break;
                }
                return Ok(vec![
                    Patch::u32(4, self.n.saturating_sub(8)),
                    Patch::u32(at + 4, self.n - start),
                ]);
            }
            at = start + size + size % 2;
        }
        Ok(Vec::new())
    }

    /// Chunks with 64-bit lengths.
    fn caf(&self) -> io::Result<Vec<Patch>> {
        let mut at = 8;
        for _ in 0..MAX_CHUNKS {
            let Some([a, b, c, d, size @ ..]) = self.take::<12>(at)? else {
                break;
            };
            let size = u64::from_be_bytes(size);
            let start = at + 12;
            // -1 stands for "to the end".
            if size == u64::MAX {
                break;
            }
            if start.saturating_add(size) > self.n {
                if [a, b, c, d] != *b"data" {
                    break;
                }
                return Ok(vec![Patch::u64(at + 4, self.n - start)]);
            }
            at = start + size;
        }
        Ok(Vec::new())
    }

    /// Boxes with 32-bit lengths that count their own header, or 64-bit lengths behind it.
    fn mp4(&self) -> io::Result<Vec<Patch>> {
        let mut at = 0u64;
        for _ in 0..MAX_CHUNKS {
            let Some([s0, s1, s2, s3, kind @ ..]) = self.take::<8>(at)? else {
                break;
            };
            let small = u64::from(u32::from_be_bytes([s0, s1, s2, s3]));
            let size = match small {
                1 => match self.take::<8>(at + 8)? {
                    Some(size) => u64::from_be_bytes(size),
                    None => break,
                },
                small => small,
            };
            if size < 8 {
                break;
            }
            if at.saturating_add(size) > self.n {
                if kind != *b"mdat" {
                    break;
                }
                return Ok(vec![match small {
                    1 => Patch::u64(at + 8, self.n - at),
                    _ => Patch::u32(at, self.n - at),
                }]);
            }
            at += size;
        }
        Ok(Vec::new())
    }

    /// The segment, which gets an unknown length: all bits of the number set.
    fn matroska(&self) -> io::Result<Vec<Patch>> {
        let mut at = 4;
        let Some((width, size)) = self.vint(at)? else {
            return Ok(Vec::new());
        };
        at += width + size;
        if self.take::<4>(at)? != Some([0x18, 0x53, 0x80, 0x67]) {
            return Ok(Vec::new());
        }
        at += 4;
        let Some((width, size)) = self.vint(at)? else {
            return Ok(Vec::new());
        };
        let unknown = (1u64 << (7 * width)) - 1;
        if size == unknown || (at + width).saturating_add(size) <= self.n {
            return Ok(Vec::new());
        }
        let mut bytes = vec![0xff; width as usize];
        bytes[0] = 0xff >> (width - 1);
        Ok(vec![Patch { at, bytes }])
    }

    /// A number of variable length at `at`: its width in bytes and its value.
    fn vint(&self, at: u64) -> io::Result<Option<(u64, u64)>> {
        let mut raw = [0; 8];
        let n = self.bytes.peek(at, &mut raw)?;
        let width = raw[0].leading_zeros() as usize + 1;
        if width > n {
            return Ok(None);
        }
        let value = u64::from_be_bytes(raw) >> (64 - 8 * width);
        Ok(Some((width as u64, value & ((1 << (7 * width)) - 1))))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Cursor;

    fn of(bytes: &[u8]) -> Vec<Patch> {
        repair(&Bytes::new(Box::new(Cursor::new(bytes.to_vec()))))
            .unwrap()
            .patches
    }

    #[test]
    fn lengths_past_the_end_become_those_of_the_bytes() {
        let mut aiff = b"FORM\0\0\x10\0AIFFCOMM\0\0\0\x03abc\0SSND\0\0\x0f\0".to_vec();
        aiff.extend([7; 100]);
        assert_eq!(of(&aiff), [Patch::u32(4, 124), Patch::u32(28, 100)]);
        let mut caf = b"caff\0\x01\0\0desc\0\0\0\0\0\0\0\x02xxdata\0\0\0\0\0\x01\0\0".to_vec();
        caf.extend([7; 50]);
        assert_eq!(of(&caf), [Patch::u64(26, 50)]);
        let mut mp4 = b"\0\0\0\x0cftypM4A \0\0\x01\0mdat".to_vec();
        mp4.extend([7; 30]);
        assert_eq!(of(&mp4), [Patch::u32(12, 38)]);
        let mut long = b"\0\0\0\x0cftypM4A \0\0\0\x01mdat\0\0\x01\0\0\0\0\0".to_vec();
        long.extend([7; 30]);
        assert_eq!(of(&long), [Patch::u64(20, 46)]);
        // EBML header of 5 bytes, segment of 0x100 bytes written with 4.
        let mut mka = b"\x1a\x45\xdf\xa3\x85abcde\x18\x53\x80\x67\x10\0\x01\0".to_vec();
        mka.extend([7; 20]);
        let unknown = Patch {
            at: 14,
            bytes: vec![0x1f, 0xff, 0xff, 0xff],
        };
        assert_eq!(of(&mka), [unknown]);
    }

    #[test]
    fn whole_and_hopeless_files_are_left_alone() {
        let mut mka = b"\x1a\x45\xdf\xa3\x85abcde\x18\x53\x80\x67\x10\0\0\x14".to_vec();
        mka.extend([7; 20]);
        assert_eq!(of(&mka), []);
        // The description itself is cut.
        assert_eq!(of(b"FORM\0\0\x10\0AIFFCOMM\0\0\0\x20abc"), []);
        assert_eq!(of(b"\0\0\0\x0cftypM4A \0\0\x01\0moov1234"), []);
        // A box that would be shorter than its own header must not hold the walk up.
        assert_eq!(of(b"\0\0\0\x0cftypM4A \0\0\0\0free12345678"), []);
        for magic in [
            &b"FORM\0\0\x10\0AIFF"[..],
            b"caff\0\x01\0\0",
            b"\x1a\x45\xdf\xa3\0",
            b"RIFF",
            b"",
        ] {
            assert_eq!(of(magic), []);
        }
    }
}
