//! A fitted model.

use std::path::PathBuf;
use std::sync::Arc;

use cratedigger_collection::classify::threshold;
use cratedigger_features::Recipe;
use cratedigger_learn::model::Predictions;
use cratedigger_learn::{Matrix, Model as Core, ModelError, with_threads};
use numpy::{PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::arrays;
use crate::errors;
use crate::extraction::Extraction;
use crate::many;
use crate::table::Table;
use crate::verdicts::{self, Asked, Said};
use crate::wave::wave;
use crate::work::interruptible;

/// A model with its preprocessing and its card.
#[pyclass(frozen, module = "cratedig._native")]
pub(crate) struct Model(Arc<Core>);

impl Model {
    /// A model of this crate.
    pub(crate) fn new(model: Core) -> Self {
        Self(Arc::new(model))
    }

    fn predictions(&self, py: Python<'_>, x: Matrix, n_jobs: Option<usize>) -> PyResult<Predictions> {
        let model = Arc::clone(&self.0);
        // A pool of its own: one that all share would not be there in a forked child.
        let said = interruptible(py, move |_| with_threads(n_jobs, || Ok(model.predict(&x))))?;
        said.map_err(|error| errors::of_fit(&error))?
            .map_err(|error| errors::of_model(&error))
    }

    fn asked(&self, extraction: &Extraction, said: Option<f64>, n_jobs: Option<usize>) -> PyResult<Asked> {
        Ok(Asked {
            model: Arc::clone(&self.0),
            decoding: extraction.core()?.decoding().clone(),
            threshold: threshold(said, &self.0, None),
            jobs: many::jobs(n_jobs)?,
        })
    }
}

fn loaded(model: Result<Core, ModelError>) -> PyResult<Model> {
    model.map(Model::new).map_err(|error| errors::of_model(&error))
}

#[pymethods]
impl Model {
    /// Reads a file.
    #[staticmethod]
    fn load(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        loaded(py.detach(|| Core::load(path)))
    }

    /// Reads the bytes of a file.
    #[staticmethod]
    fn from_bytes(py: Python<'_>, bytes: &Bound<'_, PyBytes>) -> PyResult<Self> {
        let bytes = bytes.as_bytes();
        loaded(py.detach(|| Core::from_bytes(bytes)))
    }

    /// Writes a file.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        py.detach(|| self.0.save(path))
            .map_err(|error| errors::of_model(&error))
    }

    /// The bytes of the file.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = py.detach(|| self.0.to_bytes());
        Ok(PyBytes::new(
            py,
            &bytes.map_err(|error| errors::of_model(&error))?,
        ))
    }

    /// The same model, whose features are of a recipe.
    fn with_recipe(&self, py: Python<'_>, recipe: &str) -> PyResult<Self> {
        let recipe: Recipe = recipe.parse().map_err(|error| errors::of_audio(&error))?;
        let made = py.detach(|| {
            let (pipeline, mut card) = Core::from_bytes(&self.0.to_bytes()?)?.into_parts();
            card.recipe = Some(recipe.version().to_owned());
            Core::new(pipeline, card)
        });
        loaded(made)
    }

    /// The card as JSON.
    fn card(&self) -> PyResult<String> {
        serde_json::to_string(self.0.card()).map_err(|error| errors::said(error.to_string()))
    }

    /// The card as people read it.
    fn card_in_words(&self) -> String {
        self.0.card().to_string()
    }

    /// Iterations of the fit, where the method has any.
    #[getter]
    fn n_iter(&self) -> Option<usize> {
        self.0.pipeline().model().n_iter()
    }

    /// Whether the fit converged before its limit.
    #[getter]
    fn converged(&self) -> bool {
        self.0.pipeline().model().converged()
    }

    /// How much each feature matters, where the method knows.
    fn feature_importances<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyArray1<f64>>> {
        let shares = self.0.pipeline().model().feature_importance()?;
        Some(PyArray1::from_vec(py, shares))
    }

    /// The class of each row.
    fn predict(
        &self,
        py: Python<'_>,
        x: PyReadonlyArray2<'_, f32>,
        n_jobs: Option<usize>,
    ) -> PyResult<Py<PyArray1<i64>>> {
        let said = self.predictions(py, arrays::matrix(&x)?, n_jobs)?;
        Ok(arrays::classes(py, said.classes))
    }

    /// The probability of each class for each row; none where the method knows margins only.
    fn predict_proba(
        &self,
        py: Python<'_>,
        x: PyReadonlyArray2<'_, f32>,
        n_jobs: Option<usize>,
    ) -> PyResult<Option<Py<PyArray2<f64>>>> {
        let said = self.predictions(py, arrays::matrix(&x)?, n_jobs)?;
        said.probabilities
            .map(|scores| arrays::scores(py, &scores))
            .transpose()
    }

    /// What the method's own scores are before any calibration, a column for each class or one in all; none where it has none.
    fn decision_function(
        &self,
        py: Python<'_>,
        x: PyReadonlyArray2<'_, f32>,
        n_jobs: Option<usize>,
    ) -> PyResult<Option<Py<PyArray2<f64>>>> {
        let (model, x) = (Arc::clone(&self.0), arrays::matrix(&x)?);
        let said = interruptible(py, move |_| with_threads(n_jobs, || model.pipeline().scores(&x)))?;
        let said = said.map_err(|error| errors::of_fit(&error))?;
        said.decision
            .map(|scores| arrays::scores(py, &scores))
            .transpose()
    }

    /// What the model says of each file, as a table.
    fn classify_many(
        &self,
        py: Python<'_>,
        extraction: &Extraction,
        uris: Vec<String>,
        threshold: Option<f64>,
        n_jobs: Option<usize>,
    ) -> PyResult<Table> {
        let asked = self.asked(extraction, threshold, n_jobs)?;
        let (uris, outcomes) = interruptible(py, move |stop| {
            let outcomes = verdicts::verdicts(&asked, &uris, stop);
            (uris, outcomes)
        })?;
        let card = self.0.card();
        verdicts::table(&uris, &outcomes, (&card.labels, card.sets.is_some()))
    }

    /// What the model says of one file.
    fn classify_path<'py>(
        &self,
        py: Python<'py>,
        extraction: &Extraction,
        path: String,
        threshold: Option<f64>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let asked = self.asked(extraction, threshold, Some(1))?;
        let mut outcomes = interruptible(py, move |stop| verdicts::verdicts(&asked, &[path], stop))?;
        let verdicts = match outcomes.pop() {
            Some(Ok(verdicts)) => verdicts,
            Some(Err(failure)) if failure.stage == "model" => {
                return Err(errors::of_collection(&cratedigger_collection::Error::Model(
                    failure.reason,
                )));
            }
            Some(Err(failure)) => return Err(errors::of_failure(&failure)),
            None => return Err(errors::said("there is no answer")),
        };
        let labels = &self.0.card().labels;
        let said = Said::of(&verdicts, labels);
        let scores = PyDict::new(py);
        for (label, score) in labels.iter().zip(said.scores) {
            scores.set_item(label, score)?;
        }
        let answer = PyDict::new(py);
        answer.set_item("genre", said.genre)?;
        answer.set_item("verdict", said.word)?;
        answer.set_item("score", said.best)?;
        answer.set_item("scores", scores)?;
        answer.set_item("are_probabilities", said.are_probabilities)?;
        answer.set_item("set", said.set)?;
        Ok(answer)
    }

    /// Samples as the bytes of a file.
    #[staticmethod]
    fn wave<'py>(
        py: Python<'py>,
        samples: PyReadonlyArray1<'_, f32>,
        sample_rate: u32,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let samples = samples.as_array().to_vec();
        match wave(&samples, sample_rate) {
            Some(bytes) => Ok(PyBytes::new(py, &bytes)),
            None => Err(errors::said("the samples are too many for one file")),
        }
    }
}
