//! From bytes to a reader of packets: which format it is, and what is said of files that are none.

use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known::{CODEC_ID_AAC, CODEC_ID_OPUS};
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error as SymphoniaError;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, Track, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;

use crate::audio::edits::{Edits, TrackEdit};
use crate::audio::opus::{Head, OpusPackets};
use crate::audio::panics::guard;
use crate::audio::patch::Repair;
use crate::audio::repair::repair;
use crate::audio::source::Bytes;
use crate::error::{Error, Result};

/// Samples of a packet, all channels together: 255 channels of the largest packets that any codec here has.
const MAX_PACKET_VALUES: u64 = 1 << 24;

/// Finds the format of a stream and reads its headers.
///
/// A tag in front that cannot be read (wrong sizes, frames that are noise) does not hide the audio behind it: the format
/// is then looked for after the tag, and after the tag's first bytes. The length of a container that was cut short is
/// read as that of its bytes.
///
/// # Errors
/// [`Error::Read`], [`Error::UnknownFormat`]; [`Error::Damaged`] if the first bytes are those of a known format.
pub(crate) fn open_format<'s>(
    bytes: &Bytes<'s>,
    extension: Option<&str>,
) -> Result<Box<dyn FormatReader + 's>> {
    let (mut head, mut n, mut fixed) = ([0; 16], 0, Repair::default());
    if bytes.is_seekable() {
        n = bytes.peek(0, &mut head)?;
        fixed = repair(bytes)?;
    }
    let error = match probe(bytes, extension, 0, fixed) {
        Ok(format) => return Ok(format),
        Err(e) => e,
    };
    if let Some(e) = bytes.take_failure() {
        return Err(e.into());
    }
    for start in tag_ends(&head[..n], bytes.n_bytes().unwrap_or(0)) {
        if let Ok(format) = probe(bytes, extension, start, Repair::default()) {
            return Ok(format);
        }
    }
    Err(match (error, known_format(&head[..n])) {
        (Error::UnknownFormat { reason }, Some(format)) => Error::Damaged { format, reason },
        (error, _) => error,
    })
}

fn probe<'s>(
    bytes: &Bytes<'s>,
    extension: Option<&str>,
    start: u64,
    repair: Repair,
) -> Result<Box<dyn FormatReader + 's>> {
    let stream = MediaSourceStream::new(bytes.from(start, repair)?, Default::default());
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

/// The format whose files begin with `head`.
fn known_format(head: &[u8]) -> Option<&'static str> {
    let at = |start: usize, magic: &[u8]| head.get(start..start + magic.len()) == Some(magic);
    Some(match () {
        () if at(0, b"OggS") => "an Ogg stream",
        () if at(0, b"fLaC") => "a FLAC file",
        () if at(0, b"RIFF") && at(8, b"WAVE") => "a WAV file",
        () if at(0, b"FORM") && (at(8, b"AIFF") || at(8, b"AIFC")) => "an AIFF file",
        () if at(0, b"caff") => "a CAF file",
        () if at(4, b"ftyp") => "an M4A or MP4 file",
        () if at(0, &[0x1a, 0x45, 0xdf, 0xa3]) => "a Matroska file",
        () if at(0, b"ID3") => "a file with an ID3 tag, as of MP3",
        () => return None,
    })
}

/// A track that is being decoded.
pub(crate) struct OpenTrack {
    pub(crate) decoder: Box<dyn AudioDecoder>,
    pub(crate) id: u32,
    /// What is played of it.
    pub(crate) edit: Option<TrackEdit>,
    /// Samples at the beginning that are not part of the recording, if no edit says so.
    pub(crate) pre_skip: u64,
}

/// The first audio track.
///
/// # Errors
/// [`Error::NoAudioTrack`], [`Error::UnsupportedCodec`].
pub(crate) fn open_track(format: &dyn FormatReader, edits: &Edits) -> Result<OpenTrack> {
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
    let head = params
        .extra_data
        .as_deref()
        .filter(|_| params.codec == CODEC_ID_OPUS);
    Ok(OpenTrack {
        decoder: make_decoder(params)?,
        id: track.id,
        edit: edits.of(track.id, params.codec == CODEC_ID_AAC, params.sample_rate),
        pre_skip: head.and_then(Head::parse).map_or(0, |h| u64::from(h.pre_skip)),
    })
}

fn make_decoder(params: &AudioCodecParameters) -> Result<Box<dyn AudioDecoder>> {
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
        return guard(|| OpusPackets::new(params))?.map(|d| Box::new(d) as Box<dyn AudioDecoder>);
    }
    guard(|| {
        symphonia::default::get_codecs()
            .make_audio_decoder(params, &AudioDecoderOptions::default())
            .map_err(|e| Error::UnsupportedCodec { reason: in_words(&e) })
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
    fn a_panic_is_an_error_of_the_decode_stage() {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let error = guard(|| -> u8 { panic!("index {} out of range", 5) }).unwrap_err();
        std::panic::set_hook(hook);
        assert_eq!(error.stage(), "decode");
        assert!(error.to_string().contains("index 5 out of range"), "{error}");
    }
}
