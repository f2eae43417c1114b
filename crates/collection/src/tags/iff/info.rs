//! The list `INFO` of WAV files: texts in chunks, the genre in `IGNR`.

use crate::error::Result;
use crate::tags::anatomy::Anatomy;
use crate::tags::edit::{Edit, growth};
use crate::tags::id3::{names, text};

use super::chunks::{Chunk, Chunks, Order};

const GENRE: &[u8; 4] = b"IGNR";

/// A list of texts.
#[derive(Debug)]
pub(super) struct Info<'a> {
    bytes: &'a [u8],
    chunk: Chunk,
    inside: Chunks,
}

impl<'a> Info<'a> {
    /// The list in a chunk, if it is one of texts.
    pub(super) fn parse(bytes: &'a [u8], chunk: &Chunk) -> Result<Option<Self>> {
        let content = chunk.content.clone();
        if &chunk.id != b"LIST" || !bytes[content.clone()].starts_with(b"INFO") {
            return Ok(None);
        }
        // Nothing behind the list is read.
        let inside = Chunks::find(
            &bytes[..content.end],
            content.start + 4..content.end,
            Order::Little,
            None,
        )?;
        let chunk = chunk.clone();
        Ok(Some(Self { bytes, chunk, inside }))
    }

    /// A list with nothing but a genre.
    pub(super) fn new_list(genre: &str) -> Vec<u8> {
        let genre = Order::Little.chunk(GENRE, &text_of(genre));
        Order::Little.chunk(b"LIST", &[b"INFO", &genre[..]].concat())
    }

    /// Whether it says what the piece is called, or whose it is.
    pub(super) fn says_what(&self) -> bool {
        self.inside.named(&[b"INAM", b"IART", b"IPRD"]).next().is_some()
    }

    pub(super) fn genres(&self) -> Vec<String> {
        let mut out = Vec::new();
        for chunk in self.inside.named(&[GENRE]) {
            let value = &self.bytes[chunk.content.clone()];
            let value = std::str::from_utf8(value).map_or_else(|_| text::latin1(value), str::to_owned);
            value.split('\0').for_each(|genre| names::push(genre, &mut out));
        }
        out
    }

    /// Everything but the genre.
    pub(super) fn parts(&self, out: &mut Anatomy<'a>) {
        for chunk in self.inside.all.iter().filter(|chunk| &chunk.id != GENRE) {
            out.part(
                format!("the text `{}`", chunk.name()),
                &self.bytes[chunk.content.clone()],
            );
        }
        out.part_if_any(
            "what follows the list INFO",
            &self.bytes[self.inside.end..self.chunk.content.end],
        );
    }

    /// What makes the list tell this genre and no other.
    pub(super) fn edits(&self, genre: &str) -> Result<Vec<Edit>> {
        let new = Order::Little.chunk(GENRE, &text_of(genre));
        let mut old = self.inside.named(&[GENRE]);
        let mut edits = vec![match (old.next(), self.inside.is_whole) {
            (Some(chunk), _) => Edit::new(chunk.start..chunk.end(), new),
            (None, true) => {
                let (at, filling) = self.inside.place()?;
                Edit::new(at..at, [filling, &new].concat())
            }
            (None, false) => {
                let first = self.chunk.content.start + 4;
                Edit::new(first..first, new)
            }
        }];
        edits.extend(old.map(|chunk| Edit::new(chunk.start..chunk.end(), [])));
        edits.extend(self.chunk.resized(growth(&edits), Order::Little)?);
        Ok(edits)
    }
}

/// Texts end with a zero.
fn text_of(genre: &str) -> Vec<u8> {
    [genre.as_bytes(), &[0]].concat()
}
