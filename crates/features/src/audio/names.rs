//! Formats by their first bytes: those that are decoded, for messages on damage, and those that are not.

use symphonia::core::codecs::audio::AudioCodecId;
use symphonia::core::codecs::audio::well_known::{
    CODEC_ID_AC3, CODEC_ID_AC4, CODEC_ID_ATRAC1, CODEC_ID_ATRAC3, CODEC_ID_ATRAC3PLUS, CODEC_ID_ATRAC9,
    CODEC_ID_DCA, CODEC_ID_EAC3, CODEC_ID_MONKEYS_AUDIO, CODEC_ID_MUSEPACK, CODEC_ID_SPEEX, CODEC_ID_TRUEHD,
    CODEC_ID_TTA, CODEC_ID_WAVPACK, CODEC_ID_WMA,
};
use symphonia::core::errors::Error as SymphoniaError;

/// Containers that are read, by their first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// RIFF, RF64 or BW64, of whatever kind.
    Wave,
    /// IFF, of whatever kind.
    Aiff,
    /// FLAC outside of Ogg.
    Flac,
    Caf,
    Mp4,
    Matroska,
    Ogg,
}

impl Form {
    /// Bytes that tell.
    pub(crate) const N_HEAD: usize = 12;

    /// The container that begins with `head`.
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        let at = |start: usize, magic: &[u8]| head.get(start..start + magic.len()) == Some(magic);
        Some(match () {
            () if at(0, b"RIFF") || at(0, b"RF64") || at(0, b"BW64") => Self::Wave,
            () if at(0, b"FORM") => Self::Aiff,
            () if at(0, b"fLaC") => Self::Flac,
            () if at(0, b"caff") => Self::Caf,
            () if at(4, b"ftyp") => Self::Mp4,
            () if at(0, &[0x1a, 0x45, 0xdf, 0xa3]) => Self::Matroska,
            () if at(0, b"OggS") => Self::Ogg,
            () => return None,
        })
    }
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

/// The name of a codec that has no decoder here, where its container is one that is read.
pub(crate) fn codec_not_decoded(id: AudioCodecId) -> Option<&'static str> {
    Some(match id {
        CODEC_ID_AC3 => "AC-3",
        CODEC_ID_EAC3 => "Enhanced AC-3",
        CODEC_ID_AC4 => "AC-4",
        CODEC_ID_DCA => "DTS",
        CODEC_ID_TRUEHD => "TrueHD",
        CODEC_ID_ATRAC1 | CODEC_ID_ATRAC3 | CODEC_ID_ATRAC3PLUS | CODEC_ID_ATRAC9 => "ATRAC",
        CODEC_ID_WMA => "Windows Media Audio",
        CODEC_ID_WAVPACK => "WavPack",
        CODEC_ID_MONKEYS_AUDIO => "Monkey's Audio",
        CODEC_ID_MUSEPACK => "Musepack",
        CODEC_ID_TTA => "True Audio",
        CODEC_ID_SPEEX => "Speex",
        _ => return None,
    })
}

/// Formats that damage is told of, with their articles.
pub(crate) const FORMATS: [&str; 8] = [
    "an Ogg stream",
    "a FLAC file",
    "a WAV file",
    "an AIFF file",
    "a CAF file",
    "an M4A or MP4 file",
    "a Matroska file",
    "a file with an ID3 tag, as of MP3",
];

/// The format, with its article, whose files begin with `head`.
pub(crate) fn known(head: &[u8]) -> Option<&'static str> {
    let at = |start: usize, magic: &[u8]| head.get(start..start + magic.len()) == Some(magic);
    Some(match () {
        () if at(0, b"OggS") => "an Ogg stream",
        () if at(0, b"fLaC") => "a FLAC file",
        () if (at(0, b"RIFF") || at(0, b"RF64") || at(0, b"BW64")) && at(8, b"WAVE") => "a WAV file",
        () if at(0, b"FORM") && (at(8, b"AIFF") || at(8, b"AIFC")) => "an AIFF file",
        () if at(0, b"caff") => "a CAF file",
        () if at(4, b"ftyp") => "an M4A or MP4 file",
        () if at(0, &[0x1a, 0x45, 0xdf, 0xa3]) => "a Matroska file",
        () if at(0, b"ID3") => "a file with an ID3 tag, as of MP3",
        () => return None,
    })
}

