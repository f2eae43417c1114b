//! Columns of categories as numbers that a model can use: how often each class occurs in a category, and how often the category does.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::rows::Rows;
use super::step::{Encoding, Smooth};
use crate::data::columns::ColumnKind;
use crate::data::matrix::Matrix;
use crate::error::{LearnError, Result, same_length};
use crate::split::{Fold, inner_folds};
use crate::state::{ModelState, TensorValues, bad_state, expect};

/// Folds of the training rows by which they are encoded, as many as scikit-learn's `TargetEncoder` takes.
const FOLDS: usize = 5;

/// Categories with what the training rows say of each.
///
/// Each column of categories gives, in its place, the share of each class among the training rows of the row's category (of two
/// classes that of the second), drawn towards the share among all rows, and with `count` the share of the rows that are of the
/// category. A category that no training row has gets the shares among all rows, and 0. Missing values are a category.
///
/// The training rows themselves are encoded by folds of whole groups ([`FittedEncoder::fit_transform`]): a row's own class, or its
/// artist's, takes no part in its code but by the share among all rows.
///
/// Source: D. Micci-Barreca (2001), "A preprocessing scheme for high-cardinality categorical attributes"; scikit-learn 1.9,
/// `TargetEncoder`. Differs: training rows too are drawn towards the shares among all of them; what is independent are groups, where
/// there are groups, so that folds keep them whole, and a category is smoothed by the number of its artists, not of its tracks (L. Kish
/// 1965, "Survey sampling", for groups of unequal size); rows may have weights.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FittedEncoder {
    encoding: Encoding,
    n_features: usize,
    /// Numbers that each column of categories gives.
    width: usize,
    columns: Vec<CategoryColumn>,
}

/// One column of categories.
#[derive(Debug, Clone, PartialEq)]
struct CategoryColumn {
    at: usize,
    /// Codes in ascending order; missing values stand last, as one more row of `values`.
    codes: Vec<f32>,
    knows_missing: bool,
    /// A row of numbers for each category.
    values: Vec<f64>,
    /// That of categories which no training row has.
    unknown: Vec<f64>,
}

impl FittedEncoder {
    /// Learns from the rows, and encodes them: each by what the folds that do not hold it say.
    pub(crate) fn fit_transform(encoding: Encoding, rows: &Rows<'_>, at: &[usize]) -> Result<(Self, Matrix)> {
        let all: Vec<usize> = (0..rows.x.n_rows()).collect();
        let whole = Self::fit(encoding, rows, at, &all);
        let mut encoded = whole.transform(rows.x)?;
        if encoding.target.is_some() && !at.is_empty() {
            let n_targets = whole.width - usize::from(encoding.count);
            let folds = inner_folds(rows.y, rows.n_classes, rows.groups, FOLDS, 0)?;
            for Fold { train, test } in folds {
                let part = Self::fit(encoding, rows, at, &train).transform(&rows.x.take_rows(&test)?)?;
                let n_cols = part.n_cols();
                for (&row, of_row) in test.iter().zip(part.rows()) {
                    let target = &mut encoded.as_mut_slice()[row * n_cols..(row + 1) * n_cols];
                    for start in whole.starts() {
                        target[start..start + n_targets].copy_from_slice(&of_row[start..start + n_targets]);
                    }
                }
            }
        }
        Ok((whole, encoded))
    }

