//! The pictures, as plotly.js data and layouts. Colours beginning with `@` are names of the page's palette.

use serde_json::{Value, json};

use crate::block::Figure;
use crate::format::{count, count_of, list, percent};
use cratedigger_study::archive::missingness::Missingness;
use cratedigger_study::archive::overview::{Durations, GenreCount, YearCount};
use cratedigger_study::learning::split::Split;
use cratedigger_study::selection::Selection;

/// Bars of tracks and artists of every genre.
pub(crate) fn genres(genres: &[GenreCount], n_with_genre: u64, selected: &[String]) -> Figure {
    let names: Vec<String> = genres.iter().map(|genre| plain(&genre.genre)).collect();
    let tracks: Vec<u64> = genres.iter().map(|genre| genre.n_tracks).collect();
    let artists: Vec<u64> = genres.iter().map(|genre| genre.n_artists).collect();
    let bar = |name: &str, x: &[u64], color: &str| {
        json!({
            "type": "bar", "orientation": "h", "name": name, "y": names, "x": x, "marker": {"color": color},
            "hovertemplate": format!("%{{y}}: %{{x:,}} {}<extra></extra>", name.to_lowercase()),
        })
    };
    let leading = genres.first().map_or(String::new(), |first| {
        format!(
            "{} leads with {} ({}). ",
            first.genre,
            count_of(first.n_tracks, "track"),
            percent(first.share)
        )
    });
    Figure {
        id: "fig-genres".into(),
        title: "Tracks and artists by genre".into(),
        subtitle: format!("n = {} with a genre_top", count_of(n_with_genre, "track")),
        caption: format!(
            "Every track has at most one genre_top. {}",
            if selected.is_empty() {
                String::new()
            } else {
                format!("The study tells apart: {}.", list(selected))
            }
        ),
        alt: format!(
            "Bar chart of the tracks and artists of {} genres. {leading}The table has all numbers.",
            genres.len()
        ),
        height: 170 + 34 * genres.len() as u32,
        data: json!([bar("Tracks", &tracks, "@c1"), bar("Artists", &artists, "@c2")]),
        layout: json!({
            "meta": {"genres": "y"}, "barmode": "group", "bargap": 0.25,
            "xaxis": {"title": {"text": "Number"}, "tickformat": ","},
            "yaxis": {"autorange": "reversed", "title": {"text": "Genre"}, "automargin": true, "ticklabelstandoff": 6},
        }),
    }
}

/// Bars of tracks by year of entry.
pub(crate) fn years(years: &[YearCount], n: u64) -> Figure {
    Figure {
        id: "fig-years".into(),
        title: "Tracks by year of entry".into(),
        subtitle: format!("n = {}", count_of(n, "track")),
        caption:
            "The year of track.date_created: when the track came into the archive, not when it was recorded."
                .into(),
        alt: "Bar chart of tracks by the year in which they came into the archive.".into(),
        height: 320,
        data: json!([{
            "type": "bar", "x": years.iter().map(|year| year.year).collect::<Vec<_>>(),
            "y": years.iter().map(|year| year.n).collect::<Vec<_>>(), "marker": {"color": "@c1"}, "name": "Tracks",
            "hovertemplate": "%{x}: %{y:,} tracks<extra></extra>",
        }]),
        layout: json!({
            "xaxis": {
                "title": {"text": "Year"}, "dtick": if years.len() > 12 { 2 } else { 1 }, "tickformat": "d",
                // A single year would otherwise be drawn as an axis of fractions of years.
                "range": [years.first().map_or(0.0, |first| f64::from(first.year) - 0.6), years.last().map_or(1.0, |last| f64::from(last.year) + 0.6)],
            },
            "yaxis": {"title": {"text": "Tracks"}, "tickformat": ",", "automargin": true},
        }),
    }
}

