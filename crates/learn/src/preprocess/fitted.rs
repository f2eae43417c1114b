use rayon::prelude::*;

use super::column;
use super::encoder::{FittedEncoder, category_columns, nameless};
use super::outliers;
use super::pipeline::Pipeline;
use super::quantile;
use super::rows::Rows;
use super::standard::StandardScaler;
use super::step::{Fill, Step};
use crate::data::matrix::Matrix;
use crate::error::{LearnError, Result, same_length};

/// The steps of a [`crate::Pipeline`] with what they learnt from the training rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FittedSteps {
    n_features: usize,
    encoder: Option<FittedEncoder>,
    steps: Vec<FittedStep>,
}

/// A step and its learnt numbers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FittedStep {
    pub(crate) step: Step,
    /// As [`Step::array_names`] says; each holds the same number of values for every column, column after column.
    pub(crate) arrays: Vec<Vec<f64>>,
}

/// Rows per piece of work where rows are divided between threads.
const ROWS_PER_TASK: usize = 256;

impl Pipeline {
    /// Learns from the rows of `x` what the steps need. NaN stands for a missing value.
    ///
    /// Every step but `impute` leaves missing values as they are, and its statistics leave them out. A column without
    /// any value is imputed with 0.
    ///
    /// # Errors
    /// `Empty` without rows, `NotFinite` for an infinite value.
    ///
    /// Without labels there is no `encode`: see [`Pipeline::fit_transform`].
    pub fn fit(&self, x: &Matrix) -> Result<FittedSteps> {
        match self.steps.first() {
            Some(Step::Encode(_)) => Err(nameless()),
            _ => FittedSteps::fit(&self.steps, x),
        }
    }

    /// Learns from the rows, and gives them as they are after all steps. That is not what [`FittedSteps::transform`] would make of
    /// them where a column of categories is encoded by classes: a row's own class has no part in it. Such columns are always
    /// encoded, as the first step says or else by `encode=target`.
    ///
    /// # Errors
    /// As [`Pipeline::fit`]; `CannotSplit` where categories cannot be encoded since there is one row.
    pub fn fit_transform(&self, rows: &Rows<'_>) -> Result<(FittedSteps, Matrix)> {
        let categories = rows.feature_names.map(category_columns).unwrap_or_default();
        let is_asked = matches!(self.steps.first(), Some(Step::Encode(_)));
        if categories.is_empty() && !is_asked {
            let steps = self.fit(rows.x)?;
            let x = steps.transform(rows.x)?;
            return Ok((steps, x));
        }
        let (encoding, rest) = self.encoding();
        let (encoder, encoded) = FittedEncoder::fit_transform(encoding, rows, &categories)?;
        let others = FittedSteps::fit(rest, &encoded)?;
        let x = others.transform(&encoded)?;
        let steps = FittedSteps {
            n_features: rows.x.n_cols(),
            encoder: Some(encoder),
            steps: others.steps,
        };
        Ok((steps, x))
    }
}

impl FittedSteps {
    /// No steps at all.
    pub(crate) fn none(n_features: usize) -> Self {
        Self {
            n_features,
            encoder: None,
            steps: Vec::new(),
        }
    }

    pub(crate) fn standard(scaler: StandardScaler) -> Self {
        Self {
            n_features: scaler.mean().len(),
            encoder: None,
            steps: vec![FittedStep {
                step: Step::Standard,
                arrays: vec![scaler.mean().to_vec(), scaler.scale().to_vec()],
            }],
        }
    }

    pub(super) fn fit(steps: &[Step], x: &Matrix) -> Result<Self> {
        match steps {
            [] => Ok(Self::none(x.n_cols())),
            // The usual case in one pass over the rows, with the same result.
            [Step::Standard] => Ok(Self::standard(StandardScaler::fit(x)?)),
            steps => Self::fit_columns(steps, x),
        }
    }

