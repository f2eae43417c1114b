#![allow(clippy::unwrap_used)]

mod training;

use serde_json::Value;

use super::network::{Network, Rows, Targets};
use super::*;
use crate::data::matrix::Matrix;
use crate::methods::mlp::train::epochs;
use crate::test_support::{assert_close, floats, golden, indices};
use cratedigger_stats::rng::SeededRng;

fn singles(value: &Value) -> Vec<f32> {
    floats(value).into_iter().map(|value| value as f32).collect()
}

fn doubles(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&value| f64::from(value)).collect()
}

/// A network with the weights of a golden file.
fn network_of(sizes: &[usize], activation: Activation, weights: &Value, biases: &Value) -> Network {
    let layers = sizes.windows(2).zip(weights.as_array().unwrap());
    Network {
        sizes: sizes.to_vec(),
        activation,
        independent: false,
        weights: layers.map(|(_, values)| singles(values)).collect(),
        biases: biases.as_array().unwrap().iter().map(singles).collect(),
    }
}

#[test]
fn nine_steps_equal_scikit_learn() {
    let golden = golden(include_str!("../../../tests/golden/mlp.json"));
    let x = Matrix::new(23, 5, singles(&golden["x"])).unwrap();
    for case in golden["cases"].as_array().unwrap() {
        let parameters: MlpClassifier = serde_json::from_value(case["parameters"].clone()).unwrap();
        let n_classes = case["n_classes"].as_u64().unwrap() as usize;
        let mut sizes = vec![5];
        sizes.extend(&parameters.hidden_layer_sizes);
        sizes.push(if n_classes == 2 { 1 } else { n_classes });
        let network = network_of(
            &sizes,
            parameters.activation,
            &case["first_weights"],
            &case["first_biases"],
        );
        let sample_weight = case["sample_weight"]
            .as_array()
            .map(|_| singles(&case["sample_weight"]));
        let y = indices(&case["y"]);
        let rows = Rows {
            x: &x,
            y: Targets::Classes(&y),
            sample_weight: sample_weight.as_deref(),
        };
        let outcome = epochs(
            &parameters,
            network,
            &rows,
            None,
            &mut SeededRng::new(0),
            &mut |_, _, _| {},
        )
        .unwrap();
        // f32 against f64 over nine steps; Adam divides by the root of small gradients, which magnifies rounding.
        for layer in 0..sizes.len() - 1 {
            let weights = outcome.network.weights[layer].clone();
            assert_close(&doubles(&weights), &floats(&case["weights"][layer]), 2e-5);
            assert_close(
                &doubles(&outcome.network.biases[layer]),
                &floats(&case["biases"][layer]),
                2e-5,
            );
        }
        assert_close(&outcome.loss_curve, &floats(&case["loss_curve"]), 1e-6);
        let fitted = fitted::FittedMlp::new(outcome, (0..n_classes).collect(), n_classes);
        assert_close(
            fitted.predict_proba(&x).unwrap().as_slice(),
            &floats(&case["proba"]),
            2e-5,
        );
    }
}

/// The loss, written out row by row in `f64`.
fn slow_loss(
    sizes: &[usize],
    activation: Activation,
    parameters: &[Vec<f64>],
    rows: &Rows<'_>,
    alpha: f64,
) -> f64 {
    let n_layers = sizes.len() - 1;
    let mut loss = 0.0;
    let mut total_weight = 0.0;
    for (row, x) in rows.x.rows().enumerate() {
        let mut values = doubles(x);
        for layer in 0..n_layers {
            let (weights, biases) = (&parameters[layer], &parameters[n_layers + layer]);
            let mut next = biases.clone();
            for (input, value) in values.iter().enumerate() {
                for (output, sum) in next.iter_mut().enumerate() {
                    *sum += value * weights[input * sizes[layer + 1] + output];
                }
            }
            if layer + 1 < n_layers {
                for value in &mut next {
                    *value = match activation {
                        Activation::Relu => value.max(0.0),
                        Activation::Tanh => value.tanh(),
                        Activation::Logistic => 1.0 / (1.0 + (-*value).exp()),
                    };
                }
            }
            values = next;
        }
        let Targets::Classes(y) = rows.y else {
            unreachable!()
        };
        let label = y[row];
        let p = if values.len() == 1 {
            let p = 1.0 / (1.0 + (-values[0]).exp());
            if label == 1 { p } else { 1.0 - p }
        } else {
            values[label].exp() / values.iter().map(|value| value.exp()).sum::<f64>()
        };
        let weight = rows.sample_weight.map_or(1.0, |weights| f64::from(weights[row]));
        loss -= weight * p.ln();
        total_weight += weight;
    }
    let squares: f64 = parameters[..n_layers]
        .iter()
        .flatten()
        .map(|weight| weight * weight)
        .sum();
    (loss + 0.5 * alpha * squares) / total_weight
}

