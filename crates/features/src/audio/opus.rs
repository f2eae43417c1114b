//! Opus packets to samples, by the decoder of `opus-pure`, behind symphonia's interface for decoders.

use std::io;

use opus_pure::{MAX_PACKET_SAMPLES, OpusDecoder, OpusMSDecoder};
use symphonia::core::audio::{
    AsGenericAudioBufferRef, AudioBuffer, AudioMut, AudioSpec, Channels, GenericAudioBufferRef,
};
use symphonia::core::codecs::CodecInfo;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, FinalizeResult};
use symphonia::core::errors::{Error as SymphoniaError, Result as SymphoniaResult};
use symphonia::core::packet::PacketRef;

use crate::error::{Error, Result};

/// Opus is decoded at this rate in Hz, whatever the rate of the original.
const RATE: u32 = 48_000;

const INFO: CodecInfo = CodecInfo {
    short_name: "opus",
    long_name: "Opus",
    profiles: &[],
};

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
    params: AudioCodecParameters,
    decoder: OneOrMore,
    gain: f32,
    n_channels: usize,
    interleaved: Vec<f32>,
    buffer: AudioBuffer<f32>,
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
    pub(crate) fn new(params: &AudioCodecParameters) -> Result<Self> {
        let unsupported = |reason: String| Error::UnsupportedCodec {
            reason: format!("Opus: {reason}"),
        };
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
        let decoder = match head.family {
            0 => OpusDecoder::new(RATE as i32, n_channels).map(|d| OneOrMore::One(Box::new(d))),
            family => {
                OpusMSDecoder::new(RATE as i32, n_channels, family).map(|d| OneOrMore::More(Box::new(d)))
            }
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
        let channels = params
            .channels
            .clone()
            .filter(|c| c.count() == n_channels)
            .unwrap_or(Channels::Discrete(u16::from(head.n_channels)));
        Ok(Self {
            params: params.clone(),
            decoder,
            gain: head.gain,
            n_channels,
            interleaved: vec![0.0; MAX_PACKET_SAMPLES * n_channels],
            buffer: AudioBuffer::new(AudioSpec::new(RATE, channels), MAX_PACKET_SAMPLES),
        })
    }

    fn decode_inner(&mut self, packet: &PacketRef<'_>) -> SymphoniaResult<()> {
        // An empty packet would ask for concealment of a lost one.
        if packet.data.is_empty() {
            return Err(SymphoniaError::DecodeError("opus: an empty packet"));
        }
        let n = match &mut self.decoder {
            OneOrMore::One(d) => d.decode(packet.data, MAX_PACKET_SAMPLES, &mut self.interleaved),
            OneOrMore::More(d) => d.decode(packet.data, MAX_PACKET_SAMPLES, &mut self.interleaved),
        }
        .map_err(|e| SymphoniaError::IoError(io::Error::other(format!("opus: {e}"))))?
        .min(MAX_PACKET_SAMPLES);
        self.buffer.resize_with_silence(n);
        for c in 0..self.n_channels {
            let Some(plane) = self.buffer.plane_mut(c) else {
                break;
            };
            let channel = self.interleaved[c..].iter().step_by(self.n_channels);
            plane
                .iter_mut()
                .zip(channel)
                .for_each(|(p, x)| *p = *x * self.gain);
        }
        self.buffer
            .trim(packet.trim_start.get() as usize, packet.trim_end.get() as usize);
        Ok(())
    }
}

impl AudioDecoder for OpusPackets {
    fn reset(&mut self) {
        if let Ok(fresh) = Self::new(&self.params) {
            self.decoder = fresh.decoder;
        }
    }

    fn codec_info(&self) -> &CodecInfo {
        &INFO
    }

    fn codec_params(&self) -> &AudioCodecParameters {
        &self.params
    }

    fn decode_ref(&mut self, packet: &PacketRef<'_>) -> SymphoniaResult<GenericAudioBufferRef<'_>> {
        self.buffer.clear();
        self.decode_inner(packet)?;
        Ok(self.buffer.as_generic_audio_buffer_ref())
    }

    fn finalize(&mut self) -> FinalizeResult {
        FinalizeResult::default()
    }

    fn last_decoded(&self) -> GenericAudioBufferRef<'_> {
        self.buffer.as_generic_audio_buffer_ref()
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
