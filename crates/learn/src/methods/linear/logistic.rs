use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::fitted::{FittedLinear, Link};
use super::onnx;
use crate::data::matrix::Matrix;
use crate::data::train_set::TrainSet;
use crate::error::{LearnError, Result};
use crate::estimator::{Classifier, Entry, FittedClassifier, Method, OnnxExport};
use crate::methods::by_name;
use crate::methods::class_weight::ClassWeight;
use crate::methods::kernels::Kernels;
use crate::methods::lbfgs::{Limits, minimise};
use crate::methods::margins::n_margins;
use crate::params::words::{CLASS_WEIGHT, COUNT, POSITIVE, YES_NO, param};
use crate::params::{Param, ParamValue};

/// Parameters of a logistic regression, with the names and defaults of scikit-learn's `LogisticRegression`.
///
/// Minimises the cross-entropy plus `|w|^2 / (2 C)`; the intercept is not penalised. Two classes get one logistic
/// hyperplane, more a softmax over one hyperplane each.
///
/// Source: scikit-learn 1.9, `LogisticRegression(solver="lbfgs")`: the same objective and stopping rules.
///
/// ```
/// use cratedigger_learn::{Classifier, LogisticRegression, Matrix, TrainSet};
///
/// let x = Matrix::new(4, 1, vec![-2.0, -1.0, 1.0, 2.0])?;
/// let model = LogisticRegression::default().fit(&TrainSet::new(&x, &[0, 0, 1, 1], 2)?)?;
/// let proba = model.predict_proba(&Matrix::new(1, 1, vec![0.0])?)?;
/// assert!((proba.row(0)[1] - 0.5).abs() < 1e-4);
/// # Ok::<(), cratedigger_learn::LearnError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogisticRegression {
    /// Inverse strength of the penalty. Default: 1.
    #[serde(rename = "C")]
    pub c: f64,
    /// Training stops when no derivative is larger. Default: 0.0001.
    pub tol: f64,
    /// Largest number of iterations. Default: 100.
    pub max_iter: usize,
    /// Whether there is an intercept. Default: yes.
    pub fit_intercept: bool,
    /// Weight of each class. Default: none.
    pub class_weight: ClassWeight,
}

impl Default for LogisticRegression {
    fn default() -> Self {
        Self {
            c: 1.0,
            tol: 1e-4,
            max_iter: 100,
            fit_intercept: true,
            class_weight: ClassWeight::None,
        }
    }
}

impl Method {
    /// Logistic regression, `logistic-regression`.
    pub const LOGISTIC_REGRESSION: Self = Self::of(&METHOD);
}

static METHOD: Entry = Entry {
    name: "logistic-regression",
    title: "logistic regression",
    wants_scaling: true,
    reads_frames: false,
    params: PARAMS,
    space: || {
        json!({
            "C": [0.0001, 0.001, 0.01, 0.1, 1.0, 10.0],
            "class_weight": ["none", "balanced"],
        })
    },
    default: |_| Box::new(LogisticRegression::default()),
    build: by_name::build::<LogisticRegression>,
    restore: |state, n_features, n_classes| {
        Ok(Box::new(FittedLinear::from_state(
            Method::LOGISTIC_REGRESSION,
            Link::Logistic,
            state,
            n_features,
            n_classes,
        )?))
    },
    onnx: Some(OnnxExport {
        add: onnx::probabilities,
        probabilities: true,
    }),
};

const PARAMS: &[Param] = &[
    param("C", POSITIVE),
    param("tol", POSITIVE),
    param("fit_intercept", YES_NO),
    param("class_weight", CLASS_WEIGHT),
    param("max_iter", COUNT),
];

impl Classifier for LogisticRegression {
    fn method(&self) -> Method {
        Method::LOGISTIC_REGRESSION
    }

    fn params(&self) -> Vec<(&'static str, ParamValue)> {
        by_name::list(self)
    }

    fn check(&self) -> Result<()> {
        for (name, value) in [("C", self.c), ("tol", self.tol)] {
            if !(value.is_finite() && value > 0.0) {
                return Err(LearnError::parameter(name, value, "must be finite and above 0"));
            }
        }
        match self.max_iter {
            0 => Err(LearnError::parameter("max_iter", 0, "must be at least 1")),
            _ => Ok(()),
        }
    }

