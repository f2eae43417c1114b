//! What is needed to make the old bytes of a file from the new ones: a difference whose size is that of the change.
//!
//! Runs that both have are copied by position. Where they part, the runs meet again either at the same distance a little
//! later (numbers that were renewed in place), or wherever a block of the new bytes occurs in the old ones (Rabin and Karp's
//! rolling sum over blocks).

use std::collections::HashMap;

use crate::error::{Result, refuse};

/// Bytes of an indexed block of the new bytes.
const BLOCK: usize = 512;

/// Bytes that must agree before a run in place is taken up again.
const AGREE: usize = 16;

/// How far it is looked for such a run.
const NEAR: usize = 64;

const BASE: u32 = 0x0100_0193;

const COPY: u8 = 0;
const LITERAL: u8 = 1;

/// The difference that [`apply`] makes `old` of `new` with.
pub(super) fn difference(old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut out = Ops::default();
    let mut index = None;
    let (mut at, mut from) = (0, 0);
    while at < old.len() {
        let n = common(&old[at..], new.get(from..).unwrap_or_default());
        if n > 0 {
            out.copy(from, n);
            (at, from) = (at + n, from + n);
            continue;
        }
        let in_place = (1..NEAR).find(|&k| agree(old, at + k, new, from + k));
        if let Some(k) = in_place {
            out.literal(&old[at..at + k]);
            (at, from) = (at + k, from + k);
            continue;
        }
        let index = index.get_or_insert_with(|| Index::new(new));
        match index.next(old, at, new) {
            Some((found, there)) => {
                // The block may begin before the place where it was found.
                let back = old[at..found]
                    .iter()
                    .rev()
                    .zip(new[..there].iter().rev())
                    .take_while(|(a, b)| a == b)
                    .count();
                out.literal(&old[at..found - back]);
                (at, from) = (found - back, there - back);
            }
            None => {
                out.literal(&old[at..]);
                at = old.len();
            }
        }
    }
    out.finish()
}

/// The old bytes, from the new ones and the difference.
///
/// # Errors
/// The difference names bytes that are not there, or makes more than `length` bytes.
pub(super) fn apply(new: &[u8], difference: &[u8], length: u64) -> Result<Vec<u8>> {
    let mut old = Vec::new();
    let mut rest = difference;
    while let Some((&kind, after)) = rest.split_first() {
        let (first, after) = number(after)?;
        let bytes = match kind {
            COPY => {
                let (n, after) = number(after)?;
                rest = after;
                first.checked_add(n).and_then(|end| new.get(first..end))
            }
            LITERAL => {
                let bytes = after.get(..first);
                rest = after.get(first..).unwrap_or_default();
                bytes
            }
            _ => None,
        };
        match bytes {
            Some(bytes) if (old.len() + bytes.len()) as u64 <= length => old.extend_from_slice(bytes),
            _ => refuse!(Tag, "the backup is damaged"),
        }
    }
    Ok(old)
}

fn common(a: &[u8], b: &[u8]) -> usize {
    const WIDE: usize = 64;
    let wide = a
        .chunks_exact(WIDE)
        .zip(b.chunks_exact(WIDE))
        .take_while(|(a, b)| a == b)
        .count()
        * WIDE;
    wide + a[wide..]
        .iter()
        .zip(&b[wide..])
        .take_while(|(a, b)| a == b)
        .count()
}

fn agree(old: &[u8], at: usize, new: &[u8], from: usize) -> bool {
    match (old.get(at..at + AGREE), new.get(from..from + AGREE)) {
        (Some(a), Some(b)) => a == b,
        _ => false,
    }
}

/// Blocks of the new bytes by their sums.
struct Index {
    first: HashMap<u32, usize>,
    /// `BASE` to the power of the block's length less one.
    power: u32,
}

impl Index {
    fn new(new: &[u8]) -> Self {
        let mut first = HashMap::new();
        for (i, block) in new.chunks_exact(BLOCK).enumerate() {
            first.entry(sum(block)).or_insert(i * BLOCK);
        }
        let power = (1..BLOCK).fold(1_u32, |p, _| p.wrapping_mul(BASE));
        Self { first, power }
    }

    /// The next place in `old` from `at` on where a block of `new` begins, and where that block is.
    fn next(&self, old: &[u8], at: usize, new: &[u8]) -> Option<(usize, usize)> {
        let mut here = sum(old.get(at..at + BLOCK)?);
        let mut i = at;
        loop {
            if let Some(&there) = self.first.get(&here)
                && old[i..i + BLOCK] == new[there..there + BLOCK]
            {
                return Some((i, there));
            }
            let &after = old.get(i + BLOCK)?;
            here = here.wrapping_sub(u32::from(old[i]).wrapping_mul(self.power));
            here = here.wrapping_mul(BASE).wrapping_add(u32::from(after));
            i += 1;
        }
    }
}

