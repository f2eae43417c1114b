//! Layers as TensorFlow keeps their weights, as nodes of an ONNX graph: there channels come last, here first.

use super::weights::Weights;
use crate::checkpoint::Tensor;
use crate::error::Result;
use crate::graph::writer::{Attribute, GraphWriter};

/// What `tf.layers.batch_normalization` adds to the variance unless told otherwise.
const EPSILON: f32 = 1e-3;

/// A graph and the weights it is built from.
pub(super) struct Layers<'a> {
    pub(super) weights: &'a Weights,
    pub(super) graph: GraphWriter,
}

impl Layers<'_> {
    /// `batch_normalization_N` on the second dimension of `x`.
    pub(super) fn normalised(&mut self, x: &str, name: &str, n: usize) -> Result<String> {
        let mut inputs = vec![x.to_owned()];
        for part in ["gamma", "beta", "moving_mean", "moving_variance"] {
            let full = format!("{name}/{part}");
            let tensor = self.weights.get(&full, &[Some(n)])?;
            inputs.push(self.graph.weights(&full, &[n], &tensor.values));
        }
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        let epsilon = [Attribute::Float("epsilon", EPSILON)];
        Ok(self
            .graph
            .node("BatchNormalization", &inputs, &format!("{name}/out"), &epsilon))
    }

    /// A convolution over time and bands with zeros around, and what is below 0 cut off. Returns the number of its filters too.
    ///
    /// `kernel`: height and width. `pads`: zeros before time, before bands, after time, after bands.
    pub(super) fn convolved(
        &mut self,
        x: &str,
        name: &str,
        kernel: [Option<usize>; 2],
        n_in: usize,
        pads: [i64; 4],
    ) -> Result<(String, usize)> {
        let full = format!("{name}/kernel");
        let tensor = self
            .weights
            .get(&full, &[kernel[0], kernel[1], Some(n_in), None])?;
        let [height, width, _, n_out] = [0, 1, 2, 3].map(|at| tensor.shape[at]);
        let turned = turned(tensor, height * width, n_in, n_out);
        let w = self.graph.weights(&full, &[n_out, n_in, height, width], &turned);
        self.with_bias_and_relu(x, name, &w, n_out, &pads)
    }

    /// A convolution over time of all channels, which TensorFlow keeps as one over the width of a picture.
    pub(super) fn convolved_in_time(&mut self, x: &str, name: &str, n_in: usize) -> Result<(String, usize)> {
        let full = format!("{name}/kernel");
        let tensor = self.weights.get(&full, &[Some(7), Some(n_in), Some(1), None])?;
        let n_out = tensor.shape[3];
        let turned = turned(tensor, 7, n_in, n_out);
        let w = self.graph.weights(&full, &[n_out, n_in, 7], &turned);
        self.with_bias_and_relu(x, name, &w, n_out, &[3, 3])
    }

    fn with_bias_and_relu(
        &mut self,
        x: &str,
        name: &str,
        w: &str,
        n_out: usize,
        pads: &[i64],
    ) -> Result<(String, usize)> {
        let full = format!("{name}/bias");
        let bias = self.weights.get(&full, &[Some(n_out)])?;
        let b = self.graph.weights(&full, &[n_out], &bias.values);
        // What ONNX would take by default is said, since not every runtime does.
        let ones = vec![1; pads.len() / 2];
        let steps = [
            Attribute::Ints("pads", pads),
            Attribute::Ints("dilations", &ones),
            Attribute::Ints("strides", &ones),
        ];
        let y = self
            .graph
            .node("Conv", &[x, w, &b], &format!("{name}/conv"), &steps);
        Ok((
            self.graph.node("Relu", &[&y], &format!("{name}/relu"), &[]),
            n_out,
        ))
    }

    /// A dense layer; `before` is a batch normalisation of its inputs, which becomes a part of its weights.
    pub(super) fn dense(
        &mut self,
        x: &str,
        name: &str,
        n_in: usize,
        before: Option<&str>,
    ) -> Result<(String, usize)> {
        let (kernel, bias) = (format!("{name}/kernel"), format!("{name}/bias"));
        let w = self.weights.get(&kernel, &[Some(n_in), None])?;
        let n_out = w.shape[1];
        let b = self.weights.get(&bias, &[Some(n_out)])?;
        let (mut w, mut b) = (w.values.clone(), b.values.clone());
        if let Some(normalisation) = before {
            let (scale, shift) = self.scale_and_shift(normalisation, n_in)?;
            let mut sums: Vec<f64> = b.iter().map(|b| f64::from(*b)).collect();
            for (i, row) in w.chunks_exact_mut(n_out).enumerate() {
                for (w, sum) in row.iter_mut().zip(&mut sums) {
                    *sum += shift[i] * f64::from(*w);
                    *w = (scale[i] * f64::from(*w)) as f32;
                }
            }
            b = sums.into_iter().map(|sum| sum as f32).collect();
        }
        let w = self.graph.weights(&kernel, &[n_in, n_out], &w);
        let b = self.graph.weights(&bias, &[n_out], &b);
        Ok((
            self.graph.node("Gemm", &[x, &w, &b], &format!("{name}/out"), &[]),
            n_out,
        ))
    }

    /// A batch normalisation of a flat vector.
    pub(super) fn normalised_flat(&mut self, x: &str, name: &str, n: usize, output: &str) -> Result<String> {
        let (scale, shift) = self.scale_and_shift(name, n)?;
        let single =
            |values: Vec<f64>| -> Vec<f32> { values.into_iter().map(|value| value as f32).collect() };
        let scale = self.graph.weights(&format!("{name}/scale"), &[n], &single(scale));
        let shift = self.graph.weights(&format!("{name}/shift"), &[n], &single(shift));
        let scaled = self
            .graph
            .node("Mul", &[x, &scale], &format!("{name}/scaled"), &[]);
        Ok(self.graph.node("Add", &[&scaled, &shift], output, &[]))
    }

    fn scale_and_shift(&self, name: &str, n: usize) -> Result<(Vec<f64>, Vec<f64>)> {
        let [gamma, beta, mean, variance] = ["gamma", "beta", "moving_mean", "moving_variance"]
            .map(|part| self.weights.get(&format!("{name}/{part}"), &[Some(n)]));
        let (gamma, beta, mean, variance) = (gamma?, beta?, mean?, variance?);
        let scale: Vec<f64> = gamma
            .values
            .iter()
            .zip(&variance.values)
            .map(|(g, v)| f64::from(*g) / (f64::from(*v) + f64::from(EPSILON)).sqrt())
            .collect();
        let shift = (0..n)
            .map(|i| f64::from(beta.values[i]) - f64::from(mean.values[i]) * scale[i])
            .collect();
        Ok((scale, shift))
    }
}

/// `[place][input][output]` as `[output][input][place]`.
fn turned(tensor: &Tensor, n_places: usize, n_in: usize, n_out: usize) -> Vec<f32> {
    let mut out = Vec::with_capacity(tensor.values.len());
    for o in 0..n_out {
        for i in 0..n_in {
            out.extend((0..n_places).map(|p| tensor.values[(p * n_in + i) * n_out + o]));
        }
    }
    out
}
