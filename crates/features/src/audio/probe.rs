//! From bytes to a reader of packets: which format it is, and what is said of files that are none.

use symphonia::core::errors::Error as SymphoniaError;
use symphonia::core::formats::probe::{Hint, Probe};
use symphonia::core::formats::{FormatOptions, FormatReader};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;
use symphonia::default::formats::{
    AdtsReader, AiffReader, CafReader, FlacReader, IsoMp4Reader, MkvReader, MpaReader, OggReader, WavReader,
};

use crate::audio::aac::LOW_COMPLEXITY;
use crate::audio::flac::Files;
use crate::audio::lengths::container::Container;
use crate::audio::mpeg::frame::Frame;
use crate::audio::mpeg::reader::MpegFrames;
use crate::audio::names::{self, Form, in_words};
use crate::audio::packets::{Ends, Packets, Pages};
use crate::audio::panics::guard;
use crate::audio::patch::Repair;
use crate::audio::repair::{find_form, repair};
use crate::audio::source::Bytes;
use crate::audio::tags::end_of_tags;
use crate::error::{Error, Result};

/// First bytes of a file, as many as tell its format.
const N_HEAD: usize = 512;

/// Bytes that are searched for the beginning of a file of some format.
const N_SEARCHED: usize = 1 << 20;

/// Zeros in front of the sound that are passed over.
const MAX_ZEROS: u64 = 16 << 20;

/// Finds the format of a stream and reads its headers.
///
/// Tags in front are passed by their sizes alone, and zeros behind them. A tag whose size is wrong does not hide the audio behind it: the format is then
/// looked for after the tag's first bytes. Lengths in a container's header that are wrong are read as those of its bytes. No reader
/// but that of the format whose first bytes were found gets to see the file, and it sees no tags.
///
/// # Errors
/// [`Error::Read`], [`Error::UnknownFormat`]; [`Error::Damaged`] if the first bytes are those of a known format, and
/// [`Error::UnsupportedCodec`] if they are those of one that is not decoded.
pub(crate) fn open_format<'s>(bytes: &Bytes<'s>) -> Result<Packets<'s>> {
    let base = end_of_tags(bytes)?;
    let first = match open_at(bytes, behind_zeros(bytes, base)?) {
        Err(e @ (Error::UnknownFormat { .. } | Error::Damaged { .. })) => e,
        other => return other,
    };
    // A tag that tells more bytes than it has.
    let behind_header = Some(10).filter(|_| base > 0);
    if let Some(Ok(packets)) = behind_header.map(|at| open_at(bytes, at)) {
        return Ok(packets);
    }
    if let Some(e) = bytes.take_failure() {
        return Err(e.into());
    }
    Err(match (first, names::known(&head(bytes, 0)?)) {
        (Error::UnknownFormat { reason }, Some(format)) => Error::Damaged { format, reason },
        (error, _) => error,
    })
}

/// Where the sound may begin behind zeros from `base` on, if they end within [`MAX_ZEROS`]; else `base`. An MP4 file has zeros of its
/// own in front.
fn behind_zeros(bytes: &Bytes<'_>, base: u64) -> Result<u64> {
    let (mut at, mut block) = (base, vec![0; N_HEAD]);
    while at < base + MAX_ZEROS {
        let n = bytes.peek(at, &mut block)?;
        if let Some(i) = block[..n].iter().position(|b| *b != 0) {
            let end = at + i as u64;
            for start in end.saturating_sub(3).max(base)..end {
                if Form::of(&head(bytes, start)?).is_some() {
                    return Ok(start);
                }
            }
            return Ok(end);
        }
        if n < block.len() {
            break;
        }
        at += n as u64;
        block.resize(1 << 16, 0);
    }
    Ok(base)
}

