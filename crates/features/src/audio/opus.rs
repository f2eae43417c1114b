//! Opus packets to samples, by the decoder of `opus-pure`, behind symphonia's interface for decoders.

use std::io;

use opus_pure::{MAX_PACKET_SAMPLES, OpusDecoder, OpusMSDecoder};
use symphonia::core::audio::{AudioBuffer, AudioSpec, Channels};
use symphonia::core::codecs::CodecInfo;
use symphonia::core::codecs::audio::AudioCodecParameters;
use symphonia::core::errors::{Error as SymphoniaError, Result as SymphoniaResult};

use crate::audio::adapter::{Adapted, Codec, fill};
use crate::error::{Error, Result};

/// Opus is decoded at this rate in Hz, whatever the rate of the original.
const RATE: u32 = 48_000;

/// What the identification header says.
///
/// Source: RFC 7845, section 5.1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Head {
    n_channels: u8,
    /// Samples at the beginning that are not part of the recording.
    pub(crate) pre_skip: u16,
    /// Factor for all samples.
    gain: f32,
    family: u8,
    /// Streams, and how many of them are of two channels; by the number of channels in family 0.
    streams: (u8, u8),
}

impl Head {
    /// Parses an identification header (`OpusHead`); `None` if it is none.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let [
            n_channels,
            skip0,
            skip1,
            _,
            _,
            _,
            _,
            gain0,
            gain1,
            family,
            rest @ ..,
        ] = bytes.strip_prefix(b"OpusHead")?.get(1..)?
        else {
            return None;
        };
        let gain_db = f32::from(i16::from_le_bytes([*gain0, *gain1])) / 256.0;
        let streams = match (family, rest) {
            (0, _) => (1, n_channels.saturating_sub(1)),
            (_, [n, coupled, ..]) => (*n, *coupled),
            _ => return None,
        };
        Some(Self {
            n_channels: *n_channels,
            pre_skip: u16::from_le_bytes([*skip0, *skip1]),
            gain: 10f32.powf(gain_db / 20.0),
            family: *family,
            streams,
        })
    }
}

/// A stream of Opus packets.
pub(crate) struct OpusPackets {
    head: Head,
    decoder: OneOrMore,
    interleaved: Vec<f32>,
}

enum OneOrMore {
    One(Box<OpusDecoder>),
    More(Box<OpusMSDecoder>),
}

impl OpusPackets {
    /// A decoder for a track; without an identification header, one of one or two channels.
    ///
    /// # Errors
    /// [`Error::UnsupportedCodec`] if there are more channels than eight, or they are packed in an unusual way.
    pub(crate) fn for_track(params: &AudioCodecParameters) -> Result<Adapted<Self>> {
        let n_channels = params.channels.as_ref().map_or(1, Channels::count);
        let head = match params.extra_data.as_deref().and_then(Head::parse) {
            Some(head) => head,
            None => Head {
                n_channels: u8::try_from(n_channels).unwrap_or(u8::MAX),
                pre_skip: 0,
                gain: 1.0,
                family: 0,
                streams: (1, u8::from(n_channels == 2)),
            },
        };
        let n_channels = usize::from(head.n_channels);
        let packets = Self {
            head,
            decoder: open(&head)?,
            interleaved: vec![0.0; MAX_PACKET_SAMPLES * n_channels],
        };
        let channels = params
            .channels
            .clone()
            .filter(|c| c.count() == n_channels)
            .unwrap_or(Channels::Discrete(u16::from(head.n_channels)));
        let buffer = AudioBuffer::new(AudioSpec::new(RATE, channels), MAX_PACKET_SAMPLES);
        Ok(Adapted::new(packets, params, buffer))
    }
}

/// A decoder for streams with this header.
fn open(head: &Head) -> Result<OneOrMore> {
    let unsupported = |reason: String| Error::UnsupportedCodec {
        reason: format!("Opus: {reason}"),
    };
    let n_channels = usize::from(head.n_channels);
    let decoder = match head.family {
        0 => OpusDecoder::new(RATE as i32, n_channels).map(|d| OneOrMore::One(Box::new(d))),
        family => OpusMSDecoder::new(RATE as i32, n_channels, family).map(|d| OneOrMore::More(Box::new(d))),
    }
    .map_err(|e| {
        unsupported(format!(
            "{n_channels} channels of mapping family {}: {e}",
            head.family
        ))
    })?;
    if let OneOrMore::More(d) = &decoder {
        let n = d.streams().len();
        if n != usize::from(head.streams.0) || n_channels != n + usize::from(head.streams.1) {
            return Err(unsupported(format!(
                "{n_channels} channels in {} streams",
                head.streams.0
            )));
        }
    }
    Ok(decoder)
}

impl Codec for OpusPackets {
    const INFO: &'static CodecInfo = &CodecInfo {
        short_name: "opus",
        long_name: "Opus",
        profiles: &[],
    };

    fn reset(&mut self) {
        if let Ok(fresh) = open(&self.head) {
            self.decoder = fresh;
        }
    }

    fn decode(&mut self, packet: &[u8], buffer: &mut AudioBuffer<f32>) -> SymphoniaResult<()> {
        // An empty packet would ask for concealment of a lost one.
        if packet.is_empty() {
            return Err(SymphoniaError::DecodeError("opus: an empty packet"));
        }
        let n = match &mut self.decoder {
            OneOrMore::One(d) => d.decode(packet, MAX_PACKET_SAMPLES, &mut self.interleaved),
            OneOrMore::More(d) => d.decode(packet, MAX_PACKET_SAMPLES, &mut self.interleaved),
        }
        .map_err(|e| SymphoniaError::IoError(io::Error::other(format!("opus: {e}"))))?
        .min(MAX_PACKET_SAMPLES);
        let n_channels = usize::from(self.head.n_channels);
        fill(buffer, &self.interleaved, n, n_channels, self.head.gain);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_head_gives_channels_delay_and_gain() {
        let head = |gain: [u8; 2], tail: &[u8]| {
            let mut b = b"OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00".to_vec();
            b.extend(gain);
            b.extend(tail);
            Head::parse(&b)
        };
        let h = head([0, 0], &[0]).unwrap();
        assert_eq!(
            (h.n_channels, h.pre_skip, h.gain, h.streams),
            (2, 312, 1.0, (1, 1))
        );
        // -6.0206 dB is a half: -1541 steps of 1/256 dB.
        let h = head((-1541i16).to_le_bytes(), &[1, 1, 1, 0, 1]).unwrap();
        assert!((h.gain - 0.5).abs() < 1e-4 && h.family == 1 && h.streams == (1, 1));
        assert_eq!(head([0, 0], &[]), None);
        assert_eq!(head([0, 0], &[1, 1]), None);
        assert_eq!(
            Head::parse(b"OpusTags\x01\x02\x38\x01\x80\xbb\x00\x00\0\0\0"),
            None
        );
        assert_eq!(Head::parse(b""), None);
    }
}
