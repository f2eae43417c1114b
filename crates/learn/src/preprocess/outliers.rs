use super::column;
use super::step::{OutlierScore, Treatment};

/// Median absolute deviations in a standard deviation of a normal distribution: its upper quartile.
const MAD_OF_NORMAL: f64 = 0.674_489_750_196_081_7;

/// Centre and spread of a column by `score`, and what its outliers become where that is one value.
pub(super) fn fit(values: &[f64], treatment: Treatment, score: OutlierScore) -> [f64; 3] {
    let mut present = column::sorted(values);
    let (mean, deviation) = column::mean_and_deviation(values);
    let median = column::median(&mut present);
    let (centre, spread) = match score {
        OutlierScore::Z => (mean, deviation),
        OutlierScore::Robust => {
            for value in &mut present {
                *value = (*value - median).abs();
            }
            (median, column::median(&mut present) / MAD_OF_NORMAL)
        }
    };
    let fill = match treatment {
        Treatment::Mean => mean,
        Treatment::Median => median,
        _ => 0.0,
    };
    [centre, spread, fill]
}

/// One value, treated.
pub(super) fn apply(
    value: f64,
    treatment: Treatment,
    threshold: f64,
    [centre, spread, fill]: [f64; 3],
) -> f64 {
    let deviation = value - centre;
    // A column without spread has no outliers; a missing value is none either.
    if treatment == Treatment::Keep || spread <= 0.0 || value.is_nan() {
        return value;
    }
    if deviation.abs() / spread <= threshold {
        return value;
    }
    match treatment {
        Treatment::Keep => value,
        Treatment::Nan => f64::NAN,
        Treatment::Mean | Treatment::Median => fill,
        Treatment::Clip => centre + deviation.signum() * threshold * spread,
    }
}
