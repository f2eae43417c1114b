//! MPEG audio, counted by the headers of its frames.

use std::io;

use super::window::Window;
use crate::audio::mpeg::frame::Frame;
use crate::audio::mpeg::told::Told;

/// Samples of the whole frames from `start` on, without the delay and the padding that a header in front tells rightly;
/// none without a frame. Frames of another rate count by their time.
///
/// # Errors
/// Those of reading.
pub(crate) fn n_samples(window: &mut Window<'_, '_>, start: u64) -> io::Result<Option<u64>> {
    let (mut at, mut in_step) = (start, false);
    let mut first: Option<Frame> = None;
    let mut told = Told::default();
    let (mut n_frames, mut n) = (0u64, 0u64);
    loop {
        if let Some(end) = tag_end(window, at)? {
            (at, in_step) = (end, false);
            continue;
        }
        let Some(word) = window.take::<4>(at)?.map(u32::from_be_bytes) else {
            break;
        };
        let Some(frame) = frame_at(window, at, word, in_step)? else {
            at += 1;
            in_step = false;
            continue;
        };
        if first.is_none() {
            first = Some(frame);
            if let Some(found) = Told::read(window.get(at, frame.n_bytes)?) {
                told = found;
                at += frame.n_bytes as u64;
                in_step = true;
                continue;
            }
        }
        let rate = first.map_or(frame.sample_rate, |f| f.sample_rate);
        n += u64::from(frame.n_samples) * u64::from(rate) / u64::from(frame.sample_rate);
        n_frames += 1;
        at += frame.n_bytes as u64;
        in_step = true;
    }
    let n_padding = match told.n_frames.map(u64::from) == Some(n_frames) {
        true => u64::from(told.padding),
        false => 0,
    };
    Ok(first.map(|_| n.saturating_sub(u64::from(told.delay) + n_padding)))
}

/// The end of a tag of ID3v2 that begins here and is all there.
fn tag_end(window: &mut Window<'_, '_>, at: u64) -> io::Result<Option<u64>> {
    let Some([b'I', b'D', b'3', version, _, flags, size @ ..]) = window.take::<10>(at)? else {
        return Ok(None);
    };
    let n = size.iter().fold(0u64, |n, b| n << 7 | u64::from(b & 0x7f));
    let end = at + 10 + n + if flags & 0x10 != 0 { 10 } else { 0 };
    let is_tag = version <= 4 && size.iter().all(|b| *b < 0x80) && end <= window.end();
    Ok(is_tag.then_some(end))
}

/// The frame that begins here and is all there; one that does not follow another only if a like one follows it, or nothing.
fn frame_at(window: &mut Window<'_, '_>, at: u64, word: u32, in_step: bool) -> io::Result<Option<Frame>> {
    let Some(frame) = Frame::parse(word) else {
        return Ok(None);
    };
    let end = at + frame.n_bytes as u64;
    if end > window.end() {
        return Ok(None);
    }
    if in_step {
        return Ok(Some(frame));
    }
    let next = window.get(end, 4)?;
    let is_followed = match next {
        [a, b, c, d] => {
            matches!(
                next[..3],
                [b'T', b'A', b'G'] | [b'I', b'D', b'3'] | [b'A', b'P', b'E']
            ) || Frame::parse(u32::from_be_bytes([*a, *b, *c, *d])).is_some_and(|next| next.is_like(&frame))
        }
        _ => true,
    };
    Ok(Some(frame).filter(|_| is_followed))
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

    /// Silent frames of 128 kbit/s at 44,100 Hz.
    fn frames(n: usize) -> Vec<u8> {
        let mut frame = vec![0xff, 0xfb, 0x90, 0x64];
        frame.resize(417, 0);
        frame.repeat(n)
    }

    #[test]
    fn frames_are_counted_whatever_stands_between_them() {
        assert_eq!(of(&frames(10)), Some(11_520));
        let tag = b"ID3\x04\0\0\0\0\0\x04\xff\xfb\x90\x64".to_vec();
        let noise = vec![0xff, 0xfb, 0x90, 0x64, 1, 2, 3];
        let id3v1 = [b"TAG".as_slice(), &[b'x'; 125]].concat();
        let x = [tag, frames(3), noise, frames(4), id3v1].concat();
        assert_eq!(of(&x), Some(7 * 1152));
        assert_eq!(
            of(&x[..x.len() - 300]),
            Some(6 * 1152),
            "an incomplete last frame"
        );
        assert_eq!(of(b"ID3 and no frame at all"), None);
    }

    #[test]
    fn delay_and_padding_are_those_of_the_header_if_it_counts_right() {
        let x = include_bytes!("../../../tests/data/audio/mp3_cbr.mp3");
        assert_eq!(of(x), Some(17_640));
        let count = x.windows(4).position(|w| w == b"Info").unwrap() + 8;
        let mut wrong = x.to_vec();
        let n = u32::from_be_bytes(wrong[count..count + 4].try_into().unwrap());
        wrong[count..count + 4].copy_from_slice(&9u32.to_be_bytes());
        assert_eq!(of(&wrong), Some(1152 * u64::from(n) - 1105));
    }
}
