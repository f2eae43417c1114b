//! What flows between layers.

/// Sizes of a [`Tensor`]: excerpts, frames, bands, channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Excerpts of the batch.
    pub(crate) n: usize,
    /// Frames (time).
    pub(crate) t: usize,
    /// Bands (frequency).
    pub(crate) f: usize,
    /// Channels.
    pub(crate) c: usize,
}

impl Shape {
    /// Numbers of one excerpt.
    pub(crate) fn excerpt(self) -> usize {
        self.t * self.f * self.c
    }

    /// Numbers of all.
    pub(crate) fn len(self) -> usize {
        self.n * self.excerpt()
    }
}

/// A batch of maps, channels last: the number of excerpt `n`, frame `t`, band `f`, channel `c` stands at
/// `((n * T + t) * F + f) * C + c`. Frames as they are read, band after band, are such a map of one channel.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tensor {
    pub(crate) shape: Shape,
    pub(crate) values: Vec<f32>,
}

impl Tensor {
    pub(crate) fn new(shape: Shape, values: Vec<f32>) -> Self {
        assert_eq!(shape.len(), values.len(), "{shape:?}");
        Self { shape, values }
    }

    pub(crate) fn zeros(shape: Shape) -> Self {
        Self {
            shape,
            values: vec![0.0; shape.len()],
        }
    }
}
