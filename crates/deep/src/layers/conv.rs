//! Convolution by 3 x 3 windows: windows are laid out as rows of a matrix, which is multiplied by the weights.

use cratedigger_matmul::{View, add_product, write_product};
use rayon::prelude::*;

use super::layer::{Array, Forward, Gradients, Layer, LayerKind, Pass};
use super::parts::{of_bias, sum_in_order};
use crate::tensor::{Shape, Tensor};

/// Numbers of the matrix of windows that is made at a time: 256 KiB, which stay in a core's second-level cache.
const WINDOWS: usize = 1 << 16;

/// Parts that a batch's gradient of the weights is summed in, whatever the threads.
const PARTS: usize = 8;

/// See [`LayerKind::Conv`].
#[derive(Debug, Clone)]
pub(crate) struct Conv {
    inputs: usize,
    outputs: usize,
    parameters: Vec<Array>,
}

impl Conv {
    pub(crate) fn new(inputs: usize, outputs: usize, bias: bool) -> Self {
        let mut parameters = vec![Array::filled("weight", &[3, 3, inputs, outputs], 0.0)];
        if bias {
            parameters.push(Array::filled("bias", &[outputs], 0.0));
        }
        Self {
            inputs,
            outputs,
            parameters,
        }
    }

    /// The weights with frames and bands turned round and channels exchanged: what carries gradients back.
    fn turned(&self) -> Vec<f32> {
        let (c_in, c_out) = (self.inputs, self.outputs);
        let weight = &self.parameters[0].values;
        let mut turned = vec![0.0; weight.len()];
        for place in 0..9 {
            for i in 0..c_in {
                for o in 0..c_out {
                    turned[(place * c_out + o) * c_in + i] = weight[((8 - place) * c_in + i) * c_out + o];
                }
            }
        }
        turned
    }
}

/// Which frames are laid out at a time.
fn blocks(t: usize, f: usize, c: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    let frames = (WINDOWS / (f * 9 * c)).max(1);
    (0..t)
        .step_by(frames)
        .map(move |from| from..(from + frames).min(t))
}

/// Lays out the 3 x 3 windows around each band of these frames: a row of `9 c` numbers each, zeros around the map.
fn windows(x: &[f32], (t, f, c): (usize, usize, usize), frames: std::ops::Range<usize>, out: &mut Vec<f32>) {
    let row = 9 * c;
    out.resize(frames.len() * f * row, 0.0);
    let side = 3 * c;
    for (rows, frame) in out.chunks_exact_mut(f * row).zip(frames) {
        for k in 0..3 {
            let Some(line) = (frame + k).checked_sub(1).filter(|&from| from < t) else {
                for band in 0..f {
                    rows[band * row + k * side..][..side].fill(0.0);
                }
                continue;
            };
            let line = &x[line * f * c..][..f * c];
            for band in 0..f {
                let window = &mut rows[band * row + k * side..][..side];
                if band > 0 && band + 1 < f {
                    window.copy_from_slice(&line[(band - 1) * c..][..side]);
                } else {
                    window.fill(0.0);
                    let (from, end) = (band.saturating_sub(1), (band + 2).min(f));
                    let at = (from + 1 - band) * c;
                    window[at..at + (end - from) * c].copy_from_slice(&line[from * c..end * c]);
                }
            }
        }
    }
}

/// Every excerpt by itself: `out = windows(x) . weight`.
fn correlate(x: &[f32], shape: Shape, weight: &[f32], c_out: usize, bias: Option<&[f32]>) -> Vec<f32> {
    let (t, f, c) = (shape.t, shape.f, shape.c);
    let mut out = vec![0.0; shape.n * t * f * c_out];
    if out.is_empty() {
        return out;
    }
    let weight = View::new(weight, 9 * c, c_out);
    out.par_chunks_mut(t * f * c_out)
        .zip(x.par_chunks(shape.excerpt()))
        .for_each_init(Vec::new, |rows, (out, x)| {
            for frames in blocks(t, f, c) {
                windows(x, (t, f, c), frames.clone(), rows);
                let out = &mut out[frames.start * f * c_out..frames.end * f * c_out];
                let rows = View::new(rows, frames.len() * f, 9 * c);
                match bias {
                    None => write_product(rows, weight, out),
                    Some(bias) => {
                        for place in out.chunks_exact_mut(c_out) {
                            place.copy_from_slice(bias);
                        }
                        add_product(rows, weight, out);
                    }
                }
            }
        });
    out
}

/// The gradient of the weights, excerpts summed in parts of a fixed number.
fn of_weights(x: &Tensor, gradient: &Tensor) -> Vec<f32> {
    let Shape { n, t, f, c } = x.shape;
    let c_out = gradient.shape.c;
    let part = n.div_ceil(PARTS).max(1);
    let parts: Vec<Vec<f32>> = x
        .values
        .par_chunks(part * x.shape.excerpt())
        .zip(gradient.values.par_chunks(part * t * f * c_out))
        .map(|(x, gradient)| {
            let mut sum = vec![0.0; 9 * c * c_out];
            let mut rows = Vec::new();
            for (x, gradient) in x
                .chunks_exact(t * f * c)
                .zip(gradient.chunks_exact(t * f * c_out))
            {
                for frames in blocks(t, f, c) {
                    windows(x, (t, f, c), frames.clone(), &mut rows);
                    let gradient = &gradient[frames.start * f * c_out..frames.end * f * c_out];
                    let rows = View::new(&rows, frames.len() * f, 9 * c);
                    add_product(rows.t(), View::new(gradient, frames.len() * f, c_out), &mut sum);
                }
            }
            sum
        })
        .collect();
    sum_in_order(parts, 9 * c * c_out)
}

impl Layer for Conv {
    fn kind(&self) -> LayerKind {
        LayerKind::Conv {
            inputs: self.inputs,
            outputs: self.outputs,
            bias: self.parameters.len() > 1,
        }
    }

    fn parameters(&self) -> &[Array] {
        &self.parameters
    }

    fn parameters_mut(&mut self) -> &mut [Array] {
        &mut self.parameters
    }

    fn shape(&self, input: Shape) -> Option<Shape> {
        (input.c == self.inputs && input.t > 0 && input.f > 0).then_some(Shape {
            c: self.outputs,
            ..input
        })
    }

    fn forward(&self, x: Tensor, pass: Pass) -> Forward<'_> {
        let bias = self.parameters.get(1).map(|bias| &bias.values[..]);
        let values = correlate(&x.values, x.shape, &self.parameters[0].values, self.outputs, bias);
        let shape = Shape {
            c: self.outputs,
            ..x.shape
        };
        let has_bias = bias.is_some();
        Forward {
            out: Tensor::new(shape, values),
            backward: pass.keeps().then(|| {
                Box::new(move |gradient: Tensor, wanted: bool| {
                    let mut parameters = vec![of_weights(&x, &gradient)];
                    if has_bias {
                        parameters.push(of_bias(&gradient.values, self.outputs));
                    }
                    let input = wanted.then(|| {
                        let turned = self.turned();
                        let values = correlate(&gradient.values, gradient.shape, &turned, self.inputs, None);
                        Tensor::new(x.shape, values)
                    });
                    Gradients { input, parameters }
                }) as _
            }),
            moments: None,
        }
    }

    fn copy(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
