//! The section on the classifiers.

use cratedigger_study::Findings;
use cratedigger_study::learning::method_pairs::MethodComparison;
use cratedigger_study::learning::methods::{ClassifierFinding, Confusion, Interval};
use cratedigger_study::learning::split::Split;

use super::in_words::{best_method, leaders};
use super::method_names::{capitalised, name_of};
use super::{genre_sets, inspection, method_pairs, probabilities, scores, tuning};
use crate::block::{Block, Cell, Section, Stat, Table};
use crate::format::{count_of, list, percent, seconds};

pub(crate) fn section(findings: &Findings) -> Option<Section> {
    let mut blocks = Vec::new();
    if let Some(skipped) = &findings.classifiers_skipped {
        blocks.push(Block::Notice {
            text: skipped.reason.clone(),
        });
    }
    let best = findings.classifiers.iter().reduce(|best, found| {
        if found.accuracy > best.accuracy {
            found
        } else {
            best
        }
    });
    if let Some(best) = best {
        let n_test = best.n_test;
        let classifiers = &findings.classifiers;
        let comparison = findings.method_comparison.as_ref();
        blocks.push(Block::Stats {
            stats: stats(best, comparison),
        });
        blocks.push(Block::text(best_method(
            best,
            classifiers,
            findings.split.as_ref(),
        )));
        blocks.extend(comparison.and_then(chosen).map(Block::caveat));
        let accuracies = scores::accuracies(classifiers).into_iter();
        blocks.push(Block::Figures {
            figures: accuracies.chain(scores::accuracy_and_time(classifiers)).collect(),
        });
        blocks.push(Block::Table {
            table: overview_table(classifiers),
        });
        cautions(findings, &mut blocks);
        if let Some(comparison) = &findings.method_comparison {
            method_pairs::pairs(comparison, &mut blocks);
        }
        mistakes(classifiers, &mut blocks);
        probabilities::probabilities(classifiers, findings.inspection.as_ref(), n_test, &mut blocks);
        if let Some(found) = &findings.inspection {
            inspection::reliance(found, n_test, &mut blocks);
        }
        genre_sets::sets(&findings.genre_sets, &mut blocks);
        if let Some(found) = &findings.tuning {
            tuning::tuned(found, n_test, &mut blocks);
        }
        in_detail(best, &mut blocks);
        for found in classifiers.iter().filter(|found| found.name != best.name) {
            tables_of(found, &mut blocks);
        }
    }
    blocks.extend(findings.methods_skipped.iter().map(|skipped| Block::Notice {
        text: skipped.reason.clone(),
    }));
    let gist = best.map_or("none".to_owned(), |best| {
        let tied = leaders(&findings.classifiers, best.accuracy);
        format!("{} {}", list(&tied), percent(best.accuracy))
    });
    Some(Section {
        title: "Classifiers",
        gist,
        blocks,
    })
}

/// What it means for the score that the method was chosen by it.
fn chosen(comparison: &MethodComparison) -> Option<String> {
    let n = comparison.n_methods;
    let interval = comparison.best_interval.map_or_else(String::new, |ends| {
        format!(
            " The interval beside its accuracy, {} to {}, is widened for that (Bonferroni); those in the table are each method\u{2019}s \
             own.",
            percent(ends.low),
            percent(ends.high)
        )
    });
    (n > 1).then(|| {
        format!(
            "{} was chosen as the best of {n} methods on these very test tracks, which flatters it a little, as it does all that is \
             measured of it on them below.{interval}",
            capitalised(&name_of(&comparison.best))
        )
    })
}

fn stats(best: &ClassifierFinding, comparison: Option<&MethodComparison>) -> Vec<Stat> {
    let own = best.accuracy_interval.as_ref().map(|own| (own.low, own.high));
    let interval = match comparison {
        Some(comparison) => comparison.best_interval.map(|ends| (ends.low, ends.high)),
        None => own,
    };
    let level = if comparison.is_some_and(|comparison| comparison.n_methods > 1) {
        "95 % interval, widened for the choice,"
    } else {
        "95 % interval"
    };
    vec![
        Stat::new(
            percent(best.accuracy),
            "accuracy",
            match interval {
                Some((low, high)) => format!("{level} {} to {}", percent(low), percent(high)),
                None => "too few test artists for an interval".to_owned(),
            },
        ),
        Stat::new(
            percent(best.balanced_accuracy),
            "balanced accuracy",
            "mean recall of the genres",
        ),
        Stat::new(
            percent(best.baseline.accuracy),
            "by the simplest guess",
            format!("always {}", best.baseline.label),
        ),
        Stat::new(
            seconds(best.fit_seconds),
            "to train",
            format!(
                "{} by {} features",
                count_of(best.n_train, "track"),
                best.n_features
            ),
        ),
    ]
}

