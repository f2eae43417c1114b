//! Where the values of a column are cut into bins.

/// Lower bounds of the bins of a column, but for the first bin, which has none: ascending, at most `max_bin - 1`.
///
/// `values` must be finite, without negative zero, and `weights` positive, one each. Every bound is one of the values:
/// bin `b` holds those from bound `b - 1` up to, but not with, bound `b`. Up to `max_bin` distinct values have a bin each;
/// more are cut at quantiles of the weights.
///
/// Source: XGBoost 3.2, `WQSummary::SetPrune` and `AddCutPoint` (`src/common/quantile.h`, `quantile.cc`): the values are
/// thinned to eight times `max_bin`, then to `max_bin + 1`, of which the inner ones are bounds. Differs: the ranks that
/// are thinned are exact ones, in `f64`; XGBoost's are, too, as long as a column fits into one summary of its sketch.
pub(super) fn lower_bounds(values: &[f32], weights: &[f64], max_bin: usize) -> Vec<f32> {
    let points = thin(thin(ranks(values, weights), 8 * max_bin), max_bin + 1);
    let inner = points.iter().take(max_bin).skip(1);
    inner.map(|point| point.value).collect()
}

/// A distinct value, the weight of all smaller ones, and that with its own.
#[derive(Debug, Clone, Copy)]
struct Point {
    value: f32,
    before: f64,
    after: f64,
}

/// The distinct values in order.
fn ranks(values: &[f32], weights: &[f64]) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    let mut add = |value: f32, weight: f64| match points.last_mut() {
        Some(last) if last.value == value => last.after += weight,
        last => {
            let before = last.map_or(0.0, |last| last.after);
            points.push(Point {
                value,
                before,
                after: before + weight,
            });
        }
    };
    if weights.iter().all(|weight| *weight == weights[0]) {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f32::total_cmp);
        sorted.into_iter().for_each(|value| add(value, 1.0));
    } else {
        let mut sorted: Vec<(f32, f64)> = values.iter().copied().zip(weights.iter().copied()).collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        sorted.into_iter().for_each(|(value, weight)| add(value, weight));
    }
    points
}

/// At most `most` of the points: the first, the last, and those nearest to equal steps of rank between these two.
fn thin(points: Vec<Point>, most: usize) -> Vec<Point> {
    if points.len() <= most {
        return points;
    }
    let last = points.len() - 1;
    let begin = points[0].after;
    let range = points[last].before - begin;
    let n_steps = most - 1;
    let mut kept = vec![points[0]];
    let (mut at, mut newest) = (1, 0);
    for step in 1..n_steps {
        // Ranks are those of the middle of a point's weight, all of them doubled.
        let rank = 2.0 * (step as f64 * range / n_steps as f64 + begin);
        while at < last && rank >= points[at + 1].before + points[at + 1].after {
            at += 1;
        }
        if at == last {
            break;
        }
        let nearer = if rank < points[at].after + points[at + 1].before {
            at
        } else {
            at + 1
        };
        if nearer != newest {
            kept.push(points[nearer]);
            newest = nearer;
        }
    }
    if newest != last {
        kept.push(points[last]);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_have_a_bin_each() {
        let values = [3.0, -1.0, 3.0, 0.0, 7.5, -1.0];
        assert_eq!(lower_bounds(&values, &[1.0; 6], 4), [0.0, 3.0, 7.5]);
        assert_eq!(lower_bounds(&[2.0; 5], &[1.0; 5], 256), [0.0f32; 0]);
    }

    #[test]
    fn many_values_are_cut_where_the_bins_weigh_the_same() {
        let values: Vec<f32> = (0..1000).map(|i| (i * 7 % 1000) as f32).collect();
        let bounds = lower_bounds(&values, &[1.0; 1000], 10);
        assert_eq!(bounds.len(), 9);
        for (at, bound) in bounds.iter().enumerate() {
            assert!((bound - 100.0 * (at + 1) as f32).abs() <= 7.0, "{bounds:?}");
        }
        // A weight counts as that many rows.
        let weights: Vec<f64> = values
            .iter()
            .map(|&value| if value < 100.0 { 9.0 } else { 1.0 })
            .collect();
        let mut repeated = values.clone();
        for &value in values.iter().filter(|&&value| value < 100.0) {
            repeated.extend([value; 8]);
        }
        let weighted = lower_bounds(&values, &weights, 10);
        assert_eq!(weighted, lower_bounds(&repeated, &[1.0; 1800], 10));
        assert!((4..=5).contains(&weighted.iter().filter(|bound| **bound < 100.0).count()));
    }
}
