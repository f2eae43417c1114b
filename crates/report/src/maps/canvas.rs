//! SVG: a frame with a title, shapes in a projection, a legend. Colours are written `var(--name, colour)`: the page gives
//! them its own, and a file of its own has them replaced.

use std::fmt::Write;

use cratedigger_study::places::{Projection, Shape};

use crate::format::escape;

/// Width of every map in units of its own; about pixels on a page.
pub(crate) const WIDTH: f64 = 960.0;

/// The height of the title's lines.
pub(crate) const HEAD: f64 = 58.0;

const INK: &str = "var(--ink, #1c2126)";
const SOFT: &str = "var(--soft, #5a636d)";
const CARD: &str = "var(--card, #ffffff)";
/// Land of which nothing is told.
pub(crate) const LAND: &str = "var(--land, #dfe3e6)";

/// A part of a projection's plane and where it lies on the canvas.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View {
    pub(crate) projection: Projection,
    /// West, south, east and north end in the plane.
    pub(crate) plane: [f64; 4],
    /// Left, top and width on the canvas.
    pub(crate) place: [f64; 3],
}

impl View {
    fn scale(&self) -> f64 {
        self.place[2] / (self.plane[2] - self.plane[0])
    }

    pub(crate) fn height(&self) -> f64 {
        (self.plane[3] - self.plane[1]) * self.scale()
    }

    /// The place of longitude and latitude on the canvas.
    pub(crate) fn at(&self, point: [f64; 2]) -> [f64; 2] {
        let [x, y] = self.projection.project(point);
        [
            self.place[0] + (x - self.plane[0]) * self.scale(),
            self.place[1] + (self.plane[3] - y) * self.scale(),
        ]
    }

    pub(crate) fn contains(&self, [x, y]: [f64; 2]) -> bool {
        let [left, top, width] = self.place;
        (left..=left + width).contains(&x) && (top..=top + self.height()).contains(&y)
    }
}

/// An SVG in the making.
#[derive(Debug)]
pub(crate) struct Canvas {
    body: String,
    n_clips: usize,
    id: String,
}

impl Canvas {
    pub(crate) fn new(id: &str) -> Self {
        Self {
            body: String::new(),
            n_clips: 0,
            id: id.to_owned(),
        }
    }

    /// Begins a group that shows nothing outside of a view, with coordinates in tenths of a unit.
    pub(crate) fn begin(&mut self, view: &View, style: &str) {
        let [left, top, width] = view.place;
        let clip = format!("{}-clip-{}", self.id, self.n_clips);
        self.n_clips += 1;
        let _ = write!(
            self.body,
            r#"<clipPath id="{clip}"><rect x="{left:.1}" y="{top:.1}" width="{width:.1}" height="{:.1}"/></clipPath><g clip-path="url(#{clip})"><g transform="scale(.1)" style="{style}">"#,
            view.height()
        );
    }

    pub(crate) fn end(&mut self) {
        self.body.push_str("</g></g>");
    }

    /// A shape with what a pointer on it is told.
    pub(crate) fn shape(&mut self, view: &View, shape: &Shape, fill: &str, title: &str) {
        let path = path(view, shape);
        if path.is_empty() {
            return;
        }
        let title = if title.is_empty() {
            String::new()
        } else {
            format!("<title>{}</title>", escape(title))
        };
        let _ = write!(
            self.body,
            r#"<path style="fill:{fill}" d="{path}">{title}</path>"#
        );
    }

    /// Meridians and parallels every `step` degrees; returns where to write which degrees.
    pub(crate) fn graticule(&mut self, view: &View, step: i32) -> Vec<([f64; 2], String)> {
        let (mut lines, mut labels) = (String::new(), Vec::new());
        let mut line = |points: &mut dyn Iterator<Item = [f64; 2]>, label: String| {
            let (mut drawing, mut label) = (false, Some(label));
            let mut before: Option<[f64; 2]> = None;
            for point in points {
                let at = view.at(point);
                let seen = view.contains(at) && at.iter().all(|value| value.is_finite());
                // From the last point outside to the first one inside, and the other way round.
                if let Some([x, y]) = before.filter(|_| seen && !drawing) {
                    let _ = write!(lines, "M{:.0} {:.0}", x * 10.0, y * 10.0);
                    drawing = true;
                }
                if drawing {
                    let _ = write!(lines, "L{:.0} {:.0}", at[0] * 10.0, at[1] * 10.0);
                }
                drawing &= seen;
                if let Some(label) = label.take_if(|_| seen) {
                    labels.push((at, label));
                }
                before = Some(at);
            }
        };
        let degrees = |value: i32, positive: &str, negative: &str| match value.signum() {
            1 => format!("{value}\u{b0} {positive}"),
            -1 => format!("{}\u{b0} {negative}", -value),
            _ => "0\u{b0}".to_owned(),
        };
        for longitude in (-180..=180).step_by(step as usize) {
            let name = degrees(longitude, "E", "W");
            line(
                &mut (-45..=45).map(|k| [f64::from(longitude), f64::from(k) * 2.0]),
                name,
            );
        }
        for latitude in (-90 + step..90).step_by(step as usize) {
            let name = degrees(latitude, "N", "S");
            line(
                &mut (-90..=90).map(|k| [f64::from(k) * 2.0, f64::from(latitude)]),
                name,
            );
        }
        let _ = write!(
            self.body,
            r#"<path style="fill:none;stroke:var(--rule, #dedbd3);stroke-width:6" d="{lines}"/>"#
        );
        labels
    }

