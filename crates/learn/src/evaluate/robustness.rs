//! The same rows before and after a change that should change no answer.

use std::collections::BTreeMap;

use cratedigger_stats::{
    Interval, PValue, cluster_interval, holm, mcnemar, mcnemar_clustered, wilson_interval,
};

use crate::error::{Result, same_length};

/// What a change did to answers that it should have left as they were.
#[derive(Debug, Clone, PartialEq)]
pub struct Robustness {
    /// Rows that were answered before and after.
    pub n: u64,
    /// Groups of these rows, where there are groups.
    pub n_groups: Option<usize>,
    /// Rows that were right before.
    pub n_right_before: u64,
    /// Rows that are right after.
    pub n_right_after: u64,
    /// Rows whose answer is another.
    pub n_flipped: u64,
    /// Interval of their share: over groups where there are groups, and `None` with too few of them; else Wilson's.
    pub flipped_interval: Option<Interval>,
    /// Rows that were right before and are not after.
    pub n_lost: u64,
    /// Rows that were wrong before and are right after.
    pub n_gained: u64,
    /// The accuracy after less that before: over groups where there are two or more, else over rows.
    pub interval: Interval,
    /// Whether the two accuracies differ, by the same.
    pub p: PValue,
    /// `p` after Holm's correction, where [`adjust`] made one.
    pub adjusted: PValue,
    /// How often an answer became another one, the most frequent first.
    pub flips: Vec<Flip>,
    /// The rows of each class.
    pub by_class: Vec<ClassRobustness>,
}

/// An answer that became another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flip {
    /// The class that was named before.
    pub from: usize,
    /// The class that is named after.
    pub to: usize,
    /// Rows.
    pub n: u64,
}

/// The rows of one true class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClassRobustness {
    /// Rows.
    pub n: u64,
    /// Those that were right before.
    pub n_right_before: u64,
    /// Those that are right after.
    pub n_right_after: u64,
    /// Those whose answer is another.
    pub n_flipped: u64,
}

impl Robustness {
    /// Holds answers before and after against each other; intervals are of the level `level`.
    ///
    /// The difference is McNemar's, with groups as what is independent ([`mcnemar_clustered`]).
    ///
    /// # Errors
    /// `Empty` without rows, `ShapeMismatch`, `InvalidParameter`.
    pub fn new(
        y_true: &[usize],
        before: &[usize],
        after: &[usize],
        groups: Option<&[i64]>,
        n_classes: usize,
        level: f64,
    ) -> Result<Self> {
        same_length("answers before", y_true.len(), before.len())?;
        same_length("answers after", y_true.len(), after.len())?;
        let plain = mcnemar(y_true, after, before, level)?;
        let n_groups = groups.map(|groups| {
            let mut sorted = groups.to_vec();
            sorted.sort_unstable();
            sorted.dedup();
            sorted.len()
        });
        let clustered = match groups {
            Some(groups) if n_groups > Some(1) => {
                Some(mcnemar_clustered(y_true, after, before, groups, level)?)
            }
            _ => None,
        };
        let mut flips: BTreeMap<(usize, usize), u64> = BTreeMap::new();
        let mut by_class = vec![ClassRobustness::default(); n_classes];
        for ((&class, &from), &to) in y_true.iter().zip(before).zip(after) {
            if let Some(of_class) = by_class.get_mut(class) {
                of_class.n += 1;
                of_class.n_right_before += u64::from(from == class);
                of_class.n_right_after += u64::from(to == class);
                of_class.n_flipped += u64::from(from != to);
            }
            if from != to {
                *flips.entry((from, to)).or_default() += 1;
            }
        }
        let mut flips: Vec<Flip> = flips
            .into_iter()
            .map(|((from, to), n)| Flip { from, to, n })
            .collect();
        flips.sort_by_key(|flip| (std::cmp::Reverse(flip.n), flip.from, flip.to));
        let flipped: Vec<bool> = before.iter().zip(after).map(|(a, b)| a != b).collect();
        let n_flipped = flips.iter().map(|flip| flip.n).sum();
        let n = y_true.len() as u64;
        let right = |answers: &[usize]| answers.iter().zip(y_true).filter(|(a, b)| a == b).count() as u64;
        let p = clustered.map_or(plain.exact, |clustered| clustered.p);
        Ok(Self {
            n,
            n_groups,
            n_right_before: right(before),
            n_right_after: right(after),
            n_flipped,
            flipped_interval: match groups {
                Some(groups) => cluster_interval(&flipped, groups, level)?,
                None => Some(wilson_interval(n_flipped, n, level)?),
            },
            n_lost: plain.only_second,
            n_gained: plain.only_first,
            interval: clustered.map_or(plain.interval, |clustered| clustered.interval),
            p,
            adjusted: p,
            flips,
            by_class,
        })
    }

