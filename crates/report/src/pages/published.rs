//! The section that sets the published study's figures beside these.

use cratedigger_study::Findings;
use cratedigger_study::published::verdicts::{PublishedFigure, Verdict};

use crate::block::{Block, Cell, Section, Stat, Table};
use crate::format::{count, seconds};

const COLUMNS: [(&str, &str, bool); 7] = [
    ("topic", "Topic", false),
    ("figure", "Figure", false),
    ("published", "Published", true),
    ("ours", "Here", true),
    ("verdict", "Verdict", false),
    ("unit", "Unit", false),
    ("note", "Remark", false),
];

pub(crate) fn section(findings: &Findings) -> Option<Section> {
    let published = findings.comparison.as_ref()?;
    let all = published.figures.len() as u64;
    let mut blocks = vec![Block::text(
        "\u{201c}Genre Classification in the Free Music Archive\u{201d} studied the whole dataset of 106,574 tracks. Here is every figure \
         that it states, and what the dataset\u{2019}s authors counted, beside what these data give. Equal: the same as far as it is stated, or on the stated side of it. Near: \
         within a tenth.",
    )];
    if !published.whole_dataset {
        blocks.push(Block::caveat(
            "These data are not the dataset that it studied, so that different figures are to be expected.",
        ));
    }
    blocks.push(Block::Stats {
        stats: [
            (published.n_equal, "equal"),
            (published.n_near, "near"),
            (published.n_different, "different"),
            (published.n_not_computable, "not computable"),
        ]
        .map(|(n, label)| Stat::new(count(n), label, format!("of {all}")))
        .to_vec(),
    });
    let rows = published.figures.iter().chain(&published.times_seconds).map(row);
    blocks.push(Block::Table {
        table: Table::new(
            "comparison",
            "Published figures and these",
            &COLUMNS,
            rows.collect(),
            usize::MAX,
        ),
    });
    if !published.baselines.is_empty() {
        blocks.push(Block::text(
            "The dataset\u{2019}s authors published what simple methods reach on their own split of the subset medium (25,000 tracks, 16 \
             genres). Beside it is what the same methods with the same parameters reach here; older versions of scikit-learn had other \
             defaults for some.",
        ));
        blocks.push(Block::Table {
            table: Table::new(
                "baselines",
                "Published baselines and these",
                &COLUMNS[1..],
                published
                    .baselines
                    .iter()
                    .map(|figure| row(figure).split_off(1))
                    .collect(),
                20,
            ),
        });
    }
    blocks.push(Block::caveat(
        "Its accuracies come from a random split, with an artist\u{2019}s tracks on both sides, and its times from another machine.",
    ));
    Some(Section {
        title: "Beside the published study",
        gist: format!("{} of {all} equal or near", published.n_equal + published.n_near),
        blocks,
    })
}

fn row(figure: &PublishedFigure) -> Vec<Cell> {
    let value = |value: f64| match figure.unit.as_str() {
        "share" if figure.topic == "missing values" => Cell::real(value, 6),
        "share" => Cell::share(value),
        "phi" => Cell::real(value, 6),
        "tracks" | "artists" | "features" => Cell::count(value.max(0.0) as u64),
        "log10 p" => Cell::real(value, 1),
        "s" => Cell {
            shown: seconds(value),
            ..Cell::real(value, 1)
        },
        _ => Cell::real(value, 2),
    };
    let mut stated = value(figure.published);
    if figure.stated != "exactly" {
        stated.shown = format!("{} {}", figure.stated, stated.shown);
    }
    let mark = match figure.verdict {
        Verdict::Equal => "\u{2713} ",
        Verdict::Near => "\u{2248} ",
        Verdict::Different => "\u{2260} ",
        Verdict::NotComputable => "",
    };
    vec![
        // The words of a topic stay on one line, so that its many rows are as low as the others.
        Cell {
            shown: figure.topic.replace(' ', "\u{a0}"),
            ..Cell::text(&figure.topic)
        },
        Cell::text(&figure.figure),
        stated,
        figure.ours.map_or_else(Cell::missing, value),
        Cell::text(format!("{mark}{}", figure.verdict.words())),
        Cell::text(&figure.unit),
        Cell::text(&figure.note),
    ]
}
