//! Batch normalisation, rectification and the largest of each window, in one pass over memory.

use rayon::prelude::*;

use super::layer::{Array, Forward, Gradients, Layer, LayerKind, Pass};
use crate::tensor::{Shape, Tensor};

/// Added to variances, as in PyTorch.
pub(crate) const EPSILON: f64 = 1e-5;

/// Share of a batch in the remembered moments, as in PyTorch.
const MOMENTUM: f32 = 0.1;

/// What no place of a window is called: nothing in it was above 0.
const NONE: u8 = u8::MAX;

/// See [`LayerKind::NormReluPool`].
#[derive(Debug, Clone)]
pub(crate) struct NormReluPool {
    channels: usize,
    window: (usize, usize),
    parameters: Vec<Array>,
    buffers: Vec<Array>,
}

impl NormReluPool {
    pub(crate) fn new(channels: usize, frames: usize, bands: usize) -> Self {
        let of = |name, value| Array::filled(name, &[channels], value);
        Self {
            channels,
            window: (frames, bands),
            parameters: vec![of("weight", 1.0), of("bias", 0.0)],
            buffers: vec![of("running_mean", 0.0), of("running_var", 1.0)],
        }
    }

    fn pooled(&self, x: Shape) -> Shape {
        Shape {
            t: x.t / self.window.0,
            f: x.f / self.window.1,
            ..x
        }
    }

    /// Rectified maxima of `x * scale + shift`, and which place of its window each came from.
    fn reduce(&self, x: &Tensor, scale: &[f32], shift: &[f32]) -> (Tensor, Vec<u8>) {
        let (frames, bands) = self.window;
        let shape = self.pooled(x.shape);
        let c = shape.c;
        let mut out = Tensor::zeros(shape);
        let mut from = vec![NONE; shape.len()];
        let (size, x_line) = (shape.f * c, x.shape.f * c);
        let (scale, shift) = (&scale[..c], &shift[..c]);
        if shape.len() > 0 {
            out.values
                .par_chunks_mut(shape.excerpt())
                .zip(from.par_chunks_mut(shape.excerpt()))
                .zip(x.values.par_chunks(x.shape.excerpt()))
                .for_each(|((out, from), x)| {
                    for (frame, (out, from)) in out
                        .chunks_exact_mut(size)
                        .zip(from.chunks_exact_mut(size))
                        .enumerate()
                    {
                        for (band, (out, from)) in
                            out.chunks_exact_mut(c).zip(from.chunks_exact_mut(c)).enumerate()
                        {
                            for place in 0..frames * bands {
                                let line = &x[(frame * frames + place / bands) * x_line..][..x_line];
                                let x = &line[(band * bands + place % bands) * c..][..c];
                                for k in 0..c {
                                    let value = x[k] * scale[k] + shift[k];
                                    if value > out[k] {
                                        out[k] = value;
                                        from[k] = place as u8;
                                    }
                                }
                            }
                        }
                    }
                });
        }
        (out, from)
    }
}

/// Mean and variance (over all, not one less) of each channel over all places.
fn moments(x: &Tensor) -> (Vec<f64>, Vec<f64>) {
    let c = x.shape.c;
    let line = x.shape.f * c;
    let excerpts: Vec<[Vec<f64>; 2]> = x
        .values
        .par_chunks(x.shape.excerpt())
        .map(|x| {
            let mut sums = [vec![0.0; c], vec![0.0; c]];
            let mut of_line = [vec![0.0_f32; c], vec![0.0_f32; c]];
            for line in x.chunks_exact(line) {
                let [sum, square] = &mut of_line;
                sum.fill(0.0);
                square.fill(0.0);
                for place in line.chunks_exact(c) {
                    for k in 0..c {
                        sum[k] += place[k];
                        square[k] += place[k] * place[k];
                    }
                }
                for (sums, of_line) in sums.iter_mut().zip(&of_line) {
                    for (sum, &value) in sums.iter_mut().zip(of_line) {
                        *sum += f64::from(value);
                    }
                }
            }
            sums
        })
        .collect();
    let mut sums = [vec![0.0; c], vec![0.0; c]];
    for excerpt in excerpts {
        for (sums, excerpt) in sums.iter_mut().zip(excerpt) {
            for (sum, value) in sums.iter_mut().zip(excerpt) {
                *sum += value;
            }
        }
    }
    let count = (x.shape.n * x.shape.t * x.shape.f) as f64;
    let [sum, square] = sums;
    let mean: Vec<f64> = sum.iter().map(|sum| sum / count).collect();
    let var = square
        .iter()
        .zip(&mean)
        .map(|(square, mean)| (square / count - mean * mean).max(0.0))
        .collect();
    (mean, var)
}

