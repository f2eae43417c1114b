//! The package's baseline: five layers of 3 x 3 filters.
//!
//! Source: musicnn 0.1.0, `models.py` (`vgg`).

use super::layers::Layers;
use super::network::{N_FRAMES, numbered};
use super::weights::Weights;
use crate::error::Result;
use crate::front::mel::N_MELS;
use crate::graph::writer::{Attribute, GraphWriter};

/// The ONNX file: `mel` (1, 187, 96) to `penultimate` (1, units) and `tags` (1, tags).
pub(super) fn onnx(weights: &Weights) -> Result<Vec<u8>> {
    let mut net = Layers {
        weights,
        graph: GraphWriter::default(),
    };
    let x = net.graph.input("mel", &[Some(1), Some(N_FRAMES), Some(N_MELS)]);
    let one = net.graph.ints("axis_1", &[1]);
    let x = net.graph.node("Unsqueeze", &[&x, &one], "picture", &[]);
    let mut x = net.normalised(&x, "batch_normalization", 1)?;
    let (mut n, mut height, mut width) = (1, N_FRAMES, N_MELS);
    let pools: [[i64; 4]; 5] = [
        [4, 1, 2, 2],
        [2, 2, 2, 2],
        [2, 2, 2, 2],
        [2, 2, 2, 2],
        [4, 4, 4, 4],
    ];
    for (i, [tall, wide, down, along]) in pools.into_iter().enumerate() {
        let name = format!("{}CNN", i + 1);
        let (y, n_filters) = net.convolved(&x, &name, [Some(3), Some(3)], n, [1, 1, 1, 1])?;
        let y = net.normalised(&y, &numbered("batch_normalization", i + 1), n_filters)?;
        let pool = [
            Attribute::Ints("kernel_shape", &[tall, wide]),
            Attribute::Ints("strides", &[down, along]),
        ];
        x = net.graph.node("MaxPool", &[&y], &format!("pool{}", i + 1), &pool);
        n = n_filters;
        height = (height - tall as usize) / down as usize + 1;
        width = (width - wide as usize) / along as usize + 1;
    }
    // Channels last, as they were when the next weights were learnt.
    let last = [Attribute::Ints("perm", &[0, 2, 3, 1])];
    let x = net.graph.node("Transpose", &[&x], "channels_last", &last);
    let flat = net.graph.node("Flatten", &[&x], "penultimate", &[]);
    let n_units = height * width * n;
    let (y, n_tags) = net.dense(&flat, "dense", n_units, None)?;
    net.graph.node("Sigmoid", &[&y], "tags", &[]);
    net.graph.output("penultimate", &[Some(1), Some(n_units)]);
    net.graph.output("tags", &[Some(1), Some(n_tags)]);
    Ok(net.graph.finish(&weights.about.name))
}
