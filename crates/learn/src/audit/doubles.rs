//! Rows that are nearly the same sound: another encoding, another cut, another loudness of one recording.
//!
//! What changes in a recording depends on what was done to it: its loudness moves energy and cepstrum, a lossy encoding the treble, a
//! cut the order of things. So rows are compared by all columns, and by each family of columns (`mfcc`, `chroma_cens`, …) alone: near by
//! one of them is near. Columns are scaled to deviation 1 and held within 5 of them. How near is near depends on where in the music one
//! is, so a distance is taken relative to how far the [`LOCAL`]th nearest row is, from the one row or the other, whichever is nearer. The
//! nearest row's relative distance has a typical size and spread over all rows (median and 1.4826 median absolute deviations of
//! logarithms); pairs that are [`SPREADS`] spreads nearer than typical are near doubles. What that finds of recordings that were
//! changed on purpose stands in `docs/trust.md`.

use std::collections::BTreeMap;

use crate::data::dataset::Dataset;
use crate::data::matrix::Matrix;
use crate::error::Result;
use crate::methods::neighbours::nearest::{Neighbor, euclidean, squared_lengths};
use crate::preprocess::StandardScaler;

/// The neighbour whose distance is the measure.
pub const LOCAL: usize = 10;

/// How many spreads nearer than typical the nearest row of a near double is.
pub const SPREADS: f64 = 5.0;

/// With fewer different rows nothing can be said of what is typical.
pub const FEWEST_ROWS: usize = 30;

/// With fewer columns two recordings are near by chance.
pub const FEWEST_COLUMNS: usize = 20;

/// Deviations beyond which a value is not told from another.
const CLIP: f32 = 5.0;

/// Two rows that are nearly the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DoublePair {
    /// The lower row.
    pub first: usize,
    /// The higher row.
    pub second: usize,
    /// Their relative distance as a share of the threshold, by the columns by which that is least: above 0 for rows that differ, below
    /// 1.
    pub share: f64,
}

/// Columns that rows were compared by, and what is near by them.
#[derive(Debug, Clone, PartialEq)]
pub struct NearMeasure {
    /// The family of the columns, or `all`.
    pub columns: String,
    /// The median relative distance of nearest rows.
    pub typical: f64,
    /// The relative distance below which two rows are near doubles.
    pub threshold: f64,
}

/// Near doubles, and by what they were found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NearDoubles {
    /// The pairs, the nearest first. Of rows that are equal the lowest stands for all.
    pub pairs: Vec<DoublePair>,
    /// What they were found by; empty where there are too few rows or columns to tell.
    pub measures: Vec<NearMeasure>,
}

/// Looks for near doubles among the rows of a data set. Missing values are taken for the column's mean.
///
/// Where half of the rows or more have a near double, what is typical is a near double, and none is found.
///
/// # Errors
/// `NotFinite` for an infinite value.
pub fn near_doubles(data: &Dataset) -> Result<NearDoubles> {
    let mut stands_for = vec![true; data.n_rows()];
    for equal in data.equal_rows() {
        equal[1..].iter().for_each(|&row| stands_for[row] = false);
    }
    let rows: Vec<usize> = (0..data.n_rows()).filter(|&row| stands_for[row]).collect();
    let mut found = NearDoubles::default();
    if rows.len() < FEWEST_ROWS {
        return Ok(found);
    }
    let x = scaled(&data.x.take_rows(&rows)?)?;
    let mut least: BTreeMap<(usize, usize), f64> = BTreeMap::new();
    for (columns, indices) in sets_of_columns(&data.feature_names) {
        let Some((measure, pairs)) = near_by(&x.take_cols(&indices)?, columns) else {
            continue;
        };
        for (pair, share) in pairs {
            let least = least.entry(pair).or_insert(share);
            *least = share.min(*least);
        }
        found.measures.push(measure);
    }
    let pair = |((first, second), share)| DoublePair {
        first: rows[first],
        second: rows[second],
        share,
    };
    found.pairs = least.into_iter().map(pair).collect();
    found.pairs.sort_by(|a, b| a.share.total_cmp(&b.share));
    Ok(found)
}

