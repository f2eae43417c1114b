#![allow(clippy::unwrap_used)]
use serde_json::Value;

use super::counts::statistic;
use super::*;
use crate::test_support::{close, relative};

/// scripts/check_tests.py
fn golden() -> Value {
    serde_json::from_str(include_str!("../../tests/golden/independence.json")).unwrap()
}

fn table(value: &Value) -> Vec<Vec<u64>> {
    serde_json::from_value(value.clone()).unwrap()
}

fn names(n: usize, prefix: &str) -> Vec<String> {
    (0..n).map(|k| format!("{prefix}{k}")).collect()
}

fn test_of(counts: &[Vec<u64>]) -> ContingencyTest {
    contingency_test(
        &names(counts.len(), "row "),
        &names(counts[0].len(), "column "),
        counts,
    )
    .unwrap()
}

#[test]
fn independence_is_that_of_scipy_statsmodels_and_mpmath() {
    let golden = golden();
    let cases = golden["tables"].as_array().unwrap();
    assert!(cases.len() >= 7);
    let mut n_underflowed = 0;
    for case in cases {
        let found = test_of(&table(&case["observed"]));
        let name = case["name"].as_str().unwrap();
        relative(found.statistic, &case["statistic"], name);
        assert_eq!(found.dof, case["dof"].as_u64().unwrap());
        close(found.log10_p, &case["log10_p"], name);
        relative(found.log10_p, &case["log10_p"], name);
        if case["p"].as_f64().unwrap() > 1e-300 {
            relative(found.p, &case["p"], name);
        } else {
            n_underflowed += 1;
        }
        relative(found.cramers_v, &case["cramers_v"], name);
        close(found.cramers_v_low, &case["cramers_v_low"], name);
        close(found.cramers_v_high, &case["cramers_v_high"], name);
        for (field, got) in [("expected", &found.expected), ("residuals", &found.residuals)] {
            for (got, want) in got.iter().zip(case[field].as_array().unwrap()) {
                for (got, want) in got.iter().zip(want.as_array().unwrap()) {
                    close(*got, want, field);
                }
            }
        }
    }
    assert!(n_underflowed >= 2);
}

#[test]
fn equal_counts_are_those_of_scipy() {
    let golden = golden();
    for case in golden["equal"].as_array().unwrap() {
        let counts: Vec<u64> = serde_json::from_value(case["counts"].clone()).unwrap();
        let found = &equal_counts_test(&[("genre".to_owned(), counts)])[0];
        relative(found.statistic, &case["statistic"], "statistic");
        close(found.log10_p, &case["log10_p"], "log10_p");
        if case["p"].as_f64().unwrap() > 1e-300 {
            relative(found.p, &case["p"], "p");
        }
        // One test needs no correction.
        assert_eq!(
            (found.log10_p, found.log10_p),
            (found.log10_p_holm, found.log10_p_bh)
        );
    }
}

/// A table by hand: 10 20 / 30 40, n 100; expected 12 18 / 28 42; statistic 4/12 + 4/18 + 4/28 + 4/42 = 0.79365.
#[test]
fn a_table_by_hand_and_empty_rows() {
    let found = test_of(&[vec![10, 20], vec![30, 40]]);
    assert!((found.statistic - (4.0 / 12.0 + 4.0 / 18.0 + 4.0 / 28.0 + 4.0 / 42.0)).abs() < 1e-12);
    assert!((found.residuals[0][0] - -2.0 / (12.0_f64 * 0.7 * 0.6).sqrt()).abs() < 1e-12);
    assert!((found.cramers_v - (found.statistic / 100.0).sqrt()).abs() < 1e-15);
    assert_eq!(
        (found.dof, found.n, found.n_expected_below_5, found.warning),
        (1, 100, 0, None)
    );

    let found = test_of(&[vec![10, 0, 20], vec![0, 0, 0], vec![1, 0, 2]]);
    assert_eq!(
        (found.rows, found.columns),
        (
            vec!["row 0".to_owned(), "row 2".into()],
            vec!["column 0".to_owned(), "column 2".into()]
        )
    );
    assert_eq!(found.n_expected_below_5, 2);
    assert!(found.warning.unwrap().starts_with("2 of 4 cells"));
    assert_eq!((found.statistic, found.p, found.cramers_v_low), (0.0, 1.0, 0.0));
    assert!(contingency_test(&names(2, ""), &names(2, ""), &[vec![1, 0], vec![2, 0]]).is_none());
    assert!(equal_counts_test(&[("one".into(), vec![3]), ("none".into(), vec![0, 0])]).is_empty());
}

