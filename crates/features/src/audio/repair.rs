//! Containers whose lengths are wrong: how they are read instead, so that all the sound that is there is heard.
//!
//! WAV, AIFF and FLAC files get a plain header in front of their sound (`wave`, `aiff`, `flac`). Readers of CAF, Matroska
//! and MP4 refuse a file whose outermost length runs past its end, and that of Opus one whose tags do. Decoders of other programs read on to where the bytes
//! end; so does ours once the length is that of the bytes.

use std::io;

use crate::audio::boxes::{BoxHeader, Span};
use crate::audio::patch::{Patch, Repair};
use crate::audio::source::Bytes;
use crate::audio::{aiff, flac, opus_tags, wave};
use crate::error::Result;

/// Chunks that are looked at before the search is given up.
const MAX_CHUNKS: usize = 100_000;

/// ID3v2 tags in front of a file that are skipped.
const MAX_TAGS: usize = 16;

/// How a file is read instead of as it stands; as it stands if its format is another, or hopeless.
///
/// # Errors
/// Those of reading, and [`Error::UnsupportedCodec`](crate::error::Error) for WAV and AIFF files with such a codec.
pub(crate) fn repair(bytes: &Bytes<'_>) -> Result<Repair> {
    let Some(n) = bytes.n_bytes() else {
        return Ok(Repair::default());
    };
    let base = behind_tags(bytes)?;
    let file = File { bytes, n };
    let Some(head) = file.take::<12>(base)? else {
        return Ok(Repair::default());
    };
    let patches = match (&head[..4], &head[4..8], &head[8..]) {
        (b"RIFF" | b"RF64" | b"BW64", _, b"WAVE") => {
            return Ok(wave::repair(bytes, base, n)?.unwrap_or_default());
        }
        (b"FORM", _, b"AIFF" | b"AIFC") => return Ok(aiff::repair(bytes, base, n)?.unwrap_or_default()),
        (b"fLaC", ..) => return Ok(flac::repair(bytes, base, n)?.unwrap_or_default()),
        _ if base > 0 => Vec::new(),
        (b"caff", ..) => file.caf()?,
        (b"OggS", ..) => opus_tags::repair(bytes)?,
        (_, b"ftyp", _) => file.mp4()?,
        (&[0x1a, 0x45, 0xdf, 0xa3], ..) => {
            let patches = file.matroska()?;
            return Ok(Repair {
                forward_only: !patches.is_empty(),
                patches,
                ..Repair::default()
            });
        }
        _ => Vec::new(),
    };
    Ok(Repair {
        patches,
        ..Repair::default()
    })
}

/// Where the file begins behind ID3v2 tags.
fn behind_tags(bytes: &Bytes<'_>) -> io::Result<u64> {
    let mut at = 0;
    for _ in 0..MAX_TAGS {
        let Some([b'I', b'D', b'3', _, _, flags, size @ ..]) = bytes.take::<10>(at)? else {
            break;
        };
        let size = size.iter().fold(0u64, |n, b| n << 7 | u64::from(b & 0x7f));
        // Ten bytes more if the tag has a footer.
        at += 10 + size + if flags & 0x10 != 0 { 10 } else { 0 };
    }
    Ok(at)
}

/// The length of a box, so that it ends at `end`.
fn ending_at(found: &BoxHeader, end: u64) -> Patch {
    let size = end - found.start;
    match found.is_large {
        true => Patch::u64(found.start + 8, size),
        false => Patch::u32(found.start, size),
    }
}

struct File<'a, 's> {
    bytes: &'a Bytes<'s>,
    n: u64,
}

