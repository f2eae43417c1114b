//! Axes: which values they hold, where these lie, and which of them are written down.

use super::numbers::{format_number, multiples, nice_step};
use super::paper::unplain;
use super::spec::{AxisLayout, Chart, Datum, Trace};
use crate::format::count;

/// What an axis measures.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// Names, one unit each.
    Category(Vec<String>),
    /// Numbers.
    Linear,
    /// Powers of ten: places are decimal logarithms.
    Log,
}

/// An axis and its place on the paper.
#[derive(Debug, Clone)]
pub(crate) struct Axis {
    pub(crate) kind: Kind,
    /// Ends in units of the axis: logarithms where it is logarithmic, 0 and the number of names where it has names.
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// The places of both ends.
    from: f64,
    to: f64,
}

/// A value that is written down.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tick {
    pub(crate) at: f64,
    pub(crate) text: String,
}

impl Axis {
    /// The axis of a chart that holds all of its values; `vertical` for the second one.
    pub(crate) fn of(chart: &Chart, vertical: bool) -> Self {
        let layout = if vertical {
            &chart.layout.yaxis
        } else {
            &chart.layout.xaxis
        };
        let data = || chart.traces.iter().flat_map(|trace| coordinates(trace, vertical));
        let kind = if layout.kind == "log" {
            Kind::Log
        } else if layout.kind == "category" || data().any(|datum| matches!(datum, Datum::Text(_))) {
            let mut names = layout.categoryarray.clone().unwrap_or_default();
            for datum in data() {
                if let Datum::Text(name) = datum
                    && !names.contains(&name)
                {
                    names.push(name);
                }
            }
            Kind::Category(names)
        } else {
            Kind::Linear
        };
        let [low, high] = match &kind {
            Kind::Category(names) => [0.0, names.len() as f64],
            _ => layout
                .range
                .unwrap_or_else(|| range(chart, layout, vertical, kind == Kind::Log)),
        };
        Self {
            kind,
            low,
            high,
            from: 0.0,
            to: 1.0,
        }
    }

    /// Lays the axis on the paper, from the place of its low end to that of its high end; backwards where the layout says so.
    pub(crate) fn lay(&mut self, layout: &AxisLayout, from: f64, to: f64) {
        (self.from, self.to) = if layout.autorange == "reversed" {
            (to, from)
        } else {
            (from, to)
        };
    }

    /// The place of a number in units of the axis.
    pub(crate) fn place(&self, value: f64) -> f64 {
        self.from + (value - self.low) / (self.high - self.low) * (self.to - self.from)
    }

    /// The place of a number: of its logarithm where the axis is logarithmic, which is the low end for what has none.
    pub(crate) fn of_number(&self, value: f64) -> f64 {
        match self.kind {
            Kind::Log if value > 0.0 => self.place(value.log10().max(self.low)),
            Kind::Log => self.place(self.low),
            _ => self.place(value),
        }
    }

    /// A coordinate in units of the axis: the middle of a name's unit; `None` for what is not there.
    pub(crate) fn unit(&self, datum: &Datum) -> Option<f64> {
        match (&self.kind, datum) {
            (Kind::Category(names), Datum::Text(name)) => {
                Some(names.iter().position(|own| own == name)? as f64 + 0.5)
            }
            (Kind::Log, Datum::Number(value)) => (*value > 0.0).then(|| value.log10()),
            (Kind::Linear, Datum::Number(value)) => Some(*value),
            _ => None,
        }
    }

    /// The room of one unit.
    pub(crate) fn room(&self) -> f64 {
        ((self.to - self.from) / (self.high - self.low)).abs()
    }

    /// The names, where it has names.
    pub(crate) fn names(&self) -> Option<&[String]> {
        match &self.kind {
            Kind::Category(names) => Some(names),
            _ => None,
        }
    }

