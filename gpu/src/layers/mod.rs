//! Layers: which kernels make what of a batch, and of gradients on the way back.
//!
//! Formulas and layouts are those of `cratedigger-deep`'s layers.

mod map;
mod norm;
mod products;
mod recurrent;
mod simple;

use cratedigger_deep::LayerKind;

use crate::device::{Numbers, Record};
pub(crate) use map::{Backward, Map};
use recurrent::Recurrent;

/// The arrays of a layer: what is learnt, then what is remembered; behind them those that are made of them.
pub(crate) type Arrays = Vec<Numbers>;

/// What the way back needs of a layer.
pub(crate) enum Kept {
    Input(Map),
    Norm(norm::Kept),
    Recurrent(recurrent::Kept),
    Factors(Option<Numbers>),
}

/// What a layer needs to be made of the values of its arrays.
pub(crate) fn derived(kind: LayerKind, values: &[&[f32]]) -> Option<Vec<f32>> {
    let layer = match kind {
        LayerKind::Gru { inputs, hidden } => Recurrent::gru(inputs, hidden),
        LayerKind::Lstm { inputs, hidden } => Recurrent::lstm(inputs, hidden),
        _ => return None,
    };
    Some(layer.turned(values[1]))
}

/// Runs a layer. In training `factors` are those of a layer that leaves numbers out.
pub(crate) fn forward(
    record: &mut Record<'_>,
    kind: LayerKind,
    arrays: &Arrays,
    x: Map,
    training: bool,
    factors: Option<&[f32]>,
) -> (Map, Kept) {
    match kind {
        LayerKind::Conv {
            inputs,
            outputs,
            bias,
        } => {
            let bias = bias.then(|| &arrays[1]);
            let out = products::conv(record, (inputs, outputs), &arrays[0], bias, &x);
            (out, Kept::Input(x))
        }
        LayerKind::NormReluPool { frames, bands, .. } => {
            let (out, kept) = norm::forward(record, (frames, bands), arrays, x, training);
            (out, Kept::Norm(kept))
        }
        LayerKind::Upsample { frames, bands } => {
            let out = simple::repeat(record, (frames, bands), &x);
            (out, Kept::Input(x))
        }
        LayerKind::Gru { inputs, hidden } => {
            let (out, kept) = Recurrent::gru(inputs, hidden).forward(record, arrays, x);
            (out, Kept::Recurrent(kept))
        }
        LayerKind::Lstm { inputs, hidden } => {
            let (out, kept) = Recurrent::lstm(inputs, hidden).forward(record, arrays, x);
            (out, Kept::Recurrent(kept))
        }
        LayerKind::Summarise(summary) => {
            let out = simple::summary(record, summary, &x);
            (out, Kept::Input(x))
        }
        LayerKind::Dense { outputs, .. } => {
            let out = products::dense(record, outputs, arrays, &x);
            (out, Kept::Input(x))
        }
        LayerKind::Dropout(_) => {
            let factors = factors.map(|factors| record.device.numbers(factors));
            let out = match &factors {
                Some(factors) => simple::multiply(record, &x, factors),
                None => x,
            };
            (out, Kept::Factors(factors))
        }
    }
}

/// The way back.
pub(crate) fn backward(
    record: &mut Record<'_>,
    kind: LayerKind,
    arrays: &Arrays,
    kept: Kept,
    gradient: Map,
    wanted: bool,
) -> Backward {
    match (kind, kept) {
        (LayerKind::Conv { bias, .. }, Kept::Input(x)) => {
            products::conv_back(record, bias, &arrays[0], &x, &gradient, wanted)
        }
        (LayerKind::NormReluPool { .. }, Kept::Norm(kept)) => norm::backward(record, &kept, &gradient),
        (LayerKind::Upsample { frames, bands }, Kept::Input(x)) => {
            let input = simple::gather(record, (frames, bands), x.shape, &gradient);
            (Some(input), Vec::new())
        }
        (LayerKind::Summarise(_), Kept::Input(x)) => {
            (Some(simple::summary_back(record, &x, &gradient)), Vec::new())
        }
        (LayerKind::Dense { .. }, Kept::Input(x)) => {
            products::dense_back(record, &arrays[0], &x, &gradient, wanted)
        }
        (LayerKind::Dropout(_), Kept::Factors(Some(factors))) => {
            (Some(simple::multiply(record, &gradient, &factors)), Vec::new())
        }
        (_, Kept::Recurrent(kept)) => kept.backward(record, arrays, &gradient, wanted),
        (_, _) => (Some(gradient), Vec::new()),
    }
}
