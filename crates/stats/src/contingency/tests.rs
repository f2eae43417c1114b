#![allow(clippy::unwrap_used)]
use serde_json::Value;

use super::counts::statistic;
use super::*;
use crate::distributions::{Hypergeometric, ln_chi_squared_1};
use crate::rng::SeededRng;
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
        0,
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
        assert_eq!(found.monte_carlo.is_some(), found.n_expected_below_5 > 0);
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
        (found.rows.clone(), found.columns.clone()),
        (
            vec!["row 0".to_owned(), "row 2".into()],
            vec!["column 0".to_owned(), "column 2".into()]
        )
    );
    assert_eq!(found.n_expected_below_5, 2);
    assert!(found.warning.as_ref().unwrap().starts_with("2 of 4 cells"));
    assert_eq!(
        (found.statistic, found.p, found.log10_p_to_go_by()),
        (0.0, 1.0, 0.0)
    );
    assert!(contingency_test(&names(2, ""), &names(2, ""), &[vec![1, 0], vec![2, 0]], 0).is_none());
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
                shuffled_table(&counts, 200, 5),
            )
        })
    };
    let (found, single) = in_pool(1);
    assert_eq!((found.clone(), single.clone()), in_pool(3));
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
    // What single things give is far from what whole artists give.
    assert!(single.unwrap().q95_statistic < 0.1 * found.q95_statistic);
    let v = association(&units, 2, &found).unwrap();
    assert_eq!(v.cramers_v, by_tracks.cramers_v);
    assert!(v.low == 0.0 && v.high > v.cramers_v, "{v:?}");
    assert!(permutation_test(&units, 2, 999, 6).unwrap().0 != found);
    assert!(permutation_test(&[], 2, 99, 0).is_none());
}

fn add_to(row: &mut [u64], counts: &[u64]) {
    for (cell, count) in row.iter_mut().zip(counts) {
        *cell += count;
    }
}

#[test]
fn corrected_v_is_bergsmas_and_its_interval_that_of_scipy() {
    let golden = golden();
    let cases = golden["association"].as_array().unwrap();
    assert!(cases.len() >= 20);
    for case in cases {
        let table = table(&case["observed"]);
        let mut shuffled = shuffled_table(&table, 9, 0).unwrap();
        shuffled.mean_statistic = case["mean"].as_f64().unwrap();
        shuffled.variance_statistic = case["variance"].as_f64().unwrap();
        let found = association_of_table(&table, &shuffled).unwrap();
        let name = case["name"].as_str().unwrap();
        for (got, field) in [
            (found.corrected, "corrected"),
            (found.low, "low"),
            (found.high, "high"),
        ] {
            // The square root of a small noncentrality keeps half the digits.
            let want = case[field].as_f64().unwrap();
            assert!((got - want).abs() < 1e-7, "{name} {field}: {got} {want}");
        }
        assert!(
            found.low <= found.corrected && found.corrected <= found.high,
            "{found:?}"
        );
    }
}

/// Fisher's test where a cell, its row, its column or the rest is expected to hold fewer than five, the residual elsewhere; times four.
#[test]
fn cells_are_tested_by_what_they_can_be_tested_by() {
    let rare = test_of(&[vec![3, 3], vec![3, 91]]);
    let cell = Hypergeometric {
        n_good: 6,
        n_bad: 94,
        n_drawn: 6,
    };
    let fisher = 4.0 * cell.ln_two_sided(3).exp();
    let normal = |found: &ContingencyTest| 4.0 * ln_chi_squared_1(found.residuals[0][0].powi(2)).exp();
    let frequent = test_of(&[vec![30, 20], vec![18, 32]]);
    // Exactly five are not fewer than five.
    let five = test_of(&[vec![8, 2], vec![2, 8]]);
    assert_eq!((five.n_expected_below_5, five.monte_carlo.is_none()), (0, true));
    let wanted = [fisher, normal(&frequent), normal(&five)];
    for (found, want) in [rare, frequent, five].iter().zip(wanted) {
        for got in found.residuals_log10_p_holm.concat() {
            assert!((got - want.log10()).abs() < 1e-10, "{got} {want}");
        }
    }
}

#[test]
fn an_empty_row_and_column_associate_nothing() {
    let full = vec![vec![30, 4, 9], vec![5, 25, 7], vec![6, 8, 40]];
    let mut wider: Vec<Vec<u64>> = full.iter().map(|row| [&row[..], &[0]].concat()).collect();
    wider.insert(1, vec![0; 4]);
    let shuffled = shuffled_table(&full, 200, 3).unwrap();
    let found = association_of_table(&full, &shuffled).unwrap();
    assert_eq!(association_of_table(&wider, &shuffled), Some(found.clone()));
    // Of three rows and columns two are compared: V is that of the test of independence.
    assert!((found.cramers_v - test_of(&full).cramers_v).abs() < 1e-15 && found.cramers_v < 0.6);
    let chance = shuffled.median_statistic / (134.0 * 2.0);
    assert!((found.shuffled - chance.sqrt()).abs() < 1e-15, "{found:?}");
    assert_eq!(association_of_table(&full[..1], &shuffled), None);
    assert_eq!(
        association_of_table(&[vec![3], vec![4]], &shuffled),
        None,
        "one column"
    );
    // Shuffles that are all without any statistic have no chance to take off.
    let nothing = Permutation {
        mean_statistic: 0.0,
        variance_statistic: 0.0,
        ..shuffled
    };
    assert_eq!(association_of_table(&full, &nothing), None);
}

