//! The 74 series that the 518 features summarise, and how each is distributed over tracks.
//!
//! Means, spreads and shapes follow what the extractor gives on real music, in its units: Hz for centroid, bandwidth and
//! rolloff, crossings per sample for the zero-crossing rate, dB for spectral contrast.

use super::moments::Statistics;

/// Number of statistics of a series.
const N_STATISTICS: usize = 7;
/// Number of features.
pub(crate) const N_FEATURES: usize = 518;
/// Number of series.
pub(crate) const N_DIMS: usize = 74;

/// How the mean of a series is distributed over tracks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Law {
    /// Centre and standard deviation.
    Normal(f64, f64),
    /// Median and standard deviation of the logarithm.
    LogNormal(f64, f64),
}

/// One series: a coefficient, a pitch class, a band.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dim {
    /// Position of its family in [`FAMILIES`].
    pub(crate) family: usize,
    /// Position in its family, from 0.
    pub(crate) number: usize,
    /// Column of its kurtosis; the other statistics follow at a distance of `stride`.
    first: usize,
    stride: usize,
    /// Law of the mean.
    pub(crate) mean: Law,
    /// Median of the standard deviation over frames, relative to the mean where the mean is log-normal.
    pub(crate) std: f64,
    /// Law of minimum and maximum, in standard deviations.
    pub(crate) below: f64,
    /// See `below`.
    pub(crate) above: f64,
    /// Usual positions of skewness and kurtosis in their ranges.
    pub(crate) skew_at: f64,
    /// See `skew_at`.
    pub(crate) kurtosis_at: f64,
    /// Least and greatest value possible.
    pub(crate) bounds: (f64, f64),
    /// Value in silence.
    pub(crate) silence: f64,
}

impl Dim {
    /// Puts the statistics of the series into their columns.
    pub(crate) fn put(&self, statistics: &Statistics, row: &mut [f64; N_FEATURES]) {
        for (k, value) in statistics.iter().enumerate() {
            row[self.first + k * self.stride] = *value;
        }
    }
}

/// Families in the order of the columns, with their numbers of series.
pub(crate) const FAMILIES: [(&str, usize); 11] = [
    ("chroma_cens", 12),
    ("chroma_cqt", 12),
    ("chroma_stft", 12),
    ("mfcc", 20),
    ("rmse", 1),
    ("spectral_bandwidth", 1),
    ("spectral_centroid", 1),
    ("spectral_contrast", 7),
    ("spectral_rolloff", 1),
    ("tonnetz", 6),
    ("zcr", 1),
];

/// Centre and standard deviation over tracks of the coefficients' means, and median of their standard deviations.
const MFCC: [(f64, f64, f64); 20] = [
    (-165.0, 72.0, 84.0),
    (130.0, 32.0, 37.0),
    (-20.0, 26.0, 26.0),
    (34.0, 16.0, 21.0),
    (0.0, 13.0, 17.0),
    (15.0, 10.5, 14.0),
    (-4.0, 9.5, 12.0),
    (7.5, 8.2, 11.0),
    (-2.0, 6.9, 10.0),
    (3.5, 6.6, 9.6),
    (-2.0, 5.6, 8.9),
    (2.0, 5.4, 8.6),
    (-1.0, 4.9, 8.1),
    (1.2, 4.6, 7.8),
    (-0.5, 4.3, 7.6),
    (0.4, 4.4, 7.4),
    (-1.0, 4.2, 7.2),
    (-0.3, 4.2, 7.1),
    (-0.6, 3.8, 6.9),
    (-0.9, 4.0, 6.8),
];
/// The same of spectral contrast's bands.
const CONTRAST: [(f64, f64, f64); 7] = [
    (18.0, 2.0, 4.6),
    (15.0, 1.7, 4.1),
    (17.3, 1.6, 3.9),
    (17.0, 1.5, 3.0),
    (17.6, 1.7, 3.0),
    (18.4, 2.2, 3.0),
    (38.5, 5.5, 6.0),
];
/// Standard deviations over frames of the six tonal centroid dimensions.
const TONNETZ: [f64; 6] = [0.024, 0.027, 0.078, 0.067, 0.015, 0.016];

