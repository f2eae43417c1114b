//! From bytes to a reader of packets: which format it is, and what is said of files that are none.

use symphonia::core::audio::Channels;
use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known::{
    CODEC_ID_AAC, CODEC_ID_MP1, CODEC_ID_MP2, CODEC_ID_MP3, CODEC_ID_OPUS, CODEC_ID_PCM_ALAW,
    CODEC_ID_PCM_F32BE, CODEC_ID_PCM_F32LE, CODEC_ID_PCM_F64BE, CODEC_ID_PCM_F64LE, CODEC_ID_PCM_MULAW,
};
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error as SymphoniaError;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, Track, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;
use symphonia::core::units::TimeBase;

use crate::audio::aac::{AacPackets, LOW_COMPLEXITY};
use crate::audio::edits::{Edits, TrackEdit};
use crate::audio::flac::Files;
use crate::audio::lengths::container::Container;
use crate::audio::mpeg::frame::Frame;
use crate::audio::mpeg::reader::MpegFrames;
use crate::audio::names;
use crate::audio::opus::{Head, OpusPackets};
use crate::audio::packets::{Ends, Packets, Pages};
use crate::audio::panics::guard;
use crate::audio::patch::Repair;
use crate::audio::repair::repair;
use crate::audio::source::Bytes;
use crate::error::{Error, Result};

/// Samples of a packet, all channels together: 255 channels of the largest packets that any codec here has.
const MAX_PACKET_VALUES: u64 = 1 << 24;

/// Zeros in front of the sound that are passed over.
const MAX_ZEROS: u64 = 16 << 20;

/// First bytes of a file, as many as tell its format.
const N_HEAD: usize = 512;

/// Finds the format of a stream and reads its headers.
///
/// A tag in front that cannot be read (wrong sizes, frames that are noise) does not hide the audio behind it: the format
/// is then looked for after the tag, after the tag's first bytes, and behind zeros. Lengths in a container's header that are wrong are
/// read as those of its bytes.
///
/// # Errors
/// [`Error::Read`], [`Error::UnknownFormat`]; [`Error::Damaged`] if the first bytes are those of a known format, and
/// [`Error::UnsupportedCodec`] if they are those of one that is not decoded.
pub(crate) fn open_format<'s>(bytes: &Bytes<'s>, extension: Option<&str>) -> Result<Packets<'s>> {
    let mut fixed = Repair::default();
    if bytes.is_seekable() {
        fixed = repair(bytes)?;
    }
    let error = match probe(bytes, extension, fixed.clone()) {
        Ok(format) => return with_ends(bytes, format, fixed),
        Err(e) => e,
    };
    if let Some(e) = bytes.take_failure() {
        return Err(e.into());
    }
    let head = head(bytes)?;
    let mut starts = tag_ends(&head, bytes.n_bytes().unwrap_or(0));
    if !head.is_empty() {
        starts.extend(behind_zeros(bytes, starts.first().copied().unwrap_or(0))?);
    }
    for start in starts {
        if let Ok(format) = probe(bytes, extension, Repair::starting(start)) {
            return with_ends(bytes, format, Repair::starting(start));
        }
    }
    Err(match (error, names::known(&head)) {
        (Error::UnknownFormat { reason }, Some(format)) => Error::Damaged { format, reason },
        (error, _) => error,
    })
}

/// The first bytes; none if they cannot be read twice.
fn head(bytes: &Bytes<'_>) -> Result<Vec<u8>> {
    let mut head = vec![0; if bytes.is_seekable() { N_HEAD } else { 0 }];
    if !head.is_empty() {
        let n = bytes.peek(0, &mut head)?;
        head.truncate(n);
    }
    Ok(head)
}

/// The error of opening, or the name of the format if it is one that is not decoded.
pub(crate) fn named(bytes: &Bytes<'_>, error: Error) -> Error {
    let is_of_format = matches!(
        error,
        Error::UnknownFormat { .. }
            | Error::Damaged { .. }
            | Error::NoAudioTrack
            | Error::UnsupportedCodec { .. }
    );
    match head(bytes).ok().filter(|_| is_of_format) {
        Some(head) => names::not_decoded(&head).map_or(error, |name| Error::UnsupportedCodec {
            reason: format!("{name} is not supported"),
        }),
        None => error,
    }
}