fn sum(block: &[u8]) -> u32 {
    block.iter().fold(0, |sum: u32, &byte| {
        sum.wrapping_mul(BASE).wrapping_add(u32::from(byte))
    })
}

/// The difference in the making; neighbouring pieces of a kind become one.
#[derive(Default)]
struct Ops {
    bytes: Vec<u8>,
    literal: Vec<u8>,
    copy: Option<(usize, usize)>,
}

impl Ops {
    fn copy(&mut self, from: usize, n: usize) {
        self.end_literal();
        match &mut self.copy {
            Some((start, length)) if *start + *length == from => *length += n,
            _ => {
                self.end_copy();
                self.copy = Some((from, n));
            }
        }
    }

    fn literal(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.end_copy();
            self.literal.extend_from_slice(bytes);
        }
    }

    fn end_copy(&mut self) {
        if let Some((from, n)) = self.copy.take() {
            self.bytes.push(COPY);
            self.number(from);
            self.number(n);
        }
    }

    fn end_literal(&mut self) {
        if !self.literal.is_empty() {
            self.bytes.push(LITERAL);
            self.number(self.literal.len());
            self.bytes.append(&mut self.literal);
        }
    }

    fn number(&mut self, n: usize) {
        self.bytes.extend_from_slice(&(n as u64).to_le_bytes());
    }

    fn finish(mut self) -> Vec<u8> {
        self.end_copy();
        self.end_literal();
        self.bytes
    }
}

fn number(bytes: &[u8]) -> Result<(usize, &[u8])> {
    let number = bytes
        .split_first_chunk::<8>()
        .and_then(|(n, rest)| Some((usize::try_from(u64::from_le_bytes(*n)).ok()?, rest)));
    match number {
        Some(found) => Ok(found),
        None => refuse!(Tag, "the backup is damaged"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn noise(n: usize, seed: u32) -> Vec<u8> {
        let mut state = seed;
        (0..n)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect()
    }

    /// Checks that the old bytes come back, and returns the size of what that takes.
    fn size(old: &[u8], new: &[u8]) -> usize {
        let difference = difference(old, new);
        assert!(apply(new, &difference, old.len() as u64).unwrap() == old);
        difference.len()
    }

    #[test]
    fn the_difference_has_the_size_of_the_change() {
        let audio = noise(200_000, 1);
        // A tag in front, larger and smaller than before.
        let (old, new) = ([noise(300, 2), audio.clone()], [noise(2000, 3), audio.clone()]);
        assert!(size(&old.concat(), &new.concat()) < 900);
        assert!(size(&new.concat(), &old.concat()) < 2900);
        // A length in front that is renewed, and a tag behind.
        let mut new = [audio.clone(), noise(500, 4)].concat();
        new[4..8].copy_from_slice(&[9; 4]);
        assert!(size(&audio, &new) < 100);
        // Pages that are numbered anew, behind a larger header.
        let paged = |first: usize, add: u32| -> Vec<u8> {
            let mut out = noise(first, 5);
            for (i, page) in audio.chunks(4000).enumerate() {
                out.extend_from_slice(b"OggS");
                out.extend_from_slice(&(i as u32 + add).to_le_bytes());
                out.extend_from_slice(&noise(4, i as u32 * 7 + add));
                out.extend_from_slice(page);
            }
            out
        };
        assert!(size(&paged(100, 0), &paged(5000, 2)) < 8000);
    }

    #[test]
    fn any_bytes_come_back() {
        let audio = noise(3000, 9);
        for (old, new) in [
            (&b""[..], &b""[..]),
            (b"", b"abc"),
            (b"abc", b""),
            (&audio, b""),
            (&audio, &audio),
            (&audio[10..], &audio),
            (&audio, &audio[700..]),
            (&[0; 5000], &[0; 4000]),
            (&[0; 5000], &audio),
        ] {
            size(old, new);
        }
    }

    #[test]
    fn a_damaged_difference_is_refused() {
        let (old, new) = (noise(3000, 1), noise(2500, 2));
        let good = difference(&old, &new);
        assert!(apply(&new, &good, 2999).is_err(), "longer than it may be");
        assert!(apply(&new, &good[..5], 3000).is_err());
        let mut bad = good.clone();
        bad[0] = 7;
        assert!(apply(&new, &bad, 3000).is_err());
        let beyond = [[COPY].as_slice(), &[0xff; 16]].concat();
        assert!(apply(&new, &beyond, 3000).is_err());
    }
}
