//! Vorbis comments: `NAME=value` behind each other, in FLAC's block and in the second packet of Ogg streams.
//!
//! Source: xiph.org, "Ogg Vorbis I format specification: comment field and header specification".

use std::ops::Range;

use crate::error::{Result, refuse};

use super::anatomy::{Anatomy, MAX_PARTS};
use super::edit::Edit;
use super::id3::names;

const GENRE: &[u8] = b"GENRE=";

/// A list of comments.
#[derive(Debug)]
pub(super) struct Comments<'a> {
    bytes: &'a [u8],
    /// Where the list begins, with its vendor.
    start: usize,
    /// Where the number of comments stands.
    count: usize,
    /// Each with the four bytes of its length.
    comments: Vec<Range<usize>>,
    /// Where the list ends.
    pub(super) end: usize,
}

impl<'a> Comments<'a> {
    /// Takes apart the list that `bytes` begin with from `start` on; places are those in `bytes`.
    ///
    /// # Errors
    /// A length leads outside.
    pub(super) fn parse(bytes: &'a [u8], start: usize) -> Result<Self> {
        let Some(count) = end_of(bytes, start).filter(|&at| number(bytes, at).is_some()) else {
            refuse!(Tag, "the Vorbis comments are cut short at their vendor");
        };
        let n = number(bytes, count).unwrap_or(0);
        if n > MAX_PARTS {
            refuse!(
                Tag,
                "the Vorbis comments say that they are {n}; more than {MAX_PARTS} are not read"
            );
        }
        let (mut comments, mut at) = (Vec::new(), count + 4);
        for i in 0..n {
            let Some(end) = end_of(bytes, at) else {
                refuse!(
                    Tag,
                    "the Vorbis comments say that they are {n}, but end in number {}",
                    i + 1
                );
            };
            comments.push(at..end);
            at = end;
        }
        Ok(Self {
            bytes,
            start,
            count,
            comments,
            end: at,
        })
    }

    /// The list of a file without one.
    pub(super) fn new_list(genre: &str) -> Vec<u8> {
        const VENDOR: &[u8] = b"cratedigger";
        let count = 1_u32.to_le_bytes();
        [
            &(VENDOR.len() as u32).to_le_bytes()[..],
            VENDOR,
            &count,
            &comment(GENRE, genre),
        ]
        .concat()
    }

    /// Whether they say what the piece is called, or whose it is.
    pub(super) fn say_what(&self) -> bool {
        self.comments.iter().any(|at| {
            let name = self.bytes[at.start + 4..at.end]
                .split(|&byte| byte == b'=')
                .next();
            name.is_some_and(|name| {
                let telling: [&[u8]; 3] = [b"TITLE", b"ARTIST", b"ALBUM"];
                telling.iter().any(|known| known.eq_ignore_ascii_case(name))
            })
        })
    }

    pub(super) fn genres(&self) -> Vec<String> {
        let mut out = Vec::new();
        for at in self.genre_comments() {
            let value = &self.bytes[at.start + 4 + GENRE.len()..at.end];
            names::push(&String::from_utf8_lossy(value), &mut out);
        }
        out
    }

    /// Everything but the genre and the number of comments.
    pub(super) fn parts(&self, out: &mut Anatomy<'a>) {
        let vendor = &self.bytes[self.start..self.count];
        out.part("the vendor of the Vorbis comments", vendor);
        for at in self.comments.iter().filter(|at| !self.is_genre(at)) {
            let text = &self.bytes[at.start + 4..at.end];
            let name = text.split(|&byte| byte == b'=').next().unwrap_or_default();
            let name: String = String::from_utf8_lossy(name).chars().take(40).collect();
            out.part(format!("the comment `{name}`"), text);
        }
    }

