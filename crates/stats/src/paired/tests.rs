#![allow(clippy::unwrap_used)]
use super::*;
use crate::rng::SeededRng;
use crate::test_support::{assert_close, floats, golden};

/// Predictions of which the first alone is right `b` times, the second alone `c` times, both `both` times.
fn predictions(b: usize, c: usize, both: usize, n: usize) -> (Vec<usize>, Vec<usize>, Vec<usize>) {
    let first = (0..n).map(|row| usize::from(row >= b && (row < b + c || row >= b + c + both)));
    let second = (0..n).map(|row| usize::from(row < b || row >= b + c + both));
    (vec![0; n], first.collect(), second.collect())
}

#[test]
fn mcnemar_equals_statsmodels() {
    for case in golden(include_str!("../../tests/golden/tests.json"))["mcnemar"]
        .as_array()
        .unwrap()
    {
        let of = |name: &str| case[name].as_u64().unwrap() as usize;
        let (y, first, second) = predictions(of("b"), of("c"), of("both"), of("n"));
        let test = mcnemar(&y, &first, &second, 0.95).unwrap();
        assert_eq!(
            (test.only_first, test.only_second),
            (of("b") as u64, of("c") as u64)
        );
        let want = floats(&case["values"]);
        let got = [
            test.exact.value(),
            test.exact.ln(),
            test.chi_squared,
            test.corrected.value(),
            test.corrected.ln(),
            test.difference,
            test.interval.low,
            test.interval.high,
        ];
        assert_close(&got, &want, 1e-12);
    }
}

#[test]
fn mcnemar_by_hand() {
    // 1 against 5: P(X <= 1) + P(X >= 5) of six coins = 2 (1 + 6) / 64.
    let (y, first, second) = predictions(1, 5, 10, 20);
    let test = mcnemar(&y, &first, &second, 0.95).unwrap();
    assert_close(
        &[test.exact.value(), test.chi_squared],
        &[14.0 / 64.0, 9.0 / 6.0],
        1e-14,
    );
    assert_eq!((test.odds_ratio, test.difference), (Some(0.2), -0.2));
    assert_close(&[test.cohens_g.unwrap()], &[1.0 / 6.0 - 0.5], 1e-15);
    let (y, first, second) = predictions(0, 0, 3, 7);
    let same = mcnemar(&y, &first, &second, 0.95).unwrap();
    assert_eq!((same.exact.value(), same.corrected.value()), (1.0, 1.0));
    assert_eq!((same.odds_ratio, same.cohens_g), (None, None));
}

#[test]
fn two_rows_on_one_side_are_two_equal_coins() {
    let (y, first, second) = predictions(2, 0, 1, 5);
    let test = mcnemar(&y, &first, &second, 0.95).unwrap();
    assert_close(&[test.exact.value()], &[0.5], 1e-15);
    let (y, first, second) = predictions(2, 2, 1, 5);
    let test = mcnemar(&y, &first, &second, 0.95).unwrap();
    assert_eq!(test.exact.value(), 1.0);
}

/// In each of five artists the first method alone is right on one row of eight: nothing differs between artists, and what is left is the
/// variance of single rows, (5 + 1 - 5² / 42) / 42². t of 4 degrees of freedom is 2.776445.
#[test]
fn artists_alike_are_no_surer_than_their_rows() {
    let groups: Vec<i64> = (0..40).map(|row| row / 8).collect();
    let second: Vec<usize> = (0..40).map(|row| usize::from(row % 8 == 0)).collect();
    let test = mcnemar_clustered(&[0; 40], &[0; 40], &second, &groups, 0.95).unwrap();
    let half = 2.7764451051977987 * ((6.0 - 25.0 / 42.0) / (42.0 * 42.0_f64)).sqrt();
    assert_close(
        &[test.interval.low, test.interval.high],
        &[0.125 - half, 0.125 + half],
        1e-12,
    );
    // Two artists are enough, one is not.
    assert!(mcnemar_clustered(&[0; 40], &[0; 40], &second, &[[1; 20], [2; 20]].concat(), 0.95).is_ok());
}

