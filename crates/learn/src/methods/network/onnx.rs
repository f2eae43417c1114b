//! A trained network as ONNX operators.

use std::collections::BTreeMap;

use cratedigger_deep::{LayerKind, Summary};
use serde_json::Value;

use crate::error::Result;
use crate::model::error::ModelResult;
use crate::model::onnx::graph::{Attribute, Element, Graph, Outputs};
use crate::state::{ModelState, bad_state};

/// Probabilities of a recording from its excerpts: the mean over them, one column for two classes.
///
/// Declares the input itself: `excerpts` (float, excerpts x frames x bands). Inside, maps are excerpts x channels x frames x bands, as
/// ONNX wants them.
pub(super) fn network(graph: &mut Graph, state: &ModelState, _: &str, _: usize) -> ModelResult<Outputs> {
    let facts: BTreeMap<String, Value> = state.fact("network")?;
    let fact = |name: &str| facts.get(name).cloned().unwrap_or(Value::Null);
    let bad = |error: serde_json::Error| bad_state(error.to_string());
    let layers: Vec<LayerKind> = serde_json::from_value(fact("layers")).map_err(bad)?;
    let n_frames: usize = serde_json::from_value(fact("excerpt_frames")).map_err(bad)?;
    let (_, mean) = state.f32("bands.mean")?;
    let (_, std) = state.f32("bands.std")?;
    graph.input_of("excerpts", Element::Float, &[n_frames, mean.len()]);
    let mean = graph.floats(&[mean.len()], mean);
    let std = graph.floats(&[std.len()], std);
    let centred = graph.node("Sub", &["excerpts", &mean], &[]);
    let scaled = graph.node("Div", &[&centred, &std], &[]);
    let axis = graph.integers(&[1]);
    let mut values = graph.node("Unsqueeze", &[&scaled, &axis], &[]);
    for (at, layer) in layers.iter().enumerate() {
        let arrays = Arrays { state, at };
        values = add(graph, *layer, &arrays, &values)?;
    }
    let shape = graph.integers(&[0, -1]);
    let logits = graph.node("Reshape", &[&values, &shape], &[]);
    let each = graph.node("Softmax", &[&logits], &[("axis", 1)]);
    let over_excerpts = [
        ("axes", Attribute::Ints(vec![0])),
        ("keepdims", Attribute::Int(1)),
    ];
    let mean = graph.node_with("ReduceMean", &[&each], &over_excerpts);
    match state.indices("classes", usize::MAX)?.len() {
        2 => {
            let second = graph.integers(&[1]);
            Ok(graph.node("Gather", &[&mean, &second], &[("axis", 1)]).into())
        }
        _ => Ok(mean.into()),
    }
}

/// The arrays of a layer.
struct Arrays<'s> {
    state: &'s ModelState,
    at: usize,
}

impl Arrays<'_> {
    fn get(&self, name: &str) -> Result<&[f32]> {
        Ok(self.state.f32(&format!("layers.{}.{name}", self.at))?.1)
    }
}

