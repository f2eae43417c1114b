use std::collections::BTreeMap;

use cratedigger_stats::rng::SeededRng;

/// Row indices to fit on and to score on. Both are in ascending order and have no row in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// Rows to fit on.
    pub train: Vec<usize>,
    /// Rows to score on.
    pub test: Vec<usize>,
}

impl Fold {
    /// The same test rows, and at most about `n_rows` of the training rows: whole groups (rows, where there are no groups) in
    /// an order drawn from the seed, until there are `n_rows`. Fewer rows of the same seed are a part of more rows.
    pub fn with_less_training(&self, groups: Option<&[i64]>, n_rows: usize, seed: u64) -> Self {
        let mut units: Vec<Vec<usize>> = match groups {
            None => self.train.iter().map(|&row| vec![row]).collect(),
            Some(groups) => {
                let mut of_group = BTreeMap::<i64, Vec<usize>>::new();
                for &row in &self.train {
                    of_group.entry(groups[row]).or_default().push(row);
                }
                of_group.into_values().collect()
            }
        };
        SeededRng::new(seed).shuffle(&mut units);
        let mut train = Vec::new();
        for unit in units {
            if train.len() >= n_rows {
                break;
            }
            train.extend(unit);
        }
        train.sort_unstable();
        Self {
            train,
            test: self.test.clone(),
        }
    }
}
