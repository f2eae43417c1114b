//! Tags of WAV and AIFF files: ID3v2 in a chunk, and the list INFO of WAV.
//!
//! Few programs read both of a WAV file's, so a file without tags gets both. Where one of them says title or artist, no other
//! is made beside it: a program that prefers the new one would show nothing but the genre.

use std::borrow::Cow;
use std::ops::Range;

use crate::error::{Context, Result, refuse};
use crate::tags::anatomy::{Anatomy, Plan, tells_another};
use crate::tags::edit::{Edit, grown, growth};
use crate::tags::id3::v2::{self, Id3v2};

use super::chunks::{Chunk, Chunks, Order};
use super::info::Info;

/// Names of the chunk with ID3v2.
const ID3: [&[u8; 4]; 2] = [b"ID3 ", b"id3 "];

/// Bytes before the first chunk: a name, the size of what follows, a form.
const HEAD: usize = 12;

/// A file in chunks.
struct File<'a> {
    bytes: &'a [u8],
    chunks: Chunks,
    id3: Vec<(&'a [u8], Chunk)>,
    info: Vec<Info<'a>>,
}

/// Whether a file begins as one in chunks does.
pub(in crate::tags) fn is_one(bytes: &[u8]) -> bool {
    let Some(form) = bytes.get(8..12) else {
        return false;
    };
    match &bytes[..4] {
        b"RIFF" | b"RF64" | b"BW64" | b"RIFX" => form == b"WAVE",
        b"FORM" => form == b"AIFF" || form == b"AIFC",
        _ => false,
    }
}

pub(in crate::tags) fn anatomy(bytes: &[u8]) -> Result<Anatomy<'_>> {
    let file = File::parse(bytes)?;
    let mut out = Anatomy::default();
    for (tag, _) in &file.id3 {
        out.genres.push(genres(tag)?);
    }
    out.genres.extend(file.info.iter().map(Info::genres));
    out.part("the form of the file", [&bytes[..4], &bytes[8..HEAD]].concat());
    for chunk in &file.chunks.all {
        if ID3.contains(&&chunk.id) {
            let content = &bytes[chunk.content.clone()];
            if !content.is_empty() {
                let tag = id3(content)?;
                tag.parts(&mut out);
                out.part_if_any("what follows the ID3v2 tag", &content[tag.len()..]);
            }
        } else if let Some(info) = Info::parse(bytes, chunk)? {
            info.parts(&mut out);
        } else {
            let content = &bytes[chunk.content.clone()];
            // The first eight bytes of `ds64` are the size of the file.
            let from = if &chunk.id == b"ds64" {
                8.min(content.len())
            } else {
                0
            };
            out.part(format!("the chunk `{}`", chunk.name()), &content[from..]);
        }
    }
    out.part_if_any("what follows the chunks", &bytes[file.chunks.end..]);
    Ok(out)
}

pub(in crate::tags) fn plan(bytes: &[u8], genre: &str) -> Result<Plan> {
    let file = File::parse(bytes)?;
    let order = file.chunks.order;
    let mut plan = Plan::default();
    let (mut id3_says, mut info_says) = (false, false);
    for (i, (content, chunk)) in file.id3.iter().enumerate() {
        if content.is_empty() {
            let tag = v2::new_tag(genre, &file.said_by_chunks(&mut plan));
            plan.added.push("the header of the ID3v2 tag".into());
            let resized = chunk.resized(tag.len() as i64, order)?;
            plan.edits.push(Edit::new(chunk.content.clone(), tag));
            plan.edits.extend(resized);
            continue;
        }
        let tag = id3(content)?;
        id3_says |= tag.says_what();
        let told = tag.genres()?;
        if tells_another(&told, genre) || (i == 0 && told.is_empty()) {
            let edits = tag.edits(genre, &[])?;
            // The filling of the chunk comes behind what is put at its end.
            let (start, resized) = (chunk.content.start, chunk.resized(growth(&edits), order)?);
            plan.edits.extend(edits.into_iter().map(|edit| edit.moved(start)));
            plan.edits.extend(resized);
        }
    }
    for (i, info) in file.info.iter().enumerate() {
        info_says |= info.says_what();
        let told = info.genres();
        if tells_another(&told, genre) || (i == 0 && told.is_empty()) {
            plan.edits.extend(info.edits(genre)?);
        }
    }
    let (place, filling) = file.chunks.place()?;
    // A last chunk that changes is filled up already.
    let is_filled = file.chunks.all.last().is_some_and(|last| {
        let filled = last.content.end..last.end();
        plan.edits.iter().any(|edit| edit.at == filled)
    });
    let filling = if is_filled { &[] } else { filling };
    let mut new = filling.to_vec();
    if order == Order::Little && file.info.is_empty() && !id3_says {
        new.extend(Info::new_list(genre));
    }
    if file.id3.is_empty() && !info_says {
        let tag = v2::new_tag(genre, &file.said_by_chunks(&mut plan));
        plan.added.push("the header of the ID3v2 tag".into());
        new.extend(order.chunk(if order == Order::Little { b"id3 " } else { b"ID3 " }, &tag));
    }
    if new.len() > filling.len() {
        plan.edits.push(Edit::new(place..place, new));
    }
    plan.edits.extend(file.resized(growth(&plan.edits))?);
    Ok(plan)
}

