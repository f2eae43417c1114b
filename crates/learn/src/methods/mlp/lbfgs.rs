use super::network::{Network, Rows};
use super::outcome::{Outcome, diverged};
use super::parameters::MlpClassifier;
use crate::error::Result;
use crate::methods::lbfgs::{Limits, minimise};

/// Minimises the mean loss over all rows, penalty included, by L-BFGS.
///
/// Source: scikit-learn 1.9, `_fit_lbfgs`: the same function, and scipy's stopping rules with `gtol = tol`. Losses and
/// derivatives are computed in `f32`, as there for float32 features.
pub(super) fn iterations(parameters: &MlpClassifier, network: Network, data: &Rows<'_>) -> Result<Outcome> {
    let all: Vec<usize> = (0..data.x.n_rows()).collect();
    let total_weight = data.total_weight(&all);
    let mut start = Vec::new();
    for (weights, biases) in network.weights.iter().zip(&network.biases) {
        start.extend(weights.iter().map(|&value| f64::from(value)));
        start.extend(biases.iter().map(|&value| f64::from(value)));
    }
    let limits = Limits {
        gradient_tolerance: parameters.tol,
        // scipy: 1e7 times the precision of f64.
        value_tolerance: 1e7 * f64::EPSILON,
        max_iter: parameters.max_iter,
        max_fun: parameters.max_fun,
    };
    let mut at = network;
    let minimum = minimise(start, limits, |x, gradient| {
        set(&mut at, x);
        let parts = at.parts(data, &all);
        gradient.fill(0.0);
        let mut squares = 0.0;
        let mut place = 0;
        for layer in 0..at.n_layers() {
            let n_weights = at.sizes[layer] * at.sizes[layer + 1];
            let n_biases = at.sizes[layer + 1];
            let (of_weights, rest) = gradient[place..].split_at_mut(n_weights);
            for part in &parts {
                let pairs = of_weights.iter_mut().zip(&part.gradients.weights[layer]);
                pairs.for_each(|(sum, &value)| *sum += f64::from(value));
                let pairs = rest[..n_biases].iter_mut().zip(&part.gradients.biases[layer]);
                pairs.for_each(|(sum, &value)| *sum += f64::from(value));
            }
            for (gradient, weight) in of_weights.iter_mut().zip(&x[place..]) {
                *gradient = (*gradient + parameters.alpha * weight) / total_weight;
                squares += weight * weight;
            }
            rest[..n_biases]
                .iter_mut()
                .for_each(|value| *value /= total_weight);
            place += n_weights + n_biases;
        }
        let data_loss: f64 = parts.iter().map(|part| part.loss).sum();
        (data_loss + 0.5 * parameters.alpha * squares) / total_weight
    });
    if minimum.x.iter().any(|value| !value.is_finite())
        || minimum.values.iter().any(|value| !value.is_finite())
    {
        return Err(diverged(minimum.values.len()));
    }
    set(&mut at, &minimum.x);
    Ok(Outcome {
        network: at,
        loss_curve: minimum.values,
        converged: minimum.converged,
    })
}

/// Writes weights and biases, layer after layer, into the network.
fn set(network: &mut Network, x: &[f64]) {
    let mut values = x.iter().map(|&value| value as f32);
    for layer in 0..network.n_layers() {
        let (n_inputs, n_outputs) = (network.sizes[layer], network.sizes[layer + 1]);
        network.weights[layer] = values.by_ref().take(n_inputs * n_outputs).collect();
        network.biases[layer] = values.by_ref().take(n_outputs).collect();
    }
}
