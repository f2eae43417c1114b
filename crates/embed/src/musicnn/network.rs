//! The network `musicnn`: filters as high as timbres are and as long as rhythms, three dense layers over time, pooling.
//!
//! Source: musicnn 0.1.0, `models.py` (`build_musicnn`, type `7774timbraltemporal`, `globalpool_dense`).

use super::layers::Layers;
use super::weights::Weights;
use crate::error::Result;
use crate::front::mel::N_MELS;
use crate::graph::writer::{Attribute, GraphWriter};

/// Frames of a patch: 3 seconds.
pub(super) const N_FRAMES: usize = 187;

/// The ONNX file: `mel` (1, frames, 96) to `penultimate` (1, units) and `tags` (1, tags).
pub(super) fn onnx(weights: &Weights) -> Result<Vec<u8>> {
    let mut net = Layers {
        weights,
        graph: GraphWriter::default(),
    };
    let x = net.graph.input("mel", &[Some(1), None, Some(N_MELS)]);
    let one = net.graph.ints("axis_1", &[1]);
    let x = net.graph.node("Unsqueeze", &[&x, &one], "picture", &[]);
    let x = net.normalised(&x, "batch_normalization", 1)?;

    // Zeros before and after in time; TensorFlow's `same` puts the odd one behind.
    let timbral = |height: f64| [Some(7), Some((height * N_MELS as f64) as usize)];
    let temporal = |length: usize| [Some(length), Some(1)];
    let blocks = [
        (timbral(0.4), [3, 0, 3, 0]),
        (timbral(0.7), [3, 0, 3, 0]),
        (temporal(128), [63, 0, 64, 0]),
        (temporal(64), [31, 0, 32, 0]),
        (temporal(32), [15, 0, 16, 0]),
    ];
    let (mut parts, mut n) = (Vec::new(), 0);
    for (i, (kernel, pads)) in blocks.into_iter().enumerate() {
        let (y, n_filters) = net.convolved(&x, &numbered("conv2d", i), kernel, 1, pads)?;
        let y = net.normalised(&y, &numbered("batch_normalization", i + 1), n_filters)?;
        // The loudest band of each filter.
        let over = [Attribute::Ints("axes", &[3]), Attribute::Int("keepdims", 0)];
        parts.push(net.graph.node("ReduceMax", &[&y], &format!("front_{i}"), &over));
        n += n_filters;
    }
    let front = concatenated(&mut net.graph, &parts, 1, "front");

    let mut layers = vec![front.clone()];
    let (mut before, mut n_before, mut n_all) = (front, n, n);
    for i in 5..8 {
        let (y, n_filters) = net.convolved_in_time(&before, &numbered("conv2d", i), n_before)?;
        let y = net.normalised(&y, &numbered("batch_normalization", i + 1), n_filters)?;
        before = match i {
            5 => y,
            _ => net.graph.node("Add", &[&y, &before], &format!("middle_{i}"), &[]),
        };
        n_before = n_filters;
        n_all += n_filters;
        layers.push(before.clone());
    }
    let all = concatenated(&mut net.graph, &layers, 1, "middle");

    // The largest value and the mean of each channel, side by side.
    let over_time = [Attribute::Ints("axes", &[2]), Attribute::Int("keepdims", 1)];
    let largest = net.graph.node("ReduceMax", &[&all], "max_pool", &over_time);
    let mean = net.graph.node("ReduceMean", &[&all], "mean_pool", &over_time);
    let pooled = concatenated(&mut net.graph, &[largest, mean], 2, "pooled");
    let flat = net.graph.node("Flatten", &[&pooled], "flat", &[]);
    let (y, n_units) = net.dense(&flat, "dense", 2 * n_all, Some("batch_normalization_9"))?;
    let y = net.graph.node("Relu", &[&y], "dense/relu", &[]);
    let y = net.normalised_flat(&y, "batch_normalization_10", n_units, "penultimate")?;
    let (y, n_tags) = net.dense(&y, "dense_1", n_units, None)?;
    net.graph.node("Sigmoid", &[&y], "tags", &[]);
    net.graph.output("penultimate", &[Some(1), Some(n_units)]);
    net.graph.output("tags", &[Some(1), Some(n_tags)]);
    Ok(net.graph.finish(&weights.about.name))
}

/// `conv2d`, `conv2d_1`, …, as TensorFlow numbers layers.
pub(super) fn numbered(name: &str, i: usize) -> String {
    match i {
        0 => name.to_owned(),
        i => format!("{name}_{i}"),
    }
}

fn concatenated(graph: &mut GraphWriter, parts: &[String], axis: i64, name: &str) -> String {
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    graph.node("Concat", &parts, name, &[Attribute::Int("axis", axis)])
}
