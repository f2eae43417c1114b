//! What is printed for people.

use std::fmt::Write;

use cratedigger_learn::metrics::{FEWEST_GROUPS, Interval};
use cratedigger_learn::{ConfusionMatrix, Evaluation, Method, PairedTests};

use super::report::Report;
use super::{pairs, promised};

/// One method: folds, scores, genres, confusion matrix.
pub(super) fn one(report: &Report, found: &Evaluation) -> String {
    let mut text = heading(report, found.method.name());
    if found.result.folds.len() > 1 {
        let _ = writeln!(text, "  fold  accuracy  balanced  test rows");
        for (i, fold) in found.result.folds.iter().enumerate() {
            let _ = writeln!(
                text,
                "  {:>4}  {:>8.4}  {:>8.4}  {:>9}",
                i + 1,
                fold.accuracy,
                fold.balanced_accuracy,
                fold.n_test
            );
        }
        let n_folds = found.result.folds.len() as f64;
        let balanced = found
            .result
            .folds
            .iter()
            .map(|fold| fold.balanced_accuracy)
            .sum::<f64>()
            / n_folds;
        let _ = writeln!(
            text,
            "  mean  {:>8.4}  {balanced:>8.4}\n",
            found.result.mean_accuracy
        );
    }
    scores(report, found, &mut text);
    promised::surest(&report.evaluations, report.saved.is_some(), &mut text);
    report
        .promised
        .iter()
        .for_each(|promised| promised.text(&mut text));
    report.by.iter().for_each(|by| by.text(&mut text));
    for perturbed in &report.perturbed {
        perturbed.text(&report.training.data.classes, &mut text);
    }
    classes(found, &mut text);
    confusion(&found.result.confusion, &mut text);
    if report.saved.is_some() {
        let _ = writeln!(text, "\n  predicted in {:.2} s", found.predict_seconds());
        return text;
    }
    let _ = writeln!(
        text,
        "\n  fitted in {:.1} s{}, predicted in {:.2} s",
        found.result.fit_seconds,
        if found.result.folds.len() > 1 {
            " (all folds)"
        } else {
            ""
        },
        found.predict_seconds()
    );
    text
}

/// Several methods side by side, and the tests between them.
pub(super) fn comparison(report: &Report, tests: &[PairedTests]) -> String {
    let mut text = heading(report, &format!("{} methods", report.evaluations.len()));
    let width = name_width(report);
    let _ = writeln!(
        text,
        "  {:<width$}  accuracy  95 % interval   balanced  macro F1  log loss  scaled   fit (s)  predict (s)",
        "method"
    );
    let mut rows: Vec<&Evaluation> = report.evaluations.iter().collect();
    if !rows.iter().any(|found| found.method == Method::MAJORITY) {
        rows.push(&report.baseline);
    }
    for found in rows {
        let interval = found.accuracy_interval().map_or_else(
            || format!("{:^15}", "-"),
            |interval| format!("{:.4} - {:.4}", interval.low, interval.high),
        );
        let own = found.summary.probability.map(|scores| scores.log_loss);
        let scaled = found
            .calibrated
            .as_ref()
            .map(|calibrated| calibrated.scores.log_loss);
        let _ = writeln!(
            text,
            "  {:<width$}  {:>8.4}  {interval}  {:>8.4}  {:>8.4}  {:>8}  {:>6}  {:>8.2}  {:>11.3}{}",
            found.method.name(),
            found.summary.accuracy,
            found.summary.balanced_accuracy,
            found.summary.macro_f1,
            number(own, 3),
            number(scaled, 3),
            found.result.fit_seconds,
            found.predict_seconds(),
            if found.converged() {
                ""
            } else {
                "  (not converged)"
            }
        );
    }
    if report.plan.folds.len() > 1 {
        text.push_str("\n  Scores are of all tested tracks together, and so is the interval; times are sums over the folds.");
    }
    let _ = writeln!(
        text,
        "\n  The interval is {}. `scaled` is the log loss after\n  temperature scaling, which makes probabilities of decision values too.",
        over(report, &report.baseline)
    );
    promised::surest(&report.evaluations, report.saved.is_some(), &mut text);
    for (found, promised) in report.evaluations.iter().zip(&report.promised) {
        let mut told = String::new();
        promised.text(&mut told);
        if !told.is_empty() {
            let _ = write!(text, "\n  {}:{told}", found.method.name());
        }
    }
    for (found, by) in report.evaluations.iter().zip(&report.by) {
        let _ = write!(text, "\n  {}:", found.method.name());
        by.text(&mut text);
    }
    for (found, perturbed) in report.evaluations.iter().zip(&report.perturbed) {
        let _ = write!(text, "\n  {}:", found.method.name());
        perturbed.text(&report.training.data.classes, &mut text);
    }
    f1_by_class(report, &mut text);
    pairs::pairs(report, tests, &mut text);
    text
}

