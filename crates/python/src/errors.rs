//! Errors as Python exceptions, with the same words. The classes are those of `cratedig/_errors.py`.

use std::error::Error;

use cratedigger_collection::Error as CollectionError;
use cratedigger_features::{Error as AudioError, Failure};
use cratedigger_learn::{LearnError, ModelError};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// The class that an error becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Anything else.
    Any,
    /// A recording.
    Audio,
    /// A model and what it is given.
    Model,
    /// Parameters and rows of a fit.
    Learn,
}

impl Class {
    fn name(self) -> &'static str {
        match self {
            Self::Any => "CratediggerError",
            Self::Audio => "AudioError",
            Self::Model => "ModelError",
            Self::Learn => "LearnError",
        }
    }
}

/// An exception of a class.
fn raise(class: Class, words: String, stage: Option<&str>) -> PyErr {
    Python::attach(|py| {
        let make = || -> PyResult<PyErr> {
            let class = py.import("cratedig._errors")?.getattr(class.name())?;
            let value = match stage {
                Some(stage) => class.call1((&words, stage))?,
                None => class.call1((&words,))?,
            };
            Ok(PyErr::from_value(value))
        };
        make().unwrap_or_else(|error| PyRuntimeError::new_err(format!("{words} ({error})")))
    })
}

/// An error and its causes, each once, as the command prints them.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let words = error.to_string();
        if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        cause = error.source();
    }
    text
}

/// What became of a recording.
pub(crate) fn of_audio(error: &AudioError) -> PyErr {
    raise(Class::Audio, chain(error), Some(error.stage()))
}

/// What became of a recording among many, when it is the only one.
pub(crate) fn of_failure(failure: &Failure) -> PyErr {
    raise(Class::Audio, failure.reason.clone(), Some(failure.stage))
}

/// What is wrong with a fit.
pub(crate) fn of_fit(error: &LearnError) -> PyErr {
    raise(Class::Learn, chain(error), None)
}

/// What is wrong with a model.
pub(crate) fn of_model(error: &ModelError) -> PyErr {
    raise(Class::Model, chain(error), None)
}

/// What is wrong with anything else.
pub(crate) fn of_collection(error: &CollectionError) -> PyErr {
    match error {
        CollectionError::Audio(error) => of_audio(error),
        CollectionError::Model(_) | CollectionError::Fit(_) => raise(Class::Model, chain(error), None),
        _ => raise(Class::Any, chain(error), None),
    }
}

/// In words of this crate.
pub(crate) fn said(words: impl Into<String>) -> PyErr {
    raise(Class::Any, words.into(), None)
}
