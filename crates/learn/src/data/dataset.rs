use cratedigger_files::bounds::MAX_NAME_CHARS;

use crate::data::matrix::Matrix;
use crate::error::{LearnError, Result, same_length};

/// Part of the dataset's own split (`set.split` of the FMA), which keeps every artist in one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Rows to fit on.
    Training,
    /// Rows to choose parameters on.
    Validation,
    /// Rows to score on, once.
    Test,
}

impl Part {
    /// The word of `set.split`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Training => "training",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }
}

/// Features, labels and what is known of each row.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// Features, one row per track. NaN stands for a missing value.
    pub x: Matrix,
    /// Label of each row: an index into `classes`.
    pub y: Vec<usize>,
    /// Names of the classes, in the order of the labels.
    pub classes: Vec<String>,
    /// Names of the columns of `x`.
    pub feature_names: Vec<String>,
    /// Identifier of each row, for example the FMA's `track_id`.
    pub row_ids: Vec<i64>,
    /// Group of each row: what belongs together. Grouped splits never divide a group, and all that asks what is independent
    /// of what (intervals, paired tests, early stopping, calibration) takes groups for it. Given, or made of artists, albums
    /// and doubles by [`Dataset::unite_groups`].
    pub groups: Option<Vec<i64>>,
    /// Artist of each row, where it is known; `None` where it is known of no row.
    pub artists: Option<Vec<Option<i64>>>,
    /// Album of each row, where it is known; `None` where it is known of no row.
    pub albums: Option<Vec<Option<i64>>>,
    /// Part of each row in the dataset's official split.
    pub official: Option<Vec<Part>>,
}

impl Dataset {
    /// A dataset whose columns are called `x0`, `x1`, … and whose rows are numbered from 0; set the public fields to
    /// say more, and call [`Dataset::check`] afterwards.
    ///
    /// # Errors
    /// As [`Dataset::check`].
    pub fn new(x: Matrix, y: Vec<usize>, classes: Vec<String>) -> Result<Self> {
        let data = Self {
            feature_names: (0..x.n_cols()).map(|column| format!("x{column}")).collect(),
            row_ids: (0..x.n_rows() as i64).collect(),
            x,
            y,
            classes,
            groups: None,
            artists: None,
            albums: None,
            official: None,
        };
        data.check()?;
        Ok(data)
    }

    /// `Ok` where all lengths agree and every label is a class.
    ///
    /// # Errors
    /// `ShapeMismatch`, `UnknownLabel`, `LongName`.
    pub fn check(&self) -> Result<()> {
        check_names("class", &self.classes)?;
        check_names("feature", &self.feature_names)?;
        let n_rows = self.x.n_rows();
        same_length("labels", n_rows, self.y.len())?;
        same_length("row ids", n_rows, self.row_ids.len())?;
        same_length("feature names", self.x.n_cols(), self.feature_names.len())?;
        if let Some(groups) = &self.groups {
            same_length("groups", n_rows, groups.len())?;
        }
        if let Some(artists) = &self.artists {
            same_length("artists", n_rows, artists.len())?;
        }
        if let Some(albums) = &self.albums {
            same_length("albums", n_rows, albums.len())?;
        }
        if let Some(official) = &self.official {
            same_length("parts of the official split", n_rows, official.len())?;
        }
        check_labels(&self.y, self.classes.len())
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.x.n_rows()
    }

    /// Number of features.
    pub fn n_features(&self) -> usize {
        self.x.n_cols()
    }

    /// Number of classes, those without a row included.
    pub fn n_classes(&self) -> usize {
        self.classes.len()
    }

    /// Number of rows of each class.
    pub fn class_counts(&self) -> Vec<usize> {
        class_counts(&self.y, self.classes.len())
    }

    /// The rows with these indices, in this order, with all that is known of them. Groups are those that they were among all
    /// rows.
    ///
    /// # Errors
    /// `IndexOutOfRange`.
    pub fn take_rows(&self, indices: &[usize]) -> Result<Self> {
        let x = self.x.take_rows(indices)?;
        Ok(Self {
            x,
            y: take(&self.y, indices),
            classes: self.classes.clone(),
            feature_names: self.feature_names.clone(),
            row_ids: take(&self.row_ids, indices),
            groups: self.groups.as_ref().map(|groups| take(groups, indices)),
            artists: self.artists.as_ref().map(|artists| take(artists, indices)),
            albums: self.albums.as_ref().map(|albums| take(albums, indices)),
            official: self.official.as_ref().map(|official| take(official, indices)),
        })
    }

