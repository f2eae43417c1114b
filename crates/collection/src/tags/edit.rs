//! A change of a file: ranges of its bytes, and what stands there instead. All other bytes stay.

use std::ops::Range;

use crate::error::{Result, refuse};

/// A range of bytes and what takes its place; an empty range is an insertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) at: Range<usize>,
    pub(super) with: Vec<u8>,
}

impl Edit {
    pub(super) fn new(at: Range<usize>, with: impl Into<Vec<u8>>) -> Self {
        let with = with.into();
        Self { at, with }
    }

    /// The same, where the bytes begin `by` later.
    pub(super) fn moved(mut self, by: usize) -> Self {
        self.at = self.at.start + by..self.at.end + by;
        self
    }
}

/// By how many bytes the whole grows.
pub(super) fn growth(edits: &[Edit]) -> i64 {
    let one = |edit: &Edit| edit.with.len() as i64 - edit.at.len() as i64;
    edits.iter().map(one).sum()
}

/// A size with a growth; `None` where that is below zero.
pub(super) fn grown(size: u64, by: i64) -> Option<u64> {
    size.checked_add_signed(by)
}

/// The bytes with all edits.
///
/// # Errors
/// Edits overlap or lie outside: a fault of ours, and the file stays.
pub(super) fn apply(bytes: &[u8], mut edits: Vec<Edit>) -> Result<Vec<u8>> {
    edits.sort_by_key(|edit| (edit.at.start, edit.at.end));
    let mut out = Vec::with_capacity(grown(bytes.len() as u64, growth(&edits)).unwrap_or(0) as usize);
    let mut at = 0;
    for edit in &edits {
        match bytes.get(at..edit.at.start) {
            Some(kept) if edit.at.end <= bytes.len() && edit.at.start <= edit.at.end => {
                out.extend_from_slice(kept)
            }
            _ => refuse!(
                Tag,
                "the change of the tag contradicts itself, so the file stays as it is"
            ),
        }
        out.extend_from_slice(&edit.with);
        at = edit.at.end;
    }
    out.extend_from_slice(&bytes[at..]);
    Ok(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn ranges_are_replaced_and_the_rest_stays() {
        let edits = vec![
            Edit::new(6..8, b"!".to_vec()),
            Edit::new(0..0, b"<".to_vec()),
            Edit::new(2..3, b"CCC".to_vec()),
            Edit::new(8..8, b">".to_vec()),
        ];
        assert_eq!(growth(&edits), 3);
        assert_eq!(apply(b"abcdefgh", edits).unwrap(), b"<abCCCdef!>");
        let overlap = vec![Edit::new(0..3, vec![]), Edit::new(2..4, vec![])];
        assert!(apply(b"abcdefgh", overlap).is_err());
        assert!(apply(b"abc", vec![Edit::new(2..4, vec![])]).is_err());
        assert_eq!(Edit::new(1..2, vec![]).moved(3).at, 4..5);
    }
}
