//! Gradients against finite differences, layer by layer.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::tensor::{Shape, Tensor};
use cratedigger_stats::SeededRng;

const TRAIN: Pass = Pass::Train { seed: 5, stream: 9 };

/// Numbers without a pattern.
fn values(n: usize, stream: u64) -> Vec<f32> {
    let mut rng = SeededRng::stream(3, stream);
    (0..n).map(|_| rng.uniform(-1.0, 1.0) as f32).collect()
}

fn drawn(kind: LayerKind) -> Box<dyn Layer> {
    let mut layer = build(kind);
    let n_parameters = layer.parameters().len() as u64;
    for (array, stream) in layer.parameters_mut().iter_mut().zip(100..) {
        array.values = values(array.values.len(), stream);
    }
    for (index, array) in layer.buffers_mut().iter_mut().enumerate() {
        array.values = values(array.values.len(), 200 + n_parameters);
        if index == 1 {
            array
                .values
                .iter_mut()
                .for_each(|value| *value = 0.5 + value.abs());
        }
    }
    layer
}

/// The loss is the sum of what comes out, each number times one of `weights`.
fn loss(layer: &dyn Layer, x: &Tensor, weights: &[f32], pass: Pass) -> f64 {
    let out = layer.forward(x.clone(), pass).out;
    out.values
        .iter()
        .zip(weights)
        .map(|(a, b)| f64::from(a * b))
        .sum()
}

/// Every gradient of a layer, or some hundred of them, against differences of the loss.
fn check(kind: LayerKind, shape: Shape, pass: Pass) {
    let mut layer = drawn(kind);
    let mut x = Tensor::new(shape, values(shape.len(), 1));
    let out_shape = layer.shape(shape).unwrap();
    let weights = values(out_shape.len(), 2);
    let (gradients, out) = {
        let forward = layer.forward(x.clone(), pass);
        let gradient = Tensor::new(out_shape, weights.clone());
        let out = forward.out.shape;
        (forward.backward.unwrap()(gradient, true), out)
    };
    assert_eq!(out, out_shape, "{kind:?}");
    let mut compared = 0;
    // slopes by a wide and a narrow step: where they differ, a maximum or a rectifier has a kink between
    let mut compare = |what: &str, index: usize, got: f32, [wide, narrow]: [f64; 2]| {
        let tolerance = 3e-3 * (1.0 + wide.abs());
        if (wide - narrow).abs() < tolerance {
            compared += 1;
            let got = f64::from(got);
            assert!(
                (got - wide).abs() < 2.0 * tolerance,
                "{kind:?}, {what} {index}: {got} for {wide}"
            );
        }
    };
    const STEPS: [f32; 2] = [4e-3, 1.5e-3];
    let input = gradients.input.unwrap();
    assert_eq!(input.shape, shape);
    let stride = (shape.len() / 150).max(1);
    for index in (0..shape.len()).step_by(stride) {
        let before = x.values[index];
        let slopes = STEPS.map(|step| {
            x.values[index] = before + step;
            let up = loss(&*layer, &x, &weights, pass);
            x.values[index] = before - step;
            let down = loss(&*layer, &x, &weights, pass);
            (up - down) / f64::from(2.0 * step)
        });
        x.values[index] = before;
        compare("input", index, input.values[index], slopes);
    }
    assert_eq!(gradients.parameters.len(), layer.parameters().len());
    for which in 0..gradients.parameters.len() {
        let n = layer.parameters()[which].values.len();
        assert_eq!(gradients.parameters[which].len(), n);
        for index in (0..n).step_by((n / 100).max(1)) {
            let before = layer.parameters()[which].values[index];
            let slopes = STEPS.map(|step| {
                layer.parameters_mut()[which].values[index] = before + step;
                let up = loss(&*layer, &x, &weights, pass);
                layer.parameters_mut()[which].values[index] = before - step;
                let down = loss(&*layer, &x, &weights, pass);
                (up - down) / f64::from(2.0 * step)
            });
            layer.parameters_mut()[which].values[index] = before;
            let name = layer.parameters()[which].name.clone();
            compare(&name, index, gradients.parameters[which][index], slopes);
        }
    }
    assert!(compared >= 18, "{kind:?}: only {compared} were compared");
}

fn shape(n: usize, t: usize, f: usize, c: usize) -> Shape {
    Shape { n, t, f, c }
}

