//! Whole numbers that keep a sum.

/// Sums that differ by less are equal.
const TOLERANCE: f64 = 1e-6;

/// Rounds numbers so that the whole ones have the rounded sum of these: each to the nearest (halves to the even one); then those that
/// were rounded farthest the wrong way change by one until the sum is right, of equal ones the last where the sum was too small and the
/// first where it was too large.
///
/// Source: cleanlab 2.9, `internal/util.py`, `round_preserving_sum`, whose order of ties is not defined.
pub(super) fn round_preserving_sum(values: &[f64]) -> Vec<f64> {
    let mut whole: Vec<f64> = values.iter().map(|value| value.round_ties_even()).collect();
    let wanted = values.iter().sum::<f64>().round_ties_even();
    loop {
        let missing = wanted - whole.iter().sum::<f64>().round_ties_even();
        if missing.abs() <= TOLERANCE {
            return whole;
        }
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|&a, &b| (values[a] - whole[a]).total_cmp(&(values[b] - whole[b])));
        if missing > 0.0 {
            order.reverse();
        }
        let n_changes = (missing.abs() as usize).min(values.len());
        for &at in &order[..n_changes] {
            whole[at] += missing.signum();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_kept_and_no_number_moves_farther_than_it_must() {
        assert_eq!(round_preserving_sum(&[0.4, 0.3, 0.3]), [1.0, 0.0, 0.0]);
        assert_eq!(round_preserving_sum(&[0.6, 0.7, 0.7]), [0.0, 1.0, 1.0]);
        assert_eq!(round_preserving_sum(&[2.5, 3.5]), [2.0, 4.0]);
        assert_eq!(round_preserving_sum(&[]), Vec::<f64>::new());
        for n in 1..40_usize {
            let values: Vec<f64> = (0..n).map(|at| ((at * at * 37 + n) % 101) as f64 / 7.0).collect();
            let whole = round_preserving_sum(&values);
            let sum = |values: &[f64]| values.iter().sum::<f64>().round_ties_even();
            assert_eq!(sum(&whole), sum(&values));
            assert!(values.iter().zip(&whole).all(|(a, b)| (a - b).abs() < 1.0 + 1e-9));
        }
    }
}
