//! Goldens: tests/golden/make_tests.py and scripts/check_tests.py.
#![allow(clippy::unwrap_used)]
use std::f64::consts::LN_2;

use super::*;
use crate::rng::SeededRng;
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

/// Of any probability, from no success to nothing but successes.
#[test]
fn a_binomial_tail_is_the_sum_of_its_terms() {
    for (n, p) in [(1u64, 0.3), (3, 0.4), (7, 0.5), (12, 0.9)] {
        let (mut choose, mut sum) = (1.0, 0.0);
        for k in 0..=n {
            sum += choose * f64::powi(p, k as i32) * f64::powi(1.0 - p, (n - k) as i32);
            choose *= (n - k) as f64 / (k + 1) as f64;
            assert_close(&[ln_binomial(k, n, p)], &[sum.ln()], 1e-12);
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

#[test]
fn fishers_test_is_that_of_scipy() {
    let golden = golden(include_str!("../../tests/golden/independence.json"));
    let cases = golden["fisher"].as_array().unwrap();
    assert!(cases.len() >= 6);
    for case in cases {
        let table: Vec<Vec<u64>> = serde_json::from_value(case["table"].clone()).unwrap();
        let cell = Hypergeometric {
            n_good: table[0][0] + table[1][0],
            n_bad: table[0][1] + table[1][1],
            n_drawn: table[0][0] + table[0][1],
        };
        relative(
            cell.ln_two_sided(table[0][0]).exp(),
            &case["p"],
            &format!("{table:?}"),
        );
    }
    // Below any double, and still a logarithm.
    let far = Hypergeometric {
        n_good: 300,
        n_bad: 90_000,
        n_drawn: 300,
    };
    let ln = far.ln_two_sided(300);
    assert!(ln.is_finite() && ln < -1500.0, "{ln}");
}

/// Against all ways to choose, counted one by one; ends that are not 0 are among them.
#[test]
fn draws_are_as_frequent_as_ways_to_choose() {
    for (n_good, n_bad, n_drawn) in [(3, 4, 5), (5, 2, 3), (2, 9, 4), (6, 3, 6), (1, 7, 1)] {
        let mut ways = vec![0.0; n_good + 1];
        for chosen in 0u32..1 << (n_good + n_bad) {
            if chosen.count_ones() as usize == n_drawn {
                ways[(chosen & ((1 << n_good) - 1)).count_ones() as usize] += 1.0;
            }
        }
        let all: f64 = ways.iter().sum();
        let cell = Hypergeometric {
            n_good: n_good as u64,
            n_bad: n_bad as u64,
            n_drawn: n_drawn as u64,
        };
        let mut rng = SeededRng::new(9);
        let mut drawn = vec![0.0; n_good + 1];
        for _ in 0..20_000 {
            drawn[cell.draw(&mut rng) as usize] += 1.0;
        }
        for (k, (&ways, &drawn)) in ways.iter().zip(&drawn).enumerate() {
            let p = ways / all;
            // Four standard errors.
            let bound = 4.0 * (p * (1.0 - p) / 20_000.0).sqrt();
            assert!((drawn / 20_000.0 - p).abs() <= bound, "{cell:?} {k}: {drawn} {p}");
            if ways > 0.0 {
                let as_rare: f64 = ways_up_to(&[n_good, n_bad, n_drawn], ways);
                assert!(
                    (cell.ln_two_sided(k as u64).exp() - as_rare).abs() < 1e-12,
                    "{cell:?} {k}"
                );
            }
        }
    }
    // Large numbers: the mean and the variance.
    let cell = Hypergeometric {
        n_good: 3_000,
        n_bad: 7_000,
        n_drawn: 2_000,
    };
    let mut rng = SeededRng::new(4);
    let draws: Vec<f64> = (0..20_000).map(|_| cell.draw(&mut rng) as f64).collect();
    let mean = draws.iter().sum::<f64>() / 2e4;
    let variance = draws.iter().map(|k| (k - mean).powi(2)).sum::<f64>() / 2e4;
    let want: f64 = 2_000.0 * 0.3 * 0.7 * 8_000.0 / 9_999.0;
    assert!((mean - 600.0).abs() < 4.0 * (want / 2e4).sqrt(), "{mean}");
    assert!((variance / want - 1.0).abs() < 0.05, "{variance} {want}");
}

/// The share of the ways to choose whose number of good ones has at most `ways` ways.
fn ways_up_to(&[n_good, n_bad, n_drawn]: &[usize; 3], ways: f64) -> f64 {
    let choose = |n: usize, k: usize| (0..k).map(|i| (n - i) as f64 / (i + 1) as f64).product::<f64>();
    let of = |k: usize| {
        if k > n_drawn || n_drawn - k > n_bad {
            0.0
        } else {
            choose(n_good, k) * choose(n_bad, n_drawn - k)
        }
    };
    let as_rare = (0..=n_good).map(of).filter(|&other| other <= ways + 1e-6);
    as_rare.sum::<f64>() / choose(n_good + n_bad, n_drawn)
}