/// What the interval of an accuracy takes as independent of each other, or why there is none.
fn over(report: &Report, found: &Evaluation) -> String {
    let what = report.plan.belonging.independent();
    match found.n_groups {
        Some(n) if n < FEWEST_GROUPS => {
            format!("absent, since {n} {what} are too few to tell (it takes {FEWEST_GROUPS})")
        }
        Some(n) => format!("over the {n} {what}"),
        None => "over single tracks (Wilson)".to_owned(),
    }
}

fn heading(report: &Report, what: &str) -> String {
    let result = &report.baseline.result;
    let mut text = format!(
        "{what}: {} rows x {} features, {} classes, {}\n",
        result.n_rows,
        result.n_features,
        report.training.data.n_classes(),
        report
            .saved
            .as_ref()
            .map_or_else(|| report.plan.in_words(), |saved| format!("by {}", saved.file))
    );
    if let Some(saved) = &report.saved {
        let n = report.evaluations.first().map_or(0, |found| found.summary.n);
        let _ = writeln!(text, "scored on {}", saved.in_words(n));
        if let Some(unknown) = saved.unknown {
            let _ = writeln!(
                text,
                "unlike all that it has learnt (unknown): {unknown}; they are scored too"
            );
        }
        text.push('\n');
        return text;
    }
    if let [fold] = report.plan.folds.as_slice() {
        let _ = writeln!(
            text,
            "{} rows to train on, {} to test on",
            fold.train.len(),
            fold.test.len()
        );
    }
    text.push('\n');
    text
}

fn scores(report: &Report, found: &Evaluation, text: &mut String) {
    let summary = &found.summary;
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "  {name:<30}  {value}");
    };
    let interval = found.accuracy_interval().map_or_else(
        || format!("95 % interval {}", over(report, found)),
        |interval| {
            let Interval { low, high, .. } = interval;
            format!("95 % interval {low:.4} to {high:.4} ({})", over(report, found))
        },
    );
    line(
        "accuracy of all tested rows",
        format!("{:.4}   {interval}", summary.accuracy),
    );
    line(
        "always the most frequent genre",
        format!("{:.4}", report.baseline.summary.accuracy),
    );
    line("balanced accuracy", format!("{:.4}", summary.balanced_accuracy));
    line(
        "macro F1, weighted F1",
        format!("{:.4}, {:.4}", summary.macro_f1, summary.weighted_f1),
    );
    line(
        "Cohen's kappa, Matthews",
        format!("{}, {:.4}", number(summary.cohens_kappa, 4), summary.matthews),
    );
    if summary.top_2_accuracy.is_some() {
        line(
            "among the first 2, 3",
            format!(
                "{}, {}",
                number(summary.top_2_accuracy, 4),
                number(summary.top_3_accuracy, 4)
            ),
        );
    }
    let mean = |scores: &Option<cratedigger_learn::metrics::OneVsRest>| {
        number(scores.as_ref().and_then(|scores| scores.macro_average), 4)
    };
    line(
        "ROC AUC, average precision",
        format!(
            "{}, {} ({})",
            mean(&summary.roc_auc),
            mean(&summary.average_precision),
            if found.result.folds.len() > 1 {
                "macro, mean over the folds"
            } else {
                "macro"
            }
        ),
    );
    if let Some(words) = missing_from_folds(found) {
        line("", words);
    }
    let probability = |scores: cratedigger_learn::metrics::ProbabilityScores| {
        format!(
            "log loss {:.4}, Brier {:.4}, ECE {:.4}",
            scores.log_loss, scores.brier_score, scores.ece
        )
    };
    line(
        "probabilities",
        summary
            .probability
            .map_or_else(|| "none of its own".to_owned(), probability),
    );
    if let Some(calibrated) = &found.calibrated {
        let n = calibrated.temperatures.len() as f64;
        let mean = calibrated.temperatures.iter().sum::<f64>() / n;
        line(
            "after temperature scaling",
            format!("{} (temperature {mean:.3})", probability(calibrated.scores)),
        );
    }
}

