//! Pictures as SVG files: the same numbers that the page gives to plotly.js, drawn without a browser, on white.
//!
//! A file stands by itself: title, sample size, legend, axes with their names, and below them how to read it. Text is measured
//! before it is drawn, so that it does not run into other text; names too long for their place are turned or wrapped.

mod axis;
mod marks;
mod numbers;
mod paper;
mod spec;
#[cfg(test)]
mod tests;

use crate::block::Figure;
use axis::{Axis, Tick};
use marks::Key;
use numbers::{format_number, multiples, nice_step};
use paper::{Anchor, Paper, Style, WIDTH, colour, unplain, width, wrap};
use spec::{AxisLayout, Chart, Heatmap};

/// Room at the left and right edge.
const EDGE: f64 = 16.0;

/// Size of what is written along the axes.
const TICK: f64 = 12.5;

/// Room for a heat map's scale.
const SCALE: f64 = 78.0;

const SOFT: Style = Style::new(13.0, "@soft");

/// A picture as an SVG document. `remark`: a word on data that were generated.
///
/// # Errors
/// Where a trace is of a kind that is not known here, which would be a defect of this crate.
pub(crate) fn draw(figure: &Figure, remark: Option<&str>) -> serde_json::Result<String> {
    let chart = Chart::read(figure)?;
    let mut paper = Paper::default();
    let mut top = head(&mut paper, figure, remark);
    top = legend(&mut paper, &marks::keys(&chart), top) + 14.0;

    let layout = &chart.layout;
    let (mut x, mut y) = (Axis::of(&chart, false), Axis::of(&chart, true));
    let height = plot_height(figure, &chart, &y);
    y.lay(&layout.yaxis, top + height, top);
    let rows = Rows::of(&y, &layout.yaxis);
    let right = chart.heatmap().map_or(EDGE + 12.0, |_| EDGE + SCALE);
    let title_room = if layout.yaxis.title.text.is_empty() {
        0.0
    } else {
        24.0
    };
    let mut left = EDGE + title_room + rows.width + 8.0;
    x.lay(&layout.xaxis, left, WIDTH - right);
    // Names that are turned reach to the left of their place.
    let columns = Columns::of(&x, &layout.xaxis);
    if columns.overhang > left - EDGE - title_room {
        left = columns.overhang + EDGE + title_room;
        x.lay(&layout.xaxis, left, WIDTH - right);
    }
    let columns = Columns::of(&x, &layout.xaxis);
    let area = [left, top, WIDTH - right - left, height];

    grid(&mut paper, &chart, &x, &y, &rows, &columns, area);
    if let Some(heatmap) = chart.heatmap() {
        marks::cells(&mut paper, heatmap, &x, &y);
        scale(&mut paper, heatmap, WIDTH - right + 18.0, top, height.min(260.0));
    }
    marks::bars(&mut paper, &chart, &x, &y);
    shapes(&mut paper, &chart, &x, &y, area);
    marks::scatters(&mut paper, &chart, &x, &y);
    rows.draw(&mut paper, left - 8.0);
    let bottom = columns.draw(&mut paper, top + height + 6.0);
    let end = names(&mut paper, &chart, area, bottom);
    let end = foot(&mut paper, figure, remark, end);
    Ok(paper.finish(end, &unplain(&figure.title), &description(figure, remark)))
}

/// What is said of a picture to who cannot see it.
fn description(figure: &Figure, remark: Option<&str>) -> String {
    let mut text = format!("{} {}", figure.alt, figure.caption);
    if let Some(remark) = remark {
        text.push(' ');
        text.push_str(remark);
    }
    text
}

