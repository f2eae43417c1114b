//! Sorting of ranks.

/// Entries below which a comparison sort is quicker.
const FEW: usize = 96;

/// A rank, above the place of its row in the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Key(u64);

impl Key {
    pub(super) fn new(rank: u32, place: usize) -> Self {
        Self(u64::from(rank) << 32 | place as u64)
    }

    #[inline(always)]
    pub(super) fn rank(self) -> u32 {
        (self.0 >> 32) as u32
    }

    #[inline(always)]
    pub(super) fn place(self) -> usize {
        (self.0 as u32) as usize
    }
}

/// Sorts keys that are in the order of their places by rank, all of them between `least` and `largest`, and then by place: by
/// radix, eight bits at a time, where there are many.
pub(super) fn sort(keys: &mut Vec<Key>, other: &mut Vec<Key>, least: u32, largest: u32) {
    if keys.len() < FEW {
        keys.sort_unstable();
        return;
    }
    other.resize(keys.len(), Key::default());
    let mut shift = 0;
    while (largest - least) >> shift != 0 {
        let digit = |key: &Key| ((key.rank() - least) >> shift) as usize & 0xff;
        let mut starts = [0u32; 256];
        for key in keys.iter() {
            starts[digit(key)] += 1;
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += std::mem::replace(start, sum);
        }
        for key in keys.iter() {
            let start = &mut starts[digit(key)];
            other[*start as usize] = *key;
            *start += 1;
        }
        std::mem::swap(keys, other);
        shift += 8;
        if shift == 32 {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_sorted_and_equal_ones_keep_their_order() {
        for n in [1usize, 95, 96, 5000] {
            for (least, spread) in [(0u32, 1u32), (7, 200), (100_000, 70_000), (0, u32::MAX)] {
                let rank = |place: usize| least + (place as u32).wrapping_mul(2_654_435_761) % spread;
                let mut keys: Vec<Key> = (0..n).map(|place| Key::new(rank(place), place)).collect();
                let mut want = keys.clone();
                want.sort();
                let least = keys.iter().map(|key| key.rank()).min().unwrap_or(0);
                let largest = keys.iter().map(|key| key.rank()).max().unwrap_or(0);
                sort(&mut keys, &mut Vec::new(), least, largest);
                assert_eq!(keys, want);
            }
        }
    }
}
