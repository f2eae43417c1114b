//! What must hold of statistics whatever the numbers: the order of rows, names of groups, the unit of a scale, swapped sides and
//! copies of a table change them as they should, or not at all.
#![allow(clippy::unwrap_used)]

use cratedigger_stats::contingency::contingency_test;
use cratedigger_stats::{
    Interpolation, PValue, SeededRng, benjamini_hochberg_log10, binomial_upper, cluster_interval,
    grouped_mean, holm, holm_log10, mcnemar, mcnemar_clustered, median, quantile, risk_bound,
    wilson_interval,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};

/// The same cases in every run, unless `PROPTEST_RNG_SEED` and `PROPTEST_CASES` ask for others.
fn cases(n: u32) -> Config {
    let asked = Config::default();
    let is_asked = |name| std::env::var_os(name).is_some();
    Config {
        cases: if is_asked("PROPTEST_CASES") {
            asked.cases
        } else {
            n
        },
        rng_seed: if is_asked("PROPTEST_RNG_SEED") {
            asked.rng_seed
        } else {
            RngSeed::Fixed(0)
        },
        failure_persistence: None,
        ..asked
    }
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs()))
}

fn shuffled<T: Clone>(values: &[T], seed: u64) -> Vec<T> {
    let order = SeededRng::new(seed).permutation(values.len());
    order.into_iter().map(|at| values[at].clone()).collect()
}

fn names(n: usize) -> Vec<String> {
    (0..n).map(|at| format!("{at}")).collect()
}

/// Two methods' answers of three classes, and groups.
type Answers = (Vec<usize>, Vec<usize>, Vec<usize>, Vec<i64>);

