use super::fold::Fold;
use crate::data::dataset::class_counts;
use crate::error::{LearnError, Result};
use cratedigger_stats::rng::SeededRng;

/// Fold of each row; the first `n_rows % n_splits` folds have one row more.
pub(super) fn random(n_rows: usize, n_splits: usize, seed: u64) -> Result<Vec<usize>> {
    enough("rows", n_rows, n_rows, n_splits)?;
    let order = SeededRng::new(seed).permutation(n_rows);
    let mut fold_of_row = vec![0; n_rows];
    let (size, larger) = (n_rows / n_splits, n_rows % n_splits);
    for (at, &row) in order.iter().enumerate() {
        let in_larger = larger * (size + 1);
        fold_of_row[row] = if at < in_larger {
            at / (size + 1)
        } else {
            larger + (at - in_larger) / size
        };
    }
    Ok(fold_of_row)
}

/// Fold of each row. How many rows of each class go to each fold is scikit-learn's rule (`StratifiedKFold.
/// _make_test_folds`): classes in the order in which they first occur, written one after the other, dealt to the
/// folds in turn. Which rows they are is drawn at random.
pub(super) fn stratified(y: &[usize], n_classes: usize, n_splits: usize, seed: u64) -> Result<Vec<usize>> {
    enough("rows", y.len(), y.len(), n_splits)?;
    let counts = class_counts(y, n_classes);
    let largest = counts.iter().copied().max().unwrap_or(0);
    enough("rows of the largest class", y.len(), largest, n_splits)?;
    let mut classes: Vec<usize> = Vec::new();
    let mut seen = vec![false; n_classes];
    for &class in y {
        if !std::mem::replace(&mut seen[class], true) {
            classes.push(class);
        }
    }
    let mut rng = SeededRng::new(seed);
    let mut fold_of_row = vec![0; y.len()];
    let mut position = 0;
    for class in classes {
        let mut folds: Vec<usize> = (position..position + counts[class])
            .map(|at| at % n_splits)
            .collect();
        position += counts[class];
        folds.sort_unstable();
        rng.shuffle(&mut folds);
        let rows = (0..y.len()).filter(|&row| y[row] == class);
        for (row, fold) in rows.zip(folds) {
            fold_of_row[row] = fold;
        }
    }
    Ok(fold_of_row)
}

/// The folds of an assignment.
pub(super) fn folds_of(fold_of_row: &[usize], n_splits: usize) -> Vec<Fold> {
    (0..n_splits)
        .map(|fold| {
            let (test, train) = (0..fold_of_row.len()).partition(|&row| fold_of_row[row] == fold);
            Fold { train, test }
        })
        .collect()
}

pub(super) fn enough(what: &str, n_rows: usize, available: usize, n_splits: usize) -> Result<()> {
    if available >= n_splits {
        return Ok(());
    }
    let reason = format!("{n_splits} folds need at least as many {what}, and there are {available}");
    Err(LearnError::CannotSplit { n_rows, reason })
}
