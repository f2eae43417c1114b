//! Places in the file that boxes name: they move with what they name.
//!
//! Source: ISO/IEC 14496-12: `stco` and `co64` (8.7.5), `tfhd` (8.8.7), `tfra` (8.8.10).

use crate::error::{Result, refuse};
use crate::tags::anatomy::MAX_PARTS;
use crate::tags::edit::Edit;

use super::boxes::{Mp4Box, boxes};

/// Boxes that hold the tables, and how deep they are in each other at most.
const CONTAINERS: [&[u8; 4]; 8] = [
    b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf", b"mfra",
];
const MAX_DEPTH: usize = 6;

/// Numbers in a box that are places in the file: where they stand, and of how many bytes each is.
pub(super) struct Places {
    pub(super) at: Vec<usize>,
    pub(super) width: usize,
}

/// The box and all in it, down to boxes that hold no tables, in the order of the file.
pub(super) fn leaves(bytes: &[u8], top: &Mp4Box) -> Result<Vec<Mp4Box>> {
    let mut out = Vec::new();
    let mut open = vec![(top.clone(), 0)];
    while let Some((outer, depth)) = open.pop() {
        if depth < MAX_DEPTH && CONTAINERS.contains(&&outer.kind) {
            let inner = boxes(bytes, outer.inside(), false)?.0;
            open.extend(inner.into_iter().rev().map(|inner| (inner, depth + 1)));
        } else {
            out.push(outer);
        }
        if out.len() + open.len() > 4 * MAX_PARTS {
            refuse!(Tag, "the box `{}` holds more boxes than any file has", top.name());
        }
    }
    Ok(out)
}

/// The places that a box names.
///
/// # Errors
/// A table is longer than its box, or of a kind that is not moved.
pub(super) fn places(bytes: &[u8], leaf: &Mp4Box) -> Result<Places> {
    let content = &bytes[leaf.inside()];
    let number = |at: usize| -> Option<usize> {
        let four = content.get(at..at + 4)?.first_chunk()?;
        usize::try_from(u32::from_be_bytes(*four)).ok()
    };
    // Where the table begins, the bytes of an entry, its first place, and how wide that is.
    let (start, step, first, width) = match &leaf.kind {
        b"stco" => (8, 4, 0, 4),
        b"co64" => (8, 8, 0, 8),
        b"tfhd" if content.get(3).is_some_and(|flags| flags & 1 != 0) => (8, 8, 0, 8),
        b"tfra" => {
            let lengths = number(8).unwrap_or(0);
            let more: usize = [4, 2, 0].iter().map(|shift| (lengths >> shift & 3) + 1).sum();
            let width = if content.first() == Some(&1) { 8 } else { 4 };
            (16, 2 * width + more, width, width)
        }
        b"saio" => refuse!(Tag, "the box `saio` names places in the file, and is not moved"),
        _ => {
            return Ok(Places {
                at: Vec::new(),
                width: 8,
            });
        }
    };
    let count = if &leaf.kind == b"tfhd" {
        Some(1)
    } else {
        number(start - 4)
    };
    let fits = |&n: &usize| n.checked_mul(step).and_then(|n| n.checked_add(start)) <= Some(content.len());
    match count.filter(fits) {
        Some(n) if start <= content.len() => {
            let entry = |i: usize| leaf.content + start + i * step + first;
            Ok(Places {
                at: (0..n).map(entry).collect(),
                width,
            })
        }
        _ => refuse!(Tag, "the table `{}` is longer than its box", leaf.name()),
    }
}

/// The place that stands at `at`.
pub(super) fn place(bytes: &[u8], at: usize, width: usize) -> u64 {
    bytes[at..at + width]
        .iter()
        .fold(0, |n, &byte| n << 8 | u64::from(byte))
}

/// Moves every place from `from` on by `by` bytes.
pub(super) fn moved(bytes: &[u8], tops: &[Mp4Box], from: usize, by: i64) -> Result<Vec<Edit>> {
    let mut edits = Vec::new();
    for top in tops
        .iter()
        .filter(|top| matches!(&top.kind, b"moov" | b"moof" | b"mfra"))
    {
        for leaf in leaves(bytes, top)? {
            let Places { at, width } = places(bytes, &leaf)?;
            let (Some(&first), Some(&last)) = (at.first(), at.last()) else {
                continue;
            };
            let span = first..last + width;
            let mut table = bytes[span.clone()].to_vec();
            for &at in &at {
                let old = place(bytes, at, width);
                if old < from as u64 {
                    continue;
                }
                let new = old
                    .checked_add_signed(by)
                    .filter(|&new| width == 8 || new <= u64::from(u32::MAX));
                let Some(new) = new else {
                    refuse!(Tag, "the table `{}` cannot name places beyond 4 GiB", leaf.name());
                };
                table[at - first..at - first + width].copy_from_slice(&new.to_be_bytes()[8 - width..]);
            }
            if table != bytes[span.clone()] {
                edits.push(Edit::new(span, table));
            }
        }
    }
    Ok(edits)
}
