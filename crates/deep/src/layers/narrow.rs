//! Products of a few rows with a matrix, as recurrent layers make them frame after frame: too small to be worth laying the matrix out anew
//! each time, as `matmul` does for large ones.

use multiversion::{multiversion, target::target_cfg_f};

/// Rows that are computed side by side, so that a part of the matrix that was read serves all of them.
const ROWS: usize = 4;

/// Adds the product of rows of `k` numbers and a matrix with `k` rows to `out`, of as many rows.
///
/// A row's numbers are summed in order, whatever rows are beside it. Multiplications and additions are fused where the processor can.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2+fma", "x86_64+avx2+fma"))]
pub(super) fn add_rows(k: usize, rows: &[f32], matrix: &[f32], out: &mut [f32]) {
    if target_cfg_f!(target_feature = "fma") || cfg!(target_arch = "aarch64") {
        all::<true>(k, rows, matrix, out);
    } else {
        all::<false>(k, rows, matrix, out);
    }
}

#[inline(always)]
fn all<const FUSED: bool>(k: usize, rows: &[f32], matrix: &[f32], out: &mut [f32]) {
    let m = matrix.len() / k;
    assert_eq!((k * m, rows.len() / k * m), (matrix.len(), out.len()));
    let mut column = 0;
    while column + 32 <= m {
        columns::<32, FUSED>((k, m), rows, &matrix[column..], &mut out[column..]);
        column += 32;
    }
    while column + 8 <= m {
        columns::<8, FUSED>((k, m), rows, &matrix[column..], &mut out[column..]);
        column += 8;
    }
    while column < m {
        columns::<1, FUSED>((k, m), rows, &matrix[column..], &mut out[column..]);
        column += 1;
    }
}

/// The first `C` columns.
#[inline(always)]
fn columns<const C: usize, const FUSED: bool>(
    (k, m): (usize, usize),
    rows: &[f32],
    matrix: &[f32],
    out: &mut [f32],
) {
    let n = rows.len() / k;
    let mut row = 0;
    while row + ROWS <= n {
        block::<ROWS, C, FUSED>((k, m), &rows[row * k..], matrix, &mut out[row * m..]);
        row += ROWS;
    }
    while row < n {
        block::<1, C, FUSED>((k, m), &rows[row * k..], matrix, &mut out[row * m..]);
        row += 1;
    }
}

/// The first `R` rows and `C` columns.
#[inline(always)]
fn block<const R: usize, const C: usize, const FUSED: bool>(
    (k, m): (usize, usize),
    rows: &[f32],
    matrix: &[f32],
    out: &mut [f32],
) {
    let rows: [&[f32]; R] = std::array::from_fn(|r| &rows[r * k..][..k]);
    let mut sums = [[0.0_f32; C]; R];
    for at in 0..k {
        let line = &matrix[at * m..][..C];
        for r in 0..R {
            let value = rows[r][at];
            for c in 0..C {
                sums[r][c] = match FUSED {
                    true => value.mul_add(line[c], sums[r][c]),
                    false => value * line[c] + sums[r][c],
                };
            }
        }
    }
    for (r, sums) in sums.iter().enumerate() {
        for (out, sum) in out[r * m..][..C].iter_mut().zip(sums) {
            *out += sum;
        }
    }
}

/// The transpose of a matrix with `n_columns` columns.
pub(super) fn transposed(matrix: &[f32], n_columns: usize) -> Vec<f32> {
    let n_rows = matrix.len() / n_columns;
    let at = |at: usize| matrix[at % n_rows * n_columns + at / n_rows];
    (0..matrix.len()).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_product_row_by_row() {
        let number = |at: usize| ((at * 7_919 + at * at % 613) % 1_013) as f32 / 512.0 - 1.0;
        for (n, k, m) in [(1, 1, 1), (4, 5, 32), (7, 13, 43), (16, 64, 96), (3, 200, 9)] {
            let rows: Vec<f32> = (0..n * k).map(number).collect();
            let matrix: Vec<f32> = (0..k * m).map(|at| number(at + 17)).collect();
            let mut out: Vec<f32> = (0..n * m).map(|at| number(at + 5)).collect();
            let before = out.clone();
            add_rows(k, &rows, &matrix, &mut out);
            for (at, &got) in out.iter().enumerate() {
                let terms =
                    (0..k).map(|i| f64::from(rows[at / m * k + i]) * f64::from(matrix[i * m + at % m]));
                let want = f64::from(before[at]) + terms.sum::<f64>();
                assert!(
                    (f64::from(got) - want).abs() < 1e-5 * k as f64,
                    "{n} {k} {m}: {got} for {want}"
                );
            }
            // alone a row gets the same bits
            for row in 0..n {
                let mut alone = before[row * m..][..m].to_vec();
                add_rows(k, &rows[row * k..][..k], &matrix, &mut alone);
                assert_eq!(alone, out[row * m..][..m], "{n} {k} {m}, row {row}");
            }
            let turned = transposed(&matrix, m);
            assert!((0..k * m).all(|at| turned[at % m * k + at / m] == matrix[at]));
        }
    }
}