/// Title and sample sizes; returns where they end.
fn head(paper: &mut Paper, figure: &Figure, remark: Option<&str>) -> f64 {
    let title = Style {
        bold: true,
        ..Style::new(19.0, "@ink")
    };
    let mut y = 6.0;
    // Bold letters are about a tenth broader.
    for line in wrap(&unplain(&figure.title), title.size * 1.1, WIDTH - 2.0 * EDGE) {
        y += 24.0;
        paper.text([EDGE, y], title, Anchor::Start, 0.0, &line);
    }
    let subtitle = match remark {
        Some(_) => format!("{} \u{b7} synthetic data", figure.subtitle),
        None => figure.subtitle.clone(),
    };
    let soft = Style::new(14.0, "@soft");
    y += 3.0;
    for line in wrap(&subtitle, soft.size, WIDTH - 2.0 * EDGE) {
        y += 18.0;
        paper.text([EDGE, y], soft, Anchor::Start, 0.0, &line);
    }
    y
}

/// The legend in as many lines as it takes; returns where it ends.
fn legend(paper: &mut Paper, keys: &[Key], top: f64) -> f64 {
    if keys.is_empty() {
        return top;
    }
    let style = Style::new(13.0, "@ink");
    let (mut x, mut y) = (EDGE, top + 22.0);
    for key in keys {
        let name = paper::shorten(&key.name, style.size, WIDTH - 2.0 * EDGE - 36.0);
        let room = 34.0 + width(&name, style.size) + 20.0;
        if x > EDGE && x + room - 20.0 > WIDTH - EDGE {
            (x, y) = (EDGE, y + 21.0);
        }
        match &key.line {
            Some((dash, marked)) => {
                paper.line("key", &[[x, y - 4.5], [x + 26.0, y - 4.5]], key.colour, 2.0, dash);
                if *marked {
                    paper.circle("key", [x + 13.0, y - 4.5], 3.5, key.colour);
                }
            }
            None => paper.rect("key", [x, y - 11.0, 26.0, 13.0], key.colour, None),
        }
        paper.text([x + 34.0, y], style, Anchor::Start, 0.0, &name);
        x += room;
    }
    y + 4.0
}

/// The plot's height: the page's, but enough for every row of names.
fn plot_height(figure: &Figure, chart: &Chart, y: &Axis) -> f64 {
    let page = (f64::from(figure.height) - 130.0).max(140.0);
    let font = chart.layout.yaxis.tickfont.size.unwrap_or(TICK);
    // Where some of the names alone are written, there is room.
    let names = y.names().filter(|_| chart.layout.yaxis.tickvals.is_none());
    names.map_or(page, |names| page.max(names.len() as f64 * (font + 3.0)))
}

/// What is written at the left of the plot.
struct Rows {
    style: Style,
    ticks: Vec<(f64, Vec<String>)>,
    width: f64,
}

impl Rows {
    fn of(y: &Axis, layout: &AxisLayout) -> Self {
        let style = Style::new(layout.tickfont.size.unwrap_or(TICK), "@ink");
        let limit = 0.34 * WIDTH;
        let most = ((y.room() / (style.size + 2.0)) as usize).max(1);
        let ticks: Vec<(f64, Vec<String>)> = y
            .ticks(layout, 46.0)
            .into_iter()
            .map(|Tick { at, text }| {
                let mut lines = wrap(&text, style.size, limit);
                if y.names().is_some() && lines.len() > most {
                    lines = vec![paper::shorten(&text, style.size, limit)];
                }
                (at, lines)
            })
            .collect();
        let lines = ticks.iter().flat_map(|(_, lines)| lines);
        let width = lines.map(|line| width(line, style.size)).fold(0.0, f64::max);
        Self { style, ticks, width }
    }

    fn draw(&self, paper: &mut Paper, right: f64) {
        let leading = self.style.size + 2.0;
        for (at, lines) in &self.ticks {
            let first = at + 0.36 * self.style.size - leading * (lines.len() as f64 - 1.0) / 2.0;
            for (index, line) in lines.iter().enumerate() {
                let y = first + leading * index as f64;
                paper.text([right, y], self.style, Anchor::End, 0.0, line);
            }
        }
    }
}

