//! What members say of rows, as columns for the final estimator.

use crate::data::matrix::Matrix;
use crate::data::score_matrix::ScoreMatrix;
use crate::error::{LearnError, Result};
use crate::estimator::Scores;
use crate::metrics::{Logits, TemperatureScaling, cross_fit_temperature, decision_per_class};
use crate::preprocess::{FittedPipeline, Rows};
use crate::split::Fold;

/// What a member says of rows, one column for each class.
#[derive(Debug)]
pub(super) enum Said {
    /// Probabilities.
    Proba(ScoreMatrix),
    /// Decision values.
    Margins(ScoreMatrix),
}

impl Said {
    pub(super) fn of(scores: Scores) -> Result<Self> {
        match (scores.probabilities, scores.decision) {
            (Some(proba), _) => Ok(Self::Proba(proba)),
            (None, Some(decision)) => Ok(Self::Margins(decision_per_class(&decision))),
            (None, None) => Err(LearnError::Unsupported {
                method: "a member",
                what: "probabilities and no decision function",
            }),
        }
    }
}

/// What a fitted member says of rows of its columns.
pub(super) fn ask(pipeline: &FittedPipeline, x: &Matrix) -> Result<Said> {
    Said::of(pipeline.scores(x)?)
}

/// What a member says of all training rows, each by a fit that did not see it.
pub(super) struct Asked {
    proba: ScoreMatrix,
    /// By which its margins become probabilities; `None` where it has some.
    pub(super) temperature: Option<f64>,
}

impl Asked {
    /// The rows of all folds, put together.
    pub(super) fn new(rows: &Rows<'_>, folds: &[Fold], said: Vec<Said>) -> Result<Self> {
        let (n_rows, n_classes) = (rows.x.n_rows(), rows.n_classes);
        let margins = said.iter().any(|said| matches!(said, Said::Margins(_)));
        let mut all = ScoreMatrix::zeros(n_rows, n_classes);
        let mut fold_of_row = vec![0; n_rows];
        for (at, (fold, said)) in folds.iter().zip(&said).enumerate() {
            for (place, &row) in fold.test.iter().enumerate() {
                fold_of_row[row] = at;
                let out = all.row_mut(row);
                match said {
                    Said::Proba(of_fold) if margins => {
                        // A fold of one class, which tells nothing: any class that has rows.
                        let certain = |p: &f64| if *p > 0.0 { 0.0 } else { f64::NEG_INFINITY };
                        out.iter_mut()
                            .zip(of_fold.row(place))
                            .for_each(|(out, p)| *out = certain(p));
                    }
                    Said::Proba(of_fold) | Said::Margins(of_fold) => out.copy_from_slice(of_fold.row(place)),
                }
            }
        }
        if !margins {
            return Ok(Self {
                proba: all,
                temperature: None,
            });
        }
        let logits = Logits::of_decision(&all);
        let (proba, _) = cross_fit_temperature(&logits, rows.y, &fold_of_row)?;
        let whole = TemperatureScaling::fit(&logits, rows.y)?;
        Ok(Self {
            proba,
            temperature: Some(whole.scaling.temperature),
        })
    }

    /// The columns that the final estimator sees.
    pub(super) fn columns(&self, classes: &[usize]) -> Vec<Vec<f32>> {
        chosen(&self.proba, classes)
    }
}

/// The probabilities of these classes, column after column; of two classes those of the second.
pub(super) fn chosen(proba: &ScoreMatrix, classes: &[usize]) -> Vec<Vec<f32>> {
    let classes = if classes.len() == 2 {
        &classes[1..]
    } else {
        classes
    };
    let column = |&class: &usize| proba.rows().map(|row| row[class] as f32).collect();
    classes.iter().map(column).collect()
}

/// The columns of all members, and those that are passed through.
pub(super) fn beside(n_rows: usize, level: &[Vec<Vec<f32>>], passed: Option<&Matrix>) -> Result<Matrix> {
    let n_said: usize = level.iter().map(Vec::len).sum();
    let n_cols = n_said + passed.map_or(0, Matrix::n_cols);
    let mut values = Vec::with_capacity(n_rows * n_cols);
    for row in 0..n_rows {
        values.extend(level.iter().flatten().map(|column| column[row]));
        if let Some(passed) = passed {
            values.extend_from_slice(passed.row(row));
        }
    }
    Matrix::new(n_rows, n_cols, values)
}
