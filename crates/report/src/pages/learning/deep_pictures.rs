//! Pictures of networks: how they learnt, what they attended to, what an autoencoder kept.

use cratedigger_study::learning::deep::{
    Attended, AutoencoderFinding, Deep, EpochFinding, NetworkFinding, Picture,
};
use serde_json::{Value, json};

use crate::block::Figure;
use crate::format::{percent, plain};

/// Losses by epoch, of the networks, and of the autoencoder, whose loss is another.
pub(super) fn curves(found: &Deep) -> Vec<Figure> {
    let mut figures = Vec::new();
    let networks = found
        .networks
        .iter()
        .map(|network| (network.name.as_str(), network.curve.as_slice()));
    figures.extend(losses(
        "fig-deep-curves",
        "Networks: loss by epoch",
        "Cross-entropy",
        &networks.collect::<Vec<_>>(),
    ));
    if let Some(autoencoder) = &found.autoencoder {
        figures.extend(losses(
            "fig-autoencoder-curve",
            "Autoencoder: loss by epoch",
            "Mean squared error",
            &[("autoencoder", autoencoder.curve.as_slice())],
        ));
    }
    figures
}

fn losses(id: &str, title: &str, unit: &str, of: &[(&str, &[EpochFinding])]) -> Option<Figure> {
    let colours = ["@c1", "@c2", "@c3", "@c4"];
    let mut data = Vec::new();
    let mut seconds = Vec::new();
    for (at, (name, curve)) in of.iter().enumerate().filter(|(_, (_, curve))| curve.len() > 1) {
        let colour = colours[at % colours.len()];
        let mut line = |what: &str, dash: &str, points: Vec<(u64, f64)>| {
            if !points.is_empty() {
                let name = match of.len() {
                    1 => what.to_owned(),
                    _ => format!("{name}, {what}"),
                };
                data.push(json!({
                    "type": "scatter", "mode": "lines", "name": name,
                    "x": points.iter().map(|point| point.0).collect::<Vec<_>>(),
                    "y": points.iter().map(|point| point.1).collect::<Vec<_>>(),
                    "line": {"color": colour, "width": 2, "dash": dash}, "marker": {"color": colour},
                    "hovertemplate": "epoch %{x}: %{y:.4f}<extra></extra>",
                }));
            }
        };
        line(
            "training",
            "dot",
            curve
                .iter()
                .map(|epoch| (epoch.epoch, epoch.train_loss))
                .collect(),
        );
        let held_out = curve
            .iter()
            .filter_map(|epoch| Some((epoch.epoch, epoch.validation_loss?)));
        line("artists held out", "solid", held_out.collect());
        let mean = curve.iter().map(|epoch| epoch.epoch_seconds).sum::<f64>() / curve.len() as f64;
        seconds.push(format!("{name} {mean:.1} s an epoch"));
    }
    (!data.is_empty()).then(|| Figure {
        id: id.into(),
        title: title.into(),
        subtitle: seconds.join(", "),
        caption: "The weights of the epoch with the smallest loss on artists held out of the training tracks are kept. In training, \
                  masks and dropout make the task harder, so that its loss can lie above the other."
            .into(),
        alt: "Line chart of the loss by epoch, in training and on artists held out. The table has all numbers.".into(),
        height: 360,
        data: Value::Array(data),
        layout: json!({
            "xaxis": {"title": {"text": "Epoch"}},
            "yaxis": {"title": {"text": unit}, "rangemode": "tozero", "automargin": true},
        }),
    })
}

/// Of each example what was heard, the gradient, and occlusion.
pub(super) fn attended(network: &NetworkFinding) -> Vec<Vec<Figure>> {
    let of = |(at, example): (usize, &Attended)| {
        let id = |what: &str| format!("fig-{}-{}-{what}", network.name, at + 1);
        let (label, share) = (plain(&example.label), percent(example.probability));
        let who = format!("track {}, {label}, given {share}", example.track_id);
        let (sound, gradient) = (&example.spectrogram, &example.gradient);
        let occlusion = &example.occlusion;
        let around_zero = Scale::around_zero;
        vec![
            heat(
                id("sound"),
                "What it heard",
                &who,
                sound,
                Scale::of_sound(&[sound]),
            ),
            heat(
                id("gradient"),
                "By its gradient",
                &who,
                gradient,
                around_zero("Gradient", gradient),
            ),
            heat(
                id("occlusion"),
                "By occlusion",
                &who,
                occlusion,
                around_zero("Probability lost", occlusion),
            ),
        ]
    };
    network.examples.iter().enumerate().map(of).collect()
}

