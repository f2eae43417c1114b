//! Sums whose order does not depend on threads.

use multiversion::multiversion;

/// The sum of arrays of `n` numbers, the first first.
pub(super) fn sum_in_order(parts: Vec<Vec<f32>>, n: usize) -> Vec<f32> {
    parts
        .into_iter()
        .reduce(|mut sum, part| {
            for (sum, value) in sum.iter_mut().zip(part) {
                *sum += value;
            }
            sum
        })
        .unwrap_or_else(|| vec![0.0; n])
}

/// The sum of each channel over all places. Compiled for several kinds of processors, with the same bits from all.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2", "x86_64+avx2"))]
pub(super) fn of_bias(gradient: &[f32], c: usize) -> Vec<f32> {
    let mut sum = vec![0.0_f64; c];
    for place in gradient.chunks_exact(c) {
        for (sum, &value) in sum.iter_mut().zip(place) {
            *sum += f64::from(value);
        }
    }
    sum.into_iter().map(|sum| sum as f32).collect()
}
