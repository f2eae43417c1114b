//! Fits, for the estimators of `cratedig.sklearn`.

use std::ops::ControlFlow;
use std::sync::Arc;

use cratedigger_learn::model::ModelCard;
use cratedigger_learn::{
    Dataset, FitEpoch, FittedPipeline, LearnError, Method, Model as Core, Pipeline, Rows, Watch, with_threads,
};
use numpy::{PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::arrays;
use crate::errors;
use crate::model::Model;
use crate::params;
use crate::work::{Stop, interruptible};

/// Ends a fit that nobody waits for, where its method looks.
#[derive(Debug)]
struct Until<'a>(&'a Stop);

impl Watch for Until<'_> {
    fn epoch(&self, _: &FitEpoch) -> ControlFlow<()> {
        match self.0.is_set() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}

/// Every method on columns: its name, its parameters with their defaults, and whether it prepares its rows itself.
#[pyfunction]
pub(crate) fn methods(py: Python<'_>) -> PyResult<Bound<'_, PyList>> {
    let all = PyList::empty(py);
    for method in Method::ALL {
        let defaults = PyDict::new(py);
        for (name, value) in method.classifier(0).params() {
            defaults.set_item(name, params::to_python(py, &value)?)?;
        }
        all.append((method.name(), defaults))?;
    }
    Ok(all)
}

/// What is fitted, and on what.
struct Fit {
    method: Method,
    params: std::collections::BTreeMap<String, cratedigger_learn::ParamValue>,
    data: Dataset,
    weights: Option<Vec<f64>>,
}

impl Fit {
    fn run(&self, stop: &Stop) -> Result<FittedPipeline, LearnError> {
        let classifier = self.method.classifier_with(&self.params, 0)?;
        let until = Until(stop);
        let rows = Rows {
            sample_weight: self.weights.as_deref(),
            watch: Some(&until),
            ..Rows::of(&self.data)
        };
        // As scikit-learn's: what is to come before the method is said by who puts a pipeline together.
        let nothing = Pipeline::default();
        FittedPipeline::fit_rows(&*classifier, rows, Some(&nothing))
    }
}

/// Fits a method to rows, whose classes are indices into `labels`.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // they are what a fit is, by name
pub(crate) fn fit(
    py: Python<'_>,
    method: &str,
    params: &Bound<'_, PyDict>,
    x: PyReadonlyArray2<'_, f32>,
    y: PyReadonlyArray1<'_, i64>,
    labels: Vec<String>,
    feature_names: Vec<String>,
    sample_weight: Option<PyReadonlyArray1<'_, f64>>,
    n_jobs: Option<usize>,
) -> PyResult<Model> {
    let failed = |error: LearnError| errors::of_fit(&error);
    let y = y.as_array().iter().map(|&class| class as usize).collect();
    let mut data = Dataset::new(arrays::matrix(&x)?, y, labels).map_err(failed)?;
    data.feature_names = feature_names;
    data.check().map_err(failed)?;
    let fit = Arc::new(Fit {
        method: method.parse().map_err(failed)?,
        params: params::from_python(params)?,
        weights: sample_weight.map(|weights| weights.as_array().to_vec()),
        data,
    });
    let theirs = Arc::clone(&fit);
    // A pool of its own: one that all share would not be there in a forked child.
    let fitted = interruptible(py, move |stop| with_threads(n_jobs, || theirs.run(stop)))?;
    let mut card = ModelCard::of(&fit.data);
    card.params = fit.params.clone();
    card.notes
        .push("fitted through Python; no rows were held out to score it".to_owned());
    Core::new(fitted.map_err(failed)?, card)
        .map(Model::new)
        .map_err(|error| errors::of_model(&error))
}
