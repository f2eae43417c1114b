//! A file taken apart: what its tags tell as genre, and every other part, to hold two states of it against each other.

use std::borrow::Cow;

use crate::error::{Result, refuse};

use super::edit::Edit;

/// The most parts (frames, comments, boxes, chunks) that a tag is taken apart into; more are refused.
pub(super) const MAX_PARTS: usize = 1 << 16;

/// A file in parts.
#[derive(Debug, Default)]
pub(super) struct Anatomy<'a> {
    /// What each tag tells, the one that is usual for the format first.
    pub(super) genres: Vec<Vec<String>>,
    /// Everything else in the order of the file, but padding, and numbers that follow from sizes.
    pub(super) rest: Vec<Part<'a>>,
}

/// A part of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part<'a> {
    /// As a message names it: "the frame `TIT2`".
    pub(super) name: Cow<'static, str>,
    pub(super) bytes: Cow<'a, [u8]>,
}

/// How a genre gets into a file.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) edits: Vec<Edit>,
    /// Names of parts that are new with the genre: what a tag needs where there was none.
    pub(super) added: Vec<Cow<'static, str>>,
}

impl<'a> Anatomy<'a> {
    pub(super) fn part(&mut self, name: impl Into<Cow<'static, str>>, bytes: impl Into<Cow<'a, [u8]>>) {
        let (name, bytes) = (name.into(), bytes.into());
        self.rest.push(Part { name, bytes });
    }

    /// A part that is left out where it is empty.
    pub(super) fn part_if_any(&mut self, name: &'static str, bytes: &'a [u8]) {
        if !bytes.is_empty() {
            self.part(name, bytes);
        }
    }
}

/// Whether a tag has to be changed to tell a genre: it tells others, and not this one.
pub(super) fn tells_another(genres: &[String], genre: &str) -> bool {
    !genres.is_empty() && !tells(genres, genre)
}

/// Whether a genre is among others; large and small letters make no other genre.
pub(super) fn tells(genres: &[String], genre: &str) -> bool {
    genres.iter().any(|told| told.eq_ignore_ascii_case(genre))
}

/// Holds the file with the genre against the one before: the genre is told, by every tag that tells any, and every other part
/// is as it was, byte for byte, in its old order.
///
/// # Errors
/// The message names the part.
pub(super) fn check(
    old: &Anatomy<'_>,
    new: &Anatomy<'_>,
    genre: &str,
    added: &[Cow<'static, str>],
) -> Result<()> {
    let told = new.genres.iter().any(|genres| tells(genres, genre));
    if !told || new.genres.iter().any(|genres| tells_another(genres, genre)) {
        refuse!(
            Tag,
            "the genre `{genre}` does not read back as it was written, so the file stays as it is"
        );
    }
    let mut before = old.rest.iter().peekable();
    let mut added = added.to_vec();
    for part in &new.rest {
        if before.next_if(|old| *old == part).is_some() {
            continue;
        }
        match added.iter().position(|name| *name == part.name) {
            Some(at) => drop(added.swap_remove(at)),
            None => {
                let name = before.peek().map_or(&part.name, |old| &old.name);
                refuse!(
                    Tag,
                    "{name} would change with the genre, so the file stays as it is"
                )
            }
        }
    }
    match before.next() {
        Some(lost) => refuse!(
            Tag,
            "{} would be lost with the genre, so the file stays as it is",
            lost.name
        ),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn file(genres: &[&str], parts: &[(&'static str, &'static [u8])]) -> Anatomy<'static> {
        let mut out = Anatomy::default();
        out.genres.push(genres.iter().map(|&g| g.to_owned()).collect());
        for (name, bytes) in parts {
            out.part(*name, *bytes);
        }
        out
    }

    #[test]
    fn the_part_that_would_change_is_named() {
        let old = file(&[], &[("the frame `TIT2`", b"a"), ("the audio", b"b")]);
        let said = |new: &Anatomy<'_>, added: &[Cow<'static, str>]| match check(&old, new, "Rock", added) {
            Ok(()) => "fine".to_owned(),
            Err(error) => error.to_string(),
        };
        let same = file(&["Rock"], &[("the frame `TIT2`", b"a"), ("the audio", b"b")]);
        assert_eq!(said(&same, &[]), "fine");
        let other = file(&["Rock"], &[("the frame `TIT2`", b"x"), ("the audio", b"b")]);
        assert!(said(&other, &[]).starts_with("the frame `TIT2` would change"));
        let lost = file(&["Rock"], &[("the frame `TIT2`", b"a")]);
        assert!(said(&lost, &[]).starts_with("the audio would be lost"));
        let swapped = file(&["Rock"], &[("the audio", b"b"), ("the frame `TIT2`", b"a")]);
        assert!(said(&swapped, &[]).contains("would change"));
        let more = file(
            &["Rock"],
            &[
                ("the head", b"h"),
                ("the frame `TIT2`", b"a"),
                ("the audio", b"b"),
            ],
        );
        assert!(said(&more, &[]).contains("would change"));
        assert_eq!(said(&more, &["the head".into()]), "fine");
        assert!(said(&file(&["Pop"], &[]), &[]).contains("`Rock` does not read back"));
    }
}