    /// The degrees of a graticule, at the frame's edge.
    pub(crate) fn degrees(&mut self, view: &View, labels: &[([f64; 2], String)]) {
        let mut placed: Vec<[f64; 2]> = Vec::new();
        for ([x, y], label) in labels {
            let x = x.clamp(view.place[0] + 4.0, view.place[0] + view.place[2] - 40.0);
            let y = y.clamp(view.place[1] + 12.0, view.place[1] + view.height() - 4.0);
            if placed
                .iter()
                .all(|[other_x, other_y]| (x - other_x).abs() > 44.0 || (y - other_y).abs() > 12.0)
            {
                let _ = write!(
                    self.body,
                    r#"<text x="{x:.1}" y="{y:.1}" style="fill:{SOFT};font-size:10.5px;paint-order:stroke;stroke:{CARD};stroke-width:2.4px">{label}</text>"#
                );
                placed.push([x, y]);
            }
        }
    }

    /// A circle cut into sectors: (share, colour) each.
    pub(crate) fn pie(&mut self, [x, y]: [f64; 2], radius: f64, sectors: &[(f64, String)], title: &str) {
        let _ = write!(self.body, "<g><title>{}</title>", escape(title));
        let whole = sectors.iter().find(|(share, _)| *share > 0.9999);
        let _ = write!(
            self.body,
            r#"<circle cx="{x:.1}" cy="{y:.1}" r="{radius:.1}" style="fill:{};stroke:{CARD};stroke-width:.7"/>"#,
            whole.map_or(LAND, |(_, colour)| colour)
        );
        if whole.is_none() {
            let mut from = 0.0_f64;
            for (share, colour) in sectors.iter().filter(|(share, _)| *share > 0.0) {
                let to = from + share;
                let at = |turn: f64| {
                    let angle = turn * std::f64::consts::TAU;
                    (x + radius * angle.sin(), y - radius * angle.cos())
                };
                let ((x0, y0), (x1, y1)) = (at(from), at(to));
                let large = u8::from(*share > 0.5);
                let _ = write!(
                    self.body,
                    r#"<path style="fill:{colour}" d="M{x:.1} {y:.1}L{x0:.2} {y0:.2}A{radius:.1} {radius:.1} 0 {large} 1 {x1:.2} {y1:.2}z"/>"#
                );
                from = to;
            }
        }
        self.body.push_str("</g>");
    }

    pub(crate) fn ring(&mut self, [x, y]: [f64; 2], radius: f64) {
        let _ = write!(
            self.body,
            r#"<circle cx="{x:.1}" cy="{y:.1}" r="{radius:.1}" style="fill:none;stroke:{SOFT};stroke-width:1"/>"#
        );
    }

    pub(crate) fn swatch(&mut self, x: f64, y: f64, colour: &str) {
        let _ = write!(
            self.body,
            r#"<rect x="{x:.1}" y="{y:.1}" width="26" height="14" rx="2" style="fill:{colour};stroke:{SOFT};stroke-width:.5"/>"#
        );
    }

