//! What each source of information adds: one method on more and more columns of the same rows and folds.

use cratedigger_stats::{GroupedMean, grouped_mean};

use super::above_baseline::{AboveBaseline, above_baseline};
use super::cross_validation::CvOptions;
use super::evaluation::{Evaluation, evaluate};
use crate::data::columns::columns_of;
use crate::data::dataset::Dataset;
use crate::error::{LearnError, Result};
use crate::estimator::Classifier;
use crate::split::Fold;

/// Level of the intervals of a single number.
const LEVEL: f64 = 0.95;

/// A set of sources, and how well the method does with it.
#[derive(Debug)]
pub struct SourceSet {
    /// Families of columns ([`crate::data::is_of_family`]).
    pub families: Vec<String>,
    /// How well the method does.
    pub evaluation: Evaluation,
    /// Against the first set; `None` for that.
    pub gain: Option<SourceGain>,
}

/// How much better, or worse, a set of sources does than the first one, on the same rows and folds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SourceGain {
    /// Accuracy: what is gone by. Its intervals and p-values hold for all sets together.
    pub accuracy: AboveBaseline,
    /// Balanced accuracy less that of the first set, the number of rows of each class taken as given.
    pub balanced_accuracy: GroupedMean,
    /// Log loss less that of the first set: below 0 is better. `None` where the method has no probabilities.
    pub log_loss: Option<GroupedMean>,
}

/// What can be said of a set of sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It raises the accuracy by more than chance.
    Adds,
    /// It lowers the accuracy by more than chance.
    Lowers,
    /// Neither can be told.
    Nothing,
}

impl SourceGain {
    /// By the test and the interval of the accuracy.
    pub fn verdict(&self) -> Verdict {
        let is_certain = self.accuracy.adjusted.value() < 1.0 - LEVEL;
        match self.accuracy.interval {
            Some(interval) if is_certain && interval.low > 0.0 => Verdict::Adds,
            Some(interval) if is_certain && interval.high < 0.0 => Verdict::Lowers,
            _ => Verdict::Nothing,
        }
    }
}

impl Verdict {
    /// `adds`, `lowers` or `nothing`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Adds => "adds",
            Self::Lowers => "lowers",
            Self::Nothing => "nothing",
        }
    }

    /// Such as `adds nothing that can be told from chance`.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Adds => "adds to it",
            Self::Lowers => "makes it worse",
            Self::Nothing => "adds nothing that can be told from chance",
        }
    }
}

/// Fits and scores a method on each set of families of columns, on the same folds, and compares each with the first.
///
/// What is independent are the groups of the rows, where there are groups, else rows. `seed`: of the halves that calibrate each other.
///
/// # Errors
/// `UnknownFamily`, `Empty` without a set; those of [`evaluate`].
pub fn compare_sources(
    classifier: &dyn Classifier,
    data: &Dataset,
    sets: &[Vec<String>],
    folds: &[Fold],
    options: &CvOptions,
    seed: u64,
) -> Result<Vec<SourceSet>> {
    if sets.is_empty() {
        return Err(LearnError::Empty {
            what: "the list of sources",
        });
    }
    // Names that are not there are told before the first fit.
    let columns: Vec<Vec<usize>> = sets
        .iter()
        .map(|families| columns_of(&data.feature_names, families))
        .collect::<Result<_>>()?;
    let mut found = Vec::with_capacity(sets.len());
    for (families, columns) in sets.iter().zip(&columns) {
        let part = data.take_cols(columns)?;
        found.push(SourceSet {
            families: families.clone(),
            evaluation: evaluate(classifier, &part, folds, options, seed)?,
            gain: None,
        });
    }
    let (first, others) = found.split_at_mut(1);
    let first = &first[0].evaluation;
    let evaluations: Vec<&Evaluation> = others.iter().map(|set| &set.evaluation).collect();
    let gains: Vec<SourceGain> = above_baseline(&evaluations, first, data)?
        .into_iter()
        .zip(&evaluations)
        .map(|(accuracy, evaluation)| {
            let (balanced_accuracy, log_loss) = differences(evaluation, first, data)?;
            Ok(SourceGain {
                accuracy,
                balanced_accuracy,
                log_loss,
            })
        })
        .collect::<Result<_>>()?;
    for (set, gain) in others.iter_mut().zip(gains) {
        set.gain = Some(gain);
    }
    Ok(found)
}