impl<'a> File<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self> {
        let order = match &bytes[..4] {
            b"RIFX" => refuse!(Tag, "RIFX (WAV with the high byte first) is not supported"),
            b"FORM" => Order::Big,
            _ => Order::Little,
        };
        let large = bytes.starts_with(b"RF64") || bytes.starts_with(b"BW64");
        let ds64 = bytes
            .get(HEAD..HEAD + 24)
            .filter(|ds64| large && ds64.starts_with(b"ds64"));
        if large && ds64.is_none() {
            refuse!(Tag, "the RF64 file does not begin with the chunk `ds64`");
        }
        let long = |at: usize| ds64.and_then(|ds64| Some(u64::from_le_bytes(*ds64[at..].first_chunk()?)));
        let told = match (number(bytes, order), long(8)) {
            (u32::MAX, Some(size)) => size,
            (size, _) => u64::from(size),
        };
        // Programs that write into a pipe do not know the size; others tell too much.
        let end = match usize::try_from(told).unwrap_or(usize::MAX).saturating_add(8) {
            8 => bytes.len(),
            end => end.min(bytes.len()),
        };
        let chunks = Chunks::find(bytes, HEAD..end.max(HEAD), order, long(16))?;
        let (mut id3, mut info) = (Vec::new(), Vec::new());
        for chunk in &chunks.all {
            if ID3.contains(&&chunk.id) {
                id3.push((&bytes[chunk.content.clone()], chunk.clone()));
            }
            info.extend(Info::parse(bytes, chunk)?);
        }
        Ok(Self {
            bytes,
            chunks,
            id3,
            info,
        })
    }

    /// What AIFF's own chunks say, as frames: name and author.
    fn said_by_chunks(&self, plan: &mut Plan) -> Vec<u8> {
        let mut out = Vec::new();
        for (id, frame) in [(b"NAME", "TIT2"), (b"AUTH", "TPE1")] {
            if let Some(chunk) = self
                .chunks
                .named(&[id])
                .next()
                .filter(|_| self.chunks.order == Order::Big)
            {
                let text = &self.bytes[chunk.content.clone()];
                out.extend(v2::frame(frame, &[b"\0", text].concat(), 3));
                plan.added.push(Cow::Owned(format!("the frame `{frame}`")));
            }
        }
        out
    }

    /// The size of the file in its head; one that says nothing stays.
    fn resized(&self, by: i64) -> Result<Option<Edit>> {
        let (at, width): (Range<usize>, _) =
            match self.bytes.starts_with(b"RIFF") || self.bytes.starts_with(b"FORM") {
                true => (4..8, u64::from(u32::MAX)),
                false => (HEAD + 8..HEAD + 16, u64::MAX),
            };
        let told = match width == u64::MAX {
            true => self.bytes[at.clone()]
                .iter()
                .rev()
                .fold(0, |n, &byte| n << 8 | u64::from(byte)),
            false => u64::from(number(self.bytes, self.chunks.order)),
        };
        if told == 0 || told == width {
            return Ok(None);
        }
        match grown(told, by).filter(|&new| new < width) {
            Some(new) if width == u64::MAX => Ok(Some(Edit::new(at, new.to_le_bytes()))),
            Some(new) => Ok(Some(Edit::new(at, self.chunks.order.bytes(new as u32)))),
            None => refuse!(Tag, "the file would become larger than its kind can be (4 GiB)"),
        }
    }
}

fn number(bytes: &[u8], order: Order) -> u32 {
    order.number([bytes[4], bytes[5], bytes[6], bytes[7]])
}

fn genres(content: &[u8]) -> Result<Vec<String>> {
    match content.is_empty() {
        true => Ok(Vec::new()),
        false => id3(content)?.genres(),
    }
}

fn id3(content: &[u8]) -> Result<Id3v2<'_>> {
    if v2::length(content).is_none() {
        refuse!(Tag, "the chunk `ID3 ` holds no ID3 tag");
    }
    Id3v2::parse(content).context("the tag in the chunk `ID3 ` cannot be read")
}

#[cfg(test)]
mod tests;
