//! FLAC: the stream's description and its frames, whatever stands between them and behind them.
//!
//! Blocks of tags, pictures and cue sheets that are wrong in a number do not touch the sound: the decoder gets the
//! description alone in front of the frames. The reader of symphonia 0.6 takes bytes behind the last frame for a part of
//! it and drops both; it is looked up here. Of files that are joined it plays the first: here each is a stream of its own.
//!
//! Source: RFC 9639, sections 8 and 9.

use std::collections::VecDeque;
use std::io;

use symphonia::core::checksum::{Crc8Ccitt, Crc16Ansi};
use symphonia::core::io::Monitor;

use crate::audio::patch::Repair;
use crate::audio::source::Bytes;

/// Blocks that are looked at in front of the frames.
const MAX_BLOCKS: usize = 100_000;

/// Length of the description.
const N_INFO: usize = 34;

/// Longest header of a frame.
const N_HEAD: usize = 16;

/// How far a frame is searched for: past pictures of the largest size that a block can have.
const MAX_SEARCH: u64 = 1 << 25;

/// The most bytes that a last frame is looked for in.
const MAX_FRAME: u64 = 1 << 20;

/// Files that can be joined to one.
const MAX_JOINED: usize = 1000;

/// How a file begins: magic bytes and the header of its description.
pub(crate) const BEGINNING: &[u8] = b"fLaC\0\0\0\x22";

/// The file as its description and what follows the other blocks, up to the first of those that are joined to it; nothing without
/// a description.
///
/// # Errors
/// Those of reading.
pub(crate) fn repair(bytes: &Bytes<'_>, base: u64, n: u64) -> io::Result<Option<Repair>> {
    let Some(first) = file_at(bytes, base, n)? else {
        return Ok(None);
    };
    let joined = joined(bytes, first.start, n)?;
    Ok(Some(Repair {
        end: joined.first().copied(),
        joined,
        ..first
    }))
}

/// Where files begin behind `at`. Eight bytes tell them, which frames hold by chance once in 10^19 bytes.
fn joined(bytes: &Bytes<'_>, mut at: u64, n: u64) -> io::Result<Vec<u64>> {
    let (mut found, mut block) = (Vec::new(), vec![0; 1 << 16]);
    while at < n && found.len() < MAX_JOINED {
        let got = bytes.peek(at, &mut block)?;
        let places = block[..got].windows(BEGINNING.len()).enumerate();
        let starts = places.filter(|(_, w)| w[0] == b'f' && is_beginning(w));
        found.extend(starts.map(|(i, _)| at + i as u64));
        if got < block.len() {
            break;
        }
        at += (got + 1 - BEGINNING.len()) as u64;
    }
    found.truncate(MAX_JOINED);
    Ok(found)
}

/// Whether a file begins here: its description may be its last block.
fn is_beginning(x: &[u8]) -> bool {
    x.len() >= BEGINNING.len() && x[..4] == BEGINNING[..4] && x[4] & 0x7f == 0 && x[5..8] == BEGINNING[5..]
}

/// The file that begins at `base`.
fn file_at(bytes: &Bytes<'_>, base: u64, n: u64) -> io::Result<Option<Repair>> {
    let Some([kind, 0, 0, 34]) = bytes.take::<4>(base + 4)? else {
        return Ok(None);
    };
    let Some(mut info) = bytes.take::<N_INFO>(base + 8)?.filter(|_| kind & 0x7f == 0) else {
        return Ok(None);
    };
    let behind_info = base + 8 + N_INFO as u64;
    let start = match frames_start(bytes, base + 4)? {
        Some(at) => Some(at).filter(|at| *at < n && frame_at(bytes, *at).is_ok_and(|f| f.is_some())),
        None => None,
    };
    let start = match start {
        Some(at) => at,
        // A block's length is wrong.
        None => match find_frame(bytes, behind_info, n, |f| f.number == 0)? {
            Some((at, _)) => at,
            None => return Ok(None),
        },
    };
    if let Some(first) = frame_at(bytes, start)? {
        let (min, max) = block_sizes(&info, &first);
        info[..2].copy_from_slice(&min.to_be_bytes());
        info[2..4].copy_from_slice(&max.to_be_bytes());
    }
    // Sizes of frames in bytes: not known.
    info[4..10].fill(0);
    let mut front = b"fLaC\x80\0\0\x22".to_vec();
    front.extend(info);
    Ok(Some(Repair {
        front,
        start,
        ..Repair::default()
    }))
}

