//! Kaiser-windowed sinc filters, and the two designs of soxr's `HQ` quality.

use std::f64::consts::PI;

/// `sin(pi x) / (pi x)`.
pub(crate) fn sinc(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) }
}

/// Kaiser window of half-length `half` at distance `x` from its centre; 0 outside.
pub(crate) fn kaiser(x: f64, half: f64, beta: f64) -> f64 {
    if x.abs() > half {
        return 0.0;
    }
    bessel_i0(beta * (1.0 - (x / half).powi(2)).max(0.0).sqrt()) / bessel_i0(beta)
}

/// A low-pass: the window's shape, and how long it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct LowPass {
    /// Shape of the Kaiser window.
    pub(crate) beta: f64,
    /// Taps for each sample of the rate whose Nyquist frequency is the stop-band's edge, before rounding up.
    pub(crate) length: f64,
}

/// Pass-band edge of soxr's `HQ` quality, as a share of the lower Nyquist frequency: where it is 0.01 dB down. The
/// stop-band begins at 1.
pub(crate) const SOXR_PASS: f64 = 0.913_743_64;

/// Cut-off of the same: the middle of the transition.
pub(crate) const SOXR_CUT: f64 = (1.0 + SOXR_PASS) / 2.0;

/// Its low-pass where halving or doubling is all there is to do, and where another stage follows.
///
/// Shapes and lengths were fitted to the responses of soxr 0.1.3: to 4e-8 of full scale at 2:1, to 3e-7 at 160:147,
/// 320:147 and eight other ratios.
pub(crate) const SOXR_ONE_STAGE: LowPass = LowPass {
    beta: 13.040_033_7,
    length: 193.6,
};
/// See [`SOXR_ONE_STAGE`].
pub(crate) const SOXR_FIRST_STAGE: LowPass = LowPass {
    beta: 13.711_21,
    length: 202.42,
};

impl LowPass {
    /// Half of the number of taps at a rate whose Nyquist frequency is `1 / band` times the stop-band's edge, rounded up to
    /// a multiple of `step`: the filter has `2 half + 1` taps.
    pub(crate) fn half(self, band: f64, step: usize) -> usize {
        ((self.length / band / 2.0).ceil() as usize).next_multiple_of(step)
    }

    /// Tap at distance `k` from the centre, for the same `band` and a half-length of `half`.
    pub(crate) fn tap(self, k: usize, band: f64, half: usize) -> f64 {
        let cut = SOXR_CUT * band;
        cut * sinc(cut * k as f64) * kaiser(k as f64, half as f64 + 0.5, self.beta)
    }
}

/// Modified Bessel function of the first kind and order 0, by its power series (all terms positive).
fn bessel_i0(x: f64) -> f64 {
    let q = x * x / 4.0;
    let (mut term, mut sum, mut k) = (1.0, 1.0, 1.0);
    while term > 1e-18 * sum {
        term *= q / (k * k);
        sum += term;
        k += 1.0;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bessel_at_known_points() {
        // Abramowitz & Stegun, table 9.8.
        for (x, want) in [
            (0.0, 1.0),
            (1.0, 1.266_065_877_752_008),
            (5.0, 27.239_871_823_604_44),
        ] {
            assert!((bessel_i0(x) - want).abs() < 1e-13 * want, "{x}");
        }
    }

    #[test]
    fn the_window_falls_from_one_to_the_inverse_bessel_value() {
        assert_eq!(kaiser(0.0, 10.0, 5.0), 1.0);
        assert!((kaiser(10.0, 10.0, 5.0) - 1.0 / bessel_i0(5.0)).abs() < 1e-15);
        assert_eq!(kaiser(-10.1, 10.0, 5.0), 0.0);
        assert_eq!(kaiser(3.0, 10.0, 5.0), kaiser(-3.0, 10.0, 5.0));
    }

    #[test]
    fn lengths_are_those_of_soxr() {
        // Found from the extent of the rounding noise that an impulse leaves: the transform's length less a block.
        assert_eq!(2 * SOXR_ONE_STAGE.half(0.5, 2) + 1, 389);
        let first = |rate: f64| 2 * SOXR_FIRST_STAGE.half(22_050.0 / rate, 2) + 1;
        assert_eq!((first(48_000.0), first(64_000.0)), (445, 589));
        assert_eq!(2 * SOXR_FIRST_STAGE.half(0.5, 2) + 1, 409);
    }
}
