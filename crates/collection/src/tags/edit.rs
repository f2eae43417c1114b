//! The genre in the tags of a file in memory. Reading and writing of tags is lofty's; what may be trusted is checked here.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::{Context, Error, Result, refuse};
use lofty::config::{ParseOptions, WriteOptions};
use lofty::file::{FileType, TaggedFile, TaggedFileExt};
use lofty::id3::v2::Id3v2Tag;
use lofty::mp4::Ilst;
use lofty::ogg::tag::VorbisComments;
use lofty::picture::Picture;
use lofty::probe::Probe;
use lofty::tag::{ItemKey, Tag, TagExt, TagType};

/// What kinds of files have tags that are written.
const KINDS: &str = "MP3, FLAC, Ogg Vorbis, Opus, M4A, WAV, AIFF and AAC files";

/// The genre that a file's tags tell, if any does: the tag that is usual for the format first.
///
/// # Errors
/// The file is of a kind without tags, or its tags cannot be read.
pub(super) fn genre(bytes: &[u8]) -> Result<Option<String>> {
    let file = read(bytes)?;
    let primary = file.primary_tag_type();
    let usual = file.tags().iter().filter(|tag| tag.tag_type() == primary);
    let others = file.tags().iter().filter(|tag| tag.tag_type() != primary);
    Ok(usual.chain(others).find_map(genre_of))
}

/// The file with another genre: in the tag that is usual for the format, and in every other that tells one.
///
/// # Errors
/// As [`genre`]; or the tags cannot be written, or something else in them would change.
pub(super) fn with_genre(bytes: &[u8], genre: &str) -> Result<Vec<u8>> {
    let mut file = read(bytes)?;
    let old = file.tags().to_vec();
    let usual = usual_tags(&file);
    for kind in usual {
        if file.tag(*kind).is_none() {
            file.insert_tag(Tag::new(*kind));
        }
    }
    let mut options = WriteOptions::new();
    // ID3v2.2 cannot be written; 2.3 is what its readers are likeliest to know.
    if let [b'I', b'D', b'3', 2 | 3, ..] = bytes {
        options = options.use_id3v23(true);
    }
    let support = |kind: TagType| file.tag_support(kind).is_writable();
    let to_write: Vec<Tag> = file
        .tags()
        .iter()
        .filter(|tag| usual.contains(&tag.tag_type()) || (support(tag.tag_type()) && genre_of(tag).is_some()))
        .cloned()
        .collect();
    let mut changed = Cursor::new(bytes.to_vec());
    for mut tag in to_write {
        tag.remove_key(ItemKey::Genre);
        tag.insert_text(ItemKey::Genre, genre.to_owned());
        changed.set_position(0);
        guarded(|| tag.save_to(&mut changed, options).map_err(of_library))
            .context("the tag cannot be written")?;
    }
    let changed = changed.into_inner();
    check(&old, &changed, genre)?;
    Ok(changed)
}

/// The tags that a file's genre is looked for in by others. Few programs read both of a WAV file's.
fn usual_tags(file: &TaggedFile) -> &'static [TagType] {
    match (file.file_type(), file.primary_tag_type()) {
        (FileType::Wav, _) => &[TagType::Id3v2, TagType::RiffInfo],
        (_, TagType::VorbisComments) => &[TagType::VorbisComments],
        (_, TagType::Mp4Ilst) => &[TagType::Mp4Ilst],
        _ => &[TagType::Id3v2],
    }
}

/// Everything but the genre must be in the new tags as it was in the old ones.
fn check(old: &[Tag], changed: &[u8], genre: &str) -> Result<()> {
    let new = read(changed).context("the tag could not be read back")?;
    let tells = |kind: &TagType| new.tag(*kind).and_then(genre_of).as_deref() == Some(genre);
    if !usual_tags(&new).iter().all(tells) {
        refuse!(
            Tag,
            "the tag does not read back as it was written, so the file stays as it is"
        );
    }
    for before in old {
        let after = new.tag(before.tag_type());
        let is_empty =
            before.items().all(|item| item.key() == ItemKey::Genre) && before.pictures().is_empty();
        let same = match after {
            Some(after) => {
                contents(before) == contents(after)
                    && pictures(before) == pictures(after)
                    && parts(before) == parts(after)
            }
            None => is_empty,
        };
        if !same {
            refuse!(
                Tag,
                "another part of the tag would change with the genre, so the file stays as it is"
            );
        }
    }
    Ok(())
}

fn genre_of(tag: &Tag) -> Option<String> {
    let genre = tag.get_string(ItemKey::Genre)?.trim();
    (!genre.is_empty()).then(|| genre.to_owned())
}

