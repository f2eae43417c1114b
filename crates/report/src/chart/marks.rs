//! Bars, points, lines and cells, each drawn where its numbers say.

use super::axis::Axis;
use super::numbers::format_number;
use super::paper::{Anchor, Paper, Style, colour, luminance, rgb, unplain, width};
use super::spec::{Bar, Chart, Heatmap, Scatter, Whiskers};

/// Bars beside, upon or over each other.
pub(crate) fn bars(paper: &mut Paper, chart: &Chart, x: &Axis, y: &Axis) {
    let n_traces = chart.bars().count().max(1) as f64;
    let gap = chart.layout.bargap.unwrap_or(0.2);
    // How far the bars at a place reach already.
    let mut reached: Vec<(f64, f64)> = Vec::new();
    let mut above: Vec<Label> = Vec::new();
    for (number, bar) in chart.bars().enumerate() {
        let (along, across) = if bar.is_horizontal() { (x, y) } else { (y, x) };
        let breadth = match (bar.width, chart.layout.barmode.as_str()) {
            (Some(width), _) => width,
            (None, "group") => (1.0 - gap) / n_traces,
            _ => 1.0 - gap,
        };
        let shift = if chart.layout.barmode == "group" {
            (number as f64 - (n_traces - 1.0) / 2.0) * breadth
        } else {
            0.0
        };
        for (index, (place, value)) in bar.places().iter().zip(bar.values()).enumerate() {
            let (Some(place), Some(value)) = (across.unit(place), value.number()) else {
                continue;
            };
            let base = if chart.layout.barmode == "stack" {
                match reached.iter_mut().find(|(own, _)| *own == place) {
                    Some((_, sum)) => {
                        *sum += value;
                        *sum - value
                    }
                    None => {
                        reached.push((place, value));
                        0.0
                    }
                }
            } else {
                0.0
            };
            let (begin, end) = (along.of_number(base), along.of_number(base + value));
            let (side, other) = (
                across.place(place + shift - breadth / 2.0),
                across.place(place + shift + breadth / 2.0),
            );
            let (low, length) = (begin.min(end), (end - begin).abs());
            let (near, wide) = (side.min(other), (other - side).abs());
            let edge = bar.marker.line.as_ref().and_then(|line| line.width);
            let fill = colour(&bar.marker.color);
            let middle = near + wide / 2.0;
            if bar.is_horizontal() {
                paper.rect("bar", [low, near, length, wide], fill, edge);
            } else {
                paper.rect("bar", [near, low, wide, length], fill, edge);
            }
            if let Some(whiskers) = bar.whiskers() {
                whisker(
                    paper,
                    whiskers,
                    index,
                    base + value,
                    along,
                    middle,
                    bar.is_horizontal(),
                );
            }
            if let Some(text) = bar.text.get(index) {
                above.push(label_of(bar, text, [begin, end, middle]));
            }
        }
    }
    // Over all bars, since a text may be longer than its own.
    for label in above {
        paper.text(label.at, label.style, Anchor::Start, 0.0, &label.text);
    }
}

struct Label {
    at: [f64; 2],
    style: Style,
    text: String,
}

/// The text of a bar: on it where it has room, behind its end otherwise.
fn label_of(bar: &Bar, text: &str, [begin, end, middle]: [f64; 3]) -> Label {
    let fits = width(text, 13.0) + 16.0 <= (end - begin).abs();
    let colour = match &bar.textfont {
        Some(font) if fits && font.color == "@on" => "@on",
        _ => "@ink",
    };
    Label {
        at: [if fits { begin + 8.0 } else { end + 6.0 }, middle + 4.5],
        style: Style::new(13.0, colour),
        text: text.to_owned(),
    }
}

fn whisker(
    paper: &mut Paper,
    whiskers: &Whiskers,
    index: usize,
    value: f64,
    along: &Axis,
    middle: f64,
    horizontal: bool,
) {
    let Some(ends) = whiskers.ends(index, value) else {
        return;
    };
    let [low, high] = ends.map(|end| along.of_number(end));
    let half = 4.0;
    let path = if horizontal {
        format!(
            "M{low:.1} {:.1}V{:.1}M{low:.1} {middle:.1}H{high:.1}M{high:.1} {:.1}V{:.1}",
            middle - half,
            middle + half,
            middle - half,
            middle + half
        )
    } else {
        format!(
            "M{:.1} {low:.1}H{:.1}M{middle:.1} {low:.1}V{high:.1}M{:.1} {high:.1}H{:.1}",
            middle - half,
            middle + half,
            middle - half,
            middle + half
        )
    };
    paper.path("whisker", &path, colour(&whiskers.color), whiskers.thickness, "");
}

