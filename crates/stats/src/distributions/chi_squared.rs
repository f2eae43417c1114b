//! The chi-squared distribution far out in its tail, and the noncentral one.

use std::f64::consts::PI;

use statrs::function::gamma::ln_gamma;

/// Terms after which a series is given up; the ones here take far fewer.
const MOST_TERMS: usize = 100_000;

/// The natural logarithm of the probability that a chi-squared variable of `dof` degrees of freedom is at least `x`.
///
/// It never underflows: `x` of a million gives about -500,000. 0 for `x` of 0 or less, and for no degrees of freedom minus
/// infinity.
/// Source: the regularised incomplete gamma function by its series below its mean and Legendre's continued fraction above
/// (Abramowitz and Stegun 6.5.29 and 6.5.31), both in logarithms.
pub fn ln_chi_squared_sf(x: f64, dof: u64) -> f64 {
    if dof == 0 {
        return if x > 0.0 { f64::NEG_INFINITY } else { 0.0 };
    }
    ln_gamma_q(dof as f64 / 2.0, x / 2.0)
}

/// `ln P(X >= x)` of a chi-squared variable with one degree of freedom: the square of a standard normal one.
pub fn ln_chi_squared_1(x: f64) -> f64 {
    ln_erfc((x.max(0.0) / 2.0).sqrt())
}

/// ln Q(a, x), a > 0.
fn ln_gamma_q(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x < a + 1.0 {
        return (-gamma_p_series(a, x)).ln_1p();
    }
    -x + a * x.ln() - ln_gamma(a) + gamma_q_fraction(a, x).ln()
}

/// P(a, x).
fn gamma_p(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if x < a + 1.0 {
        gamma_p_series(a, x)
    } else {
        -ln_gamma_q(a, x).exp_m1()
    }
}

fn gamma_p_series(a: f64, x: f64) -> f64 {
    let mut term = 1.0 / a;
    let mut sum = term;
    for n in 1..MOST_TERMS {
        term *= x / (a + n as f64);
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    sum * (-x + a * x.ln() - ln_gamma(a)).exp()
}

/// Q(a, x) without its factor exp(-x) x^a / Γ(a), by the modified method of Lentz.
fn gamma_q_fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let mut c = f64::MAX;
    let mut d = 1.0 / b;
    let mut value = d;
    for n in 1..MOST_TERMS {
        let n = n as f64;
        let numerator = -n * (n - a);
        b += 2.0;
        d = 1.0 / (numerator * d + b);
        c = b + numerator / c;
        let step = c * d;
        value *= step;
        if (step - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

/// The probability that a noncentral chi-squared variable is at most `x`.
///
/// Source: the mixture of central ones with Poisson weights (Johnson, Kotz and Balakrishnan, Continuous Univariate
/// Distributions 2, 29.1), summed from its heaviest term outwards.
pub fn noncentral_chi_squared_cdf(x: f64, dof: f64, noncentrality: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let (half_x, rate) = (x / 2.0, noncentrality / 2.0);
    if rate == 0.0 {
        return gamma_p(dof / 2.0, half_x);
    }
    let middle = rate.floor();
    let weight = (-rate + middle * rate.ln() - ln_gamma(middle + 1.0)).exp();
    let a = dof / 2.0 + middle;
    // The term by which P(a, x) exceeds P(a + 1, x).
    let step = |a: f64| (a * half_x.ln() - half_x - ln_gamma(a + 1.0)).exp();
    let (central, first_step) = (gamma_p(a, half_x), step(a));
    let mut sum = weight * central;
    let (mut w, mut p, mut s, mut j) = (weight, central, first_step, middle);
    for _ in 0..MOST_TERMS {
        p -= s;
        j += 1.0;
        w *= rate / j;
        s *= half_x / (dof / 2.0 + j);
        let term = w * p.max(0.0);
        sum += term;
        if w < 1e-20 || term < sum * 1e-18 {
            break;
        }
    }
    let (mut w, mut p, mut s, mut j) = (weight, central, first_step, middle);
    while j > 0.0 {
        s *= (dof / 2.0 + j) / half_x;
        p += s;
        w *= j / rate;
        j -= 1.0;
        sum += w * p.min(1.0);
        if w < 1e-20 {
            break;
        }
    }
    sum.min(1.0)
}

/// The interval of the noncentrality of which a chi-squared statistic was drawn: both ends by inverting the distribution.
///
/// `dof` may be a fraction. An end is 0 where even no noncentrality makes the statistic that likely. Source: Steiger (2004), Psychological Methods
/// 9(2), "Beyond the F test".
pub fn noncentrality(statistic: f64, dof: f64, level: f64) -> (f64, f64) {
    let outside = (1.0 - level) / 2.0;
    let find = |probability: f64| {
        if statistic.is_nan()
            || statistic <= 0.0
            || noncentral_chi_squared_cdf(statistic, dof, 0.0) <= probability
        {
            return 0.0;
        }
        let (mut low, mut high) = (0.0, statistic.max(1.0));
        while noncentral_chi_squared_cdf(statistic, dof, high) > probability {
            low = high;
            high *= 2.0;
        }
        // The probability falls as the noncentrality grows.
        for _ in 0..200 {
            let middle = (low + high) / 2.0;
            if middle <= low || middle >= high {
                break;
            }
            if noncentral_chi_squared_cdf(statistic, dof, middle) > probability {
                low = middle;
            } else {
                high = middle;
            }
        }
        (low + high) / 2.0
    };
    (find(1.0 - outside), find(outside))
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