/// What a tag says besides the genre, in an order that is its own.
fn contents(tag: &Tag) -> Vec<String> {
    let mut all: Vec<String> = tag
        .items()
        .filter(|item| item.key() != ItemKey::Genre)
        .map(|item| {
            format!(
                "{:?} {:?} {} {:?}",
                item.key(),
                item.lang(),
                item.description(),
                item.value()
            )
        })
        .collect();
    all.sort_unstable();
    all
}

/// Names of a tag's parts besides the genre, those included that only its own format knows.
fn parts(tag: &Tag) -> Vec<String> {
    let kind = tag.tag_type();
    let mut tag = tag.clone();
    tag.remove_key(ItemKey::Genre);
    let mut all: Vec<String> = match kind {
        TagType::Id3v2 => Id3v2Tag::from(tag)
            .into_iter()
            .map(|frame| frame.id_str().to_owned())
            .collect(),
        TagType::Mp4Ilst => Ilst::from(tag)
            .into_iter()
            .map(|atom| format!("{:?}", atom.ident()))
            .collect(),
        TagType::VorbisComments => {
            let comments = VorbisComments::from(tag);
            let mut all: Vec<String> = comments
                .items()
                .map(|(key, value)| format!("{}={value}", key.to_ascii_uppercase()))
                .collect();
            all.push(comments.vendor().to_owned());
            all
        }
        _ => Vec::new(),
    };
    all.sort_unstable();
    all
}

fn pictures(tag: &Tag) -> Vec<(&[u8], String)> {
    tag.pictures()
        .iter()
        .map(|picture: &Picture| (picture.data(), format!("{:?}", picture.pic_type())))
        .collect()
}

fn read(bytes: &[u8]) -> Result<TaggedFile> {
    check_tag_size(bytes)?;
    let options = ParseOptions::new().read_properties(false);
    guarded(|| {
        let probe = Probe::new(Cursor::new(bytes))
            .options(options)
            .guess_file_type()
            .map_err(of_library)?;
        match probe.file_type() {
            Some(kind) if is(kind, bytes) => probe
                .read()
                .map_err(of_library)
                .context("its tags cannot be read"),
            _ => refuse!(Tag, "tags are written into {KINDS}, and this is none"),
        }
    })
}

/// Whether a file begins like one of the kind. lofty looks for MPEG frames behind anything.
fn is(kind: FileType, bytes: &[u8]) -> bool {
    let begins = |at: usize, with: &[u8]| bytes.get(at..).is_some_and(|rest| rest.starts_with(with));
    match kind {
        FileType::Mpeg | FileType::Aac => {
            begins(0, b"ID3") || matches!(bytes, [0xff, second, ..] if second & 0xe0 == 0xe0)
        }
        FileType::Flac => begins(0, b"fLaC") || begins(0, b"ID3"),
        FileType::Vorbis | FileType::Opus | FileType::Speex => begins(0, b"OggS"),
        FileType::Mp4 => begins(4, b"ftyp"),
        FileType::Wav => begins(0, b"RIFF") && begins(8, b"WAVE"),
        FileType::Aiff => begins(0, b"FORM") && (begins(8, b"AIFF") || begins(8, b"AIFC")),
        _ => false,
    }
}

/// A tag in front that says it is larger than the file.
fn check_tag_size(bytes: &[u8]) -> Result<()> {
    let [b'I', b'D', b'3', _, _, _, a, b, c, d, ..] = *bytes else {
        return Ok(());
    };
    let size = [a, b, c, d]
        .iter()
        .fold(0, |size, &byte| size * 128 + u64::from(byte & 0x7f))
        + 10;
    match size > bytes.len() as u64 {
        true => refuse!(
            Tag,
            "the ID3 tag in front says that it has {size} bytes, and the whole file has {}; a program for tags can repair it",
            bytes.len()
        ),
        false => Ok(()),
    }
}

fn of_library(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::TagLibrary(Box::new(error))
}

/// A panic of the library must not end the work on the other files.
fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result,
        Err(_) => refuse!(
            Tag,
            "the library that reads tags gave up on this file; it is likely damaged"
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
        let error = genre(&file).unwrap_err().to_string();
        assert!(error.contains("268435465 bytes"), "{error}");
        file[6..10].copy_from_slice(&[0, 0, 1, 0]);
        check_tag_size(&file).unwrap();
    }

    #[test]
    fn other_kinds_of_files_are_not_taken_for_mpeg() {
        let mut matroska = b"\x1a\x45\xdf\xa3 and then something like a frame: \xff\xfb\x90\x00".to_vec();
        matroska.resize(4000, 0);
        for file in [&matroska[..], b"caff\0\x01\0\0", b"", b"plain text"] {
            let error = genre(file).unwrap_err().to_string();
            assert!(error.contains("this is none"), "{error}");
        }
    }
}
