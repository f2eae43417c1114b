//! The table of methods compared two by two.

use std::fmt::Write;

use cratedigger_learn::PairedTests;
use cratedigger_learn::metrics::PValue;

use super::report::Report;

/// Every pair: the difference, its interval and its p-values.
pub(super) fn pairs(report: &Report, tests: &[PairedTests], text: &mut String) {
    if tests.is_empty() {
        return;
    }
    let name = |test: &PairedTests| format!("{} - {}", test.first, test.second);
    let width = tests.iter().map(|test| name(test).len()).max().unwrap_or(0);
    let several = report.plan.folds.len() > 1;
    let _ = writeln!(
        text,
        "\n  {:<width$}  difference  95 % interval     right alone  {:>10}  {:>10}{}",
        "pair",
        "McNemar p",
        "p",
        if several { "   t-test p" } else { "" }
    );
    for test in tests {
        let mcnemar = &test.mcnemar;
        let interval = test.difference_interval();
        let _ = writeln!(
            text,
            "  {:<width$}  {:>+10.4}  {:>+.4} to {:>+.4}  {:>5} {:>5}  {:>10}  {:>10}{}",
            name(test),
            mcnemar.difference,
            interval.low,
            interval.high,
            mcnemar.only_first,
            mcnemar.only_second,
            p_text(mcnemar.exact),
            p_text(test.adjusted),
            test.t_test
                .map_or(String::new(), |t_test| format!("  {:>9}", p_text(t_test.p)))
        );
    }
    let what = match report.training.data.groups {
        Some(_) => "McNemar's test with artists, not tracks, as what is independent",
        None => "McNemar's exact one",
    };
    let _ = writeln!(
        text,
        "\n  `right alone`: tracks that only the first, only the second names rightly.\n  `p`: {what}, after Holm's correction\n  for {} pair{}; go by it.{}",
        tests.len(),
        if tests.len() == 1 { "" } else { "s" },
        if several {
            " `t-test p`: over the folds, corrected for their overlap."
        } else {
            ""
        }
    );
}

/// `0.0321`, or `3.2e-17` however small.
pub(super) fn p_text(p: PValue) -> String {
    let log10 = p.log10();
    if log10 >= -3.0 {
        return format!("{:.4}", p.value());
    }
    if log10 == f64::NEG_INFINITY {
        return "0".to_owned();
    }
    let mut exponent = log10.floor();
    let mut digits = (10f64.powf(log10 - exponent) * 10.0).round() / 10.0;
    if digits >= 10.0 {
        digits /= 10.0;
        exponent += 1.0;
    }
    format!("{digits:.1}e{exponent}")
}
