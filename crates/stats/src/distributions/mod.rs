//! The distributions behind intervals and tests. Probabilities are logarithms, so that the far tail does not underflow.

mod chi_squared;
mod normal;

pub use chi_squared::{ln_chi_squared_sf, noncentral_chi_squared_cdf, noncentrality};
pub use normal::normal_quantile;

use std::f64::consts::{LN_2, PI};

use statrs::function::beta::ln_beta;

/// The `z` that a standard normal variable stays within, on both sides, with probability `level`.
pub fn two_sided_normal_quantile(level: f64) -> f64 {
    quantile(level, |z| ln_chi_squared_1(z * z))
}

/// `ln P(|T| >= |t|)` of Student's t with `df` degrees of freedom.
///
/// Source: P = I_x(df/2, 1/2) with x = df / (df + t^2) (DLMF 8.17; Abramowitz and Stegun 26.7.1).
pub fn ln_two_sided_t(t: f64, df: f64) -> f64 {
    if t == 0.0 {
        return 0.0;
    }
    // Both logarithms from the small quantity, so that neither end loses digits.
    let ratio = t * t / df;
    let ln_ratio_plus_1 = if ratio.is_finite() {
        ratio.ln_1p()
    } else {
        2.0 * t.abs().ln() - df.ln()
    };
    ln_beta_reg(df / 2.0, 0.5, -ln_ratio_plus_1, -ratio.recip().ln_1p())
}

/// The `t` that `|T|` stays below with probability `level`.
pub fn two_sided_t_quantile(level: f64, df: f64) -> f64 {
    quantile(level, |t| ln_two_sided_t(t, df))
}

/// Where the falling function `ln_beyond` is `ln (1 - level)`, by bisection down to neighbouring numbers.
fn quantile(level: f64, ln_beyond: impl Fn(f64) -> f64) -> f64 {
    let target = (-level).ln_1p();
    let (mut low, mut high) = (0.0, 1.0);
    while ln_beyond(high) > target {
        high *= 2.0;
    }
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return middle;
        }
        if ln_beyond(middle) > target {
            low = middle;
        } else {
            high = middle;
        }
    }
}

/// `ln P(X >= x)` of a chi-squared variable with one degree of freedom: the square of a standard normal one.
pub fn ln_chi_squared_1(x: f64) -> f64 {
    ln_erfc((x.max(0.0) / 2.0).sqrt())
}

/// `ln P(X <= k)` of a binomial variable with `n` trials of probability one half; `k < n`.
///
/// The largest term by Loader's saddle point form, the others by their ratios, from the largest downwards.
pub fn ln_binomial_half(k: u64, n: u64) -> f64 {
    // Terms grow up to n / 2; McNemar's test never asks beyond.
    let mut sum = 1.0;
    let mut term = 1.0;
    for i in (1..=k).rev() {
        term *= i as f64 / (n - i + 1) as f64;
        sum += term;
        if term < 1e-18 * sum {
            break;
        }
    }
    ln_binomial_half_term(k, n) + f64::ln(sum)
}

/// `ln` of `C(n, k) / 2^n`.
///
/// Source: C. Loader (2000), "Fast and accurate computation of binomial probabilities", equation 5.
fn ln_binomial_half_term(k: u64, n: u64) -> f64 {
    if k == 0 || k == n {
        return -(n as f64) * LN_2;
    }
    let (whole, part) = (n as f64, k as f64);
    let rest = whole - part;
    stirling_error(n)
        - stirling_error(k)
        - stirling_error(n - k)
        - deviance(part, whole / 2.0)
        - deviance(rest, whole / 2.0)
        + 0.5 * (whole / (2.0 * PI * part * rest)).ln()
}

/// `ln n!` less Stirling's approximation `0.5 ln(2 pi n) + n ln n - n`.
fn stirling_error(n: u64) -> f64 {
    let x = n as f64;
    if n < 16 {
        let factorial: f64 = (1..=n).map(|i| i as f64).product();
        return factorial.ln() - 0.5 * (2.0 * PI * x).ln() - x * x.ln() + x;
    }
    let s = 1.0 / (x * x);
    (1.0 / 12.0 - s * (1.0 / 360.0 - s * (1.0 / 1260.0 - s * (1.0 / 1680.0 - s / 1188.0)))) / x
}

