//! Magnitudes of sixteen real frames from their packed complex transforms.

use multiversion::multiversion;
use rustfft::num_complex::Complex32;

use crate::signal::lanes::{LANES, V, ZERO};

/// Distance in memory of frames that are packed into `half` complex numbers; not a power of two, so that sixteen of them do not
/// share cache sets.
pub(crate) const fn stride(half: usize) -> usize {
    half + 8
}

/// Magnitudes `[H + 1][LANES]` of the real frames of `2 H` samples whose packed transforms lie [`stride`]`(H)` apart in `packed`;
/// `H` is a multiple of 8.
///
/// With `Z` the transform of the packed frame, `E = (Z[k] + conj Z[H-k]) / 2` and `O = (Z[k] - conj Z[H-k]) / 2i` are
/// those of the even and odd samples, and the real frame's is `X[k] = E + w^k O`, `X[H-k] = conj(E - w^k O)`.
///
/// `twiddles`: `w^k = exp(-2 pi i k / 2H)` for k = 0..=H/2.
pub(crate) fn magnitudes(packed: &[Complex32], twiddles: &[Complex32], mag: &mut [V]) {
    let half = mag.len() - 1;
    assert!(half.is_multiple_of(8) && packed.len() >= stride(half) * LANES && twiddles.len() == half / 2 + 1);
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = pulp::x86::V3::try_new() {
        single_bin(packed, twiddles, 0, mag);
        for octet in 0..LANES / 8 {
            pulp::Simd::vectorize(
                simd,
                avx::Octet {
                    simd,
                    packed,
                    twiddles,
                    octet,
                    mag,
                },
            );
        }
        return;
    }
    any(packed, twiddles, mag);
}

#[multiversion(targets("x86_64+avx2+fma"))]
fn any(packed: &[Complex32], twiddles: &[Complex32], mag: &mut [V]) {
    for k in 0..twiddles.len() {
        single_bin(packed, twiddles, k, mag);
    }
}

/// Bins `k` and `H - k` of all frames.
#[inline(always)]
fn single_bin(packed: &[Complex32], twiddles: &[Complex32], k: usize, mag: &mut [V]) {
    let half = mag.len() - 1;
    let w = twiddles[k];
    let mirror = (half - k) % half;
    let (mut low, mut high) = (ZERO, ZERO);
    for l in 0..LANES {
        let a = packed[l * stride(half) + k];
        let b = packed[l * stride(half) + mirror];
        let er = 0.5 * (a.re + b.re);
        let ei = 0.5 * (a.im - b.im);
        let or = 0.5 * (a.im + b.im);
        let oi = 0.5 * (b.re - a.re);
        let tr = w.re * or - w.im * oi;
        let ti = w.re * oi + w.im * or;
        let (xr, xi) = (er + tr, ei + ti);
        let (yr, yi) = (er - tr, ei - ti);
        low[l] = (xr * xr + xi * xi).sqrt();
        high[l] = (yr * yr + yi * yi).sqrt();
    }
    mag[k] = low;
    mag[half - k] = high;
}

/// The same for eight frames and four bins at a time, turned over in registers.
#[cfg(target_arch = "x86_64")]
mod avx {
    use pulp::x86::V3;
    use pulp::{Simd, WithSimd, cast, f32x8};
    use rustfft::num_complex::Complex32;

    use super::stride;
    use crate::signal::lanes::V;

