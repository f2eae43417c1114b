use std::fmt;
use std::str::FromStr;

use crate::data::dataset::{check_labels, class_counts};
use crate::data::matrix::Matrix;
use crate::data::score_matrix::ScoreMatrix;
use crate::error::{LearnError, Result, same_length};
use crate::methods::boosting::GradientBoosting;
use crate::methods::linear::LogisticRegression;
use crate::methods::majority::Majority;
use crate::methods::mlp::MlpClassifier;
use crate::methods::svm::LinearSvc;
use crate::methods::tree::DecisionTree;
use crate::params::ParamValue;
use crate::state::ModelState;

/// Parameters of a method, ready to be fitted. The parameters are checked by [`Classifier::fit`].
pub trait Classifier: Send + Sync + fmt::Debug {
    /// The method.
    fn method(&self) -> Method;

    /// Whether the parameters can be used. Called by [`Classifier::fit`].
    ///
    /// # Errors
    /// `InvalidParameter`, which names the parameter and what it may be.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// The parameters by name with their values, in the order of [`Method::params`].
    /// [`Method::classifier_with`] makes the same classifier from them.
    fn params(&self) -> Vec<(&'static str, ParamValue)> {
        Vec::new()
    }

    /// Fits a model to the training rows. The same rows and parameters give the same model, byte by byte.
    ///
    /// # Errors
    /// `InvalidParameter`; `OneClass` where a method needs two; `Diverged`.
    fn fit(&self, train: &TrainSet<'_>) -> Result<Box<dyn FittedClassifier>>;

    /// The models that fits with each of these ends would give, byte by byte, from one run, each with the seconds after
    /// which it was there. `None` where a shorter run is not the beginning of a longer one.
    fn fit_path(&self, train: &TrainSet<'_>, ends: &[PathEnd]) -> Option<Vec<PathFit>> {
        let _ = (train, ends);
        None
    }
}

/// Where a fit ends on the way of a longer one; see [`Classifier::fit_path`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PathEnd {
    /// The iteration limit, `max_iter`.
    pub max_iter: usize,
    /// Whether the learning rate is lowered when the score stalls (`learning_rate="adaptive"`); a fit with a constant one
    /// ends there.
    pub adaptive: bool,
}

/// A model on the way of a longer run, and the seconds until then; see [`Classifier::fit_path`].
pub type PathFit = (Result<Box<dyn FittedClassifier>>, f64);

/// A fitted model.
pub trait FittedClassifier: Send + Sync + fmt::Debug {
    /// The method.
    fn method(&self) -> Method;

    /// Number of features a row must have.
    fn n_features(&self) -> usize;

    /// Number of classes, those without a training row included.
    fn n_classes(&self) -> usize;

    /// The class of each row. Ties go to the lowest class.
    ///
    /// # Errors
    /// `ShapeMismatch` where the number of features is another one, `NotFinite`.
    fn predict(&self, x: &Matrix) -> Result<Vec<usize>>;

    /// The probability of each class (columns) for each row; every row sums to one. Classes without a training row
    /// have probability 0.
    ///
    /// # Errors
    /// As [`FittedClassifier::predict`]; `Unsupported` where the method knows margins only.
    fn predict_proba(&self, x: &Matrix) -> Result<ScoreMatrix>;

    /// Signed distances from the decision boundary, one column per class, or one column in all for two classes
    /// (positive: the second class).
    ///
    /// # Errors
    /// As [`FittedClassifier::predict`]; `Unsupported` where the method has none.
    fn decision_function(&self, x: &Matrix) -> Result<ScoreMatrix> {
        let _ = x;
        Err(LearnError::Unsupported {
            method: self.method().name(),
            what: "decision function",
        })
    }

    /// Iterations or epochs of the optimisation, where the method has any.
    fn n_iter(&self) -> Option<usize> {
        None
    }

    /// How much each feature matters, as shares of 1, where the method knows.
    fn feature_importance(&self) -> Option<Vec<f64>> {
        None
    }