/// The name of a format that has no decoder here, of a file that begins with `head`.
pub(crate) fn not_decoded(head: &[u8]) -> Option<&'static str> {
    let at = |start: usize, magic: &[u8]| head.get(start..start + magic.len()) == Some(magic);
    // The first packet of an Ogg stream.
    let in_ogg = |magic: &[u8]| {
        let table = head.get(26).filter(|_| at(0, b"OggS"));
        table.is_some_and(|n| at(27 + usize::from(*n), magic))
    };
    Some(match () {
        () if in_ogg(b"Speex   ") => "Speex",
        () if in_ogg(b"\x80theora") => "Theora (video)",
        () if in_ogg(b"PCM     ") => "PCM in Ogg",
        () if at(0, b"RIFX") => "big-endian WAV (RIFX)",
        () if at(0, b"riff\x2e\x91\xcf\x11") => "Sony Wave64",
        () if at(0, b".snd") => "AU",
        () if at(0, b"wvpk") => "WavPack",
        () if at(0, b"MAC ") => "Monkey's Audio",
        () if at(0, b"MPCK") || at(0, b"MP+") => "Musepack",
        () if at(0, b"TTA1") => "True Audio",
        () if at(0, b"DSD ") || (at(0, b"FRM8") && at(12, b"DSD ")) => "DSD",
        () if at(0, b"#!AMR") => "AMR",
        () if at(0, b"MThd") => "MIDI",
        () if at(0, &[0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11]) => "Windows Media (ASF)",
        () if at(0, b"RIFF") && at(8, b"AVI ") => "AVI (video)",
        () if at(0, b"FORM") && at(8, b"8SVX") => "IFF 8SVX",
        () if at(0, b"Creative Voice") => "Creative Voice",
        () if at(0, &[0x0b, 0x77]) => "AC-3",
        () => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codecs_without_a_decoder_have_names() {
        use symphonia::core::codecs::audio::well_known::CODEC_ID_MP3;
        assert_eq!(codec_not_decoded(CODEC_ID_EAC3), Some("Enhanced AC-3"));
        assert_eq!(codec_not_decoded(CODEC_ID_MP3), None);
    }

    #[test]
    fn first_bytes_tell_the_container() {
        assert_eq!(Form::of(b"RIFF\0\0\0\0AVI "), Some(Form::Wave));
        assert_eq!(Form::of(b"\0\0\0\x20ftypM4A "), Some(Form::Mp4));
        assert_eq!(Form::of(b"\xff\xfb\x90\x64"), None);
        assert_eq!(Form::of(b""), None);
    }

    #[test]
    fn every_format_that_is_told_is_in_the_list() {
        let heads: [&[u8]; 8] = [
            b"OggS",
            b"fLaC",
            b"RIFF\0\0\0\0WAVE",
            b"FORM\0\0\0\0AIFC",
            b"caff",
            b"\0\0\0\0ftyp",
            b"\x1a\x45\xdf\xa3",
            b"ID3",
        ];
        assert_eq!(heads.map(|head| known(head).unwrap_or_default()), FORMATS);
    }

    #[test]
    fn first_bytes_tell_the_format() {
        assert_eq!(known(b"RF64\xff\xff\xff\xffWAVEds64"), Some("a WAV file"));
        assert_eq!(known(b"RIFF\0\0\0\0AVI "), None);
        assert_eq!(not_decoded(b"RIFF\0\0\0\0AVI "), Some("AVI (video)"));
        let mut page = b"OggS".to_vec();
        page.resize(26, 0);
        page.extend([1, 80]);
        page.extend(b"Speex   1.2");
        assert_eq!(
            (known(&page), not_decoded(&page)),
            (Some("an Ogg stream"), Some("Speex"))
        );
        for head in [b"".as_slice(), b"OggS", b"fLaC", b"ID3"] {
            assert_eq!(not_decoded(head), None);
        }
    }
}
