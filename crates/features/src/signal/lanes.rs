//! Sixteen frames side by side, so that loops over frequency bins vectorise over frames.

use multiversion::multiversion;

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

/// Squares of all values.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2+fma", "x86_64+avx2+fma"))]
pub(crate) fn squares(x: &[V], out: &mut [V]) {
    for (x, o) in x.as_flattened().iter().zip(out.as_flattened_mut()) {
        *o = x * x;
    }
}

/// The largest value, at least zero.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2+fma", "x86_64+avx2+fma"))]
pub(crate) fn largest(x: &[V]) -> f32 {
    let mut max = ZERO;
    for x in x {
        for l in 0..LANES {
            max[l] = if x[l] > max[l] { x[l] } else { max[l] };
        }
    }
    max.into_iter().fold(0.0, f32::max)
}

/// Raises all values to at least `floor`.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2+fma", "x86_64+avx2+fma"))]
pub(crate) fn raise_to(floor: f32, x: &mut [V]) {
    for x in x.as_flattened_mut() {
        *x = if *x > floor { *x } else { floor };
    }
}

/// Appends the first `n` lanes to a row in double precision.
pub(crate) fn append(row: &mut Vec<f64>, v: &V, n: usize) {
    row.extend_from_slice(&v.map(f64::from)[..n]);
}
