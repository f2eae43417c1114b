//! Parameters of methods from and to Python's values.

use std::collections::BTreeMap;

use cratedigger_learn::ParamValue;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyNone, PyString};

use crate::errors;

/// Parameters by name.
///
/// # Errors
/// `TypeError` for a value that no parameter has.
pub(crate) fn from_python(params: &Bound<'_, PyDict>) -> PyResult<BTreeMap<String, ParamValue>> {
    let mut found = BTreeMap::new();
    for (name, value) in params {
        found.insert(name.extract::<String>()?, value_of(&value)?);
    }
    Ok(found)
}

fn value_of(value: &Bound<'_, PyAny>) -> PyResult<ParamValue> {
    if value.is_none() {
        return Ok(ParamValue::None);
    }
    if let Ok(flag) = value.cast::<PyBool>() {
        return Ok(ParamValue::Bool(flag.is_true()));
    }
    if value.is_instance_of::<PyInt>() {
        // A seed may be too large for `Int`.
        return Ok(match value.extract::<i64>() {
            Ok(number) => ParamValue::Int(number),
            Err(_) => ParamValue::Text(value.str()?.to_string()),
        });
    }
    if value.is_instance_of::<PyFloat>() {
        return Ok(ParamValue::Float(value.extract()?));
    }
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(ParamValue::Text(text.to_string()));
    }
    if let Ok(whole) = value.extract::<Vec<i64>>() {
        return Ok(ParamValue::IntList(whole));
    }
    Ok(ParamValue::FloatList(value.extract::<Vec<f64>>()?))
}

/// A value as Python writes it.
pub(crate) fn to_python<'py>(py: Python<'py>, value: &ParamValue) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        ParamValue::None => PyNone::get(py).to_owned().into_any(),
        ParamValue::Bool(flag) => PyBool::new(py, *flag).to_owned().into_any(),
        ParamValue::Int(number) => number.into_pyobject(py)?.into_any(),
        ParamValue::Float(number) => number.into_pyobject(py)?.into_any(),
        ParamValue::Text(text) => text.into_pyobject(py)?.into_any(),
        ParamValue::IntList(numbers) => PyList::new(py, numbers)?.into_any(),
        ParamValue::FloatList(numbers) => PyList::new(py, numbers)?.into_any(),
        other => {
            return Err(errors::said(format!(
                "a parameter of a kind that Python does not know: {other}"
            )));
        }
    })
}
