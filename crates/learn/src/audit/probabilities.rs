//! Probabilities of rows by models that did not see them.

use crate::data::dataset::Dataset;
use crate::data::score_matrix::ScoreMatrix;
use crate::error::{LearnError, Result};
use crate::estimator::Method;
use crate::evaluate::{CvOptions, OutOfFold, cross_validate};
use crate::metrics::{Logits, PROBABILITY_FLOOR, cross_fit_temperature};
use crate::split::Fold;

/// The mean of several methods' out-of-fold probabilities, each after temperature scaling across folds ([`cross_fit_temperature`]), a
/// row for each row of the data. Labels are doubted by it better than by the best of the methods alone (`docs/trust.md`).
///
/// # Errors
/// `Empty` without methods; `InvalidParameter` where the folds do not test every row once; `Unsupported` for a method without scores;
/// whatever a fit returns.
pub fn held_out_probabilities(
    data: &Dataset,
    methods: &[Method],
    folds: &[Fold],
    options: &CvOptions,
    seed: u64,
) -> Result<ScoreMatrix> {
    let mut sums = vec![0.0; data.n_rows() * data.n_classes()];
    if methods.is_empty() {
        return Err(LearnError::Empty {
            what: "the list of methods",
        });
    }
    for method in methods {
        let result = cross_validate(&*method.classifier(seed), data, folds, options)?;
        let found = OutOfFold::new(data, folds, &result.folds)?;
        if !found.rows.iter().copied().eq(0..data.n_rows()) {
            return Err(LearnError::parameter(
                "folds",
                folds.len(),
                "must test every row exactly once",
            ));
        }
        // Ranked, not reported: the temperature of a fold comes from the others, which small folds allow too.
        let logits = Logits::of(found.proba.as_ref(), found.decision.as_ref(), PROBABILITY_FLOOR).ok_or(
            LearnError::Unsupported {
                method: method.name(),
                what: "probabilities",
            },
        )?;
        let (proba, _) = cross_fit_temperature(&logits, &found.y_true, &found.fold)?;
        for (sum, p) in sums.iter_mut().zip(proba.as_slice()) {
            *sum += p;
        }
    }
    sums.iter_mut().for_each(|sum| *sum /= methods.len() as f64);
    ScoreMatrix::new(data.n_rows(), data.n_classes(), sums)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::split::Splitter;
    use crate::test_support::{assert_close, three_classes};

    #[test]
    fn probabilities_are_the_mean_over_methods_that_saw_other_rows() {
        let data = three_classes();
        let folds = Splitter::Stratified.k_fold(&data, 4, 1).unwrap();
        let options = CvOptions::default();
        let of = |methods: &[Method]| held_out_probabilities(&data, methods, &folds, &options, 1).unwrap();
        let (a, b) = (Method::LOGISTIC_REGRESSION, Method::LINEAR_SVC);
        let mean: Vec<f64> = of(&[a])
            .as_slice()
            .iter()
            .zip(of(&[b]).as_slice())
            .map(|(a, b)| (a + b) / 2.0)
            .collect();
        assert_close(of(&[a, b]).as_slice(), &mean, 1e-15);
        let right = of(&[a])
            .argmax()
            .iter()
            .zip(&data.y)
            .filter(|(a, b)| a == b)
            .count();
        assert!((60..=120).contains(&right), "{right}");
        let refused =
            |methods: &[Method], folds: &[Fold]| held_out_probabilities(&data, methods, folds, &options, 1);
        assert!(refused(&[], &folds).is_err() && refused(&[a], &folds[..2]).is_err());
    }
}
