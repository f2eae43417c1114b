//! Which part of an MP4 track is played: its edit list, and the encoder's delay that iTunes notes in a tag.
//!
//! AAC encoders put samples in front that belong to no recording (1024 or more); the container says how many. The reader of
//! symphonia 0.6 hands them out all the same, so they are looked up here, with a walk over the boxes' headers that reads
//! little and never more than its budget.

use std::io;

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
    /// Reads the edits of an MP4 file; none for other formats, for sources that cannot be read twice, and for fragmented
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
        let Some(n) = bytes.n_bytes().filter(|_| bytes.is_seekable()) else {
            return Ok(edits);
        };
        let mut walk = Walk {
            bytes,
            n_left: MAX_BOXES,
        };
        let mut head = [0; 8];
        if bytes.peek(0, &mut head)? < 8 || &head[4..] != b"ftyp" {
            return Ok(edits);
        }
        let whole = Span { start: 0, end: n };
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
                b"trak" => edits.tracks.extend(walk.track(span, movie_scale)?),
                b"udta" => edits.tagged = walk.tag(span)?.or(edits.tagged),
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

/// Bytes from `start` up to `end`.
#[derive(Clone, Copy)]
struct Span {
    start: u64,
    end: u64,
}

struct Walk<'a, 's> {
    bytes: &'a Bytes<'s>,
    n_left: u32,
}

impl Walk<'_, '_> {
    fn take<const N: usize>(&self, at: u64, end: u64) -> io::Result<Option<[u8; N]>> {
        let mut out = [0; N];
        if end.saturating_sub(at) < N as u64 {
            return Ok(None);
        }
        Ok((self.bytes.peek(at, &mut out)? == N).then_some(out))
    }

    /// Kind and contents of the box at the start of `span`, and where the next begins; nothing at the end, at a box that
    /// is no box, and once the budget is spent.
    fn next(&mut self, span: Span) -> io::Result<Option<([u8; 4], Span, u64)>> {
        let Some(left) = self.n_left.checked_sub(1) else {
            return Ok(None);
        };
        self.n_left = left;
        let Some([s0, s1, s2, s3, kind @ ..]) = self.take::<8>(span.start, span.end)? else {
            return Ok(None);
        };
        let (header, size) = match u32::from_be_bytes([s0, s1, s2, s3]) {
            0 => (8, span.end - span.start),
            1 => match self.take::<8>(span.start + 8, span.end)? {
                Some(size) => (16, u64::from_be_bytes(size)),
                None => return Ok(None),
            },
            size => (8, u64::from(size)),
        };
        if size < header {
            return Ok(None);
        }
        let next = span.start.saturating_add(size).min(span.end);
        let contents = Span {
            start: span.start + header,
            end: next,
        };
        Ok(Some((kind, contents, next)))
    }

    /// Contents of the first box of a kind.
    fn find(&mut self, mut span: Span, kind: &[u8; 4]) -> io::Result<Option<Span>> {
        while let Some((found, contents, next)) = self.next(span)? {
            if found == *kind {
                return Ok(Some(contents));
            }
            span.start = next;
        }
        Ok(None)
    }

    fn find_path(&mut self, span: Span, path: &[&[u8; 4]]) -> io::Result<Option<Span>> {
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
    fn behind_times(&self, header: Span) -> io::Result<Option<u32>> {
        Ok(self.take::<24>(header.start, header.end)?.map(|b| match b[0] {
            1 => u32::from_be_bytes([b[20], b[21], b[22], b[23]]),
            _ => u32::from_be_bytes([b[12], b[13], b[14], b[15]]),
        }))
    }

    /// Ticks a second by the header, 0 if there is none or it is too short.
    fn timescale(&self, header: Option<Span>) -> io::Result<u32> {
        let number = header.map(|header| self.behind_times(header)).transpose()?;
        Ok(number.flatten().unwrap_or(0))
    }

    /// The edit of a track; none if it has no edit list or the list is empty or makes no sense.
    fn track(&mut self, track: Span, movie_scale: u32) -> io::Result<Option<TrackEdit>> {
        let Some(list) = self.find_path(track, &[b"edts", b"elst"])? else {
            return Ok(None);
        };
        let Some(header) = self.find(track, b"tkhd")? else {
            return Ok(None);
        };
        let Some(track_id) = self.behind_times(header)? else {
            return Ok(None);
        };
        let media = self.find_path(track, &[b"mdia", b"mdhd"])?;
        let timescale = self.timescale(media)?;
        if timescale == 0 {
            return Ok(None);
        }
        let entries = self.entries(list)?;
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
    fn entries(&self, list: Span) -> io::Result<Vec<(u64, u64)>> {
        let Some([version, _, _, _, count @ ..]) = self.take::<8>(list.start, list.end)? else {
            return Ok(Vec::new());
        };
        let count = (u32::from_be_bytes(count) as usize).min(MAX_ENTRIES);
        let mut entries = Vec::new();
        let mut at = list.start + 8;
        for _ in 0..count {
            let (length, start, size) = if version == 1 {
                let Some(b) = self.take::<16>(at, list.end)? else {
                    break;
                };
                let [length, start] = halves(b).map(u64::from_be_bytes);
                (length, start as i64, 20)
            } else {
                let Some(b) = self.take::<8>(at, list.end)? else {
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
    fn tag(&mut self, user_data: Span) -> io::Result<Option<u32>> {
        let Some(meta) = self.find(user_data, b"meta")? else {
            return Ok(None);
        };
        // Version and flags come first.
        let meta = Span {
            start: meta.start.saturating_add(4).min(meta.end),
            end: meta.end,
        };
        let Some(mut list) = self.find(meta, b"ilst")? else {
            return Ok(None);
        };
        while let Some((kind, item, next)) = self.next(list)? {
            list.start = next;
            if kind != *b"----" {
                continue;
            }
            let Some(name) = self.find(item, b"name")? else {
                continue;
            };
            if self
                .take::<12>(name.start, name.end)?
                .map(|b| b[4..] == *b"iTunSMPB")
                != Some(true)
            {
                continue;
            }
            let Some(value) = self.find(item, b"data")? else {
                continue;
            };
            // Type and locale come first; the text begins with a space.
            let text = self.take::<36>(value.start, value.end)?;
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
}

/// The two halves of `x`, of `N` bytes each.
fn halves<const M: usize, const N: usize>(x: [u8; M]) -> [[u8; N]; 2] {
    let half = |from: usize| std::array::from_fn(|i| x[from + i]);
    [half(0), half(N)]
}

#[cfg(test)]
#[path = "edits_tests.rs"]
mod tests;