    fn fit_columns(steps: &[Step], x: &Matrix) -> Result<Self> {
        let (n_rows, n_cols) = (x.n_rows(), x.n_cols());
        if n_rows == 0 {
            return Err(LearnError::Empty {
                what: "the list of rows to fit the pipeline on",
            });
        }
        if let Some(at) = x.as_slice().iter().position(|value| value.is_infinite()) {
            return Err(LearnError::NotFinite {
                row: at / n_cols,
                column: at % n_cols,
                value: x.as_slice()[at],
            });
        }
        let columns = x.to_columns();
        let fitted: Vec<Vec<Vec<Vec<f64>>>> = (0..n_cols)
            .into_par_iter()
            .map(|column| {
                let values = &columns[column * n_rows..(column + 1) * n_rows];
                let mut values: Vec<f64> = values.iter().map(|&value| f64::from(value)).collect();
                let mut learnt = Vec::with_capacity(steps.len());
                for step in steps {
                    let arrays = step.learn(&values);
                    let of_column: Vec<&[f64]> = arrays.iter().map(Vec::as_slice).collect();
                    for value in &mut values {
                        *value = step.apply(*value, &of_column);
                    }
                    learnt.push(arrays);
                }
                learnt
            })
            .collect();
        let mut out = Vec::with_capacity(steps.len());
        for (at, step) in steps.iter().enumerate() {
            let mut arrays = vec![Vec::new(); step.array_names().len()];
            for column in &fitted {
                for (array, of_column) in arrays.iter_mut().zip(&column[at]) {
                    array.extend_from_slice(of_column);
                }
            }
            out.push(FittedStep { step: *step, arrays });
        }
        Ok(Self {
            n_features: n_cols,
            encoder: None,
            steps: out,
        })
    }

    /// Puts steps together again that were taken apart for a file.
    ///
    /// # Errors
    /// `ShapeMismatch` where an array does not hold the same number of values for every column.
    pub(crate) fn from_parts(
        n_features: usize,
        encoder: Option<FittedEncoder>,
        steps: Vec<FittedStep>,
    ) -> Result<Self> {
        let n_columns = encoder.as_ref().map_or(n_features, FittedEncoder::n_outputs);
        for step in &steps {
            same_length(
                "arrays of a pipeline step",
                step.step.array_names().len(),
                step.arrays.len(),
            )?;
            for array in &step.arrays {
                let per_column = array.len() / n_columns.max(1);
                let whole = match step.step {
                    Step::Quantile { n_quantiles, .. } => (1..=n_quantiles).contains(&per_column),
                    _ => per_column == 1,
                };
                if !whole || per_column * n_columns != array.len() {
                    return Err(LearnError::ShapeMismatch {
                        what: "values of a pipeline step",
                        expected: n_columns,
                        got: array.len(),
                    });
                }
            }
        }
        Ok(Self {
            n_features,
            encoder,
            steps,
        })
    }

    /// The steps after the encoding.
    pub(crate) fn parts(&self) -> &[FittedStep] {
        &self.steps
    }

    pub(crate) fn encoder(&self) -> Option<&FittedEncoder> {
        self.encoder.as_ref()
    }

    /// Whether rows stay as they are.
    pub(crate) fn is_empty(&self) -> bool {
        self.encoder.is_none() && self.steps.is_empty()
    }

    /// Number of columns after the steps.
    pub fn n_outputs(&self) -> usize {
        self.encoder
            .as_ref()
            .map_or(self.n_features, FittedEncoder::n_outputs)
    }

    /// The feature that each column after the steps comes from.
    pub fn sources(&self) -> Vec<usize> {
        match &self.encoder {
            Some(encoder) => encoder.sources(),
            None => (0..self.n_features).collect(),
        }
    }

    /// What the columns are called after the steps: the numbers of `place.region.category` are `place.region.0` and so on.
    pub(crate) fn output_names(&self, names: &[String]) -> Vec<String> {
        let mut out: Vec<String> = Vec::with_capacity(self.n_outputs());
        let mut before = None;
        let mut number = 0;
        for source in self.sources() {
            number = if before == Some(source) { number + 1 } else { 0 };
            before = Some(source);
            out.push(match names[source].strip_suffix(".category") {
                Some(stem) if self.encoder.is_some() => format!("{stem}.{number}"),
                _ => names[source].clone(),
            });
        }
        out
    }

    /// Number of features a row must have.
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// The steps, without what they learnt.
    pub fn pipeline(&self) -> Pipeline {
        Pipeline {
            steps: self
                .encoder
                .iter()
                .map(|encoder| Step::Encode(encoder.encoding()))
                .chain(self.steps.iter().map(|fitted| fitted.step))
                .collect(),
        }
    }

