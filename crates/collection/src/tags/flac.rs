//! FLAC: the genre in the block of Vorbis comments; blocks and frames besides it stay.
//!
//! Source: RFC 9639, section 8. Padding gives and takes the bytes that the comments need where it can.

use std::ops::Range;

use crate::error::{Result, refuse};

use super::anatomy::{Anatomy, MAX_PARTS, Plan, tells_another};
use super::around::Around;
use super::edit::{Edit, grown, growth};
use super::vorbis::Comments;

const STREAMINFO: u8 = 0;
const PADDING: u8 = 1;
const COMMENTS: u8 = 4;

/// Bytes of a block's head; its last three are the length.
const HEAD: usize = 4;

const MAX_BLOCK: u64 = (1 << 24) - 1;

/// A block of metadata, with its head.
#[derive(Debug)]
struct Block {
    kind: u8,
    at: Range<usize>,
}

pub(super) fn anatomy(bytes: &[u8]) -> Result<Anatomy<'_>> {
    let around = Around::find(bytes)?;
    let blocks = blocks(bytes, around.stream.clone())?;
    let mut out = Anatomy::default();
    for block in of_kind(&blocks, COMMENTS) {
        out.genres.push(comments(bytes, block)?.genres());
    }
    out.genres.extend(around.genres()?);
    around.parts_in_front(&mut out);
    for block in blocks.iter().filter(|block| block.kind != PADDING) {
        if block.kind == COMMENTS {
            let comments = comments(bytes, block)?;
            comments.parts(&mut out);
            out.part_if_any(
                "what follows the Vorbis comments",
                &bytes[comments.end..block.at.end],
            );
        } else {
            let content = &bytes[block.at.start + HEAD..block.at.end];
            out.part(name(block.kind), content);
        }
    }
    let audio = blocks.last().map_or(around.stream.start, |block| block.at.end);
    out.part_if_any("the audio", &bytes[audio..around.stream.end]);
    around.parts_behind(&mut out);
    Ok(out)
}

pub(super) fn plan(bytes: &[u8], genre: &str) -> Result<Plan> {
    let around = Around::find(bytes)?;
    let blocks = blocks(bytes, around.stream.clone())?;
    let mut plan = Plan {
        edits: around.edits_where_told(genre)?,
        added: Vec::new(),
    };
    let mut edits = Vec::new();
    // Beside a genre in the comments, many programs would not show what only the ID3v2 tag says.
    let mut said = false;
    for block in of_kind(&blocks, COMMENTS) {
        said |= comments(bytes, block)?.say_what();
    }
    let front = around.front.first().filter(|(_, tag)| tag.says_what() && !said);
    if let Some((at, tag)) = front
        && tag.genres()?.is_empty()
    {
        let of_tag = tag.edits(genre, &[])?;
        plan.edits.extend(of_tag.into_iter().map(|edit| edit.moved(*at)));
    }
    for (i, block) in of_kind(&blocks, COMMENTS).enumerate() {
        let comments = comments(bytes, block)?;
        let genres = comments.genres();
        if tells_another(&genres, genre) || (i == 0 && genres.is_empty() && front.is_none()) {
            let of_block = comments.edits(genre);
            edits.extend(resized(block, growth(&of_block))?);
            edits.extend(of_block);
        }
    }
    if front.is_none()
        && of_kind(&blocks, COMMENTS).next().is_none()
        && let Some(first) = blocks.first()
    {
        let list = Comments::new_list(genre);
        let last = if blocks.len() == 1 { 0x80 } else { 0 };
        let head = [COMMENTS | last, 0, (list.len() >> 8) as u8, list.len() as u8];
        edits.push(Edit::new(first.at.end..first.at.end, [&head[..], &list].concat()));
        if last != 0 {
            edits.push(Edit::new(first.at.start..first.at.start + 1, [first.kind]));
        }
        plan.added.push("the vendor of the Vorbis comments".into());
    }
    edits.extend(from_padding(bytes, &blocks, growth(&edits))?);
    plan.edits.extend(edits);
    Ok(plan)
}

