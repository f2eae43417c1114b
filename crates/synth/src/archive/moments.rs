//! Seven statistics that some series of numbers really can have.
//!
//! Mean, standard deviation, minimum, maximum, skewness and kurtosis bound each other. For numbers in `[min, max]` let `a` and
//! `b` be the distances of the two from the mean in standard deviations. Then (Hausdorff's moment problem on an interval)
//!
//! - `a b >= 1` (Bhatia and Davis 2000),
//! - `1/a - a <= skew <= b - 1/b`,
//! - `skew^2 + 1 <= kurtosis + 3 <= a b + (b - a) skew - (skew - b + a)^2 / (a b - 1)`,
//!
//! where the last bound is the expectation of `(z + a)(b - z)(z - c)^2 >= 0` at its strictest `c`. So a track is described by
//! where in these ranges it lies, and its seven values are consistent by construction.

/// Where the statistics of a series lie.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Mean.
    pub(crate) mean: f64,
    /// Standard deviation, made smaller where the bounds demand it.
    pub(crate) std: f64,
    /// Minimum and maximum in standard deviations below and above the mean, before the bounds.
    pub(crate) below: f64,
    /// See `below`.
    pub(crate) above: f64,
    /// Position of the skewness in its range, 0 to 1.
    pub(crate) skew_at: f64,
    /// Position of the kurtosis in its range, 0 to 1.
    pub(crate) kurtosis_at: f64,
    /// Distance of the median from its expected place, in standard deviations.
    pub(crate) median_shift: f64,
    /// Least and greatest value possible; the mean lies between them.
    pub(crate) bounds: (f64, f64),
}

/// Kurtosis (Fisher's), maximum, mean, median, minimum, skewness, standard deviation: the order of the columns.
pub(crate) type Statistics = [f64; 7];

impl Shape {
    /// The statistics.
    pub(crate) fn statistics(&self) -> Statistics {
        let mean = self.mean;
        let min = (mean - self.below * self.std).max(self.bounds.0);
        let max = (mean + self.above * self.std).min(self.bounds.1);
        let std = self.std.min(0.97 * ((max - mean) * (mean - min)).max(0.0).sqrt());
        if std <= 1e-9 {
            return [0.0, mean, mean, mean, mean, 0.0, 0.0];
        }
        let (a, b) = ((mean - min) / std, (max - mean) / std);
        let (lowest, highest) = (1.0 / a - a, b - 1.0 / b);
        let skew = lowest + self.skew_at.clamp(0.01, 0.99) * (highest - lowest);
        let least = skew * skew + 1.0;
        let most = a * b + (b - a) * skew - (skew - b + a).powi(2) / (a * b - 1.0);
        let kurtosis = least + self.kurtosis_at.clamp(0.01, 0.99) * (most - least).max(0.0) - 3.0;
        let median = mean - std * (0.16 * skew + self.median_shift).clamp(-0.6, 0.6);
        [kurtosis, max, mean, median.clamp(min, max), min, skew, std]
    }
}

/// The statistics of a series that is `level` but for a share of `share` at `peak`: two values, so
/// `kurtosis = 1 / (q (1 - q)) - 6`, `skew = ±(1 - 2 q) / sqrt(q (1 - q))`.
pub(crate) fn two_values(level: f64, peak: f64, share: f64) -> Statistics {
    let variance = share * (1.0 - share);
    let skew = (1.0 - 2.0 * share) / variance.sqrt() * (peak - level).signum();
    let mean = level + share * (peak - level);
    [
        1.0 / variance - 6.0,
        level.max(peak),
        mean,
        level,
        level.min(peak),
        skew,
        (peak - level).abs() * variance.sqrt(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{Domain, Stream};

    /// The statistics by their definitions.
    fn direct(values: &[f64]) -> Statistics {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let moment = |k: i32| values.iter().map(|v| (v - mean).powi(k)).sum::<f64>() / n;
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let std = moment(2).sqrt();
        [
            moment(4) / std.powi(4) - 3.0,
            sorted[sorted.len() - 1],
            mean,
            0.5 * (sorted[(sorted.len() - 1) / 2] + sorted[sorted.len() / 2]),
            sorted[0],
            moment(3) / std.powi(3),
            std,
        ]
    }

    #[test]
    fn real_series_lie_within_the_ranges() {
        // The ranges must hold for any numbers: here for random series of several laws.
        let mut s = Stream::new(8, Domain::World, 0);
        for round in 0..2_000 {
            let values: Vec<f64> = (0..3 + s.below(40))
                .map(|_| match round % 3 {
                    0 => s.uniform(),
                    1 => s.log_normal(1.0, 1.5),
                    _ => f64::from(u8::from(s.chance(0.2))) + 0.01 * s.normal(),
                })
                .collect();
            let [kurtosis, max, mean, median, min, skew, std] = direct(&values);
            let (a, b) = ((mean - min) / std, (max - mean) / std);
            let tolerance = 1e-9 * (1.0 + kurtosis.abs());
            assert!(a * b >= 1.0 - tolerance);
            assert!(skew >= 1.0 / a - a - tolerance && skew <= b - 1.0 / b + tolerance);
            assert!(kurtosis + 3.0 >= skew * skew + 1.0 - tolerance);
            let most = a * b + (b - a) * skew - (skew - b + a).powi(2) / (a * b - 1.0);
            assert!(
                kurtosis + 3.0 <= most + tolerance || a * b - 1.0 < 1e-6,
                "{kurtosis} {most}"
            );
            assert!((mean - median).abs() <= std * (1.0 + 1e-9));
        }
    }

    #[test]
    fn two_values_are_what_the_definitions_give() {
        for (level, peak, n) in [(0.0, 1.0, 40), (-520.0, 30.0, 7), (0.3, 0.0, 11)] {
            let mut values = vec![level; n];
            values[0] = peak;
            let got = two_values(level, peak, 1.0 / n as f64);
            for (g, w) in got.iter().zip(direct(&values)) {
                assert!(
                    (g - w).abs() <= 1e-9 * (1.0 + w.abs()),
                    "{got:?} {:?}",
                    direct(&values)
                );
            }
        }
    }

    #[test]
    fn shapes_keep_to_their_bounds() {
        let shape = Shape {
            mean: 0.9,
            std: 0.5,
            below: 3.0,
            above: 3.0,
            skew_at: 0.5,
            kurtosis_at: 0.2,
            median_shift: 0.0,
            bounds: (0.0, 1.0),
        };
        let [kurtosis, max, mean, median, min, skew, std] = shape.statistics();
        assert_eq!((min, max, mean), (0.0, 1.0, 0.9));
        assert!(std <= 0.3 && min <= median && median <= max && kurtosis >= skew * skew - 2.0);
        let constant = Shape {
            bounds: (0.9, 1.0),
            ..shape
        }
        .statistics();
        assert_eq!(constant, [0.0, 0.9, 0.9, 0.9, 0.9, 0.0, 0.0]);
    }
}