/// Lines and points, and the names beside points.
pub(crate) fn scatters(paper: &mut Paper, chart: &Chart, x: &Axis, y: &Axis) {
    let mut taken: Vec<[f64; 4]> = Vec::new();
    let mut named: Vec<([f64; 2], f64, &Scatter, &str)> = Vec::new();
    for scatter in chart.scatters() {
        let points: Vec<Option<[f64; 2]>> = (scatter.x.iter().zip(&scatter.y))
            .map(|(own_x, own_y)| Some([x.place(x.unit(own_x)?), y.place(y.unit(own_y)?)]))
            .collect();
        if scatter.draws("lines") {
            // A value that is not there breaks the line.
            for run in points.split(Option::is_none).filter(|run| run.len() > 1) {
                let run: Vec<[f64; 2]> = run.iter().copied().flatten().collect();
                let line = &scatter.line;
                paper.line(
                    "line",
                    &run,
                    colour(&line.color),
                    line.width.unwrap_or(2.0),
                    &line.dash,
                );
            }
        }
        for (index, point) in points.iter().enumerate() {
            let Some(point) = *point else { continue };
            if let (Some(whiskers), Some(value)) = (
                &scatter.error_y,
                scatter.y.get(index).and_then(|value| value.number()),
            ) {
                whisker(paper, whiskers, index, value, y, point[0], false);
                if let Some([low, high]) = whiskers.ends(index, value) {
                    let [low, high] = [low, high].map(|end| y.of_number(end));
                    taken.push([point[0] - 4.0, low.min(high), point[0] + 4.0, low.max(high)]);
                }
            }
            if scatter.draws("markers") {
                let radius = scatter.marker.size.unwrap_or(6.0) / 2.0;
                paper.circle("point", point, radius, colour(&scatter.marker.color));
                let reach = radius + 1.0;
                taken.push([
                    point[0] - reach,
                    point[1] - reach,
                    point[0] + reach,
                    point[1] + reach,
                ]);
                if let Some(text) = scatter.text.get(index).filter(|_| scatter.draws("text")) {
                    named.push((point, radius, scatter, text));
                }
            }
        }
    }
    for (point, radius, scatter, text) in named {
        name_point(paper, &mut taken, [point[0], point[1], radius], scatter, text);
    }
}

/// Writes a name beside its point: on the side that it asks for, or the first one where it covers nothing.
fn name_point(
    paper: &mut Paper,
    taken: &mut Vec<[f64; 4]>,
    [x, y, radius]: [f64; 3],
    scatter: &Scatter,
    text: &str,
) {
    let style = Style::new(13.0, "@ink");
    let (wide, away) = (width(text, style.size), radius + 6.0);
    let left = [x - away - wide, y];
    let right = [x + away, y];
    let (first, second) = if scatter.textposition.contains("left") {
        (left, right)
    } else {
        (right, left)
    };
    let candidates = [
        first,
        second,
        [first[0], y - 14.0],
        [first[0], y + 14.0],
        [second[0], y - 14.0],
        [second[0], y + 14.0],
        [first[0], y - 28.0],
        [first[0], y + 28.0],
    ];
    let place = |[left, middle]: [f64; 2]| [left, middle - 8.0, left + wide, middle + 8.0];
    let apart = |a: &[f64; 4], b: &[f64; 4]| a[2] < b[0] || b[2] < a[0] || a[3] < b[1] || b[3] < a[1];
    let free = |at: &&[f64; 2]| {
        let own = place(**at);
        own[0] > 4.0 && own[2] < super::paper::WIDTH - 4.0 && taken.iter().all(|other| apart(&own, other))
    };
    let at = *candidates.iter().find(free).unwrap_or(&first);
    taken.push(place(at));
    paper.text([at[0], at[1] + 4.5], style, Anchor::Start, 0.0, text);
}

