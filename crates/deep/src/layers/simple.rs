//! Layers without a window: products with a matrix, repetition, summaries, dropout.

use cratedigger_matmul::{View, add_product, product};
use cratedigger_stats::rng::SeededRng;

use super::layer::{Array, Forward, Gradients, Layer, LayerKind, Pass, Summary};
use super::parts::of_bias;
use crate::tensor::{Shape, Tensor};

/// See [`LayerKind::Dense`].
#[derive(Debug, Clone)]
pub(crate) struct Dense {
    inputs: usize,
    outputs: usize,
    parameters: Vec<Array>,
}

impl Dense {
    pub(crate) fn new(inputs: usize, outputs: usize) -> Self {
        Self {
            inputs,
            outputs,
            parameters: vec![
                Array::filled("weight", &[inputs, outputs], 0.0),
                Array::filled("bias", &[outputs], 0.0),
            ],
        }
    }
}

impl Layer for Dense {
    fn kind(&self) -> LayerKind {
        LayerKind::Dense {
            inputs: self.inputs,
            outputs: self.outputs,
        }
    }

    fn parameters(&self) -> &[Array] {
        &self.parameters
    }

    fn parameters_mut(&mut self) -> &mut [Array] {
        &mut self.parameters
    }

    fn shape(&self, input: Shape) -> Option<Shape> {
        (input.c == self.inputs).then_some(Shape {
            c: self.outputs,
            ..input
        })
    }

    fn forward(&self, x: Tensor, pass: Pass) -> Forward<'_> {
        let (c_in, c_out) = (self.inputs, self.outputs);
        let places = x.shape.n * x.shape.t * x.shape.f;
        let weight = View::new(&self.parameters[0].values, c_in, c_out);
        let mut values = self.parameters[1].values.repeat(places);
        add_product(View::new(&x.values, places, c_in), weight, &mut values);
        let shape = Shape { c: c_out, ..x.shape };
        Forward {
            out: Tensor::new(shape, values),
            backward: pass.keeps().then(|| {
                Box::new(move |gradient: Tensor, wanted: bool| {
                    let of_out = View::new(&gradient.values, places, c_out);
                    Gradients {
                        input: wanted.then(|| Tensor::new(x.shape, product(of_out, weight.t()))),
                        parameters: vec![
                            product(View::new(&x.values, places, c_in).t(), of_out),
                            of_bias(&gradient.values, c_out),
                        ],
                    }
                }) as _
            }),
            moments: None,
        }
    }

    fn copy(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}

/// See [`LayerKind::Upsample`].
#[derive(Debug, Clone)]
pub(crate) struct Upsample {
    pub(crate) frames: usize,
    pub(crate) bands: usize,
}

impl Upsample {
    /// Calls with each run of channels of the large map and where it comes from in the small one.
    fn each(&self, small: Shape, mut with: impl FnMut(usize, usize)) {
        let mut at = 0;
        for n in 0..small.n {
            for t in 0..small.t * self.frames {
                for f in 0..small.f * self.bands {
                    let from = ((n * small.t + t / self.frames) * small.f + f / self.bands) * small.c;
                    with(at, from);
                    at += small.c;
                }
            }
        }
    }
}

impl Layer for Upsample {
    fn kind(&self) -> LayerKind {
        LayerKind::Upsample {
            frames: self.frames,
            bands: self.bands,
        }
    }

    fn shape(&self, input: Shape) -> Option<Shape> {
        Some(Shape {
            t: input.t * self.frames,
            f: input.f * self.bands,
            ..input
        })
    }

    fn forward(&self, x: Tensor, pass: Pass) -> Forward<'_> {
        let (small, c) = (x.shape, x.shape.c);
        let large = Shape {
            t: small.t * self.frames,
            f: small.f * self.bands,
            ..small
        };
        let mut out = Tensor::zeros(large);
        self.each(small, |at, from| {
            out.values[at..at + c].copy_from_slice(&x.values[from..from + c]);
        });
        Forward {
            out,
            backward: pass.keeps().then(|| {
                Box::new(move |gradient: Tensor, _| {
                    let mut input = Tensor::zeros(small);
                    self.each(small, |at, from| {
                        let to = &mut input.values[from..from + c];
                        for (to, value) in to.iter_mut().zip(&gradient.values[at..at + c]) {
                            *to += value;
                        }
                    });
                    Gradients {
                        input: Some(input),
                        parameters: Vec::new(),
                    }
                }) as _
            }),
            moments: None,
        }
    }

    fn copy(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}