    /// What these rows say of the columns `at`.
    fn fit(encoding: Encoding, rows: &Rows<'_>, at: &[usize], chosen: &[usize]) -> Self {
        let n_targets = match (encoding.target, rows.n_classes) {
            (None, _) => 0,
            (Some(_), 2) => 1,
            (Some(_), n) => n,
        };
        let width = n_targets + usize::from(encoding.count);
        // A single target is the second class.
        let place = |class: usize| match n_targets {
            1 => class.checked_sub(1),
            _ => Some(class),
        };
        let weight = |row: usize| rows.sample_weight.map_or(1.0, |weights| weights[row]);
        let total: f64 = chosen.iter().map(|&row| weight(row)).sum();
        // Of all rows, not of the chosen: means that differ from fold to fold would tell which fold a row is of.
        let all: f64 = (0..rows.y.len()).map(weight).sum();
        let mut means = vec![0.0; n_targets];
        for (row, &class) in rows.y.iter().enumerate() {
            if let Some(mean) = place(class).and_then(|at| means.get_mut(at)) {
                *mean += weight(row) / all;
            }
        }
        let column = |&at: &usize| {
            let mut order: Vec<usize> = chosen.to_vec();
            order.sort_by(|&a, &b| compare(rows.x.get(a, at), rows.x.get(b, at)));
            let mut column = CategoryColumn {
                at,
                codes: Vec::new(),
                knows_missing: false,
                values: Vec::new(),
                unknown: means.clone(),
            };
            if encoding.count {
                column.unknown.push(0.0);
            }
            let same = |&a: &usize, &b: &usize| compare(rows.x.get(a, at), rows.x.get(b, at)).is_eq();
            for of_category in order.chunk_by(same) {
                match rows.x.get(of_category[0], at) {
                    code if code.is_nan() => column.knows_missing = true,
                    code => column.codes.push(code),
                }
                let n: f64 = of_category.iter().map(|&row| weight(row)).sum();
                let mut sums = vec![0.0; n_targets];
                for &row in of_category {
                    if let Some(sum) = place(rows.y[row]).and_then(|at| sums.get_mut(at)) {
                        *sum += weight(row);
                    }
                }
                let n_independent = n_independent(of_category, rows.groups, &weight, n);
                let smoothed = sums.iter().zip(&means);
                column.values.extend(
                    smoothed
                        .map(|(&sum, &mean)| smoothed_share(encoding.target, sum / n, n_independent, mean)),
                );
                if encoding.count {
                    column.values.push(n / total);
                }
            }
            column
        };
        Self {
            encoding,
            n_features: rows.x.n_cols(),
            width,
            columns: at.iter().map(column).collect(),
        }
    }

    pub(crate) fn encoding(&self) -> Encoding {
        self.encoding
    }

    pub(crate) fn n_outputs(&self) -> usize {
        self.n_features - self.columns.len() + self.columns.len() * self.width
    }

    /// Where the numbers of each column of categories begin.
    fn starts(&self) -> impl Iterator<Item = usize> + '_ {
        let before = |(k, column): (usize, &CategoryColumn)| column.at - k + k * self.width;
        self.columns.iter().enumerate().map(before)
    }

    /// The column that each output comes from.
    pub(crate) fn sources(&self) -> Vec<usize> {
        let is_category = |at: &usize| self.columns.iter().any(|column| column.at == *at);
        (0..self.n_features)
            .flat_map(|at| std::iter::repeat_n(at, if is_category(&at) { self.width } else { 1 }))
            .collect()
    }

    /// The rows with numbers in the place of categories.
    pub(crate) fn transform(&self, x: &Matrix) -> Result<Matrix> {
        same_length("features per row", self.n_features, x.n_cols())?;
        let mut values = Vec::with_capacity(x.n_rows() * self.n_outputs());
        for row in x.rows() {
            let mut from = 0;
            for column in &self.columns {
                values.extend_from_slice(&row[from..column.at]);
                values.extend(
                    column
                        .of(row[column.at], self.width)
                        .iter()
                        .map(|&value| value as f32),
                );
                from = column.at + 1;
            }
            values.extend_from_slice(&row[from..]);
        }
        x.with_values(self.n_outputs(), values)
    }

    /// `columns`, `{k}.codes`, `{k}.values`, `{k}.unknown` below the prefix.
    pub(crate) fn put(&self, state: &mut ModelState, prefix: &str) -> Result<()> {
        let at: Vec<usize> = self.columns.iter().map(|column| column.at).collect();
        state.put_indices(&format!("{prefix}columns"), &at)?;
        for (k, column) in self.columns.iter().enumerate() {
            let codes = TensorValues::F32(column.codes.clone());
            state.put(&format!("{prefix}{k}.codes"), &[column.codes.len()], codes)?;
            let shape = [column.values.len() / self.width.max(1), self.width];
            let values = TensorValues::F64(column.values.clone());
            state.put(&format!("{prefix}{k}.values"), &shape, values)?;
            let unknown = TensorValues::F64(column.unknown.clone());
            state.put(&format!("{prefix}{k}.unknown"), &[self.width], unknown)?;
        }
        Ok(())
    }

    /// The encoder that gave this state.
    pub(crate) fn read(
        encoding: Encoding,
        state: &ModelState,
        prefix: &str,
        n_features: usize,
        n_classes: usize,
    ) -> Result<Self> {
        let n_targets = match (encoding.target, n_classes) {
            (None, _) => 0,
            (Some(_), 2) => 1,
            (Some(_), n) => n,
        };
        let width = n_targets + usize::from(encoding.count);
        let at = state.indices(&format!("{prefix}columns"), n_features)?;
        if at.windows(2).any(|pair| pair[0] >= pair[1]) {
            return Err(bad_state("columns of categories must be in ascending order"));
        }
        let column = |(k, at): (usize, usize)| {
            let (_, codes) = state.f32(&format!("{prefix}{k}.codes"))?;
            let (_, values) = state.f64(&format!("{prefix}{k}.values"))?;
            let (_, unknown) = state.f64(&format!("{prefix}{k}.unknown"))?;
            expect("numbers of an unknown category", width, unknown.len())?;
            let n_rows = values.len() / width.max(1);
            if n_rows * width != values.len() || !(codes.len()..=codes.len() + 1).contains(&n_rows) {
                return Err(bad_state("there is not a row of numbers for each category"));
            }
            let rising = codes.windows(2).all(|pair| pair[0] < pair[1]);
            if !rising || codes.iter().any(|code| !code.is_finite()) {
                return Err(bad_state("codes of categories must be in ascending order"));
            }
            Ok(CategoryColumn {
                at,
                knows_missing: n_rows > codes.len(),
                codes: codes.to_vec(),
                values: values.to_vec(),
                unknown: unknown.to_vec(),
            })
        };
        Ok(Self {
            encoding,
            n_features,
            width,
            columns: at.into_iter().enumerate().map(column).collect::<Result<_>>()?,
        })
    }
}