/// The moments of the statistic over tables of single things: the mean is exact, (r - 1)(c - 1) n / (n - 1).
#[test]
fn shuffled_tables_have_their_sums_and_moments() {
    let observed = vec![vec![12, 30, 3], vec![25, 8, 22]];
    let found = shuffled_table(&observed, 20_000, 1).unwrap();
    assert_eq!((found.n_units, found.n_permutations), (100, 20_000));
    let want = 2.0 * 100.0 / 99.0;
    // The standard error of the mean of 20,000 values whose variance is near 4.
    assert!(
        (found.mean_statistic - want).abs() < 4.0 * 2.0 / 20_000.0_f64.sqrt(),
        "{found:?}"
    );
    assert!((found.variance_statistic - 4.0).abs() < 0.4, "{found:?}");
    // Single things as units are the same question.
    let mut units = Vec::new();
    for (row, counts) in observed.iter().enumerate() {
        for (column, &n) in counts.iter().enumerate() {
            let mut counts = vec![0; 3];
            counts[column] = 1;
            units.extend((0..n).map(|_| Unit {
                row,
                counts: counts.clone(),
            }));
        }
    }
    let (of_units, _) = permutation_test(&units, 2, 20_000, 2).unwrap();
    assert_eq!(of_units.statistic, found.statistic);
    assert!(
        (of_units.q95_statistic - found.q95_statistic).abs() < 0.2,
        "{of_units:?} {found:?}"
    );
    assert!(shuffled_table(&[vec![0, 0]], 9, 0).is_none());
}

/// Table `k` of a seed is that of the stream `2^63 + k`: one draw, which leaves no choice for the other cells.
#[test]
fn a_seed_keeps_its_tables() {
    let observed = [vec![3, 9], vec![8, 7]];
    let cell = Hypergeometric {
        n_good: 11,
        n_bad: 16,
        n_drawn: 12,
    };
    let of_stream = |k: u64| {
        let first = cell.draw(&mut SeededRng::stream(6, (1 << 63) + k));
        statistic(&[vec![first, 12 - first], vec![11 - first, 4 + first]])
    };
    let shuffled = shuffled_table(&observed, 5, 6).unwrap();
    let mean = (0..5).map(of_stream).sum::<f64>() / 5.0;
    assert!((shuffled.mean_statistic - mean).abs() < 1e-12, "{shuffled:?}");
}

/// Two of 1,000 things are of a rare column, and one of these two is in a row of two: the chi-squared distribution gives less than
/// 1e-50 for what happens once in 250 times, 1 - (998 * 997) / (1000 * 999).
#[test]
fn sparse_tables_are_compared_with_random_ones() {
    let found = test_of(&[vec![978, 1, 19], vec![1, 1, 0]]);
    assert!(found.log10_p < -50.0, "{}", found.log10_p);
    let exact = 1.0 - 998.0 * 997.0 / (1000.0 * 999.0);
    let random = found.monte_carlo.clone().unwrap();
    assert_eq!(found.log10_p_to_go_by(), random.log10_p);
    let bound = 4.0 * (exact / 9_999.0_f64).sqrt();
    assert!((random.p - exact).abs() < bound, "{random:?}");
    // The cell too, by Fisher's test, and Holm's factor for six cells.
    let cell = found.residuals_log10_p_holm[1][1];
    assert!((cell - (6.0 * exact).log10()).abs() < 1e-9, "{cell}");
    // A table that is not sparse draws none.
    assert_eq!(test_of(&[vec![50, 60], vec![70, 90]]).monte_carlo, None);
}

/// 300 draws of 150 artists with one to twelve tracks, which share a genre more often than not. The true V of each draw is 0.04 or
/// 0.15. Of a coverage of 0.95, 0.90 is four standard errors away.
#[test]
fn the_true_v_is_inside_as_often_as_said() {
    for (truth, share) in [(0.04, 0.02), (0.15, 0.075)] {
        let mut held = 0;
        for draw in 0..300 {
            let mut rng = SeededRng::stream(11, draw);
            let units: Vec<Unit> = (0..150)
                .map(|_| {
                    let row = rng.below(2);
                    // Both rows are as frequent: phi = the difference of the two shares.
                    let p = 0.5 + if row == 0 { share } else { -share };
                    let own = rng.unit() < p;
                    let mut counts = vec![0; 2];
                    for _ in 0..1 + rng.below(12) {
                        let other = rng.unit() < p;
                        counts[usize::from(if rng.unit() < 0.8 { own } else { other })] += 1;
                    }
                    Unit { row, counts }
                })
                .collect();
            let (shuffled, _) = permutation_test(&units, 2, 199, draw).unwrap();
            let found = association(&units, 2, &shuffled).unwrap();
            held += u32::from(found.low <= truth && truth <= found.high);
        }
        let coverage = f64::from(held) / 300.0;
        assert!(coverage >= 0.9, "{truth}: {coverage}");
    }
}
