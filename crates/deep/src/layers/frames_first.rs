//! Recurrent layers run over frames: excerpts in parts side by side, frames in order.

use rayon::prelude::*;

use super::layer::{Array, Gradients};
use super::parts::sum_in_order;
use crate::tensor::{Shape, Tensor};

/// Excerpts of a part. Fixed, so that sums do not depend on threads.
const PART: usize = 16;

/// The excerpts of one part, frames first: the vector of frame `t`, excerpt `n` stands at `(t * n_excerpts + n) * width`.
#[derive(Debug, Clone)]
pub(super) struct FramesFirst {
    pub(super) n: usize,
    pub(super) t: usize,
    pub(super) width: usize,
    pub(super) values: Vec<f32>,
}

impl FramesFirst {
    pub(super) fn zeros(n: usize, t: usize, width: usize) -> Self {
        Self {
            n,
            t,
            width,
            values: vec![0.0; n * t * width],
        }
    }

    /// All excerpts of frame `t`.
    pub(super) fn frame(&self, t: usize) -> &[f32] {
        let size = self.n * self.width;
        &self.values[t * size..(t + 1) * size]
    }

    /// All excerpts of frame `t`.
    pub(super) fn frame_mut(&mut self, t: usize) -> &mut [f32] {
        let size = self.n * self.width;
        &mut self.values[t * size..(t + 1) * size]
    }

    /// All frames but the first.
    pub(super) fn without_first(&self) -> Self {
        Self {
            t: self.t - 1,
            values: self.values[self.n * self.width..].to_vec(),
            n: self.n,
            width: self.width,
        }
    }

    /// From excerpt after excerpt.
    fn of(excerpts: &[f32], t: usize, width: usize) -> Self {
        let n = excerpts.len() / (t * width);
        let mut all = Self::zeros(n, t, width);
        for (k, excerpt) in excerpts.chunks_exact(t * width).enumerate() {
            for (frame, vector) in excerpt.chunks_exact(width).enumerate() {
                all.values[(frame * n + k) * width..][..width].copy_from_slice(vector);
            }
        }
        all
    }

    /// To excerpt after excerpt.
    fn into_excerpts(self, out: &mut [f32]) {
        for (k, excerpt) in out.chunks_exact_mut(self.t * self.width).enumerate() {
            for (frame, vector) in excerpt.chunks_exact_mut(self.width).enumerate() {
                vector.copy_from_slice(&self.values[(frame * self.n + k) * self.width..][..self.width]);
            }
        }
    }
}

/// The excerpts in parts.
pub(super) fn parts(x: &Tensor) -> Vec<FramesFirst> {
    let (t, width) = (x.shape.t, x.shape.f * x.shape.c);
    x.values
        .par_chunks(PART * t * width)
        .map(|part| FramesFirst::of(part, t, width))
        .collect()
}

/// The parts together again.
pub(super) fn joined(parts: Vec<FramesFirst>, n: usize) -> Vec<f32> {
    let size = parts.first().map_or(0, |part| part.t * part.width);
    let mut out = vec![0.0; n * size];
    if size > 0 {
        out.par_chunks_mut(PART * size)
            .zip(parts)
            .for_each(|(out, part)| part.into_excerpts(out));
    }
    out
}

/// The gradients of all parts: of what came in (of this shape), and of the parameters, summed in order.
pub(super) fn gathered(
    done: Vec<(Option<FramesFirst>, Vec<Vec<f32>>)>,
    parameters: &[Array],
    shape: Shape,
) -> Gradients {
    let (inputs, mut of_parts): (Vec<_>, Vec<_>) = done.into_iter().unzip();
    let inputs: Option<Vec<FramesFirst>> = inputs.into_iter().collect();
    let parameters = parameters
        .iter()
        .enumerate()
        .map(|(which, parameter)| {
            let of_it = of_parts.iter_mut().map(|part| std::mem::take(&mut part[which]));
            sum_in_order(of_it.collect(), parameter.values.len())
        })
        .collect();
    Gradients {
        input: inputs.map(|inputs| Tensor::new(shape, joined(inputs, shape.n))),
        parameters,
    }
}