fn overview_table(classifiers: &[ClassifierFinding]) -> Table {
    let mut rows: Vec<Vec<Cell>> = classifiers
        .iter()
        .map(|found| {
            let own = found.probability.as_ref().map(|scores| scores.log_loss);
            let scaled = found.scaled_probability.as_ref().map(|scores| scores.log_loss);
            let end = |of: fn(&Interval) -> f64| {
                let end = found.accuracy_interval.as_ref().map(of);
                end.map_or_else(Cell::missing, Cell::share)
            };
            vec![
                Cell::name(&found.name),
                Cell::bar(found.accuracy),
                end(|interval| interval.low),
                end(|interval| interval.high),
                Cell::bar(found.balanced_accuracy),
                Cell::real(found.macro_f1, 3),
                Cell::optional(found.cohens_kappa, 3),
                Cell::optional(found.roc_auc.and_then(|scores| scores.macro_average), 3),
                Cell::optional(own, 3),
                Cell::optional(scaled, 3),
                Cell::real(found.fit_seconds, 2),
                Cell::real(found.predict_seconds, 4),
            ]
        })
        .collect();
    if let Some(first) = classifiers.first()
        && classifiers.iter().all(|found| found.name != first.baseline.name)
    {
        let mut cells = vec![Cell::missing(); 12];
        cells[0] = Cell::name(&first.baseline.name);
        cells[1] = Cell::bar(first.baseline.accuracy);
        cells[4] = Cell::bar(first.baseline.balanced_accuracy);
        rows.push(cells);
    }
    Table::new(
        "classifiers",
        "Scores on the test tracks",
        &[
            ("name", "Method", false),
            ("accuracy", "Accuracy", true),
            ("accuracy_low", "from", true),
            ("accuracy_high", "to", true),
            ("balanced_accuracy", "Balanced accuracy", true),
            ("macro_f1", "Mean F1", true),
            ("cohens_kappa", "Kappa", true),
            ("roc_auc", "ROC AUC", true),
            ("log_loss", "Log loss", true),
            ("log_loss_scaled", "scaled", true),
            ("fit_seconds", "Training (s)", true),
            ("predict_seconds", "Prediction (s)", true),
        ],
        rows,
        usize::MAX,
    )
}

/// What to beware of.
fn cautions(findings: &Findings, blocks: &mut Vec<Block>) {
    let kept_apart = |split: &Split| {
        split.n_artists_shared == Some(0) && split.n_albums_shared + split.n_without_artist == 0
    };
    if findings.split.as_ref().is_some_and(|split| !kept_apart(split)) {
        blocks.push(Block::caveat(
            "Artists are not kept apart in this split, or not all of them: expect lower scores on music by artists that were \
             never heard before.",
        ));
    }
    blocks.push(Block::caveat(
        "One split is one sample: another seed tests other artists and moves these scores, on 1,990 real tracks by a standard deviation \
         of 0.3 to 0.4 times the way from the score to the ends of its interval. The parameters are the defaults, not tuned ones; \
         training times are of this machine.",
    ));
    let restless = findings.classifiers.iter().filter(|found| !found.converged);
    let restless: Vec<String> = restless.map(|found| found.name.clone()).collect();
    if !restless.is_empty() {
        blocks.push(Block::caveat(format!(
            "Training ended at its limit of iterations before it had converged: {}.",
            list(&restless)
        )));
    }
}

/// The best method: counts of its mistakes, scores by genre.
fn in_detail(found: &ClassifierFinding, blocks: &mut Vec<Block>) {
    blocks.push(Block::heading(format!(
        "{} in detail",
        capitalised(&name_of(&found.name))
    )));
    blocks.push(Block::Figures {
        figures: vec![
            scores::confusion(&found.name, &found.confusion, found.n_test, false),
            scores::class_scores(found),
        ],
    });
    tables_of(found, blocks);
}

/// Scores by genre and the confusion matrix, closed at first.
fn tables_of(found: &ClassifierFinding, blocks: &mut Vec<Block>) {
    let rows = found.per_class.iter().map(|class| {
        vec![
            Cell::text(&class.label),
            Cell::real(class.precision, 3),
            Cell::real(class.recall, 3),
            Cell::real(class.f1, 3),
            Cell::optional(class.roc_auc, 3),
            Cell::optional(class.average_precision, 3),
            Cell::count(class.support),
        ]
    });
    blocks.push(Block::Table {
        table: Table::new(
            format!("scores-{}", found.name),
            format!("{}: precision, recall and F1 of each genre", found.name),
            &[
                ("label", "Genre", false),
                ("precision", "Precision", true),
                ("recall", "Recall", true),
                ("f1", "F1", true),
                ("roc_auc", "ROC AUC", true),
                ("average_precision", "Average precision", true),
                ("support", "Test tracks", true),
            ],
            rows.collect(),
            usize::MAX,
        )
        .folded(),
    });
    blocks.push(Block::Table {
        table: confusion_table(found).folded(),
    });
}

/// The confusion matrix in long form, so that it reads the same with two genres and with sixteen.
fn confusion_table(found: &ClassifierFinding) -> Table {
    let Confusion {
        labels,
        counts,
        row_normalised,
    } = &found.confusion;
    let mut rows = Vec::new();
    for (truth, (counts, shares)) in labels.iter().zip(counts.iter().zip(row_normalised)) {
        for (predicted, (&n, &share)) in labels.iter().zip(counts.iter().zip(shares)) {
            rows.push(vec![
                Cell::text(truth),
                Cell::text(predicted),
                Cell::count(n),
                Cell::bar(share),
            ]);
        }
    }
    Table::new(
        format!("confusion-{}", found.name),
        format!("{}: true and predicted genres", found.name),
        &[
            ("true", "True genre", false),
            ("predicted", "Predicted genre", false),
            ("n", "Test tracks", true),
            ("share_of_true", "Share of the true genre", true),
        ],
        rows,
        usize::MAX,
    )
}

/// Confusion matrices beside each other, and F1 by genre.
fn mistakes(classifiers: &[ClassifierFinding], blocks: &mut Vec<Block>) {
    blocks.push(Block::heading("Which genres are taken for which?"));
    blocks.push(Block::Figures {
        figures: classifiers
            .iter()
            .map(|found| scores::confusion(&found.name, &found.confusion, found.n_test, true))
            .collect(),
    });
    blocks.extend(scores::f1_by_genre(classifiers).map(Block::figure));
}
