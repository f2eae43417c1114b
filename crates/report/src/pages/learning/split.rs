//! The sections on the split, and on how the report was made.

use crate::block::{Block, Cell, Section, Table};
use crate::format::{count_of, percent, seconds, utc};
use crate::pages::archive::genres as figures;
use cratedigger_study::Findings;
use cratedigger_study::learning::split::Split;

pub(crate) fn split(findings: &Findings) -> Section {
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

pub(crate) fn provenance(findings: &Findings) -> Section {
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
