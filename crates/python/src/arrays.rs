//! Arrays of numpy from and to the types of the crates below.

use cratedigger_learn::{Matrix, ScoreMatrix};
use numpy::{
    Element, IntoPyArray, PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray2, PyUntypedArrayMethods,
};
use pyo3::prelude::*;

use crate::errors;

/// The rows of an array in C order, copied.
///
/// # Errors
/// The array is in another order.
pub(crate) fn matrix(x: &PyReadonlyArray2<'_, f32>) -> PyResult<Matrix> {
    let (n_rows, n_cols) = (x.shape()[0], x.shape()[1]);
    let values = x.as_slice().map_err(|error| errors::said(error.to_string()))?;
    Matrix::new(n_rows, n_cols, values.to_vec()).map_err(|error| errors::of_fit(&error))
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

/// Classes as an array.
pub(crate) fn classes(py: Python<'_>, classes: Vec<usize>) -> Py<PyArray1<i64>> {
    let classes: Vec<i64> = classes.into_iter().map(|class| class as i64).collect();
    classes.into_pyarray(py).unbind()
}
