//! The genre in `moov.udta.meta.ilst`: the atom `©gen`, or `gnre` with a number of ID3v1's list.
//!
//! Bytes that the tag needs come from `free` boxes beside it where there are any with enough; else what follows `moov` moves, and
//! every table that names places in the file is changed with it.

use std::borrow::Cow;
use std::ops::Range;

use crate::error::{Result, refuse};
use crate::tags::anatomy::{Anatomy, Plan, tells_another};
use crate::tags::edit::{Edit, growth};
use crate::tags::id3::names;

use super::boxes::{Mp4Box, boxes, new_box};
use super::offsets::{Places, leaves, moved, place, places};

const GENRE: &[u8; 4] = b"\xa9gen";
const NUMBER: &[u8; 4] = b"gnre";

/// Where tags are in a file.
struct Tags {
    /// Boxes of the file itself.
    tops: Vec<Mp4Box>,
    /// Those that enclose each other, as far as they are there: `moov`, `udta`, `meta`, `ilst`.
    path: Vec<Mp4Box>,
    /// Boxes in each of them, and where the last one ends.
    inside: Vec<(Vec<Mp4Box>, usize)>,
}

pub(in crate::tags) fn anatomy(bytes: &[u8]) -> Result<Anatomy<'_>> {
    let tags = Tags::find(bytes)?;
    let mut out = Anatomy {
        genres: vec![tags.genres(bytes)],
        rest: Vec::new(),
    };
    let is_table = |kind: &[u8; 4]| matches!(kind, b"moov" | b"moof" | b"mfra");
    for top in tags.tops.iter().filter(|top| !top.is_free()) {
        if !is_table(&top.kind) {
            out.part(format!("the box `{}`", top.name()), &bytes[top.inside()]);
            continue;
        }
        for leaf in leaves(bytes, top)? {
            if tags.path.get(1) == Some(&leaf) {
                tags.parts(bytes, &mut out);
            } else if !leaf.is_free() {
                out.part(format!("the box `{}`", leaf.name()), tags.content(bytes, &leaf)?);
            }
        }
    }
    let end = tags.tops.last().map_or(0, |top| top.at.end);
    out.part_if_any("what follows the last box", &bytes[end..]);
    Ok(out)
}

pub(in crate::tags) fn plan(bytes: &[u8], genre: &str) -> Result<Plan> {
    let tags = Tags::find(bytes)?;
    let genres = tags.genres(bytes);
    if !genres.is_empty() && !tells_another(&genres, genre) {
        return Ok(Plan::default());
    }
    let mut plan = Plan::default();
    // What is made anew goes behind the boxes of the innermost one that is there.
    let (inner, end) = &tags.inside[tags.path.len() - 1];
    let text = [&[0, 0, 0, 1, 0, 0, 0, 0][..], genre.as_bytes()].concat();
    let mut new = new_box(GENRE, &new_box(b"data", &text));
    let mut old = inner.iter().filter(|atom| tags.path.len() == 4 && is_genre(atom));
    let first = old.next().map_or(*end..*end, |atom| atom.at.clone());
    for missing in tags.path.len()..4 {
        // From the inside: `ilst`, then the boxes around it.
        new = match 3 - (missing - tags.path.len()) {
            3 => new_box(b"ilst", &new),
            2 => {
                plan.added
                    .extend(["the version of the box `meta`".into(), "the box `hdlr`".into()]);
                let handler = [&[0; 8][..], b"mdirappl", &[0; 9]].concat();
                new_box(
                    b"meta",
                    &[&[0; 4], &new_box(b"hdlr", &handler)[..], &new].concat(),
                )
            }
            _ => new_box(b"udta", &new),
        };
    }
    let mut edits = vec![Edit::new(first, new)];
    edits.extend(old.map(|atom| Edit::new(atom.at.clone(), [])));
    tags.fit(bytes, &mut edits)?;
    plan.edits = edits;
    Ok(plan)
}

impl Tags {
    fn find(bytes: &[u8]) -> Result<Self> {
        let (tops, _) = boxes(bytes, 0..bytes.len(), true)?;
        let mut moovs = tops.iter().filter(|top| &top.kind == b"moov");
        let (Some(moov), None) = (moovs.next(), moovs.next()) else {
            refuse!(Tag, "the MP4 file has no box `moov`, or more than one");
        };
        let mut path = vec![moov.clone()];
        let mut inside = vec![boxes(bytes, moov.inside(), false)?];
        for kind in [b"udta", b"meta", b"ilst"] {
            let (inner, _) = &inside[inside.len() - 1];
            // Of several the one with tags in it.
            let of_kind = inner.iter().filter(|found| &found.kind == kind);
            let rich = of_kind
                .clone()
                .find(|found| contains(&bytes[found.inside()], b"ilst"));
            let Some(mut found) = rich.or_else(|| of_kind.clone().next()).cloned() else {
                break;
            };
            if kind == b"meta" && bytes.get(found.content + 4..found.content + 8) != Some(b"hdlr") {
                // Version and flags; QuickTime has none.
                if found.at.len() < 12 {
                    refuse!(Tag, "the box `meta` is too short");
                }
                found.content += 4;
            }
            let inner = boxes(bytes, found.inside(), false)?;
            if kind == b"meta" {
                check_handler(bytes, &inner.0)?;
            }
            inside.push(inner);
            path.push(found);
        }
        Ok(Self { tops, path, inside })
    }

    /// The atoms of `ilst`.
    fn atoms(&self) -> &[Mp4Box] {
        self.inside.get(3).map_or(&[], |(atoms, _)| atoms)
    }

