//! AAC as a stream of its own (ADTS), counted by the headers of its frames.
//!
//! Source: ISO/IEC 13818-7, 6.2.

use std::io;

use super::window::Window;
use crate::audio::aac::RATES;

/// Samples of a block.
const N_BLOCK: u64 = 1024;

/// Samples of the whole frames from `start` on, at the rate that they are decoded to; none without a frame.
///
/// # Errors
/// Those of reading.
pub(crate) fn n_samples(
    window: &mut Window<'_, '_>,
    start: u64,
    sample_rate: u32,
) -> io::Result<Option<u64>> {
    let (mut at, mut in_step, mut n) = (start, false, 0);
    let mut told = None;
    while let Some(head) = window.take::<7>(at)? {
        let frame = frame_at(window, at, head, in_step)?;
        in_step = frame.is_some();
        if in_step && told.is_none() {
            told = RATES.get(usize::from(head[2] >> 2 & 15));
        }
        let (n_bytes, n_blocks) = frame.unwrap_or((1, 0));
        at += n_bytes;
        n += N_BLOCK * n_blocks;
    }
    // HE-AAC doubles the rate.
    let n = told.map_or(n, |told| n * u64::from(sample_rate) / u64::from(*told));
    Ok(Some(n).filter(|n| *n > 0))
}

/// The object type that the first whole frame from `start` on tells.
///
/// # Errors
/// Those of reading.
pub(crate) fn object_type(window: &mut Window<'_, '_>, start: u64) -> io::Result<Option<u8>> {
    let mut at = start;
    while let Some(head) = window.take::<7>(at)? {
        if frame_at(window, at, head, false)?.is_some() {
            return Ok(Some((head[2] >> 6) + 1));
        }
        at += 1;
    }
    Ok(None)
}

/// Bytes and blocks of the whole frame with this header; one that follows other bytes must be followed by a frame, or the end.
fn frame_at(
    window: &mut Window<'_, '_>,
    at: u64,
    head: [u8; 7],
    in_step: bool,
) -> io::Result<Option<(u64, u64)>> {
    let Some(frame) = parse(head).filter(|(n_bytes, _)| at + n_bytes <= window.end()) else {
        return Ok(None);
    };
    let next = window.take::<7>(at + frame.0)?;
    let is_followed = next.is_none_or(|next| parse(next).is_some());
    Ok(Some(frame).filter(|_| in_step || is_followed))
}

/// Bytes and blocks of the frame with this header.
fn parse(head: [u8; 7]) -> Option<(u64, u64)> {
    let [a, b, _, d, e, f, g] = head.map(u64::from);
    let n_bytes = (d & 3) << 11 | e << 3 | f >> 5;
    (a == 0xff && b & 0xf6 == 0xf0 && n_bytes > 7).then_some((n_bytes, (g & 3) + 1))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::audio::source::Bytes;
    use std::io::Cursor;

    fn of(x: &[u8]) -> Option<u64> {
        let bytes = Bytes::new(Box::new(Cursor::new(x.to_vec())));
        n_samples(&mut Window::new(&bytes, x.len() as u64), 0, 44_100).unwrap()
    }

    #[test]
    fn whole_frames_count() {
        let frame = [[0xff, 0xf1, 0x50, 0x80, 0x02, 0x5f, 0xfc].as_slice(), &[0; 11]].concat();
        assert_eq!(of(&frame.repeat(5)), Some(5120));
        let mut two = frame.clone();
        two[6] |= 1;
        let x = [
            b"noise \xff\xf1".to_vec(),
            frame.repeat(2),
            two,
            frame[..9].to_vec(),
        ]
        .concat();
        assert_eq!(of(&x), Some(4 * 1024));
        assert_eq!(of(b"nothing"), None);
        let bytes = Bytes::new(Box::new(Cursor::new(x.clone())));
        let mut window = Window::new(&bytes, x.len() as u64);
        assert_eq!(object_type(&mut window, 0).unwrap(), Some(2));
        assert_eq!(n_samples(&mut window, 0, 88_200).unwrap(), Some(8 * 1024));
    }
}