/// Where the last block ends by the blocks' own lengths.
fn frames_start(bytes: &Bytes<'_>, mut at: u64) -> io::Result<Option<u64>> {
    for _ in 0..MAX_BLOCKS {
        let Some([kind, a, b, c]) = bytes.take::<4>(at)? else {
            break;
        };
        at += 4 + u64::from(u32::from_be_bytes([0, a, b, c]));
        if kind & 0x80 != 0 {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

/// The smallest and the largest block, as the first frame needs them.
fn block_sizes(info: &[u8; N_INFO], first: &Frame) -> (u16, u16) {
    let (min, max) = (
        u16::from_be_bytes([info[0], info[1]]),
        u16::from_be_bytes([info[2], info[3]]),
    );
    if first.is_variable {
        let max = if max < 16 || max < min { u16::MAX } else { max };
        (if min < 16 || min >= max { 16 } else { min }, max)
    } else if min == max && min >= 16 {
        (min, max)
    } else {
        let size = u16::try_from(first.n_samples).unwrap_or(u16::MAX).max(16);
        (size, size)
    }
}

/// What the header of a frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Frame {
    is_variable: bool,
    n_samples: u32,
    /// Of its first sample if the blocks vary in size, else of the frame.
    number: u64,
}

impl Frame {
    fn first_sample(&self, block_size: u64) -> u64 {
        match self.is_variable {
            true => self.number,
            false => self.number.saturating_mul(block_size),
        }
    }

    fn parse(x: &[u8]) -> Option<Self> {
        let [0xff, sync, sizes, kinds, rest @ ..] = x else {
            return None;
        };
        if sync & 0xfe != 0xf8 || kinds & 1 != 0 || kinds >> 4 > 10 || sizes & 15 == 15 {
            return None;
        }
        let (first, mut rest) = rest.split_first()?;
        // As in UTF-8: so many ones in front, so many bytes.
        let mut number = match first.leading_ones() {
            0 => u64::from(*first),
            n @ 2..=7 => {
                let (more, behind) = rest.split_at_checked(n as usize - 1)?;
                rest = behind;
                more.iter().fold(u64::from(first & (0x7f >> n)), |v, b| {
                    v << 6 | u64::from(b & 0x3f)
                })
            }
            _ => return None,
        };
        number &= (1 << 36) - 1;
        let mut take = |n: usize| {
            let (these, behind) = rest.split_at_checked(n)?;
            rest = behind;
            Some(these.iter().fold(0u32, |v, b| v << 8 | u32::from(*b)))
        };
        let n_samples = match sizes >> 4 {
            0 => return None,
            1 => 192,
            c @ 2..=5 => 576 << (c - 2),
            6 => take(1)? + 1,
            7 => take(2)? + 1,
            c => 256 << (c - 8),
        };
        match sizes & 15 {
            12 => drop(take(1)?),
            13 | 14 => drop(take(2)?),
            _ => {}
        }
        let n = x.len() - rest.len();
        let mut crc = Crc8Ccitt::new(0);
        crc.process_buf_bytes(&x[..n]);
        (rest.first() == Some(&crc.crc())).then_some(Self {
            is_variable: sync & 1 == 1,
            n_samples,
            number,
        })
    }
}

fn frame_at(bytes: &Bytes<'_>, at: u64) -> io::Result<Option<Frame>> {
    let mut head = [0; N_HEAD];
    let n = bytes.peek(at, &mut head)?;
    Ok(Frame::parse(&head[..n]))
}

/// The first frame from `at` on that is `wanted`.
fn find_frame(
    bytes: &Bytes<'_>,
    mut at: u64,
    end: u64,
    wanted: impl Fn(&Frame) -> bool,
) -> io::Result<Option<(u64, Frame)>> {
    let end = end.min(at.saturating_add(MAX_SEARCH));
    let mut buf = vec![0; 1 << 16];
    while at < end {
        let n = bytes.peek(at, &mut buf)?;
        for i in 0..n.saturating_sub(1) {
            if buf[i] == 0xff && buf[i + 1] & 0xfe == 0xf8 {
                let frame = Frame::parse(&buf[i..n.min(i + N_HEAD)]).filter(&wanted);
                if let Some(frame) = frame {
                    return Ok(Some((at + i as u64, frame)));
                }
            }
        }
        if n < buf.len() {
            break;
        }
        at += (n - N_HEAD) as u64;
    }
    Ok(None)
}

/// The file whose packets are read, and those that are joined to it.
pub(crate) struct Files {
    pub(crate) tail: Tail,
    joined: VecDeque<u64>,
}

impl Files {
    /// Of a file that is read as `repair` says.
    pub(crate) fn of(repair: &Repair) -> Option<Self> {
        Some(Self {
            tail: Tail::of(repair)?,
            joined: repair.joined.iter().copied().collect(),
        })
    }

    /// How the next file is read; none behind the last.
    ///
    /// # Errors
    /// Those of reading.
    pub(crate) fn next(&mut self, bytes: &Bytes<'_>) -> io::Result<Option<Repair>> {
        while let Some(at) = self.joined.pop_front() {
            let end = self.joined.front().copied();
            let Some(file) = file_at(bytes, at, end.unwrap_or(bytes.n_bytes()))? else {
                continue;
            };
            let file = Repair { end, ..file };
            if let Some(tail) = Tail::of(&file) {
                self.tail = tail;
                return Ok(Some(file));
            }
        }
        Ok(None)
    }
}

/// Where the packets of a file have come to, to find the frames that the reader did not.
pub(crate) struct Tail {
    /// Position in the file, or one in front of it.
    at: u64,
    /// The sample that comes next.
    next: u64,
    block_size: u64,
    /// Samples in all, if they are told.
    n_samples: Option<u64>,
    /// Where the file ends, if another is joined to it.
    end: Option<u64>,
}

impl Tail {
    /// Of a file that is read as `repair` says.
    fn of(repair: &Repair) -> Option<Self> {
        let info = repair.front.strip_prefix(b"fLaC\x80\0\0\x22".as_slice())?;
        let [m0, m1, ..] = info else { return None };
        let total: [u8; 8] = info.get(10..18)?.try_into().ok()?;
        let n_samples = u64::from_be_bytes(total) & ((1 << 36) - 1);
        Some(Self {
            at: repair.start,
            next: 0,
            block_size: u64::from(u16::from_be_bytes([*m0, *m1])),
            n_samples: Some(n_samples).filter(|n| *n > 0),
            end: repair.end,
        })
    }

    /// A packet was read.
    pub(crate) fn read(&mut self, first_sample: u64, n_samples: u64, n_bytes: usize) {
        self.at += n_bytes as u64;
        self.next = first_sample.saturating_add(n_samples);
    }

    /// The next frame with its first sample and its number of samples, and with what stands behind it; only if it is whole.
    ///
    /// # Errors
    /// Those of reading.
    pub(crate) fn frame(&mut self, bytes: &Bytes<'_>) -> io::Result<Option<(u64, u32, Vec<u8>)>> {
        let n = self.end.map_or(bytes.n_bytes(), |end| end.min(bytes.n_bytes()));
        if self.n_samples.is_some_and(|all| self.next >= all) {
            return Ok(None);
        }
        let wanted = |f: &Frame| f.first_sample(self.block_size) == self.next;
        let Some((at, frame)) = find_frame(bytes, self.at, n, wanted)? else {
            return Ok(None);
        };
        let mut data = vec![0; (n - at).min(MAX_FRAME) as usize];
        let got = bytes.peek(at, &mut data)?;
        data.truncate(got);
        if !is_whole(&data) {
            return Ok(None);
        }
        let first_sample = self.next;
        self.at = at + 1;
        self.next += u64::from(frame.n_samples);
        Ok(Some((first_sample, frame.n_samples, data)))
    }
}

/// Whether a frame that begins here ends somewhere with its checksum.
fn is_whole(data: &[u8]) -> bool {
    let mut crc = Crc16Ansi::new(0);
    data.iter().enumerate().any(|(i, b)| {
        crc.process_byte(*b);
        crc.crc() == 0 && i >= 8
    })
}

/// Whether the checksum at the end of a frame is that of the frame.
pub(crate) fn is_intact(frame: &[u8]) -> bool {
    let mut crc = Crc16Ansi::new(0);
    crc.process_buf_bytes(frame);
    crc.crc() == 0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Cursor;

    const GOOD: &[u8] = include_bytes!("../../tests/data/audio/flac.flac");

    fn of(x: &[u8]) -> Option<Repair> {
        let bytes = Bytes::new(Box::new(Cursor::new(x.to_vec())));
        repair(&bytes, 0, x.len() as u64).unwrap()
    }

    #[test]
    fn blocks_and_sizes_that_are_wrong_change_nothing() {
        let want = of(GOOD).unwrap();
        assert_eq!(want.front[8..12], GOOD[8..12]);
        assert_eq!(GOOD[want.start as usize..][..2], [0xff, 0xf8]);
        let mut x = GOOD.to_vec();
        x[8..10].fill(0);
        assert_eq!(of(&x), Some(want.clone()), "smallest block 0");
        let mut x = GOOD.to_vec();
        x[45] = 0xff;
        assert_eq!(of(&x), Some(want.clone()), "a block past the end");
        let cue = [&GOOD[..42], &[5, 0, 0, 3, 1, 2, 3], &GOOD[42..]].concat();
        let got = of(&cue).unwrap();
        assert_eq!((got.front, got.start), (want.front, want.start + 7));
        assert!(of(&GOOD[..40]).is_none() && of(b"fLaC").is_none());
    }

    #[test]
    fn the_frame_in_front_of_other_bytes_is_found() {
        let repair = of(GOOD).unwrap();
        let x = [GOOD, b"\n"].concat();
        let bytes = Bytes::new(Box::new(Cursor::new(x.clone())));
        let mut tail = Tail::of(&repair).unwrap();
        assert_eq!(tail.n_samples, Some(4800));
        let mut n = 0;
        while let Some((first, n_samples, data)) = tail.frame(&bytes).unwrap() {
            assert_eq!(first, n);
            n += u64::from(n_samples);
            assert_eq!(data[..], x[x.len() - data.len()..]);
        }
        assert_eq!(n, 4800);
        let cut = Bytes::new(Box::new(Cursor::new(GOOD[..GOOD.len() - 9].to_vec())));
        let mut tail = Tail::of(&repair).unwrap();
        n = 0;
        while let Some((_, n_samples, _)) = tail.frame(&cut).unwrap() {
            n += u64::from(n_samples);
        }
        assert!(n < 4800);
    }

    #[test]
    fn files_that_are_joined_are_found_and_end_at_the_next() {
        let plain = of(GOOD).unwrap();
        assert!(plain.joined.is_empty() && plain.end.is_none());
        for n in [0, 30, 65_530, 65_536, 200_000] {
            let between = vec![7; n];
            let x = [GOOD, &between, GOOD, GOOD].concat();
            let second = (GOOD.len() + n) as u64;
            let third = second + GOOD.len() as u64;
            let repair = of(&x).unwrap();
            assert_eq!((&repair.joined, repair.end), (&vec![second, third], Some(second)));
            let bytes = Bytes::new(Box::new(Cursor::new(x)));
            let mut files = Files::of(&repair).unwrap();
            let next = files.next(&bytes).unwrap().unwrap();
            assert_eq!((next.start, next.end), (second + plain.start, Some(third)));
            assert_eq!(next.front, plain.front);
            let next = files.next(&bytes).unwrap().unwrap();
            assert_eq!((next.start, next.end), (third + plain.start, None));
            assert_eq!(files.next(&bytes).unwrap(), None);
        }
        // Too short to be a file.
        let x = [GOOD, BEGINNING].concat();
        let repair = of(&x).unwrap();
        let bytes = Bytes::new(Box::new(Cursor::new(x)));
        assert_eq!(repair.joined, [GOOD.len() as u64]);
        assert_eq!(Files::of(&repair).unwrap().next(&bytes).unwrap(), None);
    }
}