/// Of balanced accuracy and log loss, row by row.
fn differences(
    own: &Evaluation,
    first: &Evaluation,
    data: &Dataset,
) -> Result<(GroupedMean, Option<GroupedMean>)> {
    let (own, first) = (&own.predictions, &first.predictions);
    let groups = own
        .groups(data)
        .unwrap_or_else(|| own.rows.iter().map(|&row| row as i64).collect());
    let mut counts = vec![0.0; data.n_classes()];
    own.y_true.iter().for_each(|&class| counts[class] += 1.0);
    let n_present = counts.iter().filter(|&&count| count > 0.0).count() as f64;
    let n = own.y_true.len() as f64;
    let hits = own.hits().zip(first.hits()).zip(&own.y_true);
    let balanced: Vec<f64> = hits
        .map(|((own, first), &class)| {
            let gained = f64::from(u8::from(own)) - f64::from(u8::from(first));
            gained * n / (n_present * counts[class])
        })
        .collect();
    let log_loss = match (&own.proba, &first.proba) {
        (Some(a), Some(b)) => {
            // Clipped as `log_loss` has it.
            let loss = |p: f64| -p.clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln();
            let rows = a.rows().zip(b.rows()).zip(&own.y_true);
            let lost: Vec<f64> = rows
                .map(|((a, b), &class)| loss(a[class]) - loss(b[class]))
                .collect();
            Some(grouped_mean(&lost, &groups, LEVEL)?)
        }
        _ => None,
    };
    Ok((grouped_mean(&balanced, &groups, LEVEL)?, log_loss))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::data::matrix::Matrix;
    use crate::estimator::Method;
    use crate::split::Splitter;
    use cratedigger_stats::rng::SeededRng;

    /// 100 artists of four tracks in two classes: `sound` tells a little, `place` more, `year` nothing.
    fn data() -> Dataset {
        let mut rng = SeededRng::new(3);
        let (mut values, mut y, mut groups) = (Vec::new(), Vec::new(), Vec::new());
        for artist in 0..100 {
            let class = artist % 2;
            let place = if rng.unit() < 0.85 { class } else { 1 - class };
            let year = rng.below(30);
            for _ in 0..4 {
                values.push((class as f64 + rng.uniform(-1.5, 1.5)) as f32);
                values.push((1000 * place + rng.below(3)) as f32);
                values.push(if rng.unit() < 0.3 {
                    f32::NAN
                } else {
                    1990.0 + year as f32
                });
                y.push(class);
                groups.push(artist as i64);
            }
        }
        let x = Matrix::new(400, 3, values).unwrap();
        let mut data = Dataset::new(x, y, vec!["Folk".into(), "Rock".into()]).unwrap();
        data.feature_names = ["sound.mean.01", "place.region.category", "year.optional"]
            .map(str::to_owned)
            .to_vec();
        data.groups = Some(groups);
        data
    }

    fn sets(sets: &[&str]) -> Vec<Vec<String>> {
        let families = |set: &&str| set.split('+').map(str::to_owned).collect();
        sets.iter().map(families).collect()
    }

    #[test]
    fn a_source_that_tells_adds_and_one_that_does_not_adds_nothing() {
        let data = data();
        let folds = Splitter::Artist.k_fold(&data, 5, 0).unwrap();
        let method = Method::LOGISTIC_REGRESSION.classifier(0);
        let asked = sets(&["518", "518+place", "518+year", "518+place+year", "all"]);
        let found = compare_sources(&*method, &data, &asked, &folds, &CvOptions::default(), 0).unwrap();
        let verdict = |at: usize| found[at].gain.unwrap().verdict();
        assert!(found[0].gain.is_none());
        assert_eq!(verdict(1), Verdict::Adds);
        assert_eq!(verdict(2), Verdict::Nothing);
        assert_eq!(verdict(3), Verdict::Adds);
        assert_eq!(
            found[3].evaluation.predictions, found[4].evaluation.predictions,
            "`all` is all"
        );
        for set in &found[1..] {
            let (gain, own, first) = (
                set.gain.unwrap(),
                &set.evaluation.summary,
                &found[0].evaluation.summary,
            );
            assert!((gain.accuracy.difference - (own.accuracy - first.accuracy)).abs() < 1e-12);
            let balanced = own.balanced_accuracy - first.balanced_accuracy;
            assert!((gain.balanced_accuracy.mean - balanced).abs() < 1e-12);
            let loss = own.probability.unwrap().log_loss - first.probability.unwrap().log_loss;
            assert!((gain.log_loss.unwrap().mean - loss).abs() < 1e-9);
        }
        // Worse than the first set is told too: here place alone against both.
        let asked = sets(&["518+place", "year"]);
        let found = compare_sources(&*method, &data, &asked, &folds, &CvOptions::default(), 0).unwrap();
        assert_eq!(found[1].gain.unwrap().verdict(), Verdict::Lowers);
        assert!(found[1].gain.unwrap().log_loss.unwrap().interval.low > 0.0);
    }

    #[test]
    fn unknown_families_and_no_sets_are_refused() {
        let data = data();
        let folds = Splitter::Artist.k_fold(&data, 2, 0).unwrap();
        let method = Method::LINEAR_SVC.classifier(0);
        let run =
            |asked: &[&str]| compare_sources(&*method, &data, &sets(asked), &folds, &CvOptions::default(), 0);
        assert!(matches!(
            run(&["518", "518+places"]).unwrap_err(),
            LearnError::UnknownFamily { .. }
        ));
        assert!(matches!(run(&[]).unwrap_err(), LearnError::Empty { .. }));
        let margins = run(&["518", "518+place"]).unwrap();
        assert_eq!(margins[1].gain.unwrap().log_loss, None);
    }
}