    /// Everything the model learnt, as named arrays and facts; [`Method::restore`] rebuilds it, bit by bit.
    ///
    /// # Errors
    /// `BadState` where a weight is not finite; `Unsupported` for a model that cannot be saved.
    fn state(&self) -> Result<ModelState> {
        Err(LearnError::Unsupported {
            method: self.method().name(),
            what: "form to be saved in",
        })
    }

    /// `false` where the optimisation stopped at its iteration limit before it converged.
    fn converged(&self) -> bool {
        true
    }
}

/// Training rows that were checked: at least one row and one column, finite values, labels that are classes.
#[derive(Debug, Clone, Copy)]
pub struct TrainSet<'a> {
    x: &'a Matrix,
    y: &'a [usize],
    n_classes: usize,
    sample_weight: Option<&'a [f64]>,
}

impl<'a> TrainSet<'a> {
    /// Checks features and labels (`0..n_classes`).
    ///
    /// # Errors
    /// `Empty`, `ShapeMismatch`, `UnknownLabel`, `NotFinite`.
    pub fn new(x: &'a Matrix, y: &'a [usize], n_classes: usize) -> Result<Self> {
        same_length("labels", x.n_rows(), y.len())?;
        if x.n_rows() == 0 {
            return Err(LearnError::Empty {
                what: "the list of training rows",
            });
        }
        if x.n_cols() == 0 {
            return Err(LearnError::Empty {
                what: "the list of features",
            });
        }
        check_labels(y, n_classes)?;
        x.check_finite()?;
        Ok(Self {
            x,
            y,
            n_classes,
            sample_weight: None,
        })
    }

    /// Gives each row a weight: a row of weight 2 counts as two rows.
    ///
    /// # Errors
    /// `ShapeMismatch`; `InvalidParameter` where a weight is negative or not finite, or all are zero.
    pub fn with_sample_weight(mut self, weights: &'a [f64]) -> Result<Self> {
        same_length("sample weights", self.x.n_rows(), weights.len())?;
        if let Some(weight) = weights
            .iter()
            .find(|weight| !(weight.is_finite() && **weight >= 0.0))
        {
            return Err(LearnError::parameter(
                "sample_weight",
                weight,
                "every weight must be finite and not negative",
            ));
        }
        if weights.iter().all(|&weight| weight == 0.0) {
            return Err(LearnError::parameter(
                "sample_weight",
                0,
                "at least one weight must be positive",
            ));
        }
        self.sample_weight = Some(weights);
        Ok(self)
    }

    /// Features, all finite.
    pub fn x(&self) -> &'a Matrix {
        self.x
    }

    /// Labels, one per row.
    pub fn y(&self) -> &'a [usize] {
        self.y
    }

    /// Number of classes, those without a row included.
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// Weight of each row; `None` where all are one.
    pub fn sample_weight(&self) -> Option<&'a [f64]> {
        self.sample_weight
    }

    /// The classes that have a row, in order.
    pub(crate) fn present_classes(&self) -> Vec<usize> {
        let counts = class_counts(self.y, self.n_classes);
        (0..self.n_classes).filter(|&class| counts[class] > 0).collect()
    }

    /// The classes that have a row, in order: at least two.
    pub(crate) fn two_or_more_classes(&self, method: Method) -> Result<Vec<usize>> {
        let present = self.present_classes();
        if present.len() < 2 {
            return Err(LearnError::OneClass {
                method: method.name(),
                class: self.y[0],
                n_rows: self.y.len(),
            });
        }
        Ok(present)
    }
}

/// The methods there are, by the names the command line and the findings use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Method {
    /// Linear support vector machine, `linear-svc`.
    LinearSvc,
    /// Multi-layer perceptron, `mlp`.
    Mlp,
    /// Decision tree, `decision-tree`.
    DecisionTree,
    /// Gradient boosting of decision trees, `gradient-boosting`.
    GradientBoosting,
    /// Logistic regression, `logistic-regression`.
    LogisticRegression,
    /// The most frequent class of the training rows, `majority`: what every method has to beat.
    Majority,
}