/// The cells of a heat map, with their numbers where these fit.
pub(crate) fn cells(paper: &mut Paper, heatmap: &Heatmap, x: &Axis, y: &Axis) {
    let gap = heatmap.xgap.min(2.0);
    let format = heatmap
        .texttemplate
        .as_deref()
        .map(|template| template.trim_start_matches("%{z:").trim_end_matches('}'));
    let texts: Vec<String> = match format {
        Some(format) => (heatmap.z.iter().flatten().flatten())
            .map(|value| format_number(*value, format, f64::INFINITY))
            .collect(),
        None => Vec::new(),
    };
    let widest = texts.iter().map(|text| width(text, 1.0)).fold(0.0, f64::max);
    let size = (12.5_f64)
        .min((x.room() - 6.0) / widest.max(0.1))
        .min(y.room() - 4.0);
    let mut texts = texts.into_iter();
    for (row, values) in heatmap.z.iter().enumerate() {
        for (column, value) in values.iter().enumerate() {
            let Some(value) = *value else { continue };
            let [left, right] = [0.0, 1.0].map(|end| x.place(column as f64 + end));
            let [a, b] = [0.0, 1.0].map(|end| y.place(row as f64 + end));
            let fill = shade(heatmap, value);
            let hex = hex(fill);
            let place = [left, a.min(b), right - left - gap, (a - b).abs() - gap];
            paper.rect("cell", place, &hex, None);
            // Smaller text would not be read: then the colours and the table tell.
            if let Some(text) = texts.next().filter(|_| size >= 8.5) {
                let at = [(left + right - gap) / 2.0, (a + b - gap) / 2.0 + size * 0.35];
                let style = Style::new((size * 10.0).floor() / 10.0, contrasting(fill));
                paper.text(at, style, Anchor::Middle, 0.0, &text);
            }
        }
    }
}

/// The name of the one of ink and white that stands out more from a colour.
fn contrasting(fill: [f64; 3]) -> &'static str {
    let ratio = |a: f64, b: f64| (a.max(b) + 0.05) / (a.min(b) + 0.05);
    let (own, ink) = (luminance(fill), luminance(rgb(colour("@ink"))));
    if ratio(own, ink) >= ratio(own, 1.0) {
        "@ink"
    } else {
        "@card"
    }
}

/// The colour of a value: between the two of the scale that it lies between, mixed as plotly does.
fn shade(heatmap: &Heatmap, value: f64) -> [f64; 3] {
    let share = ((value - heatmap.zmin) / (heatmap.zmax - heatmap.zmin)).clamp(0.0, 1.0);
    let scale = &heatmap.colorscale;
    let upper = scale.iter().position(|(at, _)| *at >= share).unwrap_or(0).max(1);
    let (Some((low, from)), Some((high, to))) = (scale.get(upper - 1), scale.get(upper)) else {
        return rgb("#ffffff");
    };
    let part = (share - low) / (high - low);
    let (from, to) = (rgb(colour(from)), rgb(colour(to)));
    [0, 1, 2].map(|channel| from[channel] + part * (to[channel] - from[channel]))
}

fn hex(rgb: [f64; 3]) -> String {
    let [red, green, blue] = rgb.map(|value| value.round() as u8);
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// The keys of a legend: name, colour, and whether it is a line (dashed how) with points.
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) colour: &'static str,
    pub(crate) line: Option<(String, bool)>,
}

/// What the legend names: nothing where there is one trace only.
pub(crate) fn keys(chart: &Chart) -> Vec<Key> {
    let bars = chart
        .bars()
        .filter(|bar| bar.showlegend != Some(false))
        .map(|bar| Key {
            name: unplain(&bar.name),
            colour: colour(&bar.marker.color),
            line: None,
        });
    let scatters = chart
        .scatters()
        .filter(|scatter| scatter.showlegend != Some(false))
        .map(|scatter| Key {
            name: unplain(&scatter.name),
            colour: colour(&scatter.line.color),
            line: Some((scatter.line.dash.clone(), scatter.draws("markers"))),
        });
    let keys: Vec<Key> = bars.chain(scatters).collect();
    if keys.len() > 1 { keys } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::spec::Colorbar;

    #[test]
    fn colours_are_mixed_and_numbers_stand_out() {
        let heatmap = Heatmap {
            x: vec!["a".into()],
            y: vec!["a".into()],
            z: vec![vec![Some(0.0)]],
            zmin: -1.0,
            zmax: 1.0,
            xgap: 1.0,
            colorscale: vec![(0.0, "@low".into()), (0.5, "@mid".into()), (1.0, "@high".into())],
            colorbar: Colorbar::default(),
            texttemplate: None,
        };
        assert_eq!(
            [-1.0, 0.0, 1.0, 2.0].map(|value| hex(shade(&heatmap, value))),
            ["#b35806", "#f6f5f2", "#2d6fb4", "#2d6fb4"]
        );
        // Halfway between #f6f5f2 and #2d6fb4.
        assert_eq!(hex(shade(&heatmap, 0.5)), "#92b2d3");
        assert_eq!(contrasting(rgb("#0b4f87")), "@card");
        assert_eq!(contrasting(rgb("#f1f5f9")), "@ink");
    }
}
