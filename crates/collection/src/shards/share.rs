//! Which rows of a manifest a shard takes.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use crate::error::Error;

/// One of several shards, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    index: u32,
    of: u32,
}

/// More shards than anyone has machines.
const MOST: u32 = 1_000_000;

impl Shard {
    /// Shard `index` of `of`; `None` unless 1 <= `index` <= `of` <= 1,000,000.
    pub fn new(index: u32, of: u32) -> Option<Self> {
        (1 <= index && index <= of && of <= MOST).then_some(Self { index, of })
    }

    /// Which one, from 1.
    pub fn index(self) -> u32 {
        self.index
    }

    /// How many there are.
    pub fn of(self) -> u32 {
        self.of
    }

    /// The rows that it takes.
    ///
    /// The bytes of all files stand in the order of the manifest in one line, which is cut into `of` equal lengths; a file belongs to
    /// the length that its middle lies in. A file of no bytes counts as one of one byte. So the rows of a shard follow each other, and no
    /// shard has more than its length and one file. Only whole numbers are used: every machine finds the same.
    pub(super) fn rows(self, weights: impl Iterator<Item = u64>, total: u128) -> Range<u64> {
        let (mut before, mut row) = (0_u128, 0_u64);
        let (mut start, mut end) = (None, 0);
        for weight in weights {
            let weight = u128::from(weight.max(1));
            let at = shard_of(2 * before + weight, total, self.of);
            before += weight;
            if at > self.index {
                return start.unwrap_or(row)..row;
            }
            if at == self.index {
                start = start.or(Some(row));
            }
            row += 1;
            end = row;
        }
        start.unwrap_or(end)..end
    }
}

/// The shard that twice a place among `total` bytes lies in.
fn shard_of(twice: u128, total: u128, of: u32) -> u32 {
    let at = twice * u128::from(of) / (2 * total.max(1));
    u32::try_from(at).unwrap_or(of).min(of - 1) + 1
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

impl FromStr for Shard {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let parts = text
            .split_once('/')
            .and_then(|(index, of)| Self::new(index.parse().ok()?, of.parse().ok()?));
        parts.ok_or_else(|| Error::InvalidOption {
            option: "--shard",
            value: text.to_owned(),
            expected: "I/N, the I-th of N shards, counted from 1, such as 3/64",
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn all(sizes: &[u64], of: u32) -> Vec<Range<u64>> {
        let total = sizes.iter().map(|&size| u128::from(size.max(1))).sum();
        (1..=of)
            .map(|index| Shard::new(index, of).unwrap().rows(sizes.iter().copied(), total))
            .collect()
    }

    #[test]
    fn every_row_is_in_one_shard_and_none_is_much_too_heavy() {
        let mut state = 7_u64;
        let mut draw = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % 9_000_000
        };
        let drawn: Vec<u64> = (0..997).map(|_| draw()).collect();
        let kinds: [&[u64]; 5] = [&drawn, &[0; 10], &[5], &[], &[1, 1, 1, 1_000_000_000, 1, 1]];
        for sizes in kinds {
            for of in [1, 2, 3, 7, 64] {
                let ranges = all(sizes, of);
                let mut next = 0;
                for range in &ranges {
                    assert!(range.is_empty() || range.start == next, "{ranges:?}");
                    next = next.max(range.end);
                }
                assert_eq!(next, sizes.len() as u64, "{ranges:?}");
                assert_eq!(
                    ranges.iter().map(|r| r.end - r.start).sum::<u64>(),
                    sizes.len() as u64
                );
                let weight = |range: &Range<u64>| -> u128 {
                    sizes[range.start as usize..range.end as usize]
                        .iter()
                        .map(|&s| u128::from(s.max(1)))
                        .sum()
                };
                let total = weight(&(0..sizes.len() as u64));
                let largest = u128::from(sizes.iter().copied().max().unwrap_or(0).max(1));
                for range in &ranges {
                    assert!(
                        weight(range) <= total / u128::from(of) + largest + 1,
                        "{of} {ranges:?}"
                    );
                }
            }
        }
        // By hand: middles at 5, 15, 25, 35 of 40 bytes.
        assert_eq!(all(&[10; 4], 2), [0..2, 2..4]);
    }

    #[test]
    fn shards_are_named_from_one() {
        assert_eq!("3/64".parse::<Shard>().unwrap(), Shard::new(3, 64).unwrap());
        for wrong in ["", "0/4", "5/4", "1", "1/0", "a/b", "1/2000000", "-1/2"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