fn units(sizes: &[u64]) -> Vec<Unit> {
    // Two rows, two columns; an artist has tracks of one column only.
    sizes
        .iter()
        .enumerate()
        .map(|(k, &n)| Unit {
            row: k % 2,
            counts: if (k / 2) % 2 == 0 { vec![n, 0] } else { vec![0, n] },
        })
        .collect()
}

/// Six artists of one track each: of the 20 ways to choose three for the first row, the exact share at least as extreme.
#[test]
fn permutations_approach_the_exact_share() {
    let counts = [[1, 0], [1, 0], [1, 0], [0, 1], [0, 1], [0, 1]];
    // All of one genre in the first row, which 2 of the 20 ways do.
    let rows = [0, 0, 0, 1, 1, 1];
    let units: Vec<Unit> = rows
        .iter()
        .zip(counts)
        .map(|(&row, counts)| Unit {
            row,
            counts: counts.to_vec(),
        })
        .collect();
    let of = |first: &[usize]| {
        let mut table = vec![vec![0; 2]; 2];
        for (k, unit) in units.iter().enumerate() {
            let row = usize::from(!first.contains(&k));
            table[row][0] += unit.counts[0];
            table[row][1] += unit.counts[1];
        }
        statistic(&table)
    };
    let observed = of(&[0, 1, 2]);
    let (mut n, mut n_at_least) = (0.0, 0.0);
    for a in 0..6 {
        for b in a + 1..6 {
            for c in b + 1..6 {
                n += 1.0;
                n_at_least += f64::from(u8::from(of(&[a, b, c]) >= observed - 1e-9));
            }
        }
    }
    assert_eq!((n_at_least, n), (2.0, 20.0));
    let found = permutation_test(&units, 2, 20_000, 3).unwrap().0;
    assert!((found.statistic - observed).abs() < 1e-12);
    assert!(
        (found.p - n_at_least / n).abs() < 0.02,
        "{} {}",
        found.p,
        n_at_least / n
    );
}

#[test]
fn whole_artists_are_shuffled_and_threads_do_not_matter() {
    // A few artists with very many tracks: highly significant by tracks, nothing by artists.
    let units = units(&[900, 3, 4, 800, 5, 2, 3, 4, 2, 5]);
    let mut counts = vec![vec![0; 2]; 2];
    for unit in &units {
        add_to(&mut counts[unit.row], &unit.counts);
    }
    let by_tracks = test_of(&counts);
    let in_pool = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            (
                permutation_test(&units, 2, 999, 5),
                bootstrap_cramers_v(&units, 2, 200, 5),
            )
        })
    };
    let (found, bootstrap) = in_pool(1);
    assert_eq!((found.clone(), bootstrap.clone()), in_pool(3));
    let (found, by_column) = found.unwrap();
    // Of two columns, each against the other is the whole table.
    assert!(by_column.len() == 2 && by_column.iter().all(|column| column.p == found.p));
    assert!(
        by_tracks.log10_p < -100.0 && found.p > 0.02,
        "{} {}",
        by_tracks.log10_p,
        found.p
    );
    assert_eq!((found.n_units, found.n_permutations), (10, 999));
    assert_eq!(found.p, (found.n_at_least + 1) as f64 / 1000.0);
    let bootstrap = bootstrap.unwrap();
    assert!(bootstrap.low < by_tracks.cramers_v_low, "{bootstrap:?}");
    assert!(permutation_test(&units, 2, 999, 6).unwrap().0 != found);
    assert!(permutation_test(&[], 2, 99, 0).is_none());
}

fn add_to(row: &mut [u64], counts: &[u64]) {
    for (cell, count) in row.iter_mut().zip(counts) {
        *cell += count;
    }
}
