use std::f64::consts::{LN_2, PI};

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

/// `ln P(X <= k)` of a binomial variable with `n` trials of probability `p`, above 0 and below 1; at most `n p` for the sum to be exact to
/// the last digits.
///
/// Source: C. Loader (2000), "Fast and accurate computation of binomial probabilities", for the largest term.
pub fn ln_binomial(k: u64, n: u64, p: f64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for i in (1..=k).rev() {
        term *= i as f64 * (1.0 - p) / ((n - i + 1) as f64 * p);
        sum += term;
        if term < 1e-18 * sum {
            break;
        }
    }
    ln_binomial_term(k, n, p) + f64::ln(sum)
}

/// `ln` of `C(n, k) p^k (1 - p)^(n - k)`.
fn ln_binomial_term(k: u64, n: u64, p: f64) -> f64 {
    let (whole, part) = (n as f64, k as f64);
    let rest = whole - part;
    if k == 0 {
        return whole * (-p).ln_1p();
    }
    if k == n {
        return whole * p.ln();
    }
    stirling_error(n)
        - stirling_error(k)
        - stirling_error(n - k)
        - deviance(part, whole * p)
        - deviance(rest, whole * (1.0 - p))
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
