//! Doubles on one side of a split that knows no groups.

use super::fold::Fold;
use super::hold_out::from_mask;
use crate::data::dataset::Dataset;
use crate::error::{LearnError, Result};

/// Puts every row into the fold of the lowest row that is its double.
pub(super) fn in_one_fold(data: &Dataset, fold_of_row: &mut [usize]) {
    for (row, root) in data.double_roots().into_iter().enumerate() {
        // A root is the lowest of its rows, so it stays where it is.
        fold_of_row[row] = fold_of_row[root];
    }
}

/// `Ok` where every fold has a row still.
///
/// # Errors
/// `CannotSplit` where so many rows are doubles that a fold is empty.
pub(super) fn check_folds(fold_of_row: &[usize], n_splits: usize) -> Result<()> {
    match (0..n_splits).all(|fold| fold_of_row.contains(&fold)) {
        true => Ok(()),
        false => Err(too_many(fold_of_row.len())),
    }
}

fn too_many(n_rows: usize) -> LearnError {
    LearnError::CannotSplit {
        n_rows,
        reason: "too many rows are doubles of each other, which are kept on one side".to_owned(),
    }
}

/// Puts every row on the side of the lowest row that is its double.
///
/// # Errors
/// `CannotSplit` where all rows are doubles of each other.
pub(super) fn on_one_side(data: &Dataset, fold: Fold) -> Result<Fold> {
    let mut side = vec![0; data.n_rows()];
    fold.test.iter().for_each(|&row| side[row] = 1);
    in_one_fold(data, &mut side);
    let in_test: Vec<bool> = side.into_iter().map(|side| side == 1).collect();
    let fold = from_mask(&in_test);
    if fold.train.is_empty() || fold.test.is_empty() {
        return Err(too_many(data.n_rows()));
    }
    Ok(fold)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::data::dataset::Dataset;
    use crate::data::matrix::Matrix;
    use crate::error::LearnError;
    use crate::split::Splitter;

    /// 60 rows of four features, of which each is there twice: row `k` and row `k + 30`; all by different artists.
    fn twins() -> Dataset {
        let values = (0..240).map(|at| ((at / 4) % 30) as f32);
        let x = Matrix::new(60, 4, values.collect()).unwrap();
        let y = (0..60).map(|row| row % 30 % 3).collect();
        let mut data = Dataset::new(x, y, vec!["Folk".into(), "Pop".into(), "Rock".into()]).unwrap();
        data.artists = Some((0..60).map(|row| Some(100 - row)).collect());
        data.unite_groups();
        data
    }

    #[test]
    fn no_split_divides_doubles() {
        let data = twins();
        for splitter in [
            Splitter::Random,
            Splitter::Stratified,
            Splitter::Artist,
            Splitter::ArtistPlain,
        ] {
            for seed in 0..5 {
                let mut folds = splitter.k_fold(&data, 3, seed).unwrap();
                let n_tested: usize = folds.iter().map(|fold| fold.test.len()).sum();
                assert_eq!(n_tested, 60, "{splitter}");
                folds.push(splitter.hold_out(&data, 0.3, seed).unwrap());
                for fold in &folds {
                    assert!(!fold.test.is_empty() && !fold.train.is_empty());
                    for row in 0..30 {
                        let tests = |row: usize| fold.test.contains(&row);
                        assert_eq!(tests(row), tests(row + 30), "{splitter}, row {row}");
                    }
                }
            }
        }
    }

    #[test]
    fn nothing_but_doubles_cannot_be_held_out() {
        let x = Matrix::new(6, 4, vec![1.0; 24]).unwrap();
        let data = Dataset::new(x, vec![0, 1, 0, 1, 0, 1], vec!["Folk".into(), "Pop".into()]).unwrap();
        let error = Splitter::Random.hold_out(&data, 0.5, 0).unwrap_err();
        assert!(matches!(error, LearnError::CannotSplit { n_rows: 6, .. }));
        let error = Splitter::Stratified.k_fold(&data, 2, 0).unwrap_err();
        assert!(matches!(error, LearnError::CannotSplit { n_rows: 6, .. }));
    }
}
