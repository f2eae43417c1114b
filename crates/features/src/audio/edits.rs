//! Which part of an MP4 track is played: its edit list, and the encoder's delay that iTunes notes in a tag.
//!
//! AAC encoders put samples in front that belong to no recording (1024 or more); the container says how many. The reader of
//! symphonia 0.6 hands them out all the same, so they are looked up here, with a walk over the boxes' headers that reads
//! little and never more than its budget.

use std::io;

use crate::audio::boxes::{Span, Walk};
use crate::audio::source::Bytes;

/// Boxes whose headers are read, in all, before the search is given up.
const MAX_BOXES: u32 = 20_000;

/// Entries of an edit list that are looked at.
const MAX_ENTRIES: usize = 64;

/// The longest delay that iTunes' tag is believed, as in ffmpeg.
const MAX_TAGGED: u32 = 16_384;

/// The edits of a file, all its tracks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Edits {
    tracks: Vec<TrackEdit>,
    /// Samples in front, of AAC, by iTunes' tag.
    tagged: Option<u32>,
}

/// What is played of a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TrackEdit {
    track_id: u32,
    /// Unit of the times below, in ticks a second.
    pub(crate) timescale: u32,
    /// Left out at the beginning, in ticks.
    pub(crate) start: u64,
    /// Packets that begin here or later are left out.
    pub(crate) end: Option<u64>,
}

impl Edits {
    /// Reads the edits of an MP4 file; none for other formats and for fragmented
    /// files, whose edit lists ffmpeg does not apply either.
    ///
    /// As in ffmpeg, empty edits in front add no silence, and the end is that of a packet, not of a sample. Of several
    /// edits only the start of the first counts, and the length of an edit only if it is not 0.
    ///
    /// Source: ISO/IEC 14496-12, 8.6.6; what is left out was compared with ffmpeg 5.1.
    ///
    /// # Errors
    /// Those of reading.
    pub(crate) fn read(bytes: &Bytes<'_>) -> io::Result<Self> {
        let mut edits = Self::default();
        let mut walk = Walk::new(bytes, MAX_BOXES);
        let mut head = [0; 8];
        if bytes.peek(0, &mut head)? < 8 || &head[4..] != b"ftyp" {
            return Ok(edits);
        }
        let whole = Span {
            start: 0,
            end: bytes.n_bytes(),
        };
        let Some(movie) = walk.find(whole, b"moov")? else {
            return Ok(edits);
        };
        if walk.find(movie, b"mvex")?.is_some() {
            return Ok(edits);
        }
        let header = walk.find(movie, b"mvhd")?;
        let movie_scale = walk.timescale(header)?;
        let mut rest = movie;
        while let Some((kind, span, next)) = walk.next(rest)? {
            match &kind {
                b"trak" => edits.tracks.extend(track(&mut walk, span, movie_scale)?),
                b"udta" => edits.tagged = tag(&mut walk, span)?.or(edits.tagged),
                _ => {}
            }
            rest.start = next;
        }
        Ok(edits)
    }

    /// What is played of the track; nothing is left out without an edit.
    pub(crate) fn of(&self, track_id: u32, is_aac: bool, sample_rate: Option<u32>) -> Option<TrackEdit> {
        let edit = self.tracks.iter().find(|t| t.track_id == track_id).copied();
        match (self.tagged.filter(|_| is_aac), sample_rate) {
            (Some(n), Some(rate)) => {
                let end = edit.and_then(|e| e.end.map(|t| (t, e.timescale)));
                Some(TrackEdit {
                    track_id,
                    timescale: rate,
                    start: u64::from(n),
                    end: end.filter(|e| e.1 == rate).map(|e| e.0),
                })
            }
            _ => edit,
        }
    }
}

impl TrackEdit {
    /// Samples to leave out at the beginning of audio of `sample_rate` Hz.
    pub(crate) fn n_skipped(&self, sample_rate: u32) -> u64 {
        rescale(self.start, u64::from(sample_rate), u64::from(self.timescale))
    }
}

/// `x * to / from`, rounded to the nearest; `from` above zero.
fn rescale(x: u64, to: u64, from: u64) -> u64 {
    let wide = (u128::from(x) * u128::from(to) + u128::from(from) / 2) / u128::from(from);
    u64::try_from(wide).unwrap_or(u64::MAX)
}