/// What is written below the plot.
struct Columns {
    style: Style,
    /// Places, and the lines of text there.
    ticks: Vec<(f64, Vec<String>)>,
    /// Degrees that the texts are turned up by; 0 for lines below their place.
    angle: f64,
    /// How far the texts reach to the left of the plot's first place, from the plot's left edge.
    overhang: f64,
}

impl Columns {
    fn of(x: &Axis, layout: &AxisLayout) -> Self {
        let style = Style::new(layout.tickfont.size.unwrap_or(TICK), "@ink");
        let ticks = x.ticks(layout, 80.0);
        let Some(names) = x.names() else {
            return Self::numbers(style, ticks);
        };
        let room = x.room() - 8.0;
        let wrapped: Vec<(f64, Vec<String>)> = ticks
            .iter()
            .map(|tick| (tick.at, wrap(&tick.text, style.size, room)))
            .collect();
        let whole = |(_, lines): &(f64, Vec<String>)| {
            lines.len() <= 3 && lines.iter().all(|line| !line.ends_with('\u{2026}'))
        };
        if layout.tickangle.is_none() && wrapped.iter().all(whole) {
            return Self {
                style,
                ticks: wrapped,
                angle: 0.0,
                overhang: 0.0,
            };
        }
        let angle = layout.tickangle.map_or(40.0, f64::abs);
        let limit = 240.0;
        let turned: Vec<(f64, Vec<String>)> = ticks
            .iter()
            .map(|tick| (tick.at, vec![paper::shorten(&tick.text, style.size, limit)]))
            .collect();
        let overhang = turned
            .iter()
            .take(names.len())
            .enumerate()
            .map(|(index, (_, lines))| {
                width(&lines[0], style.size) * angle.to_radians().cos() - (index as f64 + 0.5) * x.room()
            })
            .fold(0.0, f64::max);
        Self {
            style,
            ticks: turned,
            angle,
            overhang,
        }
    }

    /// Numbers, but for those that would run into the one before.
    fn numbers(style: Style, ticks: Vec<Tick>) -> Self {
        let mut end = f64::NEG_INFINITY;
        let mut kept = Vec::new();
        for Tick { at, text } in ticks {
            let half = width(&text, style.size) / 2.0;
            if at - half > end + 6.0 && at + half < WIDTH - 2.0 {
                end = at + half;
                kept.push((at, vec![text]));
            }
        }
        Self {
            style,
            ticks: kept,
            angle: 0.0,
            overhang: 0.0,
        }
    }

    /// Draws the texts and returns where they end.
    fn draw(&self, paper: &mut Paper, top: f64) -> f64 {
        let (size, mut bottom) = (self.style.size, top);
        for (at, lines) in &self.ticks {
            for (index, line) in lines.iter().enumerate() {
                if self.angle > 0.0 {
                    let place = [at + size * 0.3, top + size * 0.7];
                    paper.text(place, self.style, Anchor::End, -self.angle, line);
                    let turn = self.angle.to_radians();
                    let reach = width(line, size) * turn.sin() + size * turn.cos() + size * 0.7;
                    bottom = bottom.max(top + reach);
                } else {
                    let y = top + size + (size + 2.0) * index as f64;
                    paper.text([*at, y], self.style, Anchor::Middle, 0.0, line);
                    bottom = bottom.max(y + 4.0);
                }
            }
        }
        bottom
    }
}

