//! Frames that are used at once and not kept: the very numbers that a cache would give back.

use cratedigger_features::FrameArray;

use super::half_precision;

/// Rounds frames as a cache does.
pub fn rounded(mut frames: FrameArray) -> FrameArray {
    frames
        .values
        .iter_mut()
        .for_each(|value| *value = half_precision::round(*value));
    frames
}