impl Method {
    /// Every method, in the order of the study.
    pub const ALL: &'static [Method] = &[
        Self::LinearSvc,
        Self::Mlp,
        Self::DecisionTree,
        Self::GradientBoosting,
        Self::LogisticRegression,
        Self::Majority,
    ];

    /// The name, as in `--method mlp`.
    pub fn name(self) -> &'static str {
        match self {
            Self::LinearSvc => "linear-svc",
            Self::Mlp => "mlp",
            Self::DecisionTree => "decision-tree",
            Self::GradientBoosting => "gradient-boosting",
            Self::LogisticRegression => "logistic-regression",
            Self::Majority => "majority",
        }
    }

    /// The method with the default parameters and this seed.
    pub fn classifier(self, seed: u64) -> Box<dyn Classifier> {
        match self {
            Self::LinearSvc => Box::new(LinearSvc {
                seed,
                ..LinearSvc::default()
            }),
            Self::LogisticRegression => Box::new(LogisticRegression::default()),
            Self::Mlp => Box::new(MlpClassifier {
                seed,
                ..MlpClassifier::default()
            }),
            Self::DecisionTree => Box::new(DecisionTree {
                seed,
                ..DecisionTree::default()
            }),
            Self::GradientBoosting => Box::new(GradientBoosting {
                seed,
                ..GradientBoosting::default()
            }),
            Self::Majority => Box::new(Majority),
        }
    }

    /// Whether the method is at its best on standardised features, so that `Scaling::Auto` standardises them.
    pub fn wants_scaling(self) -> bool {
        match self {
            Self::LinearSvc | Self::Mlp | Self::LogisticRegression => true,
            Self::DecisionTree | Self::GradientBoosting | Self::Majority => false,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Method {
    type Err = LearnError;

    /// # Errors
    /// `UnknownMethod`, which lists the names there are.
    fn from_str(name: &str) -> Result<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|method| method.name() == name)
            .ok_or_else(|| LearnError::UnknownMethod {
                name: name.to_owned(),
                available: Self::ALL
                    .iter()
                    .map(|method| method.name())
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }
}

/// `Ok` where rows to predict fit the model.
pub(crate) fn check_predict(x: &Matrix, n_features: usize) -> Result<()> {
    same_length("features per row", n_features, x.n_cols())?;
    x.check_finite()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_are_read_back_and_unknown_ones_list_the_others() {
        for &method in Method::ALL {
            assert_eq!(method.name().parse::<Method>().unwrap(), method);
            assert_eq!(method.classifier(0).method(), method);
        }
        let error = "svm".parse::<Method>().unwrap_err().to_string();
        assert!(
            error.contains("`svm`") && error.contains("mlp") && error.contains("majority"),
            "{error}"
        );
    }

    #[test]
    fn training_rows_are_checked() {
        let x = Matrix::new(2, 1, vec![0.0, 1.0]).unwrap();
        assert!(TrainSet::new(&x, &[0, 1], 2).is_ok());
        assert_eq!(
            TrainSet::new(&x, &[0, 2], 2).unwrap_err(),
            LearnError::UnknownLabel {
                row: 1,
                label: 2,
                n_classes: 2
            }
        );
        assert!(matches!(
            TrainSet::new(&x, &[0], 2),
            Err(LearnError::ShapeMismatch { .. })
        ));
        assert!(matches!(
            TrainSet::new(&Matrix::default(), &[], 2),
            Err(LearnError::Empty { .. })
        ));
        let nan = Matrix::new(2, 1, vec![0.0, f32::NAN]).unwrap();
        assert!(matches!(
            TrainSet::new(&nan, &[0, 1], 2),
            Err(LearnError::NotFinite {
                row: 1,
                column: 0,
                ..
            })
        ));
        let train = TrainSet::new(&x, &[0, 1], 2).unwrap();
        assert!(train.with_sample_weight(&[1.0, -1.0]).is_err());
        assert!(train.with_sample_weight(&[0.0, 0.0]).is_err());
        assert!(train.with_sample_weight(&[1.0, 0.5]).is_ok());
    }
}