/// Takes what the file would grow from the first padding that has as much, or gives it back.
fn from_padding(bytes: &[u8], blocks: &[Block], by: i64) -> Result<Vec<Edit>> {
    let fits = |block: &&Block| {
        let left = grown((block.at.len() - HEAD) as u64, -by);
        // Some programs keep something in it.
        let is_zero = bytes[block.at.start + HEAD..block.at.end]
            .iter()
            .all(|&byte| byte == 0);
        is_zero && left.is_some_and(|left| left <= MAX_BLOCK)
    };
    let Some(block) = of_kind(blocks, PADDING).find(fits).filter(|_| by != 0) else {
        return Ok(Vec::new());
    };
    let mut edits: Vec<Edit> = resized(block, -by)?.into_iter().collect();
    let start = block.at.start + HEAD;
    edits.push(match usize::try_from(by) {
        Ok(taken) => Edit::new(start..start + taken, []),
        Err(_) => Edit::new(start..start, vec![0; by.unsigned_abs() as usize]),
    });
    Ok(edits)
}

/// The length in a block's head.
fn resized(block: &Block, by: i64) -> Result<Option<Edit>> {
    let size = grown((block.at.len() - HEAD) as u64, by).filter(|&size| size <= MAX_BLOCK);
    let Some(size) = size else {
        refuse!(Tag, "{} would become larger than FLAC allows", name(block.kind));
    };
    let at = block.at.start + 1..block.at.start + HEAD;
    Ok((by != 0).then(|| Edit::new(at, &(size as u32).to_be_bytes()[1..])))
}

fn of_kind(blocks: &[Block], kind: u8) -> impl Iterator<Item = &Block> {
    blocks.iter().filter(move |block| block.kind == kind)
}

fn comments<'a>(bytes: &'a [u8], block: &Block) -> Result<Comments<'a>> {
    // Places count from the beginning of the file, and nothing behind the block is read.
    Comments::parse(&bytes[..block.at.end], block.at.start + HEAD)
}

/// All blocks of a stream that begins with `fLaC`.
fn blocks(bytes: &[u8], stream: Range<usize>) -> Result<Vec<Block>> {
    let (mut out, mut at) = (Vec::new(), stream.start + 4);
    loop {
        let head = bytes.get(at..at + HEAD).filter(|_| at + HEAD <= stream.end);
        let Some(&[first, a, b, c]) = head else {
            refuse!(Tag, "the FLAC file ends in its metadata");
        };
        let end = at + HEAD + u32::from_be_bytes([0, a, b, c]) as usize;
        let kind = first & 0x7f;
        if end > stream.end {
            refuse!(Tag, "{} is longer than the file", name(kind));
        }
        if out.is_empty() && kind != STREAMINFO {
            refuse!(
                Tag,
                "the FLAC file does not begin with its description (STREAMINFO)"
            );
        }
        if out.len() == MAX_PARTS {
            refuse!(Tag, "there are more than {MAX_PARTS} blocks of FLAC metadata");
        }
        out.push(Block { kind, at: at..end });
        at = end;
        if first & 0x80 != 0 {
            return Ok(out);
        }
    }
}