fn with_ends<'s>(
    bytes: &Bytes<'s>,
    format: Box<dyn FormatReader + 's>,
    repair: Repair,
) -> Result<Packets<'s>> {
    let files = Files::of(&repair);
    let container = Container::new(format.format_info().short_name, repair);
    if MpegFrames::is_read_by(format.as_ref()) {
        let frames = guard(|| MpegFrames::new(format))?;
        return Ok(Packets::new(
            Box::new(frames),
            Ends::AsTold,
            container,
            LOW_COMPLEXITY,
        ));
    }
    let ends = match (format.format_info().short_name, files) {
        ("flac", Some(files)) => Ends::Flac {
            files,
            open: |bytes, repair| probe(bytes, Some("flac"), repair),
        },
        ("ogg", _) => Pages::of(bytes)?.map_or(Ends::AsTold, Ends::Ogg),
        _ => Ends::AsTold,
    };
    let aac_type = match format.format_info().short_name {
        "aac" => container.object_type(bytes)?,
        _ => None,
    };
    Ok(Packets::new(
        format,
        ends,
        container,
        aac_type.unwrap_or(LOW_COMPLEXITY),
    ))
}

fn probe<'s>(
    bytes: &Bytes<'s>,
    extension: Option<&str>,
    repair: Repair,
) -> Result<Box<dyn FormatReader + 's>> {
    let stream = MediaSourceStream::new(bytes.from(repair), Default::default());
    let mut hint = Hint::new();
    if let Some(extension) = extension {
        hint.with_extension(extension);
    }
    guard(|| {
        symphonia::default::get_probe()
            .probe(
                &hint,
                stream,
                FormatOptions::default(),
                MetadataOptions::default(),
            )
            .map_err(|e| Error::UnknownFormat { reason: in_words(&e) })
    })?
}

/// Where audio may begin behind an ID3v2 tag: at its end, if that lies in the file, and anywhere after its header.
fn tag_ends(head: &[u8], n_bytes: u64) -> Vec<u64> {
    let [b'I', b'D', b'3', _, _, _, size @ ..] = head else {
        return Vec::new();
    };
    // Four times seven bits; sizes with other bits set are read as far as they make sense.
    let size = size
        .iter()
        .take(4)
        .fold(0u64, |n, b| n << 7 | u64::from(b & 0x7f));
    [10 + size, 10]
        .into_iter()
        .filter(|start| *start < n_bytes)
        .collect()
}

/// Where zeros from `start` on end, if there are some and they end within [`MAX_ZEROS`].
fn behind_zeros(bytes: &Bytes<'_>, start: u64) -> Result<Option<u64>> {
    let (mut at, mut block) = (start, vec![0; 1 << 16]);
    while at < start + MAX_ZEROS {
        let n = bytes.peek(at, &mut block)?;
        if let Some(i) = block[..n].iter().position(|b| *b != 0) {
            return Ok(Some(at + i as u64).filter(|end| *end > start));
        }
        if n < block.len() {
            break;
        }
        at += n as u64;
    }
    Ok(None)
}

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

/// The decoder's error without its technical prefix where there is a plain word for it.
pub(crate) fn in_words(error: &SymphoniaError) -> String {
    match error {
        SymphoniaError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            "the stream ends too early".to_owned()
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_end_of_a_tag_is_its_header_and_seven_bits_a_byte() {
        let head = *b"ID3\x04\x00\x00\x00\x00\x07\x76junkju";
        assert_eq!(tag_ends(&head, 5000), [10 + 7 * 128 + 0x76, 10]);
        assert_eq!(tag_ends(&head, 1000), [10]);
        assert_eq!(tag_ends(b"ID3\x04\x00\x00\xff\xff\xff\xff", 9), [0u64; 0]);
        assert!(tag_ends(b"OggS", 5000).is_empty());
    }

    #[test]
    fn zeros_are_passed_over_as_far_as_the_bound() {
        let of = |n: usize, start: u64| {
            let x = [vec![0; n], b"sound".to_vec()].concat();
            behind_zeros(&Bytes::new(Box::new(std::io::Cursor::new(x))), start).unwrap()
        };
        for n in [1, 65_535, 65_536, 3_000_000, MAX_ZEROS as usize - 1] {
            assert_eq!(of(n, 0), Some(n as u64), "{n}");
        }
        assert_eq!(of(MAX_ZEROS as usize + 65_536, 0), None);
        assert_eq!((of(0, 0), of(7, 7), of(7, 3)), (None, None, Some(7)));
    }

    #[test]
    fn a_panic_is_an_error_of_the_decode_stage() {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let error = guard(|| -> u8 { panic!("index {} out of range", 5) }).unwrap_err();
        std::panic::set_hook(hook);
        assert_eq!(error.stage(), "decode");
        assert!(error.to_string().contains("index 5 out of range"), "{error}");
    }
}
