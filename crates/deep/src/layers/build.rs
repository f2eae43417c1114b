//! Layers from their kinds.

use cratedigger_stats::rng::SeededRng;

use super::conv::Conv;
use super::gru::Gru;
use super::layer::{Array, Layer, LayerKind};
use super::lstm::Lstm;
use super::norm::NormReluPool;
use super::simple::{Dense, Dropout, Summarise, Upsample};

/// The layer, with weights of 0.
pub(crate) fn build(kind: LayerKind) -> Box<dyn Layer> {
    match kind {
        LayerKind::Conv {
            inputs,
            outputs,
            bias,
        } => Box::new(Conv::new(inputs, outputs, bias)),
        LayerKind::NormReluPool {
            channels,
            frames,
            bands,
        } => Box::new(NormReluPool::new(channels, frames, bands)),
        LayerKind::Upsample { frames, bands } => Box::new(Upsample { frames, bands }),
        LayerKind::Gru { inputs, hidden } => Box::new(Gru::new(inputs, hidden)),
        LayerKind::Lstm { inputs, hidden } => Box::new(Lstm::new(inputs, hidden)),
        LayerKind::Summarise(summary) => Box::new(Summarise(summary)),
        LayerKind::Dense { inputs, outputs } => Box::new(Dense::new(inputs, outputs)),
        LayerKind::Dropout(probability) => Box::new(Dropout(probability)),
    }
}

/// Draws the weights that a training begins with: uniform, with the variance 2 / (numbers that are summed) before a rectifier (He et
/// al. 2015), 1 / (numbers that are summed) in a dense layer, and between +-1 / sqrt(hidden) in recurrent ones, as in PyTorch, with a
/// forget gate that begins open (Jozefowicz et al. 2015).
pub(crate) fn draw(layer: &mut dyn Layer, rng: &mut SeededRng) {
    let uniform = |array: &mut Array, rng: &mut SeededRng, limit: f64| {
        for value in &mut array.values {
            *value = rng.uniform(-limit, limit) as f32;
        }
    };
    let kind = layer.kind();
    let arrays = layer.parameters_mut();
    match kind {
        LayerKind::Conv { inputs, .. } => uniform(&mut arrays[0], rng, (6.0 / (9 * inputs) as f64).sqrt()),
        LayerKind::Dense { inputs, .. } => uniform(&mut arrays[0], rng, (3.0 / inputs as f64).sqrt()),
        LayerKind::Gru { hidden, .. } | LayerKind::Lstm { hidden, .. } => {
            for array in arrays.iter_mut() {
                uniform(array, rng, 1.0 / (hidden as f64).sqrt());
            }
            if let LayerKind::Lstm { hidden, .. } = kind {
                arrays[2].values[hidden..2 * hidden].fill(1.0);
            }
        }
        LayerKind::NormReluPool { .. }
        | LayerKind::Upsample { .. }
        | LayerKind::Summarise(_)
        | LayerKind::Dropout(_) => {}
    }
}
