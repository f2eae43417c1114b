//! SVG on white: marks, lines and text whose width is known before it is drawn.

use std::fmt::Write;

use crate::format::escape;
use crate::maps::GENRES;

/// Width of every picture in units of its own; about pixels.
pub(crate) const WIDTH: f64 = 900.0;

/// The light page's colours by the names that figures use (`templates/report.css`), but for those of genres.
const PALETTE: [(&str, &str); 9] = [
    ("ink", "#1c2126"),
    ("soft", "#5a636d"),
    ("rule", "#dedbd3"),
    ("card", "#ffffff"),
    ("pale", "#cfd6dc"),
    ("on", "#ffffff"),
    ("low", "#b35806"),
    ("mid", "#f6f5f2"),
    ("high", "#2d6fb4"),
];

/// The ends of the scale of shares and counts.
const HEAT: [(&str, &str); 2] = [("heat0", "#f1f5f9"), ("heat1", "#0b4f87")];

/// Advance widths of the letters from space to tilde in thousandths of the font's size: those of DejaVu Sans 2.37, which is
/// broader than the other fonts that the text may be set in.
const ADVANCES: [u16; 95] = [
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636,
    636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295,
    295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838,
    500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521,
    392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
];

fn known_colours() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    PALETTE.iter().chain(&GENRES).chain(&HEAT)
}

/// The colour that a name such as `@c1` stands for; a text that is no name is ink.
pub(crate) fn colour(name: &str) -> &'static str {
    let name = name.strip_prefix('@').unwrap_or("ink");
    known_colours()
        .find(|(own, _)| *own == name)
        .map_or("#1c2126", |(_, hex)| hex)
}

/// Red, green and blue from 0 to 255.
pub(crate) fn rgb(hex: &str) -> [f64; 3] {
    [1, 3, 5].map(|at| {
        hex.get(at..at + 2)
            .and_then(|two| u8::from_str_radix(two, 16).ok())
            .map_or(0.0, f64::from)
    })
}

/// Relative luminance (WCAG 2.2), from 0 for black to 1 for white.
pub(crate) fn luminance(rgb: [f64; 3]) -> f64 {
    let linear = rgb.map(|value| {
        let value = value / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

/// The width of a text of this size.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    let of = |letter: char| match (letter as usize).checked_sub(32).and_then(|k| ADVANCES.get(k)) {
        Some(&advance) => f64::from(advance),
        None if matches!(letter, '\u{2018}'..='\u{2019}') => 318.0,
        None if matches!(letter, '\u{2010}'..='\u{2013}') => 500.0,
        // Scripts of broad letters, but not their punctuation.
        None if letter >= '\u{1100}' && !matches!(letter, '\u{2000}'..='\u{2BFF}') => 1000.0,
        None => 750.0,
    };
    text.chars().map(of).sum::<f64>() * size / 1000.0
}

/// A text in lines that are not broader than `limit`, broken at spaces; a longer word is cut and ends in `…`.
pub(crate) fn wrap(text: &str, size: f64, limit: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if let Some(line) = lines.last_mut()
            && width(&format!("{line} {word}"), size) <= limit
        {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(shorten(word, size, limit));
        }
    }
    lines
}

/// A text cut to a width, with `…` where something was cut.
pub(crate) fn shorten(text: &str, size: f64, limit: f64) -> String {
    if width(text, size) <= limit {
        return text.to_owned();
    }
    let mut kept = text.to_owned();
    while kept.pop().is_some() && width(&kept, size) + size > limit {}
    kept.push('\u{2026}');
    kept
}

/// A text as it was before it was written for plotly, which reads entities.
pub(crate) fn unplain(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// How a line of text stands to its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// A text's size, colour (a name) and weight.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    pub(crate) size: f64,
    pub(crate) colour: &'static str,
    pub(crate) bold: bool,
}

impl Style {
    pub(crate) const fn new(size: f64, colour: &'static str) -> Self {
        Self {
            size,
            colour,
            bold: false,
        }
    }
}

/// An SVG in the making.
#[derive(Debug, Default)]
pub(crate) struct Paper {
    body: String,
}