/// See [`LayerKind::Summarise`].
#[derive(Debug, Clone)]
pub(crate) struct Summarise(pub(crate) Summary);

impl Summarise {
    fn width(&self, c: usize) -> usize {
        match self.0 {
            Summary::Mean => c,
            Summary::MeanMax => 2 * c,
        }
    }
}

impl Layer for Summarise {
    fn kind(&self) -> LayerKind {
        LayerKind::Summarise(self.0)
    }

    fn shape(&self, input: Shape) -> Option<Shape> {
        (input.t > 0 && input.f > 0).then_some(Shape {
            n: input.n,
            t: 1,
            f: 1,
            c: self.width(input.c),
        })
    }

    fn forward(&self, x: Tensor, pass: Pass) -> Forward<'_> {
        let (shape, c) = (x.shape, x.shape.c);
        let width = self.width(c);
        let places = (shape.t * shape.f) as f32;
        let mut out = vec![0.0; shape.n * width];
        // where each largest value came from, within its excerpt
        let mut from = vec![0_usize; shape.n * (width - c)];
        for (n, x) in x.values.chunks_exact(shape.excerpt()).enumerate() {
            let (mean, max) = out[n * width..(n + 1) * width].split_at_mut(c);
            max.fill(f32::NEG_INFINITY);
            for (at, place) in x.chunks_exact(c).enumerate() {
                for k in 0..c {
                    mean[k] += place[k];
                }
                for k in 0..max.len() {
                    if place[k] > max[k] {
                        max[k] = place[k];
                        from[n * c + k] = at;
                    }
                }
            }
            for mean in mean {
                *mean /= places;
            }
        }
        let out_shape = Shape {
            n: shape.n,
            t: 1,
            f: 1,
            c: width,
        };
        Forward {
            out: Tensor::new(out_shape, out),
            backward: pass.keeps().then(|| {
                Box::new(move |gradient: Tensor, _| {
                    let mut input = Tensor::zeros(shape);
                    for (n, input) in input.values.chunks_exact_mut(shape.excerpt()).enumerate() {
                        let (mean, max) = gradient.values[n * width..(n + 1) * width].split_at(c);
                        for place in input.chunks_exact_mut(c) {
                            for k in 0..c {
                                place[k] = mean[k] / places;
                            }
                        }
                        for k in 0..max.len() {
                            input[from[n * c + k] * c + k] += max[k];
                        }
                    }
                    Gradients {
                        input: Some(input),
                        parameters: Vec::new(),
                    }
                }) as _
            }),
            moments: None,
        }
    }

    fn copy(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}

/// See [`LayerKind::Dropout`].
#[derive(Debug, Clone)]
pub(crate) struct Dropout(pub(crate) f32);

/// What dropout multiplies `n` numbers by, in training.
pub(crate) fn dropout_factors(share: f32, n: usize, pass: Pass) -> Option<Vec<f32>> {
    let Pass::Train { seed, stream } = pass else {
        return None;
    };
    if share <= 0.0 {
        return None;
    }
    let mut rng = SeededRng::stream(seed, stream);
    let stays = 1.0 / (1.0 - share);
    let factor = |_| {
        if rng.unit() < f64::from(share) { 0.0 } else { stays }
    };
    Some((0..n).map(factor).collect())
}

impl Layer for Dropout {
    fn kind(&self) -> LayerKind {
        LayerKind::Dropout(self.0)
    }

    fn shape(&self, input: Shape) -> Option<Shape> {
        Some(input)
    }

    fn forward(&self, mut x: Tensor, pass: Pass) -> Forward<'_> {
        let factors = dropout_factors(self.0, x.values.len(), pass);
        if let Some(factors) = &factors {
            for (value, factor) in x.values.iter_mut().zip(factors) {
                *value *= factor;
            }
        }
        Forward {
            out: x,
            backward: pass.keeps().then(|| {
                Box::new(move |mut gradient: Tensor, _| {
                    if let Some(factors) = factors {
                        for (value, factor) in gradient.values.iter_mut().zip(factors) {
                            *value *= factor;
                        }
                    }
                    Gradients {
                        input: Some(gradient),
                        parameters: Vec::new(),
                    }
                }) as _
            }),
            moments: None,
        }
    }

    fn copy(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
