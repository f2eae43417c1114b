//! A network that is run: an ONNX graph, checked against its contract before anything is heard by it.
//!
//! The runtime is `rten` (ARCHITECTURE.md says why). Each patch runs on one thread, so that its numbers do not depend on how
//! many there are; recordings are what is computed side by side.

use std::sync::{Arc, Mutex, PoisonError};

use cratedigger_files::contained;
use rten::{DataType, Dimension, Model, NodeId, RunOptions, ThreadPool, Value, ValueType};
use rten_tensor::Tensor;
use rten_tensor::prelude::*;

use super::sizes;
use crate::contract::{Axis, Contract, Input};
use crate::error::{Error, Result};
use crate::front::mel::N_MELS;

/// A loaded graph.
pub(crate) struct Network {
    model: Model,
    input: NodeId,
    shape: Vec<usize>,
    /// Whether bands come before time.
    transposed: bool,
    outputs: Vec<NodeId>,
    idle: Mutex<Vec<Arc<ThreadPool>>>,
}

/// An output of one patch.
pub(crate) struct Output {
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Vec<f32>,
}

impl Network {
    /// Reads an ONNX file. The first output is the embedding, the second, where there is one, the tags.
    ///
    /// # Errors
    /// `Graph` where it cannot be read, or has not the inputs and outputs that the contract speaks of.
    pub(crate) fn load(bytes: Vec<u8>, contract: &Contract) -> Result<Self> {
        sizes::check(&bytes)?;
        let model = guarded(|| Model::load(bytes).map_err(|error| error.to_string()))
            .map_err(|error| refuse(format!("the ONNX file cannot be read: {error}")))?;
        let &[input] = model.input_ids() else {
            return Err(refuse(format!(
                "it has {} inputs, and one is wanted",
                model.input_ids().len()
            )));
        };
        let axes = contract.input_axes();
        let shape = check_input(&model, input, &axes, contract)?;
        let place = |axis: Axis| axes.iter().position(|a| *a == axis);
        let mut outputs = vec![output(&model, contract.output.as_deref())?];
        if let Some(name) = &contract.tags_output {
            outputs.push(output(&model, Some(name))?);
        }
        Ok(Self {
            model,
            input,
            shape,
            transposed: place(Axis::Band).is_some_and(|band| Some(band) < place(Axis::Time)),
            outputs,
            idle: Mutex::default(),
        })
    }

    /// The outputs of one patch: its samples, or its frames of bands one after the other.
    ///
    /// # Errors
    /// `Graph`.
    pub(crate) fn run(&self, patch: Vec<f32>) -> Result<Vec<Output>> {
        let patch = match self.transposed {
            true => transpose(&patch, N_MELS),
            false => patch,
        };
        let input = Tensor::from_data(self.shape.as_slice(), patch);
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let pool = idle.unwrap_or_else(|| Arc::new(ThreadPool::with_num_threads(1)));
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&pool)));
        let run = || {
            self.model
                .run(vec![(self.input, input.into())], &self.outputs, Some(options))
                .map_err(|error| error.to_string())
        };
        let values = guarded(run).map_err(|error| refuse(format!("it cannot be run: {error}")))?;
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(pool);
        values.into_iter().map(floats).collect()
    }
}

/// The sizes of the input, where the graph's agree with the contract's.
fn check_input(model: &Model, input: NodeId, axes: &[Axis], contract: &Contract) -> Result<Vec<usize>> {
    let info = model
        .node_info(input)
        .ok_or_else(|| refuse("its input has no description".into()))?;
    if let Some(found) = info.dtype()
        && found != ValueType::Tensor(DataType::Float)
    {
        return Err(refuse(format!(
            "its input holds {found:?}, and single precision is what it is given"
        )));
    }
    let wanted: Vec<usize> = axes
        .iter()
        .map(|axis| match axis {
            Axis::Time => contract.patch,
            Axis::Band => N_MELS,
            Axis::Batch | Axis::Channel | Axis::Unit => 1,
        })
        .collect();
    let Some(found) = info.shape() else {
        return Ok(wanted);
    };
    let fits = found.len() == wanted.len()
        && found.iter().zip(&wanted).all(|(found, wanted)| match found {
            Dimension::Fixed(size) => size == wanted,
            Dimension::Symbolic(_) => true,
        });
    match fits {
        true => Ok(wanted),
        false => Err(refuse(format!(
            "its input has the dimensions {found:?}, and the contract's {} makes them {wanted:?} ({axes:?})",
            match contract.input {
                Input::Waveform => "waveform",
                Input::MusicnnMel => "musicnn-mel",
            }
        ))),
    }
}

/// The output of that name; the only one where none is said.
fn output(model: &Model, name: Option<&str>) -> Result<NodeId> {
    let names: Vec<String> = model
        .output_ids()
        .iter()
        .map(|&id| {
            model
                .node_info(id)
                .and_then(|info| info.name().map(str::to_owned))
                .unwrap_or_default()
        })
        .collect();
    let at = match name {
        Some(name) => names.iter().position(|known| known == name),
        None => (names.len() == 1).then_some(0),
    };
    at.map(|at| model.output_ids()[at]).ok_or_else(|| {
        refuse(match name {
            Some(name) => format!("it has no output `{name}`; it has: {}", names.join(", ")),
            None => format!(
                "it has several outputs ({}); name one by `output`",
                names.join(", ")
            ),
        })
    })
}

fn floats(value: Value) -> Result<Output> {
    let found = value.dtype();
    let tensor: Tensor<f32> = value.into_tensor().ok_or_else(|| {
        refuse(format!(
            "an output holds {found:?}, and single precision is wanted"
        ))
    })?;
    Ok(Output {
        shape: tensor.shape().to_vec(),
        values: tensor.into_data(),
    })
}

/// A panic of the runtime is an error like its others.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    contained(work).unwrap_or_else(Err)
}

/// Rows of `width` as columns.
fn transpose(x: &[f32], width: usize) -> Vec<f32> {
    let n = x.len() / width;
    (0..width)
        .flat_map(|column| (0..n).map(move |row| x[row * width + column]))
        .collect()
}

fn refuse(problem: String) -> Error {
    Error::Graph(problem)
}