impl Paper {
    /// A rectangle; `class` tells bars, cells and keys of the legend apart.
    pub(crate) fn rect(
        &mut self,
        class: &str,
        [x, y, width, height]: [f64; 4],
        fill: &str,
        edge: Option<f64>,
    ) {
        let edge = edge.map_or_else(String::new, |width| {
            format!(r#" stroke="{}" stroke-width="{width}""#, colour("@card"))
        });
        let _ = write!(
            self.body,
            r#"<rect class="{class}" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" fill="{fill}"{edge}/>"#
        );
    }

    /// A circle.
    pub(crate) fn circle(&mut self, class: &str, [x, y]: [f64; 2], radius: f64, fill: &str) {
        let _ = write!(
            self.body,
            r#"<circle class="{class}" cx="{x:.1}" cy="{y:.1}" r="{radius:.1}" fill="{fill}"/>"#
        );
    }

    /// A line through points; `dash` as plotly calls it.
    pub(crate) fn line(&mut self, class: &str, points: &[[f64; 2]], stroke: &str, width: f64, dash: &str) {
        let mut path = String::new();
        for (index, [x, y]) in points.iter().enumerate() {
            let _ = write!(path, "{}{x:.1} {y:.1}", if index == 0 { 'M' } else { 'L' });
        }
        self.path(class, &path, stroke, width, dash);
    }

    /// A line along an SVG path.
    pub(crate) fn path(&mut self, class: &str, path: &str, stroke: &str, width: f64, dash: &str) {
        let dash = match dash {
            "dash" => r#" stroke-dasharray="7 5""#,
            "dot" => r#" stroke-dasharray="2 4""#,
            _ => "",
        };
        let _ = write!(
            self.body,
            r#"<path class="{class}" d="{path}" fill="none" stroke="{stroke}" stroke-width="{width}" stroke-linejoin="round"{dash}/>"#
        );
    }

    /// A line of text; `angle` in degrees, clockwise, around its point.
    pub(crate) fn text(&mut self, [x, y]: [f64; 2], style: Style, anchor: Anchor, angle: f64, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
            Anchor::End => r#" text-anchor="end""#,
        };
        let weight = if style.bold { r#" font-weight="600""# } else { "" };
        let turn = if angle == 0.0 {
            String::new()
        } else {
            format!(r#" transform="rotate({angle} {x:.1} {y:.1})""#)
        };
        let _ = write!(
            self.body,
            r#"<text x="{x:.1}" y="{y:.1}" font-size="{}" fill="{}"{anchor}{weight}{turn}>{}</text>"#,
            style.size,
            colour(style.colour),
            escape(text)
        );
    }

    /// A gradient from the bottom to the top of a scale, painted into a rectangle.
    pub(crate) fn gradient(&mut self, [x, y, width, height]: [f64; 4], stops: &[(f64, String)]) {
        self.body
            .push_str(r#"<linearGradient id="scale" x1="0" y1="1" x2="0" y2="0">"#);
        for (offset, name) in stops {
            let _ = write!(
                self.body,
                r#"<stop offset="{offset}" stop-color="{}"/>"#,
                colour(name)
            );
        }
        let _ = write!(
            self.body,
            r#"</linearGradient><rect class="scale" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" fill="url(#scale)"/>"#
        );
    }

    /// The document: on white, with a title and a description for who cannot see it.
    pub(crate) fn finish(self, height: f64, title: &str, description: &str) -> String {
        format!(
            concat!(
                r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0}" width="{width}" height="{height:.0}" "#,
                r#"role="img" aria-labelledby="title desc" "#,
                r#"font-family="system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif">"#,
                r#"<title id="title">{title}</title><desc id="desc">{desc}</desc>"#,
                r##"<rect width="100%" height="100%" fill="#ffffff"/>{body}</svg>"##,
                "\n"
            ),
            width = WIDTH,
            height = height,
            title = escape(title),
            desc = escape(description),
            body = self.body
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_those_of_the_light_page() {
        let css = include_str!("../../templates/report.css");
        let light = css.split('}').next().unwrap_or_default();
        for (name, hex) in known_colours() {
            assert!(light.contains(&format!("--{name}: {hex};")), "{name} {hex}");
            assert_eq!(colour(&format!("@{name}")), *hex);
        }
    }

    #[test]
    fn text_is_measured_wrapped_and_cut() {
        // 318 + 613 + 974 thousandths.
        assert!((width(" am", 10.0) - 19.05).abs() < 1e-9);
        assert_eq!(wrap("one two three", 10.0, 50.0), ["one two", "three"]);
        let cut = shorten("Supercalifragilistic", 10.0, 60.0);
        assert!(cut.ends_with('\u{2026}') && width(&cut, 10.0) <= 62.5, "{cut}");
        assert_eq!(unplain("A &amp; &lt;b&gt;"), "A & <b>");
        assert_eq!(unplain("&amp;lt;"), "&lt;");
    }

    #[test]
    fn luminance_is_that_of_wcag() {
        assert_eq!(luminance([255.0; 3]), 1.0);
        assert_eq!(luminance([0.0; 3]), 0.0);
        assert!(
            (luminance(rgb("#0072b2")) - 0.152_490).abs() < 1e-6,
            "{}",
            luminance(rgb("#0072b2"))
        );
    }
}
