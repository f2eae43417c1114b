//! What methods share that sum up a margin for each class: linear models and boosted trees. There is one margin for two
//! classes (positive: the second), one per class for more.

use crate::data::score_matrix::{ScoreMatrix, argmax};
use crate::error::Result;

/// Number of margins for so many classes with training rows.
pub(crate) fn n_margins(n_present: usize) -> usize {
    if n_present == 2 { 1 } else { n_present }
}

/// The class that a row's margins say, of the classes with training rows.
pub(crate) fn class_of(margins: &[f64], classes: &[usize]) -> usize {
    match margins {
        [margin] => classes[usize::from(*margin > 0.0)],
        margins => classes[argmax(margins)],
    }
}

/// Decision values of the margins of rows, one row after the other. Classes without training rows get minus infinity.
pub(crate) fn decision(margins: &[f64], classes: &[usize], n_classes: usize) -> Result<ScoreMatrix> {
    let n_margins = n_margins(classes.len());
    let n_rows = margins.len() / n_margins;
    if n_classes == 2 {
        return ScoreMatrix::new(n_rows, 1, margins.to_vec());
    }
    let mut out = ScoreMatrix::new(n_rows, n_classes, vec![f64::NEG_INFINITY; n_rows * n_classes])?;
    for (row, margins) in margins.chunks_exact(n_margins).enumerate() {
        let out = out.row_mut(row);
        if let [margin] = margins {
            out[classes[0]] = -margin;
            out[classes[1]] = *margin;
            continue;
        }
        for (&class, margin) in classes.iter().zip(margins) {
            out[class] = *margin;
        }
    }
    Ok(out)
}
