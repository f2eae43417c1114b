//! What the best method gets right and wrong, in words. Where several are as good, or as bad, all of them are named.

use cratedigger_study::learning::methods::{ClassScores, ClassifierFinding, Confusion};
use cratedigger_study::learning::split::Split;

use super::method_names::{capitalised, name_of};
use super::method_pairs::p_is;
use crate::format::{count, count_of, list, minus, percent};

/// The methods with this accuracy.
pub(super) fn leaders(classifiers: &[ClassifierFinding], accuracy: f64) -> Vec<String> {
    let as_good = classifiers.iter().filter(|found| found.accuracy == accuracy);
    as_good.map(|found| found.name.clone()).collect()
}

/// The genres that are found best and worst, in a sentence; `None` where all are found alike.
fn best_and_worst(classes: &[ClassScores]) -> Option<String> {
    let tested = || classes.iter().filter(|class| class.support > 0);
    let highest = tested().map(|class| class.recall).reduce(f64::max)?;
    let lowest = tested().map(|class| class.recall).reduce(f64::min)?;
    let of = |recall: f64| {
        let names: Vec<String> = tested()
            .filter(|class| class.recall == recall)
            .map(|class| class.label.clone())
            .collect();
        let whose = if names.len() == 1 { "its" } else { "their" };
        (list(&names), format!("{} of {whose} tracks", percent(recall)))
    };
    let ((best, at_best), (worst, at_worst)) = (of(highest), of(lowest));
    (highest > lowest).then(|| format!(" It finds {best} best ({at_best}) and {worst} worst ({at_worst})."))
}

/// What the best method gets right and wrong; `others` are all methods, of which some may be as good.
pub(super) fn best_method(
    found: &ClassifierFinding,
    others: &[ClassifierFinding],
    split: Option<&Split>,
) -> String {
    let gain = found.accuracy - found.baseline.accuracy;
    let above = found.above_baseline.as_ref();
    let against = match above {
        Some(above) if above.clear => format!("{:.1} percentage points above", gain * 100.0),
        _ if gain > 0.0 => "not clearly above".to_owned(),
        _ => "not above".to_owned(),
    };
    let mut text = format!(
        "{} names the right genre for {} of {} ({}), which is {against} always saying {} ({}).",
        capitalised(&name_of(&found.name)),
        count((found.accuracy * found.n_test as f64).round() as u64),
        count_of(found.n_test, "test track"),
        percent(found.accuracy),
        found.baseline.label,
        percent(found.baseline.accuracy)
    );
    if let Some(above) = above {
        text += &match above.interval {
            Some(ends) => format!(
                " Artist by artist on the same tracks, the difference is between {} and {} percentage points ({}, both corrected \
                 for all methods).",
                minus(&format!("{:+.1}", 100.0 * ends.low)),
                minus(&format!("{:+.1}", 100.0 * ends.high)),
                p_is(&above.adjusted)
            ),
            None => " There are too few test artists to tell whether that is more than chance.".to_owned(),
        };
    }
    text += &best_and_worst(&found.per_class).unwrap_or_default();
    text += &most_confused(&found.confusion).unwrap_or_default();
    if let Some(split) = split {
        text += &format!(" The score is of a split by {}.", split.kind);
    }
    let tied = leaders(others, found.accuracy);
    if tied.len() > 1 {
        text += &format!(
            " The highest accuracy is that of {} alike; what follows is of the first of them.",
            list(&tied)
        );
    }
    if !found.converged {
        text += " The optimisation ended at its limit of iterations before it had converged.";
    }
    text
}

/// The most common mistakes in a sentence: two at most are named; `None` without any mistake.
fn most_confused(confusion: &Confusion) -> Option<String> {
    let mistakes = || {
        let rows = confusion.labels.iter().zip(&confusion.counts);
        rows.flat_map(|(truth, row)| {
            confusion
                .labels
                .iter()
                .zip(row)
                .map(move |(taken, &n)| (truth, taken, n))
        })
        .filter(|(truth, taken, n)| truth != taken && *n > 0)
    };
    let most = mistakes().map(|(_, _, n)| n).max()?;
    let named: Vec<String> = mistakes()
        .filter(|&(_, _, n)| n == most)
        .map(|(truth, taken, _)| format!("take {truth} for {taken}"))
        .collect();
    let tracks = count_of(most, "track");
    Some(match named.as_slice() {
        [one] => format!(" Its most common mistake is to {one} ({tracks})."),
        [one, other] => format!(" Its most common mistakes are to {one} and to {other} ({tracks} each)."),
        many => format!(
            " {} kinds of mistake are its most common ones ({tracks} each).",
            count(many.len() as u64)
        ),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn at_a_tie_all_are_named() {
        let class = |label: &str, recall: f64, support: u64| ClassScores {
            label: label.to_owned(),
            precision: 0.0,
            recall,
            f1: 0.0,
            support,
            roc_auc: None,
            average_precision: None,
        };
        let words = best_and_worst(&[
            class("Folk", 1.0, 5),
            class("Jazz", 0.5, 2),
            class("Pop", 0.0, 0),
            class("Rock", 1.0, 5),
        ])
        .unwrap();
        assert_eq!(
            words.replace('\u{a0}', " "),
            " It finds Folk and Rock best (100.0 % of their tracks) and Jazz worst (50.0 % of its tracks)."
        );
        assert_eq!(
            best_and_worst(&[class("Folk", 0.5, 5), class("Rock", 0.5, 5)]),
            None
        );
        let confusion = |counts: [[u64; 2]; 2]| Confusion {
            labels: vec!["Folk".to_owned(), "Rock".to_owned()],
            counts: counts.iter().map(|row| row.to_vec()).collect(),
            row_normalised: Vec::new(),
        };
        let words = |counts| most_confused(&confusion(counts)).unwrap_or_default();
        assert_eq!(
            words([[9, 1], [2, 9]]),
            " Its most common mistake is to take Rock for Folk (2 tracks)."
        );
        assert_eq!(
            words([[9, 2], [2, 9]]),
            " Its most common mistakes are to take Folk for Rock and to take Rock for Folk (2 tracks each)."
        );
        assert_eq!(words([[9, 0], [0, 9]]), "");
    }
}
