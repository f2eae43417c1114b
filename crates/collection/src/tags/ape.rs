//! APE tags at the end of a file: items with a name and a value, and a footer that counts them.
//!
//! Source: the APE tag specification of Hydrogenaudio's wiki ("APEv2 specification").

use std::ops::Range;

use super::anatomy::{Anatomy, MAX_PARTS};
use super::edit::{Edit, growth};
use super::id3::{names, text};

/// Bytes of the header and of the footer.
const FOOTER: usize = 32;

const MAGIC: &[u8] = b"APETAGEX";

/// A tag: items between an optional header and a footer.
#[derive(Debug)]
pub(super) struct Ape<'a> {
    bytes: &'a [u8],
    /// Where it begins and ends in the file.
    pub(super) at: Range<usize>,
    has_header: bool,
    items: Vec<Item>,
}

#[derive(Debug)]
struct Item {
    at: Range<usize>,
    key: Range<usize>,
    value: Range<usize>,
}

impl<'a> Ape<'a> {
    /// The tag that these bytes end with; none where its items do not add up.
    pub(super) fn at_end_of(bytes: &'a [u8]) -> Option<Self> {
        let footer = bytes.len().checked_sub(FOOTER)?;
        if !bytes[footer..].starts_with(MAGIC) {
            return None;
        }
        let size = number(bytes, footer + 12)? as usize;
        let count = number(bytes, footer + 16)? as usize;
        let first = bytes.len().checked_sub(size)?;
        if size < FOOTER || count > MAX_PARTS {
            return None;
        }
        let header = first.checked_sub(FOOTER);
        let has_header = header.is_some_and(|at| bytes[at..].starts_with(MAGIC));
        let start = header.filter(|_| has_header).unwrap_or(first);
        let (mut items, mut at) = (Vec::new(), first);
        for _ in 0..count {
            let key = at + 8;
            let n = bytes.get(key..footer)?.iter().position(|&byte| byte == 0)?;
            let value = key + n + 1;
            let end = value.checked_add(number(bytes, at)? as usize)?;
            if end > footer {
                return None;
            }
            items.push(Item {
                at: at..end,
                key: key..key + n,
                value: value..end,
            });
            at = end;
        }
        (at == footer).then_some(Self {
            bytes,
            at: start..bytes.len(),
            has_header,
            items,
        })
    }

    pub(super) fn genres(&self) -> Vec<String> {
        let mut out = Vec::new();
        for item in self.named("Genre") {
            let value = &self.bytes[item.value.clone()];
            let value = std::str::from_utf8(value).map_or_else(|_| text::latin1(value), str::to_owned);
            value.split('\0').for_each(|genre| names::push(genre, &mut out));
        }
        out
    }

    /// Everything but the genre and the sizes.
    pub(super) fn parts(&self, out: &mut Anatomy<'a>) {
        let footer = self.bytes.len() - FOOTER;
        for at in [self.at.start, footer] {
            if at == footer || self.has_header {
                out.part("the kind of the APE tag", &self.bytes[at + 8..at + 12]);
                out.part("the flags of the APE tag", &self.bytes[at + 20..at + 32]);
            }
        }
        for item in self.items.iter().filter(|item| !self.is(item, "Genre")) {
            let key = text::latin1(&self.bytes[item.key.clone()]);
            out.part(format!("the APE item `{key}`"), &self.bytes[item.at.clone()]);
        }
    }

