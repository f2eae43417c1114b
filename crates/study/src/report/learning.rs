//! The sections on the split, the classifiers, and how the report was made.

use super::block::{Block, Cell, Section, Stat, Table};
use super::figures;
use super::format::{count, count_of, percent, seconds, utc};
use crate::Findings;
use crate::classify::{ClassifierFinding, Confusion};
use crate::split::Split;

pub(super) fn split(findings: &Findings) -> Section {
    let Some(split) = &findings.split else {
        let reason = findings
            .classifiers_skipped
            .as_ref()
            .map_or("", |skipped| &skipped.reason);
        let blocks = vec![Block::Notice {
            text: format!("There is no split. {reason}"),
        }];
        return Section {
            id: "split",
            title: "Training and test",
            gist: "none".into(),
            blocks,
        };
    };
    let mut blocks = vec![Block::text(how(split)), Block::text(&split.words)];
    blocks.push(Block::figure(figures::split(split)));
    let rows = split.classes.iter().map(|class| {
        vec![
            Cell::text(&class.label),
            Cell::count(class.n_train),
            Cell::count(class.n_test),
            Cell::bar(class.share_train),
            Cell::bar(class.share_test),
        ]
    });
    blocks.push(Block::Table {
        table: Table::new(
            "split",
            "Tracks of each genre on both sides",
            &[
                ("label", "Genre", false),
                ("n_train", "Training", true),
                ("n_test", "Test", true),
                ("share_train", "Share of training", true),
                ("share_test", "Share of test", true),
            ],
            rows.collect(),
            usize::MAX,
        ),
    });
    let untested: Vec<String> = split
        .classes
        .iter()
        .filter(|class| class.n_test == 0)
        .map(|class| class.label.clone())
        .collect();
    if !untested.is_empty() {
        blocks.push(Block::caveat(format!(
            "No test track is of {}, so that nothing is said about it.",
            untested.join(", ")
        )));
    }
    let unlearnt: Vec<String> = split
        .classes
        .iter()
        .filter(|class| class.n_train == 0)
        .map(|class| class.label.clone())
        .collect();
    if !unlearnt.is_empty() {
        blocks.push(Block::caveat(format!(
            "No training track is of {}, so that it cannot be recognised.",
            unlearnt.join(", ")
        )));
    }
    Section {
        id: "split",
        title: "Training and test",
        gist: format!("by {}", split.kind),
        blocks,
    }
}

fn how(split: &Split) -> String {
    match split.kind.as_str() {
        "official" => "Tracks were divided as the dataset's authors did (set.split).".to_owned(),
        "artist" | "artist-plain" => format!(
            "Whole artists were put on one side or the other, so that about {} of the tracks are test tracks (seed {}).",
            percent(split.test_size.unwrap_or_default()),
            split.seed
        ),
        "stratified" => format!(
            "{} of the tracks were drawn as test tracks, the same share of every genre (seed {}).",
            percent(split.test_size.unwrap_or_default()),
            split.seed
        ),
        _ => format!(
            "{} of the tracks were drawn at random as test tracks (seed {}).",
            percent(split.test_size.unwrap_or_default()),
            split.seed
        ),
    }
}

pub(super) fn classifiers(findings: &Findings) -> Section {
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
        blocks.push(Block::Stats { stats: stats(best) });
        blocks.push(Block::text(in_words(best, findings.split.as_ref())));
        blocks.extend(figures::accuracies(&findings.classifiers).map(Block::figure));
        blocks.push(Block::Table {
            table: overview_table(&findings.classifiers),
        });
        if findings
            .split
            .as_ref()
            .is_some_and(|split| split.n_artists_shared != Some(0))
        {
            blocks.push(Block::caveat(
                "Artists are not kept apart in this split: expect lower scores on music by artists that were never heard before.",
            ));
        }
        blocks.push(Block::caveat(
            "One split is one sample: another seed moves these scores, about as far as the interval says. The parameters are the \
             defaults, not tuned ones; training times are of this machine.",
        ));
    }
    for found in &findings.classifiers {
        one(found, &mut blocks);
    }
    blocks.extend(findings.methods_skipped.iter().map(|skipped| Block::Notice {
        text: skipped.reason.clone(),
    }));
    let gist = best.map_or("none".to_owned(), |best| {
        format!("{} {}", best.name, percent(best.accuracy))
    });
    Section {
        id: "classifiers",
        title: "Classifiers",
        gist,
        blocks,
    }
}