/// Bars of tracks by minutes.
pub(crate) fn durations(durations: &Durations) -> Figure {
    let label = |from: u64, to: Option<u64>| match to {
        Some(to) => format!("{from}\u{2013}{to}"),
        None => format!("{from}+"),
    };
    Figure {
        id: "fig-durations".into(),
        title: "Tracks by duration".into(),
        subtitle: format!("n = {}", count_of(durations.quantiles.n, "track")),
        caption: "Full tracks, by track.duration. The last class has no end.".into(),
        alt: "Bar chart of tracks by duration in classes of one minute.".into(),
        height: 320,
        data: json!([{
            "type": "bar", "name": "Tracks", "marker": {"color": "@c1"},
            "x": durations.by_minute.iter().map(|class| label(class.from, class.to)).collect::<Vec<_>>(),
            "y": durations.by_minute.iter().map(|class| class.n).collect::<Vec<_>>(),
            "hovertemplate": "%{x} min: %{y:,} tracks<extra></extra>",
        }]),
        layout: json!({
            "bargap": 0.06,
            "xaxis": {"title": {"text": "Minutes", "standoff": 12}, "type": "category", "automargin": true},
            "yaxis": {"title": {"text": "Tracks"}, "tickformat": ",", "automargin": true},
        }),
    }
}

/// Bars of the share of missing values of every column, coloured by level.
pub(crate) fn missingness(missingness: &Missingness) -> Figure {
    let levels = ["album", "artist", "set", "track"];
    let mut others: Vec<&str> = missingness
        .columns
        .iter()
        .map(|column| column.level.as_str())
        .collect();
    others.retain(|level| !levels.contains(level));
    others.dedup();
    let traces: Vec<Value> = levels
        .iter()
        .copied()
        .chain(others)
        .enumerate()
        .filter_map(|(index, level)| {
            let columns: Vec<_> = missingness.columns.iter().filter(|column| column.level == level).collect();
            if columns.is_empty() {
                return None;
            }
            Some(json!({
                "type": "bar", "orientation": "h", "name": plain(level), "marker": {"color": format!("@c{}", index % 6 + 1)},
                "y": columns.iter().map(|column| plain(&column.column)).collect::<Vec<_>>(),
                "x": columns.iter().map(|column| column.proportion).collect::<Vec<_>>(),
                "customdata": columns.iter().map(|column| count(column.n_missing)).collect::<Vec<_>>(),
                "hovertemplate": "%{y}: %{x:.1%} missing (%{customdata} tracks)<extra></extra>",
            }))
        })
        .collect();
    let order: Vec<String> = missingness
        .columns
        .iter()
        .map(|column| plain(&column.column))
        .collect();
    let n_above: usize = missingness
        .above_threshold
        .iter()
        .map(|level| level.columns.len())
        .sum();
    Figure {
        id: "fig-missingness".into(),
        title: "Missing values by column".into(),
        subtitle: format!("n = {}", count_of(missingness.n_tracks, "track")),
        caption: format!(
            "Columns above {} come first, grouped by what they describe; the dotted line is at {}.",
            percent(missingness.threshold),
            percent(missingness.threshold)
        ),
        alt: format!(
            "Bar chart of the share of missing values of {} columns; {n_above} are above {}. The table has all numbers.",
            missingness.columns.len(),
            percent(missingness.threshold)
        ),
        height: 130 + 17 * missingness.columns.len() as u32,
        data: Value::Array(traces),
        layout: json!({
            "barmode": "overlay", "bargap": 0.2,
            "xaxis": {"title": {"text": "Share of tracks without a value"}, "tickformat": ".0%", "range": [0, 1]},
            "yaxis": {
                "autorange": "reversed", "categoryorder": "array", "categoryarray": order, "automargin": true,
                "tickfont": {"size": 11}, "dtick": 1, "ticklabelstandoff": 6, "title": {"text": "Column"},
            },
            "shapes": [{
                "type": "line", "x0": missingness.threshold, "x1": missingness.threshold, "yref": "paper", "y0": 0, "y1": 1,
                "line": {"color": "@ink", "width": 1.2, "dash": "dot"},
            }],
        }),
    }
}