#[test]
fn groups_are_what_is_independent() {
    // The variance as Obuchowski writes it: var1 + var2 - 2 cov around the pooled rate.
    let mut rng = SeededRng::new(3);
    let n = 300;
    let y = vec![0; n];
    let groups: Vec<i64> = (0..n).map(|_| rng.below(40) as i64 * 3 - 50).collect();
    let first: Vec<usize> = groups
        .iter()
        .map(|g| usize::from(rng.unit() < 0.2 + (g % 2).unsigned_abs() as f64 * 0.2))
        .collect();
    let second: Vec<usize> = groups
        .iter()
        .map(|g| usize::from(rng.unit() < 0.3 + (g % 2).unsigned_abs() as f64 * 0.2))
        .collect();
    let hit = |predicted: &[usize], g: i64| {
        (0..n)
            .filter(|&row| groups[row] == g && predicted[row] == 0)
            .count() as f64
    };
    let mut ids = groups.clone();
    ids.sort_unstable();
    ids.dedup();
    let m = ids.len() as f64;
    let size = |g: i64| groups.iter().filter(|&&other| other == g).count() as f64;
    let total = |predicted: &[usize]| ids.iter().map(|&g| hit(predicted, g)).sum::<f64>();
    let pooled = (total(&first) + total(&second)) / (2.0 * n as f64);
    let covariance = |a: &[usize], b: &[usize]| {
        let sum: f64 = ids
            .iter()
            .map(|&g| (hit(a, g) - size(g) * pooled) * (hit(b, g) - size(g) * pooled))
            .sum();
        m / (m - 1.0) * sum / (n as f64).powi(2)
    };
    let variance =
        covariance(&first, &first) + covariance(&second, &second) - 2.0 * covariance(&first, &second);
    let want = ((total(&first) - total(&second)) / n as f64).powi(2) / variance;
    let test = mcnemar_clustered(&y, &first, &second, &groups, 0.95).unwrap();
    assert_close(&[test.chi_squared], &[want], 1e-12);
    assert_eq!(test.n_groups, ids.len() as u64);
    // One row a group: the variance of McNemar's uncorrected statistic but for m / (m - 1).
    let own: Vec<i64> = (0..n as i64).collect();
    let alone = mcnemar_clustered(&y, &first, &second, &own, 0.95).unwrap();
    let plain = mcnemar(&y, &first, &second, 0.95).unwrap();
    let (b, c) = (plain.only_first as f64, plain.only_second as f64);
    assert_close(
        &[alone.chi_squared],
        &[(b - c).powi(2) / (b + c) * (n as f64 - 1.0) / n as f64],
        1e-12,
    );
    assert!(mcnemar_clustered(&y, &first, &second, &vec![1; n], 0.95).is_err());
    // No difference at all is no evidence.
    let none = mcnemar_clustered(&y, &first, &first, &groups, 0.95).unwrap();
    assert_eq!((none.chi_squared, none.p.value()), (0.0, 1.0));
}

#[test]
fn five_groups_to_none_are_two_in_thirty_two() {
    // Three rows a group; the chi-squared of 5 has a p-value of 0.025.
    let groups: Vec<i64> = (0..60).map(|row| row / 3).collect();
    let first: Vec<usize> = (0..60)
        .map(|row| usize::from(row >= 15 && row % 2 == 0))
        .collect();
    let second: Vec<usize> = (0..60)
        .map(|row| usize::from((row < 15 && row % 3 == 0) || first[row] == 1))
        .collect();
    let test = mcnemar_clustered(&vec![0; 60], &first, &second, &groups, 0.95).unwrap();
    assert_eq!((test.n_groups, test.n_discordant), (20, 5));
    assert_close(&[test.p.value()], &[0.0625], 1e-15);
    assert!(PValue::from_ln(ln_chi_squared_1(test.chi_squared)).value() < 0.03);
}

#[test]
fn a_row_a_group_is_mcnemars_exact_test() {
    for case in golden(include_str!("../../tests/golden/tests.json"))["mcnemar"]
        .as_array()
        .unwrap()
    {
        let of = |name: &str| case[name].as_u64().unwrap() as usize;
        if of("b") + of("c") > MAX_FLIPPED {
            continue;
        }
        let (y, first, second) = predictions(of("b"), of("c"), of("both"), of("n"));
        let own: Vec<i64> = (0..of("n") as i64).collect();
        let test = mcnemar_clustered(&y, &first, &second, &own, 0.95).unwrap();
        assert_close(
            &[test.p.value(), test.p.ln()],
            &floats(&case["values"])[..2],
            1e-12,
        );
    }
}

