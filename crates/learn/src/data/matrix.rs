use super::recordings::Recordings;
use crate::error::{LearnError, Result, same_length};

/// A dense matrix of `f32`, row after row: one row per track, one column per feature.
///
/// The FMA's features are float32, so nothing is lost; sums are accumulated in `f64` wherever they are taken. Rows may have
/// recordings beside their columns, for the methods that read a track frame by frame; they go with their rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Matrix {
    n_rows: usize,
    n_cols: usize,
    data: Vec<f32>,
    recordings: Vec<Recordings>,
}

impl Matrix {
    /// A matrix from `n_rows * n_cols` values in row-major order. NaN stands for a missing value.
    ///
    /// # Errors
    /// `ShapeMismatch` where the number of values is another one.
    pub fn new(n_rows: usize, n_cols: usize, data: Vec<f32>) -> Result<Self> {
        let expected = n_rows.checked_mul(n_cols).ok_or(LearnError::ShapeMismatch {
            what: "values of the matrix",
            expected: usize::MAX,
            got: data.len(),
        })?;
        same_length("values of the matrix", expected, data.len())?;
        Ok(Self {
            n_rows,
            n_cols,
            data,
            recordings: Vec::new(),
        })
    }

    /// Gives each row a recording; more than once where there are frames of several recipes.
    ///
    /// # Errors
    /// `ShapeMismatch` where the number of rows is another one; `InvalidParameter` where there are frames of that recipe already.
    pub fn with_recordings(mut self, recordings: Recordings) -> Result<Self> {
        same_length("recordings", self.n_rows, recordings.n_rows())?;
        let recipe = recordings.source().recipe();
        if self
            .recordings
            .iter()
            .any(|other| other.source().recipe() == recipe)
        {
            return Err(LearnError::parameter(
                "recordings",
                recipe,
                "frames of this recipe are there already",
            ));
        }
        self.recordings.push(recordings);
        Ok(self)
    }

    /// The recordings of the rows, one list for each recipe of frames.
    pub fn recordings(&self) -> &[Recordings] {
        &self.recordings
    }

    /// The same rows without their recordings.
    pub fn without_recordings(mut self) -> Self {
        self.recordings.clear();
        self
    }

    /// A matrix of as many rows with these values instead of its own, which keeps the recordings.
    pub(crate) fn with_values(&self, n_cols: usize, data: Vec<f32>) -> Result<Self> {
        Ok(Self {
            recordings: self.recordings.clone(),
            ..Self::new(self.n_rows, n_cols, data)?
        })
    }

    /// A matrix from rows of equal length.
    ///
    /// # Errors
    /// `ShapeMismatch` where a row is shorter or longer than the first.
    pub fn from_rows<R: AsRef<[f32]>>(rows: &[R]) -> Result<Self> {
        let n_cols = rows.first().map_or(0, |row| row.as_ref().len());
        let mut data = Vec::with_capacity(rows.len() * n_cols);
        for row in rows {
            same_length("values of a row", n_cols, row.as_ref().len())?;
            data.extend_from_slice(row.as_ref());
        }
        Self::new(rows.len(), n_cols, data)
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Number of columns.
    pub fn n_cols(&self) -> usize {
        self.n_cols
    }

    /// All values, row after row.
    pub fn as_slice(&self) -> &[f32] {
        &self.data
    }

    /// All values, row after row, to change in place.
    pub fn as_mut_slice(&mut self) -> &mut [f32] {
        &mut self.data
    }

    /// One row.
    ///
    /// # Panics
    /// Where `row` is not below [`Matrix::n_rows`].
    pub fn row(&self, row: usize) -> &[f32] {
        assert!(row < self.n_rows, "row {row} of {}", self.n_rows);
        &self.data[row * self.n_cols..(row + 1) * self.n_cols]
    }

    /// The rows in order. A matrix without columns has `n_rows` empty ones.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> + '_ {
        (0..self.n_rows).map(|row| self.row(row))
    }

    /// One value.
    ///
    /// # Panics
    /// Where `row` or `column` is out of range.
    pub fn get(&self, row: usize, column: usize) -> f32 {
        self.row(row)[column]
    }

