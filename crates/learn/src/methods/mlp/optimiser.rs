use rayon::prelude::*;

use super::network::{Network, Part};
use super::parameters::{LearningRate, MlpClassifier, Solver};

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

    /// One step against the gradient of the mean loss, of which `parts` holds the sums over the rows without penalty.
    /// Returns the sum of the squared weights before the step.
    pub(super) fn update(&mut self, network: &mut Network, parts: &[Part], penalty: Penalty) -> f64 {
        let mut rate = self.learning_rate;
        if let Rule::Adam {
            beta_1, beta_2, step, ..
        } = &mut self.rule
        {
            *step += 1;
            rate *= (1.0 - beta_2.powi(*step)).sqrt() / (1.0 - beta_1.powi(*step));
        }
        let step = Step {
            rule: &self.rule,
            rate: rate as f32,
            penalty,
        };
        let no_penalty = Penalty {
            alpha: 0.0,
            ..penalty
        };
        let mut squares = 0.0;
        for layer in 0..network.n_layers() {
            let [of_weights, of_biases] = &mut self.state[layer];
            let gradients: Vec<&[f32]> = parts
                .iter()
                .map(|part| &part.gradients.weights[layer][..])
                .collect();
            squares += step.take(of_weights, &mut network.weights[layer], &gradients);
            let gradients: Vec<&[f32]> = parts
                .iter()
                .map(|part| &part.gradients.biases[layer][..])
                .collect();
            let step = Step {
                penalty: no_penalty,
                ..step
            };
            step.take(of_biases, &mut network.biases[layer], &gradients);
        }
        squares
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

/// What is added to the sums over the rows, and what they are divided by.
#[derive(Clone, Copy)]
pub(super) struct Penalty {
    pub(super) alpha: f32,
    pub(super) total_weight: f32,
}

#[derive(Clone, Copy)]
struct Step<'a> {
    rule: &'a Rule,
    rate: f32,
    penalty: Penalty,
}

/// Parameters that are updated together; fixed, so that sums do not depend on the number of threads.
const BLOCK: usize = 4096;

/// Parameters above which blocks are divided between threads.
const PARALLEL: usize = 8 * BLOCK;

impl Step<'_> {
    /// Updates the parameters of a layer; returns the sum of their squares before.
    fn take(&self, state: &mut State, parameters: &mut [f32], gradients: &[&[f32]]) -> f64 {
        let arch = pulp::Arch::new();
        let is_adam = matches!(self.rule, Rule::Adam { .. });
        let block = |index: usize, parameters: &mut [f32], first: &mut [f32], second: &mut [f32]| {
            let mut gradient = [0.0f32; BLOCK];
            let gradient = &mut gradient[..parameters.len()];
            let range = index * BLOCK..index * BLOCK + parameters.len();
            arch.dispatch(
                #[inline(always)]
                || {
                    for part in gradients {
                        let pairs = gradient.iter_mut().zip(&part[range.clone()]);
                        pairs.for_each(|(sum, value)| *sum += value);
                    }
                    let squares = penalise(gradient, parameters, self.penalty);
                    self.rule.step(self.rate, parameters, gradient, first, second);
                    squares
                },
            )
        };
        if parameters.len() < PARALLEL {
            let mut squares = 0.0;
            for (index, parameters) in parameters.chunks_mut(BLOCK).enumerate() {
                let range = index * BLOCK..index * BLOCK + parameters.len();
                let second = if is_adam {
                    &mut state.second[range.clone()]
                } else {
                    &mut []
                };
                squares += block(index, parameters, &mut state.first[range], second);
            }
            return squares;
        }
        let blocks = parameters
            .par_chunks_mut(BLOCK)
            .zip(state.first.par_chunks_mut(BLOCK));
        let squares: Vec<f64> = if is_adam {
            blocks
                .zip(state.second.par_chunks_mut(BLOCK))
                .enumerate()
                .map(|(index, ((parameters, first), second))| block(index, parameters, first, second))
                .collect()
        } else {
            blocks
                .enumerate()
                .map(|(index, (parameters, first))| block(index, parameters, first, &mut []))
                .collect()
        };
        squares.iter().sum()
    }
}

/// `(gradient + alpha * weights) / total_weight` in place; returns the sum of the squared weights.
#[inline(always)]
fn penalise(gradient: &mut [f32], weights: &[f32], penalty: Penalty) -> f64 {
    let mut squares = 0.0f64;
    for (gradient, weights) in gradient.chunks_mut(1024).zip(weights.chunks(1024)) {
        let mut lanes = [0.0f32; 16];
        for (gradient, weights) in gradient.chunks_mut(16).zip(weights.chunks(16)) {
            for ((gradient, weight), lane) in gradient.iter_mut().zip(weights).zip(&mut lanes) {
                *gradient = (*gradient + penalty.alpha * weight) / penalty.total_weight;
                *lane += weight * weight;
            }
        }
        squares += lanes.iter().map(|&lane| f64::from(lane)).sum::<f64>();
    }
    squares
}

impl Rule {
    /// `second` is empty where the rule has no second moment.
    #[inline(always)]
    fn step(
        &self,
        rate: f32,
        parameters: &mut [f32],
        gradient: &[f32],
        first: &mut [f32],
        second: &mut [f32],
    ) {
        match *self {
            Self::Adam {
                beta_1,
                beta_2,
                epsilon,
                ..
            } => {
                let (beta_1, beta_2) = (beta_1 as f32, beta_2 as f32);
                let moments = first.iter_mut().zip(second);
                for ((parameter, gradient), (first, second)) in
                    parameters.iter_mut().zip(gradient).zip(moments)
                {
                    *first = beta_1 * *first + (1.0 - beta_1) * gradient;
                    *second = beta_2 * *second + (1.0 - beta_2) * (gradient * gradient);
                    *parameter -= rate * *first / (second.sqrt() + epsilon);
                }
            }
            Self::Sgd { momentum, nesterov } => {
                for ((parameter, gradient), velocity) in parameters.iter_mut().zip(gradient).zip(first) {
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