/// Lines behind the marks, at what is written along the axes.
fn grid(
    paper: &mut Paper,
    chart: &Chart,
    x: &Axis,
    y: &Axis,
    rows: &Rows,
    columns: &Columns,
    [left, top, wide, high]: [f64; 4],
) {
    let rule = colour("@rule");
    if y.names().is_none() && chart.layout.yaxis.showgrid != Some(false) {
        for (at, _) in &rows.ticks {
            paper.line("grid", &[[left, *at], [left + wide, *at]], rule, 1.0, "");
        }
    }
    if x.names().is_none() && chart.layout.xaxis.showgrid != Some(false) {
        for (at, _) in &columns.ticks {
            paper.line("grid", &[[*at, top], [*at, top + high]], rule, 1.0, "");
        }
    }
    // Where bars begin.
    if let Some(bar) = chart.bars().next() {
        let along = if bar.is_horizontal() { x } else { y };
        let at = along.of_number(0.0);
        let ends = if bar.is_horizontal() {
            [[at, top], [at, top + high]]
        } else {
            [[left, at], [left + wide, at]]
        };
        paper.line("grid", &ends, colour("@soft"), 1.0, "");
    }
}

/// Lines across the plot.
fn shapes(paper: &mut Paper, chart: &Chart, x: &Axis, y: &Axis, [left, top, wide, high]: [f64; 4]) {
    for shape in &chart.layout.shapes {
        let place_x = |value: f64| {
            if shape.xref == "paper" {
                left + wide * value
            } else {
                x.of_number(value)
            }
        };
        let place_y = |value: f64| {
            if shape.yref == "paper" {
                top + high * (1.0 - value)
            } else {
                y.of_number(value)
            }
        };
        let ends = [
            [place_x(shape.x0), place_y(shape.y0)],
            [place_x(shape.x1), place_y(shape.y1)],
        ];
        let line = &shape.line;
        paper.line(
            "shape",
            &ends,
            colour(&line.color),
            line.width.unwrap_or(1.2),
            &line.dash,
        );
    }
}

/// A heat map's colours and the numbers that they stand for.
fn scale(paper: &mut Paper, heatmap: &Heatmap, left: f64, top: f64, height: f64) {
    let bar = &heatmap.colorbar;
    paper.text([left, top + 10.0], SOFT, Anchor::Start, 0.0, &bar.title.text);
    let (top, height) = (top + 20.0, height - 20.0);
    paper.gradient([left, top, 13.0, height], &heatmap.colorscale);
    let (low, high) = (heatmap.zmin, heatmap.zmax);
    let step = nice_step((high - low) / (height / 40.0));
    for value in multiples(step, low, high) {
        let y = top + height * (high - value) / (high - low);
        let style = Style::new(11.5, "@ink");
        let text = format_number(value, &bar.tickformat, step);
        paper.text([left + 18.0, y + 4.0], style, Anchor::Start, 0.0, &text);
    }
}

/// The names of the axes; returns where they end.
fn names(paper: &mut Paper, chart: &Chart, [left, top, wide, high]: [f64; 4], bottom: f64) -> f64 {
    let (x, y) = (&chart.layout.xaxis.title.text, &chart.layout.yaxis.title.text);
    if !y.is_empty() {
        let place = [EDGE + 12.0, top + high / 2.0];
        paper.text(place, SOFT, Anchor::Middle, -90.0, y);
    }
    if x.is_empty() {
        return bottom;
    }
    // In the middle of the plot, but never beyond the paper.
    let half = width(x, SOFT.size) / 2.0;
    let middle = (left + wide / 2.0).min(WIDTH - EDGE - half).max(EDGE + half);
    paper.text([middle, bottom + 18.0], SOFT, Anchor::Middle, 0.0, x);
    bottom + 22.0
}

/// How to read the picture; returns the document's height.
fn foot(paper: &mut Paper, figure: &Figure, remark: Option<&str>, top: f64) -> f64 {
    let style = Style::new(12.5, "@soft");
    let mut y = top + 10.0;
    for text in [Some(figure.caption.as_str()), remark].into_iter().flatten() {
        for line in wrap(text, style.size, WIDTH - 2.0 * EDGE) {
            y += 17.0;
            paper.text([EDGE, y], style, Anchor::Start, 0.0, &line);
        }
    }
    y + 14.0
}