fn name(kind: u8) -> &'static str {
    match kind {
        STREAMINFO => "the FLAC block STREAMINFO",
        PADDING => "the FLAC block PADDING",
        2 => "the FLAC block APPLICATION",
        3 => "the FLAC block SEEKTABLE",
        COMMENTS => "the FLAC block VORBIS_COMMENT",
        5 => "the FLAC block CUESHEET",
        6 => "the FLAC block PICTURE",
        _ => "a FLAC block of an unknown kind",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::vorbis::tests::list;
    use super::super::{anatomy, edit};
    use super::*;

    fn flac(blocks: &[(u8, &[u8])]) -> Vec<u8> {
        let mut out = b"fLaC".to_vec();
        for (i, (kind, content)) in blocks.iter().enumerate() {
            let last = if i + 1 == blocks.len() { 0x80 } else { 0 };
            let n = content.len() as u32;
            out.extend_from_slice(&[kind | last, (n >> 16) as u8, (n >> 8) as u8, n as u8]);
            out.extend_from_slice(content);
        }
        [out, b"\xff\xf8 audio".to_vec()].concat()
    }

    fn with(file: &[u8], genre: &str) -> Vec<u8> {
        let plan = plan(file, genre).unwrap();
        let new = edit::apply(file, plan.edits).unwrap();
        let (a, b) = (super::anatomy(file).unwrap(), super::anatomy(&new).unwrap());
        anatomy::check(&a, &b, genre, &plan.added).unwrap();
        new
    }

    const INFO: (u8, &[u8]) = (STREAMINFO, &[7; 34]);
    const PICTURE: (u8, &[u8]) = (6, b"a picture");

    #[test]
    fn padding_gives_and_takes_what_the_comments_need() {
        let old = list(&["TITLE=a", "GENRE=Jazz", "GENRE=Funk"]);
        let new = list(&["TITLE=a", "GENRE=Electronic"]);
        let pad = |n: usize| vec![0; n];
        let shrunk = old.len() - new.len();
        let file = flac(&[INFO, (COMMENTS, &old), PICTURE, (PADDING, &pad(50))]);
        let want = flac(&[INFO, (COMMENTS, &new), PICTURE, (PADDING, &pad(50 + shrunk))]);
        assert_eq!(with(&file, "Electronic"), want);
        let none = list(&["TITLE=a"]);
        let one = list(&["TITLE=a", "GENRE=Rock"]);
        let grown = one.len() - none.len();
        for (before, after) in [(50, 50 - grown), (grown, 0), (grown - 1, grown - 1)] {
            let file = flac(&[INFO, (PADDING, &pad(before)), (COMMENTS, &none), PICTURE]);
            let want = flac(&[INFO, (PADDING, &pad(after)), (COMMENTS, &one), PICTURE]);
            assert_eq!(with(&file, "Rock"), want, "{before}");
        }
    }

    #[test]
    fn a_file_without_comments_gets_a_block_and_one_with_two_changes_those_that_tell() {
        let new = Comments::new_list("Rock");
        assert_eq!(with(&flac(&[INFO]), "Rock"), flac(&[INFO, (COMMENTS, &new)]));
        assert_eq!(
            with(&flac(&[INFO, PICTURE]), "Rock"),
            flac(&[INFO, (COMMENTS, &new), PICTURE])
        );
        let (a, b) = (list(&["A=b"]), list(&["GENRE=Jazz"]));
        let (c, d) = (list(&["A=b", "GENRE=Rock"]), list(&["GENRE=Rock"]));
        let two = flac(&[INFO, (COMMENTS, &a), PICTURE, (COMMENTS, &b)]);
        assert_eq!(
            with(&two, "Rock"),
            flac(&[INFO, (COMMENTS, &c), PICTURE, (COMMENTS, &d)])
        );
        assert!(
            plan(&flac(&[INFO, (COMMENTS, &d)]), "Rock")
                .unwrap()
                .edits
                .is_empty()
        );
    }

    #[test]
    fn what_stands_around_changes_only_where_it_tells_a_genre() {
        let mut v1 = b"TAGTitle".to_vec();
        v1.resize(127, 0);
        let id3: &[u8] = b"ID3\x03\0\0\0\0\0\x0cTIT2\0\0\0\x02\0\0\0a";
        let file = |id3: &[u8], comments: &[&str], number: u8| {
            let inner = flac(&[INFO, (COMMENTS, &list(comments))]);
            [id3, &inner[..], &v1, &[number]].concat()
        };
        let new = with(&file(id3, &["TITLE=b"], 17), "Jazz");
        assert_eq!(new, file(id3, &["TITLE=b", "GENRE=Jazz"], 8));
        // A title that only the ID3v2 tag tells would be hidden by comments.
        let told = b"ID3\x03\0\0\0\0\0\x1bTIT2\0\0\0\x02\0\0\0aTCON\0\0\0\x05\0\0\0Jazz";
        assert_eq!(with(&file(id3, &[], 17), "Jazz"), file(told, &[], 8));
    }

    #[test]
    fn blocks_that_lead_outside_are_named() {
        let good = flac(&[INFO, PICTURE, (COMMENTS, &list(&["A=b"]))]);
        for (at, words) in [
            (5, "STREAMINFO is longer"),
            (43, "PICTURE is longer"),
            (56, "VORBIS_COMMENT is longer"),
        ] {
            let mut bad = good.clone();
            bad[at] = 0xff;
            let error = super::anatomy(&bad).unwrap_err().to_string();
            assert!(error.contains(words), "{at}: {error}");
        }
        let error = super::anatomy(&good[..44]).unwrap_err().to_string();
        assert!(error.contains("ends in its metadata"), "{error}");
    }
}
