//! Tags around a stream that knows nothing of them: ID3v2 in front of MPEG audio and FLAC; ID3v1, APE and others behind it.

use std::ops::Range;

use crate::error::{Result, refuse};

use super::anatomy::{Anatomy, MAX_PARTS, tells_another};
use super::ape::Ape;
use super::edit::Edit;
use super::id3::v1;
use super::id3::v2::{self, Id3v2};

/// A stream and the tags around it.
#[derive(Debug)]
pub(super) struct Around<'a> {
    bytes: &'a [u8],
    /// Where each begins, and the tag.
    pub(super) front: Vec<(usize, Id3v2<'a>)>,
    pub(super) stream: Range<usize>,
    /// In the order of the file.
    pub(super) back: Vec<Back<'a>>,
}

/// A tag behind the stream.
#[derive(Debug)]
pub(super) enum Back<'a> {
    /// Its end.
    V1(usize),
    Ape(Ape<'a>),
    /// With a footer, so that it is found from behind; and its beginning.
    V2(usize, Id3v2<'a>),
    /// Texts of songs; no genre is in them.
    Lyrics(Range<usize>),
}

/// Where the stream behind the ID3v2 tags in front begins.
pub(super) fn front_end(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(n) = bytes.get(at..).and_then(v2::length) {
        at = usize::try_from(n).unwrap_or(usize::MAX).saturating_add(at);
    }
    at
}

impl<'a> Around<'a> {
    /// Finds the tags of a file.
    ///
    /// # Errors
    /// An ID3v2 tag cannot be taken apart.
    pub(super) fn find(bytes: &'a [u8]) -> Result<Self> {
        let (mut front, mut at) = (Vec::new(), 0);
        while v2::length(&bytes[at..]).is_some() {
            if front.len() == MAX_PARTS {
                refuse!(Tag, "there are more than {MAX_PARTS} ID3v2 tags in front");
            }
            let tag = Id3v2::parse(&bytes[at..])?;
            let n = tag.len();
            front.push((at, tag));
            at += n;
        }
        let (mut back, mut end) = (Vec::new(), bytes.len());
        while let Some(tag) = Back::at_end_of(bytes, at..end, &back)? {
            end = tag.start();
            back.push(tag);
        }
        back.reverse();
        Ok(Self {
            bytes,
            front,
            stream: at..end,
            back,
        })
    }

    /// The ID3v1 tag and its end.
    pub(super) fn v1(&self) -> Option<(&'a [u8], usize)> {
        self.back.iter().find_map(|tag| match tag {
            Back::V1(end) => Some((&self.bytes[end - v1::SIZE..*end], *end)),
            _ => None,
        })
    }

    pub(super) fn ape(&self) -> Option<&Ape<'a>> {
        self.back.iter().find_map(|tag| match tag {
            Back::Ape(ape) => Some(ape),
            _ => None,
        })
    }

    pub(super) fn v2_behind(&self) -> Option<(usize, &Id3v2<'a>)> {
        self.back.iter().find_map(|tag| match tag {
            Back::V2(at, tag) => Some((*at, tag)),
            _ => None,
        })
    }

    /// What each tag tells: ID3v2, then those behind the stream.
    pub(super) fn genres(&self) -> Result<Vec<Vec<String>>> {
        let mut out = Vec::new();
        for (_, tag) in &self.front {
            out.push(tag.genres()?);
        }
        for tag in &self.back {
            out.push(tag.genres(self.bytes)?);
        }
        Ok(out)
    }

    /// Parts of the tags in front.
    pub(super) fn parts_in_front(&self, out: &mut Anatomy<'a>) {
        self.front.iter().for_each(|(_, tag)| tag.parts(out));
    }

    /// Parts of the tags behind.
    pub(super) fn parts_behind(&self, out: &mut Anatomy<'a>) {
        for tag in &self.back {
            match tag {
                Back::V1(end) => out.part("the ID3v1 tag", &self.bytes[end - v1::SIZE..end - 1]),
                Back::Ape(ape) => ape.parts(out),
                Back::V2(_, tag) => tag.parts(out),
                Back::Lyrics(at) => out.part("the Lyrics3 tag", &self.bytes[at.clone()]),
            }
        }
    }

    /// What makes every tag that tells other genres tell this one.
    pub(super) fn edits_where_told(&self, genre: &str) -> Result<Vec<Edit>> {
        let mut edits = Vec::new();
        let in_front = self.front.iter().map(|(at, tag)| (*at, tag));
        for (at, tag) in in_front.chain(self.v2_behind()) {
            if tells_another(&tag.genres()?, genre) {
                edits.extend(tag.edits(genre, &[])?.into_iter().map(|edit| edit.moved(at)));
            }
        }
        for tag in &self.back {
            match tag {
                Back::V1(end) if tells_another(&tag.genres(self.bytes)?, genre) => {
                    edits.push(v1::edit(genre, *end))
                }
                Back::Ape(ape) if tells_another(&ape.genres(), genre) => edits.extend(ape.edits(genre)),
                _ => {}
            }
        }
        Ok(edits)
    }
}

