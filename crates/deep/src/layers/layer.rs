//! What every layer is: a map forward, and what gradients need on the way back.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::tensor::{Shape, Tensor};

/// A named array of numbers, row after row (the last size runs fastest).
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    /// What it is, such as `weight`.
    pub name: String,
    /// Its sizes.
    pub shape: Vec<usize>,
    /// Its numbers.
    pub values: Vec<f32>,
}

impl Array {
    pub(crate) fn new(name: &str, shape: &[usize], values: Vec<f32>) -> Self {
        assert_eq!(shape.iter().product::<usize>(), values.len(), "{name}");
        Self {
            name: name.to_owned(),
            shape: shape.to_vec(),
            values,
        }
    }

    pub(crate) fn filled(name: &str, shape: &[usize], value: f32) -> Self {
        Self::new(name, shape, vec![value; shape.iter().product()])
    }
}

/// How frames and bands become one vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Summary {
    /// The mean of each channel.
    Mean,
    /// The means of all channels, then their largest values.
    MeanMax,
}

/// A layer, and all its sizes: with its arrays everything that is needed to write it down elsewhere.
///
/// Maps have excerpts, frames (time), bands and channels, channels last. Each variant says which arrays it has, by name, shape and
/// order of the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum LayerKind {
    /// Cross-correlation by 3 x 3 windows with zeros around, so that frames and bands stay as many (PyTorch's
    /// `Conv2d(inputs, outputs, 3, padding=1)`).
    ///
    /// `weight`: `[3 frames, 3 bands, inputs, outputs]`; with `bias`, `bias`: `[outputs]`.
    Conv {
        /// Channels that come in.
        inputs: usize,
        /// Channels that go out.
        outputs: usize,
        /// Whether a number is added to each channel.
        bias: bool,
    },
    /// Batch normalisation of each channel over excerpts, frames and bands, `max(0, x)`, then the largest of each window of
    /// `frames` x `bands` (whole windows only). In use `(x - running_mean) / sqrt(running_var + 1e-5) * weight + bias`.
    ///
    /// `weight`, `bias`, `running_mean`, `running_var`: `[channels]`.
    NormReluPool {
        /// Channels.
        channels: usize,
        /// Frames of a window.
        frames: usize,
        /// Bands of a window.
        bands: usize,
    },
    /// Each number `frames` x `bands` times: the nearest neighbour.
    Upsample {
        /// Frames that one becomes.
        frames: usize,
        /// Bands that one becomes.
        bands: usize,
    },
    /// A gated recurrent unit over frames (PyTorch's `GRU`; ONNX' with `linear_before_reset` 1); bands and channels of a frame are one
    /// vector, band after band. What comes out has one band and `hidden` channels.
    ///
    /// Gates in the order reset, update, new. `weight_input`: `[inputs, 3 hidden]`, `weight_hidden`: `[hidden, 3 hidden]`,
    /// `bias_input`, `bias_hidden`: `[3 hidden]`.
    Gru {
        /// Numbers of a frame.
        inputs: usize,
        /// Numbers of the state.
        hidden: usize,
    },
    /// Long short-term memory over frames (PyTorch's `LSTM`), otherwise as `Gru`.
    ///
    /// Gates in the order input, forget, cell, output. `weight_input`: `[inputs, 4 hidden]`, `weight_hidden`: `[hidden, 4 hidden]`,
    /// `bias`: `[4 hidden]` (the sum of PyTorch's two).
    Lstm {
        /// Numbers of a frame.
        inputs: usize,
        /// Numbers of the state.
        hidden: usize,
    },
    /// All frames and bands of a channel become one number, or two.
    Summarise(
        /// How.
        Summary,
    ),
    /// A product of the channels of each place with a matrix.
    ///
    /// `weight`: `[inputs, outputs]`, `bias`: `[outputs]`.
    Dense {
        /// Channels that come in.
        inputs: usize,
        /// Channels that go out.
        outputs: usize,
    },
    /// In training alone, numbers become 0 with this probability, and what is left is divided by the probability to stay.
    Dropout(
        /// The probability.
        f32,
    ),
}

