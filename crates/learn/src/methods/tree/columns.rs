use rayon::prelude::*;

use crate::data::matrix::Matrix;

/// A value and the row it stands in: the value's bits, mapped so that integers sort as the values do, above the row.
///
/// The values of a column, sorted, need eight bytes each and are read in order, whatever part of the rows a node has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::methods) struct Entry(u64);

impl Entry {
    fn new(value: f32, row: u32) -> Self {
        let bits = (value + 0.0).to_bits(); // -0.0 becomes 0.0
        let ordered = if bits >> 31 == 1 { !bits } else { bits | 1 << 31 };
        Self(u64::from(ordered) << 32 | u64::from(row))
    }

    #[inline(always)]
    pub(in crate::methods) fn value(self) -> f32 {
        let ordered = (self.0 >> 32) as u32;
        f32::from_bits(if ordered >> 31 == 1 {
            ordered & !(1 << 31)
        } else {
            !ordered
        })
    }

    #[inline(always)]
    pub(in crate::methods) fn row(self) -> usize {
        (self.0 as u32) as usize
    }
}

/// The columns of `x` one after the other, each sorted by value and then by row.
pub(in crate::methods) fn sorted_columns(x: &Matrix, rows: &[u32]) -> Vec<Entry> {
    let values = x.to_columns();
    let (n_rows, n_used) = (x.n_rows(), rows.len());
    let mut entries = vec![Entry::default(); n_used * x.n_cols()];
    entries
        .par_chunks_mut(n_used)
        .enumerate()
        .for_each(|(column, out)| {
            let values = &values[column * n_rows..(column + 1) * n_rows];
            for (entry, &row) in out.iter_mut().zip(rows) {
                *entry = Entry::new(values[row as usize], row);
            }
            sort(out);
        });
    entries
}

/// Sorts entries that are in the order of their rows, by radix: three passes of 11 bits over the value.
fn sort(entries: &mut [Entry]) {
    const BITS: u32 = 11;
    if entries.len() < 512 {
        entries.sort_unstable_by_key(|entry| entry.0);
        return;
    }
    let mut other = entries.to_vec();
    let mut in_other = false;
    for pass in 0..3 {
        let digit = |entry: &Entry| (entry.0 >> (32 + pass * BITS)) as usize & ((1 << BITS) - 1);
        let (from, to) = if in_other {
            (&other[..], &mut *entries)
        } else {
            (&*entries, &mut other[..])
        };
        let mut starts = [0usize; 1 << BITS];
        for entry in from {
            starts[digit(entry)] += 1;
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += std::mem::replace(start, sum);
        }
        for entry in from {
            let start = &mut starts[digit(entry)];
            to[*start] = *entry;
            *start += 1;
        }
        in_other = !in_other;
    }
    entries.copy_from_slice(&other);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn columns_are_sorted_by_value_and_then_by_row() {
        for n_rows in [1usize, 100, 5000] {
            let value = |i: usize| match i % 7 {
                0 => 0.0,
                1 => -0.0,
                2 => f32::MAX,
                3 => -1e-40,
                _ => ((i * 7919) % 1009) as f32 * 0.37 - 150.0,
            };
            let x = Matrix::new(n_rows, 2, (0..2 * n_rows).map(value).collect()).unwrap();
            let rows: Vec<u32> = (0..n_rows as u32).filter(|row| row % 3 != 2).collect();
            let entries = sorted_columns(&x, &rows);
            for (column, entries) in entries.chunks_exact(rows.len()).enumerate() {
                let mut want: Vec<(f32, u32)> = rows
                    .iter()
                    .map(|&row| (x.get(row as usize, column), row))
                    .collect();
                want.sort_by(|a, b| a.partial_cmp(b).unwrap());
                let got: Vec<(f32, u32)> = entries
                    .iter()
                    .map(|entry| (entry.value(), entry.row() as u32))
                    .collect();
                assert_eq!(got, want);
            }
        }
    }
}
