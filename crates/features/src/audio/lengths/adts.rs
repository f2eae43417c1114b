//! AAC as a stream of its own (ADTS), counted by the headers of its frames.
//!
//! Source: ISO/IEC 13818-7, 6.2.

use std::io;

use super::window::Window;

/// Samples of a block.
const N_BLOCK: u64 = 1024;

/// Samples of the whole frames from `start` on; none without a frame.
///
/// # Errors
/// Those of reading.
pub(crate) fn n_samples(window: &mut Window<'_, '_>, start: u64) -> io::Result<Option<u64>> {
    let (mut at, mut in_step, mut n) = (start, false, 0);
    while let Some(head) = window.take::<7>(at)? {
        let frame = match parse(head) {
            Some((n_bytes, n_blocks)) if at + n_bytes <= window.end() => {
                let next = window.take::<7>(at + n_bytes)?;
                let is_frame = in_step || next.is_none_or(|next| parse(next).is_some());
                Some((n_bytes, n_blocks)).filter(|_| is_frame)
            }
            _ => None,
        };
        in_step = frame.is_some();
        let (n_bytes, n_blocks) = frame.unwrap_or((1, 0));
        at += n_bytes;
        n += N_BLOCK * n_blocks;
    }
    Ok(Some(n).filter(|n| *n > 0))
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
        n_samples(&mut Window::new(&bytes, x.len() as u64), 0).unwrap()
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
    }
}
