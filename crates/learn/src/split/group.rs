use std::collections::BTreeMap;

use super::fold::Fold;
use super::hold_out::from_mask;
use super::k_fold::enough;
use crate::data::dataset::{Dataset, class_counts};
use crate::error::{LearnError, Result};
use cratedigger_stats::rng::SeededRng;

/// Index of the group of each row (groups in ascending order of their number) and the number of groups.
pub(super) fn group_index(groups: &[i64]) -> (Vec<usize>, usize) {
    let mut index: BTreeMap<i64, usize> = groups.iter().map(|&group| (group, 0)).collect();
    for (at, value) in index.values_mut().enumerate() {
        *value = at;
    }
    (groups.iter().map(|group| index[group]).collect(), index.len())
}

/// Folds of equal size: groups from the largest to the smallest, each to the fold with the fewest rows.
///
/// Source: scikit-learn, `GroupKFold`. Differs: of groups of equal size the one with the lower number comes first.
pub(super) fn k_fold(groups: &[i64], n_splits: usize) -> Result<Vec<usize>> {
    let (group_of_row, n_groups) = group_index(groups);
    enough("artists", groups.len(), n_groups, n_splits)?;
    let sizes = class_counts(&group_of_row, n_groups);
    let mut by_size: Vec<usize> = (0..n_groups).collect();
    by_size.sort_by_key(|&group| std::cmp::Reverse(sizes[group]));
    let mut rows_in_fold = vec![0; n_splits];
    let mut fold_of_group = vec![0; n_groups];
    for group in by_size {
        let fold = (0..n_splits).min_by_key(|&fold| rows_in_fold[fold]).unwrap_or(0);
        rows_in_fold[fold] += sizes[group];
        fold_of_group[group] = fold;
    }
    Ok(group_of_row.iter().map(|&group| fold_of_group[group]).collect())
}

/// Folds that keep groups whole and classes near their proportion.
///
/// Source: scikit-learn, `StratifiedGroupKFold(shuffle=True)`: groups in random order, then those whose rows are the
/// most unequally divided over the classes first; each goes to the fold where the shares of the classes then differ
/// least between the folds, and of those to the smallest fold.
pub(super) fn stratified_k_fold(
    y: &[usize],
    n_classes: usize,
    groups: &[i64],
    n_splits: usize,
    seed: u64,
) -> Result<Vec<usize>> {
    let shares = vec![1.0 / n_splits as f64; n_splits];
    let (_, n_groups) = group_index(groups);
    enough("groups of artists", groups.len(), n_groups, n_splits)?;
    let largest = class_counts(y, n_classes).into_iter().max().unwrap_or(0);
    enough("rows of the largest class", groups.len(), largest, n_splits)?;
    Ok(stratified_parts(
        y,
        n_classes,
        groups,
        &shares,
        SeededRng::new(seed).permutation(n_groups),
    ))
}

/// One part of `test_size` and one of the rest, groups whole and classes near their proportion.
pub(super) fn stratified_hold_out(data: &Dataset, groups: &[i64], test_size: f64, seed: u64) -> Result<Fold> {
    let order = SeededRng::new(seed).permutation(group_index(groups).1);
    let part_of_row = stratified_parts(
        &data.y,
        data.n_classes(),
        groups,
        &[test_size, 1.0 - test_size],
        order,
    );
    let in_test: Vec<bool> = part_of_row.iter().map(|&part| part == 0).collect();
    both_sides(from_mask(&in_test), groups)
}

/// Whole groups in random order, each tested if that brings the test side nearer to its share of the rows.
pub(super) fn hold_out(groups: &[i64], test_size: f64, seed: u64) -> Result<Fold> {
    let (group_of_row, n_groups) = group_index(groups);
    let sizes = class_counts(&group_of_row, n_groups);
    let wanted = test_size * groups.len() as f64;
    let mut test_groups = vec![false; n_groups];
    let mut n_test = 0.0;
    for group in SeededRng::new(seed).permutation(n_groups) {
        let with = n_test + sizes[group] as f64;
        if (with - wanted).abs() < (n_test - wanted).abs() {
            n_test = with;
            test_groups[group] = true;
        }
    }
    let in_test: Vec<bool> = group_of_row.iter().map(|&group| test_groups[group]).collect();
    both_sides(from_mask(&in_test), groups)
}

fn both_sides(fold: Fold, groups: &[i64]) -> Result<Fold> {
    if fold.train.is_empty() || fold.test.is_empty() {
        let (_, n_groups) = group_index(groups);
        let reason = format!(
            "{n_groups} groups of artists cannot be divided into a training and a test side of this share"
        );
        return Err(LearnError::CannotSplit {
            n_rows: groups.len(),
            reason,
        });
    }
    Ok(fold)
}

/// Part of each row, for parts that should hold these shares of every class. `order` names each group once.
pub(super) fn stratified_parts(
    y: &[usize],
    n_classes: usize,
    groups: &[i64],
    shares: &[f64],
    mut order: Vec<usize>,
) -> Vec<usize> {
    let totals = class_counts(y, n_classes);
    let present: Vec<usize> = (0..totals.len()).filter(|&class| totals[class] > 0).collect();
    let totals: Vec<f64> = present.iter().map(|&class| totals[class] as f64).collect();
    let mut column = vec![0; n_classes];
    for (at, &class) in present.iter().enumerate() {
        column[class] = at;
    }
    let (group_of_row, n_groups) = group_index(groups);
    let mut group_counts = vec![vec![0.0; present.len()]; n_groups];
    for (&group, &class) in group_of_row.iter().zip(y) {
        group_counts[group][column[class]] += 1.0;
    }
    let spread: Vec<f64> = group_counts.iter().map(|counts| std_dev(counts)).collect();
    order.sort_by(|&a, &b| spread[b].total_cmp(&spread[a]));

    let mut part_counts = vec![vec![0.0; present.len()]; shares.len()];
    let mut part_of_group = vec![0; n_groups];
    for group in order {
        let (mut least, mut fewest, mut best) = (f64::INFINITY, f64::INFINITY, 0);
        for part in 0..shares.len() {
            let imbalance = imbalance(&part_counts, &group_counts[group], part, &totals, shares);
            let fullness = part_counts[part].iter().sum::<f64>() / shares[part];
            let close = least.is_finite() && (imbalance - least).abs() <= 1e-8 + 1e-5 * least;
            if imbalance < least || (close && fullness < fewest) {
                (least, fewest, best) = (imbalance, fullness, part);
            }
        }
        part_of_group[group] = best;
        for (sum, count) in part_counts[best].iter_mut().zip(&group_counts[group]) {
            *sum += count;
        }
    }
    group_of_row.iter().map(|&group| part_of_group[group]).collect()
}

/// Mean over the classes of how much the parts differ in their share of it, with the group added to `part`.
fn imbalance(part_counts: &[Vec<f64>], added: &[f64], part: usize, totals: &[f64], shares: &[f64]) -> f64 {
    let mut sum = 0.0;
    let mut of_class = vec![0.0; shares.len()];
    for class in 0..totals.len() {
        for (index, value) in of_class.iter_mut().enumerate() {
            let extra = if index == part { added[class] } else { 0.0 };
            // For equal shares this is the count over the total but for a factor, as in scikit-learn.
            *value =
                (part_counts[index][class] + extra) / (totals[class] * shares[index] * shares.len() as f64);
        }
        sum += std_dev(&of_class);
    }
    sum / totals.len() as f64
}

/// Population standard deviation.
fn std_dev(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt()
}
