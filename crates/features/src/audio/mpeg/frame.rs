//! The header of a frame of MPEG audio (MP1, MP2, MP3).
//!
//! Source: ISO/IEC 11172-3 and 13818-3.

/// The longest frame with its header.
pub(crate) const MAX_FRAME: usize = 2881;

/// What the header of a frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Bits of version and layer.
    pub(super) kind: u32,
    pub(crate) sample_rate: u32,
    pub(crate) n_channels: u8,
    pub(crate) n_samples: u32,
    /// With the header.
    pub(crate) n_bytes: usize,
    /// Bytes between the header and the first data of layer 3, without a checksum.
    pub(super) n_side: usize,
}

impl Frame {
    /// Parses the header of a frame; none for streams of a free bit rate.
    pub(crate) fn parse(word: u32) -> Option<Self> {
        let (version, layer) = (word >> 19 & 3, word >> 17 & 3);
        let (rate, speed) = ((word >> 12 & 15) as usize, word >> 10 & 3);
        if word >> 21 != 0x7ff || version == 1 || layer == 0 || rate == 0 || rate == 15 || speed == 3 {
            return None;
        }
        let is_first = version == 3;
        let sample_rate = [44_100, 48_000, 32_000][speed as usize]
            / match version {
                3 => 1,
                2 => 2,
                _ => 4,
            };
        const RATES: [[u32; 14]; 5] = [
            [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
            [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
            [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
            [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
            [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
        ];
        let column = match (is_first, layer) {
            (true, 3) => 0,
            (true, 2) => 1,
            (true, _) => 2,
            (false, 3) => 3,
            (false, _) => 4,
        };
        let bit_rate = 1000 * RATES[column][rate - 1];
        let n_channels = if word >> 6 & 3 == 3 { 1 } else { 2 };
        // Rates that layer 2 has for one or for two channels only.
        let kbit = bit_rate / 1000;
        let odd = match n_channels {
            1 => matches!(kbit, 224 | 256 | 320 | 384),
            _ => matches!(kbit, 32 | 48 | 56 | 80),
        };
        if layer == 2 && odd {
            return None;
        }
        let padding = word >> 9 & 1;
        let (n_samples, n_bytes) = match layer {
            3 => (384, 4 * (12 * bit_rate / sample_rate + padding)),
            1 if !is_first => (576, 72 * bit_rate / sample_rate + padding),
            _ => (1152, 144 * bit_rate / sample_rate + padding),
        };
        Some(Self {
            kind: word >> 17 & 15,
            sample_rate,
            n_channels,
            n_samples,
            n_bytes: n_bytes as usize,
            n_side: match (is_first, n_channels) {
                (true, 2) => 32,
                (false, 1) => 9,
                _ => 17,
            },
        })
    }

    /// Parses the header at the beginning of a packet.
    pub(crate) fn of(packet: &[u8]) -> Option<Self> {
        let [a, b, c, d, ..] = packet else { return None };
        Self::parse(u32::from_be_bytes([*a, *b, *c, *d]))
    }

    /// Whether two frames can be of one stream.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        (self.kind, self.sample_rate) == (other.kind, other.sample_rate)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn headers_give_rate_channels_and_length() {
        // 128 kbit/s, 44,100 Hz, joint stereo.
        let f = Frame::parse(0xfffb_9064).unwrap();
        assert_eq!((f.sample_rate, f.n_channels, f.n_samples), (44_100, 2, 1152));
        assert_eq!((f.n_bytes, f.n_side), (417, 32));
        // MPEG 2, layer 3, 64 kbit/s, 22,050 Hz, mono, padded.
        let f = Frame::parse(0xfff3_82c4).unwrap();
        assert_eq!((f.sample_rate, f.n_channels, f.n_samples), (22_050, 1, 576));
        assert_eq!((f.n_bytes, f.n_side), (209, 9));
        // MPEG 1, layer 2, 192 kbit/s, 48,000 Hz.
        let f = Frame::parse(0xfffd_a400).unwrap();
        assert_eq!((f.sample_rate, f.n_samples, f.n_bytes), (48_000, 1152, 576));
        // Layer 1, 384 kbit/s, 44,100 Hz.
        assert_eq!(Frame::parse(0xffff_c000).unwrap().n_bytes, 4 * 104);
        for word in [
            0xffeb_9064,
            0xfff9_9064,
            0xfffb_f064,
            0xfffb_0064,
            0xfffb_9c64,
            0x1234_5678,
        ] {
            assert_eq!(Frame::parse(word), None, "{word:x}");
        }
    }
}