/// The edit of a track; none if it has no edit list or the list is empty or makes no sense.
fn track(walk: &mut Walk<'_, '_>, track: Span, movie_scale: u32) -> io::Result<Option<TrackEdit>> {
    let Some(list) = walk.find_path(track, &[b"edts", b"elst"])? else {
        return Ok(None);
    };
    let Some(header) = walk.find(track, b"tkhd")? else {
        return Ok(None);
    };
    let Some(track_id) = walk.behind_times(header)? else {
        return Ok(None);
    };
    let media = walk.find_path(track, &[b"mdia", b"mdhd"])?;
    let timescale = walk.timescale(media)?;
    if timescale == 0 {
        return Ok(None);
    }
    let entries = entries(walk, list)?;
    let Some((length, start)) = entries.first().copied() else {
        return Ok(None);
    };
    let end = match length {
        0 => None,
        _ if entries.len() > 1 || movie_scale == 0 => None,
        n => Some(start.saturating_add(rescale(n, u64::from(timescale), u64::from(movie_scale)))),
    };
    Ok(Some(TrackEdit {
        track_id,
        timescale,
        start,
        end,
    }))
}

/// Length, in ticks of the movie, and start, in ticks of the track, of the edits that are not empty.
fn entries(walk: &Walk<'_, '_>, list: Span) -> io::Result<Vec<(u64, u64)>> {
    let Some([version, _, _, _, count @ ..]) = walk.take::<8>(list.start, list.end)? else {
        return Ok(Vec::new());
    };
    let count = (u32::from_be_bytes(count) as usize).min(MAX_ENTRIES);
    let mut entries = Vec::new();
    let mut at = list.start + 8;
    for _ in 0..count {
        let (length, start, size) = if version == 1 {
            let Some(b) = walk.take::<16>(at, list.end)? else {
                break;
            };
            let [length, start] = halves(b).map(u64::from_be_bytes);
            (length, start as i64, 20)
        } else {
            let Some(b) = walk.take::<8>(at, list.end)? else {
                break;
            };
            let [length, start] = halves(b).map(u32::from_be_bytes);
            (u64::from(length), i64::from(start as i32), 12)
        };
        if let Ok(start) = u64::try_from(start) {
            entries.push((length, start));
        }
        at += size;
    }
    Ok(entries)
}

/// The delay of iTunes' tag `iTunSMPB` in a movie's user data: the second of its hexadecimal numbers.
fn tag(walk: &mut Walk<'_, '_>, user_data: Span) -> io::Result<Option<u32>> {
    let Some(meta) = walk.find(user_data, b"meta")? else {
        return Ok(None);
    };
    // Version and flags come first.
    let meta = Span {
        start: meta.start.saturating_add(4).min(meta.end),
        end: meta.end,
    };
    let Some(mut list) = walk.find(meta, b"ilst")? else {
        return Ok(None);
    };
    while let Some((kind, item, next)) = walk.next(list)? {
        list.start = next;
        if kind != *b"----" {
            continue;
        }
        let Some(name) = walk.find(item, b"name")? else {
            continue;
        };
        if walk
            .take::<12>(name.start, name.end)?
            .map(|b| b[4..] == *b"iTunSMPB")
            != Some(true)
        {
            continue;
        }
        let Some(value) = walk.find(item, b"data")? else {
            continue;
        };
        // Type and locale come first; the text begins with a space.
        let text = walk.take::<36>(value.start, value.end)?;
        let delay = text
            .as_ref()
            .and_then(|b| std::str::from_utf8(&b[8..]).ok())
            .and_then(|s| s.split_whitespace().nth(1))
            .and_then(|s| u32::from_str_radix(s, 16).ok())
            .filter(|n| (1..MAX_TAGGED).contains(n));
        return Ok(delay);
    }
    Ok(None)
}

/// The two halves of `x`, of `N` bytes each.
fn halves<const M: usize, const N: usize>(x: [u8; M]) -> [[u8; N]; 2] {
    let half = |from: usize| std::array::from_fn(|i| x[from + i]);
    [half(0), half(N)]
}

#[cfg(test)]
#[path = "edits_tests.rs"]
mod tests;
