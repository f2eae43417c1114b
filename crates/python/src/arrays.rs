//! Arrays of numpy from and to the types of the crates below.

use cratedigger_learn::{Matrix, ScoreMatrix};
use numpy::{Element, IntoPyArray, PyArray2, PyArrayMethods, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;

use crate::errors;

/// Rows that are worked on at a time: two megabytes for each 128 columns.
pub(crate) const BLOCK_ROWS: usize = 4096;

/// The values of an array in C order, row after row, and its columns.
///
/// # Errors
/// The array is in another order.
pub(crate) fn values<'a>(x: &'a PyReadonlyArray2<'_, f32>) -> PyResult<(&'a [f32], usize)> {
    let values = x.as_slice().map_err(|error| errors::said(error.to_string()))?;
    Ok((values, x.shape()[1]))
}

/// Rows, copied.
///
/// # Errors
/// They are no whole rows.
pub(crate) fn matrix_of(values: &[f32], n_cols: usize) -> PyResult<Matrix> {
    let n_rows = values.len().checked_div(n_cols).unwrap_or(0);
    Matrix::new(n_rows, n_cols, values.to_vec()).map_err(|error| errors::of_fit(&error))
}

/// The rows of an array in C order, copied.
///
/// # Errors
/// The array is in another order.
pub(crate) fn matrix(x: &PyReadonlyArray2<'_, f32>) -> PyResult<Matrix> {
    let (values, n_cols) = values(x)?;
    matrix_of(values, n_cols)
}

/// Values row after row as an array of two dimensions, without a copy.
pub(crate) fn rows<T: Element>(
    py: Python<'_>,
    values: Vec<T>,
    n_cols: usize,
) -> PyResult<Bound<'_, PyArray2<T>>> {
    let n_rows = values.len().checked_div(n_cols).unwrap_or(0);
    values.into_pyarray(py).reshape([n_rows, n_cols])
}

/// Scores as an array, a row for each row.
pub(crate) fn scores(py: Python<'_>, scores: &ScoreMatrix) -> PyResult<Py<PyArray2<f64>>> {
    Ok(rows(py, scores.as_slice().to_vec(), scores.n_cols())?.unbind())
}
