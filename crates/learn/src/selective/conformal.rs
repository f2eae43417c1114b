//! Prediction sets: classes of which the true one is among as often as promised, by split conformal prediction.

use serde::{Deserialize, Serialize};

use crate::data::score_matrix::ScoreMatrix;
use crate::error::{LearnError, Result};
use crate::metrics::probability::check_proba;

/// What the promise of a set is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetKind {
    /// All rows together: rare classes may be held less often, at the price of frequent ones.
    Plain,
    /// The rows of each class by themselves (Mondrian): sets are larger.
    PerClass,
}

/// What makes sets of probabilities: the score of class `k` is `1 - p_k`, and a class is in the set where its score is not above the
/// quantile, the `ceil((n + 1) coverage)`-th smallest score that `n` calibrating rows had for their true class.
///
/// If calibrating and new rows are exchangeable and none of them was fitted on, a new row's true class is in its set with a probability of
/// `coverage` or more, and for the plain kind of less than `coverage + 1 / (n + 1)` without ties. Tracks of an artist are not exchangeable
/// one by one, artists are: over many artists the coverage is right on average, and how far one division of them strays is told by an
/// interval over artists. A set may be empty: no class is like the calibrating rows were like theirs.
///
/// Source: M. Sadinle, J. Lei and L. Wasserman (2019), "Least ambiguous set-valued classifiers with bounded error levels", for the score;
/// V. Vovk, A. Gammerman and G. Shafer (2005), "Algorithmic learning in a random world", section 4.5, for classes by themselves; crepes 0.9,
/// `ConformalClassifier` with `hinge` scores; MAPIE 1.6, `SplitConformalClassifier(conformity_score="lac")`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ConformalSets {
    /// The promised share, above 0 and below 1.
    pub coverage: f64,
    /// The quantile of all calibrating rows; `None` where they are too few to leave any class out.
    pub quantile: Option<f64>,
    /// The quantile of the calibrating rows of each class; `None` where they are too few to leave it out of any set.
    pub class_quantiles: Vec<Option<f64>>,
    /// Calibrating rows.
    pub n_rows: u64,
    /// Calibrating rows of each class.
    pub class_rows: Vec<u64>,
    /// Groups (artists) of the calibrating rows; `None` where they are not known.
    pub n_groups: Option<usize>,
}

impl ConformalSets {
    /// The quantiles of rows with these true classes and probabilities, one column a class.
    ///
    /// # Errors
    /// As [`crate::metrics::log_loss`]; `InvalidParameter` for a coverage outside (0, 1).
    pub fn calibrate(proba: &ScoreMatrix, y_true: &[usize], coverage: f64) -> Result<Self> {
        if !(coverage > 0.0 && coverage < 1.0) {
            return Err(LearnError::parameter(
                "coverage",
                coverage,
                "must be above 0 and below 1",
            ));
        }
        check_proba(y_true, proba)?;
        let mut of_class = vec![Vec::new(); proba.n_cols()];
        for (row, &class) in proba.rows().zip(y_true) {
            of_class[class].push(1.0 - row[class]);
        }
        Ok(Self {
            coverage,
            quantile: quantile(of_class.concat(), coverage),
            n_rows: y_true.len() as u64,
            class_rows: of_class.iter().map(|scores| scores.len() as u64).collect(),
            class_quantiles: of_class
                .into_iter()
                .map(|scores| quantile(scores, coverage))
                .collect(),
            n_groups: None,
        })
    }

    /// Whether each class is in the set of a row with these probabilities.
    pub fn set(&self, kind: SetKind, proba: &[f64]) -> Vec<bool> {
        let quantile = |class: usize| match kind {
            SetKind::Plain => self.quantile,
            SetKind::PerClass => self.class_quantiles.get(class).copied().flatten(),
        };
        let inside = |(class, p): (usize, &f64)| quantile(class).is_none_or(|quantile| 1.0 - p <= quantile);
        proba.iter().enumerate().map(inside).collect()
    }

    /// What is wrong with quantiles that come from a file, for so many classes.
    pub(crate) fn wrong(&self, n_classes: usize) -> Option<String> {
        let shares = self.class_quantiles.iter().chain([&self.quantile]).flatten();
        if let Some(bad) = shares.clone().find(|share| !(0.0..=1.0).contains(*share)) {
            return Some(format!("quantile {bad} of the sets is not between 0 and 1"));
        }
        if !(self.coverage > 0.0 && self.coverage < 1.0) {
            return Some(format!(
                "coverage {} of the sets is not between 0 and 1",
                self.coverage
            ));
        }
        let n = self.class_quantiles.len();
        (n != n_classes).then(|| format!("{n} quantiles of classes for {n_classes} classes"))
    }
}

