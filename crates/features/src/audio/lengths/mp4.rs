//! MP4, counted by its tables: the durations of a track's packets, or those of its fragments.
//!
//! Source: ISO/IEC 14496-12, 8.6.1.2 (`stts`), 8.8.3 (`trex`), 8.8.7 (`tfhd`) and 8.8.8 (`trun`).

use std::io;

use super::window::Window;
use crate::audio::boxes::{Span, Walk};
use crate::audio::edits::TrackEdit;
use crate::audio::source::Bytes;

/// Boxes whose headers are read, in all, before the count is given up.
const MAX_BOXES: u32 = 200_000;

/// Samples of a track at a rate, as the tables tell and the edit leaves; none without tables.
///
/// # Errors
/// Those of reading.
pub(crate) fn n_samples(
    bytes: &Bytes<'_>,
    end: u64,
    track_id: u32,
    edit: Option<TrackEdit>,
    sample_rate: u32,
) -> io::Result<Option<u64>> {
    let mut walk = Walk::new(bytes, MAX_BOXES);
    let whole = Span { start: 0, end };
    let Some(movie) = walk.find(whole, b"moov")? else {
        return Ok(None);
    };
    let Some(track) = find_track(&mut walk, movie, track_id)? else {
        return Ok(None);
    };
    let header = walk.find_path(track, &[b"mdia", b"mdhd"])?;
    let timescale = walk.timescale(header)?;
    if timescale == 0 {
        return Ok(None);
    }
    let mut window = Window::new(bytes, end);
    let until = edit.and_then(|edit| edit.end).unwrap_or(u64::MAX);
    let table = walk.find_path(track, &[b"mdia", b"minf", b"stbl", b"stts"])?;
    let n_ticks = match (walk.find(movie, b"mvex")?, table) {
        (Some(extends), table) => {
            let usual = usual_duration(&mut walk, extends, track_id)?;
            let in_fragments = in_fragments(&mut walk, &mut window, whole, track_id, usual)?;
            // The first packets can be in the movie itself.
            let in_movie = table.map_or(Ok(0), |table| in_table(&mut window, table, u64::MAX))?;
            in_movie.saturating_add(in_fragments)
        }
        (None, Some(table)) => in_table(&mut window, table, until)?,
        (None, None) => return Ok(None),
    };
    let n = u128::from(n_ticks) * u128::from(sample_rate) / u128::from(timescale);
    let n_skipped = edit.map_or(0, |edit| edit.n_skipped(sample_rate));
    Ok(Some(
        u64::try_from(n).unwrap_or(u64::MAX).saturating_sub(n_skipped),
    ))
}

fn find_track(walk: &mut Walk<'_, '_>, movie: Span, track_id: u32) -> io::Result<Option<Span>> {
    let mut rest = movie;
    while let Some((kind, span, next)) = walk.next(rest)? {
        rest.start = next;
        if kind != *b"trak" {
            continue;
        }
        if let Some(header) = walk.find(span, b"tkhd")?
            && walk.behind_times(header)? == Some(track_id)
        {
            return Ok(Some(span));
        }
    }
    Ok(None)
}

/// Ticks of the packets that begin in front of `until`.
fn in_table(window: &mut Window<'_, '_>, table: Span, until: u64) -> io::Result<u64> {
    let Some([_, _, _, _, count @ ..]) = window.take::<8>(table.start)? else {
        return Ok(0);
    };
    let room = table.end.saturating_sub(table.start + 8) / 8;
    let mut ticks = 0u64;
    for i in 0..u64::from(u32::from_be_bytes(count)).min(room) {
        let Some([c0, c1, c2, c3, d0, d1, d2, d3]) = window.take::<8>(table.start + 8 + 8 * i)? else {
            break;
        };
        let count = u64::from(u32::from_be_bytes([c0, c1, c2, c3]));
        let duration = u64::from(u32::from_be_bytes([d0, d1, d2, d3]));
        let left = until.saturating_sub(ticks);
        let n = match duration {
            0 => 0,
            duration => count.min(left.div_ceil(duration)),
        };
        ticks = ticks.saturating_add(n.saturating_mul(duration));
        if n < count && duration > 0 {
            break;
        }
    }
    Ok(ticks)
}

/// The duration of packets that tell none.
fn usual_duration(walk: &mut Walk<'_, '_>, extends: Span, track_id: u32) -> io::Result<u64> {
    let mut rest = extends;
    while let Some((kind, span, next)) = walk.next(rest)? {
        rest.start = next;
        if kind == *b"trex"
            && let Some(b) = walk.take::<16>(span.start, span.end)?
            && u32_at(&b, 4) == track_id
        {
            return Ok(u64::from(u32_at(&b, 12)));
        }
    }
    Ok(0)
}

