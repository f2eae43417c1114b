//! What a static drawing needs of a picture's traces and layout, read from the same values that the page gives to plotly.js.
//! Attributes that only a pointer meets (`hovertemplate`, `customdata`) are passed over.

use serde::Deserialize;

use crate::block::Figure;

/// A picture's traces and layout.
#[derive(Debug)]
pub(crate) struct Chart {
    pub(crate) traces: Vec<Trace>,
    pub(crate) layout: Layout,
}

impl Chart {
    /// # Errors
    /// Where a trace is of another kind or shape than those below: a defect of this crate.
    pub(crate) fn read(figure: &Figure) -> serde_json::Result<Self> {
        Ok(Self {
            traces: serde_json::from_value(figure.data.clone())?,
            layout: serde_json::from_value(figure.layout.clone())?,
        })
    }

    /// The traces that are bars.
    pub(crate) fn bars(&self) -> impl Iterator<Item = &Bar> {
        self.traces.iter().filter_map(|trace| match trace {
            Trace::Bar(bar) => Some(bar),
            _ => None,
        })
    }

    /// The traces that are points and lines.
    pub(crate) fn scatters(&self) -> impl Iterator<Item = &Scatter> {
        self.traces.iter().filter_map(|trace| match trace {
            Trace::Scatter(scatter) => Some(scatter),
            _ => None,
        })
    }

    /// The heat map, if it is one.
    pub(crate) fn heatmap(&self) -> Option<&Heatmap> {
        self.traces.iter().find_map(|trace| match trace {
            Trace::Heatmap(heatmap) => Some(heatmap),
            _ => None,
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum Trace {
    Bar(Bar),
    Scatter(Scatter),
    Heatmap(Heatmap),
}

/// A coordinate: a number, a category, or nothing.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Datum {
    Number(f64),
    Text(String),
    Missing(()),
}

impl Datum {
    /// The number, if it is one.
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(value) => Some(*value),
            _ => None,
        }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Bar {
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) orientation: String,
    pub(crate) x: Vec<Datum>,
    pub(crate) y: Vec<Datum>,
    pub(crate) marker: Marker,
    /// Breadth of a bar in units of its axis.
    pub(crate) width: Option<f64>,
    /// What is written on each bar.
    #[serde(default)]
    pub(crate) text: Vec<String>,
    pub(crate) textfont: Option<Font>,
    pub(crate) error_x: Option<Whiskers>,
    pub(crate) error_y: Option<Whiskers>,
    pub(crate) showlegend: Option<bool>,
}

impl Bar {
    pub(crate) fn is_horizontal(&self) -> bool {
        self.orientation == "h"
    }

    /// Where each bar stands.
    pub(crate) fn places(&self) -> &[Datum] {
        if self.is_horizontal() { &self.y } else { &self.x }
    }

    /// How long each bar is.
    pub(crate) fn values(&self) -> &[Datum] {
        if self.is_horizontal() { &self.x } else { &self.y }
    }

    /// The whiskers at the ends of the bars.
    pub(crate) fn whiskers(&self) -> Option<&Whiskers> {
        if self.is_horizontal() {
            self.error_x.as_ref()
        } else {
            self.error_y.as_ref()
        }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Scatter {
    #[serde(default)]
    pub(crate) name: String,
    /// `lines`, `markers` and `text`, joined by `+`.
    pub(crate) mode: String,
    pub(crate) x: Vec<Datum>,
    pub(crate) y: Vec<Datum>,
    #[serde(default)]
    pub(crate) text: Vec<String>,
    #[serde(default)]
    pub(crate) textposition: String,
    #[serde(default)]
    pub(crate) marker: Marker,
    #[serde(default)]
    pub(crate) line: Line,
    pub(crate) error_y: Option<Whiskers>,
    pub(crate) showlegend: Option<bool>,
}

impl Scatter {
    pub(crate) fn draws(&self, what: &str) -> bool {
        self.mode.split('+').any(|part| part == what)
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Heatmap {
    pub(crate) x: Vec<String>,
    pub(crate) y: Vec<String>,
    pub(crate) z: Vec<Vec<Option<f64>>>,
    pub(crate) zmin: f64,
    pub(crate) zmax: f64,
    #[serde(default)]
    pub(crate) xgap: f64,
    /// Colours at positions from 0 to 1.
    pub(crate) colorscale: Vec<(f64, String)>,
    pub(crate) colorbar: Colorbar,
    /// `%{z:FORMAT}`, where the cells have their numbers written on.
    pub(crate) texttemplate: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Colorbar {
    #[serde(default)]
    pub(crate) title: Title,
    #[serde(default)]
    pub(crate) tickformat: String,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Marker {
    #[serde(default)]
    pub(crate) color: String,
    pub(crate) size: Option<f64>,
    /// The edge of a bar.
    pub(crate) line: Option<Line>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Line {
    #[serde(default)]
    pub(crate) color: String,
    pub(crate) width: Option<f64>,
    #[serde(default)]
    pub(crate) dash: String,
}

/// Error bars: up and down, or `array` both ways.
#[derive(Debug, Deserialize)]
pub(crate) struct Whiskers {
    pub(crate) array: Vec<Option<f64>>,
    pub(crate) arrayminus: Option<Vec<Option<f64>>>,
    pub(crate) color: String,
    pub(crate) thickness: f64,
}

impl Whiskers {
    /// Both ends of the whisker of a value.
    pub(crate) fn ends(&self, index: usize, value: f64) -> Option<[f64; 2]> {
        let at = |array: &Vec<Option<f64>>| array.get(index).copied().flatten();
        let up = at(&self.array)?;
        let down = self.arrayminus.as_ref().map_or(Some(up), at)?;
        Some([value - down, value + up])
    }
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Layout {
    #[serde(default)]
    pub(crate) barmode: String,
    pub(crate) bargap: Option<f64>,
    #[serde(default)]
    pub(crate) xaxis: AxisLayout,
    #[serde(default)]
    pub(crate) yaxis: AxisLayout,
    #[serde(default)]
    pub(crate) shapes: Vec<Shape>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct AxisLayout {
    #[serde(default)]
    pub(crate) title: Title,
    /// `category`, `log` or nothing.
    #[serde(default, rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) tickformat: String,
    /// Ends of a fixed range; logarithms where `kind` is `log`.
    pub(crate) range: Option<[f64; 2]>,
    #[serde(default)]
    pub(crate) autorange: String,
    #[serde(default)]
    pub(crate) rangemode: String,
    pub(crate) dtick: Option<f64>,
    pub(crate) tickvals: Option<Vec<f64>>,
    pub(crate) ticktext: Option<Vec<String>>,
    pub(crate) tickangle: Option<f64>,
    #[serde(default)]
    pub(crate) tickfont: Font,
    /// The order of the categories, where it is not that of the traces.
    pub(crate) categoryarray: Option<Vec<String>>,
    pub(crate) showgrid: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Title {
    #[serde(default)]
    pub(crate) text: String,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Font {
    pub(crate) size: Option<f64>,
    #[serde(default)]
    pub(crate) color: String,
}

/// A straight line; on `paper` from 0 to 1 over the plot, else in units of the axis.
#[derive(Debug, Deserialize)]
pub(crate) struct Shape {
    pub(crate) x0: f64,
    pub(crate) x1: f64,
    pub(crate) y0: f64,
    pub(crate) y1: f64,
    #[serde(default)]
    pub(crate) xref: String,
    #[serde(default)]
    pub(crate) yref: String,
    pub(crate) line: Line,
}
