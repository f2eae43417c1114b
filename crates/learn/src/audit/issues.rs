//! Which labels confident learning finds wrong, and how little each label is believed.
//!
//! Source: cleanlab 2.9, `filter.py`, `find_label_issues`, and `rank.py`; their defaults (`min_examples_per_class` 1, `frac_noise` 1).

use super::confident::{ConfidentJoint, check, confident_class};
use crate::data::dataset::class_counts;
use crate::data::score_matrix::{ScoreMatrix, argmax};
use crate::error::Result;

/// By so much the given label may be less likely than another one and still be what is predicted.
const FAVOUR: f64 = 1e-6;

/// How labels that are wrong are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IssueFilter {
    /// For each pair of classes as many rows as the joint says, those first whose other class is likelier by the largest margin.
    #[default]
    PruneByNoiseRate,
    /// For each class as many rows as the joint says, those of the least self-confidence.
    PruneByClass,
    /// Those that both find.
    Both,
    /// The rows off the diagonal of the confident joint.
    ConfidentLearning,
}

/// Whether each row's label is found wrong. A row whose label is the likeliest class never is.
///
/// # Errors
/// As [`ConfidentJoint::new`].
pub fn find_label_issues(y: &[usize], proba: &ScoreMatrix, filter: IssueFilter) -> Result<Vec<bool>> {
    let joint = ConfidentJoint::new(y, proba)?;
    let mut found = match filter {
        IssueFilter::PruneByNoiseRate => by_noise_rate(y, proba, &prune_counts(&joint.calibrated)),
        IssueFilter::PruneByClass => by_class(y, proba, &prune_counts(&joint.calibrated)),
        IssueFilter::Both => {
            let counts = prune_counts(&joint.calibrated);
            let by_class = by_class(y, proba, &counts);
            let both = by_noise_rate(y, proba, &counts).into_iter().zip(by_class);
            both.map(|(a, b)| a && b).collect()
        }
        IssueFilter::ConfidentLearning => proba
            .rows()
            .zip(y)
            .map(|(row, &given)| confident_class(row, &joint.thresholds).is_some_and(|class| class != given))
            .collect(),
    };
    let mut favoured = Vec::new();
    for ((found, row), &given) in found.iter_mut().zip(proba.rows()).zip(y) {
        favoured.clear();
        favoured.extend_from_slice(row);
        favoured[given] += FAVOUR;
        *found &= argmax(&favoured) != given;
    }
    Ok(found)
}

/// The probability of each row's own label: the less, the more doubtful (`self_confidence`).
///
/// # Errors
/// As [`ConfidentJoint::new`].
pub fn self_confidence(y: &[usize], proba: &ScoreMatrix) -> Result<Vec<f64>> {
    check(y, proba)?;
    Ok(proba.rows().zip(y).map(|(row, &given)| row[given]).collect())
}

/// How far each row's own label is ahead of the likeliest other class, from 0 to 1, one half for a tie (`normalized_margin`). 1 where
/// there is no other class.
///
/// # Errors
/// As [`ConfidentJoint::new`].
pub fn normalized_margin(y: &[usize], proba: &ScoreMatrix) -> Result<Vec<f64>> {
    check(y, proba)?;
    let margin = |(row, &given): (&[f64], &usize)| {
        let others = row.iter().enumerate().filter(|(class, _)| *class != given);
        let best = others.map(|(_, p)| *p).fold(f64::NEG_INFINITY, f64::max);
        match best.is_finite() {
            true => (row[given] - best + 1.0) / 2.0,
            false => 1.0,
        }
    };
    Ok(proba.rows().zip(y).map(margin).collect())
}

/// `counts[given][true]`: how many rows to take, with at least one row left in every class (`_keep_at_least_n_per_class`).
fn prune_counts(calibrated: &[Vec<u64>]) -> Vec<Vec<usize>> {
    let of_class = |(given, row): (usize, &Vec<u64>)| {
        let kept = row[given].max(1);
        let n_rates = (row.iter().filter(|&&count| count > 0).count() as f64 - 1.0).max(1.0);
        let less = (kept - row[given]) as f64 / n_rates;
        let taken = |(class, &count): (usize, &u64)| match class == given {
            true => kept as usize,
            false => (count as f64 - less).max(0.0) as usize,
        };
        row.iter().enumerate().map(taken).collect()
    };
    calibrated.iter().enumerate().map(of_class).collect()
}

/// The rows of each class, of classes with more than one row.
fn rows_of_classes(y: &[usize], n_classes: usize) -> impl Iterator<Item = (usize, Vec<usize>)> {
    let counts = class_counts(y, n_classes);
    (0..n_classes)
        .filter(move |&class| counts[class] > 1)
        .map(|class| {
            let rows = (0..y.len()).filter(|&row| y[row] == class);
            (class, rows.collect())
        })
}

/// Of equal ones the first rows.
fn by_noise_rate(y: &[usize], proba: &ScoreMatrix, counts: &[Vec<usize>]) -> Vec<bool> {
    let mut found = vec![false; y.len()];
    for (given, rows) in rows_of_classes(y, proba.n_cols()) {
        for (class, &n) in counts[given].iter().enumerate() {
            if class == given || n == 0 {
                continue;
            }
            let margin = |row: usize| proba.row(row)[class] - proba.row(row)[given];
            let mut order = rows.clone();
            order.sort_by(|&a, &b| margin(b).total_cmp(&margin(a)));
            order.iter().take(n).for_each(|&row| found[row] = true);
        }
    }
    found
}

/// Of equal ones the first rows.
fn by_class(y: &[usize], proba: &ScoreMatrix, counts: &[Vec<usize>]) -> Vec<bool> {
    let mut found = vec![false; y.len()];
    for (given, rows) in rows_of_classes(y, proba.n_cols()) {
        let n = rows.len().saturating_sub(counts[given][given]);
        let mut order = rows;
        order.sort_by(|&a, &b| proba.row(a)[given].total_cmp(&proba.row(b)[given]));
        order.iter().take(n).for_each(|&row| found[row] = true);
    }
    found
}

#[cfg(test)]
mod tests;
