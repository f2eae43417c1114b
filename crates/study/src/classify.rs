//! The findings `classifiers`: one entry for each method that was trained and tested.

use cratedigger_learn::{Dataset, Fold, FoldResult, LearnError, Method, Scaling, hold_out_validate};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

use crate::error::Result;

/// Resamples of the artists for an interval.
const N_RESAMPLES: usize = 2_000;

/// A method's scores on the test tracks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassifierFinding {
    /// The method, such as `mlp`.
    pub name: String,
    /// Features that it saw.
    pub n_features: u64,
    /// Tracks that it was trained on.
    pub n_train: u64,
    /// Tracks that it was tested on.
    pub n_test: u64,
    /// The share of the test tracks that it got right.
    pub accuracy: f64,
    /// Where the accuracy might be with other artists.
    pub accuracy_interval: Interval,
    /// The mean recall of the classes that have test tracks.
    pub balanced_accuracy: f64,
    /// The mean F1 of the classes that have test tracks or were predicted.
    pub macro_f1: f64,
    /// Always the most frequent class of the training tracks: what every method has to beat.
    pub baseline: Baseline,
    /// Precision, recall and F1 of each class.
    pub per_class: Vec<ClassScores>,
    /// True and predicted classes.
    pub confusion: Confusion,
    /// Iterations (epochs) of the optimisation, where the method has any.
    pub n_iter: Option<u64>,
    /// `false` where the optimisation ended at its limit before it had converged.
    pub converged: bool,
    /// Seconds to standardise and fit.
    pub fit_seconds: f64,
    /// Seconds to standardise and predict the test tracks.
    pub predict_seconds: f64,
}

/// A percentile interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The share of the resamples inside: 0.95.
    pub level: f64,
    /// What was resampled: `artists`, since tracks of an artist resemble each other, or `tracks` where artists are unknown.
    pub resampled: String,
    /// Resamples.
    pub n_resamples: u64,
}

/// The scores of always saying the most frequent class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// `majority`.
    pub name: String,
    /// The class that it always says.
    pub label: String,
    /// Its accuracy on the test tracks.
    pub accuracy: f64,
    /// Its balanced accuracy.
    pub balanced_accuracy: f64,
}

/// Scores of one class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassScores {
    /// The class.
    pub label: String,
    /// The share of the tracks predicted as this class that are of it; 0 where none was.
    pub precision: f64,
    /// The share of the class's tracks that were predicted as it; 0 where it has none.
    pub recall: f64,
    /// The harmonic mean of the two.
    pub f1: f64,
    /// The class's test tracks.
    pub support: u64,
}

/// A confusion matrix: rows are true classes, columns predicted ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Confusion {
    /// The classes, sorted by name.
    pub labels: Vec<String>,
    /// Test tracks: `counts[true][predicted]`.
    pub counts: Vec<Vec<u64>>,
    /// Every row divided by its sum, so that the diagonal holds the recalls; a class without test tracks has zeros.
    pub row_normalised: Vec<Vec<f64>>,
}

/// Why no classifier was trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassifiersSkipped {
    /// One or two sentences: what is lacking, and what to do.
    pub reason: String,
}

/// A method that was asked for and not trained, while others may have been.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MethodSkipped {
    /// The method.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// Standardises (where the method wants it, on the training rows alone), fits and tests one method.