impl CategoryColumn {
    /// The numbers of a category.
    fn of(&self, code: f32, width: usize) -> &[f64] {
        let place = match code.is_nan() {
            true => self.knows_missing.then_some(self.codes.len()),
            false => self.codes.binary_search_by(|known| compare(*known, code)).ok(),
        };
        place.map_or(&self.unknown, |at| &self.values[at * width..(at + 1) * width])
    }
}

/// Ascending, with all zeros equal; missing values last, and equal to each other.
fn compare(a: f32, b: f32) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// How many independent rows the rows of a category are worth: Kish's effective number of groups of unequal size, `n` where there are
/// no groups.
fn n_independent(
    of_category: &[usize],
    groups: Option<&[i64]>,
    weight: &impl Fn(usize) -> f64,
    n: f64,
) -> f64 {
    let Some(groups) = groups else { return n };
    let mut of_group = BTreeMap::<i64, f64>::new();
    for &row in of_category {
        *of_group.entry(groups[row]).or_default() += weight(row);
    }
    n * n / of_group.values().map(|size| size * size).sum::<f64>()
}

/// The share `own` of a class in a category of so many independent rows, drawn towards its share among all.
fn smoothed_share(smooth: Option<Smooth>, own: f64, n: f64, mean: f64) -> f64 {
    let weighted = match smooth {
        Some(Smooth::Rows(rows)) => (n * own + rows * mean) / (n + rows),
        // Empirical Bayes: the variance between all rows against that within the category.
        Some(Smooth::Auto) => {
            let between = mean * (1.0 - mean) * n;
            let kept = between / (between + own * (1.0 - own));
            kept * own + (1.0 - kept) * mean
        }
        None => f64::NAN,
    };
    if weighted.is_nan() { mean } else { weighted }
}

/// The columns of categories among names.
pub(crate) fn category_columns(names: &[String]) -> Vec<usize> {
    (0..names.len())
        .filter(|&at| ColumnKind::of(&names[at]) == ColumnKind::Category)
        .collect()
}

/// An encoding without names of columns.
pub(crate) fn nameless() -> LearnError {
    LearnError::parameter(
        "pipeline",
        "encode",
        "needs the names and labels of rows: it is fitted with a model, not on values alone",
    )
}

#[cfg(test)]
mod tests;
