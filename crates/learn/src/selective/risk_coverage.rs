//! How wrong the answers are where only the surest are given: the risk-coverage curve and the areas below it.

use crate::data::score_matrix::ScoreMatrix;
use crate::error::{LearnError, Result, same_length};

/// Shares of the rows at which accuracies are told.
pub const COVERAGES: [f64; 5] = [0.5, 0.8, 0.9, 0.95, 1.0];

/// Answers from the surest down, in steps: rows of equal confidence are answered together or not at all, since no threshold tells them
/// apart.
///
/// Both areas are trapezoids between the steps. The generalised risk is a count, which is a line within a step: its area is the mean over
/// all orders in which equal rows could be answered one by one. The selective risk is no line there; its area is that of the authors'
/// program, which begins at coverage 0 with the risk of the first step.
///
/// Source: J. Traub et al. (2024), "Overcoming common flaws in the evaluation of selective classification systems", equations 2 to 6;
/// Y. Geifman and R. El-Yaniv (2017), "Selective classification for deep neural networks"; fd-shifts, `RiskCoverageStats` (whose areas are
/// multiplied by 1000).
#[derive(Debug, Clone, PartialEq)]
pub struct RiskCoverage {
    /// Rows.
    pub n: u64,
    /// The steps, coverage rising: the last one answers all rows.
    pub points: Vec<RiskCoveragePoint>,
    /// Area under the selective risk (errors among the answered rows) over the coverage, 0 to 1; the lower the better.
    pub aurc: f64,
    /// Area under the generalised risk (errors among the answered rows, as a share of all rows) over the coverage, 0 to 0.5: the mean
    /// probability that a row is wrong and answered. Unlike the other it weighs an error by how sure it was, and not by how few rows are surer.
    pub augrc: f64,
}

/// All rows of this confidence or a higher one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RiskCoveragePoint {
    /// The least confidence that is answered.
    pub threshold: f64,
    /// Rows that are answered.
    pub n_answered: u64,
    /// Those of them that are wrong.
    pub n_wrong: u64,
}

impl RiskCoveragePoint {
    /// The share of the answered rows that is wrong.
    pub fn risk(&self) -> f64 {
        self.n_wrong as f64 / self.n_answered as f64
    }
}

/// How sure probabilities are of each row: the largest of it.
pub fn confidences(proba: &ScoreMatrix) -> Vec<f64> {
    let greatest = |row: &[f64]| row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    proba.rows().map(greatest).collect()
}

impl RiskCoverage {
    /// The curve of rows with these confidences, of which these are right.
    ///
    /// # Errors
    /// `ShapeMismatch`, `Empty`; `InvalidParameter` for a confidence that is no number.
    pub fn new(confidence: &[f64], right: &[bool]) -> Result<Self> {
        same_length("confidences", right.len(), confidence.len())?;
        if right.is_empty() {
            return Err(LearnError::Empty {
                what: "the list of predictions",
            });
        }
        if let Some(bad) = confidence.iter().find(|value| value.is_nan()) {
            return Err(LearnError::parameter("confidence", bad, "must be a number"));
        }
        let mut order: Vec<usize> = (0..right.len()).collect();
        order.sort_by(|&a, &b| confidence[b].total_cmp(&confidence[a]));
        let mut points: Vec<RiskCoveragePoint> = Vec::new();
        let mut n_wrong = 0;
        for (at, &row) in order.iter().enumerate() {
            n_wrong += u64::from(!right[row]);
            let point = RiskCoveragePoint {
                threshold: confidence[row],
                n_answered: at as u64 + 1,
                n_wrong,
            };
            match points.last_mut() {
                // Minus zero is zero.
                Some(last) if last.threshold == point.threshold => *last = point,
                _ => points.push(point),
            }
        }
        let n = right.len() as f64;
        let (mut aurc, mut augrc) = (0.0, 0.0);
        let (mut answered, mut risk, mut wrong) = (0.0, points[0].risk(), 0.0);
        for point in &points {
            let width = (point.n_answered as f64 - answered) / n;
            aurc += 0.5 * width * (risk + point.risk());
            augrc += 0.5 * width * (wrong + point.n_wrong as f64) / n;
            (answered, risk, wrong) = (point.n_answered as f64, point.risk(), point.n_wrong as f64);
        }
        Ok(Self {
            n: right.len() as u64,
            points,
            aurc,
            augrc,
        })
    }

    /// The curve of predictions by the probability that each was given.
    ///
    /// # Errors
    /// As [`RiskCoverage::new`].
    pub fn of(proba: &ScoreMatrix, right: &[bool]) -> Result<Self> {
        Self::new(&confidences(proba), right)
    }

    /// The share of the rows that a step answers.
    pub fn coverage(&self, point: &RiskCoveragePoint) -> f64 {
        point.n_answered as f64 / self.n as f64
    }

