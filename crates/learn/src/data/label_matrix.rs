//! Rows with any number of labels.

use super::dataset::check_names;
use crate::error::{LearnError, Result};

/// Which of several labels each row has: a row may have none, or many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelMatrix {
    names: Vec<String>,
    n_rows: usize,
    /// Row after row, one value per label.
    has: Vec<bool>,
}

impl LabelMatrix {
    /// A matrix from the labels of each row, as indices into `names`, in any order.
    ///
    /// # Errors
    /// `UnknownLabel` for an index that is not below the number of names; `LongName`; `Empty` without a label.
    pub fn new(names: Vec<String>, labels_of: &[Vec<usize>]) -> Result<Self> {
        check_names("label", &names)?;
        if names.is_empty() {
            return Err(LearnError::Empty {
                what: "the list of labels",
            });
        }
        let n_labels = names.len();
        let mut has = vec![false; labels_of.len() * n_labels];
        for (row, labels) in labels_of.iter().enumerate() {
            for &label in labels {
                if label >= n_labels {
                    return Err(LearnError::UnknownLabel {
                        row,
                        label,
                        n_classes: n_labels,
                    });
                }
                has[row * n_labels + label] = true;
            }
        }
        Ok(Self {
            names,
            n_rows: labels_of.len(),
            has,
        })
    }

    /// Names of the labels.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Number of labels.
    pub fn n_labels(&self) -> usize {
        self.names.len()
    }

    /// Which labels a row has, one value per label.
    ///
    /// # Panics
    /// Where `row` is not below [`LabelMatrix::n_rows`].
    pub fn row(&self, row: usize) -> &[bool] {
        &self.has[row * self.n_labels()..(row + 1) * self.n_labels()]
    }

    /// The rows in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[bool]> + '_ {
        (0..self.n_rows).map(|row| self.row(row))
    }

    /// Which rows have a label.
    pub fn column(&self, label: usize) -> Vec<bool> {
        self.rows().map(|row| row[label]).collect()
    }

    /// Rows of each label.
    pub fn support(&self) -> Vec<usize> {
        let mut support = vec![0; self.n_labels()];
        for row in self.rows() {
            support
                .iter_mut()
                .zip(row)
                .for_each(|(n, &is)| *n += usize::from(is));
        }
        support
    }

    /// The rows with these indices, in this order.
    ///
    /// # Panics
    /// Where an index is not below [`LabelMatrix::n_rows`].
    pub fn take_rows(&self, indices: &[usize]) -> Self {
        Self {
            names: self.names.clone(),
            n_rows: indices.len(),
            has: indices.iter().flat_map(|&row| self.row(row)).copied().collect(),
        }
    }

    /// The labels with these indices, in this order.
    ///
    /// # Panics
    /// Where an index is not below [`LabelMatrix::n_labels`].
    pub fn take_labels(&self, indices: &[usize]) -> Self {
        Self {
            names: indices.iter().map(|&label| self.names[label].clone()).collect(),
            n_rows: self.n_rows,
            has: self
                .rows()
                .flat_map(|row| indices.iter().map(move |&label| row[label]))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn labels_are_kept_by_row_and_by_column() {
        let names: Vec<String> = ["Rock", "Punk", "Post-Punk", "Folk"].map(String::from).to_vec();
        let labels = LabelMatrix::new(names.clone(), &[vec![1, 0], vec![], vec![3]]).unwrap();
        assert_eq!(labels.row(0), [true, true, false, false]);
        assert_eq!(labels.column(3), [false, false, true]);
        assert_eq!(labels.support(), [1, 1, 0, 1]);
        assert_eq!(labels.take_rows(&[2, 0]).column(0), [false, true]);
        let two = labels.take_labels(&[3, 1]);
        assert_eq!(
            (two.names(), two.row(2)),
            (&["Folk".into(), "Punk".into()][..], &[true, false][..])
        );
        assert_eq!(
            LabelMatrix::new(names, &[vec![4]]).unwrap_err(),
            LearnError::UnknownLabel {
                row: 0,
                label: 4,
                n_classes: 4
            }
        );
        assert!(LabelMatrix::new(Vec::new(), &[]).is_err());
    }
}
