//! MP4: boxes whose lengths are wrong, and tags, which no reader sees.
//!
//! Source: ISO/IEC 14496-12, 4.2.

use crate::audio::boxes::{BoxHeader, Span};
use crate::audio::patch::Patch;
use crate::audio::source::Bytes;
use crate::error::{Error, Result};

/// Boxes of the file and of the movie that are looked at.
const MAX_BOXES: usize = 100_000;

/// Tracks of a movie.
const MAX_TRACKS: usize = 1000;

/// Bytes of a movie's description without its tags: tables of some fifty hours of sound.
const MAX_TABLES: u64 = 1 << 26;

/// What is read in place of the file's own bytes: the lengths of a last box that runs past the end, and free space instead of
/// tags: nothing in them is sound, and a wrong number in one would end the file.
///
/// # Errors
/// Those of reading, and [`Error::Damaged`] for more boxes, tracks and tables than any recording has.
pub(crate) fn patches(bytes: &Bytes<'_>, base: u64) -> Result<Vec<Patch>> {
    let n = bytes.n_bytes();
    let (mut at, mut patches) = (base, Vec::new());
    for _ in 0..MAX_BOXES {
        let Some(found) = BoxHeader::read(bytes, Span { start: at, end: n })? else {
            return Ok(patches);
        };
        let past_the_end = found.end() > n;
        let (tags, cut_in_tags) = match &found.kind {
            b"moov" => tags_of_movie(bytes, &found)?,
            b"meta" | b"udta" => (vec![free(&found)], true),
            _ => (Vec::new(), false),
        };
        if past_the_end && (found.kind == *b"mdat" || cut_in_tags) {
            patches.push(ending_at(&found, n));
        } else if past_the_end {
            return Ok(patches);
        }
        patches.extend(tags);
        if past_the_end {
            return Ok(patches);
        }
        at = found.end();
    }
    Err(too_much(format!("more than {MAX_BOXES} boxes")))
}

fn too_much(reason: String) -> Error {
    Error::Damaged {
        format: "an M4A or MP4 file",
        reason,
    }
}

/// The length of a box, so that it ends at `end`.
fn ending_at(found: &BoxHeader, end: u64) -> Patch {
    let size = end - found.start;
    match found.is_large {
        true => Patch::u64(found.start + 8, size),
        false => Patch::u32(found.start, size),
    }
}

/// Free space in place of a box.
fn free(found: &BoxHeader) -> Patch {
    Patch {
        at: found.start + 4,
        bytes: b"free".to_vec(),
    }
}

/// The tags in a movie's description, each of which becomes free space; one that is cut short ends with the file. And whether
/// there is such a one: what is in front of it is whole then.
fn tags_of_movie(bytes: &Bytes<'_>, movie: &BoxHeader) -> Result<(Vec<Patch>, bool)> {
    let end = movie.end().min(bytes.n_bytes());
    let (mut at, mut patches, mut is_cut) = (movie.contents(), Vec::new(), false);
    let (mut n_tracks, mut n_tables) = (0, 0u64);
    for _ in 0..MAX_BOXES {
        let Some(found) = BoxHeader::read(bytes, Span { start: at, end })? else {
            return Ok((patches, is_cut));
        };
        let past_the_end = found.end() > end;
        if matches!(&found.kind, b"udta" | b"meta") {
            patches.push(free(&found));
            if past_the_end {
                patches.push(ending_at(&found, end));
                is_cut = true;
            }
        } else {
            n_tracks += usize::from(found.kind == *b"trak");
            n_tables = n_tables.saturating_add(found.size);
        }
        if past_the_end {
            return Ok((patches, is_cut));
        }
        if n_tracks > MAX_TRACKS || n_tables > MAX_TABLES {
            return Err(too_much(format!(
                "{n_tracks} tracks with {n_tables} bytes of tables"
            )));
        }
        at = found.end();
    }
    Err(too_much(format!("more than {MAX_BOXES} boxes")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Cursor;

    fn of(x: &[u8]) -> Vec<Patch> {
        patches(&Bytes::new(Box::new(Cursor::new(x.to_vec()))), 0).unwrap()
    }

    fn free(at: u64) -> Patch {
        Patch {
            at,
            bytes: b"free".to_vec(),
        }
    }

    #[test]
    fn lengths_past_the_end_become_those_of_the_bytes() {
        let mut mp4 = b"\0\0\0\x0cftypM4A \0\0\x01\0mdat".to_vec();
        mp4.extend([7; 30]);
        assert_eq!(of(&mp4), [Patch::u32(12, 38)]);
        let mut long = b"\0\0\0\x0cftypM4A \0\0\0\x01mdat\0\0\x01\0\0\0\0\0".to_vec();
        long.extend([7; 30]);
        assert_eq!(of(&long), [Patch::u64(20, 46)]);
        // A box that would be shorter than its own header must not hold the walk up.
        assert_eq!(of(b"\0\0\0\x0cftypM4A \0\0\0\0free12345678"), []);
    }

    #[test]
    fn tags_are_read_over_also_where_they_are_cut() {
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
    fn tags_beside_the_description_are_read_over_too() {
        let head = b"\0\0\0\x0cftypM4A ".as_slice();
        assert_eq!(
            of(&[head, b"\0\0\0\x0ametaxx\0\0\0\x0amdatzz"].concat()),
            [free(16)]
        );
        assert_eq!(of(&[head, b"\0\0\0\0metaxx"].concat()), [free(16)]);
        assert_eq!(
            of(&[head, b"\0\0\0\xffmetaxx"].concat()),
            [Patch::u32(12, 10), free(16)]
        );
    }

    #[test]
    fn what_no_recording_has_is_refused() {
        let refused = |x: &[u8]| {
            let error = patches(&Bytes::new(Box::new(Cursor::new(x.to_vec()))), 0).unwrap_err();
            assert!(matches!(error, Error::Damaged { .. }), "{error}");
        };
        let head = b"\0\0\0\x0cftypM4A ".as_slice();
        refused(&[head, &b"\0\0\0\x08free".repeat(MAX_BOXES)].concat());
        let tracks = b"\0\0\0\x08trak".repeat(MAX_TRACKS + 1);
        let size = (8 + tracks.len() as u32).to_be_bytes();
        refused(&[head, &size, b"moov", &tracks].concat());
        let mut large = [head, b"\x10\0\0\0moov\x0f\0\0\0trak"].concat();
        large.resize(100, 0);
        // A table past the end of the file cannot be read anyway.
        assert_eq!(of(&large), []);
    }
}