    /// What is written along the axis, at most one text for `spacing` units of the paper where the layout leaves the choice.
    pub(crate) fn ticks(&self, layout: &AxisLayout, spacing: f64) -> Vec<Tick> {
        match &self.kind {
            // Some of the names, by their numbers.
            Kind::Category(_) if layout.tickvals.is_some() => {
                let values = layout.tickvals.iter().flatten();
                let texts = layout.ticktext.iter().flatten();
                let tick = |(value, text): (&f64, &String)| Tick {
                    at: self.place(value + 0.5),
                    text: unplain(text),
                };
                values.zip(texts).map(tick).collect()
            }
            Kind::Category(names) => (names.iter().enumerate())
                .map(|(index, name)| Tick {
                    at: self.place(index as f64 + 0.5),
                    text: unplain(name),
                })
                .collect(),
            Kind::Log => self.log_ticks(layout),
            Kind::Linear => {
                let n = ((self.to - self.from).abs() / spacing).max(1.0);
                let step = layout
                    .dtick
                    .unwrap_or_else(|| nice_step((self.high - self.low) / n));
                multiples(step, self.low, self.high)
                    .map(|value| Tick {
                        at: self.place(value),
                        text: format_number(value, &layout.tickformat, step),
                    })
                    .collect()
            }
        }
    }

    fn log_ticks(&self, layout: &AxisLayout) -> Vec<Tick> {
        if let (Some(values), Some(texts)) = (&layout.tickvals, &layout.ticktext) {
            let inside = |value: &f64| *value > 0.0 && (self.low..=self.high).contains(&value.log10());
            return (values.iter().zip(texts))
                .filter(|(value, _)| inside(value))
                .map(|(value, text)| Tick {
                    at: self.of_number(*value),
                    text: text.clone(),
                })
                .collect();
        }
        let steps: &[f64] = if layout.dtick.is_some() || self.high - self.low > 2.5 {
            &[1.0]
        } else if self.high - self.low > 1.2 {
            &[1.0, 3.0]
        } else {
            &[1.0, 2.0, 5.0]
        };
        let powers = self.low.floor() as i32..=self.high.ceil() as i32;
        powers
            .flat_map(|power| steps.iter().map(move |step| (step, power)))
            .map(|(step, power)| {
                // Written as a number and read back, so that 0.3 is not 0.30000000000000004.
                let text = format!("{step}e{power}");
                (text.parse::<f64>().unwrap_or(1.0), power)
            })
            .filter(|(value, _)| (self.low - 1e-9..=self.high + 1e-9).contains(&value.log10()))
            .map(|(value, power)| Tick {
                at: self.of_number(value),
                text: if value < 1.0 {
                    format!("{value:.*}", -power as usize)
                } else {
                    count(value.round() as u64)
                },
            })
            .collect()
    }
}

fn coordinates(trace: &Trace, vertical: bool) -> Vec<Datum> {
    let own = |x: &[Datum], y: &[Datum]| if vertical { y.to_vec() } else { x.to_vec() };
    match trace {
        Trace::Bar(bar) => own(&bar.x, &bar.y),
        Trace::Scatter(scatter) => own(&scatter.x, &scatter.y),
        Trace::Heatmap(heatmap) => {
            let names = if vertical { &heatmap.y } else { &heatmap.x };
            names.iter().cloned().map(Datum::Text).collect()
        }
    }
}