/// All columns, and the families of enough columns by name; none where all are too few.
fn sets_of_columns(names: &[String]) -> Vec<(String, Vec<usize>)> {
    let mut families: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (column, name) in names.iter().enumerate() {
        let family = name.split('.').next().unwrap_or_default();
        families.entry(family).or_default().push(column);
    }
    let mut sets = vec![("all".to_owned(), (0..names.len()).collect())];
    if families.len() > 1 {
        sets.extend(
            families
                .into_iter()
                .map(|(family, columns)| (family.to_owned(), columns)),
        );
    }
    sets.retain(|(_, columns): &(String, Vec<usize>)| columns.len() >= FEWEST_COLUMNS);
    sets
}

/// The pairs of rows that are near, each with its share of the threshold.
type Near = Vec<((usize, usize), f64)>;

/// `None` where no two rows differ.
fn near_by(x: &Matrix, columns: String) -> Option<(NearMeasure, Near)> {
    let near = euclidean(x, &squared_lengths(x), x, LOCAL + 1);
    // The row itself is among them, or has more than enough equal ones.
    let others = |at: usize| near[at].iter().filter(move |near| near.row != at);
    let local: Vec<f64> = (0..x.n_rows())
        .map(|at| others(at).nth(LOCAL - 1).map_or(0.0, |near| near.distance))
        .collect();
    let relative = |at: usize, near: &Neighbor| match local[at].min(local[near.row]) {
        0.0 => 0.0,
        measure => near.distance / measure,
    };
    let mut nearest: Vec<f64> = (0..x.n_rows())
        .filter_map(|at| others(at).next().map(|near| relative(at, near)))
        .filter(|relative| *relative > 0.0)
        .map(f64::ln)
        .collect();
    let median = median(&mut nearest)?;
    let mut deviations: Vec<f64> = nearest.iter().map(|value| (value - median).abs()).collect();
    let spread = 1.4826 * self::median(&mut deviations)?;
    let threshold = (median - SPREADS * spread).exp();
    let mut pairs = Vec::new();
    for at in 0..x.n_rows() {
        for near in others(at) {
            let relative = relative(at, near);
            if relative < threshold {
                pairs.push(((at.min(near.row), at.max(near.row)), relative / threshold));
            }
        }
    }
    let measure = NearMeasure {
        columns,
        typical: median.exp(),
        threshold,
    };
    Some((measure, pairs))
}

fn scaled(x: &Matrix) -> Result<Matrix> {
    let mut x = StandardScaler::fit(x)?.transform(x)?;
    for value in x.as_mut_slice() {
        *value = if value.is_nan() {
            0.0
        } else {
            value.clamp(-CLIP, CLIP)
        };
    }
    Ok(x)
}

