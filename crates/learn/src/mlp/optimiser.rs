use burn::tensor::Tensor;

use super::network::{Gradients, Network, into_vec, tensor};
use super::{LearningRate, MlpClassifier, Solver};

/// Moves the parameters of a network against their gradients, step by step.
pub(super) struct Optimiser {
    rule: Rule,
    learning_rate_init: f64,
    learning_rate: f64,
    schedule: LearningRate,
    power_t: f64,
    /// State of each layer's weights, then of its biases.
    state: Vec<[State; 2]>,
}

/// How a step follows from a gradient.
enum Rule {
    /// Kingma and Ba 2015, algorithm 1 with the step size of section 2.
    Adam {
        beta_1: f64,
        beta_2: f64,
        epsilon: f32,
        step: i32,
    },
    /// Stochastic gradient descent with momentum.
    Sgd { momentum: f32, nesterov: bool },
}

/// Running values of each parameter: Adam's moments, or in `first` the velocity.
struct State {
    first: Vec<f32>,
    second: Vec<f32>,
}

impl Optimiser {
    pub(super) fn new(parameters: &MlpClassifier, network: &Network) -> Self {
        let adam = parameters.solver == Solver::Adam;
        let state = |n: usize| State {
            first: vec![0.0; n],
            second: vec![0.0; if adam { n } else { 0 }],
        };
        let rule = if adam {
            let (beta_1, beta_2) = (parameters.beta_1, parameters.beta_2);
            Rule::Adam {
                beta_1,
                beta_2,
                epsilon: parameters.epsilon as f32,
                step: 0,
            }
        } else {
            Rule::Sgd {
                momentum: parameters.momentum as f32,
                nesterov: parameters.nesterovs_momentum,
            }
        };
        Self {
            rule,
            learning_rate_init: parameters.learning_rate_init,
            learning_rate: parameters.learning_rate_init,
            schedule: if adam {
                LearningRate::Constant
            } else {
                parameters.learning_rate
            },
            power_t: parameters.power_t,
            state: network
                .sizes
                .windows(2)
                .map(|l| [state(l[0] * l[1]), state(l[1])])
                .collect(),
        }
    }

    /// One step against the gradients.
    pub(super) fn update(&mut self, network: &mut Network, gradients: &Gradients) {
        let mut rate = self.learning_rate;
        if let Rule::Adam {
            beta_1, beta_2, step, ..
        } = &mut self.rule
        {
            *step += 1;
            rate *= (1.0 - beta_2.powi(*step)).sqrt() / (1.0 - beta_1.powi(*step));
        }
        for layer in 0..network.n_layers() {
            let [of_weights, of_biases] = &mut self.state[layer];
            let shape = [network.sizes[layer], network.sizes[layer + 1]];
            // The tensor gives its values up and gets them back, so that nothing is copied.
            let placeholder = Tensor::empty([0, 0], &network.weights[layer].device());
            let mut weights = into_vec(std::mem::replace(&mut network.weights[layer], placeholder));
            of_weights.step(&self.rule, rate as f32, &mut weights, &gradients.weights[layer]);
            network.weights[layer] = tensor(weights, shape);
            of_biases.step(
                &self.rule,
                rate as f32,
                &mut network.biases[layer],
                &gradients.biases[layer],
            );
        }
    }

    /// Lowers the learning rate after an epoch, where it is scaled by the number of rows seen.
    pub(super) fn epoch_ends(&mut self, n_rows_seen: usize) {
        if self.schedule == LearningRate::Invscaling {
            self.learning_rate = self.learning_rate_init / (n_rows_seen as f64 + 1.0).powf(self.power_t);
        }
    }

    /// Whether training ends when the score stalls. An adaptive learning rate is divided by 5 instead, down to 1e-6.
    pub(super) fn stops_when_stalled(&mut self) -> bool {
        if self.schedule != LearningRate::Adaptive || self.learning_rate <= 1e-6 {
            return true;
        }
        self.learning_rate /= 5.0;
        false
    }
}

impl State {
    fn step(&mut self, rule: &Rule, rate: f32, parameters: &mut [f32], gradient: &[f32]) {
        match *rule {
            Rule::Adam {
                beta_1,
                beta_2,
                epsilon,
                ..
            } => {
                let (beta_1, beta_2) = (beta_1 as f32, beta_2 as f32);
                let moments = self.first.iter_mut().zip(&mut self.second);
                for ((parameter, gradient), (first, second)) in
                    parameters.iter_mut().zip(gradient).zip(moments)
                {
                    *first = beta_1 * *first + (1.0 - beta_1) * gradient;
                    *second = beta_2 * *second + (1.0 - beta_2) * (gradient * gradient);
                    *parameter -= rate * *first / (second.sqrt() + epsilon);
                }
            }
            Rule::Sgd { momentum, nesterov } => {
                for ((parameter, gradient), velocity) in
                    parameters.iter_mut().zip(gradient).zip(&mut self.first)
                {
                    *velocity = momentum * *velocity - rate * gradient;
                    *parameter += if nesterov {
                        momentum * *velocity - rate * gradient
                    } else {
                        *velocity
                    };
                }
            }
        }
    }
}
