//! What a split gains and what a leaf is worth.

use super::histogram::Cell;
use super::parameters::GradientBoosting;
use super::split::Split;

/// A split must gain more than this, whatever `gamma` is (XGBoost's `kRtEps`).
const LEAST_GAIN: f32 = 1e-6;

/// The parameters that bound and penalise the trees, in the precision that XGBoost has them.
///
/// Source: XGBoost 3.2, `ThresholdL1`, `CalcWeight` and `CalcGainGivenWeight` (`src/tree/param.h`),
/// `TreeEvaluator::SplitEvaluator` (`src/tree/split_evaluator.h`), `CPUExpandEntry::IsValidImpl`
/// (`src/tree/hist/expand_entry.h`).
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    pub(super) lambda: f64,
    pub(super) alpha: f64,
    /// `None` for no limit.
    pub(super) max_delta_step: Option<f32>,
    pub(super) min_child_weight: f64,
    pub(super) gamma: f32,
    pub(super) learning_rate: f32,
    pub(super) max_depth: usize,
    pub(super) max_leaves: usize,
}

impl Rules {
    pub(super) fn new(parameters: &GradientBoosting) -> Self {
        let single = |value: f64| f64::from(value as f32);
        let no_limit = |limit: usize| if limit == 0 { usize::MAX } else { limit };
        let max_delta_step = parameters.max_delta_step as f32;
        Self {
            lambda: single(parameters.reg_lambda),
            alpha: single(parameters.reg_alpha),
            max_delta_step: (max_delta_step > 0.0).then_some(max_delta_step),
            min_child_weight: single(parameters.min_child_weight),
            gamma: parameters.gamma as f32,
            learning_rate: parameters.learning_rate as f32,
            max_depth: no_limit(parameters.max_depth),
            max_leaves: no_limit(parameters.max_leaves),
        }
    }

    /// What a leaf with these sums adds, before the learning rate: `-T(G) / (H + lambda)`, where `T` draws `G` by `alpha`
    /// towards 0, and the whole is at most `max_delta_step` from 0.
    pub(super) fn weight(&self, [gradient, hessian]: Cell) -> f32 {
        if hessian < self.min_child_weight || hessian <= 0.0 {
            return 0.0;
        }
        let weight = -self.drawn(gradient).copysign(gradient) / (hessian + self.lambda);
        match self.max_delta_step {
            Some(limit) => weight.clamp(-f64::from(limit), f64::from(limit)) as f32,
            None => weight as f32,
        }
    }

    /// Value of a leaf with these sums.
    pub(super) fn value(&self, sums: Cell) -> f32 {
        self.weight(sums) * self.learning_rate
    }

    /// By how much a leaf with these sums lowers the loss, doubled: `T(G)^2 / (H + lambda)`; with a limit to its weight `w`,
    /// `-(2 G w + (H + lambda) w^2)`.
    #[inline(always)]
    pub(super) fn score(&self, [gradient, hessian]: Cell) -> f32 {
        if self.max_delta_step.is_some() {
            return self.limited_score([gradient, hessian]);
        }
        let drawn = self.drawn(gradient);
        let score = (drawn * drawn / (hessian + self.lambda)) as f32;
        if hessian > 0.0 { score } else { 0.0 }
    }

    fn limited_score(&self, [gradient, hessian]: Cell) -> f32 {
        if hessian <= 0.0 {
            return 0.0;
        }
        let weight = self.weight([gradient, hessian]);
        let (gradient, hessian, lambda) = (gradient as f32, hessian as f32, self.lambda as f32);
        -(2.0 * gradient * weight + (hessian + lambda) * (weight * weight))
    }

    /// Whether the best split of a node with these sums is made.
    pub(super) fn worth(&self, split: &Split, sums: Cell) -> bool {
        let hessians = [split.left[1], sums[1] - split.left[1]];
        split.gain > LEAST_GAIN && split.gain >= self.gamma && !hessians.contains(&0.0)
    }

    /// Whether rows with this sum of Hessians may be divided in two.
    pub(super) fn divisible(&self, hessian: f64) -> bool {
        hessian > 0.0 && hessian >= 2.0 * self.min_child_weight
    }

    /// Absolute value of a sum of gradients, less `alpha`, at least 0.
    #[inline(always)]
    fn drawn(&self, gradient: f64) -> f64 {
        let rest = gradient.abs() - self.alpha;
        if rest > 0.0 { rest } else { 0.0 }
    }
}
