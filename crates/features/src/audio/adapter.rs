//! Decoders of other libraries behind symphonia's interface for decoders.

use symphonia::core::audio::{AsGenericAudioBufferRef, AudioBuffer, AudioMut, GenericAudioBufferRef};
use symphonia::core::codecs::CodecInfo;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, FinalizeResult};
use symphonia::core::errors::Result;
use symphonia::core::packet::PacketRef;

/// A decoder of another library.
pub(crate) trait Codec: Send + Sync {
    /// What it is called.
    const INFO: &'static CodecInfo;

    /// Forgets the packets that it has decoded.
    fn reset(&mut self);

    /// Decodes a packet into `buffer`, which is empty and may be replaced by another one.
    ///
    /// # Errors
    /// Those of a packet that is damaged or of a kind that is not decoded.
    fn decode(&mut self, packet: &[u8], buffer: &mut AudioBuffer<f32>) -> Result<()>;
}

/// Such a decoder with its last samples.
pub(crate) struct Adapted<C> {
    codec: C,
    params: AudioCodecParameters,
    buffer: AudioBuffer<f32>,
}

impl<C: Codec> Adapted<C> {
    /// A decoder for a track, with a buffer as large as its packets usually are.
    pub(crate) fn new(codec: C, params: &AudioCodecParameters, buffer: AudioBuffer<f32>) -> Self {
        Self {
            codec,
            params: params.clone(),
            buffer,
        }
    }
}

/// Puts `n` interleaved samples of each channel, times `gain`, into a buffer that can hold them.
pub(crate) fn fill(buffer: &mut AudioBuffer<f32>, samples: &[f32], n: usize, n_channels: usize, gain: f32) {
    buffer.resize_with_silence(n);
    for c in 0..n_channels {
        let Some(plane) = buffer.plane_mut(c) else {
            break;
        };
        let channel = samples[c..].iter().step_by(n_channels);
        plane.iter_mut().zip(channel).for_each(|(p, x)| *p = *x * gain);
    }
}

impl<C: Codec> AudioDecoder for Adapted<C> {
    fn reset(&mut self) {
        self.codec.reset();
    }

    fn codec_info(&self) -> &CodecInfo {
        C::INFO
    }

    fn codec_params(&self) -> &AudioCodecParameters {
        &self.params
    }

    fn decode_ref(&mut self, packet: &PacketRef<'_>) -> Result<GenericAudioBufferRef<'_>> {
        self.buffer.clear();
        self.codec.decode(packet.data, &mut self.buffer)?;
        self.buffer
            .trim(packet.trim_start.get() as usize, packet.trim_end.get() as usize);
        Ok(self.buffer.as_generic_audio_buffer_ref())
    }

    fn finalize(&mut self) -> FinalizeResult {
        FinalizeResult::default()
    }

    fn last_decoded(&self) -> GenericAudioBufferRef<'_> {
        self.buffer.as_generic_audio_buffer_ref()
    }
}
