use statrs::function::beta::ln_beta;

use super::bisection::where_falls_to;

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
    where_falls_to(level, |t| ln_two_sided_t(t, df))
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
