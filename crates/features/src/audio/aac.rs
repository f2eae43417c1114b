//! AAC packets to samples, by the decoder of `rusty_aac`, behind symphonia's interface for decoders.
//!
//! symphonia 0.6 decodes plain AAC (LC) of one or two channels, and plays of HE-AAC the lower half of the band without a word.
//!
//! Source: ISO/IEC 14496-3, 1.6.2.1 (`AudioSpecificConfig`).

use std::io;

use rusty_aac::{AacDecoder, Error as AacError};
use symphonia::core::audio::{AudioBuffer, AudioSpec, Channels};
use symphonia::core::codecs::CodecInfo;
use symphonia::core::codecs::audio::AudioCodecParameters;
use symphonia::core::errors::{Error as SymphoniaError, Result as SymphoniaResult};

use crate::audio::adapter::{Adapted, Codec, fill};
use crate::error::{Error, Result};

/// Samples of a packet of HE-AAC.
const N_USUAL: usize = 2048;

/// Plain AAC, as streams without a description are by default.
pub(crate) const LOW_COMPLEXITY: u8 = 2;

/// Rates by their number in a description.
pub(crate) const RATES: [u32; 13] = [
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350,
];

/// A stream of AAC packets.
pub(crate) struct AacPackets {
    config: Vec<u8>,
    decoder: AacDecoder,
    /// Rate and channels of the packets.
    signal: (u32, usize),
}

impl AacPackets {
    /// A decoder for a track; of one without a description, of the object type that its frames tell.
    ///
    /// # Errors
    /// [`Error::UnsupportedCodec`] if the description is none, or one of a kind that is not decoded (USAC).
    pub(crate) fn for_track(params: &AudioCodecParameters, object_type: u8) -> Result<Adapted<Self>> {
        let config = match params.extra_data.as_deref() {
            Some(config) if !config.is_empty() => config.to_vec(),
            _ => describe(params, object_type),
        };
        let signal = (
            params.sample_rate.unwrap_or(44_100).max(1),
            params.channels.as_ref().map_or(2, Channels::count).max(1),
        );
        let packets = Self {
            decoder: open(&config)?,
            config,
            signal,
        };
        Ok(Adapted::new(packets, params, buffer_of(signal, N_USUAL)))
    }
}

impl Codec for AacPackets {
    const INFO: &'static CodecInfo = &CodecInfo {
        short_name: "aac",
        long_name: "Advanced Audio Coding",
        profiles: &[],
    };

    fn reset(&mut self) {
        if let Ok(fresh) = open(&self.config) {
            self.decoder = fresh;
        }
    }

    fn decode(&mut self, packet: &[u8], buffer: &mut AudioBuffer<f32>) -> SymphoniaResult<()> {
        let decoded = match self.decoder.decode(packet, None) {
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
        if signal != self.signal || n > buffer.capacity() {
            self.signal = signal;
            *buffer = buffer_of(signal, n.max(N_USUAL));
        }
        fill(buffer, &decoded.samples, n, signal.1, 1.0);
        Ok(())
    }
}

fn open(config: &[u8]) -> Result<AacDecoder> {
    AacDecoder::with_config_bytes(config).map_err(|e| Error::UnsupportedCodec {
        reason: format!("AAC: {e}"),
    })
}

fn buffer_of((rate, n_channels): (u32, usize), n: usize) -> AudioBuffer<f32> {
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
        assert!(AacPackets::for_track(&params, LOW_COMPLEXITY).is_ok());
        // USAC.
        params.with_extra_data(vec![0xf9, 0x4a, 0x10].into_boxed_slice());
        assert!(AacPackets::for_track(&params, LOW_COMPLEXITY).is_err());
    }
}
