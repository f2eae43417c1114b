use crate::error::{Result, same_length};

/// Probabilities or decision values, in `f64`: one row per sample, row after row.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreMatrix {
    n_rows: usize,
    n_cols: usize,
    data: Vec<f64>,
}

impl ScoreMatrix {
    /// A matrix from `n_rows * n_cols` values in row-major order.
    ///
    /// # Errors
    /// `ShapeMismatch` where the number of values is another one.
    pub fn new(n_rows: usize, n_cols: usize, data: Vec<f64>) -> Result<Self> {
        same_length("scores", n_rows.saturating_mul(n_cols), data.len())?;
        Ok(Self { n_rows, n_cols, data })
    }

    pub(crate) fn zeros(n_rows: usize, n_cols: usize) -> Self {
        Self {
            n_rows,
            n_cols,
            data: vec![0.0; n_rows * n_cols],
        }
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
    pub fn as_slice(&self) -> &[f64] {
        &self.data
    }

    /// One row.
    ///
    /// # Panics
    /// Where `row` is not below [`ScoreMatrix::n_rows`].
    pub fn row(&self, row: usize) -> &[f64] {
        assert!(row < self.n_rows, "row {row} of {}", self.n_rows);
        &self.data[row * self.n_cols..(row + 1) * self.n_cols]
    }

    pub(crate) fn row_mut(&mut self, row: usize) -> &mut [f64] {
        &mut self.data[row * self.n_cols..(row + 1) * self.n_cols]
    }

    /// The rows with these indices, in this order.
    ///
    /// # Panics
    /// Where an index is not below [`ScoreMatrix::n_rows`].
    pub fn take_rows(&self, indices: &[usize]) -> Self {
        let data = indices.iter().flat_map(|&row| self.row(row)).copied().collect();
        Self {
            n_rows: indices.len(),
            n_cols: self.n_cols,
            data,
        }
    }

    /// The rows in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f64]> + '_ {
        (0..self.n_rows).map(|row| self.row(row))
    }

    /// The column with the largest value of each row; the lowest index wins ties.
    pub fn argmax(&self) -> Vec<usize> {
        self.rows().map(argmax).collect()
    }
}

/// Index of the largest value; the lowest index wins ties, and 0 stands for an empty slice.
pub(crate) fn argmax(values: &[f64]) -> usize {
    let mut best = 0;
    for (index, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = index;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn ties_go_to_the_lowest_index() {
        let scores = ScoreMatrix::new(3, 3, vec![0.4, 0.2, 0.4, 0.1, 0.8, 0.1, 0.0, 0.0, 1.0]).unwrap();
        assert_eq!(scores.argmax(), [0, 1, 2]);
        assert!(ScoreMatrix::new(2, 2, vec![0.0; 3]).is_err());
    }
}