    /// The rows of `x` after all steps.
    ///
    /// # Errors
    /// `ShapeMismatch` where `x` has another number of columns.
    pub fn transform(&self, x: &Matrix) -> Result<Matrix> {
        same_length("features per row", self.n_features, x.n_cols())?;
        let mut out = match &self.encoder {
            Some(encoder) => encoder.transform(x)?,
            None => x.clone(),
        };
        let n_cols = out.n_cols();
        if self.steps.is_empty() || n_cols == 0 {
            return Ok(out);
        }
        out.as_mut_slice()
            .par_chunks_mut(ROWS_PER_TASK * n_cols)
            .for_each(|rows| {
                let mut wide = vec![0.0f64; n_cols];
                for row in rows.chunks_exact_mut(n_cols) {
                    wide.iter_mut()
                        .zip(&*row)
                        .for_each(|(wide, value)| *wide = f64::from(*value));
                    for step in &self.steps {
                        step.apply_row(&mut wide);
                    }
                    row.iter_mut()
                        .zip(&wide)
                        .for_each(|(value, wide)| *value = *wide as f32);
                }
            });
        Ok(out)
    }
}

impl FittedStep {
    pub(super) fn apply_row(&self, row: &mut [f64]) {
        // The common one without the bookkeeping of the others.
        if let (Step::Standard, [mean, scale]) = (self.step, self.arrays.as_slice()) {
            for ((value, mean), scale) in row.iter_mut().zip(mean).zip(scale) {
                *value = (*value - mean) / scale;
            }
            return;
        }
        let n_cols = row.len();
        let mut of_column: Vec<&[f64]> = Vec::with_capacity(self.arrays.len());
        for (column, value) in row.iter_mut().enumerate() {
            of_column.clear();
            of_column.extend(self.arrays.iter().map(|array| {
                let per_column = array.len() / n_cols;
                &array[column * per_column..(column + 1) * per_column]
            }));
            *value = self.step.apply(*value, &of_column);
        }
    }
}

impl Step {
    /// What the arrays of a fitted step are called.
    pub(crate) fn array_names(&self) -> &'static [&'static str] {
        match self {
            Self::Encode(_) | Self::Log => &[],
            Self::Impute(_) => &["fill"],
            Self::Outliers { .. } => &["center", "spread", "fill"],
            Self::Quantile { .. } => &["quantiles"],
            Self::Standard => &["mean", "scale"],
            Self::Robust => &["center", "scale"],
        }
    }

    /// The arrays of one column, from its training values.
    fn learn(&self, values: &[f64]) -> Vec<Vec<f64>> {
        match *self {
            Self::Impute(fill) => vec![vec![match fill {
                Fill::Mean => column::mean_and_deviation(values).0,
                Fill::Median => column::median(&mut column::sorted(values)),
                Fill::Constant(value) => value,
            }]],
            Self::Outliers { treatment, score, .. } => outliers::fit(values, treatment, score)
                .into_iter()
                .map(|value| vec![value])
                .collect(),
            Self::Encode(_) | Self::Log => Vec::new(),
            Self::Quantile { n_quantiles, .. } => vec![quantile::fit(values, n_quantiles.min(values.len()))],
            Self::Standard => {
                let (mean, deviation) = column::mean_and_deviation(values);
                vec![vec![mean], vec![if deviation == 0.0 { 1.0 } else { deviation }]]
            }
            Self::Robust => {
                let mut sorted = column::sorted(values);
                let range = column::quantile(&sorted, 0.75) - column::quantile(&sorted, 0.25);
                let scale = if range < 10.0 * f64::EPSILON { 1.0 } else { range };
                vec![vec![column::median(&mut sorted)], vec![scale]]
            }
        }
    }

    /// One value, by the arrays of its column.
    fn apply(&self, value: f64, arrays: &[&[f64]]) -> f64 {
        match (*self, arrays) {
            (Self::Impute(_), [fill]) if value.is_nan() => fill[0],
            (
                Self::Outliers {
                    treatment, threshold, ..
                },
                [center, spread, fill],
            ) => outliers::apply(value, treatment, threshold, [center[0], spread[0], fill[0]]),
            (Self::Log, _) => value.signum() * value.abs().ln_1p(),
            (Self::Quantile { output, .. }, [quantiles]) => quantile::apply(value, quantiles, output),
            (Self::Standard | Self::Robust, [center, scale]) => (value - center[0]) / scale[0],
            _ => value,
        }
    }
}
