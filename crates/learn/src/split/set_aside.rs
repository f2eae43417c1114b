//! Training rows that are set aside to tell when to stop.

use std::collections::BTreeSet;

use super::fold::Fold;
use super::group::{group_index, stratified_parts};
use super::hold_out::{allot, from_mask, stratified, test_rows};
use crate::data::dataset::class_counts;
use crate::error::{LearnError, Result};
use cratedigger_stats::rng::SeededRng;

/// Divides training rows into those to fit on and those set aside: about `share` of them, in whole groups, classes near their
/// proportion. A class keeps at least one group to be fitted on; without groups, or where none can be spared, single rows are
/// set aside, and a class with one row keeps it.
///
/// # Errors
/// `CannotSplit` where no class has two rows.
pub(crate) fn set_aside(
    y: &[usize],
    n_classes: usize,
    groups: Option<&[i64]>,
    share: f64,
    seed: u64,
) -> Result<Fold> {
    if let Some(fold) = groups.and_then(|groups| whole_groups(y, n_classes, groups, share, seed)) {
        return Ok(fold);
    }
    match stratified(y, n_classes, &|class| class.to_string(), share, seed) {
        Ok(fold) => Ok(fold),
        Err(_) => sparingly(y, n_classes, share, seed),
    }
}

/// `None` where no group can be spared.
fn whole_groups(y: &[usize], n_classes: usize, groups: &[i64], share: f64, seed: u64) -> Option<Fold> {
    let (group_of_row, n_groups) = group_index(groups);
    let mut counts = vec![vec![0_usize; n_classes]; n_groups];
    for (&group, &class) in group_of_row.iter().zip(y) {
        counts[group][class] += 1;
    }
    let size = |group: &usize| counts[*group].iter().sum::<usize>();
    let order = SeededRng::new(seed).permutation(n_groups);
    let part_of_row = stratified_parts(y, n_classes, groups, &[share, 1.0 - share], order);
    let mut aside: BTreeSet<usize> = (0..y.len())
        .filter(|&row| part_of_row[row] == 0)
        .map(|row| group_of_row[row])
        .collect();
    let lacks = |aside: &BTreeSet<usize>, class: usize| {
        let mut holders = (0..n_groups).filter(|&group| counts[group][class] > 0).peekable();
        holders.peek().is_some() && holders.all(|group| aside.contains(&group))
    };
    for class in 0..n_classes {
        if lacks(&aside, class) {
            let holders = aside.iter().copied().filter(|&group| counts[group][class] > 0);
            let back = holders.min_by_key(size)?;
            aside.remove(&back);
        }
    }
    if aside.is_empty() {
        // Large groups: the smallest that leaves every class a group to be fitted on.
        let spared = |group: &usize| {
            let one = BTreeSet::from([*group]);
            !(0..n_classes).any(|class| lacks(&one, class))
        };
        aside.insert((0..n_groups).filter(spared).min_by_key(size)?);
    }
    let in_test: Vec<bool> = group_of_row.iter().map(|group| aside.contains(group)).collect();
    Some(from_mask(&in_test))
}

/// Single rows where classes are too small for all of them to be on both sides.
fn sparingly(y: &[usize], n_classes: usize, share: f64, seed: u64) -> Result<Fold> {
    let counts = class_counts(y, n_classes);
    let most: Vec<usize> = counts.iter().map(|count| count.saturating_sub(1)).collect();
    let n_most: usize = most.iter().sum();
    if n_most == 0 {
        return Err(LearnError::CannotSplit {
            n_rows: y.len(),
            reason: "no class has two training rows, so none can be set aside to tell when to stop"
                .to_owned(),
        });
    }
    let n_aside = test_rows(y.len(), share)?.clamp(1, n_most);
    let mut left = allot(&most, n_aside);
    let mut in_test = vec![false; y.len()];
    for row in SeededRng::new(seed).permutation(y.len()) {
        if left[y[row]] > 0 {
            left[y[row]] -= 1;
            in_test[row] = true;
        }
    }
    Ok(from_mask(&in_test))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::data::dataset::take;

    fn classes_of(y: &[usize], rows: &[usize]) -> BTreeSet<usize> {
        take(y, rows).into_iter().collect()
    }

    #[test]
    fn groups_stay_whole_and_every_class_is_fitted() {
        for seed in 0..60 {
            let mut rng = SeededRng::new(seed);
            let n_groups = 2 + rng.below(30);
            let groups: Vec<i64> = (0..200).map(|_| rng.below(n_groups) as i64 * 3 - 20).collect();
            // A group has a favourite class; class 4 is rare.
            let y: Vec<usize> = groups
                .iter()
                .map(|group| match rng.below(50) {
                    0 => 4,
                    1..10 => rng.below(4),
                    _ => (*group + 20) as usize % 4,
                })
                .collect();
            let fold = set_aside(&y, 6, Some(&groups), 0.1, seed).unwrap();
            let fitted: BTreeSet<i64> = take(&groups, &fold.train).into_iter().collect();
            let aside: BTreeSet<i64> = take(&groups, &fold.test).into_iter().collect();
            assert!(!aside.is_empty() && fitted.is_disjoint(&aside), "seed {seed}");
            assert_eq!(fold.train.len() + fold.test.len(), 200);
            let all: BTreeSet<usize> = y.iter().copied().collect();
            assert_eq!(classes_of(&y, &fold.train), all, "seed {seed}");
            if n_groups > 20 {
                assert!((5..45).contains(&fold.test.len()), "{}", fold.test.len());
            }
        }
    }

    #[test]
    fn single_rows_are_set_aside_where_no_group_can_be_spared() {
        let y = [0, 0, 0, 1, 1, 1];
        // One group for each class, one for all.
        for groups in [[1, 1, 1, 2, 2, 2], [5; 6]] {
            let fold = set_aside(&y, 2, Some(&groups), 0.3, 0).unwrap();
            assert_eq!((fold.train.len(), fold.test.len()), (4, 2));
            assert_eq!(classes_of(&y, &fold.test).len(), 2);
        }
    }

    #[test]
    fn a_class_with_one_row_keeps_it() {
        let mut y = vec![0; 30];
        y.extend([1; 20]);
        y.push(2);
        let fold = set_aside(&y, 3, None, 0.1, 0).unwrap();
        assert!(fold.train.contains(&50));
        assert_eq!(fold.test.len(), 6);
        assert_eq!(classes_of(&y, &fold.test).len(), 2);
        // Fewer rows are set aside than there are classes.
        let y: Vec<usize> = (0..16).map(|row| row / 2).collect();
        let fold = set_aside(&y, 8, None, 0.1, 3).unwrap();
        assert_eq!((fold.test.len(), classes_of(&y, &fold.train).len()), (2, 8));
        assert!(matches!(
            set_aside(&[0, 1, 2], 3, None, 0.5, 0),
            Err(LearnError::CannotSplit { .. })
        ));
        // Where every class can be on both sides the rows are those of a stratified hold-out.
        let y: Vec<usize> = (0..90).map(|row| row % 3).collect();
        let plain = stratified(&y, 3, &|class| class.to_string(), 0.2, 7).unwrap();
        assert_eq!(set_aside(&y, 3, None, 0.2, 7).unwrap(), plain);
    }
}