/// `x ln(x / m) + m - x`, without cancellation where the two are close.
fn deviance(x: f64, m: f64) -> f64 {
    let v = (x - m) / (x + m);
    if v.abs() > 0.1 {
        return x * (x / m).ln() + m - x;
    }
    let mut sum = (x - m) * v;
    let mut power = 2.0 * x * v;
    for j in 1..100 {
        power *= v * v;
        let next = sum + power / f64::from(2 * j + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

/// `ln erfc(z)` for `z >= 0`: the series of `erf` (DLMF 7.6.2) where it is small, the continued fraction of `erfc` (DLMF
/// 7.9.1) elsewhere. (statrs' `erfc` has ten digits.)
fn ln_erfc(z: f64) -> f64 {
    if z < 1.5 {
        let (mut term, mut sum) = (z, z);
        for n in 1..100 {
            term *= 2.0 * z * z / f64::from(2 * n + 1);
            sum += term;
        }
        return (-2.0 / PI.sqrt() * (-z * z).exp() * sum).ln_1p();
    }
    let fraction = (1..=300).rev().fold(z, |below, k| z + 0.5 * f64::from(k) / below);
    -z * z - 0.5 * PI.ln() - fraction.ln()
}

/// `ln I_x(a, b)` of the regularised incomplete beta function, from `ln x` and `ln (1 - x)`.
fn ln_beta_reg(a: f64, b: f64, ln_x: f64, ln_rest: f64) -> f64 {
    if ln_x.exp() < (a + 1.0) / (a + b + 2.0) {
        lower(a, b, ln_x, ln_rest)
    } else {
        (-lower(b, a, ln_rest, ln_x).exp()).ln_1p()
    }
}

/// The same where the continued fraction converges fast (DLMF 8.17.22, evaluated by Lentz's method).
fn lower(a: f64, b: f64, ln_x: f64, ln_rest: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let x = ln_x.exp();
    let away = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for m in 1..10_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for coefficient in [even, odd] {
            d = 1.0 / away(1.0 + coefficient * d);
            c = away(1.0 + coefficient / c);
            change = c * d;
            fraction *= change;
        }
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    a * ln_x + b * ln_rest - a.ln() - ln_beta(a, b) + fraction.ln()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::test_support::{assert_close, floats, golden};

    /// Rows of arguments and the value that mpmath computed with 60 digits.
    fn check(name: &str, tolerance: f64, function: impl Fn(&[f64]) -> f64) {
        let all = golden(include_str!("../../tests/golden/tests.json"));
        let rows: Vec<Vec<f64>> = all[name].as_array().unwrap().iter().map(floats).collect();
        assert!(rows.len() >= 8, "{name}");
        for row in rows {
            let (arguments, want) = (&row[..row.len() - 1], row[row.len() - 1]);
            let got = function(arguments);
            assert!(
                (got - want).abs() <= tolerance * want.abs().max(1e-3),
                "{name} {arguments:?}: got {got}, want {want}"
            );
        }
    }

    #[test]
    fn values_are_those_of_mpmath() {
        check("ln_two_sided_t", 1e-13, |v| ln_two_sided_t(v[0], v[1]));
        check("t_quantile", 1e-13, |v| two_sided_t_quantile(v[0], v[1]));
        check("ln_chi_squared_1", 1e-13, |v| ln_chi_squared_1(v[0]));
        check("ln_binomial_half", 1e-13, |v| {
            ln_binomial_half(v[0] as u64, v[1] as u64)
        });
        check("normal_quantile", 1e-13, |v| two_sided_normal_quantile(v[0]));
    }

    #[test]
    fn a_binomial_sum_is_the_sum_of_its_terms() {
        // Pascal's triangle, in whole numbers.
        let mut row = vec![1u128];
        for n in 1..=60_u64 {
            let mut next = vec![1u128];
            next.extend(row.windows(2).map(|pair| pair[0] + pair[1]));
            next.push(1);
            row = next;
            for k in 0..n / 2 {
                let sum: u128 = row[..=k as usize].iter().sum();
                let want = (sum as f64).ln() - n as f64 * LN_2;
                assert_close(&[ln_binomial_half(k, n)], &[want], 1e-13);
            }
        }
    }

    #[test]
    fn nothing_underflows() {
        assert!(ln_two_sided_t(1e200, 40.0).is_finite());
        assert!(ln_chi_squared_1(1e7).is_finite());
        assert!(ln_binomial_half(0, 10_000_000).is_finite());
        assert_eq!(ln_two_sided_t(0.0, 3.0), 0.0);
        assert_eq!(ln_chi_squared_1(0.0), 0.0);
    }
}
