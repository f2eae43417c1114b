/// What a quantile is between two values. The rules agree but for rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interpolation {
    /// On the line between the two, from the nearer one, so that the result never leaves the interval (numpy,
    /// `quantile(method="linear")`, to the last bit).
    Linear,
    /// On the line between the two, always from the lower one; differs from `Linear` in the last bit at most.
    LinearFromBelow,
}

/// The value that the share `q` of the values lies below; `None` without values.
///
/// `sorted`: values in ascending order; `q`: from 0 to 1.
pub fn quantile(sorted: &[f64], q: f64, between: Interpolation) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = q * last as f64;
    let low = (place.floor() as usize).min(last);
    let (a, b) = (sorted[low], sorted[(low + 1).min(last)]);
    let t = place - low as f64;
    Some(match between {
        Interpolation::Linear if t >= 0.5 => b - (b - a) * (1.0 - t),
        Interpolation::Linear | Interpolation::LinearFromBelow => a + (b - a) * t,
    })
}

/// The median, the mean of the two middle values of an even number; `None` without values. Reorders `values`.
pub fn median(values: &mut [f64]) -> Option<f64> {
    let middle = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    let (below, &mut upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let lower = below.iter().copied().max_by(f64::total_cmp);
    Some(match lower {
        Some(lower) if values.len().is_multiple_of(2) => (lower + upper) / 2.0,
        _ => upper,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// numpy.quantile([1, 2, 4, 8], [0, 0.25, 0.5, 0.75, 0.99, 1]) = [1, 1.75, 3, 5, 7.88, 8]
    #[test]
    fn quantiles_are_numpys() {
        let at = |q, between| quantile(&[1.0, 2.0, 4.0, 8.0], q, between);
        for (q, want) in [(0.0, 1.0), (0.25, 1.75), (0.5, 3.0), (0.75, 5.0), (1.0, 8.0)] {
            assert_eq!(at(q, Interpolation::Linear), Some(want));
            assert_eq!(at(q, Interpolation::LinearFromBelow), Some(want));
        }
        assert!((at(0.99, Interpolation::Linear).unwrap_or(0.0) - 7.88).abs() < 1e-12);
        assert_eq!(quantile(&[7.0], 0.75, Interpolation::Linear), Some(7.0));
        assert_eq!(quantile(&[], 0.5, Interpolation::Linear), None);
    }

    /// From below, 0.1 + (0.3 - 0.1) may miss 0.3; numpy's rule does not.
    #[test]
    fn the_nearer_end_keeps_within_the_interval() {
        let values = [0.1, 0.3];
        let top = 1.0 - f64::EPSILON / 2.0;
        assert!(quantile(&values, top, Interpolation::Linear).is_some_and(|value| value <= 0.3));
        for q in [0.0, 1.0] {
            let exact = quantile(&values, q, Interpolation::Linear);
            assert_eq!(exact, Some(values[q as usize]));
        }
    }

    /// numpy 2.4: `quantile([0.64, 0.91], 0.3)` and `quantile([0.62, 1.0], 0.7)`, where the other rule has another last digit.
    #[test]
    fn rules_differ_in_their_last_digit_only() {
        let (lower, upper) = ([0.64, 0.91], [0.62, 1.0]);
        assert_eq!(quantile(&lower, 0.3, Interpolation::Linear), Some(0.721));
        assert_eq!(quantile(&upper, 0.7, Interpolation::Linear), Some(0.886));
        let from_below = quantile(&upper, 0.7, Interpolation::LinearFromBelow);
        assert_eq!(from_below, Some(0.8859999999999999));
    }

    #[test]
    fn a_median_is_the_middle_of_the_sorted_values() {
        assert_eq!(median(&mut []), None);
        assert_eq!(median(&mut [3.0, -1.0, 2.0]), Some(2.0));
        assert_eq!(median(&mut [3.0, -1.0, 2.0, 10.0]), Some(2.5));
        let mut values: Vec<f64> = (0..1000).map(|k| f64::from(k * 7919 % 1009)).collect();
        let mut sorted = values.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        assert_eq!(median(&mut values), Some((sorted[499] + sorted[500]) / 2.0));
    }
}
