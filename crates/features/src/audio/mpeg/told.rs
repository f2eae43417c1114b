//! The header in front of an MP3: frames, delay and padding as the encoder tells them.
//!
//! Source: the Xing, Info and LAME header as ffmpeg reads it (`libavformat/mp3dec.c`).

use crate::audio::mpeg::frame::Frame;

/// Samples that a decoder is behind, in addition to the encoder's delay.
const DECODER_DELAY: u32 = 529;

/// What the header in front says of the stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// Without the one that the header is in.
    pub(crate) n_frames: Option<u32>,
    /// Samples to leave out at the beginning.
    pub(crate) delay: u32,
    /// Samples to leave out at the end.
    pub(crate) padding: u32,
}

impl Told {
    /// Reads the header in a frame; none if there is none in it.
    pub(crate) fn read(data: &[u8]) -> Option<Self> {
        let frame = Frame::of(data)?;
        if frame.kind & 3 != 1 {
            return None;
        }
        let u32_at = |at: usize| -> Option<u32> {
            let bytes: [u8; 4] = data.get(at..at + 4)?.try_into().ok()?;
            Some(u32::from_be_bytes(bytes))
        };
        if data.get(36..40)? == b"VBRI" {
            return Some(Self {
                n_frames: u32_at(50),
                ..Self::default()
            });
        }
        let mut at = 4 + frame.n_side;
        if !matches!(data.get(at..at + 4)?, b"Xing" | b"Info") {
            return None;
        }
        let flags = u32_at(at + 4)?;
        at += 8;
        let mut told = Self::default();
        if flags & 1 != 0 {
            told.n_frames = u32_at(at);
            at += 4;
        }
        at += [(2, 4), (4, 100), (8, 4)]
            .iter()
            .filter(|(flag, _)| flags & flag != 0)
            .map(|(_, n)| n)
            .sum::<usize>();
        if let Some(b"LAME" | b"Lavf" | b"Lavc") = data.get(at..at + 4) {
            // The last byte in front of the two numbers of twelve bits is at 20.
            if let Some(both) = u32_at(at + 20).map(|v| v & 0xff_ffff) {
                told.delay = (both >> 12) + DECODER_DELAY;
                told.padding = (both & 0xfff).saturating_sub(DECODER_DELAY);
            }
        }
        Some(told)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const CBR: &[u8] = include_bytes!("../../../tests/data/audio/mp3_cbr.mp3");

    #[test]
    fn a_header_tells_frames_delay_and_padding() {
        let start = CBR.windows(4).position(|w| w == b"Info" || w == b"Xing").unwrap() - 36;
        let told = Told::read(&CBR[start..]).unwrap();
        // 17,640 samples.
        assert_eq!(told.delay, 576 + 529);
        let n = 1152 * told.n_frames.unwrap();
        assert_eq!(n - told.delay - told.padding, 17_640);
        assert_eq!(Told::read(&CBR[start + 1..]), None);
    }
}
