//! AdamW (Loshchilov and Hutter 2019) with a learning rate that falls along a cosine (2017).

use crate::layers::Array;

const BETAS: (f64, f64) = (0.9, 0.999);
const EPSILON: f64 = 1e-8;

/// AdamW's two moments of each parameter.
#[derive(Debug, Clone)]
pub(crate) struct AdamW {
    pub(crate) first: Vec<Vec<f32>>,
    pub(crate) second: Vec<Vec<f32>>,
    pub(crate) steps: u64,
}

/// How far one step goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rates {
    pub(crate) learning_rate: f64,
    pub(crate) weight_decay: f64,
    /// Longer gradients are shortened to this.
    pub(crate) max_norm: f64,
}

impl AdamW {
    pub(crate) fn new<'a>(parameters: impl Iterator<Item = &'a Array>) -> Self {
        let first: Vec<Vec<f32>> = parameters.map(|array| vec![0.0; array.values.len()]).collect();
        Self {
            second: first.clone(),
            first,
            steps: 0,
        }
    }

    /// One step. Only matrices decay, not what is added to a channel or scales it.
    pub(crate) fn step<'a>(
        &mut self,
        parameters: impl Iterator<Item = &'a mut Array>,
        gradients: &[Vec<f32>],
        rates: Rates,
    ) {
        self.steps += 1;
        let squares: f64 = gradients
            .iter()
            .flatten()
            .map(|&value| f64::from(value) * f64::from(value))
            .sum();
        let norm = squares.sqrt();
        let shorten = if norm > rates.max_norm {
            rates.max_norm / norm
        } else {
            1.0
        } as f32;
        let steps = self.steps.min(1 << 30) as i32;
        let corrected = (1.0 - BETAS.0.powi(steps), 1.0 - BETAS.1.powi(steps));
        let rate = (rates.learning_rate / corrected.0) as f32;
        let second_scale = (1.0 / corrected.1) as f32;
        let (beta_1, beta_2) = (BETAS.0 as f32, BETAS.1 as f32);
        for ((array, gradient), (first, second)) in parameters
            .zip(gradients)
            .zip(self.first.iter_mut().zip(&mut self.second))
        {
            let kept = if array.shape.len() > 1 {
                (1.0 - rates.learning_rate * rates.weight_decay) as f32
            } else {
                1.0
            };
            for ((value, &gradient), (first, second)) in array
                .values
                .iter_mut()
                .zip(gradient)
                .zip(first.iter_mut().zip(second))
            {
                let gradient = gradient * shorten;
                *first = beta_1 * *first + (1.0 - beta_1) * gradient;
                *second = beta_2 * *second + (1.0 - beta_2) * gradient * gradient;
                *value = *value * kept - rate * *first / ((*second * second_scale).sqrt() + EPSILON as f32);
            }
        }
    }
}

/// The learning rate of a step: up along a line for `warmup` steps, then down along half a cosine.
pub(crate) fn cosine(learning_rate: f64, step: usize, warmup: usize, total: usize) -> f64 {
    if step < warmup {
        return learning_rate * (step + 1) as f64 / warmup as f64;
    }
    let done = (step - warmup) as f64 / (total - warmup).max(1) as f64;
    learning_rate * 0.5 * (1.0 + (std::f64::consts::PI * done).cos())
}
