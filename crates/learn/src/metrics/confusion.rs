use crate::error::{LearnError, Result, same_length};

/// True classes against predicted ones: rows are true classes, columns predicted ones, both in the order of the
/// labels. (Some other sources transpose it.)
///
/// Source: scikit-learn, `confusion_matrix`. Every score below is computed from these integer counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfusionMatrix {
    labels: Vec<String>,
    counts: Vec<Vec<u64>>,
}

/// Scores of one class.
///
/// Source: scikit-learn, `precision_recall_fscore_support` with `zero_division=0`.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassScore {
    /// Name of the class.
    pub label: String,
    /// Share of the rows predicted as this class that are of it; 0 where none was predicted.
    pub precision: f64,
    /// Share of the rows of this class that were predicted as it; 0 where it has no rows.
    pub recall: f64,
    /// Harmonic mean of precision and recall; 0 where the class neither occurs nor is predicted.
    pub f1: f64,
    /// Number of rows of this class.
    pub support: u64,
}

impl ConfusionMatrix {
    /// Counts the pairs of true and predicted class; both are indices into `labels`.
    ///
    /// # Errors
    /// `ShapeMismatch` where the lengths differ, `Empty` without rows, `UnknownLabel` with the first bad label.
    pub fn from_predictions(y_true: &[usize], y_pred: &[usize], labels: &[String]) -> Result<Self> {
        same_length("predicted labels", y_true.len(), y_pred.len())?;
        if y_true.is_empty() {
            return Err(LearnError::Empty {
                what: "the list of predictions",
            });
        }
        let n_classes = labels.len();
        let mut counts = vec![vec![0; n_classes]; n_classes];
        for (row, (&truth, &predicted)) in y_true.iter().zip(y_pred).enumerate() {
            for label in [truth, predicted] {
                if label >= n_classes {
                    return Err(LearnError::UnknownLabel {
                        row,
                        label,
                        n_classes,
                    });
                }
            }
            counts[truth][predicted] += 1;
        }
        Ok(Self {
            labels: labels.to_vec(),
            counts,
        })
    }

    /// Names of the classes.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// The counts: `counts()[true][predicted]`.
    pub fn counts(&self) -> &[Vec<u64>] {
        &self.counts
    }

    /// Adds the counts of other rows of the same classes, for example of another fold.
    ///
    /// # Errors
    /// `ShapeMismatch` where the classes differ in number, `InvalidParameter` where they differ in name.
    pub fn add(&mut self, other: &Self) -> Result<()> {
        same_length("classes", self.labels.len(), other.labels.len())?;
        if self.labels != other.labels {
            let names = other.labels.join(", ");
            return Err(LearnError::parameter(
                "labels",
                names,
                "both matrices must be of the same classes",
            ));
        }
        for (mine, theirs) in self
            .counts
            .iter_mut()
            .flatten()
            .zip(other.counts.iter().flatten())
        {
            *mine += theirs;
        }
        Ok(())
    }

    /// Number of rows counted.
    pub fn n_rows(&self) -> u64 {
        self.counts.iter().flatten().sum()
    }

    /// Each row divided by its sum, so that the diagonal holds the recalls; a class without rows has zeros.
    ///
    /// Source: scikit-learn, `confusion_matrix(normalize="true")`.
    pub fn row_normalised(&self) -> Vec<Vec<f64>> {
        let share = |row: &Vec<u64>| {
            let total: u64 = row.iter().sum();
            row.iter().map(|&count| ratio(count, total)).collect()
        };
        self.counts.iter().map(share).collect()
    }

    /// Share of the rows that were predicted correctly.
    ///
    /// Source: scikit-learn, `accuracy_score`.
    pub fn accuracy(&self) -> f64 {
        ratio(
            (0..self.labels.len())
                .map(|class| self.counts[class][class])
                .sum(),
            self.n_rows(),
        )
    }

    /// Mean recall of the classes that have rows: unequal class sizes do not flatter it.
    ///
    /// Source: scikit-learn, `balanced_accuracy_score`.
    pub fn balanced_accuracy(&self) -> f64 {
        mean(
            self.per_class()
                .iter()
                .filter(|class| class.support > 0)
                .map(|class| class.recall),
        )
    }

    /// Precision, recall, F1 and number of rows of every class.
    pub fn per_class(&self) -> Vec<ClassScore> {
        (0..self.labels.len())
            .map(|class| {
                let correct = self.counts[class][class];
                let support: u64 = self.counts[class].iter().sum();
                let predicted = self.predicted_as(class);
                ClassScore {
                    label: self.labels[class].clone(),
                    precision: ratio(correct, predicted),
                    recall: ratio(correct, support),
                    f1: ratio(2 * correct, support + predicted),
                    support,
                }
            })
            .collect()
    }

