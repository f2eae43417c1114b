//! The section on outliers among the features.

use cratedigger_study::Findings;
use cratedigger_study::archive::outliers::{FeatureOutliers, Outliers};
use serde_json::json;

use crate::block::{Block, Cell, Figure, Section, Stat, Table};
use crate::format::{count, count_of, minus, percent, plain};
use crate::pages::learning::treatment;

/// Rows of long tables that the page shows.
const SHOWN: usize = 25;

pub(crate) fn section(findings: &Findings) -> Option<Section> {
    let (mut blocks, gist) = match &findings.outliers {
        None if findings.left_out("outliers") => (Vec::new(), "what treating them does".to_owned()),
        None => (
            vec![Block::Notice {
                text: "The archive has no table of features, so there is nothing to look for outliers in."
                    .into(),
            }],
            "no features".to_owned(),
        ),
        Some(outliers) => (
            found(outliers),
            format!("{} of values", percent(outliers.share_beyond)),
        ),
    };
    if let Some(treatments) = &findings.treatments {
        treatment::effect(treatments, &mut blocks);
    }
    Some(Section {
        title: "Outliers",
        gist,
        blocks,
    })
}

fn found(outliers: &Outliers) -> Vec<Block> {
    let z = outliers.threshold;
    let mut blocks = vec![
        Block::text(format!(
            "A value more than {z} standard deviations away from its feature\u{2019}s mean over all tracks counts as an outlier here. \
             Of normally distributed values, {} would be that far out at 3.",
            percent(0.002_699_796)
        )),
        Block::Stats {
            stats: vec![
                Stat::new(
                    percent(outliers.share_beyond),
                    "of all values",
                    format!("{} of {}", count(outliers.n_beyond), count(outliers.n_values)),
                ),
                Stat::new(
                    percent(outliers.n_tracks_beyond as f64 / outliers.n_tracks.max(1) as f64),
                    "of the tracks have one at least",
                    count_of(outliers.n_tracks_beyond, "track"),
                ),
                Stat::new(
                    count(outliers.features.len() as u64),
                    "features",
                    format!("table {}", outliers.table),
                ),
            ],
        },
    ];
    let mut figures = Vec::new();
    if outliers.families.len() > 1 {
        figures.push(families(outliers));
    }
    // The second column is the one that the published study looked at.
    if let Some(feature) = outliers.features.get(1).or(outliers.features.first()) {
        figures.push(histogram(outliers, feature));
    }
    blocks.extend(figures.into_iter().map(Block::figure));
    let mut order: Vec<&FeatureOutliers> = outliers.features.iter().collect();
    // Stable: equal shares stay in the order of the table.
    order.sort_by(|a, b| b.share_beyond.total_cmp(&a.share_beyond));
    let rows = order.iter().map(|feature| {
        vec![
            Cell::text(&feature.feature),
            Cell::count(feature.n),
            Cell::significant(feature.mean),
            Cell::significant(feature.std),
            Cell::significant(feature.median),
            Cell::significant(feature.mad),
            Cell::significant(feature.lowest.value),
            Cell::significant(feature.highest.value),
            Cell::count(feature.n_below),
            Cell::count(feature.n_above),
            Cell::bar(feature.share_beyond),
            feature.n_robust.map_or_else(Cell::missing, Cell::count),
        ]
    });
    blocks.push(Block::Table {
        table: Table::new(
            "outliers",
            format!("Features by the share of values beyond {z} standard deviations, greatest first"),
            &[
                ("feature", "Feature", false),
                ("n", "Tracks", true),
                ("mean", "Mean", true),
                ("std", "Standard deviation", true),
                ("median", "Median", true),
                ("mad", "Median deviation", true),
                ("min", "Lowest", true),
                ("max", "Highest", true),
                ("n_below", "Outliers below", true),
                ("n_above", "Above", true),
                ("share_beyond", "Share", true),
                ("n_robust", "By median and its deviation", true),
            ],
            rows.collect(),
            SHOWN,
        ),
    });
    blocks.push(Block::text(
        "Enormous values widen the standard deviation and so hide others. The last column counts by the distance from the median \
         in median absolute deviations, scaled so that it means the same for normal values; where it is much greater, the mean and \
         its z-scores say little. It is missing where more than half of the values are equal.",
    ));
    let rows = outliers.extremes.iter().map(|extreme| {
        vec![
            Cell::integer(extreme.track_id),
            Cell::text(extreme.title.clone().unwrap_or_default()),
            Cell::text(extreme.artist.clone().unwrap_or_default()),
            Cell::text(&extreme.feature),
            Cell::significant(extreme.value),
            Cell::real(extreme.z, 1),
        ]
    });
    blocks.push(Block::Table {
        table: Table::new(
            "extremes",
            "The values farthest from their means",
            &[
                ("track_id", "Track", true),
                ("title", "Title", false),
                ("artist", "Artist", false),
                ("feature", "Feature", false),
                ("value", "Value", true),
                ("z", "z", true),
            ],
            rows.collect(),
            12,
        ),
    });
    blocks
}