    fn genres(&self, bytes: &[u8]) -> Vec<String> {
        let mut out = Vec::new();
        for atom in self.atoms().iter().filter(|atom| is_genre(atom)) {
            // An atom that is damaged inside tells nothing, and is replaced as a whole.
            for data in boxes(bytes, atom.inside(), false)
                .map(|found| found.0)
                .unwrap_or_default()
            {
                let Some((head, value)) = bytes[data.inside()].split_first_chunk::<8>() else {
                    continue;
                };
                match (&atom.kind, &data.kind) {
                    (GENRE, b"data") if head[3] == 2 => {
                        let units: Vec<u16> = value
                            .as_chunks()
                            .0
                            .iter()
                            .map(|&pair| u16::from_be_bytes(pair))
                            .collect();
                        names::push(&String::from_utf16_lossy(&units), &mut out);
                    }
                    (GENRE, b"data") => names::push(&String::from_utf8_lossy(value), &mut out),
                    (NUMBER, b"data") => {
                        let number = value.iter().fold(0_u64, |n, &byte| n << 8 | u64::from(byte));
                        let known = number
                            .checked_sub(1)
                            .and_then(|n| names::name(u8::try_from(n).ok()?));
                        names::push(known.unwrap_or_default(), &mut out);
                    }
                    _ => {}
                }
            }
        }
        out
    }

    /// Parts of `udta` and what is in it.
    fn parts<'a>(&self, bytes: &'a [u8], out: &mut Anatomy<'a>) {
        for (level, (inner, end)) in self.inside.iter().enumerate().skip(1) {
            let outer = &self.path[level];
            if level == 2 {
                let version = outer.at.start + 8..outer.content;
                out.part("the version of the box `meta`", &bytes[version]);
            }
            let next = self.path.get(level + 1).map(|next| &next.at);
            for found in inner
                .iter()
                .filter(|found| !found.is_free() && Some(&found.at) != next)
            {
                if level < 3 {
                    out.part(format!("the box `{}`", found.name()), &bytes[found.inside()]);
                } else if !is_genre(found) {
                    out.part(format!("the atom `{}`", found.name()), &bytes[found.inside()]);
                }
            }
            out.part_if_any("what follows the boxes of the tags", &bytes[*end..outer.at.end]);
        }
    }

    /// What is in a box; places in the file as the box that they are in and how far.
    fn content<'a>(&self, bytes: &'a [u8], leaf: &Mp4Box) -> Result<Cow<'a, [u8]>> {
        let content = &bytes[leaf.inside()];
        if &leaf.kind == b"saio" {
            return Ok(content.into());
        }
        let Places { at, width } = places(bytes, leaf)?;
        let (Some(first), Some(last)) = (at.first(), at.last()) else {
            return Ok(content.into());
        };
        let solid: Vec<&Mp4Box> = self.tops.iter().filter(|top| !top.is_free()).collect();
        let mut out = bytes[leaf.content..*first].to_vec();
        let next = at.iter().skip(1).copied().chain([last + width]);
        for (&at, next) in at.iter().zip(next) {
            let place = place(bytes, at, width);
            let k = solid.partition_point(|top| top.at.end as u64 <= place);
            let top = solid.get(k).or(solid.last());
            let start = top.map_or(0, |top| top.at.start as u64);
            out.extend_from_slice(&(k as u64).to_be_bytes());
            out.extend_from_slice(&place.wrapping_sub(start).to_be_bytes());
            out.extend_from_slice(&bytes[at + width..next]);
        }
        out.extend_from_slice(&bytes[last + width..leaf.at.end]);
        Ok(out.into())
    }

    /// Sizes of the boxes around the edits, or of a `free` box beside them.
    fn fit(&self, bytes: &[u8], edits: &mut Vec<Edit>) -> Result<()> {
        let by = growth(edits);
        if by == 0 {
            return Ok(());
        }
        for level in (0..self.path.len()).rev() {
            edits.extend(self.path[level].resized(by)?);
            // Beside this box: in the one around it, or in the file behind `moov`.
            let given = match level.checked_sub(1) {
                Some(outer) => self.inside[outer]
                    .0
                    .iter()
                    .find_map(|free| free.give(bytes, by).transpose()),
                None => {
                    let behind = self
                        .tops
                        .iter()
                        .position(|top| top.at.start == self.path[0].at.end);
                    behind.and_then(|next| self.tops[next].give(bytes, by).transpose())
                }
            };
            if let Some(given) = given {
                edits.extend(given?);
                return Ok(());
            }
        }
        edits.extend(moved(bytes, &self.tops, self.path[0].at.end, by)?);
        Ok(())
    }
}

fn is_genre(atom: &Mp4Box) -> bool {
    &atom.kind == GENRE || &atom.kind == NUMBER
}

/// Whether the atoms of `meta` are those of iTunes.
fn check_handler(bytes: &[u8], inside: &[Mp4Box]) -> Result<()> {
    let handler = inside.iter().find(|found| &found.kind == b"hdlr");
    let range = |found: &Mp4Box| -> Range<usize> { found.content + 8..found.content + 12 };
    match handler.and_then(|found| bytes[..found.at.end].get(range(found))) {
        None | Some(b"mdir") => Ok(()),
        Some(other) => refuse!(
            Tag,
            "the box `meta` is of the kind `{}`; tags are written into those of iTunes (`mdir`)",
            String::from_utf8_lossy(other)
        ),
    }
}

fn contains(bytes: &[u8], kind: &[u8; 4]) -> bool {
    bytes.windows(4).any(|window| window == kind)
}

#[cfg(test)]
mod tests;
