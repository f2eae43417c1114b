//! The section on how the report was made.

use cratedigger_study::Findings;

use crate::block::{Block, Cell, Section, Table};
use crate::format::{count_of, seconds, utc};

pub(crate) fn section(findings: &Findings) -> Option<Section> {
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
    Some(Section {
        title: "How this was made",
        gist: format!("seed {}", made.seed),
        blocks,
    })
}