/// Each example before and after the code, on one scale.
pub(super) fn remade(found: &AutoencoderFinding) -> Vec<Figure> {
    let mut figures = Vec::new();
    for (at, example) in found.examples.iter().enumerate() {
        let who = format!("track {}, {}", example.track_id, plain(&example.label));
        let both = [&example.spectrogram, &example.remade];
        for (what, title, picture) in [
            ("input", "Before the code", both[0]),
            ("output", "After the code", both[1]),
        ] {
            let id = format!("fig-autoencoder-{}-{what}", at + 1);
            figures.push(heat(id, title, &who, picture, Scale::of_sound(&both)));
        }
    }
    figures
}

/// The colours of numbers.
struct Scale {
    title: &'static str,
    low: f64,
    high: f64,
    colours: Value,
}

impl Scale {
    fn of_sound(pictures: &[&Picture]) -> Self {
        let values = || {
            pictures
                .iter()
                .flat_map(|picture| picture.rows.iter().flatten().copied())
        };
        let low = values().fold(f64::INFINITY, f64::min);
        let high = values().fold(f64::NEG_INFINITY, f64::max);
        Self {
            title: "Loudness",
            low,
            high: if high > low { high } else { low + 1.0 },
            colours: json!([[0, "@card"], [0.5, "@c1"], [1, "@ink"]]),
        }
    }

    fn around_zero(title: &'static str, picture: &Picture) -> Self {
        let values = picture.rows.iter().flatten();
        let most = values
            .fold(0.0_f64, |most, value| most.max(value.abs()))
            .max(1e-4);
        Self {
            title,
            low: -most,
            high: most,
            colours: json!([[0, "@low"], [0.5, "@mid"], [1, "@high"]]),
        }
    }
}

fn heat(id: String, title: &str, who: &str, picture: &Picture, scale: Scale) -> Figure {
    let names = |n: usize, step: u64| {
        (0..n as u64)
            .map(|at| (at * step).to_string())
            .collect::<Vec<_>>()
    };
    let n_columns = picture.rows.first().map_or(0, Vec::len);
    let x = names(n_columns, picture.frames_per_column);
    let y = names(picture.rows.len(), picture.bands_per_row);
    // Five along each axis: the others would run into each other.
    let ticks = |names: &[String]| {
        let every = names.len().div_ceil(5).max(1);
        let at: Vec<usize> = (0..names.len()).step_by(every).collect();
        let text: Vec<&String> = at.iter().map(|&at| &names[at]).collect();
        json!({"type": "category", "tickmode": "array", "tickvals": at, "ticktext": text, "tickangle": 0, "showgrid": false, "automargin": true})
    };
    let titled = |mut axis: Value, title: &str| {
        axis["title"] = json!({"text": title});
        axis
    };
    Figure {
        id,
        title: title.into(),
        subtitle: who.into(),
        caption: "Time goes to the right, by frames; bands go up, from low to high.".into(),
        alt: format!("Heat map over frames and bands: {title}, {who}."),
        height: 300,
        data: json!([{
            "type": "heatmap", "x": x, "y": y, "z": picture.rows, "zmin": scale.low, "zmax": scale.high,
            "colorscale": scale.colours,
            "colorbar": {"title": {"text": scale.title}, "thickness": 12, "outlinewidth": 0},
            "hovertemplate": "frame %{x}, band %{y}: %{z}<extra></extra>",
        }]),
        layout: json!({"xaxis": titled(ticks(&x), "Frame"), "yaxis": titled(ticks(&y), "Band")}),
    }
}