    fn fit(&self, train: &TrainSet<'_>) -> Result<Box<dyn FittedClassifier>> {
        self.check()?;
        let classes = train.two_or_more_classes(Method::LOGISTIC_REGRESSION.name())?;
        let class_weight = self.class_weight.weights(train.y(), train.n_classes())?;
        let compact = train.places(&classes);
        let sample_weight = |row: usize| train.sample_weight().map_or(1.0, |weights| weights[row]);
        let weight = |(row, &label): (usize, &usize)| sample_weight(row) * class_weight[label];
        let weights: Vec<f64> = train.y().iter().enumerate().map(weight).collect();
        let objective = Objective {
            x: train.x(),
            y: train.y().iter().map(|&label| compact[label]).collect(),
            total_weight: weights.iter().sum(),
            weights,
            n_planes: n_margins(classes.len()),
            c: self.c,
            fit_intercept: self.fit_intercept,
        };
        let limits = Limits {
            gradient_tolerance: self.tol,
            value_tolerance: 64.0 * f64::EPSILON,
            max_iter: self.max_iter,
            max_fun: usize::MAX,
        };
        let start = vec![0.0; objective.n_planes * (train.x().n_cols() + 1)];
        let minimum = minimise(start, limits, |w, gradient| objective.evaluate(w, gradient));
        let planes = minimum.x.chunks_exact(train.x().n_cols() + 1);
        Ok(Box::new(FittedLinear {
            method: Method::LOGISTIC_REGRESSION,
            link: Link::Logistic,
            n_features: train.x().n_cols(),
            n_classes: train.n_classes(),
            classes,
            intercept: planes.clone().map(|plane| plane[train.x().n_cols()]).collect(),
            coef: planes.map(|plane| plane[..train.x().n_cols()].to_vec()).collect(),
            n_iter: minimum.values.len(),
            converged: minimum.converged,
        }))
    }
}

/// Mean cross-entropy plus `|w|^2 / (2 C total_weight)`, by the weights of each plane with its intercept last.
struct Objective<'a> {
    x: &'a Matrix,
    y: Vec<usize>,
    weights: Vec<f64>,
    total_weight: f64,
    n_planes: usize,
    c: f64,
    fit_intercept: bool,
}

/// Rows per partial sum; fixed, so that sums do not depend on the number of threads.
const BLOCK: usize = 512;

impl Objective<'_> {
    fn evaluate(&self, w: &[f64], gradient: &mut [f64]) -> f64 {
        let n_blocks = self.x.n_rows().div_ceil(BLOCK);
        let blocks: Vec<(f64, Vec<f64>)> = (0..n_blocks)
            .into_par_iter()
            .map(|block| self.block(w, block))
            .collect();
        gradient.fill(0.0);
        let mut loss = 0.0;
        for (block_loss, block_gradient) in blocks {
            loss += block_loss;
            gradient
                .iter_mut()
                .zip(block_gradient)
                .for_each(|(sum, value)| *sum += value);
        }
        let strength = 1.0 / (self.c * self.total_weight);
        let n_cols = self.x.n_cols();
        let mut squares = 0.0;
        for (gradient, w) in gradient
            .chunks_exact_mut(n_cols + 1)
            .zip(w.chunks_exact(n_cols + 1))
        {
            for (gradient, w) in gradient[..n_cols].iter_mut().zip(w) {
                *gradient = *gradient / self.total_weight + strength * w;
                squares += w * w;
            }
            gradient[n_cols] = if self.fit_intercept {
                gradient[n_cols] / self.total_weight
            } else {
                0.0
            };
        }
        loss / self.total_weight + 0.5 * strength * squares
    }

    /// Loss and gradient of one block of rows, without penalty and not yet divided.
    fn block(&self, w: &[f64], block: usize) -> (f64, Vec<f64>) {
        let kernels = Kernels::new();
        let n_cols = self.x.n_cols();
        let mut gradient = vec![0.0; w.len()];
        let mut scores = vec![0.0; self.n_planes];
        let mut loss = 0.0;
        for row in block * BLOCK..((block + 1) * BLOCK).min(self.x.n_rows()) {
            let x = self.x.row(row);
            for (score, plane) in scores.iter_mut().zip(w.chunks_exact(n_cols + 1)) {
                *score = kernels.dot(x, &plane[..n_cols]) + plane[n_cols];
            }
            loss += self.weights[row] * residuals(&mut scores, self.y[row]);
            for (residual, plane) in scores.iter().zip(gradient.chunks_exact_mut(n_cols + 1)) {
                let residual = self.weights[row] * residual;
                kernels.add_scaled(&mut plane[..n_cols], residual, x);
                plane[n_cols] += residual;
            }
        }
        (loss, gradient)
    }
}

