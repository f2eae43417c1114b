//! Layers one after the other.

use cratedigger_stats::SeededRng;

use crate::error::{DeepError, Result};
use crate::layers::{Array, Backward, Layer, LayerKind, Moments, Pass, build, draw};
use crate::tensor::{Shape, Tensor};

/// Layers one after the other, with their parameters.
#[derive(Debug)]
pub(crate) struct Network {
    layers: Vec<Box<dyn Layer>>,
}

impl Clone for Network {
    fn clone(&self) -> Self {
        Self {
            layers: self.layers.iter().map(|layer| layer.copy()).collect(),
        }
    }
}

/// What a network made of a batch, and what gradients need.
pub(crate) struct Run<'a> {
    pub(crate) out: Tensor,
    backward: Vec<Backward<'a>>,
    /// Moments of the batch, layer by layer.
    pub(crate) moments: Vec<Moments>,
}

impl Network {
    /// With weights of `seed`.
    pub(crate) fn drawn(kinds: &[LayerKind], seed: u64, stream: u64) -> Self {
        let mut rng = SeededRng::stream(seed, stream);
        let mut layers: Vec<_> = kinds.iter().map(|&kind| build(kind)).collect();
        for layer in &mut layers {
            draw(&mut **layer, &mut rng);
        }
        Self { layers }
    }

    /// The first `n` layers, and the others.
    pub(crate) fn split(mut self, n: usize) -> (Self, Self) {
        let rest = self.layers.split_off(n);
        (self, Self { layers: rest })
    }

    /// The layers of both.
    pub(crate) fn join(mut self, other: Self) -> Self {
        self.layers.extend(other.layers);
        self
    }

    pub(crate) fn kinds(&self) -> Vec<LayerKind> {
        self.layers.iter().map(|layer| layer.kind()).collect()
    }

    /// The shape of what comes out; none where such a map cannot come in.
    pub(crate) fn shape(&self, input: Shape) -> Option<Shape> {
        self.layers
            .iter()
            .try_fold(input, |shape, layer| layer.shape(shape))
    }

    /// The fewest frames that can come in, up to `most`.
    pub(crate) fn fewest_frames(&self, n_bands: usize, most: usize) -> Option<usize> {
        let of = |t| Shape {
            n: 1,
            t,
            f: n_bands,
            c: 1,
        };
        (1..=most).find(|&t| self.shape(of(t)).is_some())
    }

    /// What comes out in use.
    pub(crate) fn output(&self, x: Tensor) -> Tensor {
        self.layers
            .iter()
            .fold(x, |x, layer| layer.forward(x, Pass::Use).out)
    }

    /// What comes out, with what gradients need; `pass` by the layer's index.
    pub(crate) fn run(&self, x: Tensor, pass: impl Fn(usize) -> Pass) -> Run<'_> {
        let (mut backward, mut moments) = (Vec::new(), Vec::new());
        let mut out = x;
        for (index, layer) in self.layers.iter().enumerate() {
            let step = layer.forward(out, pass(index));
            out = step.out;
            backward.extend(step.backward);
            moments.push(step.moments);
        }
        Run {
            out,
            backward,
            moments,
        }
    }

    /// The layers, first to last.
    pub(crate) fn layers(&self) -> impl Iterator<Item = &dyn Layer> {
        self.layers.iter().map(|layer| &**layer)
    }

    /// The numbers of all arrays, of each layer what is learnt and then what is remembered.
    pub(crate) fn slices(&self) -> Vec<Vec<&[f32]>> {
        self.layers
            .iter()
            .map(|layer| {
                let all = layer.parameters().iter().chain(layer.buffers());
                all.map(|array| array.values.as_slice()).collect()
            })
            .collect()
    }

    /// All that is learnt, layer by layer.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &Array> {
        self.layers.iter().flat_map(|layer| layer.parameters())
    }

    /// All that is learnt, layer by layer.
    pub(crate) fn parameters_mut(&mut self) -> impl Iterator<Item = &mut Array> {
        self.layers.iter_mut().flat_map(|layer| layer.parameters_mut())
    }

    /// Takes up the moments of a batch of the training.
    pub(crate) fn remember(&mut self, moments: Vec<Moments>) {
        for (layer, moments) in self.layers.iter_mut().zip(moments) {
            if let Some(moments) = moments {
                layer.remember(moments);
            }
        }
    }

    /// All arrays, named `PREFIX.LAYER.NAME`.
    pub(crate) fn arrays(&self, prefix: &str) -> Vec<Array> {
        let of_layer = |(index, layer): (usize, &dyn Layer)| -> Vec<Array> {
            let all = layer.parameters().iter().chain(layer.buffers());
            all.map(|array| Array {
                name: format!("{prefix}.{index}.{}", array.name),
                ..array.clone()
            })
            .collect()
        };
        self.layers
            .iter()
            .map(|layer| &**layer)
            .enumerate()
            .flat_map(of_layer)
            .collect()
    }

    /// Takes over arrays that [`Network::arrays`] named.
    ///
    /// # Errors
    /// `State` where one is missing or of another shape.
    pub(crate) fn restore(&mut self, prefix: &str, find: impl Fn(&str) -> Option<Array>) -> Result<()> {
        for (index, layer) in self.layers.iter_mut().enumerate() {
            for buffers in [false, true] {
                let arrays = if buffers {
                    layer.buffers_mut()
                } else {
                    layer.parameters_mut()
                };
                for array in arrays {
                    let name = format!("{prefix}.{index}.{}", array.name);
                    let found =
                        find(&name).ok_or_else(|| DeepError::State(format!("it has no array {name}")))?;
                    if found.shape != array.shape || found.values.len() != array.values.len() {
                        return Err(DeepError::State(format!(
                            "the array {name} is {:?}, not {:?}",
                            found.shape, array.shape
                        )));
                    }
                    array.values = found.values;
                }
            }
        }
        Ok(())
    }
}

impl Run<'_> {
    /// Gradients of all parameters, in the order of [`Network::parameters`], and of what came in where it is `wanted`.
    pub(crate) fn backward(self, gradient: Tensor, wanted: bool) -> (Vec<Vec<f32>>, Option<Tensor>) {
        let mut of_layers = Vec::with_capacity(self.backward.len());
        let mut gradient = Some(gradient);
        for (left, backward) in self.backward.into_iter().enumerate().rev() {
            let Some(of_out) = gradient.take() else { break };
            let done = backward(of_out, wanted || left > 0);
            of_layers.push(done.parameters);
            gradient = done.input;
        }
        of_layers.reverse();
        (
            of_layers.into_iter().flatten().collect(),
            gradient.filter(|_| wanted),
        )
    }
}
