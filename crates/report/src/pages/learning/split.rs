//! The section on who trains and who tests.

use cratedigger_study::Findings;
use cratedigger_study::learning::split::Split;
use serde_json::json;

use crate::block::{Block, Cell, Figure, Section, Table};
use crate::format::{count, count_of, percent, plain};

pub(crate) fn section(findings: &Findings) -> Option<Section> {
    let Some(split) = &findings.split else {
        let reason = findings
            .classifiers_skipped
            .as_ref()
            .map_or("", |skipped| &skipped.reason);
        let blocks = vec![Block::Notice {
            text: format!("There is no split. {reason}"),
        }];
        return Some(Section {
            title: "Training and test",
            gist: "none".into(),
            blocks,
        });
    };
    let mut blocks = vec![Block::text(how(split)), Block::text(&split.words)];
    blocks.push(Block::figure(side_bars(split)));
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
    Some(Section {
        title: "Training and test",
        gist: format!("by {}", split.kind),
        blocks,
    })
}

fn how(split: &Split) -> String {
    match split.kind.as_str() {
        "official" => "Tracks were divided as the dataset's authors did (set.split).".to_owned(),
        kind @ ("artist" | "artist-plain") => format!(
            "Whole artists{} were put on one side or the other, so that about {} of the tracks are test tracks (seed {}).",
            match kind {
                "artist" => ", with all who share an album or a track with them,",
                _ => "",
            },
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

/// Shares of the classes on both sides of the split.
fn side_bars(split: &Split) -> Figure {
    let labels: Vec<String> = split.classes.iter().map(|class| plain(&class.label)).collect();
    let bar = |name: String, color: &str, of: &dyn Fn(usize) -> (f64, u64)| {
        let values: Vec<(f64, u64)> = (0..split.classes.len()).map(of).collect();
        json!({
            "type": "bar", "name": name, "x": labels, "y": values.iter().map(|value| value.0).collect::<Vec<_>>(),
            "customdata": values.iter().map(|value| count(value.1)).collect::<Vec<_>>(), "marker": {"color": color},
            "hovertemplate": "%{x}: %{y:.1%} (%{customdata} tracks)<extra></extra>",
        })
    };
    let class = |k: usize| &split.classes[k];
    Figure {
        id: "fig-split".into(),
        title: "Genres on both sides of the split".into(),
        subtitle: format!("{} train, {} test", count_of(split.n_train, "track"), count_of(split.n_test, "track")),
        caption: "Bars of a pair that differ much mean that the test asks another question than the training answered.".into(),
        alt: "Bar chart of the share of each genre among training and test tracks.".into(),
        height: 340,
        data: json!([
            bar(format!("training (n = {})", count(split.n_train)), "@c1", &|k| (class(k).share_train, class(k).n_train)),
            bar(format!("test (n = {})", count(split.n_test)), "@c2", &|k| (class(k).share_test, class(k).n_test)),
        ]),
        layout: json!({
            "meta": {"genres": "x"}, "barmode": "group", "bargap": 0.3,
            "xaxis": {"title": {"text": "Genre"}, "type": "category", "automargin": true},
            "yaxis": {"title": {"text": "Share of the side"}, "tickformat": ".0%", "automargin": true, "rangemode": "tozero"},
        }),
    }
}