    pub(super) struct Octet<'a> {
        pub(super) simd: V3,
        pub(super) packed: &'a [Complex32],
        pub(super) twiddles: &'a [Complex32],
        /// Frames `8 octet` to `8 octet + 7`.
        pub(super) octet: usize,
        pub(super) mag: &'a mut [V],
    }

    impl WithSimd for Octet<'_> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            let Self {
                simd,
                packed,
                twiddles,
                octet,
                mag,
            } = self;
            let n = mag.len() - 1;
            let apart = stride(n);
            let frames = &packed[octet * 8 * apart..];
            let half = simd.splat_f32x8(0.5);
            for first in (1..=n / 2).step_by(4) {
                // Bins first..first + 4 and their mirror images, which run backwards.
                let a = turn(simd, frames, apart, first);
                let b = turn(simd, frames, apart, n - first - 3);
                for i in 0..4 {
                    let (ar, ai) = (a[2 * i], a[2 * i + 1]);
                    let (br, bi) = (b[2 * (3 - i)], b[2 * (3 - i) + 1]);
                    let w = twiddles[first + i];
                    let (wr, wi) = (simd.splat_f32x8(w.re), simd.splat_f32x8(w.im));
                    let er = simd.mul_f32x8(half, simd.add_f32x8(ar, br));
                    let ei = simd.mul_f32x8(half, simd.sub_f32x8(ai, bi));
                    let or = simd.mul_f32x8(half, simd.add_f32x8(ai, bi));
                    let oi = simd.mul_f32x8(half, simd.sub_f32x8(br, ar));
                    let tr = simd.sub_f32x8(simd.mul_f32x8(wr, or), simd.mul_f32x8(wi, oi));
                    let ti = simd.add_f32x8(simd.mul_f32x8(wr, oi), simd.mul_f32x8(wi, or));
                    let norm = |re: f32x8, im: f32x8| -> [f32; 8] {
                        cast(simd.sqrt_f32x8(simd.add_f32x8(simd.mul_f32x8(re, re), simd.mul_f32x8(im, im))))
                    };
                    let low = norm(simd.add_f32x8(er, tr), simd.add_f32x8(ei, ti));
                    let high = norm(simd.sub_f32x8(er, tr), simd.sub_f32x8(ei, ti));
                    mag[first + i][octet * 8..octet * 8 + 8].copy_from_slice(&low);
                    mag[n - first - i][octet * 8..octet * 8 + 8].copy_from_slice(&high);
                }
            }
        }
    }

    /// Four complex numbers of eight frames, as real and imaginary parts by number: an 8 x 8 transpose.
    #[inline(always)]
    fn turn(simd: V3, frames: &[Complex32], apart: usize, k: usize) -> [f32x8; 8] {
        let avx = simd.avx;
        let row = |l: usize| {
            let z = &frames[l * apart + k..l * apart + k + 4];
            cast::<[f32; 8], std::arch::x86_64::__m256>([
                z[0].re, z[0].im, z[1].re, z[1].im, z[2].re, z[2].im, z[3].re, z[3].im,
            ])
        };
        let r: [_; 8] = std::array::from_fn(row);
        // Pairs of rows, then fours, then halves.
        let t: [_; 8] = std::array::from_fn(|i| {
            let (a, b) = (r[i / 2 * 2], r[i / 2 * 2 + 1]);
            if i % 2 == 0 {
                avx._mm256_unpacklo_ps(a, b)
            } else {
                avx._mm256_unpackhi_ps(a, b)
            }
        });
        let u: [_; 8] = std::array::from_fn(|i| {
            let (q, j) = (i / 4 * 4, i % 4);
            let (a, b) = (t[q + j / 2], t[q + 2 + j / 2]);
            if j % 2 == 0 {
                avx._mm256_shuffle_ps::<0x44>(a, b)
            } else {
                avx._mm256_shuffle_ps::<0xee>(a, b)
            }
        });
        std::array::from_fn(|i| {
            let (a, b) = (u[i % 4], u[4 + i % 4]);
            cast(if i < 4 {
                avx._mm256_permute2f128_ps::<0x20>(a, b)
            } else {
                avx._mm256_permute2f128_ps::<0x31>(a, b)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vector_kernel_equals_the_plain_one() {
        let mut state = 9u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state as f32 / 2f32.powi(31) - 1.0
        };
        for half in [32, 256, 1024] {
            let packed: Vec<Complex32> = (0..stride(half) * LANES)
                .map(|_| Complex32::new(next(), next()))
                .collect();
            let twiddles: Vec<Complex32> = (0..=half / 2)
                .map(|k| Complex32::from_polar(1.0, -std::f32::consts::PI * k as f32 / half as f32))
                .collect();
            let (mut got, mut want) = (vec![[7.0; LANES]; half + 1], vec![[9.0; LANES]; half + 1]);
            magnitudes(&packed, &twiddles, &mut got);
            any(&packed, &twiddles, &mut want);
            for (k, (g, w)) in got.iter().zip(&want).enumerate() {
                for l in 0..LANES {
                    assert!(
                        (g[l] - w[l]).abs() <= 1e-6 * w[l].max(0.1),
                        "{half}: bin {k} lane {l}: {} instead of {}",
                        g[l],
                        w[l]
                    );
                }
            }
        }
    }
}