    /// Unweighted mean of F1 over the classes that occur or are predicted.
    ///
    /// Source: scikit-learn, `f1_score(average="macro", zero_division=0)`.
    pub fn macro_f1(&self) -> f64 {
        let scores = self.per_class();
        let occurs = |class: &usize| scores[*class].support + self.predicted_as(*class) > 0;
        mean((0..scores.len()).filter(occurs).map(|class| scores[class].f1))
    }

    /// Mean of F1 over the classes, weighted by their number of rows.
    ///
    /// Source: scikit-learn, `f1_score(average="weighted", zero_division=0)`.
    pub fn weighted_f1(&self) -> f64 {
        let of_class = |class: &ClassScore| class.f1 * class.support as f64;
        self.per_class().iter().map(of_class).sum::<f64>() / self.n_rows() as f64
    }

    fn predicted_as(&self, class: usize) -> u64 {
        self.counts.iter().map(|row| row[class]).sum()
    }
}

/// `part / whole`, 0 for an empty whole.
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = values.fold((0.0, 0u32), |(sum, n), value| (sum + value, n + 1));
    if n == 0 { 0.0 } else { sum / f64::from(n) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::Value;

    use super::*;
    use crate::test_support::{assert_close, floats, golden, indices};

    fn labels(n: usize) -> Vec<String> {
        (0..n).map(|class| format!("class {class}")).collect()
    }

    #[test]
    fn scores_equal_scikit_learn() {
        for case in golden(include_str!("../../tests/golden/metrics.json"))["cases"]
            .as_array()
            .unwrap()
        {
            let n_classes = case["n_classes"].as_u64().unwrap() as usize;
            let matrix = ConfusionMatrix::from_predictions(
                &indices(&case["y_true"]),
                &indices(&case["y_pred"]),
                &labels(n_classes),
            )
            .unwrap();
            let counts: Vec<Vec<u64>> = serde_json::from_value(case["counts"].clone()).unwrap();
            assert_eq!(matrix.counts(), counts);
            let normalised: Vec<f64> = case["row_normalised"]
                .as_array()
                .unwrap()
                .iter()
                .flat_map(floats)
                .collect();
            assert_close(&matrix.row_normalised().concat(), &normalised, 1e-12);
            let scores = matrix.per_class();
            let of = |score: fn(&ClassScore) -> f64| scores.iter().map(score).collect::<Vec<_>>();
            assert_close(&of(|class| class.precision), &floats(&case["precision"]), 1e-12);
            assert_close(&of(|class| class.recall), &floats(&case["recall"]), 1e-12);
            assert_close(&of(|class| class.f1), &floats(&case["f1"]), 1e-12);
            assert_close(&of(|class| class.support as f64), &floats(&case["support"]), 0.0);
            let single = |name: &str, got: f64| {
                assert_close(&[got], &floats(&Value::from(vec![case[name].clone()])), 1e-12)
            };
            single("accuracy", matrix.accuracy());
            single("balanced_accuracy", matrix.balanced_accuracy());
            single("macro_f1", matrix.macro_f1());
            single("weighted_f1", matrix.weighted_f1());
        }
    }

    #[test]
    fn rows_are_true_classes_and_columns_predicted_ones() {
        // Two Folk tracks taken for Rock, none the other way round.
        let matrix = ConfusionMatrix::from_predictions(&[0, 0, 1], &[1, 1, 1], &labels(2)).unwrap();
        assert_eq!(matrix.counts(), [[0, 2], [0, 1]]);
        assert_eq!(matrix.per_class()[1].precision, 1.0 / 3.0);
        assert_eq!(matrix.per_class()[1].recall, 1.0);
    }

    #[test]
    fn folds_add_up() {
        let mut sum = ConfusionMatrix::from_predictions(&[0, 1], &[0, 0], &labels(2)).unwrap();
        sum.add(&ConfusionMatrix::from_predictions(&[1], &[1], &labels(2)).unwrap())
            .unwrap();
        assert_eq!(sum.counts(), [[1, 0], [1, 1]]);
        let other = ConfusionMatrix::from_predictions(&[1], &[1], &["a".into(), "b".into()]).unwrap();
        assert!(sum.add(&other).is_err());
    }

    #[test]
    fn bad_input_is_refused() {
        assert!(ConfusionMatrix::from_predictions(&[], &[], &labels(2)).is_err());
        assert!(ConfusionMatrix::from_predictions(&[0], &[0, 1], &labels(2)).is_err());
        let error = ConfusionMatrix::from_predictions(&[0, 1], &[0, 2], &labels(2)).unwrap_err();
        assert_eq!(
            error,
            LearnError::UnknownLabel {
                row: 1,
                label: 2,
                n_classes: 2
            }
        );
    }
}
