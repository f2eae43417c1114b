//! The best split of a histogram.

use pulp::{Arch, Simd, WithSimd};

use super::histogram::Cell;
use super::rules::Rules;
use super::split::Split;

/// Sums up to each bin and the gains of splits behind it: room that is used again for every histogram.
pub(super) struct Search<'a> {
    rules: &'a Rules,
    arch: Arch,
    gradients: Vec<f64>,
    hessians: Vec<f64>,
    gains: Vec<f32>,
}

impl<'a> Search<'a> {
    pub(super) fn new(rules: &'a Rules) -> Self {
        Self {
            rules,
            arch: Arch::new(),
            gradients: Vec::new(),
            hessians: Vec::new(),
            gains: Vec::new(),
        }
    }

    /// Replaces `best` where a split by this feature gains more. `sums` are those of all bins, `score` is their score.
    ///
    /// Among equal gains the lowest bin is taken.
    ///
    /// Source: XGBoost 3.2, `HistEvaluator::EnumerateSplit` (`src/tree/hist/evaluate_splits.h`), without missing values.
    pub(super) fn improve(&mut self, best: &mut Split, feature: u32, bins: &[Cell], sums: Cell, score: f32) {
        let n = bins.len() - 1;
        self.gradients.resize(n, 0.0);
        self.hessians.resize(n, 0.0);
        self.gains.resize(n, 0.0);
        let mut left = [0.0; 2];
        for ((bin, gradient), hessian) in bins.iter().zip(&mut self.gradients).zip(&mut self.hessians) {
            left = [left[0] + bin[0], left[1] + bin[1]];
            *gradient = left[0];
            *hessian = left[1];
        }
        let most = self.arch.dispatch(Gains {
            rules: self.rules,
            gradients: &self.gradients,
            hessians: &self.hessians,
            sums,
            score,
            gains: &mut self.gains,
        });
        if most > best.gain
            && let Some(bin) = self.gains.iter().position(|gain| *gain == most)
        {
            *best = Split {
                gain: most,
                feature,
                bin: bin as u32,
                left: [self.gradients[bin], self.hessians[bin]],
            };
        }
    }
}

/// Gains of all splits of a column, and the largest.
struct Gains<'a> {
    rules: &'a Rules,
    gradients: &'a [f64],
    hessians: &'a [f64],
    sums: Cell,
    score: f32,
    gains: &'a mut [f32],
}

impl Gains<'_> {
    /// `rules` is a copy, so that the compiler sees that nothing changes it.
    #[inline(always)]
    fn compute(self, rules: Rules) -> f32 {
        const LANES: usize = 16;
        let sides = self.gradients.iter().zip(self.hessians);
        for ((&gradient, &hessian), gain) in sides.zip(self.gains.iter_mut()) {
            let rest = [self.sums[0] - gradient, self.sums[1] - hessian];
            let both = rules.score([gradient, hessian]) + rules.score(rest);
            let allowed = (hessian >= rules.min_child_weight) & (rest[1] >= rules.min_child_weight);
            *gain = if allowed {
                both - self.score
            } else {
                f32::NEG_INFINITY
            };
        }
        let larger = |a: f32, b: f32| if a > b { a } else { b };
        let mut lanes = [f32::NEG_INFINITY; LANES];
        let (chunks, rest) = self.gains.as_chunks::<LANES>();
        for chunk in chunks {
            for lane in 0..LANES {
                lanes[lane] = larger(chunk[lane], lanes[lane]);
            }
        }
        lanes
            .iter()
            .chain(rest)
            .fold(f32::NEG_INFINITY, |a, &b| larger(a, b))
    }
}

impl WithSimd for Gains<'_> {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f32 {
        let rules = *self.rules;
        // A loop of its own for the usual case, in which the compiler sees that there is no limit.
        match rules.max_delta_step {
            Some(_) => self.compute(rules),
            None => self.compute(Rules {
                max_delta_step: None,
                ..rules
            }),
        }
    }
}