/// Heat map of phi between the columns that have one.
pub(crate) fn phi(missingness: &Missingness) -> Figure {
    let columns = columns_with_phi(missingness);
    let n = columns.len();
    let mut z = vec![vec![Value::Null; n]; n];
    for (k, row) in z.iter_mut().enumerate() {
        row[k] = json!(1.0);
    }
    for pair in &missingness.phi {
        let at = |name: &String| columns.iter().position(|column| *column == name);
        if let (Some(a), Some(b)) = (at(&pair.a), at(&pair.b)) {
            z[a][b] = json!(pair.phi);
            z[b][a] = json!(pair.phi);
        }
    }
    let names: Vec<String> = columns.iter().map(|column| plain(column)).collect();
    let size = (260 + 19 * n as u32).min(900);
    Figure {
        id: "fig-phi".into(),
        title: "Which columns are missing together".into(),
        subtitle: format!("Phi of {} columns, n = {}", n, count_of(missingness.n_tracks, "track")),
        caption: "Phi is 1 where two columns are always missing together, 0 where one says nothing about the other, and below 0 \
                  where one tends to be there when the other is not. Columns that are never or always missing have no phi."
            .into(),
        alt: format!("Heat map of the phi coefficients of {n} columns. The table lists the strongest pairs."),
        height: size,
        data: json!([{
            "type": "heatmap", "x": names, "y": names, "z": z, "zmin": -1, "zmax": 1, "xgap": 1, "ygap": 1,
            "colorscale": [[0, "@low"], [0.5, "@mid"], [1, "@high"]],
            "colorbar": {"title": {"text": "Phi"}, "thickness": 14, "outlinewidth": 0},
            "hovertemplate": "%{y}<br>%{x}<br>phi = %{z:.3f}<extra></extra>",
        }]),
        layout: json!({
            "xaxis": {"tickangle": -60, "automargin": true, "dtick": 1, "tickfont": {"size": 10}, "showgrid": false},
            "yaxis": {"autorange": "reversed", "automargin": true, "dtick": 1, "tickfont": {"size": 10}, "showgrid": false},
        }),
    }
}

/// The columns that have a phi, in the order of the table (all columns above the threshold come first in the findings).
pub(crate) fn columns_with_phi(missingness: &Missingness) -> Vec<&String> {
    let undefined = |name: &String| {
        missingness
            .phi_undefined
            .iter()
            .any(|entry| &entry.column == name)
    };
    let mut columns: Vec<&String> = missingness
        .columns
        .iter()
        .map(|column| &column.column)
        .filter(|name| !undefined(name))
        .collect();
    columns.sort_unstable();
    columns
}

/// Bars of the tracks that each step of the selection keeps and costs.
pub(crate) fn funnel(selection: &Selection) -> Figure {
    let steps: Vec<String> = selection.steps.iter().map(|step| step.step.clone()).collect();
    let first = selection.steps.first().map_or(0, |step| step.n);
    let last = selection.steps.last().map_or(0, |step| step.n);
    let kept: Vec<u64> = selection.steps.iter().map(|step| step.n).collect();
    let lost: Vec<u64> = selection.steps.iter().map(|step| step.n_lost).collect();
    let share = |n: u64| if first == 0 { 0.0 } else { n as f64 / first as f64 };
    Figure {
        id: "fig-selection".into(),
        title: "What the selection costs".into(),
        subtitle: format!("From {} to {}", count_of(first, "track"), count_of(last, "track")),
        caption: "Each bar is what is left after a step; the pale part is what the step cost.".into(),
        alt: format!(
            "Bar chart of the tracks left after each step of the selection: {}.",
            selection
                .steps
                .iter()
                .map(|step| format!("{} {}", count(step.n), step.step))
                .collect::<Vec<_>>()
                .join(", ")
        ),
        height: 120 + 56 * selection.steps.len() as u32,
        data: json!([
            {
                "type": "bar", "orientation": "h", "name": "left", "y": steps, "x": kept, "marker": {"color": "@c1"},
                "text": kept.iter().map(|&n| format!("{} ({})", count(n), percent(share(n)))).collect::<Vec<_>>(),
                "textposition": "inside", "insidetextanchor": "start", "textfont": {"color": "@on"},
                "hovertemplate": "%{y}: %{x:,} tracks left<extra></extra>",
            },
            {
                "type": "bar", "orientation": "h", "name": "lost in this step", "y": steps, "x": lost,
                "marker": {"color": "@pale"},
                "hovertemplate": "%{y}: %{x:,} tracks lost<extra></extra>",
            },
        ]),
        layout: json!({
            "barmode": "stack", "bargap": 0.25,
            "xaxis": {"title": {"text": "Tracks"}, "tickformat": ","},
            "yaxis": {"autorange": "reversed", "automargin": true, "ticklabelstandoff": 6, "title": {"text": "Step"}},
        }),
    }
}

/// Shares of the classes on both sides of the split.
pub(crate) fn split(split: &Split) -> Figure {
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

/// A text from the data as plotly shows it literally: plotly reads a few HTML tags and entities in texts.
pub(crate) fn plain(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
