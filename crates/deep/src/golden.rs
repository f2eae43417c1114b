//! Networks with given weights against PyTorch: `tests/golden/make_golden.py` made the values.
#![allow(clippy::unwrap_used)]

use serde_json::Value;

use crate::layers::{LayerKind, Pass};
use crate::loss::{cross_entropy, squared_error};
use crate::network::Network;
use crate::optimiser::{AdamW, Rates};
use crate::tensor::{Shape, Tensor};

const N: usize = 5;
const TRAIN: Pass = Pass::Train { seed: 0, stream: 0 };

/// As `numbers` of the script.
fn numbers(n: usize, salt: i64, scale: f32) -> Vec<f32> {
    (0..n as i64)
        .map(|k| ((k * 7919 + salt * 104_729 + k * k % 613) % 1013 - 506) as f32 / 512.0 * scale)
        .collect()
}

/// As `draw` of the script: parameters and what is remembered, layer by layer.
fn network(layers: &Value) -> Network {
    let kinds: Vec<LayerKind> = serde_json::from_value(layers.clone()).unwrap();
    let mut network = Network::drawn(&kinds, 0, 0);
    let mut arrays = network.arrays("a");
    for (array, salt) in arrays.iter_mut().zip(1..) {
        array.values = numbers(array.values.len(), salt, 0.5);
        if array.name.ends_with("running_var") {
            array
                .values
                .iter_mut()
                .for_each(|value| *value = value.abs() + 0.5);
        }
    }
    let find = |name: &str| arrays.iter().find(|array| array.name == name).cloned();
    network.restore("a", find).unwrap();
    network
}

fn frames() -> Tensor {
    let shape = Shape {
        n: N,
        t: 14,
        f: 12,
        c: 1,
    };
    Tensor::new(shape, numbers(shape.len(), 77, 1.0))
}

fn loss_of(name: &str, out: &Tensor, x: &Tensor) -> (f64, Tensor) {
    if name == "autoencoder" {
        return squared_error(out, x);
    }
    let mut targets: Vec<f32> = numbers(N * 3, 91, 1.0)
        .iter()
        .map(|value| value.abs() + 0.125)
        .collect();
    for row in targets.chunks_exact_mut(3) {
        let sum: f32 = row.iter().sum();
        row.iter_mut().for_each(|value| *value /= sum);
    }
    let weights: Vec<f32> = (1..=N).map(|k| k as f32 / N as f32).collect();
    cross_entropy(out, &targets, &weights)
}

fn assert_close(got: &[f32], want: &Value, what: &str) {
    let want: Vec<f64> = serde_json::from_value(want.clone()).unwrap();
    assert_eq!(got.len(), want.len(), "{what}");
    for (index, (&got, &want)) in got.iter().zip(&want).enumerate() {
        let far = (f64::from(got) - want).abs();
        assert!(
            far <= 1e-5 + 1e-4 * want.abs(),
            "{what} {index}: {got} for {want}"
        );
    }
}

fn golden() -> Value {
    serde_json::from_str(include_str!("../tests/golden/torch.json")).unwrap()
}

#[test]
fn outputs_and_gradients_are_those_of_pytorch() {
    let golden = golden();
    let cases = golden["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 8);
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let network = network(&case["layers"]);
        let x = frames();
        let training = case["training"].as_bool().unwrap();
        let run = network.run(x.clone(), |_| if training { TRAIN } else { Pass::Explain });
        assert_close(&run.out.values, &case["out"], name);
        if !training {
            assert_eq!(network.output(x.clone()), run.out, "{name}: in use");
        }
        let (loss, gradient) = loss_of(name, &run.out, &x);
        assert!(
            (loss - case["loss"].as_f64().unwrap()).abs() < 1e-5,
            "{name}: {loss}"
        );
        let (gradients, of_input) = run.backward(gradient, true);
        let want = case["gradients"].as_array().unwrap();
        assert_eq!(gradients.len(), want.len());
        for ((gradient, want), array) in gradients.iter().zip(want).zip(network.parameters()) {
            assert_close(gradient, want, &format!("{name}, {training}, {}", array.name));
        }
        assert_close(
            &of_input.unwrap().values,
            &case["of_input"],
            &format!("{name}: input"),
        );
    }
}

#[test]
fn steps_are_those_of_pytorchs_adamw() {
    let golden = &golden()["adamw"];
    let mut network = network(&golden["layers"]);
    let mut optimiser = AdamW::new(network.parameters());
    let x = frames();
    for want in golden["losses"].as_array().unwrap() {
        let run = network.run(x.clone(), |_| TRAIN);
        let (loss, gradient) = loss_of("crnn", &run.out, &x);
        assert!((loss - want.as_f64().unwrap()).abs() < 1e-5, "{loss} for {want}");
        let (gradients, _) = run.backward(gradient, false);
        let rates = Rates {
            learning_rate: 0.01,
            weight_decay: 0.1,
            max_norm: 0.5,
        };
        optimiser.step(network.parameters_mut(), &gradients, rates);
    }
    assert_close(
        &network.parameters().next().unwrap().values,
        &golden["last"],
        "weights",
    );
}

#[test]
fn gradients_of_whole_networks_are_those_of_differences() {
    let golden = golden();
    for case in golden["cases"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|case| case["training"] == true)
    {
        let name = case["name"].as_str().unwrap();
        let mut network = network(&case["layers"]);
        let x = frames();
        let (gradients, _) = {
            let run = network.run(x.clone(), |_| TRAIN);
            let (_, gradient) = loss_of(name, &run.out, &x);
            run.backward(gradient, false)
        };
        let loss = |network: &Network| loss_of(name, &network.run(x.clone(), |_| TRAIN).out, &x).0;
        let middle = loss(&network);
        let step = 2e-3_f32;
        let mut compared = 0;
        for which in 0..gradients.len() {
            for index in (0..gradients[which].len()).step_by(3) {
                let mut at = |by: f32| {
                    network.parameters_mut().nth(which).unwrap().values[index] += by;
                    loss(&network)
                };
                let (up, down) = (at(step), at(-2.0 * step));
                at(step);
                let want = (up - down) / f64::from(2.0 * step);
                // where a maximum changes places between the two, there is no one slope
                let kink = ((up - middle) - (middle - down)).abs() / f64::from(step);
                let got = f64::from(gradients[which][index]);
                if kink < 0.02 {
                    compared += 1;
                    assert!(
                        (got - want).abs() < 2e-3 + kink,
                        "{name} {which} {index}: {got} for {want}"
                    );
                }
            }
        }
        assert!(compared > 30, "{name}: {compared}");
    }
}
