//! Folds of training rows, for what is fitted on a part of them and asked about the rest.

use super::fold::Fold;
use super::group::{group_index, stratified_k_fold};
use super::k_fold::{folds_of, random, stratified};
use crate::data::dataset::class_counts;
use crate::error::{LearnError, Result};

/// `n_splits` folds of training rows, of which every row is tested once: whole groups, classes near their proportion; where there
/// are fewer groups than folds, as many folds as groups. Single rows take the place of groups where there are none, or one only,
/// and of stratified rows where every class has one.
///
/// # Errors
/// `CannotSplit` for fewer than two rows.
pub(crate) fn inner_folds(
    y: &[usize],
    n_classes: usize,
    groups: Option<&[i64]>,
    n_splits: usize,
    seed: u64,
) -> Result<Vec<Fold>> {
    let largest = class_counts(y, n_classes).into_iter().max().unwrap_or(0);
    let n_groups = groups.map_or(0, |groups| group_index(groups).1);
    let fold_of_row = match groups {
        Some(groups) if n_groups >= 2 && largest >= 2 => {
            let n_splits = n_splits.min(n_groups).min(largest);
            stratified_k_fold(y, n_classes, groups, n_splits, seed)?
        }
        _ if largest >= 2 => stratified(y, n_classes, n_splits.min(largest), seed)?,
        _ => random(y.len(), n_splits.min(y.len()).max(2), seed)?,
    };
    let mut folds = folds_of(&fold_of_row, n_splits);
    folds.retain(|fold| !fold.test.is_empty() && !fold.train.is_empty());
    if folds.len() < 2 {
        return Err(LearnError::CannotSplit {
            n_rows: y.len(),
            reason: "the training rows cannot be divided into folds of their own".to_owned(),
        });
    }
    Ok(folds)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The fold that tests each row, which must be one alone.
    fn tested_by(folds: &[Fold], n_rows: usize) -> Vec<usize> {
        let of = |row: usize| {
            let tests: Vec<usize> = (0..folds.len())
                .filter(|&at| folds[at].test.contains(&row))
                .collect();
            assert_eq!(tests.len(), 1, "row {row}");
            assert!(
                folds
                    .iter()
                    .all(|fold| fold.test.contains(&row) != fold.train.contains(&row))
            );
            tests[0]
        };
        (0..n_rows).map(of).collect()
    }

    #[test]
    fn groups_stay_whole_and_few_groups_make_few_folds() {
        let y: Vec<usize> = (0..60).map(|row| row % 3).collect();
        let groups: Vec<i64> = (0..60).map(|row| row / 5).collect();
        let folds = inner_folds(&y, 3, Some(&groups), 5, 1).unwrap();
        assert_eq!(folds.len(), 5);
        let of_row = tested_by(&folds, 60);
        assert!((0..60).all(|row| of_row[row] == of_row[row / 5 * 5]));
        let three: Vec<i64> = (0..60).map(|row| row / 20).collect();
        assert_eq!(inner_folds(&y, 3, Some(&three), 5, 1).unwrap().len(), 3);
        // One artist alone: its rows.
        let folds = inner_folds(&y, 3, Some(&[4; 60]), 5, 1).unwrap();
        assert_eq!(folds.len(), 5);
        tested_by(&folds, 60);
    }

    #[test]
    fn few_rows_can_be_divided_and_one_cannot() {
        tested_by(&inner_folds(&[0, 1], 2, None, 5, 0).unwrap(), 2);
        tested_by(&inner_folds(&[0, 0, 1], 2, None, 5, 0).unwrap(), 3);
        assert!(matches!(
            inner_folds(&[0], 2, None, 5, 0),
            Err(LearnError::CannotSplit { .. })
        ));
    }
}