    /// A copy of the rows with these indices, in this order; an index may repeat.
    ///
    /// # Errors
    /// `IndexOutOfRange`.
    pub fn take_rows(&self, indices: &[usize]) -> Result<Self> {
        let mut data = Vec::with_capacity(indices.len() * self.n_cols);
        for &index in indices {
            if index >= self.n_rows {
                return Err(LearnError::IndexOutOfRange {
                    index,
                    n_rows: self.n_rows,
                });
            }
            data.extend_from_slice(self.row(index));
        }
        let taken = Self::new(indices.len(), self.n_cols, data)?;
        Ok(Self {
            recordings: self
                .recordings
                .iter()
                .map(|recordings| recordings.take_rows(indices))
                .collect(),
            ..taken
        })
    }

    /// A copy of the columns with these indices, in this order; an index may repeat.
    ///
    /// # Errors
    /// `ShapeMismatch` where an index is not below the number of columns.
    pub fn take_cols(&self, indices: &[usize]) -> Result<Self> {
        if let Some(&index) = indices.iter().find(|&&index| index >= self.n_cols) {
            return Err(LearnError::ShapeMismatch {
                what: "columns",
                expected: index + 1,
                got: self.n_cols,
            });
        }
        let mut data = Vec::with_capacity(self.n_rows * indices.len());
        for row in self.rows() {
            data.extend(indices.iter().map(|&column| row[column]));
        }
        self.with_values(indices.len(), data)
    }

    /// The values by column: column `j` is at `j * n_rows .. (j + 1) * n_rows`.
    pub(crate) fn to_columns(&self) -> Vec<f32> {
        const TILE: usize = 64;
        let (n, p) = (self.n_rows, self.n_cols);
        let mut out = vec![0.0; n * p];
        for row_tile in (0..n).step_by(TILE) {
            for col_tile in (0..p).step_by(TILE) {
                for row in row_tile..(row_tile + TILE).min(n) {
                    for col in col_tile..(col_tile + TILE).min(p) {
                        out[col * n + row] = self.data[row * p + col];
                    }
                }
            }
        }
        out
    }

    /// `Ok` where every value is finite.
    ///
    /// # Errors
    /// `NotFinite` with the first NaN or infinite value.
    pub fn check_finite(&self) -> Result<()> {
        match self.data.iter().position(|value| !value.is_finite()) {
            None => Ok(()),
            Some(at) => Err(LearnError::NotFinite {
                row: at / self.n_cols,
                column: at % self.n_cols,
                value: self.data[at],
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn counting(n_rows: usize, n_cols: usize) -> Matrix {
        Matrix::new(n_rows, n_cols, (0..n_rows * n_cols).map(|i| i as f32).collect()).unwrap()
    }

    #[test]
    fn a_wrong_number_of_values_is_refused() {
        let error = Matrix::new(2, 3, vec![0.0; 5]).unwrap_err();
        assert_eq!(
            error,
            LearnError::ShapeMismatch {
                what: "values of the matrix",
                expected: 6,
                got: 5
            }
        );
        assert!(Matrix::new(usize::MAX, 2, vec![]).is_err());
        assert!(Matrix::from_rows(&[vec![1.0], vec![1.0, 2.0]]).is_err());
    }

    #[test]
    fn rows_and_columns_are_taken_in_the_given_order() {
        let m = counting(3, 4);
        assert_eq!(
            m.take_rows(&[2, 0, 2]).unwrap().as_slice()[..4],
            [8.0, 9.0, 10.0, 11.0]
        );
        assert_eq!(
            m.take_cols(&[3, 1]).unwrap().as_slice(),
            [3.0, 1.0, 7.0, 5.0, 11.0, 9.0]
        );
        assert_eq!(
            m.take_rows(&[3]).unwrap_err(),
            LearnError::IndexOutOfRange { index: 3, n_rows: 3 }
        );
        assert!(m.take_cols(&[4]).is_err());
    }

    #[test]
    fn columns_are_the_transpose() {
        let m = counting(131, 67);
        let columns = m.to_columns();
        for row in 0..131 {
            for col in 0..67 {
                assert_eq!(columns[col * 131 + row], m.get(row, col));
            }
        }
    }

    #[test]
    fn the_first_value_that_is_not_finite_is_named() {
        let mut m = counting(3, 2);
        m.as_mut_slice()[3] = f32::INFINITY;
        let error = m.check_finite().unwrap_err();
        assert_eq!(
            error,
            LearnError::NotFinite {
                row: 1,
                column: 1,
                value: f32::INFINITY
            }
        );
    }
}