///
/// # Errors
/// `Learn`, for example `OneClass` or `Diverged`.
pub fn train_and_test(method: Method, data: &Dataset, fold: &Fold, seed: u64) -> Result<ClassifierFinding> {
    let classifier = method.classifier(seed);
    let (_, scores) = hold_out_validate(&*classifier, data, fold, Scaling::Auto)?;
    let (_, majority) = hold_out_validate(&*Method::Majority.classifier(seed), data, fold, Scaling::Auto)?;
    let said = majority
        .predicted
        .first()
        .and_then(|&class| data.classes.get(class));
    Ok(ClassifierFinding {
        name: method.name().to_owned(),
        n_features: data.n_features() as u64,
        n_train: scores.n_train as u64,
        n_test: scores.n_test as u64,
        accuracy: scores.accuracy,
        accuracy_interval: accuracy_interval(data, fold, &scores, seed),
        balanced_accuracy: scores.balanced_accuracy,
        macro_f1: scores.confusion.macro_f1(),
        baseline: Baseline {
            name: Method::Majority.name().to_owned(),
            label: said.cloned().unwrap_or_default(),
            accuracy: majority.accuracy,
            balanced_accuracy: majority.balanced_accuracy,
        },
        per_class: scores
            .confusion
            .per_class()
            .into_iter()
            .map(|class| ClassScores {
                label: class.label,
                precision: class.precision,
                recall: class.recall,
                f1: class.f1,
                support: class.support,
            })
            .collect(),
        confusion: Confusion {
            labels: scores.confusion.labels().to_vec(),
            counts: scores.confusion.counts().to_vec(),
            row_normalised: scores.confusion.row_normalised(),
        },
        n_iter: scores.n_iter.map(|n| n as u64),
        converged: scores.converged,
        fit_seconds: scores.fit_seconds,
        predict_seconds: scores.predict_seconds,
    })
}