/// What the way back needs.
struct Kept {
    x: Tensor,
    from: Vec<u8>,
    mean: Vec<f32>,
    /// 1 / standard deviation.
    inverse: Vec<f32>,
    /// Whether mean and variance are the batch's own.
    own: bool,
}

/// How windows lie in an excerpt.
struct Windows {
    c: usize,
    /// Numbers of a line of what went out, and of what came in.
    lines: (usize, usize),
    window: (usize, usize),
    /// How far each place of a window is from its first.
    places: Vec<usize>,
}

impl Windows {
    fn new(window: (usize, usize), c: usize, out: Shape, x: Shape) -> Self {
        let line = x.f * c;
        let place = |place: usize| place / window.1 * line + place % window.1 * c;
        Self {
            c,
            lines: (out.f * c, line),
            window,
            places: (0..window.0 * window.1).map(place).collect(),
        }
    }

    /// Calls with each number of the output that came from somewhere: where that is, the channel, and the number's gradient.
    fn each(&self, gradient: &[f32], from: &[u8], mut with: impl FnMut(usize, usize, f32)) {
        let (out_line, x_line) = self.lines;
        let lines = gradient.chunks_exact(out_line).zip(from.chunks_exact(out_line));
        for (frame, (gradient, from)) in lines.enumerate() {
            let cells = gradient.chunks_exact(self.c).zip(from.chunks_exact(self.c));
            for (band, (gradient, from)) in cells.enumerate() {
                let first = frame * self.window.0 * x_line + band * self.window.1 * self.c;
                for (k, (&gradient, &place)) in gradient.iter().zip(from).enumerate() {
                    if place != NONE {
                        with(first + self.places[usize::from(place)] + k, k, gradient);
                    }
                }
            }
        }
    }
}

impl NormReluPool {
    fn backward(&self, kept: Kept, gradient: &Tensor) -> Gradients {
        let Kept {
            mut x,
            from,
            mean,
            inverse,
            own,
        } = kept;
        let c = self.channels;
        let (out_excerpt, x_excerpt) = (gradient.shape.excerpt(), x.shape.excerpt());
        let windows = Windows::new(self.window, c, gradient.shape, x.shape);
        let given = gradient
            .values
            .par_chunks(out_excerpt)
            .zip(from.par_chunks(out_excerpt));
        let sums: Vec<[Vec<f64>; 2]> = x
            .values
            .par_chunks(x_excerpt)
            .zip(given.clone())
            .map(|(x, (gradient, from))| {
                let (mut of_bias, mut of_weight) = (vec![0.0_f64; c], vec![0.0_f64; c]);
                windows.each(gradient, from, |at, k, gradient| {
                    let normed = (x[at] - mean[k]) * inverse[k];
                    of_bias[k] += f64::from(gradient);
                    of_weight[k] += f64::from(gradient * normed);
                });
                [of_bias, of_weight]
            })
            .collect();
        let mut of_bias = vec![0.0_f64; c];
        let mut of_weight = vec![0.0_f64; c];
        for [bias, weight] in sums {
            for k in 0..c {
                of_bias[k] += bias[k];
                of_weight[k] += weight[k];
            }
        }
        // the gradient of a place that is no maximum: what its part in mean and variance moves
        let count = (x.shape.n * x.shape.t * x.shape.f) as f64;
        let weight = &self.parameters[0].values;
        let scale: Vec<f32> = weight
            .iter()
            .zip(&inverse)
            .map(|(weight, inverse)| weight * inverse)
            .collect();
        let (mut offset, mut slope) = (vec![0.0_f32; c], vec![0.0_f32; c]);
        if own {
            for k in 0..c {
                let of_normed = f64::from(scale[k]) * of_weight[k] / count * f64::from(inverse[k]);
                slope[k] = -of_normed as f32;
                offset[k] =
                    (f64::from(mean[k]) * of_normed - f64::from(scale[k]) * of_bias[k] / count) as f32;
            }
        }
        x.values
            .par_chunks_mut(x_excerpt)
            .zip(given)
            .for_each(|(x, (gradient, from))| {
                for place in x.chunks_exact_mut(c) {
                    for k in 0..c {
                        place[k] = offset[k] + slope[k] * place[k];
                    }
                }
                windows.each(gradient, from, |at, k, gradient| x[at] += scale[k] * gradient);
            });
        let single = |sums: Vec<f64>| sums.into_iter().map(|sum| sum as f32).collect();
        Gradients {
            input: Some(x),
            parameters: vec![single(of_weight), single(of_bias)],
        }
    }
}

