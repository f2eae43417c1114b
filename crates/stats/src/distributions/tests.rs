//! Goldens: tests/golden/make_tests.py and scripts/check_tests.py.
#![allow(clippy::unwrap_used)]
use std::f64::consts::LN_2;

use super::*;
use crate::test_support::{assert_close, close, floats, golden, relative};

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

#[test]
fn normal_quantiles_equal_scipy() {
    let golden = golden(include_str!("../../tests/golden/tests.json"));
    let p = floats(&golden["normal"]["p"]);
    let got: Vec<f64> = p.iter().map(|&p| normal_quantile(p)).collect();
    assert_close(&got, &floats(&golden["normal"]["quantile"]), 1e-13);
    assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
    assert_eq!(normal_quantile(1.0), f64::INFINITY);
}

#[test]
fn tails_are_those_of_mpmath() {
    let golden = golden(include_str!("../../tests/golden/independence.json"));
    let cases = golden["tails"].as_array().unwrap();
    assert!(cases.len() > 30);
    for case in cases {
        let (x, dof) = (case["x"].as_f64().unwrap(), case["dof"].as_u64().unwrap());
        let got = ln_chi_squared_sf(x, dof) / std::f64::consts::LN_10;
        // 1 but for a part that 60 digits do not hold.
        if case["log10_sf"].as_f64().unwrap().abs() < 1e-55 {
            assert!(got <= 0.0 && got > -1e-55, "{got}");
        } else {
            relative(got, &case["log10_sf"], &format!("{x} {dof}"));
        }
    }
    assert_eq!(ln_chi_squared_sf(0.0, 3), 0.0);
    for case in golden["noncentral"].as_array().unwrap() {
        let get = |field: &str| case[field].as_f64().unwrap();
        let got = noncentral_chi_squared_cdf(get("x"), get("dof"), get("noncentrality"));
        close(got, &case["cdf"], &format!("{case}"));
    }
}

/// By the error function and by the incomplete gamma function.
#[test]
fn both_tails_of_one_degree_of_freedom_agree() {
    for k in 1..400 {
        let x = f64::from(k * k) * 0.01;
        assert_close(&[ln_chi_squared_1(x)], &[ln_chi_squared_sf(x, 1)], 1e-12);
    }
}

/// By bisection and by the rational approximation.
#[test]
fn both_quantiles_of_the_normal_distribution_agree() {
    for k in 1..1000 {
        let level = f64::from(k) / 1000.0;
        assert_close(
            &[two_sided_normal_quantile(level)],
            &[normal_quantile(0.5 + level / 2.0)],
            1e-12,
        );
    }
}