/// Which genres' areas are means over some of the folds only; `None` where every fold has rows of every genre.
fn missing_from_folds(found: &Evaluation) -> Option<String> {
    let n_folds = found.result.folds.len();
    let of_class = found.class_folds.iter().zip(&found.summary.per_class);
    let few: Vec<String> = of_class
        .filter(|&(&n, class)| n < n_folds && class.support > 0)
        .map(|(n, class)| format!("{} {n}", class.label))
        .collect();
    (n_folds > 1 && !few.is_empty()).then(|| {
        format!(
            "of {n_folds} folds, those with rows of the genre: {}",
            few.join(", ")
        )
    })
}

fn classes(found: &Evaluation, text: &mut String) {
    let per_class = &found.summary.per_class;
    let width = per_class
        .iter()
        .map(|class| class.label.chars().count())
        .max()
        .unwrap_or(0)
        .max(5);
    let _ = writeln!(
        text,
        "\n  {:<width$}  precision  recall      F1  support",
        "class"
    );
    for score in per_class {
        let _ = writeln!(
            text,
            "  {:<width$}  {:>9.4}  {:>6.4}  {:>6.4}  {:>7}",
            score.label, score.precision, score.recall, score.f1, score.support
        );
    }
}

/// Rows are true classes; columns, under the classes' numbers, predicted ones.
fn confusion(confusion: &ConfusionMatrix, text: &mut String) {
    let labels = confusion.labels();
    let width = labels
        .iter()
        .map(|label| label.chars().count())
        .max()
        .unwrap_or(0);
    let greatest = confusion.counts().iter().flatten().max().copied().unwrap_or(0);
    let cell = greatest.to_string().len().max(labels.len().to_string().len()) + 2;
    let _ = write!(
        text,
        "\n  true genre {:>pad$}predicted as\n  {:width$}    ",
        "",
        "",
        pad = width.saturating_sub(6)
    );
    for class in 1..=labels.len() {
        let _ = write!(text, "{class:>cell$}");
    }
    text.push('\n');
    for (class, (label, row)) in labels.iter().zip(confusion.counts()).enumerate() {
        let _ = write!(text, "  {label:<width$}  {:>2}", class + 1);
        for n in row {
            let _ = write!(text, "{n:>cell$}");
        }
        text.push('\n');
    }
}

/// F1 of every class by every method.
fn f1_by_class(report: &Report, text: &mut String) {
    let labels = &report.training.data.classes;
    let width = labels
        .iter()
        .map(|label| label.chars().count())
        .max()
        .unwrap_or(0)
        .max(8);
    let _ = write!(text, "\n  {:<width$}  support", "F1 by genre");
    let column = |found: &Evaluation| found.method.name().len().max(6);
    for found in &report.evaluations {
        let _ = write!(text, "  {:>1$}", found.method.name(), column(found));
    }
    text.push('\n');
    for (class, label) in labels.iter().enumerate() {
        let support = report.baseline.summary.per_class[class].support;
        let _ = write!(text, "  {label:<width$}  {support:>7}");
        for found in &report.evaluations {
            let _ = write!(
                text,
                "  {:>1$.4}",
                found.summary.per_class[class].f1,
                column(found)
            );
        }
        text.push('\n');
    }
}

fn name_width(report: &Report) -> usize {
    let names = report.evaluations.iter().map(|found| found.method.name().len());
    names.max().unwrap_or(0).max(Method::MAJORITY.name().len())
}

fn number(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.decimals$}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn rows_of_the_confusion_matrix_are_true_genres() {
        let labels = ["Folk", "Hip-Hop"].map(str::to_owned);
        let matrix = ConfusionMatrix::from_predictions(&[0, 0, 0, 1], &[0, 1, 1, 1], &labels).unwrap();
        let mut text = String::new();
        confusion(&matrix, &mut text);
        let lines: Vec<Vec<&str>> = text
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        assert_eq!(lines[2], ["1", "2"]);
        assert_eq!(lines[3], ["Folk", "1", "1", "2"]);
        assert_eq!(lines[4], ["Hip-Hop", "2", "0", "1"]);
    }
}
