//! Boxes of MP4: a size, a kind, a content.
//!
//! Source: ISO/IEC 14496-12, section 4.2.

use std::ops::Range;

use crate::error::{Result, refuse};
use crate::tags::anatomy::MAX_PARTS;
use crate::tags::edit::{Edit, grown};

/// A box and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mp4Box {
    pub(super) kind: [u8; 4],
    pub(super) at: Range<usize>,
    /// Where the content begins.
    pub(super) content: usize,
    size: Size,
}

/// How the size is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Size {
    Short,
    Long,
    /// Up to the end of the file, or beyond it.
    Rest,
}

impl Mp4Box {
    /// The kind as it is shown: `©gen`.
    pub(super) fn name(&self) -> String {
        self.kind.iter().map(|&byte| char::from(byte)).collect()
    }

    pub(super) fn inside(&self) -> Range<usize> {
        self.content..self.at.end
    }

    pub(super) fn is_free(&self) -> bool {
        matches!(&self.kind, b"free" | b"skip")
    }

    /// The size of a box whose content grows.
    pub(super) fn resized(&self, by: i64) -> Result<Option<Edit>> {
        let size = grown(self.at.len() as u64, by).unwrap_or(0);
        let start = self.at.start;
        Ok(match self.size {
            _ if by == 0 => None,
            Size::Rest => None,
            Size::Long => Some(Edit::new(start + 8..start + 16, size.to_be_bytes())),
            Size::Short => match u32::try_from(size) {
                Ok(size) => Some(Edit::new(start..start + 4, size.to_be_bytes())),
                Err(_) => refuse!(
                    Tag,
                    "the box `{}` would become larger than it can be",
                    self.name()
                ),
            },
        })
    }

    /// Takes bytes out of a box that holds nothing but zeros, or puts some in.
    pub(super) fn give(&self, bytes: &[u8], by: i64) -> Result<Option<Vec<Edit>>> {
        let content = &bytes[self.inside()];
        let enough = by <= content.len() as i64 && self.size == Size::Short;
        if !self.is_free() || !enough || content.iter().any(|&byte| byte != 0) {
            return Ok(None);
        }
        let edit = match usize::try_from(by) {
            Ok(taken) => Edit::new(self.content..self.content + taken, []),
            Err(_) => Edit::new(self.content..self.content, vec![0; by.unsigned_abs() as usize]),
        };
        Ok(Some(self.resized(-by)?.into_iter().chain([edit]).collect()))
    }
}

/// The boxes in a range, one behind the other, and where the last one ends: fewer than eight bytes may be left.
///
/// # Errors
/// One of them is longer than the range; at the end of the file (`is_file`) that is the audio of a file that was cut.
pub(super) fn boxes(bytes: &[u8], within: Range<usize>, is_file: bool) -> Result<(Vec<Mp4Box>, usize)> {
    let (mut out, mut at) = (Vec::new(), within.start);
    while within.end - at >= 8 {
        let kind = [bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7]];
        let short = u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let long = bytes[..within.end]
            .get(at + 8..at + 16)
            .and_then(|long| long.first_chunk());
        let (n, content, size) = match (short, long) {
            // An end mark of QuickTime's lists.
            (0, _) if !is_file && kind == [0; 4] => break,
            (0, _) => ((within.end - at) as u64, at + 8, Size::Rest),
            (1, Some(long)) => (u64::from_be_bytes(*long), at + 16, Size::Long),
            _ => (u64::from(short), at + 8, Size::Short),
        };
        let name = || -> String { kind.iter().map(|&byte| char::from(byte)).collect() };
        let left = (within.end - at) as u64;
        if n < (content - at) as u64 || (n > left && !(is_file && &kind == b"mdat")) {
            refuse!(
                Tag,
                "the box `{}` says that it has {n} bytes, and {left} are left",
                name()
            );
        }
        if out.len() == MAX_PARTS {
            refuse!(Tag, "there are more than {MAX_PARTS} boxes beside each other");
        }
        let (end, size) = if n > left {
            (within.end, Size::Rest)
        } else {
            (at + n as usize, size)
        };
        out.push(Mp4Box {
            kind,
            at: at..end,
            content,
            size,
        });
        at = end;
    }
    Ok((out, at))
}

/// A box with a content.
pub(super) fn new_box(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let n = content.len() as u32 + 8;
    [&n.to_be_bytes()[..], kind, content].concat()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::super::edit::apply;
    use super::*;

    #[test]
    fn sizes_of_all_forms_are_read_and_written() {
        let long = [&[0, 0, 0, 1][..], b"wide", &18_u64.to_be_bytes(), b"xy"].concat();
        let file = [&new_box(b"free", &[0; 5])[..], &long, &[0, 0, 0, 0], b"mdatrest"].concat();
        let (found, end) = boxes(&file, 0..file.len(), true).unwrap();
        let told: Vec<_> = found.iter().map(|b| (b.name(), b.inside())).collect();
        assert_eq!(
            told,
            [
                ("free".into(), 8..13),
                ("wide".into(), 29..31),
                ("mdat".into(), 39..43)
            ]
        );
        assert_eq!(end, file.len());
        assert_eq!(
            found[1].resized(3).unwrap(),
            Some(Edit::new(21..29, 21_u64.to_be_bytes()))
        );
        assert_eq!(found[2].resized(3).unwrap(), None);
        let given = apply(&file[..13], found[0].give(&file, 4).unwrap().unwrap()).unwrap();
        assert_eq!(given, new_box(b"free", &[0]));
        let taken = apply(&file[..13], found[0].give(&file, -2).unwrap().unwrap()).unwrap();
        assert_eq!(taken, new_box(b"free", &[0; 7]));
        assert!(found[0].give(&file, 6).unwrap().is_none() && found[1].give(&file, 1).unwrap().is_none());
    }

    #[test]
    fn a_box_that_leads_outside_is_named_and_a_cut_file_is_none() {
        let mut file = [new_box(b"moov", &[0; 8]), new_box(b"mdat", &[0; 8])].concat();
        assert_eq!(
            boxes(&file[..20], 0..20, true).unwrap().0.len(),
            1,
            "four bytes are left"
        );
        assert_eq!(boxes(&file[..28], 0..28, true).unwrap().0[1].at, 16..28);
        let error = boxes(&file[..12], 0..12, true).unwrap_err().to_string();
        assert!(
            error.contains("`moov` says that it has 16 bytes, and 12 are left"),
            "{error}"
        );
        file[3] = 7;
        assert!(boxes(&file, 0..32, true).is_err());
        file[..4].copy_from_slice(&[0, 0, 0, 1]);
        file[8..16].fill(0xff);
        assert!(boxes(&file, 0..32, true).is_err());
    }
}
