//! Classes of values for choropleths, and the colours of classes and genres.

/// Light to dark, as `viridis` reversed (van der Walt and Smith 2015): readable for colour-blind people and in grey.
pub(crate) const CLASSES: [&str; 6] = ["#fde725", "#7ad151", "#22a884", "#2a788e", "#414487", "#440154"];

/// Okabe and Ito (2008), for genres: names of the page's palette and the colours themselves.
pub(crate) const GENRES: [(&str, &str); 6] = [
    ("c1", "#0072b2"),
    ("c2", "#e69f00"),
    ("c3", "#009e73"),
    ("c4", "#cc79a7"),
    ("c5", "#56b4e9"),
    ("c6", "#d55e00"),
];

/// Classes: each begins at its lower end and ends below the next one's.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scale {
    /// Lower ends, ascending; at most as many as there are colours.
    pub(crate) lower: Vec<f64>,
    /// The greatest value.
    pub(crate) greatest: f64,
}

impl Scale {
    /// Classes of equal ratios over the positive `values`, with round ends: for counts, which spread over powers of ten.
    /// `None` without any.
    pub(crate) fn logarithmic(values: &[f64]) -> Option<Self> {
        let positive = || values.iter().copied().filter(|&value| value > 0.0);
        let least = positive().reduce(f64::min)?;
        let greatest = positive().reduce(f64::max)?;
        let mut lower = vec![round_down(least)];
        for k in 1..CLASSES.len() {
            let end = round_down(least * (greatest / least).powf(k as f64 / CLASSES.len() as f64));
            if lower.last().is_none_or(|&before| end > before) {
                lower.push(end);
            }
        }
        Some(Self { lower, greatest })
    }

    /// Classes of equal width from 0, with round ends: for shares. `None` without values.
    pub(crate) fn linear(values: &[f64]) -> Option<Self> {
        let greatest = values.iter().copied().reduce(f64::max)?;
        let mut step = round_down(greatest.max(1e-9) / CLASSES.len() as f64);
        while step * (CLASSES.len() as f64) < greatest {
            // The next rounder number.
            step = [1.5, 2.0, 3.0, 5.0, 7.0, 10.0]
                .map(|factor| round_down(step * factor))
                .into_iter()
                .find(|&next| next > step)
                .unwrap_or(step * 2.0);
        }
        let lower = (0..CLASSES.len())
            .map(|k| step * k as f64)
            .filter(|&end| end == 0.0 || end < greatest)
            .collect();
        Some(Self { lower, greatest })
    }

    /// The colour of a value; `None` for what is not positive.
    pub(crate) fn colour(&self, value: f64) -> Option<&'static str> {
        let class = self.lower.iter().rposition(|&end| value >= end)?;
        // Few classes still reach from light to dark.
        let step = if self.lower.len() > 1 {
            class * (CLASSES.len() - 1) / (self.lower.len() - 1)
        } else {
            2
        };
        CLASSES.get(step).copied()
    }
}

/// The greatest of 1, 1.5, 2, 3, 5 and 7 times a power of ten that is not above `value`.
fn round_down(value: f64) -> f64 {
    let power = 10_f64.powi(value.log10().floor() as i32);
    let steps = [7.0, 5.0, 3.0, 2.0, 1.5, 1.0];
    // A hair's breadth for powers that do not fit into a double.
    let step = steps
        .into_iter()
        .find(|step| step * power <= value * (1.0 + 1e-12));
    step.unwrap_or(1.0) * power
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn classes_are_round_and_hold_every_value() {
        let values: Vec<f64> = (0..60).map(|k| 1.0 + f64::from(k * k)).chain([0.0]).collect();
        let scale = Scale::logarithmic(&values).unwrap();
        assert_eq!(scale.lower, [1.0, 3.0, 15.0, 50.0, 200.0, 700.0]);
        assert!(
            values
                .iter()
                .all(|&value| scale.colour(value).is_some() == (value > 0.0))
        );
        assert_eq!(scale.colour(1.0), Some(CLASSES[0]));
        assert_eq!(scale.colour(3482.0), Some(CLASSES[5]));
        assert_eq!(
            [0.0123, 99.9, 100.0, 0.5, 1777.0].map(round_down),
            [0.01, 70.0, 100.0, 0.5, 1500.0]
        );
        assert_eq!(Scale::logarithmic(&[0.0]), None);
        let one = Scale::logarithmic(&[7.0, 7.0]).unwrap();
        assert_eq!(
            (one.lower.clone(), one.colour(7.0)),
            (vec![7.0], Some(CLASSES[2]))
        );

        let scale = Scale::linear(&[0.0, 0.31, 0.72]).unwrap();
        assert_eq!(scale.lower.len(), 5);
        assert!(
            scale
                .lower
                .iter()
                .zip([0.0, 0.15, 0.3, 0.45, 0.6])
                .all(|(got, want)| (got - want).abs() < 1e-12),
            "{scale:?}"
        );
        assert_eq!(
            (scale.colour(0.0), scale.colour(0.72)),
            (Some(CLASSES[0]), Some(CLASSES[5]))
        );
        // The greatest value needs no class of its own.
        assert_eq!(Scale::linear(&[0.0, 1.0]).unwrap().lower.len(), 5);
        assert_eq!(Scale::linear(&[]), None);
    }
}