    /// What makes the list tell this genre and no other.
    pub(super) fn edits(&self, genre: &str) -> Vec<Edit> {
        let mut old = self.genre_comments();
        let mut edits = vec![match old.next() {
            Some(at) => {
                // As the file spells it: `Genre=`, `genre=`.
                let name = &self.bytes[at.start + 4..at.start + 4 + GENRE.len()];
                Edit::new(at.clone(), comment(name, genre))
            }
            None => Edit::new(self.end..self.end, comment(GENRE, genre)),
        }];
        edits.extend(old.map(|at| Edit::new(at.clone(), [])));
        let n = self.comments.len() + 1 - self.genre_comments().count();
        if n != self.comments.len() {
            edits.push(Edit::new(self.count..self.count + 4, (n as u32).to_le_bytes()));
        }
        edits
    }

    fn genre_comments(&self) -> impl Iterator<Item = &Range<usize>> {
        self.comments.iter().filter(|at| self.is_genre(at))
    }

    fn is_genre(&self, at: &Range<usize>) -> bool {
        let name = self.bytes[at.start + 4..at.end].get(..GENRE.len());
        name.is_some_and(|name| name.eq_ignore_ascii_case(GENRE))
    }
}

fn comment(name: &[u8], genre: &str) -> Vec<u8> {
    let n = (name.len() + genre.len()) as u32;
    [&n.to_le_bytes()[..], name, genre.as_bytes()].concat()
}

/// Where the text ends whose length stands at `at`.
fn end_of(bytes: &[u8], at: usize) -> Option<usize> {
    let end = (at + 4).checked_add(number(bytes, at)?)?;
    (end <= bytes.len()).then_some(end)
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    usize::try_from(u32::from_le_bytes(*bytes.first_chunk()?)).ok()
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::edit::apply;
    use super::*;

    /// A list by a vendor.
    pub(in crate::tags) fn list(comments: &[&str]) -> Vec<u8> {
        let mut out = b"\x03\0\0\0abc".to_vec();
        out.extend_from_slice(&(comments.len() as u32).to_le_bytes());
        for text in comments {
            out.extend_from_slice(&comment(b"", text));
        }
        out
    }

    fn with(comments: &[&str], genre: &str) -> Vec<u8> {
        let bytes = [b"?", &list(comments)[..], b"tail"].concat();
        let found = Comments::parse(&bytes, 1).unwrap();
        assert_eq!(&bytes[found.end..], b"tail");
        apply(&bytes, found.edits(genre)).unwrap()
    }

    #[test]
    fn only_the_genre_comments_are_replaced() {
        let old = [
            "TITLE=a",
            "Genre=Jazz",
            "no equals",
            "genre=Funk",
            "GENRES=x",
            "EMPTY=",
        ];
        let new = ["TITLE=a", "Genre=Rock", "no equals", "GENRES=x", "EMPTY="];
        assert_eq!(with(&old, "Rock"), [b"?", &list(&new)[..], b"tail"].concat());
        assert_eq!(
            with(&["a=b"], "Rock"),
            [b"?", &list(&["a=b", "GENRE=Rock"])[..], b"tail"].concat()
        );
        let bytes = list(&old);
        assert_eq!(Comments::parse(&bytes, 0).unwrap().genres(), ["Jazz", "Funk"]);
        let new = Comments::new_list("Rock");
        assert_eq!(Comments::parse(&new, 0).unwrap().genres(), ["Rock"]);
    }

    #[test]
    fn lengths_that_lead_outside_are_told() {
        let bytes = list(&["TITLE=a", "GENRE=Jazz"]);
        for n in 0..bytes.len() {
            let error = Comments::parse(&bytes[..n], 0).unwrap_err().to_string();
            let words = if n < 11 {
                "their vendor"
            } else {
                "they are 2, but end in number"
            };
            assert!(error.contains(words), "{n}: {error}");
        }
        let mut many = bytes.clone();
        many[7..11].fill(0xff);
        assert!(
            Comments::parse(&many, 0)
                .unwrap_err()
                .to_string()
                .contains("4294967295")
        );
        let mut long = bytes;
        long[11..15].fill(0xff);
        assert!(Comments::parse(&long, 0).is_err());
    }
}
