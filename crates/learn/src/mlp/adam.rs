use burn::tensor::Tensor;

use super::MlpClassifier;
use super::network::{Gradients, Network, into_vec, tensor};

/// Adam (Kingma and Ba 2015, algorithm 1 with the step size of section 2).
pub(super) struct Adam {
    learning_rate: f64,
    beta_1: f64,
    beta_2: f64,
    epsilon: f32,
    step: i32,
    /// First and second moments of each layer's weights, then of its biases.
    moments: Vec<[Moments; 2]>,
}

struct Moments {
    first: Vec<f32>,
    second: Vec<f32>,
}

impl Adam {
    pub(super) fn new(parameters: &MlpClassifier, network: &Network) -> Self {
        let moments = |n: usize| Moments {
            first: vec![0.0; n],
            second: vec![0.0; n],
        };
        Self {
            learning_rate: parameters.learning_rate_init,
            beta_1: parameters.beta_1,
            beta_2: parameters.beta_2,
            epsilon: parameters.epsilon as f32,
            step: 0,
            moments: network
                .sizes
                .windows(2)
                .map(|l| [moments(l[0] * l[1]), moments(l[1])])
                .collect(),
        }
    }

    /// One step against the gradients.
    pub(super) fn update(&mut self, network: &mut Network, gradients: &Gradients) {
        self.step += 1;
        let correction = (1.0 - self.beta_2.powi(self.step)).sqrt() / (1.0 - self.beta_1.powi(self.step));
        let rate = (self.learning_rate * correction) as f32;
        for layer in 0..network.n_layers() {
            let [of_weights, of_biases] = &mut self.moments[layer];
            let shape = [network.sizes[layer], network.sizes[layer + 1]];
            let placeholder = Tensor::empty([0, 0], &network.weights[layer].device());
            let mut weights = into_vec(std::mem::replace(&mut network.weights[layer], placeholder));
            let (beta_1, beta_2) = (self.beta_1 as f32, self.beta_2 as f32);
            of_weights.apply(
                &mut weights,
                &gradients.weights[layer],
                rate,
                beta_1,
                beta_2,
                self.epsilon,
            );
            network.weights[layer] = tensor(weights, shape);
            let biases = &mut network.biases[layer];
            of_biases.apply(
                biases,
                &gradients.biases[layer],
                rate,
                beta_1,
                beta_2,
                self.epsilon,
            );
        }
    }
}

impl Moments {
    fn apply(
        &mut self,
        parameters: &mut [f32],
        gradient: &[f32],
        rate: f32,
        beta_1: f32,
        beta_2: f32,
        epsilon: f32,
    ) {
        let moments = self.first.iter_mut().zip(&mut self.second);
        for ((parameter, gradient), (first, second)) in parameters.iter_mut().zip(gradient).zip(moments) {
            *first = beta_1 * *first + (1.0 - beta_1) * gradient;
            *second = beta_2 * *second + (1.0 - beta_2) * (gradient * gradient);
            *parameter -= rate * *first / (second.sqrt() + epsilon);
        }
    }
}
