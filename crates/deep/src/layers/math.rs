//! `exp`, `tanh` and the logistic function in arithmetic that vectorises, and is the same on every system.

/// `e^x` to 2 units in the last place, after Cephes' `expf`; 0 and infinity are never reached.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    /// Added and taken away, it rounds to whole numbers: 1.5 * 2^23.
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 88.0);
    let rounded = x * std::f32::consts::LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = (x - n * 0.693_359_4) - n * -2.121_944_4e-4;
    let mut p = 1.987_569_1e-4;
    for coefficient in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        p = p * r + coefficient;
    }
    let p = p * r * r + r + 1.0;
    // The whole number stands in the lowest bits.
    p * f32::from_bits((rounded.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127)) << 23)
}

/// `1 / (1 + e^-x)`.
#[inline(always)]
pub(crate) fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// The hyperbolic tangent, to 1e-7 in absolute terms.
#[inline(always)]
pub(crate) fn tanh(x: f32) -> f32 {
    1.0 - 2.0 / (1.0 + exp(2.0 * x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_those_of_the_standard_library() {
        for k in -4_000..=4_000 {
            let x = k as f32 / 100.0;
            let want = f64::from(x).exp();
            assert!((f64::from(exp(x)) / want - 1.0).abs() < 3e-7, "exp {x}");
            assert!(
                (f64::from(tanh(x)) - f64::from(x).tanh()).abs() < 2e-7,
                "tanh {x}"
            );
            let want = 1.0 / (1.0 + f64::from(-x).exp());
            assert!((f64::from(logistic(x)) - want).abs() < 2e-7, "logistic {x}");
        }
        for x in [f32::MAX, 1e4, -1e4, f32::MIN] {
            assert!(exp(x).is_finite() && exp(x) > 0.0, "{x}");
        }
        assert!(exp(f32::NAN).is_nan() && tanh(f32::NAN).is_nan());
    }
}
