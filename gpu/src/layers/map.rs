//! What flows between layers, on the device.

use cratedigger_deep::Shape;

use crate::device::{Device, Numbers};

/// The gradients of a layer: of what came in, where it was wanted, and of what is learnt.
pub(crate) type Backward = (Option<Map>, Vec<Numbers>);

/// A batch of maps, channels last, as `cratedigger_deep::Tensor`.
pub(crate) struct Map {
    pub(crate) shape: Shape,
    pub(crate) numbers: Numbers,
}

impl Map {
    /// Room for one.
    pub(crate) fn room(device: &Device, shape: Shape) -> Self {
        Self {
            shape,
            numbers: device.room(shape.len()),
        }
    }

    /// Places of all excerpts.
    pub(crate) fn places(&self) -> usize {
        self.shape.n * self.shape.t * self.shape.f
    }
}
