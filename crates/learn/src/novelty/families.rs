//! The distance to the nearest class in the class's own shape, by one part of the columns after the other.

use cratedigger_stats::rng::SeededRng;
use cratedigger_stats::{Interpolation, quantile};
use rayon::prelude::*;

use super::ledoit_wolf::ledoit_wolf;
use super::mahalanobis::{alike, squared_distance};
use crate::data::matrix::Matrix;
use crate::error::Result;
use crate::methods::linear::Cholesky;
use crate::split::Fold;

/// The most rows of a class that its shape is learnt from, drawn at random of more.
const MOST_ROWS: usize = 1000;
/// A class of fewer rows has the shape of all classes together.
const LEAST_ROWS: usize = 20;
/// The share of rows of other groups whose distance is the unit of a part.
const USUAL: f64 = 0.9;

/// What rows are like in each part of their columns: speech may be like music in all of them but one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Families {
    /// Median of each column.
    pub(super) centre: Vec<f64>,
    /// Quartile distance of each column over that of the normal distribution; the deviation where it is 0.
    pub(super) spread: Vec<f64>,
    pub(super) parts: Vec<Part>,
}

/// Columns that are judged together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    pub(super) columns: Vec<usize>,
    pub(super) classes: Vec<Shape>,
    /// The squared distance that a tenth of the training rows exceed, each from classes of other groups' rows.
    pub(super) usual: f64,
}

/// A class.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shape {
    /// The factor `L` of the covariance `L L^T`.
    pub(super) factor: Cholesky,
    /// `L^-1` times the mean.
    pub(super) mean: Vec<f64>,
}

/// The part that a column is of, by the first word of its name: `chroma_*` and `tonnetz` are of one, `spectral_*`, and `zcr` and `rmse`.
fn part_of(column: &str) -> &str {
    let family = column.split_once('.').map_or("", |(family, _)| family);
    match family {
        "tonnetz" => "chroma",
        "rmse" => "zcr",
        _ if family.starts_with("chroma_") => "chroma",
        _ if family.starts_with("spectral_") => "spectral",
        _ => family,
    }
}

/// The columns of each part, parts in the order of their first columns.
fn parts(names: &[String]) -> Vec<Vec<usize>> {
    let mut found: Vec<(&str, Vec<usize>)> = Vec::new();
    for (column, name) in names.iter().enumerate() {
        let part = part_of(name);
        match found.iter_mut().find(|(name, _)| *name == part) {
            Some((_, columns)) => columns.push(column),
            None => found.push((part, vec![column])),
        }
    }
    found.into_iter().map(|(_, columns)| columns).collect()
}

impl Families {
    /// Of scaled rows without missing values. `names`: of the columns; `folds`: of the rows, whole groups apart.
    ///
    /// Columns in which rows do not differ within classes have no say.
    pub(super) fn fit(x: &Matrix, y: &[usize], names: &[String], folds: &[Fold], seed: u64) -> Result<Self> {
        let mut fitted = Self::shapes(x, y, names, seed)?;
        let of_folds = folds.par_iter().map(|fold| {
            let classes: Vec<usize> = fold.train.iter().map(|&row| y[row]).collect();
            let others = Self::shapes(&x.take_rows(&fold.train)?, &classes, names, seed)?;
            Ok((others.columns(), others.distances(&x.take_rows(&fold.test)?)))
        });
        let of_folds = of_folds.collect::<Result<Vec<_>>>()?;
        for part in &mut fitted.parts {
            // A part that a fold could not learn is not among its distances.
            let distances = of_folds.iter().filter_map(|(columns, distances)| {
                let at = columns.iter().position(|columns| *columns == part.columns)?;
                Some(distances.iter().map(move |of_row| of_row[at]))
            });
            let mut distances: Vec<f64> = distances.flatten().collect();
            distances.sort_by(f64::total_cmp);
            let usual = quantile(&distances, USUAL, Interpolation::Linear).unwrap_or_default();
            part.usual = usual.max(f64::MIN_POSITIVE);
        }
        Ok(fitted)
    }

    /// Without the units.
    fn shapes(x: &Matrix, y: &[usize], names: &[String], seed: u64) -> Result<Self> {
        let columns = (0..x.n_cols()).into_par_iter().map(|column| robust(x, column));
        let (centre, spread) = columns.unzip();
        let mut fitted = Self {
            centre,
            spread,
            parts: Vec::new(),
        };
        let kept = kept(y, seed);
        let classes: Vec<usize> = kept.iter().map(|&row| y[row]).collect();
        let rows = fitted.squashed(&x.take_rows(&kept)?);
        let learnt = parts(names).into_par_iter().map(|columns| {
            let values: Vec<Vec<f64>> = rows.iter().map(|row| take(row, &columns)).collect();
            let classes = of_classes(&values, &classes, columns.len())?;
            Some(Part {
                columns,
                classes,
                usual: 1.0,
            })
        });
        fitted.parts = learnt.collect::<Vec<_>>().into_iter().flatten().collect();
        if fitted.parts.is_empty() {
            return Err(alike(x.n_rows(), x.n_cols()));
        }
        Ok(fitted)
    }

