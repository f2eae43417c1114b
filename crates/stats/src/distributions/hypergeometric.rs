use statrs::function::gamma::ln_gamma;

use crate::rng::SeededRng;

/// The number of good ones among `n_drawn` that are drawn without putting back from `n_good` good ones and `n_bad` others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hypergeometric {
    /// Good ones there are.
    pub n_good: u64,
    /// Others there are.
    pub n_bad: u64,
    /// Ones drawn, of both together at most as many as there are.
    pub n_drawn: u64,
}

impl Hypergeometric {
    /// The least and the greatest number that can be drawn.
    fn ends(self) -> (u64, u64) {
        (
            self.n_drawn.saturating_sub(self.n_bad),
            self.n_drawn.min(self.n_good),
        )
    }

    /// The most probable number; of two equally probable ones the greater.
    fn mode(self) -> u64 {
        let Self {
            n_good,
            n_bad,
            n_drawn,
        } = self;
        let place = u128::from(n_drawn + 1) * u128::from(n_good + 1) / u128::from(n_good + n_bad + 2);
        let (least, most) = self.ends();
        (place as u64).clamp(least, most)
    }

    /// `ln` of the probability of `k`, between the ends.
    fn ln_probability(self, k: u64) -> f64 {
        let ln_choose = |n: u64, k: u64| {
            ln_gamma(n as f64 + 1.0) - ln_gamma(k as f64 + 1.0) - ln_gamma((n - k) as f64 + 1.0)
        };
        let Self {
            n_good,
            n_bad,
            n_drawn,
        } = self;
        ln_choose(n_good, k) + ln_choose(n_bad, n_drawn - k) - ln_choose(n_good + n_bad, n_drawn)
    }

    /// The probability of `k + 1` divided by that of `k`.
    fn step(self, k: u64) -> f64 {
        let above = (self.n_good - k) as f64 * (self.n_drawn - k) as f64;
        above / ((k + 1) as f64 * (self.n_bad + k + 1 - self.n_drawn) as f64)
    }

    /// Draws a number: inversion of the distribution from its mode outwards.
    pub fn draw(self, rng: &mut SeededRng) -> u64 {
        let (least, most) = self.ends();
        let mode = self.mode();
        if least == most {
            return mode;
        }
        let mut left = rng.unit();
        let at_mode = self.ln_probability(mode).exp();
        left -= at_mode;
        let (mut low, mut high, mut p_low, mut p_high) = (mode, mode, at_mode, at_mode);
        while left >= 0.0 && (low > least || high < most) {
            if high < most {
                p_high *= self.step(high);
                high += 1;
                left -= p_high;
                if left < 0.0 {
                    return high;
                }
            }
            if low > least {
                low -= 1;
                p_low /= self.step(low);
                left -= p_low;
                if left < 0.0 {
                    return low;
                }
            }
            // What rounding has left over belongs to no number.
            if p_low.max(p_high) < 1e-18 {
                break;
            }
        }
        mode
    }

    /// `ln` of the probability of a number that is at most as probable as `observed`: Fisher's exact test, two-sided.
    ///
    /// Source: R. A. Fisher (1935), "The logic of inductive inference"; `scipy.stats.fisher_exact`, R `fisher.test`.
    pub fn ln_two_sided(self, observed: u64) -> f64 {
        let (least, most) = self.ends();
        // Logarithms, relative to the least number: the tails may be below any double.
        let mut ln = vec![0.0];
        for k in least..most {
            ln.push(ln[ln.len() - 1] + self.step(k).ln());
        }
        let here = ln[(observed.clamp(least, most) - least) as usize];
        // Equal up to rounding counts as equal.
        let sum: f64 = ln
            .iter()
            .filter(|&&other| other <= here + 1e-7)
            .map(|other| (other - here).exp())
            .sum();
        (self.ln_probability(observed.clamp(least, most)) + sum.ln()).min(0.0)
    }
}
