//! The track that is played of a file, and its decoder.

use symphonia::core::audio::Channels;
use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known::{
    CODEC_ID_AAC, CODEC_ID_MP1, CODEC_ID_MP2, CODEC_ID_MP3, CODEC_ID_OPUS, CODEC_ID_PCM_ALAW,
    CODEC_ID_PCM_F32BE, CODEC_ID_PCM_F32LE, CODEC_ID_PCM_F64BE, CODEC_ID_PCM_F64LE, CODEC_ID_PCM_MULAW,
    CODEC_ID_VORBIS,
};
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::formats::{Track, TrackType};
use symphonia::core::units::TimeBase;

use crate::audio::aac::AacPackets;
use crate::audio::edits::{Edits, TrackEdit};
use crate::audio::headers::check_vorbis;
use crate::audio::mpeg::frame::Frame;
use crate::audio::names::{self, in_words};
use crate::audio::opus::{Head, OpusPackets};
use crate::audio::packets::Packets;
use crate::audio::panics::guard;
use crate::error::{Error, Result};

/// Samples of a packet, all channels together: 255 channels of the largest packets that any codec here has.
const MAX_PACKET_VALUES: u64 = 1 << 24;

/// A track that is being decoded.
pub(crate) struct OpenTrack {
    pub(crate) decoder: Box<dyn AudioDecoder>,
    pub(crate) id: u32,
    /// What is played of it.
    pub(crate) edit: Option<TrackEdit>,
    /// Samples at the beginning that are not part of the recording, if no edit says so.
    pub(crate) pre_skip: u64,
    params: AudioCodecParameters,
    /// The object type of AAC without a description.
    aac_type: u8,
    time_base: Option<TimeBase>,
    /// Rate and channels of the last packet of MPEG audio.
    signal: Option<(u32, u8)>,
    /// Whether samples are floating-point numbers that need not be finite.
    pub(crate) is_float: bool,
}

impl OpenTrack {
    /// Looks at a packet before it is decoded: MPEG audio may go on with other channels or another rate, which takes
    /// another decoder.
    ///
    /// # Errors
    /// [`Error::UnsupportedCodec`].
    pub(crate) fn look_at(&mut self, packet: &[u8]) -> Result<()> {
        if let Some(signal) = self.signal {
            let new = Frame::of(packet).map_or(signal, |f| (f.sample_rate, f.n_channels));
            if new != signal {
                self.decoder = make_decoder(&self.params, self.aac_type)?;
            }
            self.signal = Some(new);
        }
        Ok(())
    }

    /// Samples in a time of the track, at the rate of what is decoded or, before that is known, the one that is told.
    pub(crate) fn n_samples(&self, time: u64, decoded: Option<u32>) -> u64 {
        let (Some(base), Some(rate)) = (self.time_base, decoded.or(self.params.sample_rate)) else {
            return time;
        };
        let n = u128::from(time) * u128::from(base.numer.get()) * u128::from(rate);
        u64::try_from(n / u128::from(base.denom.get())).unwrap_or(u64::MAX)
    }
}

/// The first audio track.
///
/// # Errors
/// [`Error::NoAudioTrack`], [`Error::UnsupportedCodec`].
pub(crate) fn open_track(packets: &Packets<'_>, edits: &Edits) -> Result<OpenTrack> {
    let format = packets.format();
    let opus =
        |t: &&Track| matches!(&t.codec_params, Some(CodecParameters::Audio(p)) if p.codec == CODEC_ID_OPUS);
    let track = format
        .first_track_known_codec(TrackType::Audio)
        .or_else(|| format.tracks().iter().find(opus))
        .or_else(|| format.default_track(TrackType::Audio))
        .ok_or(Error::NoAudioTrack)?;
    let Some(CodecParameters::Audio(params)) = &track.codec_params else {
        return Err(Error::UnsupportedCodec {
            reason: "the codec is not named".to_owned(),
        });
    };
    let config = params.extra_data.as_deref();
    let is_aac = params.codec == CODEC_ID_AAC;
    let head = config.filter(|_| params.codec == CODEC_ID_OPUS);
    let is_mpeg = [CODEC_ID_MP1, CODEC_ID_MP2, CODEC_ID_MP3].contains(&params.codec);
    let floats = [
        CODEC_ID_PCM_F32LE,
        CODEC_ID_PCM_F32BE,
        CODEC_ID_PCM_F64LE,
        CODEC_ID_PCM_F64BE,
    ];
    Ok(OpenTrack {
        decoder: make_decoder(params, packets.aac_type())?,
        aac_type: packets.aac_type(),
        id: track.id,
        edit: edits.of(track.id, is_aac, params.sample_rate),
        pre_skip: head.and_then(Head::parse).map_or(0, |h| u64::from(h.pre_skip)),
        time_base: track.time_base,
        signal: is_mpeg.then(|| {
            let n_channels = params.channels.as_ref().map_or(0, Channels::count);
            (params.sample_rate.unwrap_or(0), n_channels as u8)
        }),
        is_float: floats.contains(&params.codec),
        params: params.clone(),
    })
}

fn make_decoder(params: &AudioCodecParameters, aac_type: u8) -> Result<Box<dyn AudioDecoder>> {
    // Decoders make their buffers of the size that the header asks for.
    let n_channels = params.channels.as_ref().map_or(1, |c| c.count() as u64);
    let n_values = params
        .max_frames_per_packet
        .unwrap_or(0)
        .saturating_mul(n_channels);
    if n_values > MAX_PACKET_VALUES {
        return Err(Error::UnsupportedCodec {
            reason: format!("packets of {n_values} samples, the limit is {MAX_PACKET_VALUES}"),
        });
    }
    if params.codec == CODEC_ID_OPUS {
        return guard(|| OpusPackets::for_track(params))?.map(|d| Box::new(d) as Box<dyn AudioDecoder>);
    }
    if params.codec == CODEC_ID_AAC {
        return guard(|| AacPackets::for_track(params, aac_type))?
            .map(|d| Box::new(d) as Box<dyn AudioDecoder>);
    }
    if params.codec == CODEC_ID_VORBIS {
        check_vorbis(params.extra_data.as_deref().unwrap_or_default())?;
    }
    let mut params = params.clone();
    if [CODEC_ID_PCM_ALAW, CODEC_ID_PCM_MULAW].contains(&params.codec) {
        // CAF tells 8 bits, those of the file; a decoder takes 16, those of its samples, or nothing.
        (params.bits_per_sample, params.bits_per_coded_sample) = (None, None);
    }
    guard(|| {
        symphonia::default::get_codecs()
            .make_audio_decoder(&params, &AudioDecoderOptions::default())
            .map_err(|e| Error::UnsupportedCodec {
                reason: names::codec_not_decoded(params.codec)
                    .map_or_else(|| in_words(&e), |name| format!("{name} is not supported")),
            })
    })?
}