    /// Columns from their median, in their spread, what is far drawn in: `sign(z) ln(1 + |z|)`.
    fn squashed(&self, x: &Matrix) -> Vec<Vec<f64>> {
        let squash = |(value, (centre, spread)): (&f32, (&f64, &f64))| {
            let z = (f64::from(*value) - centre) / spread;
            z.abs().ln_1p().copysign(z)
        };
        let of_columns = || self.centre.iter().zip(&self.spread);
        x.rows()
            .map(|row| row.iter().zip(of_columns()).map(squash).collect())
            .collect()
    }

    fn columns(&self) -> Vec<Vec<usize>> {
        self.parts.iter().map(|part| part.columns.clone()).collect()
    }

    /// Of each row, by each part, the squared distance to the nearest class.
    pub(super) fn distances(&self, x: &Matrix) -> Vec<Vec<f64>> {
        let of_part = |part: &Part, row: &[f64]| {
            let row = take(row, &part.columns);
            let distances = part.classes.iter().map(|class| class.distance(&row));
            distances.fold(f64::INFINITY, f64::min)
        };
        let rows = self.squashed(x);
        rows.par_iter()
            .map(|row| self.parts.iter().map(|part| of_part(part, row)).collect())
            .collect()
    }

    /// The distance by the part in which a row is strangest, over what is usual there.
    pub(super) fn scores(&self, x: &Matrix) -> Vec<f64> {
        let score = |distances: Vec<f64>| {
            let over = distances
                .iter()
                .zip(&self.parts)
                .map(|(distance, part)| distance / part.usual);
            over.fold(0.0, f64::max)
        };
        self.distances(x).into_iter().map(score).collect()
    }
}

impl Shape {
    /// Rows from their mean, and the mean; `None` where they do not differ.
    fn new(centred: &[f64], n_rows: usize, mean: &[f64]) -> Option<Self> {
        let factor = Cholesky::new(ledoit_wolf(centred, n_rows, mean.len()).values, mean.len())?;
        let mean = factor.forward(mean);
        Some(Self { factor, mean })
    }

    fn distance(&self, row: &[f64]) -> f64 {
        squared_distance(&self.mean, &self.factor.forward(row))
    }
}

/// Median and spread of a column.
fn robust(x: &Matrix, column: usize) -> (f64, f64) {
    let mut values: Vec<f64> = x.rows().map(|row| f64::from(row[column])).collect();
    values.sort_by(f64::total_cmp);
    let at = |q| quantile(&values, q, Interpolation::Linear).unwrap_or_default();
    // The quartiles of the normal distribution are so many deviations apart.
    let quartiles = (at(0.75) - at(0.25)) / 1.349;
    if quartiles > 0.0 {
        return (at(0.5), quartiles);
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .sum::<f64>()
        / n;
    (at(0.5), if variance > 0.0 { variance.sqrt() } else { 1.0 })
}

/// Rows of which no class has more than [`MOST_ROWS`], in their order.
fn kept(y: &[usize], seed: u64) -> Vec<usize> {
    let mut left = vec![MOST_ROWS; y.iter().max().map_or(0, |most| most + 1)];
    let mut kept = SeededRng::new(seed).permutation(y.len());
    kept.retain(|&row| {
        let more = left[y[row]] > 0;
        left[y[row]] -= usize::from(more);
        more
    });
    kept.sort_unstable();
    kept
}

fn take(row: &[f64], columns: &[usize]) -> Vec<f64> {
    columns.iter().map(|&column| row[column]).collect()
}

/// The shape of each class that has rows; `None` where rows do not differ within classes.
fn of_classes(rows: &[Vec<f64>], y: &[usize], n_cols: usize) -> Option<Vec<Shape>> {
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); y.iter().max()? + 1];
    y.iter()
        .enumerate()
        .for_each(|(row, &class)| members[class].push(row));
    members.retain(|rows| !rows.is_empty());
    let mean = |members: &[usize]| -> Vec<f64> {
        let sum = |column: usize| members.iter().map(|&row| rows[row][column]).sum::<f64>();
        (0..n_cols)
            .map(|column| sum(column) / members.len() as f64)
            .collect()
    };
    let means: Vec<Vec<f64>> = members.iter().map(|members| mean(members)).collect();
    let centred = |class: usize| -> Vec<f64> {
        let of_row = |&row: &usize| {
            rows[row]
                .iter()
                .zip(&means[class])
                .map(|(value, mean)| value - mean)
        };
        members[class].iter().flat_map(of_row).collect()
    };
    let all: Vec<f64> = (0..members.len()).flat_map(centred).collect();
    let together = Cholesky::new(ledoit_wolf(&all, rows.len(), n_cols).values, n_cols)?;
    let shape = |class: usize| {
        let own = members[class].len() >= LEAST_ROWS;
        let own = own.then(|| Shape::new(&centred(class), members[class].len(), &means[class]));
        own.flatten().unwrap_or_else(|| Shape {
            mean: together.forward(&means[class]),
            factor: together.clone(),
        })
    };
    Some((0..members.len()).map(shape).collect())
}

#[cfg(test)]
mod tests;
