//! Sums of gradients and Hessians by bin.

use super::bins::{Codes, Group, LANES, NARROW};

/// A sum of gradients and one of Hessians.
pub(super) type Cell = [f64; 2];

/// Gradient and Hessian of a row.
pub(super) type Pair = [f32; 2];

/// Rounds gradients, and Hessians, to multiples of a power of two so small that no digit that matters is lost, and so
/// large that the sum of any of them is exact in `f64`.
///
/// Sums then do not depend on the order they are taken in, a histogram minus that of a part is that of the rest to the
/// last bit, and equal gains are equal: ties are decided by the order of features and bins alone. With `n` rows the
/// power is at most `n * 2^-51` of the largest absolute value.
pub(super) fn round_to_exact_sums(pairs: &mut [Pair]) {
    for side in 0..2 {
        let largest = pairs
            .iter()
            .fold(0.0f32, |largest, pair| largest.max(pair[side].abs()));
        if largest == 0.0 {
            continue;
        }
        let bound = f64::from(largest) * pairs.len().max(4) as f64;
        // Adding and subtracting 1.5 * 2^52 units drops what is below a unit, ties to even.
        let unit_log2 = bound.log2().floor() as i32 + 1 - 52;
        let shift = 1.5 * 2f64.powi(52 + unit_log2);
        for pair in pairs.iter_mut() {
            pair[side] = ((f64::from(pair[side]) + shift) - shift) as f32;
        }
    }
}

/// Sums of both over some rows.
pub(super) fn total(pairs: &[Pair]) -> Cell {
    pairs.iter().fold([0.0; 2], |[g, h], pair| {
        [g + f64::from(pair[0]), h + f64::from(pair[1])]
    })
}

/// Writes the histograms of the columns of a group over some rows, one after the other at the group's stride.
///
/// `rows` are the numbers of the rows, `None` for all in order; `pairs` belong to them. `cells` needs `group.n_cells()`.
pub(super) fn accumulate(group: &Group<'_>, rows: Option<&[u32]>, pairs: &[Pair], cells: &mut [Cell]) {
    for (column, cells) in group.columns.iter().zip(cells.chunks_exact_mut(group.stride)) {
        cells[..column.n_bins()].fill([0.0; 2]);
    }
    if let [a, b, c, d] = group.columns[..]
        && let (Codes::Narrow(a), Codes::Narrow(b), Codes::Narrow(c), Codes::Narrow(d)) =
            (&a.codes, &b.codes, &c.codes, &d.codes)
    {
        let (cells, _) = cells.as_chunks_mut::<NARROW>();
        if let Some(cells) = cells.first_chunk_mut::<LANES>() {
            return match rows {
                Some(rows) => four([a, b, c, d], rows.iter().map(|&row| row as usize), pairs, cells),
                None => four([a, b, c, d], 0..a.len(), pairs, cells),
            };
        }
    }
    for (column, cells) in group.columns.iter().zip(cells.chunks_exact_mut(group.stride)) {
        match (&column.codes, rows) {
            (Codes::Narrow(codes), Some(rows)) => {
                one(codes, rows.iter().map(|&row| row as usize), pairs, cells)
            }
            (Codes::Narrow(codes), None) => one(codes, 0..codes.len(), pairs, cells),
            (Codes::Wide(codes), Some(rows)) => {
                one(codes, rows.iter().map(|&row| row as usize), pairs, cells)
            }
            (Codes::Wide(codes), None) => one(codes, 0..codes.len(), pairs, cells),
        }
    }
}

/// Four columns in one pass: the additions to one histogram wait for each other where rows share a bin, those to four
/// do not.
#[inline(never)]
fn four(
    codes: [&[u8]; LANES],
    rows: impl Iterator<Item = usize>,
    pairs: &[Pair],
    cells: &mut [[Cell; NARROW]; LANES],
) {
    let n = codes[0].len();
    let codes = codes.map(|codes| &codes[..n]);
    let [a, b, c, d] = cells;
    for (row, pair) in rows.zip(pairs) {
        let (gradient, hessian) = (f64::from(pair[0]), f64::from(pair[1]));
        let add = |cell: &mut Cell| {
            cell[0] += gradient;
            cell[1] += hessian;
        };
        add(&mut a[usize::from(codes[0][row])]);
        add(&mut b[usize::from(codes[1][row])]);
        add(&mut c[usize::from(codes[2][row])]);
        add(&mut d[usize::from(codes[3][row])]);
    }
}

fn one<T: Copy + Into<usize>>(
    codes: &[T],
    rows: impl Iterator<Item = usize>,
    pairs: &[Pair],
    cells: &mut [Cell],
) {
    for (row, pair) in rows.zip(pairs) {
        let cell = &mut cells[codes[row].into()];
        cell[0] += f64::from(pair[0]);
        cell[1] += f64::from(pair[1]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cratedigger_stats::rng::SeededRng;

    #[test]
    fn rounded_pairs_have_the_same_sum_in_any_order() {
        let mut rng = SeededRng::new(1);
        for n in [1, 2, 5, 1000, 40_000] {
            // Magnitudes that differ by a million million.
            let mut pairs: Vec<Pair> = (0..n)
                .map(|_| {
                    let size = 10f64.powf(rng.uniform(-12.0, 0.0));
                    [(rng.uniform(-1.0, 1.0) * size) as f32, (rng.unit() * size) as f32]
                })
                .collect();
            let exact = pairs.clone();
            round_to_exact_sums(&mut pairs);
            let largest = exact.iter().fold(0.0f32, |a, b| a.max(b[0].abs()).max(b[1]));
            for (pair, exact) in pairs.iter().zip(&exact) {
                for side in 0..2 {
                    let error = f64::from((pair[side] - exact[side]).abs());
                    assert!(error <= f64::from(largest) * n.max(4) as f64 * 2f64.powi(-52));
                }
            }
            let sums = total(&pairs);
            for _ in 0..20 {
                rng.shuffle(&mut pairs);
                assert_eq!(total(&pairs), sums);
                let part = total(&pairs[..n / 3]);
                let rest = total(&pairs[n / 3..]);
                assert_eq!([sums[0] - part[0], sums[1] - part[1]], rest);
            }
        }
        let mut zeros = vec![[0.0f32; 2]; 3];
        round_to_exact_sums(&mut zeros);
        assert_eq!(zeros, [[0.0; 2]; 3]);
    }
}
