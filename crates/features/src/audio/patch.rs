//! Bytes that are read in place of a file's own.

/// Bytes that are read in place of the file's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Patch {
    pub(crate) at: u64,
    pub(crate) bytes: Vec<u8>,
}

/// How a file is read instead of as it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Repair {
    /// Bytes that are read first.
    pub(crate) front: Vec<u8>,
    /// Then the file's own, from here
    pub(crate) start: u64,
    /// to here, or to their end,
    pub(crate) end: Option<u64>,
    /// with these in place of some of them; positions are those of the file.
    pub(crate) patches: Vec<Patch>,
    /// From front to back only: the file points to tables that are no longer there.
    pub(crate) forward_only: bool,
    /// Where other files begin that are joined to it.
    pub(crate) joined: Vec<u64>,
}

impl Repair {
    /// The file from a position on.
    pub(crate) fn starting(start: u64) -> Self {
        Self {
            start,
            ..Self::default()
        }
    }
}

impl Patch {
    /// A big-endian number of 32 bits; one that is too large becomes the largest.
    pub(crate) fn u32(at: u64, value: u64) -> Self {
        let value = u32::try_from(value).unwrap_or(u32::MAX);
        Self {
            at,
            bytes: value.to_be_bytes().to_vec(),
        }
    }

    /// A big-endian number of 64 bits.
    pub(crate) fn u64(at: u64, value: u64) -> Self {
        Self {
            at,
            bytes: value.to_be_bytes().to_vec(),
        }
    }

    /// Overwrites what was read from position `from` on.
    pub(crate) fn apply(&self, from: u64, buf: &mut [u8]) {
        if self.at >= from.saturating_add(buf.len() as u64) || self.at + self.bytes.len() as u64 <= from {
            return;
        }
        for (i, b) in self.bytes.iter().enumerate() {
            let at = self.at + i as u64;
            if let Some(slot) = at.checked_sub(from).and_then(|i| buf.get_mut(i as usize)) {
                *slot = *b;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_overwrites_what_overlaps() {
        let patch = Patch::u32(10, 0x0102_0304);
        for (from, want) in [
            (10, [1, 2, 3, 4, 9]),
            (12, [3, 4, 9, 9, 9]),
            (8, [9, 9, 1, 2, 3]),
            (14, [9; 5]),
            (5, [9; 5]),
        ] {
            let mut buf = [9; 5];
            patch.apply(from, &mut buf);
            assert_eq!(buf, want, "{from}");
        }
    }
}
