use crate::error::{LearnError, Result};
use cratedigger_stats::rng::SeededRng;

/// Successive halving: all candidates on few training rows, the best of them on more, until the last few see all rows.
///
/// Source: scikit-learn, `HalvingGridSearchCV` with `min_resources="exhaust"`: the same numbers of candidates and rows in
/// every round. Differs: test rows are never reduced, which costs little and ranks better; training rows are drawn by
/// class, and each round keeps those of the round before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Halving {
    /// How many times fewer candidates and more rows each round has. Default: 3.
    pub factor: usize,
}

impl Default for Halving {
    fn default() -> Self {
        Self { factor: 3 }
    }
}

/// One round: how many candidates are scored, and on which share of the training rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Round {
    pub(super) n_candidates: usize,
    pub(super) n_resources: usize,
}

impl Halving {
    /// The rounds for so many candidates, training rows, folds and classes.
    pub(super) fn rounds(
        self,
        n_candidates: usize,
        n_rows: usize,
        n_folds: usize,
        n_classes: usize,
    ) -> Result<Vec<Round>> {
        if self.factor < 2 {
            return Err(LearnError::parameter("factor", self.factor, "must be at least 2"));
        }
        // The smallest number of rows that is worth a fit: two of every class in every fold.
        let n_required = 1 + floor_log(n_candidates, self.factor);
        let last = self.factor.saturating_pow((n_required - 1) as u32);
        let n_min = (2 * n_folds * n_classes)
            .max(n_rows / last)
            .clamp(1, n_rows.max(1));
        let n_possible = 1 + floor_log(n_rows / n_min, self.factor);
        let mut rounds = Vec::new();
        let mut left = n_candidates;
        for round in 0..n_required.min(n_possible) {
            rounds.push(Round {
                n_candidates: left,
                n_resources: n_min
                    .saturating_mul(self.factor.saturating_pow(round as u32))
                    .min(n_rows),
            });
            left = left.div_ceil(self.factor);
        }
        Ok(rounds)
    }
}

/// The largest `k` with `base^k <= n`, 0 for `n` of 0.
fn floor_log(n: usize, base: usize) -> usize {
    let (mut power, mut k) = (base, 0);
    while power <= n {
        power = power.saturating_mul(base);
        k += 1;
    }
    k
}

/// The training rows of a fold in such an order that every beginning of the list has the classes in their proportion.
pub(super) fn order_of_rows(train: &[usize], y: &[usize], n_classes: usize, seed: u64) -> Vec<usize> {
    let mut by_class: Vec<Vec<usize>> = vec![Vec::new(); n_classes];
    for &row in train {
        by_class[y[row]].push(row);
    }
    let mut placed = Vec::with_capacity(train.len());
    for (class, rows) in by_class.iter_mut().enumerate() {
        SeededRng::stream(seed, class as u64).shuffle(rows);
        let n = rows.len() as f64;
        placed.extend(
            rows.iter()
                .enumerate()
                .map(|(at, &row)| ((at as f64 + 0.5) / n, class, row)),
        );
    }
    placed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    placed.into_iter().map(|(_, _, row)| row).collect()
}