impl<'a> Back<'a> {
    /// The tag that ends where `within` ends, one of each kind.
    fn at_end_of(bytes: &'a [u8], within: Range<usize>, found: &[Self]) -> Result<Option<Self>> {
        let end = within.end;
        let inside = &bytes[within.clone()];
        let has = |is: fn(&Self) -> bool| found.iter().any(is);
        // With something behind it nobody finds it.
        if found.is_empty() && v1::is_at_end_of(inside) {
            return Ok(Some(Back::V1(end)));
        }
        if !has(|tag| matches!(tag, Back::Ape(_)))
            && let Some(ape) = Ape::at_end_of(&bytes[..end]).filter(|ape| ape.at.start >= within.start)
        {
            return Ok(Some(Back::Ape(ape)));
        }
        if !has(|tag| matches!(tag, Back::Lyrics(_)))
            && let Some(n) = lyrics(inside)
        {
            return Ok(Some(Back::Lyrics(end - n..end)));
        }
        if !has(|tag| matches!(tag, Back::V2(..)))
            && let Some(at) = with_footer(inside)
        {
            let at = within.start + at;
            return Ok(Some(Back::V2(at, Id3v2::parse(&bytes[at..end])?)));
        }
        Ok(None)
    }

    fn start(&self) -> usize {
        match self {
            Back::V1(end) => end - v1::SIZE,
            Back::Ape(ape) => ape.at.start,
            Back::V2(at, _) => *at,
            Back::Lyrics(at) => at.start,
        }
    }

    fn genres(&self, bytes: &[u8]) -> Result<Vec<String>> {
        Ok(match self {
            Back::V1(end) => v1::genres(&bytes[..*end]),
            Back::Ape(ape) => ape.genres(),
            Back::V2(_, tag) => tag.genres()?,
            Back::Lyrics(_) => Vec::new(),
        })
    }
}

/// Bytes of the Lyrics3v2 tag that these end with.
fn lyrics(bytes: &[u8]) -> Option<usize> {
    const END: usize = 15;
    let (rest, end) = bytes.split_last_chunk::<END>()?;
    let digits = end.strip_suffix(b"LYRICS200")?;
    let n: usize = std::str::from_utf8(digits).ok()?.parse().ok()?;
    let start = rest.len().checked_sub(n)?;
    rest[start..].starts_with(b"LYRICSBEGIN").then_some(n + END)
}

/// Where the ID3v2 tag begins that these bytes end with the footer of.
fn with_footer(bytes: &[u8]) -> Option<usize> {
    let footer = bytes.split_last_chunk::<10>()?.1;
    let header = [b"ID3", footer.strip_prefix(b"3DI")?].concat();
    let at = usize::try_from(v2::length(&header)?)
        .ok()
        .and_then(|n| bytes.len().checked_sub(n))?;
    (bytes[at..].starts_with(&header)).then_some(at)
}
