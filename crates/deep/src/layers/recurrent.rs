//! What recurrent layers have in common: excerpts in parts, each by itself, and how that makes a layer.

use std::fmt;

use rayon::prelude::*;

use super::frames_first::{FramesFirst, gathered, joined, parts};
use super::layer::{Array, Forward, Layer, LayerKind, Pass};
use crate::tensor::{Shape, Tensor};

/// The gradients of a part: of what came in, where it is wanted, and of the parameters.
pub(super) type Back = (Option<FramesFirst>, Vec<Vec<f32>>);

/// A layer with a state that goes from frame to frame. What comes out is the state after each.
pub(super) trait Recurrent: Clone + fmt::Debug + Send + Sync + 'static {
    /// What a part of the excerpts leaves behind.
    type Run: Send + Sync;

    /// Numbers of a frame, and of the state.
    fn sizes(&self) -> (usize, usize);

    fn kind(&self) -> LayerKind;

    fn arrays(&self) -> &[Array];

    fn arrays_mut(&mut self) -> &mut [Array];

    /// The state before the first frame and after each.
    fn states(run: &Self::Run) -> &FramesFirst;

    fn run(&self, x: FramesFirst) -> Self::Run;

    fn back(&self, run: &Self::Run, gradient: &FramesFirst, wanted: bool) -> Back;
}

impl<R: Recurrent> Layer for R {
    fn kind(&self) -> LayerKind {
        Recurrent::kind(self)
    }

    fn parameters(&self) -> &[Array] {
        self.arrays()
    }

    fn parameters_mut(&mut self) -> &mut [Array] {
        self.arrays_mut()
    }

    fn shape(&self, input: Shape) -> Option<Shape> {
        let (inputs, hidden) = self.sizes();
        (input.f * input.c == inputs && input.t > 0).then_some(Shape {
            f: 1,
            c: hidden,
            ..input
        })
    }

    fn forward(&self, x: Tensor, pass: Pass) -> Forward<'_> {
        let shape = x.shape;
        let runs: Vec<R::Run> = parts(&x).into_par_iter().map(|part| self.run(part)).collect();
        drop(x);
        let out = runs.iter().map(|run| R::states(run).without_first()).collect();
        let out_shape = Shape {
            f: 1,
            c: self.sizes().1,
            ..shape
        };
        Forward {
            out: Tensor::new(out_shape, joined(out, shape.n)),
            backward: pass.keeps().then(|| {
                Box::new(move |gradient: Tensor, wanted: bool| {
                    let done: Vec<_> = runs
                        .par_iter()
                        .zip(parts(&gradient))
                        .map(|(run, gradient)| self.back(run, &gradient, wanted))
                        .collect();
                    gathered(done, self.arrays(), shape)
                }) as _
            }),
            moments: None,
        }
    }

    fn copy(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