#[test]
fn the_gradient_is_the_slope_of_the_loss() {
    let mut rng = SeededRng::new(1);
    let x = Matrix::new(9, 4, (0..36).map(|_| rng.uniform(-1.5, 1.5) as f32).collect()).unwrap();
    let weights = [1.0, 0.5, 2.0, 1.0, 0.0, 3.0, 1.0, 1.0, 0.25];
    for activation in [Activation::Relu, Activation::Tanh, Activation::Logistic] {
        for (hidden, n_labels) in [(vec![5], 3), (vec![4, 3], 2), (vec![], 4)] {
            let y: Vec<usize> = (0..9).map(|row| row % n_labels).collect();
            let mut sizes = vec![4];
            sizes.extend(&hidden);
            sizes.push(if n_labels == 2 { 1 } else { n_labels });
            let network = Network::initialise(sizes.clone(), activation, &mut rng);
            let sample_weight = (n_labels == 3).then_some(&weights[..]);
            let rows = Rows {
                x: &x,
                y: Targets::Classes(&y),
                sample_weight,
            };
            let mut parameters: Vec<Vec<f64>> =
                network.weights.iter().map(|weights| doubles(weights)).collect();
            parameters.extend(network.biases.iter().map(|biases| doubles(biases)));

            let all: Vec<usize> = (0..9).collect();
            let parts = network.parts(&rows, &all);
            let [part] = parts.as_slice() else {
                panic!("so little work is one part")
            };
            let total = rows.total_weight(&all);
            let loss = part.loss / total;
            assert_close(
                &[loss],
                &[slow_loss(&sizes, activation, &parameters, &rows, 0.0)],
                1e-6,
            );
            let gradients = part.gradients.weights.iter().chain(&part.gradients.biases);
            let got: Vec<Vec<f32>> = gradients
                .map(|sums| sums.iter().map(|sum| sum / total as f32).collect())
                .collect();
            for (which, got) in got.iter().enumerate() {
                let slope = |index: usize| {
                    let mut at = |shift: f64| {
                        let before = std::mem::replace(&mut parameters[which][index], 0.0);
                        parameters[which][index] = before + shift;
                        let loss = slow_loss(&sizes, activation, &parameters, &rows, 0.0);
                        parameters[which][index] = before;
                        loss
                    };
                    (at(1e-5) - at(-1e-5)) / 2e-5
                };
                let want: Vec<f64> = (0..got.len()).map(slope).collect();
                assert_close(&doubles(got), &want, 2e-6);
            }
        }
    }
}

