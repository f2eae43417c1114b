//! MPEG audio and AAC streams: tags stand around them.
//!
//! Which tag gets a genre: ID3v2 in front. A file without one gets it in its APE tag, in the ID3v2 tag at its end, or, if the genre
//! has a number, in its ID3v1 tag: beside a new ID3v2 tag many players would read none of these. Otherwise that is made, and what
//! ID3v1 says is said in it too.

use crate::error::Result;

use super::anatomy::{Anatomy, Plan};
use super::around::Around;
use super::edit::Edit;
use super::id3::{names, v1, v2};

pub(super) fn anatomy(bytes: &[u8]) -> Result<Anatomy<'_>> {
    let around = Around::find(bytes)?;
    let mut out = Anatomy {
        genres: around.genres()?,
        rest: Vec::new(),
    };
    around.parts_in_front(&mut out);
    out.part_if_any("the audio", &bytes[around.stream.clone()]);
    around.parts_behind(&mut out);
    Ok(out)
}

pub(super) fn plan(bytes: &[u8], genre: &str) -> Result<Plan> {
    let around = Around::find(bytes)?;
    let mut plan = Plan {
        edits: around.edits_where_told(genre)?,
        added: Vec::new(),
    };
    if let Some((at, tag)) = around.front.first() {
        if tag.genres()?.is_empty() {
            let more = if tag.is_empty() {
                said_by_v1(&around, &mut plan)
            } else {
                Vec::new()
            };
            plan.edits
                .extend(tag.edits(genre, &more)?.into_iter().map(|edit| edit.moved(*at)));
        }
    } else if let Some(ape) = around.ape() {
        if ape.genres().is_empty() {
            plan.edits.extend(ape.edits(genre));
        }
        plan.edits.extend(into_v1(&around, genre));
    } else if let Some((at, tag)) = around.v2_behind() {
        if tag.genres()?.is_empty() {
            plan.edits
                .extend(tag.edits(genre, &[])?.into_iter().map(|edit| edit.moved(at)));
        }
    } else if around.v1().is_some() && names::number(genre).is_some() {
        plan.edits.extend(into_v1(&around, genre));
    } else {
        let more = said_by_v1(&around, &mut plan);
        plan.added.push("the header of the ID3v2 tag".into());
        plan.edits.push(Edit::new(0..0, v2::new_tag(genre, &more)));
    }
    Ok(plan)
}

/// The number of a genre for an ID3v1 tag that tells none.
fn into_v1(around: &Around<'_>, genre: &str) -> Option<Edit> {
    let (tag, end) = around.v1()?;
    let number = names::number(genre).filter(|_| v1::genres(tag).is_empty());
    number.map(|_| v1::edit(genre, end))
}

/// Frames of what ID3v1 says.
fn said_by_v1(around: &Around<'_>, plan: &mut Plan) -> Vec<u8> {
    let frames = around.v1().map_or_else(Vec::new, |(tag, _)| v1::as_frames(tag));
    plan.added
        .extend(frames.iter().map(|(id, _)| format!("the frame `{id}`").into()));
    frames.into_iter().flat_map(|(_, frame)| frame).collect()
}

#[cfg(test)]
mod tests;