#[test]
fn gradients_are_those_of_differences() {
    for pass in [TRAIN, Pass::Explain] {
        for (inputs, outputs, bias) in [(1, 3, false), (4, 2, true)] {
            let kind = LayerKind::Conv {
                inputs,
                outputs,
                bias,
            };
            check(kind, shape(3, 5, 4, inputs), pass);
            check(kind, shape(1, 1, 6, inputs), pass);
            check(kind, shape(11, 4, 1, inputs), pass);
        }
        for (frames, bands) in [(1, 1), (2, 2), (1, 3), (2, 1)] {
            let kind = LayerKind::NormReluPool {
                channels: 3,
                frames,
                bands,
            };
            check(kind, shape(4, 5, 7, 3), pass);
        }
        check(
            LayerKind::Upsample { frames: 2, bands: 3 },
            shape(2, 3, 2, 4),
            pass,
        );
        for n in [2, 19] {
            check(LayerKind::Gru { inputs: 6, hidden: 5 }, shape(n, 7, 2, 3), pass);
            check(LayerKind::Lstm { inputs: 6, hidden: 5 }, shape(n, 7, 3, 2), pass);
        }
        check(LayerKind::Summarise(Summary::Mean), shape(2, 3, 4, 3), pass);
        check(LayerKind::Summarise(Summary::MeanMax), shape(2, 3, 4, 3), pass);
        check(
            LayerKind::Dense {
                inputs: 4,
                outputs: 3,
            },
            shape(3, 2, 2, 4),
            pass,
        );
        check(LayerKind::Dropout(0.4), shape(2, 3, 4, 3), pass);
    }
}

#[test]
fn a_convolution_is_that_of_the_slow_formula() {
    let (inputs, outputs) = (3, 4);
    let conv = drawn(LayerKind::Conv {
        inputs,
        outputs,
        bias: true,
    });
    // several blocks of frames
    let shape = shape(2, 70, 96, inputs);
    let x = Tensor::new(shape, values(shape.len(), 1));
    let out = conv.forward(x.clone(), Pass::Use).out;
    let (weight, bias) = (&conv.parameters()[0].values, &conv.parameters()[1].values);
    for n in 0..shape.n {
        for t in 0..shape.t {
            for f in 0..shape.f {
                for o in 0..outputs {
                    let mut want = f64::from(bias[o]);
                    for (kt, kf) in (0..9).map(|k| (k / 3, k % 3)) {
                        let (from_t, from_f) = ((t + kt).wrapping_sub(1), (f + kf).wrapping_sub(1));
                        if from_t < shape.t && from_f < shape.f {
                            for i in 0..inputs {
                                let x = x.values[((n * shape.t + from_t) * shape.f + from_f) * inputs + i];
                                let weight = weight[((kt * 3 + kf) * inputs + i) * outputs + o];
                                want += f64::from(x) * f64::from(weight);
                            }
                        }
                    }
                    let got = out.values[((n * shape.t + t) * shape.f + f) * outputs + o];
                    assert!(
                        (f64::from(got) - want).abs() < 1e-5,
                        "{n} {t} {f} {o}: {got} for {want}"
                    );
                }
            }
        }
    }
}

#[test]
fn an_excerpt_gets_the_same_bits_in_any_company() {
    let kinds = [
        LayerKind::Conv {
            inputs: 2,
            outputs: 5,
            bias: false,
        },
        LayerKind::NormReluPool {
            channels: 2,
            frames: 2,
            bands: 2,
        },
        LayerKind::Summarise(Summary::MeanMax),
    ];
    // the others multiply all places of a batch at once, and a clip's batches are of its own excerpts alone
    for kind in kinds {
        let layer = drawn(kind);
        let many = Tensor::new(shape(40, 6, 8, 2), values(40 * 96, 1));
        let alone = Tensor::new(shape(1, 6, 8, 2), many.values[21 * 96..22 * 96].to_vec());
        let many = layer.forward(many, Pass::Use).out;
        let alone = layer.forward(alone, Pass::Use).out;
        let size = alone.values.len();
        assert_eq!(alone.values, many.values[21 * size..22 * size], "{kind:?}");
    }
}

#[test]
fn dropout_leaves_out_its_share_and_keeps_the_mean() {
    let layer = build(LayerKind::Dropout(0.25));
    let x = Tensor::new(shape(10, 10, 10, 10), vec![1.0; 10_000]);
    assert_eq!(layer.forward(x.clone(), Pass::Use).out, x);
    let out = layer.forward(x.clone(), TRAIN).out.values;
    let n_zero = out.iter().filter(|&&value| value == 0.0).count();
    assert!((2_300..2_700).contains(&n_zero), "{n_zero}");
    assert!(
        out.iter()
            .all(|&value| value == 0.0 || (value - 4.0 / 3.0).abs() < 1e-6)
    );
    let other = Pass::Train { seed: 5, stream: 10 };
    assert_ne!(layer.forward(x, other).out.values, out);
}

#[test]
fn moments_of_batches_are_remembered_as_in_pytorch() {
    let mut layer = build(LayerKind::NormReluPool {
        channels: 1,
        frames: 1,
        bands: 1,
    });
    let x = Tensor::new(shape(4, 1, 1, 1), vec![1.0, 2.0, 3.0, 6.0]);
    let moments = layer.forward(x, TRAIN).moments.unwrap();
    layer.remember(moments);
    // mean 3; variance over n - 1: 14 / 3
    let [mean, var] = [layer.buffers()[0].values[0], layer.buffers()[1].values[0]];
    assert!(
        (mean - 0.3).abs() < 1e-6 && (var - (0.9 + 1.4 / 3.0)).abs() < 1e-6,
        "{mean} {var}"
    );
}