impl Layer for NormReluPool {
    fn kind(&self) -> LayerKind {
        LayerKind::NormReluPool {
            channels: self.channels,
            frames: self.window.0,
            bands: self.window.1,
        }
    }

    fn parameters(&self) -> &[Array] {
        &self.parameters
    }

    fn parameters_mut(&mut self) -> &mut [Array] {
        &mut self.parameters
    }

    fn buffers(&self) -> &[Array] {
        &self.buffers
    }

    fn buffers_mut(&mut self) -> &mut [Array] {
        &mut self.buffers
    }

    fn shape(&self, input: Shape) -> Option<Shape> {
        let out = self.pooled(input);
        (input.c == self.channels && out.t > 0 && out.f > 0).then_some(out)
    }

    fn forward(&self, x: Tensor, pass: Pass) -> Forward<'_> {
        let own = matches!(pass, Pass::Train { .. });
        let (mean, var) = if own {
            moments(&x)
        } else {
            let double = |array: &Array| array.values.iter().map(|&value| f64::from(value)).collect();
            (double(&self.buffers[0]), double(&self.buffers[1]))
        };
        let inverse: Vec<f64> = var.iter().map(|var| 1.0 / (var + EPSILON).sqrt()).collect();
        let (weight, bias) = (&self.parameters[0].values, &self.parameters[1].values);
        let scale: Vec<f64> = weight
            .iter()
            .zip(&inverse)
            .map(|(&weight, inverse)| f64::from(weight) * inverse)
            .collect();
        let shift: Vec<f32> = (0..self.channels)
            .map(|k| (f64::from(bias[k]) - mean[k] * scale[k]) as f32)
            .collect();
        let single = |values: &[f64]| values.iter().map(|&value| value as f32).collect::<Vec<f32>>();
        let (out, from) = self.reduce(&x, &single(&scale), &shift);
        let count = (x.shape.n * x.shape.t * x.shape.f) as f64;
        let moments = own.then(|| {
            let unbiased = count / (count - 1.0).max(1.0);
            [
                single(&mean),
                var.iter().map(|var| (var * unbiased) as f32).collect(),
            ]
        });
        Forward {
            out,
            backward: pass.keeps().then(|| {
                let kept = Kept {
                    x,
                    from,
                    mean: single(&mean),
                    inverse: single(&inverse),
                    own,
                };
                Box::new(move |gradient: Tensor, _| self.backward(kept, &gradient)) as _
            }),
            moments,
        }
    }

    fn remember(&mut self, moments: [Vec<f32>; 2]) {
        for (buffer, batch) in self.buffers.iter_mut().zip(moments) {
            for (kept, new) in buffer.values.iter_mut().zip(batch) {
                *kept += MOMENTUM * (new - *kept);
            }
        }
    }

    fn copy(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