    /// The columns with these indices, in this order.
    ///
    /// # Errors
    /// `ShapeMismatch` where an index is not below the number of columns.
    pub fn take_cols(&self, indices: &[usize]) -> Result<Self> {
        let x = self.x.take_cols(indices)?;
        let feature_names = indices
            .iter()
            .map(|&column| self.feature_names[column].clone())
            .collect();
        Ok(Self {
            x,
            feature_names,
            ..self.clone_without_x()
        })
    }

    /// The rows whose features are all finite, and the ids of the rows that were left out.
    ///
    /// # Errors
    /// None but those of a dataset whose lengths disagree.
    pub fn drop_incomplete(&self) -> Result<(Self, Vec<i64>)> {
        self.check()?;
        let complete = |row: &usize| self.x.row(*row).iter().all(|value| value.is_finite());
        let (kept, dropped): (Vec<usize>, Vec<usize>) = (0..self.n_rows()).partition(complete);
        Ok((self.take_rows(&kept)?, take(&self.row_ids, &dropped)))
    }

    fn clone_without_x(&self) -> Self {
        Self {
            x: Matrix::default(),
            y: self.y.clone(),
            classes: self.classes.clone(),
            feature_names: Vec::new(),
            row_ids: self.row_ids.clone(),
            groups: self.groups.clone(),
            artists: self.artists.clone(),
            albums: self.albums.clone(),
            official: self.official.clone(),
        }
    }
}

/// `Ok` where no name is longer than any table is wide.
pub(crate) fn check_names(what: &'static str, names: &[String]) -> Result<()> {
    let too_long = |name: &String| name.len() > MAX_NAME_CHARS && name.chars().count() > MAX_NAME_CHARS;
    match names.iter().position(too_long) {
        None => Ok(()),
        Some(index) => Err(LearnError::LongName {
            what,
            index,
            n_chars: names[index].chars().count(),
        }),
    }
}

/// `Ok` where every label is below `n_classes`.
pub(crate) fn check_labels(y: &[usize], n_classes: usize) -> Result<()> {
    match y.iter().position(|&label| label >= n_classes) {
        None => Ok(()),
        Some(row) => Err(LearnError::UnknownLabel {
            row,
            label: y[row],
            n_classes,
        }),
    }
}

/// Number of rows of each of `n_classes` labels.
pub(crate) fn class_counts(y: &[usize], n_classes: usize) -> Vec<usize> {
    let mut counts = vec![0; n_classes];
    for &label in y {
        counts[label] += 1;
    }
    counts
}

pub(crate) fn take<T: Clone>(values: &[T], indices: &[usize]) -> Vec<T> {
    indices.iter().map(|&index| values[index].clone()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn data() -> Dataset {
        let x = Matrix::new(3, 2, vec![0.0, 1.0, 2.0, f32::NAN, 4.0, 5.0]).unwrap();
        let mut data = Dataset::new(x, vec![0, 1, 1], vec!["Folk".into(), "Rock".into()]).unwrap();
        data.row_ids = vec![20, 30, 40];
        data.groups = Some(vec![7, 8, 7]);
        data.artists = Some(vec![Some(7), None, None]);
        data.albums = Some(vec![None, None, Some(4)]);
        data.official = Some(vec![Part::Training, Part::Test, Part::Validation]);
        data
    }

    #[test]
    fn incomplete_rows_are_left_out_and_named() {
        let (kept, dropped) = data().drop_incomplete().unwrap();
        assert_eq!(dropped, [30]);
        assert_eq!(
            (kept.row_ids, kept.y, kept.groups),
            (vec![20, 40], vec![0, 1], Some(vec![7, 7]))
        );
        assert_eq!(kept.official, Some(vec![Part::Training, Part::Validation]));
        assert_eq!(kept.artists, Some(vec![Some(7), None]));
        assert_eq!(kept.albums, Some(vec![None, Some(4)]));
        assert_eq!(kept.x.as_slice(), [0.0, 1.0, 4.0, 5.0]);
    }

    #[test]
    fn columns_keep_their_names() {
        let one = data().take_cols(&[1]).unwrap();
        assert_eq!(one.feature_names, ["x1"]);
        assert_eq!(one.x.get(0, 0), 1.0);
        assert_eq!(one.row_ids, [20, 30, 40]);
        one.check().unwrap();
    }

    #[test]
    fn lengths_and_labels_are_checked() {
        let mut wrong = data();
        wrong.y[2] = 2;
        assert_eq!(
            wrong.check().unwrap_err(),
            LearnError::UnknownLabel {
                row: 2,
                label: 2,
                n_classes: 2
            }
        );
        let mut wrong = data();
        wrong.groups = Some(vec![1]);
        assert_eq!(
            wrong.check().unwrap_err(),
            LearnError::ShapeMismatch {
                what: "groups",
                expected: 3,
                got: 1
            }
        );
    }
}