impl File<'_, '_> {
    fn take<const N: usize>(&self, at: u64) -> io::Result<Option<[u8; N]>> {
        self.bytes.take(at)
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

    /// Boxes with 32-bit lengths that count their own header, or 64-bit lengths behind it. Tags are read over: nothing in them is
    /// sound, and a wrong number in one would end the file.
    fn mp4(&self) -> io::Result<Vec<Patch>> {
        let (mut at, mut patches) = (0u64, Vec::new());
        for _ in 0..MAX_CHUNKS {
            let span = Span {
                start: at,
                end: self.n,
            };
            let Some(found) = BoxHeader::read(self.bytes, span)? else {
                break;
            };
            let past_the_end = found.end() > self.n;
            let (tags, cut_in_tags) = match &found.kind {
                b"moov" => self.tags_of_movie(&found)?,
                _ => (Vec::new(), false),
            };
            if past_the_end && (found.kind == *b"mdat" || cut_in_tags) {
                patches.push(ending_at(&found, self.n));
            } else if past_the_end {
                break;
            }
            patches.extend(tags);
            if past_the_end {
                break;
            }
            at = found.end();
        }
        Ok(patches)
    }

    /// The tags in a movie's description, each of which becomes free space; one that is cut short ends with the file. And whether
    /// there is such a one: what is in front of it is whole then.
    fn tags_of_movie(&self, movie: &BoxHeader) -> io::Result<(Vec<Patch>, bool)> {
        let end = movie.end().min(self.n);
        let (mut at, mut patches, mut is_cut) = (movie.contents(), Vec::new(), false);
        for _ in 0..MAX_CHUNKS {
            let Some(found) = BoxHeader::read(self.bytes, Span { start: at, end })? else {
                break;
            };
            let past_the_end = found.end() > end;
            if matches!(&found.kind, b"udta" | b"meta") {
                patches.push(Patch {
                    at: at + 4,
                    bytes: b"free".to_vec(),
                });
                if past_the_end {
                    patches.push(ending_at(&found, end));
                    is_cut = true;
                }
            }
            if past_the_end {
                break;
            }
            at = found.end();
        }
        Ok((patches, is_cut))
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

    fn whole(bytes: &[u8]) -> Repair {
        repair(&Bytes::new(Box::new(Cursor::new(bytes.to_vec())))).unwrap()
    }

    fn of(bytes: &[u8]) -> Vec<Patch> {
        whole(bytes).patches
    }

    #[test]
    fn tags_in_front_are_passed() {
        let flac = include_bytes!("../../tests/data/audio/flac.flac");
        let tagged = [
            b"ID3\x04\0\0\0\0\0\x05hello".as_slice(),
            b"ID3\x04\0\x10\0\0\0\x01x3DI7654321",
            flac,
        ]
        .concat();
        let (plain, tagged) = (whole(flac), whole(&tagged));
        assert_eq!((tagged.front, tagged.start), (plain.front, plain.start + 36));
    }

    #[test]
    fn lengths_past_the_end_become_those_of_the_bytes() {
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
    fn tags_of_mp4_files_are_read_over_also_where_they_are_cut() {
        let free = |at| Patch {
            at,
            bytes: b"free".to_vec(),
        };
        let head = b"\0\0\0\x0cftypM4A ".as_slice();
        let tracks = b"\0\0\0\x0atrakxx".as_slice();
        let whole = [
            head,
            b"\0\0\0\x26moov",
            tracks,
            b"\0\0\0\x0audtayy\0\0\0\x0ameta\0\0",
            b"\0\0\0\x0amdatzz",
        ]
        .concat();
        assert_eq!(of(&whole), [free(34), free(44)]);
        // The description ends in the middle of its tags.
        let cut = [head, b"\0\0\x01\0moov", tracks, b"\0\0\0\xffudtayyy"].concat();
        assert_eq!(of(&cut), [Patch::u32(12, 29), free(34), Patch::u32(30, 11)]);
        // In the middle of a track it is hopeless.
        assert_eq!(of(&cut[..28]), []);
        // As with any other last box, a length of 0 means to the end.
        assert_eq!(of(&[head, b"\0\0\0\0moov1234"].concat()), []);
    }

    #[test]
    fn whole_and_hopeless_files_are_left_alone() {
        let mut mka = b"\x1a\x45\xdf\xa3\x85abcde\x18\x53\x80\x67\x10\0\0\x14".to_vec();
        mka.extend([7; 20]);
        assert_eq!(of(&mka), []);
        // The description itself is cut.
        assert_eq!(whole(b"FORM\0\0\x10\0AIFFCOMM\0\0\0\x20abc"), Repair::default());
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