#[test]
fn a_batch_in_parts_has_the_sums_of_the_whole() {
    // 240 rows of 300 features and 150 units: more than one part.
    let mut rng = SeededRng::new(4);
    let x = Matrix::new(
        240,
        300,
        (0..72_000).map(|_| rng.uniform(-1.0, 1.0) as f32).collect(),
    )
    .unwrap();
    let y: Vec<usize> = (0..240).map(|row| row % 3).collect();
    let rows = Rows {
        x: &x,
        y: Targets::Classes(&y),
        sample_weight: None,
    };
    let network = Network::initialise(vec![300, 150, 3], Activation::Tanh, &mut rng);
    let order = rng.permutation(240);
    let parts = network.parts(&rows, &order);
    assert!(parts.len() > 1);
    let one_by_one: Vec<_> = order
        .iter()
        .map(|&row| network.parts(&rows, &[row]).remove(0))
        .collect();
    for layer in 0..2 {
        let sum = |parts: &[network::Part]| {
            let mut sum = vec![0.0f64; parts[0].gradients.weights[layer].len()];
            for part in parts {
                let pairs = sum.iter_mut().zip(&part.gradients.weights[layer]);
                pairs.for_each(|(sum, &value)| *sum += f64::from(value));
            }
            sum
        };
        assert_close(&sum(&parts), &sum(&one_by_one), 1e-4);
    }
    let loss = |parts: &[network::Part]| parts.iter().map(|part| part.loss).sum::<f64>();
    assert_close(&[loss(&parts)], &[loss(&one_by_one)], 1e-6);
}

#[test]
fn lbfgs_finds_the_minimum_of_scikit_learn() {
    // Without a hidden layer the loss is convex: there is one minimum.
    let golden = golden(include_str!("../../../tests/golden/mlp.json"));
    let x = Matrix::new(23, 5, singles(&golden["x"])).unwrap();
    let cases = golden["lbfgs"].as_array().unwrap();
    assert_eq!(cases.len(), 3);
    for case in cases {
        let y = indices(&case["y"]);
        let mlp = MlpClassifier {
            solver: Solver::Lbfgs,
            hidden_layer_sizes: vec![],
            alpha: case["alpha"].as_f64().unwrap(),
            max_iter: 1000,
            tol: 1e-6,
            ..Default::default()
        };
        let train = TrainSet::new(&x, &y, y.iter().max().unwrap() + 1).unwrap();
        let weights = case["sample_weight"]
            .as_array()
            .map(|_| floats(&case["sample_weight"]));
        let train = match &weights {
            Some(weights) => train.with_sample_weight(weights).unwrap(),
            None => train,
        };
        let model = mlp.fit(&train).unwrap();
        let proba = model.predict_proba(&x).unwrap();
        assert_close(proba.as_slice(), &floats(&case["proba"]), 1e-3);
    }
}

#[test]
fn lbfgs_learns_what_no_line_divides_and_keeps_its_limits() {
    let x = Matrix::new(4, 2, vec![0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0]).unwrap();
    let train = TrainSet::new(&x, &[0, 1, 1, 0], 2).unwrap();
    let mlp = MlpClassifier {
        solver: Solver::Lbfgs,
        hidden_layer_sizes: vec![8],
        activation: Activation::Tanh,
        ..Default::default()
    };
    let model = mlp.fit(&train).unwrap();
    assert_eq!(model.predict(&x).unwrap(), [0, 1, 1, 0]);
    assert!(model.converged());
    let short = MlpClassifier {
        max_iter: 2,
        ..mlp.clone()
    }
    .fit(&train)
    .unwrap();
    assert_eq!((short.n_iter(), short.converged()), (Some(2), false));
    let short = MlpClassifier { max_fun: 3, ..mlp }.fit(&train).unwrap();
    assert!(short.n_iter().unwrap() <= 3 && !short.converged());
}

#[test]
fn first_weights_lie_within_glorots_bound() {
    let network = Network::initialise(vec![30, 20, 4], Activation::Relu, &mut SeededRng::new(0));
    for (layer, fan) in [(0, 50.0f64), (1, 24.0)] {
        let bound = (6.0 / fan).sqrt();
        let values = doubles(&network.weights[layer]);
        let largest = values
            .iter()
            .fold(0.0f64, |largest, value| largest.max(value.abs()));
        assert!(largest <= bound && largest > 0.9 * bound, "{largest} of {bound}");
        assert!(network.biases[layer].iter().any(|&bias| bias != 0.0));
    }
}
