//! What a static drawing needs of a picture's traces and layout, read from the same values that the page gives to plotly.js.
//! Attributes that only a pointer meets (`hovertemplate`, `customdata`) are passed over.

use serde::Deserialize;

use super::super::block::Figure;

/// A picture's traces and layout.
#[derive(Debug)]
pub(super) struct Chart {
    pub(super) traces: Vec<Trace>,
    pub(super) layout: Layout,
}

impl Chart {
    /// # Errors
    /// Where a trace is of another kind or shape than those below: a defect of this crate.
    pub(super) fn read(figure: &Figure) -> serde_json::Result<Self> {
        Ok(Self {
            traces: serde_json::from_value(figure.data.clone())?,
            layout: serde_json::from_value(figure.layout.clone())?,
        })
    }

    /// The traces that are bars.
    pub(super) fn bars(&self) -> impl Iterator<Item = &Bar> {
        self.traces.iter().filter_map(|trace| match trace {
            Trace::Bar(bar) => Some(bar),
            _ => None,
        })
    }

    /// The traces that are points and lines.
    pub(super) fn scatters(&self) -> impl Iterator<Item = &Scatter> {
        self.traces.iter().filter_map(|trace| match trace {
            Trace::Scatter(scatter) => Some(scatter),
            _ => None,
        })
    }

    /// The heat map, if it is one.
    pub(super) fn heatmap(&self) -> Option<&Heatmap> {
        self.traces.iter().find_map(|trace| match trace {
            Trace::Heatmap(heatmap) => Some(heatmap),
            _ => None,
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum Trace {
    Bar(Bar),
    Scatter(Scatter),
    Heatmap(Heatmap),
}

/// A coordinate: a number, a category, or nothing.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(super) enum Datum {
    Number(f64),
    Text(String),
    Missing(()),
}

impl Datum {
    /// The number, if it is one.
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(value) => Some(*value),
            _ => None,
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Bar {
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) orientation: String,
    pub(super) x: Vec<Datum>,
    pub(super) y: Vec<Datum>,
    pub(super) marker: Marker,
    /// Breadth of a bar in units of its axis.
    pub(super) width: Option<f64>,
    /// What is written on each bar.
    #[serde(default)]
    pub(super) text: Vec<String>,
    pub(super) textfont: Option<Font>,
    pub(super) error_x: Option<Whiskers>,
    pub(super) error_y: Option<Whiskers>,
    pub(super) showlegend: Option<bool>,
}

impl Bar {
    pub(super) fn is_horizontal(&self) -> bool {
        self.orientation == "h"
    }

    /// Where each bar stands.
    pub(super) fn places(&self) -> &[Datum] {
        if self.is_horizontal() { &self.y } else { &self.x }
    }

    /// How long each bar is.
    pub(super) fn values(&self) -> &[Datum] {
        if self.is_horizontal() { &self.x } else { &self.y }
    }

    /// The whiskers at the ends of the bars.
    pub(super) fn whiskers(&self) -> Option<&Whiskers> {
        if self.is_horizontal() {
            self.error_x.as_ref()
        } else {
            self.error_y.as_ref()
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Scatter {
    #[serde(default)]
    pub(super) name: String,
    /// `lines`, `markers` and `text`, joined by `+`.
    pub(super) mode: String,
    pub(super) x: Vec<Datum>,
    pub(super) y: Vec<Datum>,
    #[serde(default)]
    pub(super) text: Vec<String>,
    #[serde(default)]
    pub(super) textposition: String,
    #[serde(default)]
    pub(super) marker: Marker,
    #[serde(default)]
    pub(super) line: Line,
    pub(super) error_y: Option<Whiskers>,
    pub(super) showlegend: Option<bool>,
}

impl Scatter {
    pub(super) fn draws(&self, what: &str) -> bool {
        self.mode.split('+').any(|part| part == what)
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Heatmap {
    pub(super) x: Vec<String>,
    pub(super) y: Vec<String>,
    pub(super) z: Vec<Vec<Option<f64>>>,
    pub(super) zmin: f64,
    pub(super) zmax: f64,
    #[serde(default)]
    pub(super) xgap: f64,
    /// Colours at positions from 0 to 1.
    pub(super) colorscale: Vec<(f64, String)>,
    pub(super) colorbar: Colorbar,
    /// `%{z:FORMAT}`, where the cells have their numbers written on.
    pub(super) texttemplate: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Colorbar {
    #[serde(default)]
    pub(super) title: Title,
    #[serde(default)]
    pub(super) tickformat: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Marker {
    #[serde(default)]
    pub(super) color: String,
    pub(super) size: Option<f64>,
    /// The edge of a bar.
    pub(super) line: Option<Line>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Line {
    #[serde(default)]
    pub(super) color: String,
    pub(super) width: Option<f64>,
    #[serde(default)]
    pub(super) dash: String,
}

/// Error bars: up and down, or `array` both ways.
#[derive(Debug, Deserialize)]
pub(super) struct Whiskers {
    pub(super) array: Vec<Option<f64>>,
    pub(super) arrayminus: Option<Vec<Option<f64>>>,
    pub(super) color: String,
    pub(super) thickness: f64,
}

impl Whiskers {
    /// Both ends of the whisker of a value.
    pub(super) fn ends(&self, index: usize, value: f64) -> Option<[f64; 2]> {
        let at = |array: &Vec<Option<f64>>| array.get(index).copied().flatten();
        let up = at(&self.array)?;
        let down = self.arrayminus.as_ref().map_or(Some(up), at)?;
        Some([value - down, value + up])
    }
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Layout {
    #[serde(default)]
    pub(super) barmode: String,
    pub(super) bargap: Option<f64>,
    #[serde(default)]
    pub(super) xaxis: AxisLayout,
    #[serde(default)]
    pub(super) yaxis: AxisLayout,
    #[serde(default)]
    pub(super) shapes: Vec<Shape>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct AxisLayout {
    #[serde(default)]
    pub(super) title: Title,
    /// `category`, `log` or nothing.
    #[serde(default, rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) tickformat: String,
    /// Ends of a fixed range; logarithms where `kind` is `log`.
    pub(super) range: Option<[f64; 2]>,
    #[serde(default)]
    pub(super) autorange: String,
    #[serde(default)]
    pub(super) rangemode: String,
    pub(super) dtick: Option<f64>,
    pub(super) tickvals: Option<Vec<f64>>,
    pub(super) ticktext: Option<Vec<String>>,
    pub(super) tickangle: Option<f64>,
    #[serde(default)]
    pub(super) tickfont: Font,
    /// The order of the categories, where it is not that of the traces.
    pub(super) categoryarray: Option<Vec<String>>,
    pub(super) showgrid: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Title {
    #[serde(default)]
    pub(super) text: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Font {
    pub(super) size: Option<f64>,
    #[serde(default)]
    pub(super) color: String,
}

/// A straight line; on `paper` from 0 to 1 over the plot, else in units of the axis.
#[derive(Debug, Deserialize)]
pub(super) struct Shape {
    pub(super) x0: f64,
    pub(super) x1: f64,
    pub(super) y0: f64,
    pub(super) y1: f64,
    #[serde(default)]
    pub(super) xref: String,
    #[serde(default)]
    pub(super) yref: String,
    pub(super) line: Line,
}