    /// The first step that answers this share of the rows or more.
    pub fn at(&self, coverage: f64) -> RiskCoveragePoint {
        let wanted = (coverage * self.n as f64 * (1.0 - 1e-12)).ceil() as u64;
        let at = self.points.partition_point(|point| point.n_answered < wanted);
        self.points[at.min(self.points.len() - 1)]
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::test_support::{assert_close, floats, golden};
    use cratedigger_stats::rng::SeededRng;

    #[test]
    fn curves_and_areas_equal_those_of_the_authors_program() {
        let golden = golden(include_str!("../../tests/golden/selective.json"));
        let cases = golden["risk_coverage"].as_array().unwrap();
        assert!(cases.len() >= 6);
        for case in cases {
            let right: Vec<bool> = floats(&case["wrong"]).iter().map(|&wrong| wrong == 0.0).collect();
            let curve = RiskCoverage::new(&floats(&case["confidence"]), &right).unwrap();
            assert_close(
                &[curve.aurc, curve.augrc],
                &[case["aurc"].as_f64().unwrap(), case["augrc"].as_f64().unwrap()],
                1e-12,
            );
            let points = |value: &dyn Fn(&RiskCoveragePoint) -> f64| {
                curve.points.iter().map(value).collect::<Vec<_>>()
            };
            assert_close(
                &points(&|point| curve.coverage(point)),
                &floats(&case["coverages"]),
                1e-15,
            );
            assert_close(&points(&|point| point.risk()), &floats(&case["risks"]), 1e-15);
            assert_eq!(points(&|point| point.threshold), floats(&case["thresholds"]));
        }
    }

    /// Ties are drawn in every order: the mean of the areas, one row a step, is that of the step.
    #[test]
    fn the_generalised_area_is_the_mean_over_the_orders_of_equal_rows() {
        let confidence = [0.9, 0.5, 0.5, 0.5, 0.2, 0.2];
        let right = [true, false, true, true, false, true];
        let found = RiskCoverage::new(&confidence, &right).unwrap();
        assert_eq!(found.points.len(), 3);
        let mut rng = SeededRng::new(0);
        let (mut sum, runs) = (0.0, 20_000);
        for _ in 0..runs {
            let order = rng.permutation(6);
            let mut rows: Vec<usize> = order;
            rows.sort_by(|&a, &b| confidence[b].total_cmp(&confidence[a]));
            let (mut wrong, mut area) = (0.0, 0.0);
            for &row in &rows {
                let before: f64 = wrong;
                wrong += f64::from(u8::from(!right[row]));
                area += 0.5 * (before + wrong) / 36.0;
            }
            sum += area;
        }
        assert!(
            (sum / f64::from(runs) - found.augrc).abs() < 1e-3,
            "{} {}",
            sum / f64::from(runs),
            found.augrc
        );
    }

    #[test]
    fn accuracies_are_those_of_the_surest_rows() {
        let mut rng = SeededRng::new(3);
        let confidence: Vec<f64> = (0..101).map(|_| (20.0 * rng.unit()).round() / 20.0).collect();
        let right: Vec<bool> = confidence.iter().map(|&p| rng.unit() < p).collect();
        let curve = RiskCoverage::new(&confidence, &right).unwrap();
        for coverage in COVERAGES {
            let point = curve.at(coverage);
            // By hand: thresholds from the top down until enough are answered.
            let answered = |threshold: f64| -> Vec<usize> {
                (0..101).filter(|&row| confidence[row] >= threshold).collect()
            };
            let threshold = (0..=20)
                .rev()
                .map(|step| f64::from(step) / 20.0)
                .find(|&threshold| answered(threshold).len() as f64 >= coverage * 101.0)
                .unwrap();
            let wrong = answered(threshold).iter().filter(|&&row| !right[row]).count() as u64;
            assert_eq!(
                (point.n_answered, point.n_wrong),
                (answered(threshold).len() as u64, wrong)
            );
        }
        assert_eq!(curve.at(0.0), curve.points[0]);
        // One step answers all or nothing; what is always right has no area.
        let one = RiskCoverage::new(&[0.5; 4], &[true, false, true, true]).unwrap();
        assert_eq!((one.points.len(), one.aurc, one.augrc), (1, 0.25, 0.125));
        let best = RiskCoverage::new(&[0.1, 0.2], &[true, true]).unwrap();
        assert_eq!((best.aurc, best.augrc), (0.0, 0.0));
        assert!(RiskCoverage::new(&[f64::NAN], &[true]).is_err());
        assert!(RiskCoverage::new(&[], &[]).is_err());
        assert!(RiskCoverage::new(&[0.1], &[]).is_err());
    }
}