fn answers() -> impl Strategy<Value = Answers> {
    proptest::collection::vec((0..3usize, 0..3usize, 0..3usize, 0..6i64), 8..60).prop_map(|rows| {
        let mut columns = Answers::default();
        for (truth, first, second, group) in rows {
            columns.0.push(truth);
            columns.1.push(first);
            columns.2.push(second);
            columns.3.push(group);
        }
        // more than one group
        columns.3[0] = -1;
        columns
    })
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn quantiles_follow_scale_and_lie_between_the_extremes(
        mut values in proptest::collection::vec(-1e6..1e6f64, 1..40),
        q in 0.0..=1.0f64,
        scale in 0.1..10.0f64,
        shift in -100.0..100.0f64,
    ) {
        values.sort_by(f64::total_cmp);
        for between in [Interpolation::Linear, Interpolation::LinearFromBelow] {
            let found = quantile(&values, q, between).unwrap();
            prop_assert!(values[0] <= found && found <= values[values.len() - 1]);
            let moved: Vec<f64> = values.iter().map(|x| scale * x + shift).collect();
            prop_assert!(near(quantile(&moved, q, between).unwrap(), scale * found + shift));
            // upside down
            let turned: Vec<f64> = values.iter().rev().map(|x| -x).collect();
            prop_assert!(near(-quantile(&turned, 1.0 - q, between).unwrap(), found));
        }
        let middle = quantile(&values, 0.5, Interpolation::Linear).unwrap();
        prop_assert!(near(median(&mut shuffled(&values, 3)).unwrap(), middle));
    }

    #[test]
    fn independence_knows_no_order_and_copies_add_up(
        counts in (2..5usize, 2..5usize).prop_flat_map(|(rows, columns)|
            proptest::collection::vec(proptest::collection::vec(6..40u64, columns), rows)),
        seed in 0..1000u64,
    ) {
        let (rows, columns) = (names(counts.len()), names(counts[0].len()));
        let test = contingency_test(&rows, &columns, &counts, 0).unwrap();
        // rows in another order; rows for columns
        let other = contingency_test(&shuffled(&rows, seed), &columns, &shuffled(&counts, seed), 0).unwrap();
        let turned: Vec<Vec<u64>> = (0..columns.len()).map(|c| counts.iter().map(|row| row[c]).collect()).collect();
        let turned = contingency_test(&columns, &rows, &turned, 0).unwrap();
        for same in [&other, &turned] {
            prop_assert!(near(same.statistic, test.statistic) && near(same.cramers_v, test.cramers_v));
            prop_assert_eq!((same.n, same.dof), (test.n, test.dof));
            prop_assert!(near(same.log10_p, test.log10_p));
        }
        // three copies of everything: the statistic is three times, the effect the same
        let copies: Vec<Vec<u64>> = counts.iter().map(|row| row.iter().map(|n| 3 * n).collect()).collect();
        let copies = contingency_test(&rows, &columns, &copies, 0).unwrap();
        prop_assert!(near(copies.statistic, 3.0 * test.statistic) && near(copies.cramers_v, test.cramers_v));
        prop_assert!(copies.log10_p <= test.log10_p + 1e-12);
        prop_assert!((0.0..=1.0 + 1e-12).contains(&test.cramers_v));
        // what is expected has the sums of what was counted, and residuals weigh to zero
        for (row, expected) in counts.iter().zip(&test.expected) {
            prop_assert!(near(row.iter().sum::<u64>() as f64, expected.iter().sum()));
        }
        // a row of zeros is no row
        let mut wider = counts.clone();
        wider.push(vec![0; columns.len()]);
        let wider = contingency_test(&names(wider.len()), &columns, &wider, 0).unwrap();
        prop_assert_eq!(wider.statistic.to_bits(), test.statistic.to_bits());
    }

    #[test]
    fn proportional_rows_are_independent(
        row in proptest::collection::vec(1..50u64, 2..6),
        factors in proptest::collection::vec(1..9u64, 2..5),
    ) {
        let counts: Vec<Vec<u64>> = factors.iter().map(|k| row.iter().map(|n| k * n).collect()).collect();
        let test = contingency_test(&names(counts.len()), &names(row.len()), &counts, 0).unwrap();
        prop_assert!(test.statistic < 1e-9 && test.cramers_v < 1e-6 && test.log10_p > -1e-6);
    }

    #[test]
    fn corrections_go_with_their_tests_and_only_raise(
        log10_p in proptest::collection::vec(-400.0..0.0f64, 1..30),
        seed in 0..1000u64,
    ) {
        for correct in [holm_log10, benjamini_hochberg_log10] {
            let corrected = correct(&log10_p);
            let together: Vec<(f64, f64)> = log10_p.iter().copied().zip(corrected.iter().copied()).collect();
            let moved = shuffled(&together, seed);
            let again = correct(&moved.iter().map(|(raw, _)| *raw).collect::<Vec<_>>());
            for ((raw, corrected), again) in moved.iter().zip(&again) {
                prop_assert!(near(*corrected, *again));
                prop_assert!(*corrected >= raw - 1e-12 && *corrected <= 0.0);
                prop_assert!(*corrected <= raw + (log10_p.len() as f64).log10() + 1e-9);
            }
            // the smaller stays the smaller
            let mut sorted = together;
            sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
            prop_assert!(sorted.windows(2).all(|pair| pair[0].1 <= pair[1].1 + 1e-12));
        }
        // Benjamini and Hochberg never correct more than Holm
        let pairs = benjamini_hochberg_log10(&log10_p).into_iter().zip(holm_log10(&log10_p));
        prop_assert!(pairs.into_iter().all(|(mild, strict)| mild <= strict + 1e-12));
        // and both ways of writing a p-value say the same
        let ln: Vec<PValue> = log10_p.iter().map(|p| PValue::from_ln(p * std::f64::consts::LN_10)).collect();
        prop_assert!(holm(&ln).iter().zip(holm_log10(&log10_p)).all(|(a, b)| near(a.log10(), b)));
    }

    #[test]
    fn paired_tests_turn_with_their_sides_and_know_no_order((truth, first, second, groups) in answers(), seed in 0..1000u64) {
        let test = mcnemar(&truth, &first, &second, 0.95).unwrap();
        let turned = mcnemar(&truth, &second, &first, 0.95).unwrap();
        prop_assert_eq!((test.only_first, test.only_second), (turned.only_second, turned.only_first));
        prop_assert!(near(test.difference, -turned.difference) && near(test.exact.ln(), turned.exact.ln()));
        prop_assert!(near(test.interval.low, -turned.interval.high) && near(test.interval.high, -turned.interval.low));
        prop_assert!(test.interval.low <= test.difference + 1e-12 && test.difference <= test.interval.high + 1e-12);

        let clustered = mcnemar_clustered(&truth, &first, &second, &groups, 0.95).unwrap();
        let moved = |values: &[usize]| shuffled(values, seed);
        // other names of the groups, too
        let renamed: Vec<i64> = shuffled(&groups, seed).iter().map(|group| 1000 - 7 * group).collect();
        let again = mcnemar_clustered(&moved(&truth), &moved(&first), &moved(&second), &renamed, 0.95).unwrap();
        prop_assert!(near(clustered.p.ln(), again.p.ln()));
        prop_assert!(near(clustered.interval.low, again.interval.low) && near(clustered.interval.high, again.interval.high));
        let same = mcnemar_clustered(&truth, &first, &first, &groups, 0.95).unwrap();
        prop_assert!(same.p.value() == 1.0);
    }

    #[test]
    fn grouped_means_follow_scale_and_know_no_order(
        rows in proptest::collection::vec((-10.0..10.0f64, 0..5i64), 4..40),
        scale in 0.1..10.0f64,
        seed in 0..1000u64,
    ) {
        let (values, mut groups): (Vec<f64>, Vec<i64>) = rows.into_iter().unzip();
        groups[0] = -1;
        let found = grouped_mean(&values, &groups, 0.9).unwrap();
        prop_assert!(near(found.mean, values.iter().sum::<f64>() / values.len() as f64));
        let scaled = grouped_mean(&values.iter().map(|x| scale * x).collect::<Vec<_>>(), &groups, 0.9).unwrap();
        prop_assert!(near(scaled.mean, scale * found.mean) && near(scaled.interval.low, scale * found.interval.low));
        prop_assert!(near(scaled.p.ln(), found.p.ln()));
        let turned = grouped_mean(&values.iter().map(|x| -x).collect::<Vec<_>>(), &groups, 0.9).unwrap();
        prop_assert!(near(turned.interval.low, -found.interval.high) && near(turned.p.ln(), found.p.ln()));
        let again = grouped_mean(&shuffled(&values, seed), &shuffled(&groups, seed), 0.9).unwrap();
        prop_assert!(near(again.interval.low, found.interval.low) && near(again.p.ln(), found.p.ln()));
        // a higher level is a wider interval
        let wider = grouped_mean(&values, &groups, 0.99).unwrap();
        prop_assert!(wider.interval.low <= found.interval.low + 1e-12 && found.interval.high <= wider.interval.high + 1e-12);
    }

    #[test]
    fn shares_have_intervals_around_them_that_narrow(n_right in 0..40u64, n_wrong in 0..40u64, k in 2..9u64) {
        let n = n_right + n_wrong;
        prop_assume!(n > 0);
        let share = n_right as f64 / n as f64;
        let found = wilson_interval(n_right, n, 0.95).unwrap();
        prop_assert!(found.low <= share + 1e-12 && share <= found.high + 1e-12);
        prop_assert!(found.low >= 0.0 && found.high <= 1.0);
        let other = wilson_interval(n_wrong, n, 0.95).unwrap();
        prop_assert!(near(other.low, 1.0 - found.high) && near(other.high, 1.0 - found.low));
        let more = wilson_interval(k * n_right, k * n, 0.95).unwrap();
        prop_assert!(more.high - more.low < found.high - found.low);
    }

    #[test]
    fn bounds_of_a_risk_lie_above_it_and_rise_with_confidence(
        rows in proptest::collection::vec((any::<bool>(), 0..8i64), 2..60),
        seed in 0..1000u64,
    ) {
        let (wrong, mut groups): (Vec<bool>, Vec<i64>) = rows.into_iter().unzip();
        groups[0] = -1;
        let n_wrong = wrong.iter().filter(|wrong| **wrong).count() as u64;
        let risk = n_wrong as f64 / wrong.len() as f64;
        let alone = binomial_upper(n_wrong, wrong.len() as u64, 0.9).unwrap();
        prop_assert!(risk <= alone && alone <= 1.0);
        prop_assert!(binomial_upper(n_wrong, wrong.len() as u64, 0.99).unwrap() >= alone);
        let by_groups = |confidence| risk_bound(&wrong, Some(&groups), confidence).unwrap();
        if let (Some(mild), Some(strict)) = (by_groups(0.9), by_groups(0.99)) {
            prop_assert!(risk <= mild + 1e-12 && mild <= strict + 1e-12 && strict <= 1.0);
            let again = risk_bound(&shuffled(&wrong, seed), Some(&shuffled(&groups, seed)), 0.9).unwrap().unwrap();
            prop_assert!(near(again, mild));
        }
        if let Some(interval) = cluster_interval(&wrong, &groups, 0.95).unwrap() {
            prop_assert!(interval.low <= risk + 1e-12 && risk <= interval.high + 1e-12);
        }
    }
}
