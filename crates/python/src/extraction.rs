//! Recordings to features and frames.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cratedigger_collection::frames::extractor;
use cratedigger_collection::{Decoding, Extraction as Core, FrameExtraction, HelperCommand};
use cratedigger_features::{
    Error as AudioError, Family, FrameArray, FrameExtractor, FrameRecipe, Limits, MelRecipe, Recipe, columns,
};
use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::arrays;
use crate::errors;
use crate::many;
use crate::of_process::OfProcess;
use crate::table::Table;
use crate::work::interruptible;

/// Where and how recordings are analysed.
#[pyclass(frozen, module = "cratedig._native")]
pub(crate) struct Extraction {
    recipe: Recipe,
    limits: Limits,
    helper: Option<HelperCommand>,
    live: OfProcess<Core>,
}

impl Extraction {
    /// What extracts, with helpers of this process.
    pub(crate) fn core(&self) -> PyResult<Arc<Core>> {
        let made = self.live.get(|| {
            let decoding = Decoding::new(self.limits, self.helper.as_ref())?;
            Ok(Core::of(self.recipe, &decoding))
        });
        made.map_err(|error| errors::of_collection(&error))
    }

    /// The time for one recording.
    fn time(&self) -> Duration {
        Duration::try_from_secs_f64(self.limits.max_work_s.max(0.0)).unwrap_or(Duration::MAX)
    }

    /// The frames that a recipe's text says, decoded where the features are.
    fn frames_of(&self, recipe: &str) -> PyResult<FrameExtraction> {
        let extractor = extractor(recipe).map_err(|error| errors::of_collection(&error))?;
        Ok(FrameExtraction::new(extractor, self.core()?.decoding()))
    }
}

/// An array of frames, a row for each.
fn array(py: Python<'_>, frames: Result<FrameArray, AudioError>) -> PyResult<Py<PyArray2<f32>>> {
    let frames = frames.map_err(|error| errors::of_audio(&error))?;
    Ok(arrays::rows(py, frames.values, frames.n_bands)?.unbind())
}

#[pymethods]
impl Extraction {
    /// `program` is the command that decodes in processes of its own; none for this process.
    #[new]
    #[pyo3(signature = (recipe, program, max_duration, max_bytes, max_lost, max_work))]
    fn new(
        recipe: &str,
        program: Option<PathBuf>,
        max_duration: Option<f64>,
        max_bytes: Option<u64>,
        max_lost: Option<f64>,
        max_work: Option<f64>,
    ) -> PyResult<Self> {
        let recipe: Recipe = recipe.parse().map_err(|error| errors::of_audio(&error))?;
        let mut limits = Limits::default();
        if let Some(seconds) = max_duration {
            limits = limits.max_duration_s(seconds);
        }
        if let Some(bytes) = max_bytes {
            limits = limits.max_bytes(bytes);
        }
        if let Some(share) = max_lost {
            limits = limits.max_lost(share);
        }
        if let Some(seconds) = max_work {
            limits = limits.max_work_s(seconds);
        }
        let helper = program.map(|program| HelperCommand {
            name: program.file_name().unwrap_or_default().to_owned(),
            program,
            arguments: vec!["decode-helper".into()],
        });
        Ok(Self {
            recipe,
            limits,
            helper,
            live: OfProcess::new(),
        })
    }

    /// The features of a file.
    fn path(&self, py: Python<'_>, path: PathBuf) -> PyResult<Py<PyArray1<f64>>> {
        let core = self.core()?;
        let features = interruptible(py, move |_| core.path(&path, &mut 0))?;
        let features = features.map_err(|error| errors::of_audio(&error))?;
        Ok(features.values().to_vec().into_pyarray(py).unbind())
    }

    /// The features of the bytes of a file.
    fn bytes(&self, py: Python<'_>, bytes: &Bound<'_, PyBytes>) -> PyResult<Py<PyArray1<f64>>> {
        let (core, bytes) = (self.core()?, bytes.as_bytes().to_vec());
        let time = self.time();
        let features = interruptible(py, move |_| core.bytes(&bytes, time))?;
        let features = features.map_err(|error| errors::of_audio(&error))?;
        Ok(features.values().to_vec().into_pyarray(py).unbind())
    }

    /// The features of samples.
    fn samples(
        &self,
        py: Python<'_>,
        samples: PyReadonlyArray1<'_, f32>,
        sample_rate: u32,
    ) -> PyResult<Py<PyArray1<f64>>> {
        let (core, samples) = (self.core()?, samples.as_array().to_vec());
        let features = interruptible(py, move |_| {
            core.extractor().extract_samples(&samples, sample_rate)
        })?;
        let features = features.map_err(|error| errors::of_audio(&error))?;
        Ok(features.values().to_vec().into_pyarray(py).unbind())
    }