/// The `ceil((n + 1) coverage)`-th smallest; `None` where there is none.
fn quantile(mut scores: Vec<f64>, coverage: f64) -> Option<f64> {
    // What should be whole and is a rounding above it does not count as more.
    let rank = ((scores.len() as f64 + 1.0) * coverage * (1.0 - 1e-12)).ceil() as usize;
    scores.sort_by(f64::total_cmp);
    scores.get(rank.max(1) - 1).copied()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::test_support::{assert_close, floats, golden, indices};
    use cratedigger_stats::rng::SeededRng;

    #[test]
    fn quantiles_and_sets_equal_crepes_and_mapie() {
        let golden = golden(include_str!("../../tests/golden/selective.json"));
        let cases = golden["conformal"].as_array().unwrap();
        assert!(cases.len() >= 6);
        for case in cases {
            let n_classes = case["n_classes"].as_u64().unwrap() as usize;
            let matrix = |name: &str| {
                let values = floats(&case[name]);
                ScoreMatrix::new(values.len() / n_classes, n_classes, values).unwrap()
            };
            let y = indices(&case["y"]);
            let sets =
                ConformalSets::calibrate(&matrix("proba"), &y, case["coverage"].as_f64().unwrap()).unwrap();
            if let Some(wanted) = case["quantile"].as_f64() {
                assert_close(&[sets.quantile.unwrap()], &[wanted], 1e-15);
            }
            for (kind, name) in [(SetKind::Plain, "plain"), (SetKind::PerClass, "per_class")] {
                let test = matrix("test");
                let got: Vec<f64> = test
                    .rows()
                    .flat_map(|row| sets.set(kind, row))
                    .map(|inside| f64::from(u8::from(inside)))
                    .collect();
                assert_eq!(got, floats(&case[name]), "{name}");
            }
        }
    }

    /// By p-values: the share of calibrating rows, the new one among them, that are no more like their class than it is like this one.
    #[test]
    fn a_class_is_inside_where_its_p_value_says_so() {
        let mut rng = SeededRng::new(1);
        for n in [1, 5, 8, 9, 10, 19, 60] {
            let proba: Vec<f64> = (0..n)
                .flat_map(|_| {
                    let p = (rng.unit() * 8.0).round() / 8.0;
                    [p, 1.0 - p]
                })
                .collect();
            let proba = ScoreMatrix::new(n, 2, proba).unwrap();
            let y: Vec<usize> = (0..n).map(|_| rng.below(2)).collect();
            for coverage in [0.5, 0.8, 0.9] {
                let sets = ConformalSets::calibrate(&proba, &y, coverage).unwrap();
                for step in 0..=16 {
                    let p = f64::from(step) / 16.0;
                    let set = [
                        sets.set(SetKind::Plain, &[p, 1.0 - p]),
                        sets.set(SetKind::PerClass, &[p, 1.0 - p]),
                    ];
                    for (class, p) in [(0, p), (1, 1.0 - p)] {
                        let stranger = |of: &dyn Fn(usize) -> bool| {
                            let rows = (0..n).filter(|&row| of(y[row]));
                            let (mut all, mut as_strange) = (1, 1);
                            for row in rows {
                                all += 1;
                                as_strange += usize::from(1.0 - proba.row(row)[y[row]] >= 1.0 - p);
                            }
                            // p-value above 1 - coverage, in whole numbers of twentieths.
                            20 * as_strange > all * (20.0 * (1.0 - coverage)).round() as usize
                        };
                        assert_eq!(set[0][class], stranger(&|_| true), "{n} {coverage} {p}");
                        assert_eq!(
                            set[1][class],
                            stranger(&|other| other == class),
                            "{n} {coverage} {p}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn few_rows_leave_nothing_out_and_nonsense_is_refused() {
        let proba = ScoreMatrix::new(8, 2, [0.9, 0.1].repeat(8)).unwrap();
        let sets = ConformalSets::calibrate(&proba, &[0; 8], 0.9).unwrap();
        assert_eq!((sets.quantile, &sets.class_rows), (None, &vec![8, 0]));
        assert_eq!(sets.set(SetKind::Plain, &[0.0, 1.0]), [true, true]);
        // The ninth row is enough: of ten the largest is left out.
        let proba = ScoreMatrix::new(9, 2, [0.9, 0.1].repeat(9)).unwrap();
        let sets = ConformalSets::calibrate(&proba, &[0; 9], 0.9).unwrap();
        assert_eq!(sets.set(SetKind::Plain, &[0.5, 0.5]), [false, false]);
        assert_eq!(sets.set(SetKind::PerClass, &[0.0, 1.0]), [false, true]);
        for coverage in [0.0, 1.0, f64::NAN] {
            assert!(ConformalSets::calibrate(&proba, &[0; 9], coverage).is_err());
        }
        assert!(ConformalSets::calibrate(&proba, &[0; 8], 0.9).is_err());
        assert_eq!(sets.wrong(2), None);
        assert!(sets.wrong(3).unwrap().contains("3 classes"));
        for coverage in [0.0, 1.0, -0.5, 1.5, f64::NAN] {
            let bad = ConformalSets {
                coverage,
                ..sets.clone()
            };
            assert!(bad.wrong(2).unwrap().starts_with("coverage"), "{coverage}");
        }
        let bad = ConformalSets {
            quantile: Some(f64::NAN),
            ..sets
        };
        assert!(bad.wrong(2).unwrap().contains("NaN"));
    }
}