fn in_fragments(
    walk: &mut Walk<'_, '_>,
    window: &mut Window<'_, '_>,
    whole: Span,
    track_id: u32,
    usual: u64,
) -> io::Result<u64> {
    let mut ticks = 0u64;
    let mut rest = whole;
    while let Some((kind, fragment, next)) = walk.next(rest)? {
        rest.start = next;
        if kind != *b"moof" {
            continue;
        }
        let mut in_fragment = fragment;
        while let Some((kind, track, next)) = walk.next(in_fragment)? {
            in_fragment.start = next;
            if kind != *b"traf" {
                continue;
            }
            let Some(header) = walk.find(track, b"tfhd")? else {
                continue;
            };
            let head = window.get(header.start, 32)?.to_vec();
            if head.len() < 8 || u32_at(&head, 4) != track_id {
                continue;
            }
            let flags = u32_at(&head, 0);
            // A position of 8 bytes and an index of 4 can stand in front of the duration.
            let at = 8 + if flags & 1 != 0 { 8 } else { 0 } + if flags & 2 != 0 { 4 } else { 0 };
            let usual = match flags & 8 {
                0 => usual,
                _ if head.len() < at + 4 => usual,
                _ => u64::from(u32_at(&head, at)),
            };
            let mut runs = track;
            while let Some((kind, run, next)) = walk.next(runs)? {
                runs.start = next;
                if kind == *b"trun" {
                    ticks = ticks.saturating_add(in_run(window, run, usual)?);
                }
            }
        }
    }
    Ok(ticks)
}

fn in_run(window: &mut Window<'_, '_>, run: Span, usual: u64) -> io::Result<u64> {
    let Some(head) = window.take::<8>(run.start)? else {
        return Ok(0);
    };
    let (flags, count) = (u32_at(&head, 0), u64::from(u32_at(&head, 4)));
    if flags & 0x100 == 0 {
        return Ok(count.saturating_mul(usual));
    }
    let word = |flag: u32| if flags & flag != 0 { 4 } else { 0 };
    let start = run.start + 8 + word(1) + word(4);
    let step = 4 + word(0x200) + word(0x400) + word(0x800);
    let mut ticks = 0;
    for i in 0..count.min(run.end.saturating_sub(start) / step) {
        let Some(duration) = window.take::<4>(start + step * i)? else {
            break;
        };
        ticks += u64::from(u32::from_be_bytes(duration));
    }
    Ok(ticks)
}

/// A big-endian number; `at` must lie in front of the end.
fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes[at..at + 4].iter().fold(0, |v, b| v << 8 | u32::from(*b))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Cursor;

    fn of(x: &[u8], track_id: u32) -> Option<u64> {
        let bytes = Bytes::new(Box::new(Cursor::new(x.to_vec())));
        n_samples(&bytes, x.len() as u64, track_id, None, 44_100).unwrap()
    }

    fn atom(kind: &[u8; 4], parts: &[Vec<u8>]) -> Vec<u8> {
        let body = parts.concat();
        [&(body.len() as u32 + 8).to_be_bytes()[..], kind, &body].concat()
    }

    fn words(kind: &[u8; 4], numbers: &[u32]) -> Vec<u8> {
        let bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_be_bytes()).collect();
        atom(kind, &[bytes])
    }

    fn track(id: u32, times: &[u32]) -> Vec<u8> {
        let table = atom(b"minf", &[atom(b"stbl", &[words(b"stts", times)])]);
        let media = atom(b"mdia", &[words(b"mdhd", &[0, 0, 0, 22_050, 0, 0]), table]);
        atom(b"trak", &[words(b"tkhd", &[0, 0, 0, id, 0, 0]), media])
    }

    #[test]
    fn the_table_of_a_track_is_added_up() {
        let tracks = [track(1, &[0, 1, 7, 1000]), track(2, &[0, 2, 10, 1024, 1, 500])];
        let file = [words(b"ftyp", &[0, 0]), atom(b"moov", &tracks)].concat();
        assert_eq!(of(&file, 1), Some(14_000));
        assert_eq!(of(&file, 2), Some(2 * 10_740));
        assert_eq!(of(&file, 3), None);
        // A count that the table does not hold.
        let lies = [
            words(b"ftyp", &[0, 0]),
            atom(b"moov", &[track(1, &[0, u32::MAX, 2, 500])]),
        ]
        .concat();
        assert_eq!(of(&lies, 1), Some(2000));
    }

    #[test]
    fn fragments_are_added_up_with_their_own_durations_or_the_usual() {
        let extends = atom(b"mvex", &[words(b"trex", &[0, 1, 1, 1024, 0, 0])]);
        let movie = atom(b"moov", &[track(1, &[0, 0]), extends.clone()]);
        let begun = atom(b"moov", &[track(1, &[0, 1, 5, 1024]), extends]);
        let fragment = |parts: &[Vec<u8>]| atom(b"moof", &[atom(b"traf", parts)]);
        let usual = fragment(&[words(b"tfhd", &[0, 1]), words(b"trun", &[0, 3])]);
        let told = fragment(&[words(b"tfhd", &[8, 1, 100]), words(b"trun", &[1, 2, 9])]);
        let each = fragment(&[words(b"tfhd", &[0, 1]), words(b"trun", &[0x300, 2, 10, 7, 20, 7])]);
        let other = fragment(&[words(b"tfhd", &[0, 2]), words(b"trun", &[0, 3])]);
        let fragments = [usual, told, each, other].concat();
        let file = |movie: &[u8]| [&words(b"ftyp", &[0, 0]), movie, &fragments].concat();
        assert_eq!(of(&file(&movie), 1), Some(2 * (3072 + 200 + 30)));
        // The first packets are in the movie itself.
        assert_eq!(of(&file(&begun), 1), Some(2 * (5120 + 3072 + 200 + 30)));
    }
}