impl LayerKind {
    /// Numbers of all its arrays; none where they cannot be counted, or where a size makes no sense.
    pub(crate) fn numbers(self) -> Option<usize> {
        let gates = |inputs: usize, hidden: usize, gates: usize, biases: usize| {
            let rows = inputs.checked_add(hidden)?.checked_add(biases)?;
            rows.checked_mul(hidden)?
                .checked_mul(gates)
                .filter(|_| inputs > 0 && hidden > 0)
        };
        match self {
            Self::Conv {
                inputs,
                outputs,
                bias,
            } => {
                let weights = inputs.checked_mul(outputs)?.checked_mul(9).filter(|&n| n > 0)?;
                weights.checked_add(if bias { outputs } else { 0 })
            }
            Self::NormReluPool {
                channels,
                frames,
                bands,
            } => {
                let places = frames.checked_mul(bands).filter(|&n| (1..200).contains(&n));
                places.and(channels.checked_mul(4)).filter(|&n| n > 0)
            }
            Self::Upsample { frames, bands } => {
                let places = frames.checked_mul(bands);
                places.filter(|&n| (1..200).contains(&n)).map(|_| 0)
            }
            Self::Gru { inputs, hidden } => gates(inputs, hidden, 3, 2),
            Self::Lstm { inputs, hidden } => gates(inputs, hidden, 4, 1),
            Self::Summarise(_) => Some(0),
            Self::Dense { inputs, outputs } => {
                let rows = inputs.checked_add(1).filter(|_| inputs > 0);
                rows?.checked_mul(outputs).filter(|&n| n > 0)
            }
            Self::Dropout(share) => (0.0..1.0).contains(&share).then_some(0),
        }
    }
}

/// Why a network is run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Pass {
    /// For its output alone, as it is used.
    Use,
    /// As it is used, with gradients.
    Explain,
    /// With the batch's own moments and dropout of this seed and stream, and with gradients.
    Train {
        /// The seed of the whole training.
        seed: u64,
        /// A number that no other step and layer has.
        stream: u64,
    },
}

impl Pass {
    pub(crate) fn keeps(self) -> bool {
        self != Self::Use
    }
}

/// Mean and variance of a batch, channel by channel, of layers that remember them.
pub type Moments = Option<[Vec<f32>; 2]>;

/// Gradients of one layer.
pub(crate) struct Gradients {
    /// Of what came in, where it was asked for.
    pub(crate) input: Option<Tensor>,
    /// Of each of the layer's parameters, in their order.
    pub(crate) parameters: Vec<Vec<f32>>,
}

/// From the gradient of what went out (and whether that of what came in is needed) to the layer's own.
pub(crate) type Backward<'a> = Box<dyn FnOnce(Tensor, bool) -> Gradients + 'a>;

/// What a layer makes of a batch.
pub(crate) struct Forward<'a> {
    pub(crate) out: Tensor,
    /// Where the pass keeps gradients.
    pub(crate) backward: Option<Backward<'a>>,
    pub(crate) moments: Moments,
}

/// A layer with its parameters.
pub(crate) trait Layer: Send + Sync + fmt::Debug {
    /// What it is.
    fn kind(&self) -> LayerKind;

    /// What is learnt, in the order of [`Gradients::parameters`].
    fn parameters(&self) -> &[Array] {
        &[]
    }

    /// What is learnt.
    fn parameters_mut(&mut self) -> &mut [Array] {
        &mut []
    }

    /// What is remembered and not learnt.
    fn buffers(&self) -> &[Array] {
        &[]
    }

    /// What is remembered and not learnt.
    fn buffers_mut(&mut self) -> &mut [Array] {
        &mut []
    }

    /// The sizes of what goes out; none where such a map cannot come in.
    fn shape(&self, input: Shape) -> Option<Shape>;

    /// Runs it; shapes have been checked.
    fn forward(&self, x: Tensor, pass: Pass) -> Forward<'_>;

    /// Takes up the moments of a batch of the training.
    fn remember(&mut self, _moments: [Vec<f32>; 2]) {}

    /// A copy.
    fn copy(&self) -> Box<dyn Layer>;
}
