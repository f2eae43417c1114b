use cratedigger_matmul::{View, product};
use rayon::prelude::*;

use super::parameters::Activation;
use crate::data::label_matrix::LabelMatrix;
use crate::data::matrix::Matrix;
use cratedigger_stats::rng::SeededRng;

/// Weights and biases. Layer `l` maps `sizes[l]` inputs to `sizes[l + 1]` outputs; its weights are a
/// `[sizes[l], sizes[l + 1]]` matrix, row after row. One output is a logistic unit, more are a softmax or, where they are
/// independent of each other, a logistic unit each.
#[derive(Clone)]
pub(super) struct Network {
    pub(super) sizes: Vec<usize>,
    pub(super) activation: Activation,
    /// Whether each output says something of its own, as with several labels a row.
    pub(super) independent: bool,
    pub(super) weights: Vec<Vec<f32>>,
    pub(super) biases: Vec<Vec<f32>>,
}

/// Derivatives in the shapes of the network.
pub(super) struct Gradients {
    pub(super) weights: Vec<Vec<f32>>,
    pub(super) biases: Vec<Vec<f32>>,
}

/// Sums over the rows of a part of a batch, without penalty.
pub(super) struct Part {
    /// Weighted cross-entropy.
    pub(super) loss: f64,
    pub(super) gradients: Gradients,
}

/// What the network is to say of each row.
#[derive(Clone, Copy)]
pub(super) enum Targets<'a> {
    /// One compact label.
    Classes(&'a [usize]),
    /// Any number of labels, one output each.
    Labels(&'a LabelMatrix),
}

/// Training rows with what they are to be.
pub(super) struct Rows<'a> {
    pub(super) x: &'a Matrix,
    pub(super) y: Targets<'a>,
    pub(super) sample_weight: Option<&'a [f32]>,
}

impl Rows<'_> {
    fn weight(&self, row: usize) -> f32 {
        self.sample_weight.map_or(1.0, |weights| weights[row])
    }

    /// Weight of these rows in all.
    pub(super) fn total_weight(&self, rows: &[usize]) -> f64 {
        match self.sample_weight {
            None => rows.len() as f64,
            Some(weights) => rows.iter().map(|&row| f64::from(weights[row])).sum(),
        }
    }
}

/// Multiplications that are worth a part of their own, and the most parts of a batch (but for `LARGEST_PART`). Both
/// decide the order of sums, so they do not depend on the number of threads.
const WORK_OF_PART: usize = 5_000_000;
const MOST_PARTS: usize = 4;

/// Rows of a part, at most: what bounds the memory.
const LARGEST_PART: usize = 2048;

impl Network {
    /// Glorot's uniform weights and biases.
    pub(super) fn initialise(sizes: Vec<usize>, activation: Activation, rng: &mut SeededRng) -> Self {
        let factor = if activation == Activation::Logistic {
            2.0
        } else {
            6.0
        };
        let mut weights = Vec::new();
        let mut biases = Vec::new();
        for layer in sizes.windows(2) {
            let bound = (factor / (layer[0] + layer[1]) as f64).sqrt();
            let mut draw = |n: usize| {
                (0..n)
                    .map(|_| rng.uniform(-bound, bound) as f32)
                    .collect::<Vec<f32>>()
            };
            weights.push(draw(layer[0] * layer[1]));
            biases.push(draw(layer[1]));
        }
        Self {
            sizes,
            activation,
            independent: false,
            weights,
            biases,
        }
    }

    pub(super) fn n_layers(&self) -> usize {
        self.weights.len()
    }

    /// Outputs of the last layer (probabilities) for each row of `x`, row after row.
    pub(super) fn forward(&self, x: Vec<f32>) -> Vec<f32> {
        (0..self.n_layers()).fold(x, |values, layer| self.layer(layer, &values))
    }