    /// The frames of a file.
    fn frames_path(&self, py: Python<'_>, recipe: &str, path: PathBuf) -> PyResult<Py<PyArray2<f32>>> {
        let frames = self.frames_of(recipe)?;
        let made = interruptible(py, move |_| {
            let mut values = Vec::new();
            let info = frames.path(&path, &mut 0, &mut values)?;
            let n_bands = frames.recipe().n_bands();
            Ok(FrameArray {
                values,
                n_bands,
                info,
            })
        })?;
        array(py, made)
    }

    /// The frames of the bytes of a file.
    fn frames_bytes(
        &self,
        py: Python<'_>,
        recipe: &str,
        bytes: &Bound<'_, PyBytes>,
    ) -> PyResult<Py<PyArray2<f32>>> {
        let (frames, bytes) = (self.frames_of(recipe)?, bytes.as_bytes().to_vec());
        let time = self.time();
        array(py, interruptible(py, move |_| frames.bytes(&bytes, time))?)
    }

    /// The frames of samples.
    fn frames_samples(
        &self,
        py: Python<'_>,
        recipe: &str,
        samples: PyReadonlyArray1<'_, f32>,
        sample_rate: u32,
    ) -> PyResult<Py<PyArray2<f32>>> {
        let (frames, samples) = (self.frames_of(recipe)?, samples.as_array().to_vec());
        let made = interruptible(py, move |_| frames.extractor().samples(&samples, sample_rate))?;
        array(py, made)
    }

    /// The features of many files, a row for each in their order; what failed says why.
    fn many(&self, py: Python<'_>, uris: Vec<String>, n_jobs: Option<usize>) -> PyResult<Table> {
        let core = self.core()?;
        let jobs = many::jobs(n_jobs)?;
        interruptible(py, move |stop| many::features(&core, &uris, jobs, stop))?
    }
}

/// Names of the 518 features, in their order.
#[pyfunction]
pub(crate) fn feature_names() -> Vec<String> {
    columns().iter().map(|column| column.name.clone()).collect()
}

/// Names of the 74 descriptors of a frame, in their order.
#[pyfunction]
pub(crate) fn frame_names() -> Vec<String> {
    let of = |family: Family| (1..=family.n_rows()).map(move |row| format!("{}.{row:02}", family.name()));
    Family::ALL.into_iter().flat_map(of).collect()
}

/// The version of a recipe.
#[pyfunction]
pub(crate) fn recipe_version(recipe: &str) -> PyResult<&'static str> {
    let recipe: Recipe = recipe.parse().map_err(|error| errors::of_audio(&error))?;
    Ok(recipe.version())
}

/// The text of the recipe of a recipe's descriptors, frame by frame.
#[pyfunction]
pub(crate) fn descriptors_recipe(recipe: &str) -> PyResult<String> {
    let recipe: Recipe = recipe.parse().map_err(|error| errors::of_audio(&error))?;
    Ok(FrameRecipe::Descriptors(recipe).to_string())
}

/// The text of a spectrogram's recipe, checked; what is not said is as by default.
#[pyfunction]
#[pyo3(signature = (sr=None, n_fft=None, hop_length=None, n_mels=None, f_min=None, f_max=None, pad_mode=None, log=None))]
#[allow(clippy::too_many_arguments)] // they are the parameters of a spectrogram, by name
pub(crate) fn mel_recipe(
    sr: Option<u32>,
    n_fft: Option<usize>,
    hop_length: Option<usize>,
    n_mels: Option<usize>,
    f_min: Option<f64>,
    f_max: Option<f64>,
    pad_mode: Option<&str>,
    log: Option<&str>,
) -> PyResult<String> {
    let default = MelRecipe::default();
    let numbers = MelRecipe {
        sample_rate: sr.unwrap_or(default.sample_rate),
        n_fft: n_fft.unwrap_or(default.n_fft),
        hop_length: hop_length.unwrap_or(default.hop_length),
        n_mels: n_mels.unwrap_or(default.n_mels),
        f_min: f_min.unwrap_or(default.f_min),
        f_max,
        ..default
    };
    // The words are read where recipes are.
    let mut text = FrameRecipe::Mel(numbers).to_string();
    for (key, word) in [("edges", pad_mode), ("log", log)] {
        if let Some(word) = word {
            let parts = text
                .split(' ')
                .map(|part| match part.starts_with(&format!("{key}=")) {
                    true => format!("{key}={word}"),
                    false => part.to_owned(),
                });
            text = parts.collect::<Vec<_>>().join(" ");
        }
    }
    let checked = text
        .parse::<FrameRecipe>()
        .and_then(|recipe| FrameExtractor::new(recipe).map(|_| recipe.to_string()));
    checked.map_err(|error| errors::of_audio(&error))
}
