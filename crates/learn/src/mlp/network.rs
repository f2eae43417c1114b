use burn::tensor::{Device, Tensor, TensorData};

use super::Activation;
use crate::rng::SeededRng;

/// Weights and biases. Layer `l` maps `sizes[l]` inputs to `sizes[l + 1]` outputs; its weights are a
/// `[sizes[l], sizes[l + 1]]` matrix. One output is a logistic unit, more are a softmax.
#[derive(Clone)]
pub(super) struct Network {
    pub(super) sizes: Vec<usize>,
    pub(super) activation: Activation,
    pub(super) weights: Vec<Tensor<2>>,
    pub(super) biases: Vec<Vec<f32>>,
}

/// Derivatives of the loss, in the shapes of the network.
pub(super) struct Gradients {
    pub(super) weights: Vec<Vec<f32>>,
    pub(super) biases: Vec<Vec<f32>>,
}

/// Rows of one step: features, compact labels and weights.
pub(super) struct Batch<'a> {
    /// `[y.len(), sizes[0]]`.
    pub(super) x: Tensor<2>,
    pub(super) y: &'a [usize],
    pub(super) sample_weight: Option<&'a [f32]>,
}

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
            weights.push(tensor(draw(layer[0] * layer[1]), [layer[0], layer[1]]));
            biases.push(draw(layer[1]));
        }
        Self {
            sizes,
            activation,
            weights,
            biases,
        }
    }

    pub(super) fn n_layers(&self) -> usize {
        self.weights.len()
    }

    /// Outputs of the last layer (probabilities) for each row of `x`, row after row.
    pub(super) fn forward(&self, x: Tensor<2>) -> Vec<f32> {
        let mut values = x;
        for layer in 0..self.n_layers() {
            let z = self.layer(layer, values);
            if layer + 1 == self.n_layers() {
                return z;
            }
            let n_rows = z.len() / self.sizes[layer + 1];
            values = tensor(z, [n_rows, self.sizes[layer + 1]]);
        }
        Vec::new()
    }

    /// `activation(values . weights + bias)` of one layer.
    fn layer(&self, layer: usize, values: Tensor<2>) -> Vec<f32> {
        let mut z = into_vec(values.matmul(self.weights[layer].clone()));
        let n_outputs = self.sizes[layer + 1];
        let bias = &self.biases[layer];
        for row in z.chunks_exact_mut(n_outputs) {
            row.iter_mut().zip(bias).for_each(|(value, bias)| *value += bias);
        }
        if layer + 1 < self.n_layers() {
            self.activation.apply(&mut z);
        } else if n_outputs == 1 {
            Activation::Logistic.apply(&mut z);
        } else {
            z.chunks_exact_mut(n_outputs).for_each(softmax);
        }
        z
    }

    /// The mean loss of a batch, penalty included, and its derivatives.
    pub(super) fn loss_and_gradients(&self, batch: Batch<'_>, alpha: f64) -> (f64, Gradients) {
        let n_rows = batch.y.len();
        let last = self.n_layers() - 1;
        // Forward: `values[l]` is what layer `l` sees.
        let mut values = vec![batch.x.clone()];
        for layer in 0..last {
            let z = self.layer(layer, values[layer].clone());
            values.push(tensor(z, [n_rows, self.sizes[layer + 1]]));
        }
        let mut delta = self.layer(last, values[last].clone());
        let total_weight = batch
            .sample_weight
            .map_or(n_rows as f64, |w| w.iter().map(|&w| f64::from(w)).sum());
        let data_loss = cross_entropy(&delta, self.sizes[last + 1], &batch);
        subtract_targets(&mut delta, self.sizes[last + 1], &batch);

        let mut squared_weights = 0.0;
        let mut gradients = Gradients {
            weights: vec![Vec::new(); last + 1],
            biases: vec![Vec::new(); last + 1],
        };
        for layer in (0..=last).rev() {
            let n_outputs = self.sizes[layer + 1];
            gradients.biases[layer] = column_means(&delta, n_outputs, total_weight);
            let delta_tensor = tensor(delta, [n_rows, n_outputs]);
            let mut gradient = into_vec(values[layer].clone().transpose().matmul(delta_tensor.clone()));
            let weights = self.weights[layer].to_data();
            let weights = weights.as_slice::<f32>().unwrap_or(&[]);
            squared_weights += penalise(&mut gradient, weights, alpha as f32, total_weight as f32);
            gradients.weights[layer] = gradient;
            if layer == 0 {
                break;
            }
            delta = into_vec(delta_tensor.matmul(self.weights[layer].clone().transpose()));
            let outputs = values[layer].to_data();
            self.activation
                .chain(&mut delta, outputs.as_slice::<f32>().unwrap_or(&[]));
        }
        (
            (data_loss + 0.5 * alpha * squared_weights) / total_weight,
            gradients,
        )
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
fn cross_entropy(probabilities: &[f32], n_outputs: usize, batch: &Batch<'_>) -> f64 {
    let mut sum = 0.0;
    for (row, (outputs, &label)) in probabilities.chunks_exact(n_outputs).zip(batch.y).enumerate() {
        let p = match (n_outputs, label) {
            (1, 0) => 1.0 - outputs[0],
            (1, _) => outputs[0],
            _ => outputs[label],
        };
        let weight = batch.sample_weight.map_or(1.0, |weights| f64::from(weights[row]));
        sum -= weight * f64::from(p.clamp(f32::EPSILON, 1.0 - f32::EPSILON)).ln();
    }
    sum
}

/// `weight * (p - target)`: the derivative by the last layer's sums, for logistic as for softmax.
fn subtract_targets(probabilities: &mut [f32], n_outputs: usize, batch: &Batch<'_>) {
    for (row, (outputs, &label)) in probabilities.chunks_exact_mut(n_outputs).zip(batch.y).enumerate() {
        if n_outputs == 1 {
            outputs[0] -= label as f32;
        } else {
            outputs[label] -= 1.0;
        }
        if let Some(weights) = batch.sample_weight {
            outputs.iter_mut().for_each(|output| *output *= weights[row]);
        }
    }
}

fn softmax(row: &mut [f32]) {
    let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    row.iter_mut().for_each(|value| *value = (*value - largest).exp());
    let sum: f32 = row.iter().sum();
    row.iter_mut().for_each(|value| *value /= sum);
}

fn column_means(values: &[f32], n_cols: usize, total_weight: f64) -> Vec<f32> {
    let mut sums = vec![0.0f32; n_cols];
    for row in values.chunks_exact(n_cols) {
        sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
    sums.iter_mut().for_each(|sum| *sum /= total_weight as f32);
    sums
}

/// `(gradient + alpha * weights) / total_weight` in place; returns the sum of the squared weights.
fn penalise(gradient: &mut [f32], weights: &[f32], alpha: f32, total_weight: f32) -> f64 {
    let mut squares = 0.0f64;
    for (gradient, weights) in gradient.chunks_mut(1024).zip(weights.chunks(1024)) {
        let mut lanes = [0.0f32; 16];
        for (gradient, weights) in gradient.chunks_mut(16).zip(weights.chunks(16)) {
            for ((gradient, weight), lane) in gradient.iter_mut().zip(weights).zip(&mut lanes) {
                *gradient = (*gradient + alpha * weight) / total_weight;
                *lane += weight * weight;
            }
        }
        squares += lanes.iter().map(|&lane| f64::from(lane)).sum::<f64>();
    }
    squares
}

/// A tensor that takes the values over without a copy.
pub(super) fn tensor(values: Vec<f32>, shape: [usize; 2]) -> Tensor<2> {
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

/// The values of a tensor nobody else holds, without a copy.
pub(super) fn into_vec(tensor: Tensor<2>) -> Vec<f32> {
    tensor.try_into_vec_as::<f32>().unwrap_or_default()
}
