//! What flows between layers.

/// Sizes of a [`Tensor`]: excerpts, frames, bands, channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Excerpts of the batch.
    pub n: usize,
    /// Frames (time).
    pub t: usize,
    /// Bands (frequency).
    pub f: usize,
    /// Channels.
    pub c: usize,
}

impl Shape {
    /// Numbers of one excerpt.
    pub fn excerpt(self) -> usize {
        self.t * self.f * self.c
    }

    /// Numbers of all.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(self) -> usize {
        self.n * self.excerpt()
    }
}

/// A batch of maps, channels last: the number of excerpt `n`, frame `t`, band `f`, channel `c` stands at
/// `((n * T + t) * F + f) * C + c`. Frames as they are read, band after band, are such a map of one channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Its sizes.
    pub shape: Shape,
    /// Its numbers.
    pub values: Vec<f32>,
}

impl Tensor {
    /// Numbers of this shape.
    ///
    /// # Panics
    /// Where there are more or fewer.
    pub fn new(shape: Shape, values: Vec<f32>) -> Self {
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