/// Turns scores into probabilities minus targets; returns the cross-entropy.
fn residuals(scores: &mut [f64], label: usize) -> f64 {
    if let [score] = scores {
        let signed = if label == 1 { *score } else { -*score };
        // ln(1 + exp(-signed)) without overflow.
        let loss = if signed > 0.0 {
            (-signed).exp().ln_1p()
        } else {
            signed.exp().ln_1p() - signed
        };
        *score = 1.0 / (1.0 + (-*score).exp()) - label as f64;
        return loss;
    }
    let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let of_label = scores[label];
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = (*score - largest).exp();
        sum += *score;
    }
    scores.iter_mut().for_each(|score| *score /= sum);
    scores[label] -= 1.0;
    sum.ln() + largest - of_label
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::test_support::{assert_close, floats, golden, indices};

    #[test]
    fn weights_equal_scikit_learn() {
        let golden = golden(include_str!("../../../tests/golden/linear.json"));
        let x: Vec<f32> = floats(&golden["x"])
            .into_iter()
            .map(|value| value as f32)
            .collect();
        let x = Matrix::new(90, 5, x).unwrap();
        for case in golden["logistic"].as_array().unwrap() {
            let parameters: LogisticRegression = serde_json::from_value(case["parameters"].clone()).unwrap();
            let y = indices(&case["y"]);
            let n_classes = y.iter().max().unwrap() + 1;
            let weights = floats(&case["sample_weight"]);
            let train = TrainSet::new(&x, &y, n_classes)
                .unwrap()
                .with_sample_weight(&weights)
                .unwrap();
            let tight = LogisticRegression {
                tol: 1e-10,
                max_iter: 10_000,
                ..parameters
            };
            let model = tight.fit(&train).unwrap();
            let planes = floats(&case["decision"]);
            // A softmax does not change when all planes shift: compare probabilities, and the planes of two classes.
            if n_classes == 2 {
                assert_close(model.decision_function(&x).unwrap().as_slice(), &planes, 1e-6);
            }
            assert_close(
                model.predict_proba(&x).unwrap().as_slice(),
                &floats(&case["proba"]),
                1e-6,
            );
        }
    }

    #[test]
    fn the_gradient_is_the_slope_of_the_loss() {
        let x = Matrix::new(7, 3, (0..21).map(|i| (i as f32 * 1.7).sin()).collect()).unwrap();
        for n_planes in [1, 3] {
            let objective = Objective {
                x: &x,
                y: (0..7).map(|row| row % n_planes.max(2)).collect(),
                weights: vec![1.0, 0.5, 2.0, 1.0, 0.0, 1.0, 3.0],
                total_weight: 8.5,
                n_planes,
                c: 0.7,
                fit_intercept: true,
            };
            let w: Vec<f64> = (0..4 * n_planes).map(|i| (i as f64 * 0.9).cos()).collect();
            let mut gradient = vec![0.0; w.len()];
            let mut scratch = gradient.clone();
            objective.evaluate(&w, &mut gradient);
            for index in 0..w.len() {
                let mut at = |shift: f64| {
                    let mut w = w.clone();
                    w[index] += shift;
                    objective.evaluate(&w, &mut scratch)
                };
                let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
                assert!(
                    (gradient[index] - slope).abs() < 1e-9,
                    "{index}: {} {slope}",
                    gradient[index]
                );
            }
        }
    }

    #[test]
    fn bad_parameters_are_named() {
        let x = Matrix::new(2, 1, vec![0.0, 1.0]).unwrap();
        let train = TrainSet::new(&x, &[0, 1], 2).unwrap();
        for (name, bad) in [
            (
                "C",
                LogisticRegression {
                    c: 0.0,
                    ..Default::default()
                },
            ),
            (
                "tol",
                LogisticRegression {
                    tol: f64::NAN,
                    ..Default::default()
                },
            ),
            (
                "max_iter",
                LogisticRegression {
                    max_iter: 0,
                    ..Default::default()
                },
            ),
        ] {
            let error = bad.fit(&train).unwrap_err();
            assert!(
                matches!(error, LearnError::InvalidParameter { name: found, .. } if found == name),
                "{error}"
            );
        }
    }
}