/// The mean of the two in the middle of an even number.
fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    (n > 0).then(|| (values[(n - 1) / 2] + values[n / 2]) / 2.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use cratedigger_stats::rng::SeededRng;

    /// Rows around 20 centres, and copies of rows 3 and 90 with a little noise; row 5 once more without.
    fn data() -> Dataset {
        let mut rng = SeededRng::new(2);
        let n_cols = 40;
        let centres: Vec<f64> = (0..20 * n_cols).map(|_| rng.uniform(-3.0, 3.0)).collect();
        let mut rows: Vec<Vec<f32>> = (0..300)
            .map(|row| {
                let centre = &centres[row % 20 * n_cols..][..n_cols];
                centre
                    .iter()
                    .map(|c| (c + rng.uniform(-1.0, 1.0)) as f32 * 50.0)
                    .collect()
            })
            .collect();
        for (of, noise) in [(3, 0.05), (90, 0.1), (5, 0.0)] {
            let copy = rows[of]
                .iter()
                .map(|v| v + 50.0 * rng.uniform(-noise, noise) as f32);
            rows.push(copy.collect());
        }
        let n = rows.len();
        let x = Matrix::from_rows(&rows).unwrap();
        Dataset::new(x, vec![0; n], vec!["Folk".into()]).unwrap()
    }

    #[test]
    fn copies_with_noise_are_found_and_nothing_else() {
        let found = near_doubles(&data()).unwrap();
        let pairs: Vec<(usize, usize)> = found.pairs.iter().map(|pair| (pair.first, pair.second)).collect();
        assert_eq!(pairs, [(3, 300), (90, 301)]);
        assert_eq!(found.measures.len(), 1);
        assert!(found.measures[0].threshold < found.measures[0].typical);
        assert!(
            found
                .pairs
                .iter()
                .all(|pair| pair.share > 0.0 && pair.share < 1.0)
        );
    }

    /// All distances, by their formula.
    #[test]
    fn relative_distances_are_those_of_the_definition() {
        let data = data();
        let found = near_doubles(&data).unwrap();
        // Row 302 equals row 5 and takes no part.
        let x = StandardScaler::fit(&data.x.take_rows(&(0..302).collect::<Vec<_>>()).unwrap()).unwrap();
        let x = x.transform(&data.x).unwrap();
        let value = |v: f32| f64::from(v.clamp(-5.0, 5.0));
        let distance = |a: usize, b: usize| {
            let squares = x
                .row(a)
                .iter()
                .zip(x.row(b))
                .map(|(a, b)| (value(*a) - value(*b)).powi(2));
            squares.sum::<f64>().sqrt()
        };
        let sorted = |a: usize| {
            let mut all: Vec<f64> = (0..302).filter(|&b| b != a).map(|b| distance(a, b)).collect();
            all.sort_by(f64::total_cmp);
            all
        };
        for pair in &found.pairs {
            let measure = sorted(pair.first)[9].min(sorted(pair.second)[9]);
            let want = distance(pair.first, pair.second) / measure;
            let relative = pair.share * found.measures[0].threshold;
            assert!((relative - want).abs() < 1e-6, "{pair:?} {want}");
        }
        let mut logs: Vec<f64> = (0..302)
            .map(|a| {
                let b = (0..302)
                    .filter(|&b| b != a)
                    .min_by(|&b, &c| distance(a, b).total_cmp(&distance(a, c)))
                    .unwrap();
                (distance(a, b) / sorted(a)[9].min(sorted(b)[9])).ln()
            })
            .collect();
        logs.sort_by(f64::total_cmp);
        let middle = (logs[150] + logs[151]) / 2.0;
        let mut off: Vec<f64> = logs.iter().map(|log| (log - middle).abs()).collect();
        off.sort_by(f64::total_cmp);
        let want = (middle - 5.0 * 1.4826 * (off[150] + off[151]) / 2.0).exp();
        assert!((found.measures[0].threshold - want).abs() < 1e-6);
    }

    /// A loud copy is far by the columns of loudness and near by the others.
    #[test]
    fn a_family_of_columns_finds_what_all_columns_do_not() {
        let mut data = data();
        data.feature_names = (0..40)
            .map(|column| {
                format!(
                    "{}.mean.{column:02}",
                    if column < 16 { "rmse" } else { "tonnetz" }
                )
            })
            .collect();
        for column in 0..16 {
            data.x.as_mut_slice()[301 * 40 + column] += 120.0;
        }
        let found = near_doubles(&data).unwrap();
        let measures: Vec<&str> = found
            .measures
            .iter()
            .map(|measure| measure.columns.as_str())
            .collect();
        assert_eq!(measures, ["all", "tonnetz"]);
        let is_pair = |pair: &DoublePair| (pair.first, pair.second) == (90, 301);
        assert!(found.pairs.iter().any(is_pair));
        data.feature_names = (0..40).map(|column| format!("x.{column}")).collect();
        assert!(!near_doubles(&data).unwrap().pairs.iter().any(is_pair));
    }

    #[test]
    fn few_rows_or_columns_tell_nothing_and_gaps_are_means() {
        let all = data();
        let few = all.take_rows(&(280..302).collect::<Vec<_>>()).unwrap();
        assert_eq!(near_doubles(&few).unwrap(), NearDoubles::default());
        let narrow = all.take_cols(&(0..19).collect::<Vec<_>>()).unwrap();
        assert_eq!(near_doubles(&narrow).unwrap(), NearDoubles::default());
        let mut gaps = all;
        gaps.x.as_mut_slice()[3 * 40] = f32::NAN;
        let pairs = near_doubles(&gaps).unwrap().pairs;
        assert!(pairs.iter().any(|pair| (pair.first, pair.second) == (90, 301)));
    }
}
