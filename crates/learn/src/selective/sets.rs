//! How often sets hold the true class, and how large they are.

use cratedigger_stats::{Interval, cluster_interval, wilson_interval};

use crate::error::Result;

/// Level of the interval.
const LEVEL: f64 = 0.95;

/// The sets of rows, as far as they are scored.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sets {
    /// Whether the set of each row holds its true class.
    pub covered: Vec<bool>,
    /// Classes in the set of each row.
    pub size: Vec<usize>,
}

/// Scores of the sets of some rows.
#[derive(Debug, Clone, PartialEq)]
pub struct SetScores {
    /// Rows.
    pub n: u64,
    /// Those whose set holds their true class.
    pub n_covered: u64,
    /// Classes in all sets together.
    pub n_labels: u64,
    /// Empty sets.
    pub n_empty: u64,
    /// Sets of one class.
    pub n_single: u64,
    /// Those of them that hold the true one.
    pub n_single_right: u64,
    /// 95 % interval of the coverage over groups, or over rows without groups (Wilson); `None` with too few groups.
    pub interval: Option<Interval>,
}

/// The rows of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClassCoverage {
    /// Rows of the class.
    pub n: u64,
    /// Those whose set holds it.
    pub n_covered: u64,
    /// Classes in their sets together.
    pub n_labels: u64,
}

impl Sets {
    /// The set of a row: whether each class is in it.
    pub fn push(&mut self, set: &[bool], class: usize) {
        self.covered.push(set[class]);
        self.size.push(set.iter().filter(|&&inside| inside).count());
    }

    /// The scores of these rows, indices into the sets. `groups`: of all rows.
    ///
    /// # Errors
    /// `Empty` without rows.
    pub fn scores(&self, rows: &[usize], groups: Option<&[i64]>) -> Result<SetScores> {
        let covered: Vec<bool> = rows.iter().map(|&row| self.covered[row]).collect();
        let count = |is: &dyn Fn(usize) -> bool| rows.iter().filter(|&&row| is(row)).count() as u64;
        let n_covered = count(&|row| self.covered[row]);
        let interval = match groups {
            None => Some(wilson_interval(n_covered, rows.len() as u64, LEVEL)?),
            Some(groups) => {
                let groups: Vec<i64> = rows.iter().map(|&row| groups[row]).collect();
                cluster_interval(&covered, &groups, LEVEL)?
            }
        };
        Ok(SetScores {
            n: rows.len() as u64,
            n_covered,
            n_labels: rows.iter().map(|&row| self.size[row] as u64).sum(),
            n_empty: count(&|row| self.size[row] == 0),
            n_single: count(&|row| self.size[row] == 1),
            n_single_right: count(&|row| self.size[row] == 1 && self.covered[row]),
            interval,
        })
    }

    /// The rows of each class.
    pub fn by_class(&self, y_true: &[usize], n_classes: usize) -> Vec<ClassCoverage> {
        let mut found = vec![ClassCoverage::default(); n_classes];
        for ((&class, &covered), &size) in y_true.iter().zip(&self.covered).zip(&self.size) {
            let of_class = &mut found[class];
            of_class.n += 1;
            of_class.n_covered += u64::from(covered);
            of_class.n_labels += size as u64;
        }
        found
    }
}

impl SetScores {
    /// The share of the sets that hold the true class.
    pub fn coverage(&self) -> f64 {
        self.n_covered as f64 / self.n as f64
    }

    /// Classes in a set, on average.
    pub fn mean_size(&self) -> f64 {
        self.n_labels as f64 / self.n as f64
    }
}

impl ClassCoverage {
    /// The share of the class's sets that hold it; `None` without rows.
    pub fn coverage(&self) -> Option<f64> {
        (self.n > 0).then(|| self.n_covered as f64 / self.n as f64)
    }

    /// Classes in a set of the class, on average; `None` without rows.
    pub fn mean_size(&self) -> Option<f64> {
        (self.n > 0).then(|| self.n_labels as f64 / self.n as f64)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn sets_are_counted() {
        let mut sets = Sets::default();
        sets.push(&[true, false, true], 0);
        sets.push(&[false, true, false], 1);
        sets.push(&[false, true, false], 2);
        sets.push(&[false; 3], 2);
        let all = sets.scores(&[0, 1, 2, 3], None).unwrap();
        assert_eq!((all.n, all.n_covered, all.n_labels, all.n_empty), (4, 2, 4, 1));
        assert_eq!((all.n_single, all.n_single_right), (2, 1));
        assert_eq!((all.coverage(), all.mean_size()), (0.5, 1.0));
        assert_eq!(all.interval, Some(wilson_interval(2, 4, 0.95).unwrap()));
        let two = sets.scores(&[0, 3], Some(&[1, 2, 3, 4])).unwrap();
        assert_eq!((two.n, two.n_covered, two.interval), (2, 1, None));
        let by_class = sets.by_class(&[0, 1, 2, 2], 4);
        assert_eq!(
            (by_class[2].n, by_class[2].n_covered, by_class[2].n_labels),
            (2, 0, 1)
        );
        assert_eq!(
            (by_class[3].coverage(), by_class[0].mean_size()),
            (None, Some(2.0))
        );
        assert!(sets.scores(&[], None).is_err());
    }
}