fn add(graph: &mut Graph, layer: LayerKind, arrays: &Arrays<'_>, values: &str) -> ModelResult<String> {
    Ok(match layer {
        LayerKind::Conv {
            inputs,
            outputs,
            bias,
        } => {
            let weight = turned(arrays.get("weight")?, 9 * inputs, outputs);
            // From [outputs, 3, 3, inputs] to [outputs, inputs, 3, 3].
            let weight: Vec<f32> = weight
                .chunks_exact(9 * inputs)
                .flat_map(|of_output| turned(of_output, 9, inputs))
                .collect();
            let weight = graph.floats(&[outputs, inputs, 3, 3], &weight);
            let pads = [("pads", Attribute::Ints(vec![1; 4]))];
            match bias {
                true => {
                    let bias = graph.floats(&[outputs], arrays.get("bias")?);
                    graph.node_with("Conv", &[values, &weight, &bias], &pads)
                }
                false => graph.node_with("Conv", &[values, &weight], &pads),
            }
        }
        LayerKind::NormReluPool {
            channels,
            frames,
            bands,
        } => {
            let mut inputs = vec![values.to_owned()];
            for name in ["weight", "bias", "running_mean", "running_var"] {
                inputs.push(graph.floats(&[channels], arrays.get(name)?));
            }
            let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
            let normal = graph.node("BatchNormalization", &inputs, &[]);
            let positive = graph.node("Relu", &[&normal], &[]);
            let window = vec![frames as i64, bands as i64];
            let window = [
                ("kernel_shape", Attribute::Ints(window.clone())),
                ("strides", Attribute::Ints(window)),
            ];
            match frames * bands {
                1 => positive,
                _ => graph.node_with("MaxPool", &[&positive], &window),
            }
        }
        // ONNX has the gates update, reset, new; and input, output, forget, cell.
        LayerKind::Gru { inputs, hidden } => {
            let biases = [arrays.get("bias_input")?, arrays.get("bias_hidden")?];
            recurrent(
                graph,
                "GRU",
                &[1, 0, 2],
                (inputs, hidden),
                arrays,
                &biases,
                values,
            )?
        }
        LayerKind::Lstm { inputs, hidden } => {
            let none = vec![0.0; 4 * hidden];
            let biases = [arrays.get("bias")?, &none];
            recurrent(
                graph,
                "LSTM",
                &[0, 3, 1, 2],
                (inputs, hidden),
                arrays,
                &biases,
                values,
            )?
        }
        LayerKind::Summarise(how) => {
            let over = [
                ("axes", Attribute::Ints(vec![2, 3])),
                ("keepdims", Attribute::Int(1)),
            ];
            let mean = graph.node_with("ReduceMean", &[values], &over);
            match how {
                Summary::Mean => mean,
                Summary::MeanMax => {
                    let largest = graph.node_with("ReduceMax", &[values], &over);
                    graph.node("Concat", &[&mean, &largest], &[("axis", 1)])
                }
            }
        }
        LayerKind::Dense { inputs, outputs } => {
            let weight = graph.floats(&[inputs, outputs], arrays.get("weight")?);
            let bias = graph.floats(&[outputs], arrays.get("bias")?);
            let channels_last = transpose(graph, values, [0, 2, 3, 1]);
            let products = graph.node("MatMul", &[&channels_last, &weight], &[]);
            let sums = graph.node("Add", &[&products, &bias], &[]);
            transpose(graph, &sums, [0, 3, 1, 2])
        }
        LayerKind::Dropout(_) => values.to_owned(),
        LayerKind::Upsample { .. } => {
            return Err(bad_state("a classifier does not end in a larger map").into());
        }
    })
}

/// A recurrent layer, whose gates ONNX has in another order: `order[k]` is the place here of its gate `k`.
fn recurrent(
    graph: &mut Graph,
    op: &str,
    order: &[usize],
    (inputs, hidden): (usize, usize),
    arrays: &Arrays<'_>,
    biases: &[&[f32]; 2],
    values: &str,
) -> ModelResult<String> {
    let n_gates = order.len();
    // From [rows, gates of hidden] to [gates of hidden, rows], gates in ONNX' order.
    let weights = |weight: &[f32], rows: usize| -> Vec<f32> {
        let by_gate = turned(weight, rows, n_gates * hidden);
        let gates: Vec<&[f32]> = by_gate.chunks_exact(hidden * rows).collect();
        order
            .iter()
            .flat_map(|&gate| gates[gate].iter().copied())
            .collect()
    };
    let w = weights(arrays.get("weight_input")?, inputs);
    let r = weights(arrays.get("weight_hidden")?, hidden);
    let b: Vec<f32> = biases
        .iter()
        .flat_map(|bias| {
            order
                .iter()
                .flat_map(move |&gate| &bias[gate * hidden..(gate + 1) * hidden])
        })
        .copied()
        .collect();
    let w = graph.floats(&[1, n_gates * hidden, inputs], &w);
    let r = graph.floats(&[1, n_gates * hidden, hidden], &r);
    let b = graph.floats(&[1, 2 * n_gates * hidden], &b);
    // A frame is one vector, band after band.
    let frames_first = transpose(graph, values, [2, 0, 3, 1]);
    let shape = graph.integers(&[0, 0, -1]);
    let vectors = graph.node("Reshape", &[&frames_first, &shape], &[]);
    let mut attributes = vec![("hidden_size", Attribute::Int(hidden as i64))];
    if op == "GRU" {
        attributes.push(("linear_before_reset", Attribute::Int(1)));
    }
    // Frames, directions, excerpts, hidden.
    let states = graph.node_with(op, &[&vectors, &w, &r, &b], &attributes);
    Ok(transpose(graph, &states, [2, 3, 0, 1]))
}

fn transpose(graph: &mut Graph, values: &str, perm: [i64; 4]) -> String {
    graph.node_with(
        "Transpose",
        &[values],
        &[("perm", Attribute::Ints(perm.to_vec()))],
    )
}

/// A matrix of `rows` x `columns` with rows and columns exchanged.
fn turned(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    (0..columns)
        .flat_map(|column| (0..rows).map(move |row| values[row * columns + column]))
        .collect()
}