fn families(outliers: &Outliers) -> Figure {
    let names: Vec<String> = outliers
        .families
        .iter()
        .map(|family| plain(&family.family))
        .collect();
    let shares: Vec<f64> = outliers
        .families
        .iter()
        .map(|family| family.share_beyond)
        .collect();
    let counts: Vec<String> = outliers
        .families
        .iter()
        .map(|family| format!("{} of {} values", count(family.n_beyond), count(family.n_values)))
        .collect();
    Figure {
        id: "fig-outlier-families".into(),
        title: "Outliers by family of features".into(),
        subtitle: format!("n = {}", count_of(outliers.n_values, "value")),
        caption: format!(
            "Share of values beyond {} standard deviations.",
            outliers.threshold
        ),
        alt: "Bar chart of the share of outliers of each family of features. The table has the features."
            .into(),
        height: 150 + 26 * names.len() as u32,
        data: json!([{
            "type": "bar", "orientation": "h", "y": names, "x": shares, "customdata": counts, "marker": {"color": "@c1"},
            "hovertemplate": "%{y}: %{x:.2%} (%{customdata})<extra></extra>",
        }]),
        layout: json!({
            "bargap": 0.25,
            "xaxis": {"title": {"text": "Share of values"}, "tickformat": ".1%", "rangemode": "tozero"},
            "yaxis": {"autorange": "reversed", "automargin": true, "ticklabelstandoff": 6, "dtick": 1, "title": {"text": "Family"}},
        }),
    }
}

fn histogram(outliers: &Outliers, feature: &FeatureOutliers) -> Figure {
    let edges = &outliers.histogram_edges;
    let width = edges.get(1).zip(edges.first()).map_or(1.0, |(b, a)| b - a);
    let mut labels = vec![format!("below {}", edges.first().copied().unwrap_or(0.0))];
    labels.extend(edges.iter().map(|edge| format!("{edge} to {}", edge + width)));
    if let (Some(last), Some(edge)) = (labels.last_mut(), edges.last()) {
        *last = format!("{edge} or more");
    }
    let x: Vec<f64> = (0..feature.histogram.len())
        .map(|k| edges.first().copied().unwrap_or(0.0) + width * (k as f64 - 0.5))
        .collect();
    let z = outliers.threshold;
    let line = |at: f64| json!({"type": "line", "x0": at, "x1": at, "yref": "paper", "y0": 0, "y1": 1, "line": {"color": "@ink", "width": 1.2, "dash": "dot"}});
    Figure {
        id: "fig-outlier-histogram".into(),
        title: format!("How far {} spreads", plain(&feature.feature)),
        subtitle: format!(
            "n = {}, median {}, highest {:.0}",
            count_of(feature.n, "track"),
            minus(&format!("{:.3}", feature.median)),
            feature.highest.value
        ),
        caption: format!(
            "Tracks by z-score on a logarithmic axis, so that single tracks can be seen; the first and the last bar have no end. \
             Dotted: the threshold of {z}. This is the second feature of the table."
        ),
        alt: format!(
            "Histogram of the z-scores of {}: {} below and {} above the threshold.",
            feature.feature, feature.n_below, feature.n_above
        ),
        height: 380,
        data: json!([{
            "type": "bar", "x": x, "y": feature.histogram, "customdata": labels, "width": width * 0.94, "marker": {"color": "@c1"},
            "hovertemplate": "z %{customdata}: %{y:,} tracks<extra></extra>",
        }]),
        layout: json!({
            "xaxis": {"title": {"text": "z-score"}, "zeroline": false},
            "yaxis": {"title": {"text": "Tracks"}, "type": "log", "automargin": true, "dtick": 1},
            "shapes": [line(z), line(-z)],
        }),
    }
}

impl Cell {
    /// A number with four significant digits on the page, and all of them in the CSV file.
    fn significant(value: f64) -> Self {
        let magnitude = if value == 0.0 {
            0.0
        } else {
            value.abs().log10().floor()
        };
        let decimals = (3.0 - magnitude).clamp(0.0, 8.0) as usize;
        Self::real(value, decimals)
    }
}