#[test]
fn sign_flips_are_counted_one_by_one() {
    let mut rng = SeededRng::new(8);
    for n in 1..12 {
        let sizes: Vec<usize> = (0..n).map(|_| 1 + rng.below(6)).collect();
        let sums: Vec<i64> = (0..1u32 << n)
            .map(|signs| {
                let one = |(k, &size): (usize, &usize)| size as i64 * (1 - 2 * i64::from(signs >> k & 1));
                sizes.iter().enumerate().map(one).sum()
            })
            .collect();
        for &sum in &sums {
            let want = sums.iter().filter(|other| other.abs() >= sum.abs()).count() as f64;
            let got = ln_sign_flips(&sizes, sum.unsigned_abs() as usize).exp();
            assert_close(&[got], &[want / sums.len() as f64], 1e-13);
        }
    }
    // As many as are flipped at all, all on one side: 2 / 2^1000.
    let all = ln_sign_flips(&[1; MAX_FLIPPED], MAX_FLIPPED);
    assert_close(&[all], &[-999.0 * std::f64::consts::LN_2], 1e-12);
}

#[test]
fn differences_of_groups_equal_scipy_and_statsmodels() {
    for case in golden(include_str!("../../tests/golden/tests.json"))["clustered"]
        .as_array()
        .unwrap()
    {
        let of = |name: &str| floats(&case[name]);
        let label = |values: Vec<f64>| values.iter().map(|v| 1 - *v as usize).collect::<Vec<_>>();
        let groups: Vec<i64> = of("groups").iter().map(|g| *g as i64).collect();
        let y = vec![0; groups.len()];
        let (first, second) = (label(of("first")), label(of("second")));
        let test = mcnemar_clustered(&y, &first, &second, &groups, 0.95).unwrap();
        let got = [test.p.value(), test.interval.low, test.interval.high];
        assert_close(&got, &of("values"), 1e-10);
    }
}

#[test]
fn no_group_that_differs_makes_no_certainty() {
    let y = vec![0; 40];
    let groups: Vec<i64> = (0..40).map(|row| row / 8).collect();
    let none = mcnemar_clustered(&y, &y, &y, &groups, 0.95).unwrap();
    // Half a row against half a row of 42; t of 4 degrees of freedom is 2.776445.
    assert_close(&[none.interval.high], &[2.7764451051977987 / 42.0], 1e-12);
    assert_eq!((none.interval.low, none.p.value()), (-none.interval.high, 1.0));
    assert!(mcnemar_clustered(&y, &y, &y, &groups, 1.0).is_err());
}

#[test]
fn the_corrected_t_test_equals_scipy() {
    for case in golden(include_str!("../../tests/golden/tests.json"))["t_test"]
        .as_array()
        .unwrap()
    {
        let share = case["test_share"].as_f64().unwrap();
        let test = corrected_t_test(&floats(&case["first"]), &floats(&case["second"]), share, 0.95).unwrap();
        let got = [
            test.t,
            test.p.value(),
            test.p.ln(),
            test.cohens_d.unwrap(),
            test.interval.low,
            test.interval.high,
        ];
        assert_close(&got, &floats(&case["values"]), 1e-12);
    }
}

#[test]
fn folds_that_all_differ_by_the_same_amount() {
    let same = corrected_t_test(&[0.5, 0.5], &[0.5, 0.5], 0.25, 0.95).unwrap();
    assert_eq!((same.t, same.p.value(), same.cohens_d), (0.0, 1.0, None));
    let shifted = corrected_t_test(&[0.75, 0.75], &[0.5, 0.5], 0.25, 0.95).unwrap();
    assert_eq!(
        (shifted.t, shifted.p.value(), shifted.cohens_d),
        (f64::INFINITY, 0.0, None)
    );
    assert!(corrected_t_test(&[0.5], &[0.5], 0.25, 0.95).is_err());
    assert!(corrected_t_test(&[0.5, 0.6], &[0.5], 0.25, 0.95).is_err());
    assert!(mcnemar(&[], &[], &[], 0.95).is_err());
    assert!(mcnemar(&[0], &[0], &[0, 1], 0.95).is_err());
    assert!(mcnemar(&[0], &[0], &[0], 1.5).is_err());
}