fn stats(best: &ClassifierFinding) -> Vec<Stat> {
    let interval = &best.accuracy_interval;
    vec![
        Stat::new(
            percent(best.accuracy),
            "accuracy",
            format!(
                "95 % interval {} to {}",
                percent(interval.low),
                percent(interval.high)
            ),
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

fn in_words(found: &ClassifierFinding, split: Option<&Split>) -> String {
    let best = found
        .per_class
        .iter()
        .filter(|class| class.support > 0)
        .reduce(|a, b| if b.recall > a.recall { b } else { a });
    let worst = found
        .per_class
        .iter()
        .filter(|class| class.support > 0)
        .reduce(|a, b| if b.recall < a.recall { b } else { a });
    let gain = found.accuracy - found.baseline.accuracy;
    let against = if found.accuracy_interval.low > found.baseline.accuracy {
        format!("{:.1} percentage points above", gain * 100.0)
    } else if gain > 0.0 {
        "not clearly above".to_owned()
    } else {
        "not above".to_owned()
    };
    let mut text = format!(
        "{} names the right genre for {} of {} ({}), which is {against} always saying {} ({}).",
        capitalised(name_of(&found.name)),
        count((found.accuracy * found.n_test as f64).round() as u64),
        count_of(found.n_test, "test track"),
        percent(found.accuracy),
        found.baseline.label,
        percent(found.baseline.accuracy)
    );
    if let (Some(best), Some(worst)) = (best, worst)
        && best.label != worst.label
    {
        text += &format!(
            " It finds {} best ({} of its tracks) and {} worst ({}).",
            best.label,
            percent(best.recall),
            worst.label,
            percent(worst.recall)
        );
    }
    if let Some((truth, taken, n)) = most_confused(&found.confusion) {
        text += &format!(
            " Its most common mistake is to take {truth} for {taken} ({}).",
            count_of(n, "track")
        );
    }
    if let Some(split) = split {
        text += &format!(" The score is of a split by {}.", split.kind);
    }
    if !found.converged {
        text += " The optimisation ended at its limit of iterations before it had converged.";
    }
    text
}

/// The pair of different classes with the most tracks; ties: the first.
fn most_confused(confusion: &Confusion) -> Option<(&str, &str, u64)> {
    let mut most: Option<(&str, &str, u64)> = None;
    for (truth, row) in confusion.labels.iter().zip(&confusion.counts) {
        for (taken, &n) in confusion.labels.iter().zip(row) {
            if truth != taken && n > most.map_or(0, |most| most.2) {
                most = Some((truth, taken, n));
            }
        }
    }
    most
}

/// What a method is called in a sentence.
fn name_of(method: &str) -> &str {
    match method {
        "mlp" => "the neural network (mlp)",
        "linear-svc" => "the linear support vector machine (linear-svc)",
        "decision-tree" => "the decision tree (decision-tree)",
        "gradient-boosting" => "gradient boosting (gradient-boosting)",
        other => other,
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

fn overview_table(classifiers: &[ClassifierFinding]) -> Table {
    let mut rows: Vec<Vec<Cell>> = classifiers
        .iter()
        .map(|found| {
            vec![
                Cell::text(&found.name),
                Cell::bar(found.accuracy),
                Cell::share(found.accuracy_interval.low),
                Cell::share(found.accuracy_interval.high),
                Cell::bar(found.balanced_accuracy),
                Cell::real(found.macro_f1, 3),
                Cell::real(found.fit_seconds, 2),
                Cell::real(found.predict_seconds, 4),
            ]
        })
        .collect();
    if let Some(found) = classifiers
        .first()
        .filter(|found| found.name != found.baseline.name)
    {
        rows.push(vec![
            Cell::text(&found.baseline.name),
            Cell::bar(found.baseline.accuracy),
            Cell::missing(),
            Cell::missing(),
            Cell::bar(found.baseline.balanced_accuracy),
            Cell::missing(),
            Cell::missing(),
            Cell::missing(),
        ]);
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
            ("fit_seconds", "Training (s)", true),
            ("predict_seconds", "Prediction (s)", true),
        ],
        rows,
        usize::MAX,
    )
}

fn one(found: &ClassifierFinding, blocks: &mut Vec<Block>) {
    blocks.push(Block::heading(format!(
        "{} in detail",
        capitalised(name_of(&found.name))
    )));
    blocks.push(Block::Figures {
        figures: vec![
            figures::confusion(&found.name, &found.confusion, found.n_test, false),
            figures::confusion(&found.name, &found.confusion, found.n_test, true),
        ],
    });
    blocks.push(Block::figure(figures::class_scores(found)));
    let rows = found.per_class.iter().map(|class| {
        vec![
            Cell::text(&class.label),
            Cell::real(class.precision, 3),
            Cell::real(class.recall, 3),
            Cell::real(class.f1, 3),
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
                ("support", "Test tracks", true),
            ],
            rows.collect(),
            usize::MAX,
        ),
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

pub(super) fn provenance(findings: &Findings) -> Section {
    let made = &findings.provenance;
    let mut blocks = vec![Block::text(format!(
        "Made by {} {} on {} in {}. The same data, options and seed give the same findings, but for the times.",
        made.program,
        made.version,
        utc(made.generated_unix_seconds),
        seconds(made.total_seconds)
    ))];
    let mut facts = vec![
        vec![Cell::text("Data"), Cell::text(&made.data_source)],
        vec![
            Cell::text("Data are"),
            Cell::text(
                made.synthetic
                    .as_deref()
                    .unwrap_or("real: imported from the files below"),
            ),
        ],
        vec![
            Cell::text("Data fingerprint (BLAKE3)"),
            Cell::text(&made.data_fingerprint),
        ],
        vec![Cell::text("Seed"), Cell::text(made.seed.to_string())],
        vec![Cell::text("Command"), Cell::text(made.command_line.join(" "))],
        vec![
            Cell::text("Version"),
            Cell::text(format!("{} {}", made.program, made.version)),
        ],
        vec![
            Cell::text("Schema of the findings"),
            Cell::text(findings.schema_version.to_string()),
        ],
    ];
    if let Some(budget) = made.time_budget_seconds {
        facts.push(vec![Cell::text("Time budget"), Cell::text(seconds(budget))]);
    }
    blocks.push(Block::Table {
        table: Table::new(
            "provenance",
            "How this report was made",
            &[("what", "What", false), ("value", "Value", false)],
            facts,
            usize::MAX,
        ),
    });
    let files = made.tables.iter().map(|table| {
        vec![
            Cell::text(&table.table),
            Cell::count(table.n_rows),
            Cell::count(table.n_rejected),
            Cell::count(table.n_bytes),
            Cell::text(&table.blake3),
        ]
    });
    blocks.push(Block::Table {
        table: Table::new(
            "files",
            "The files that the tables were read from",
            &[
                ("table", "Table", false),
                ("n_rows", "Rows", true),
                ("n_rejected", "Rejected", true),
                ("n_bytes", "Bytes", true),
                ("blake3", "BLAKE3", false),
            ],
            files.collect(),
            usize::MAX,
        ),
    });
    let rejected: u64 = made.tables.iter().map(|table| table.n_rejected).sum();
    if rejected > 0 {
        blocks.push(Block::caveat(format!(
            "{} could not be read and {} left out of everything above.",
            count_of(rejected, "record"),
            if rejected == 1 { "is" } else { "are" }
        )));
    }
    let times = made.sections.iter().map(|section| {
        vec![
            Cell::text(&section.section),
            Cell::real(section.elapsed_seconds, 2),
        ]
    });
    blocks.push(Block::Table {
        table: Table::new(
            "times",
            "How long each part took",
            &[("section", "Part", false), ("elapsed_seconds", "Seconds", true)],
            times.collect(),
            usize::MAX,
        )
        .folded(),
    });
    Section {
        id: "provenance",
        title: "How this was made",
        gist: format!("seed {}", made.seed),
        blocks,
    }
}