/// Opens what begins at a position, or behind bytes of no meaning there.
fn open_at<'s>(bytes: &Bytes<'s>, base: u64) -> Result<Packets<'s>> {
    let head = head(bytes, base)?;
    // A container is opened first: beside what its first bytes name it may have sound that is decoded.
    if let Some(form) = Form::of(&head) {
        return open_form(bytes, form, base);
    }
    if let Some(name) = names::not_decoded(&head) {
        return Err(Error::UnsupportedCodec {
            reason: format!("{name} is not supported"),
        });
    }
    let stream = |end| {
        probe(
            bytes,
            &streams(),
            Repair {
                end,
                ..Repair::starting(base)
            },
        )
    };
    // MPEG audio and AAC have no first bytes but those of each frame, and other bytes may look like them: what stands in front of a
    // file of another format is theirs only if it can be read without that file.
    let is_frame = Frame::of(&head).is_some() || matches!(head[..], [0xff, b, ..] if b & 0xf6 == 0xf0);
    let found = match is_frame {
        true => None,
        false => find_form(bytes, base, N_SEARCHED)?,
    };
    let Some((form, at)) = found else {
        return with_ends(bytes, stream(None)?, Repair::starting(base));
    };
    match stream(Some(at)) {
        Ok(_) => with_ends(bytes, stream(None)?, Repair::starting(base)),
        Err(_) => open_form(bytes, form, at),
    }
}

/// Opens a file of a form that begins at a position.
fn open_form<'s>(bytes: &Bytes<'s>, form: Form, base: u64) -> Result<Packets<'s>> {
    let Some(fixed) = repair(bytes, form, base)? else {
        return Err(Error::UnknownFormat {
            reason: "there is no description of sound, or no sound".to_owned(),
        });
    };
    let is_stream = form == Form::Wave && fixed.front.is_empty();
    let reader = match is_stream {
        true => streams(),
        false => reader_of(form),
    };
    let format = probe(bytes, &reader, fixed.clone())?;
    with_ends(bytes, format, fixed)
}

/// The reader of a form, and no reader of tags.
fn reader_of(form: Form) -> Probe {
    let mut probe = Probe::new();
    match form {
        Form::Wave => probe.register_format::<WavReader<'_>>(),
        Form::Aiff => probe.register_format::<AiffReader<'_>>(),
        Form::Flac => probe.register_format::<FlacReader<'_>>(),
        Form::Caf => probe.register_format::<CafReader<'_>>(),
        Form::Mp4 => probe.register_format::<IsoMp4Reader<'_>>(),
        Form::Matroska => probe.register_format::<MkvReader<'_>>(),
        Form::Ogg => probe.register_format::<OggReader<'_>>(),
    }
    probe
}

/// The readers of what has frames and no container.
fn streams() -> Probe {
    let mut probe = Probe::new();
    probe.register_format::<AdtsReader<'_>>();
    probe.register_format::<MpaReader<'_>>();
    probe
}

/// Bytes from a position on that tell the format.
fn head(bytes: &Bytes<'_>, base: u64) -> Result<Vec<u8>> {
    let mut head = vec![0; N_HEAD];
    let n = bytes.peek(base, &mut head)?;
    head.truncate(n);
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
    match head(bytes, 0).ok().filter(|_| is_of_format) {
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
            open: |bytes, repair| probe(bytes, &reader_of(Form::Flac), repair),
        },
        ("ogg", _) => Ends::Ogg(Pages::of(bytes)?),
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

fn probe<'s>(bytes: &Bytes<'s>, readers: &Probe, repair: Repair) -> Result<Box<dyn FormatReader + 's>> {
    let stream = MediaSourceStream::new(bytes.from(repair), Default::default());
    guard(|| {
        readers
            .probe(
                &Hint::new(),
                stream,
                FormatOptions::default(),
                MetadataOptions::default(),
            )
            .map_err(|e: SymphoniaError| Error::UnknownFormat { reason: in_words(&e) })
    })?
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn zeros_are_passed_over_as_far_as_the_bound() {
        let of = |n: usize, sound: &[u8], base: u64| {
            let x = [&vec![0; n], sound].concat();
            behind_zeros(&Bytes::new(Box::new(std::io::Cursor::new(x))), base).unwrap()
        };
        for n in [0, 1, 511, 512, 65_535, 65_536, 3_000_000, MAX_ZEROS as usize - 1] {
            assert_eq!(of(n, b"sound", 0), n as u64, "{n}");
            assert_eq!(of(n, b"\0\0\x01\0ftypM4A ", 0), n as u64, "{n}");
        }
        assert_eq!(of(MAX_ZEROS as usize + 65_536, b"sound", 0), 0);
        assert_eq!((of(7, b"sound", 7), of(7, b"sound", 3), of(7, b"", 0)), (7, 7, 0));
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