    /// The accuracy before.
    pub fn accuracy_before(&self) -> f64 {
        self.n_right_before as f64 / self.n as f64
    }

    /// The accuracy after.
    pub fn accuracy_after(&self) -> f64 {
        self.n_right_after as f64 / self.n as f64
    }

    /// The accuracy after less that before.
    pub fn difference(&self) -> f64 {
        (self.n_gained as f64 - self.n_lost as f64) / self.n as f64
    }
}

/// Corrects the p-values of several changes of the same rows together, after Holm.
pub fn adjust(changes: &mut [&mut Robustness]) {
    let raw: Vec<PValue> = changes.iter().map(|change| change.p).collect();
    for (change, adjusted) in changes.iter_mut().zip(holm(&raw)) {
        change.adjusted = adjusted;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_a_change_did_adds_up() {
        let y = [0, 0, 0, 1, 1, 1, 2, 2];
        let before = [0, 0, 1, 1, 1, 0, 2, 0];
        let after = [0, 1, 0, 1, 0, 2, 2, 0];
        let groups = [1, 1, 2, 3, 3, 4, 5, 6];
        let found = Robustness::new(&y, &before, &after, Some(&groups), 3, 0.95).unwrap();
        assert_eq!((found.n, found.n_groups), (8, Some(6)));
        assert_eq!((found.n_right_before, found.n_right_after), (5, 4));
        assert_eq!((found.n_lost, found.n_gained, found.n_flipped), (2, 1, 4));
        assert_eq!((found.accuracy_before(), found.accuracy_after()), (0.625, 0.5));
        assert_eq!(found.difference(), -0.125);
        let want = mcnemar_clustered(&y, &after, &before, &groups, 0.95).unwrap();
        assert_eq!((found.interval, found.p), (want.interval, want.p));
        assert!(found.interval.low < -0.125 && found.interval.high > -0.125);
        let flips: Vec<_> = found
            .flips
            .iter()
            .map(|flip| (flip.from, flip.to, flip.n))
            .collect();
        assert_eq!(flips, [(1, 0, 2), (0, 1, 1), (0, 2, 1)]);
        let of_class = |class: usize| {
            let found = found.by_class[class];
            (
                found.n,
                found.n_right_before,
                found.n_right_after,
                found.n_flipped,
            )
        };
        assert_eq!(
            [of_class(0), of_class(1), of_class(2)],
            [(3, 2, 2, 2), (3, 2, 1, 2), (2, 1, 1, 0)]
        );
        // Of rows alone: McNemar's, and Wilson's.
        let rows = Robustness::new(&y, &before, &after, None, 3, 0.95).unwrap();
        assert_eq!(rows.p, mcnemar(&y, &after, &before, 0.95).unwrap().exact);
        assert_eq!(rows.flipped_interval, Some(wilson_interval(4, 8, 0.95).unwrap()));
        // One group says nothing of how groups differ.
        let one = Robustness::new(&y, &before, &after, Some(&[7; 8]), 3, 0.95).unwrap();
        assert_eq!((one.p, one.flipped_interval), (rows.p, None));
        assert!(Robustness::new(&[], &[], &[], None, 3, 0.95).is_err());
        assert!(Robustness::new(&y, &before[1..], &after, None, 3, 0.95).is_err());
    }

    #[test]
    fn several_changes_are_corrected_together() {
        let y = vec![0; 40];
        let found = |n_wrong: usize| {
            let after: Vec<usize> = (0..40).map(|row| usize::from(row < n_wrong)).collect();
            Robustness::new(&y, &y, &after, None, 2, 0.95).unwrap()
        };
        let (mut none, mut some, mut many) = (found(0), found(6), found(20));
        adjust(&mut [&mut none, &mut some, &mut many]);
        assert_eq!(
            (none.n_flipped, none.adjusted.value(), none.difference()),
            (0, 1.0, 0.0)
        );
        assert!((some.adjusted.value() - 2.0 * some.p.value()).abs() < 1e-15);
        assert!((many.adjusted.value() / (3.0 * many.p.value()) - 1.0).abs() < 1e-12);
    }
}