/// The 74 series in the order of their families.
pub(crate) fn dims() -> Vec<Dim> {
    let unit = (0.0, 1.0);
    let positive = (0.0, f64::INFINITY);
    let any = (f64::NEG_INFINITY, f64::INFINITY);
    let mut all = Vec::with_capacity(N_DIMS);
    let mut column = 0;
    for (family, &(name, n)) in FAMILIES.iter().enumerate() {
        for number in 0..n {
            // Mean, deviation, minimum, maximum, skewness, kurtosis, bounds.
            let (mean, std, below, above, skew_at, kurtosis_at, bounds) = match name {
                "chroma_cens" => (Law::Normal(0.25, 0.05), 0.088, 2.5, 2.9, 0.47, 0.31, unit),
                // Chroma is divided by the frame's maximum: every pitch class is the loudest somewhere.
                "chroma_cqt" => (Law::Normal(0.54, 0.08), 0.23, 2.2, 9.0, 0.6, 0.40, unit),
                "chroma_stft" => (Law::Normal(0.45, 0.09), 0.27, 1.75, 9.0, 0.59, 0.46, unit),
                "mfcc" => {
                    let (centre, sd, std) = MFCC[number];
                    let (below, above, at) = match number {
                        0 => (4.3, 1.95, 0.49),
                        1 => (4.2, 2.4, 0.5),
                        2 => (3.0, 3.8, 0.48),
                        _ => (3.9, 3.9, 0.5),
                    };
                    (Law::Normal(centre, sd), std, below, above, at, 0.158, any)
                }
                "rmse" => (Law::LogNormal(4.4, 0.5), 0.42, 2.5, 4.1, 0.43, 0.25, positive),
                "spectral_bandwidth" => (
                    Law::LogNormal(1_560.0, 0.24),
                    0.26,
                    3.0,
                    3.8,
                    0.47,
                    0.24,
                    positive,
                ),
                "spectral_centroid" => (
                    Law::LogNormal(1_350.0, 0.38),
                    0.38,
                    2.0,
                    6.0,
                    0.42,
                    0.25,
                    positive,
                ),
                "spectral_contrast" => {
                    let (centre, sd, std) = CONTRAST[number];
                    let (above, at) = if number == 6 { (2.5, 0.5) } else { (5.6, 0.4) };
                    (Law::Normal(centre, sd), std, 3.2, above, at, 0.13, positive)
                }
                "spectral_rolloff" => (
                    Law::LogNormal(2_800.0, 0.45),
                    0.45,
                    1.9,
                    4.2,
                    0.47,
                    0.26,
                    positive,
                ),
                "tonnetz" => (
                    Law::Normal(0.0, 0.3 * TONNETZ[number]),
                    TONNETZ[number],
                    3.9,
                    3.9,
                    0.49,
                    0.18,
                    any,
                ),
                _ => (Law::LogNormal(0.056, 0.45), 0.55, 1.6, 6.8, 0.39, 0.28, unit),
            };
            let silence = match name {
                "mfcc" if number == 0 => -500.0,
                _ => 0.0,
            };
            all.push(Dim {
                family,
                number,
                first: column + number,
                stride: n,
                mean,
                std,
                below,
                above,
                skew_at,
                kurtosis_at,
                bounds,
                silence,
            });
        }
        column += N_STATISTICS * n;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use cratedigger_catalog::schema::feature_columns;

    #[test]
    fn statistics_reach_their_columns() {
        let names = feature_columns();
        let dims = dims();
        assert_eq!((names.len(), dims.len()), (N_FEATURES, N_DIMS));
        let mut written = vec![0; N_FEATURES];
        for dim in &dims {
            let mut row = [0.0; N_FEATURES];
            dim.put(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], &mut row);
            for (value, statistic) in ["kurtosis", "max", "mean", "median", "min", "skew", "std"]
                .iter()
                .enumerate()
                .map(|(i, s)| (i + 1, s))
            {
                let name = format!("{}.{statistic}.{:02}", FAMILIES[dim.family].0, dim.number + 1);
                let at = names.iter().position(|n| *n == name);
                assert_eq!(at.map(|at| row[at]), Some(value as f64), "{name}");
            }
            for (n, value) in written.iter_mut().zip(row) {
                *n += i32::from(value != 0.0);
            }
        }
        assert!(written.iter().all(|&n| n == 1));
    }
}
