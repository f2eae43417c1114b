//! Sixteen frames side by side, so that loops over frequency bins vectorise over frames.

/// Number of frames in a tile.
pub(crate) const LANES: usize = 16;

/// One value of each of the frames of a tile.
pub(crate) type V = [f32; LANES];

/// The zero vector.
pub(crate) const ZERO: V = [0.0; LANES];

/// `a * b + c`, fused where the instruction set has it (`FMA`), because the software version is slow.
#[inline(always)]
pub(crate) fn madd<const FMA: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}