    /// The weights of a layer as a matrix.
    fn weights(&self, layer: usize) -> View<'_, f32> {
        View::new(&self.weights[layer], self.sizes[layer], self.sizes[layer + 1])
    }

    /// `activation(values . weights + bias)` of one layer.
    fn layer(&self, layer: usize, values: &[f32]) -> Vec<f32> {
        let (n_inputs, n_outputs) = (self.sizes[layer], self.sizes[layer + 1]);
        let values = View::new(values, values.len() / n_inputs, n_inputs);
        let mut z = product(values, self.weights(layer));
        let bias = &self.biases[layer];
        for row in z.chunks_exact_mut(n_outputs) {
            row.iter_mut().zip(bias).for_each(|(value, bias)| *value += bias);
        }
        if layer + 1 < self.n_layers() {
            self.activation.apply(&mut z);
        } else if n_outputs == 1 || self.independent {
            Activation::Logistic.apply(&mut z);
        } else {
            z.chunks_exact_mut(n_outputs).for_each(softmax);
        }
        z
    }

    /// Loss and derivatives of a batch, summed in parts side by side.
    pub(super) fn parts(&self, data: &Rows<'_>, rows: &[usize]) -> Vec<Part> {
        let per_row: usize = self.sizes.windows(2).map(|layer| layer[0] * layer[1]).sum();
        let n_parts = (rows.len() * per_row / WORK_OF_PART).clamp(1, MOST_PARTS);
        let n_rows = rows.len().div_ceil(n_parts).clamp(1, LARGEST_PART);
        let chunks: Vec<&[usize]> = rows.chunks(n_rows).collect();
        match chunks.as_slice() {
            [rows] => vec![self.part(data, rows)],
            chunks => chunks.par_iter().map(|rows| self.part(data, rows)).collect(),
        }
    }

    fn part(&self, data: &Rows<'_>, rows: &[usize]) -> Part {
        let n_rows = rows.len();
        let last = self.n_layers() - 1;
        let mut x = Vec::with_capacity(n_rows * self.sizes[0]);
        for &row in rows {
            x.extend_from_slice(data.x.row(row));
        }
        // Forward: `values[l]` is what layer `l` sees.
        let mut values = vec![x];
        for layer in 0..last {
            values.push(self.layer(layer, &values[layer]));
        }
        let mut delta = self.layer(last, &values[last]);
        let loss = cross_entropy(&delta, self.sizes[last + 1], data, rows);
        subtract_targets(&mut delta, self.sizes[last + 1], data, rows);

        let mut gradients = Gradients {
            weights: vec![Vec::new(); last + 1],
            biases: vec![Vec::new(); last + 1],
        };
        for layer in (0..=last).rev() {
            let n_outputs = self.sizes[layer + 1];
            gradients.biases[layer] = column_sums(&delta, n_outputs);
            let seen = values.pop().unwrap_or_default();
            let of_outputs = View::new(&delta, n_rows, n_outputs);
            gradients.weights[layer] = product(View::new(&seen, n_rows, self.sizes[layer]).t(), of_outputs);
            if layer == 0 {
                break;
            }
            delta = product(of_outputs, self.weights(layer).t());
            self.activation.chain(&mut delta, &seen);
        }
        Part { loss, gradients }
    }
}

impl Activation {
    fn apply(self, z: &mut [f32]) {
        match self {
            Self::Relu => z.iter_mut().for_each(|value| *value = value.max(0.0)),
            Self::Tanh => z.iter_mut().for_each(|value| *value = value.tanh()),
            Self::Logistic => z
                .iter_mut()
                .for_each(|value| *value = 1.0 / (1.0 + (-*value).exp())),
        }
    }

    /// Multiplies by the derivative of the activation, given its outputs.
    fn chain(self, delta: &mut [f32], outputs: &[f32]) {
        let pairs = delta.iter_mut().zip(outputs);
        match self {
            Self::Relu => pairs.for_each(|(delta, &output)| *delta = if output > 0.0 { *delta } else { 0.0 }),
            Self::Tanh => pairs.for_each(|(delta, &output)| *delta *= 1.0 - output * output),
            Self::Logistic => pairs.for_each(|(delta, &output)| *delta *= output * (1.0 - output)),
        }
    }
}

/// Sum over the rows of the (weighted) cross-entropy; probabilities are kept away from 0 and 1 by the precision of
/// `f32`, as in scikit-learn.
fn cross_entropy(probabilities: &[f32], n_outputs: usize, data: &Rows<'_>, rows: &[usize]) -> f64 {
    let log = |p: f32| f64::from(p.clamp(f32::EPSILON, 1.0 - f32::EPSILON)).ln();
    let mut sum = 0.0;
    for (outputs, &row) in probabilities.chunks_exact(n_outputs).zip(rows) {
        let logs = match data.y {
            Targets::Classes(y) => match (n_outputs, y[row]) {
                (1, 0) => log(1.0 - outputs[0]),
                (1, _) => log(outputs[0]),
                (_, label) => log(outputs[label]),
            },
            Targets::Labels(labels) => {
                let pairs = outputs.iter().zip(labels.row(row));
                pairs.map(|(&p, &has)| log(if has { p } else { 1.0 - p })).sum()
            }
        };
        sum -= f64::from(data.weight(row)) * logs;
    }
    sum
}

/// `weight * (p - target)`: the derivative by the last layer's sums, for logistic as for softmax.
fn subtract_targets(probabilities: &mut [f32], n_outputs: usize, data: &Rows<'_>, rows: &[usize]) {
    for (outputs, &row) in probabilities.chunks_exact_mut(n_outputs).zip(rows) {
        match data.y {
            Targets::Classes(y) if n_outputs == 1 => outputs[0] -= y[row] as f32,
            Targets::Classes(y) => outputs[y[row]] -= 1.0,
            Targets::Labels(labels) => {
                let pairs = outputs.iter_mut().zip(labels.row(row));
                pairs.for_each(|(output, &has)| *output -= f32::from(u8::from(has)));
            }
        }
        if data.sample_weight.is_some() {
            let weight = data.weight(row);
            outputs.iter_mut().for_each(|output| *output *= weight);
        }
    }
}

fn softmax(row: &mut [f32]) {
    let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    row.iter_mut().for_each(|value| *value = (*value - largest).exp());
    let sum: f32 = row.iter().sum();
    row.iter_mut().for_each(|value| *value /= sum);
}

fn column_sums(values: &[f32], n_cols: usize) -> Vec<f32> {
    let mut sums = vec![0.0f32; n_cols];
    for row in values.chunks_exact(n_cols) {
        sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
    sums
}
