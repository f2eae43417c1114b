//! `study --compare`: every published figure beside ours.

use std::fmt::Write;

use cratedigger_study::published::verdicts::{Published, PublishedFigure, Verdict};

/// All figures, baselines and times, a line each.
pub(super) fn compared(published: &Published) -> String {
    let mut text = String::new();
    for (title, figures) in [
        ("published figures", &published.figures),
        ("published baselines", &published.baselines),
        ("published times", &published.times_seconds),
    ] {
        if figures.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{title}: {}", counts(figures));
        let name = |figure: &PublishedFigure| format!("{}: {}", figure.topic, figure.figure);
        let widest = figures.iter().map(|figure| name(figure).chars().count());
        let width = widest.max().unwrap_or(0).min(70);
        let _ = writeln!(text, "  {:<width$}  {:>14}  {:>12}  ", "", "published", "here");
        for figure in figures {
            let stated = match figure.stated.as_str() {
                "exactly" | "about" => String::new(),
                other => format!("{other} "),
            };
            let line = format!(
                "  {:<width$}  {:>14}  {:>12}  {}{}",
                name(figure),
                format!("{stated}{}", number(figure.published)),
                figure.ours.map_or_else(|| "-".to_owned(), number),
                figure.verdict.words(),
                match figure.note.as_str() {
                    "" => String::new(),
                    note => format!(" ({note})"),
                }
            );
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text.push('\n');
    }
    text
}

/// How many figures are what.
pub(super) fn counts(figures: &[PublishedFigure]) -> String {
    let count = |verdict: Verdict| figures.iter().filter(|figure| figure.verdict == verdict).count();
    format!(
        "{} equal, {} near, {} different, {} not computable",
        count(Verdict::Equal),
        count(Verdict::Near),
        count(Verdict::Different),
        count(Verdict::NotComputable)
    )
}

/// To six digits, without zeros behind them.
fn number(value: f64) -> String {
    let digits = match value.abs() {
        size if size >= 1000.0 => 0,
        size if size >= 1.0 => 2,
        _ => 6,
    };
    let text = format!("{value:.digits$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_is_a_line_with_its_verdict() {
        let figure = |name: &str, published, ours, verdict, note: &str| PublishedFigure {
            topic: "baselines".to_owned(),
            figure: name.to_owned(),
            unit: "share".to_owned(),
            stated: "about".to_owned(),
            published,
            ours,
            verdict,
            note: note.to_owned(),
        };
        let published = Published {
            whole_dataset: true,
            figures: Vec::new(),
            n_equal: 0,
            n_near: 0,
            n_different: 0,
            n_not_computable: 0,
            baselines: vec![
                figure("mfcc: svc kernel=rbf", 0.6058, Some(0.61), Verdict::Equal, ""),
                figure(
                    "mfcc: qda",
                    0.4531,
                    None,
                    Verdict::NotComputable,
                    "qda is not among the methods",
                ),
            ],
            times_seconds: Vec::new(),
        };
        let text = compared(&published);
        assert!(
            text.starts_with("published baselines: 1 equal, 0 near, 0 different, 1 not computable\n"),
            "{text}"
        );
        let words = |at: usize| {
            text.lines()
                .nth(at)
                .unwrap_or_default()
                .split_whitespace()
                .collect::<Vec<_>>()
        };
        assert_eq!(
            words(2),
            [
                "baselines:",
                "mfcc:",
                "svc",
                "kernel=rbf",
                "0.6058",
                "0.61",
                "equal"
            ]
        );
        assert!(
            text.contains("not computable (qda is not among the methods)"),
            "{text}"
        );
        assert_eq!(
            [number(106_574.0), number(277.8491), number(0.5), number(-1.0)],
            ["106574", "277.85", "0.5", "-1"]
        );
    }
}