    /// Text of a size; soft for what is beside the point. `anchor`: start, middle or end.
    pub(crate) fn text(&mut self, [x, y]: [f64; 2], size: f64, soft: bool, anchor: &str, text: &str) {
        let colour = if soft { SOFT } else { INK };
        let weight = if size > 17.0 { ";font-weight:600" } else { "" };
        let _ = write!(
            self.body,
            r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}" style="fill:{colour};font-size:{size}px{weight}">{}</text>"#,
            escape(text)
        );
    }

    /// A name on the map, with a margin that keeps it readable over any colour.
    pub(crate) fn label(&mut self, [x, y]: [f64; 2], text: &str) {
        let _ = write!(
            self.body,
            r#"<text x="{x:.1}" y="{y:.1}" text-anchor="middle" style="fill:{INK};font-size:12.5px;font-weight:600;paint-order:stroke;stroke:{CARD};stroke-width:3.2px;stroke-linejoin:round">{}</text>"#,
            escape(text)
        );
    }

    /// The document. `synthetic`: a word on data that were generated.
    pub(crate) fn finish(
        mut self,
        height: f64,
        title: &str,
        subtitle: &str,
        alt: &str,
        synthetic: bool,
    ) -> String {
        let mut head = Self::new("");
        head.text([14.0, 26.0], 19.0, false, "start", title);
        let subtitle = if synthetic {
            format!("{subtitle} \u{b7} synthetic data")
        } else {
            subtitle.to_owned()
        };
        head.text([14.0, 47.0], 14.5, true, "start", &subtitle);
        self.body.insert_str(0, &head.body);
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0}" role="img" aria-label="{}" style="font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif">{}</svg>"#,
            escape(&format!("{title}. {alt}")),
            self.body
        )
    }
}

/// The outlines of a shape in tenths of a unit. Corners that are nearer to the one before than half a unit are left out,
/// and so are rings that come to nothing.
fn path(view: &View, shape: &Shape) -> String {
    let mut text = String::new();
    for ring in &shape.rings {
        let mut points: Vec<[i64; 2]> = Vec::new();
        for &corner in ring {
            let [x, y] = view.at(corner).map(|value| (value * 10.0).round() as i64);
            let far = |last: &[i64; 2]| (x - last[0]).pow(2) + (y - last[1]).pow(2) >= 25;
            if points.last().is_none_or(far) {
                points.push([x, y]);
            }
        }
        if points.len() < 3 {
            continue;
        }
        let _ = write!(text, "M{} {}l", points[0][0], points[0][1]);
        for pair in points.windows(2) {
            let [dx, dy] = [pair[1][0] - pair[0][0], pair[1][1] - pair[0][1]];
            // A minus sign separates by itself.
            if !text.ends_with('l') && dx >= 0 {
                text.push(' ');
            }
            let _ = write!(text, "{dx}{}{dy}", if dy >= 0 { " " } else { "" });
        }
        text.push('z');
    }
    text
}

/// An SVG as a file of its own: on white, with the light page's colours in place of their names.
pub(crate) fn standalone(svg: &str) -> String {
    let mut text = String::with_capacity(svg.len());
    let mut rest = svg;
    while let Some((before, after)) = rest.split_once("var(--") {
        let (name_and_colour, tail) = after.split_once(')').unwrap_or((after, ""));
        text.push_str(before);
        text.push_str(
            name_and_colour
                .split_once(',')
                .map_or("", |(_, colour)| colour.trim()),
        );
        rest = tail;
    }
    text.push_str(rest);
    text.replacen(
        "><text",
        "><rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/><text",
        1,
    ) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outlines_are_relative_tenths_and_files_have_their_own_colours() {
        let view = View {
            projection: Projection::EqualEarth,
            plane: [-1.0, -1.0, 1.0, 1.0],
            place: [0.0, 0.0, 200.0],
        };
        assert_eq!(view.height(), 200.0);
        let [x, y] = view.at([0.0, 0.0]);
        assert_eq!((x, y), (100.0, 100.0));
        let tiny = [[0.0, 0.0], [0.01, 0.0], [0.0, 0.01]];
        let square = [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]];
        let path = path(
            &view,
            &Shape {
                rings: vec![tiny.to_vec(), square.to_vec()],
            },
        );
        assert!(
            path.starts_with("M1000 1000l") && path.matches('M').count() == 1 && path.ends_with('z'),
            "{path}"
        );
        let mut canvas = Canvas::new("x");
        canvas.label([1.0, 2.0], "<Rock & Roll>");
        let svg = canvas.finish(100.0, "A \"map\"", "n = 1", "alt", true);
        assert!(
            svg.contains("&lt;Rock &amp; Roll&gt;")
                && svg.contains("synthetic data")
                && svg.contains("A &quot;map&quot;")
        );
        let file = standalone(&svg);
        assert!(
            !file.contains("var(") && file.contains("fill:#1c2126") && file.contains("fill=\"#ffffff\""),
            "{file}"
        );
    }
}
