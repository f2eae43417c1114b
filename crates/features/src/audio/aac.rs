//! AAC packets to samples, by the decoder of `rusty_aac`, behind symphonia's interface for decoders.
//!
//! symphonia 0.6 decodes plain AAC (LC) of one or two channels, and plays of HE-AAC the lower half of the band without a word.
//!
//! Source: ISO/IEC 14496-3, 1.6.2.1 (`AudioSpecificConfig`).

use std::io;

use rusty_aac::{AacDecoder, Error as AacError};
use symphonia::core::audio::{
    AsGenericAudioBufferRef, AudioBuffer, AudioMut, AudioSpec, Channels, GenericAudioBufferRef,
};
use symphonia::core::codecs::CodecInfo;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, FinalizeResult};
use symphonia::core::errors::{Error as SymphoniaError, Result as SymphoniaResult};
use symphonia::core::packet::PacketRef;

use crate::error::{Error, Result};

/// Samples of a packet of HE-AAC.
const N_USUAL: usize = 2048;

/// Plain AAC, as streams without a description are by default.
pub(crate) const LOW_COMPLEXITY: u8 = 2;

/// Rates by their number in a description.
pub(crate) const RATES: [u32; 13] = [
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350,
];

const INFO: CodecInfo = CodecInfo {
    short_name: "aac",
    long_name: "Advanced Audio Coding",
    profiles: &[],
};

/// A stream of AAC packets.
pub(crate) struct AacPackets {
    params: AudioCodecParameters,
    config: Vec<u8>,
    decoder: AacDecoder,
    /// Rate and channels of the packets.
    signal: (u32, usize),
    buffer: AudioBuffer<f32>,
}

impl AacPackets {
    /// A decoder for a track; of one without a description, of the object type that its frames tell.
    ///
    /// # Errors
    /// [`Error::UnsupportedCodec`] if the description is none, or one of a kind that is not decoded (USAC).
    pub(crate) fn new(params: &AudioCodecParameters, object_type: u8) -> Result<Self> {
        let config = match params.extra_data.as_deref() {
            Some(config) if !config.is_empty() => config.to_vec(),
            _ => describe(params, object_type),
        };
        let signal = (
            params.sample_rate.unwrap_or(44_100).max(1),
            params.channels.as_ref().map_or(2, Channels::count).max(1),
        );
        Ok(Self {
            params: params.clone(),
            decoder: open(&config)?,
            config,
            signal,
            buffer: buffer(signal, N_USUAL),
        })
    }

    fn decode_inner(&mut self, packet: &PacketRef<'_>) -> SymphoniaResult<()> {
        let decoded = match self.decoder.decode(packet.data, None) {
            Ok(decoded) => decoded,
            // There is nothing in it.
            Err(AacError::Again | AacError::Eof) => return Ok(()),
            Err(AacError::Unsupported(_) | AacError::Unimplemented(_)) => {
                return Err(SymphoniaError::Unsupported(
                    "a part of AAC that has no decoder here",
                ));
            }
            Err(e) => return Err(SymphoniaError::IoError(io::Error::other(format!("aac: {e}")))),
        };
        let n = decoded.frames();
        let signal = (decoded.sample_rate.max(1), usize::from(decoded.channels.max(1)));
        if signal != self.signal || n > self.buffer.capacity() {
            self.signal = signal;
            self.buffer = buffer(signal, n.max(N_USUAL));
        }
        self.buffer.resize_with_silence(n);
        for c in 0..signal.1 {
            let Some(plane) = self.buffer.plane_mut(c) else {
                break;
            };
            let channel = decoded.samples[c..].iter().step_by(signal.1);
            plane.iter_mut().zip(channel).for_each(|(p, x)| *p = *x);
        }
        self.buffer
            .trim(packet.trim_start.get() as usize, packet.trim_end.get() as usize);
        Ok(())
    }
}

fn open(config: &[u8]) -> Result<AacDecoder> {
    AacDecoder::with_config_bytes(config).map_err(|e| Error::UnsupportedCodec {
        reason: format!("AAC: {e}"),
    })
}

fn buffer((rate, n_channels): (u32, usize), n: usize) -> AudioBuffer<f32> {
    let channels = Channels::Discrete(u16::try_from(n_channels).unwrap_or(u16::MAX));
    AudioBuffer::new(AudioSpec::new(rate, channels), n)
}

/// The description of a stream that has none: object type, rate and channels.
fn describe(params: &AudioCodecParameters, object_type: u8) -> Vec<u8> {
    let rate = params.sample_rate.unwrap_or(44_100);
    let index = RATES.iter().position(|r| *r == rate).unwrap_or(4) as u16;
    // 8 channels have the number 7; 0 stands for those that the packets tell.
    let n_channels = match params.channels.as_ref().map_or(0, Channels::count) {
        n @ 0..=6 => n as u16,
        8 => 7,
        _ => 0,
    };
    (u16::from(object_type & 31) << 11 | index << 7 | n_channels << 3)
        .to_be_bytes()
        .to_vec()
}

impl AudioDecoder for AacPackets {
    fn reset(&mut self) {
        if let Ok(fresh) = open(&self.config) {
            self.decoder = fresh;
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
    fn a_description_is_made_of_rate_channels_and_type() {
        let mut params = AudioCodecParameters::new();
        params
            .with_sample_rate(44_100)
            .with_channels(Channels::Discrete(2));
        assert_eq!(describe(&params, LOW_COMPLEXITY), [0x12, 0x10]);
        params
            .with_sample_rate(22_050)
            .with_channels(Channels::Discrete(8));
        assert_eq!(describe(&params, 1), [0x0b, 0xb8]);
        assert!(AacPackets::new(&params, LOW_COMPLEXITY).is_ok());
        // USAC.
        params.with_extra_data(vec![0xf9, 0x4a, 0x10].into_boxed_slice());
        assert!(AacPackets::new(&params, LOW_COMPLEXITY).is_err());
    }
}