    /// What makes the tag tell this genre and no other; places are those of the file.
    pub(super) fn edits(&self, genre: &str) -> Vec<Edit> {
        let footer = self.bytes.len() - FOOTER;
        let size = (genre.len() as u32).to_le_bytes();
        let mut old = self.named("Genre");
        let mut edits = match old.next() {
            Some(item) => vec![
                Edit::new(item.at.start..item.at.start + 4, size),
                Edit::new(item.value.clone(), genre),
            ],
            None => {
                let item = [&size[..], &[0; 4], b"Genre\0", genre.as_bytes()].concat();
                vec![Edit::new(footer..footer, item)]
            }
        };
        edits.extend(old.map(|item| Edit::new(item.at.clone(), [])));
        let n_left = self.items.iter().filter(|item| !self.is(item, "Genre")).count();
        let by = growth(&edits);
        for at in [self.at.start, footer] {
            if at == footer || self.has_header {
                let told = number(self.bytes, at + 12).unwrap_or(0);
                edits.push(Edit::new(
                    at + 12..at + 16,
                    ((i64::from(told) + by) as u32).to_le_bytes(),
                ));
                edits.push(Edit::new(at + 16..at + 20, (n_left as u32 + 1).to_le_bytes()));
            }
        }
        edits
    }

    fn named<'b>(&'b self, key: &'b str) -> impl Iterator<Item = &'b Item> {
        self.items.iter().filter(move |item| self.is(item, key))
    }

    fn is(&self, item: &Item, key: &str) -> bool {
        self.bytes[item.key.clone()].eq_ignore_ascii_case(key.as_bytes())
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(*bytes.first_chunk()?))
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::edit::apply;
    use super::*;

    /// A tag of version 2 with a header.
    pub(in crate::tags) fn tag(items: &[(&str, &[u8])]) -> Vec<u8> {
        let mut body = Vec::new();
        for (key, value) in items {
            body.extend_from_slice(&(value.len() as u32).to_le_bytes());
            body.extend_from_slice(&[0; 4]);
            body.extend_from_slice(key.as_bytes());
            body.push(0);
            body.extend_from_slice(value);
        }
        let end = |flags: u32| {
            let mut out = MAGIC.to_vec();
            for n in [2000, body.len() as u32 + 32, items.len() as u32, flags, 0, 0] {
                out.extend_from_slice(&n.to_le_bytes());
            }
            out
        };
        [end(0xa000_0000), body.clone(), end(0x8000_0000)].concat()
    }

    #[test]
    fn only_the_genre_item_is_replaced() {
        let items = [
            ("Artist", &b"A\0B"[..]),
            ("genre", b"Jazz\0Funk"),
            ("Cover", b"\xff\xd8"),
        ];
        let file = [b"audio", &tag(&items)[..]].concat();
        let ape = Ape::at_end_of(&file).unwrap();
        assert_eq!(
            (ape.at.start, ape.genres()),
            (5, vec!["Jazz".to_owned(), "Funk".to_owned()])
        );
        let new = apply(&file, ape.edits("Rock")).unwrap();
        let items = [items[0], ("genre", b"Rock"), items[2]];
        assert_eq!(new, [b"audio", &tag(&items)[..]].concat());
        let file = tag(&[items[0], items[2]]);
        let new = apply(&file, Ape::at_end_of(&file).unwrap().edits("Rock")).unwrap();
        assert_eq!(new, tag(&[items[0], items[2], ("Genre", b"Rock")]));
        let file = tag(&[items[1], items[0], items[1]]);
        let new = apply(&file, Ape::at_end_of(&file).unwrap().edits("Pop")).unwrap();
        assert_eq!(new, tag(&[("genre", b"Pop"), items[0]]));
    }

    #[test]
    fn sizes_that_do_not_add_up_are_no_tag() {
        let good = tag(&[("Artist", b"A"), ("Genre", b"Jazz")]);
        let footer = good.len() - FOOTER;
        assert!(Ape::at_end_of(&good).is_some() && Ape::at_end_of(&good[1..]).is_some());
        for at in (12..20).map(|k| footer + k).chain(32..36) {
            let mut bad = good.clone();
            bad[at] = bad[at].wrapping_add(1);
            assert!(Ape::at_end_of(&bad).is_none(), "byte {at}");
            bad[at] = 0xff;
            assert!(Ape::at_end_of(&bad).is_none(), "byte {at}");
        }
    }
}
