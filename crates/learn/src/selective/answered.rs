//! What came of withholding answers, on rows that had no part in choosing the threshold.

use cratedigger_stats::{Interval, cluster_interval, wilson_interval};

use crate::data::groups::n_different;
use crate::error::{Result, same_length};

/// Level of the interval.
const LEVEL: f64 = 0.95;

/// The answers of some rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answered {
    /// Rows.
    pub n_rows: u64,
    /// Those that were answered.
    pub n_answered: u64,
    /// Those of the answered ones that are wrong.
    pub n_wrong: u64,
    /// Groups (artists) of all rows; `None` where none are known.
    pub n_groups: Option<usize>,
    /// 95 % interval of the share that is wrong, over the groups of the answered rows, or over rows without groups (Wilson); `None` without
    /// answers or with too few groups.
    pub interval: Option<Interval>,
}

impl Answered {
    /// Counts. `answered`, `right`: of each row; `groups`: the artists of the rows.
    ///
    /// # Errors
    /// `ShapeMismatch`.
    pub fn new(answered: &[bool], right: &[bool], groups: Option<&[i64]>) -> Result<Self> {
        same_length("predictions", answered.len(), right.len())?;
        let rows: Vec<usize> = (0..right.len()).filter(|&row| answered[row]).collect();
        let wrong: Vec<bool> = rows.iter().map(|&row| !right[row]).collect();
        let n_wrong = wrong.iter().filter(|&&wrong| wrong).count() as u64;
        let interval = match groups {
            _ if rows.is_empty() => None,
            None => Some(wilson_interval(n_wrong, rows.len() as u64, LEVEL)?),
            Some(groups) => {
                same_length("groups", right.len(), groups.len())?;
                let groups: Vec<i64> = rows.iter().map(|&row| groups[row]).collect();
                cluster_interval(&wrong, &groups, LEVEL)?
            }
        };
        Ok(Self {
            n_rows: right.len() as u64,
            n_answered: rows.len() as u64,
            n_wrong,
            n_groups: groups.map(|groups| n_different(groups.iter().copied())),
            interval,
        })
    }

    /// The share of the rows that was answered; 0 without rows.
    pub fn coverage(&self) -> f64 {
        self.n_answered as f64 / self.n_rows.max(1) as f64
    }

    /// The share of the answers that is wrong; `None` without answers.
    pub fn risk(&self) -> Option<f64> {
        (self.n_answered > 0).then(|| self.n_wrong as f64 / self.n_answered as f64)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn answers_are_counted_and_their_interval_is_that_of_their_artists() {
        let answered: Vec<bool> = (0..60).map(|row| row % 3 != 0).collect();
        let right: Vec<bool> = (0..60).map(|row| row % 5 != 0).collect();
        let groups: Vec<i64> = (0..60).map(|row| row / 6).collect();
        let found = Answered::new(&answered, &right, Some(&groups)).unwrap();
        assert_eq!(
            (found.n_rows, found.n_answered, found.n_wrong, found.n_groups),
            (60, 40, 8, Some(10))
        );
        assert_eq!((found.coverage(), found.risk()), (40.0 / 60.0, Some(0.2)));
        let rows = || (0..60).filter(|row| row % 3 != 0);
        let wrong: Vec<bool> = rows().map(|row| row % 5 == 0).collect();
        let of: Vec<i64> = rows().map(|row| row / 6).collect();
        assert_eq!(found.interval, cluster_interval(&wrong, &of, 0.95).unwrap());
        let single = Answered::new(&answered, &right, None).unwrap();
        assert_eq!(single.interval, Some(wilson_interval(8, 40, 0.95).unwrap()));
        let silent = Answered::new(&[false; 4], &[true; 4], None).unwrap();
        assert_eq!(
            (silent.risk(), silent.interval, silent.coverage()),
            (None, None, 0.0)
        );
        assert!(Answered::new(&[true], &[], None).is_err());
        assert!(Answered::new(&[true], &[true], Some(&[])).is_err());
    }
}