/// One sentence of an error that stands for its whole chain.
pub fn sentence(error: &LearnError) -> String {
    let mut text = error.to_string();
    if let Some(first) = text.get(..1) {
        text = first.to_uppercase() + &text[1..];
    }
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

/// Accuracy over resamples of the test artists (with all of their tracks), 2.5 % to 97.5 %.
///
/// Source: Efron and Tibshirani (1993), "An introduction to the bootstrap", percentile interval, with clusters resampled
/// as in Field and Welsh (2007), "Bootstrapping clustered data".
fn accuracy_interval(data: &Dataset, fold: &Fold, scores: &FoldResult, seed: u64) -> Interval {
    // (right, all) of each artist, in the order of first appearance.
    let mut clusters: Vec<(u64, u64)> = Vec::new();
    let mut index = std::collections::HashMap::new();
    for (position, (&row, &predicted)) in fold.test.iter().zip(&scores.predicted).enumerate() {
        let artist = data.groups.as_ref().map_or(position as i64, |groups| groups[row]);
        let cluster = *index.entry(artist).or_insert(clusters.len());
        if cluster == clusters.len() {
            clusters.push((0, 0));
        }
        clusters[cluster].0 += u64::from(predicted == data.y[row]);
        clusters[cluster].1 += 1;
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let n = clusters.len() as u64;
    let mut draw = || ((u128::from(rng.next_u64()) * u128::from(n)) >> 64) as usize;
    let mut accuracies: Vec<f64> = (0..N_RESAMPLES)
        .map(|_| {
            let (right, all) = (0..n)
                .map(|_| clusters[draw()])
                .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
            right as f64 / all as f64
        })
        .collect();
    accuracies.sort_unstable_by(f64::total_cmp);
    let at = |q: f64| accuracies[(q * (N_RESAMPLES - 1) as f64).round() as usize];
    Interval {
        low: at(0.025),
        high: at(0.975),
        level: 0.95,
        resampled: if data.groups.is_some() {
            "artists"
        } else {
            "tracks"
        }
        .to_owned(),
        n_resamples: N_RESAMPLES as u64,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use cratedigger_learn::Matrix;

    use super::*;

    /// 60 rows of 30 artists; the one feature tells the class, but for every tenth row.
    fn data() -> Dataset {
        let y: Vec<usize> = (0..60).map(|row| usize::from(row % 3 == 0)).collect();
        let x = (0..60).map(|row| if (y[row] == 1) ^ (row % 10 == 9) { 1.0 } else { -1.0 } + row as f32 * 1e-3);
        let mut data = Dataset::new(
            Matrix::new(60, 1, x.collect()).unwrap(),
            y,
            vec!["Folk".into(), "Rock".into()],
        )
        .unwrap();
        data.groups = Some((0..60).map(|row| row / 2).collect());
        data
    }

    #[test]
    fn scores_agree_with_the_counts() {
        let fold = Fold {
            train: (0..40).collect(),
            test: (40..60).collect(),
        };
        let found = train_and_test(Method::Mlp, &data(), &fold, 3).unwrap();
        let right: u64 = (0..2).map(|class| found.confusion.counts[class][class]).sum();
        assert_eq!(
            (
                found.n_train,
                found.n_test,
                found.confusion.counts.iter().flatten().sum()
            ),
            (40, 20, 20)
        );
        assert_eq!(found.accuracy, right as f64 / 20.0);
        // Rows 49 and 59 look like the other class.
        assert_eq!(found.accuracy, 0.9);
        let recalls: f64 = found.per_class.iter().map(|class| class.recall).sum();
        assert!((found.balanced_accuracy - recalls / 2.0).abs() < 1e-15);
        assert_eq!(found.confusion.row_normalised[1][1], found.per_class[1].recall);
        let interval = &found.accuracy_interval;
        assert!(
            interval.low < 0.9 && interval.low > 0.5 && interval.high > 0.9 && interval.high <= 1.0,
            "{interval:?}"
        );
        assert_eq!(interval.resampled, "artists");
        // 14 of the 20 test rows (40 to 59) are no multiple of 3.
        assert_eq!(
            (found.baseline.label.as_str(), found.baseline.accuracy),
            ("Folk", 0.7)
        );
        assert_eq!(found.baseline.balanced_accuracy, 0.5);
        let again = train_and_test(Method::Mlp, &data(), &fold, 3).unwrap();
        assert_eq!(again.confusion, found.confusion);
        assert_eq!(again.accuracy_interval, found.accuracy_interval);
    }

    #[test]
    fn the_interval_is_the_binomials_where_every_track_is_an_artist() {
        // 400 tracks, 80 % right: the normal approximation gives 0.8 +- 1.96 sqrt(0.16 / 400) = 0.7608 to 0.8392.
        let n = 400;
        let mut data = Dataset::new(
            Matrix::new(n, 1, vec![0.0; n]).unwrap(),
            vec![0; n],
            vec!["a".into(), "b".into()],
        )
        .unwrap();
        let fold = Fold {
            train: Vec::new(),
            test: (0..n).collect(),
        };
        let predicted: Vec<usize> = (0..n).map(|row| usize::from(row % 5 == 0)).collect();
        let labels = ["a".to_owned(), "b".to_owned()];
        let confusion =
            cratedigger_learn::ConfusionMatrix::from_predictions(&data.y, &predicted, &labels).unwrap();
        let scores = FoldResult {
            n_train: 0,
            n_test: n,
            accuracy: 0.8,
            balanced_accuracy: 0.8,
            confusion,
            predicted,
            fit_seconds: 0.0,
            predict_seconds: 0.0,
            n_iter: None,
            converged: true,
        };
        let interval = accuracy_interval(&data, &fold, &scores, 1);
        assert!(
            (interval.low - 0.7608).abs() < 0.006 && (interval.high - 0.8392).abs() < 0.006,
            "{interval:?}"
        );
        assert_eq!(interval.resampled, "tracks");
        // Ten artists whose tracks are all right or all wrong: the interval is far wider.
        data.groups = Some((0..n as i64).map(|row| row % 10).collect());
        let clustered = accuracy_interval(&data, &fold, &scores, 1);
        assert!(clustered.high - clustered.low > 0.3, "{clustered:?}");
    }

    #[test]
    fn an_error_becomes_a_sentence() {
        let error = LearnError::CannotSplit {
            n_rows: 3,
            reason: "no".into(),
        };
        assert_eq!(sentence(&error), "Cannot split 3 rows as asked: no.");
    }
}
