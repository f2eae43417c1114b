//! What kind of file it is, and with that how its tags are read and written.

use crate::error::{Result, refuse};

use super::anatomy::{self, Anatomy, Plan};
use super::around::front_end;
use super::{edit, flac, iff, mp4, mpeg, ogg};

/// Kinds of files whose tags are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Mpeg,
    Flac,
    Ogg,
    Mp4,
    Iff,
}

/// The genres that a file's tags tell: those of the first tag that tells any, the one that is usual for the format first.
///
/// # Errors
/// The file is of a kind without tags, or its tags cannot be read.
pub(super) fn genres(bytes: &[u8]) -> Result<Vec<String>> {
    let found = anatomy_of(bytes)?.genres;
    Ok(found
        .into_iter()
        .find(|genres| !genres.is_empty())
        .unwrap_or_default())
}

/// Whether every tag that tells genres tells this one, and one does.
///
/// # Errors
/// As [`genres`].
pub(super) fn tells(bytes: &[u8], genre: &str) -> Result<bool> {
    let found = anatomy_of(bytes)?.genres;
    let any = found.iter().any(|genres| anatomy::tells(genres, genre));
    Ok(any && !found.iter().any(|genres| anatomy::tells_another(genres, genre)))
}

/// The file with another genre: in the tag that is usual for the format, and in every other that tells one. All else is held
/// against the file as it was.
///
/// # Errors
/// As [`genres`]; or the tags cannot be written, or something else in them would change.
pub(super) fn with_genre(bytes: &[u8], genre: &str) -> Result<Vec<u8>> {
    let Plan { edits, added } = match kind(bytes)? {
        Kind::Mpeg => mpeg::plan(bytes, genre),
        Kind::Flac => flac::plan(bytes, genre),
        Kind::Ogg => ogg::plan(bytes, genre),
        Kind::Mp4 => mp4::plan(bytes, genre),
        Kind::Iff => iff::plan(bytes, genre),
    }?;
    let changed = edit::apply(bytes, edits)?;
    anatomy::check(&anatomy_of(bytes)?, &anatomy_of(&changed)?, genre, &added)?;
    Ok(changed)
}

fn anatomy_of(bytes: &[u8]) -> Result<Anatomy<'_>> {
    match kind(bytes)? {
        Kind::Mpeg => mpeg::anatomy(bytes),
        Kind::Flac => flac::anatomy(bytes),
        Kind::Ogg => ogg::anatomy(bytes),
        Kind::Mp4 => mp4::anatomy(bytes),
        Kind::Iff => iff::anatomy(bytes),
    }
}

fn kind(bytes: &[u8]) -> Result<Kind> {
    let start = front_end(bytes);
    let stream = bytes.get(start..).unwrap_or_default();
    let found = match stream {
        [b'f', b'L', b'a', b'C', ..] => Some(Kind::Flac),
        [b'O', b'g', b'g', b'S', ..] => Some(Kind::Ogg),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some(Kind::Mp4),
        _ if iff::is_one(stream) => Some(Kind::Iff),
        _ if start > 0 => Some(Kind::Mpeg),
        // Some encoders begin with zeros.
        _ => {
            let first = stream.iter().position(|&byte| byte != 0).unwrap_or(0);
            let is_frame = matches!(stream[first..], [0xff, second, ..] if second & 0xe0 == 0xe0);
            is_frame.then_some(Kind::Mpeg)
        }
    };
    match found {
        Some(kind @ (Kind::Mpeg | Kind::Flac)) => Ok(kind),
        Some(kind) if start == 0 => Ok(kind),
        Some(_) => refuse!(
            Tag,
            "an ID3 tag stands in front of a file of another kind; a program for tags can repair it"
        ),
        None => refuse!(
            Tag,
            "tags are written into MP3, FLAC, Ogg, MP4, WAV, AIFF and AAC files, and this is none"
        ),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_tag_larger_than_its_file_is_told() {
        let mut file = b"ID3\x04\0\0\x7f\x7f\x7f\x7f".to_vec();
        file.resize(4000, 0);
        let error = genres(&file).unwrap_err().to_string();
        assert!(error.contains("268435465 bytes"), "{error}");
        file[6..10].copy_from_slice(&[0, 0, 1, 0]);
        assert!(genres(&file).unwrap().is_empty());
    }

    #[test]
    fn other_kinds_of_files_are_not_taken_for_mpeg() {
        let mut matroska = b"\x1a\x45\xdf\xa3 and then something like a frame: \xff\xfb\x90\x00".to_vec();
        matroska.resize(4000, 0);
        for file in [&matroska[..], b"caff\0\x01\0\0", b"", b"\0\0\0", b"plain text"] {
            let error = genres(file).unwrap_err().to_string();
            assert!(error.contains("this is none"), "{error}");
        }
        let riff = b"ID3\x03\0\0\0\0\0\0RIFF\0\0\0\0WAVE";
        assert!(genres(riff).unwrap_err().to_string().contains("of another kind"));
    }
}