/// A range with all numbers of an axis in it, whiskers and lines across the plot too.
fn range(chart: &Chart, layout: &AxisLayout, vertical: bool, log: bool) -> [f64; 2] {
    let mut values: Vec<f64> = Vec::new();
    let mut from_zero = layout.rangemode == "tozero";
    let mut stacked: Vec<(Datum, f64)> = Vec::new();
    for trace in &chart.traces {
        match trace {
            Trace::Bar(bar) if bar.is_horizontal() != vertical => {
                from_zero = true;
                for (index, (place, value)) in bar.places().iter().zip(bar.values()).enumerate() {
                    let Some(value) = value.number() else { continue };
                    values.push(value);
                    values.extend(
                        bar.whiskers()
                            .and_then(|whiskers| whiskers.ends(index, value))
                            .into_iter()
                            .flatten(),
                    );
                    if chart.layout.barmode == "stack" {
                        match stacked.iter_mut().find(|(own, _)| own == place) {
                            Some((_, sum)) => *sum += value,
                            None => stacked.push((place.clone(), value)),
                        }
                    }
                }
            }
            Trace::Bar(bar) => {
                let half = bar.width.unwrap_or(1.0) / 2.0;
                let places = bar.places().iter().filter_map(Datum::number);
                values.extend(places.flat_map(|at| [at - half, at + half]));
            }
            Trace::Scatter(scatter) => {
                let data = if vertical { &scatter.y } else { &scatter.x };
                for (index, value) in data.iter().enumerate() {
                    let Some(value) = value.number() else { continue };
                    values.push(value);
                    let whiskers = scatter.error_y.as_ref().filter(|_| vertical);
                    values.extend(
                        whiskers
                            .and_then(|whiskers| whiskers.ends(index, value))
                            .into_iter()
                            .flatten(),
                    );
                }
            }
            Trace::Heatmap(_) => {}
        }
    }
    values.extend(stacked.into_iter().map(|(_, sum)| sum));
    for shape in &chart.layout.shapes {
        let (on_paper, ends) = if vertical {
            (shape.yref == "paper", [shape.y0, shape.y1])
        } else {
            (shape.xref == "paper", [shape.x0, shape.x1])
        };
        if !on_paper {
            values.extend(ends);
        }
    }
    if log {
        values.retain(|value| *value > 0.0);
        values.iter_mut().for_each(|value| *value = value.log10());
    }
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !(high - low).is_finite() {
        return [0.0, 1.0];
    }
    if log {
        // The least bar can be seen too.
        let below = if from_zero {
            0.3
        } else {
            0.08 * (high - low).max(0.5)
        };
        return [low - below, high + 0.08 * (high - low).max(0.5)];
    }
    let (low, high) = if from_zero {
        (low.min(0.0), high.max(0.0))
    } else {
        (low, high)
    };
    let margin = 0.06
        * if high > low {
            high - low
        } else {
            high.abs().max(1.0)
        };
    [
        if from_zero && low == 0.0 {
            0.0
        } else {
            low - margin
        },
        if from_zero && high == 0.0 && low < 0.0 {
            0.0
        } else {
            high + margin
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(kind: Kind, low: f64, high: f64) -> Axis {
        Axis {
            kind,
            low,
            high,
            from: 0.0,
            to: 100.0,
        }
    }

    fn texts(axis: &Axis, layout: &AxisLayout, spacing: f64) -> Vec<String> {
        axis.ticks(layout, spacing)
            .into_iter()
            .map(|tick| tick.text)
            .collect()
    }

    #[test]
    fn ticks_are_round_and_inside() {
        let layout = AxisLayout {
            tickformat: ".0%".into(),
            ..AxisLayout::default()
        };
        assert_eq!(
            texts(&axis(Kind::Linear, 0.0, 1.02), &layout, 25.0),
            ["0%", "50%", "100%"]
        );
        let plain = AxisLayout::default();
        assert_eq!(
            texts(&axis(Kind::Log, -1.2, 2.0), &plain, 25.0),
            ["0.1", "1", "10", "100"]
        );
        assert_eq!(
            texts(&axis(Kind::Log, -0.5, 0.5), &plain, 25.0),
            ["0.5", "1", "2"]
        );
    }

    #[test]
    fn names_and_numbers_have_places() {
        let names = axis(Kind::Category(vec!["a".into(), "b".into()]), 0.0, 2.0);
        assert_eq!(names.unit(&Datum::Text("b".into())), Some(1.5));
        assert_eq!((names.place(1.5), names.room()), (75.0, 50.0));
        assert_eq!(names.unit(&Datum::Text("c".into())), None);
        let log = axis(Kind::Log, 0.0, 2.0);
        assert_eq!((log.of_number(10.0), log.of_number(0.0)), (50.0, 0.0));
        assert_eq!(log.unit(&Datum::Number(-1.0)), None);
    }
}
