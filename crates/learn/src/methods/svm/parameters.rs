use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::data::matrix::Matrix;
use crate::methods::class_weight::ClassWeight;

/// What a row on the wrong side of its margin costs; `m` is the signed distance, 1 on the margin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SvmLoss {
    /// `max(0, 1 - m)`.
    Hinge,
    /// `max(0, 1 - m)^2`.
    #[default]
    SquaredHinge,
}

/// What keeps the weights small.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SvmPenalty {
    /// `sum(|w|)`: many weights become zero.
    L1,
    /// `sum(w^2) / 2`.
    #[default]
    L2,
}

/// Which of the two equivalent problems is solved.
///
/// Written as scikit-learn's `dual`: `auto`, true or false.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SvmSolver {
    /// The primal problem where the loss is the squared hinge and there are more rows than features (and at most
    /// 2,048 features), else the dual one.
    #[default]
    Auto,
    /// Dual coordinate descent with shrinking (Hsieh et al. 2008); scikit-learn: `dual=True`.
    Dual,
    /// Newton's method on the primal problem with an exact line search (Keerthi and DeCoste 2005); squared hinge
    /// only; scikit-learn: `dual=False`.
    Primal,
}

impl Serialize for SvmSolver {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str("auto"),
            Self::Dual => serializer.serialize_bool(true),
            Self::Primal => serializer.serialize_bool(false),
        }
    }
}

impl<'de> Deserialize<'de> for SvmSolver {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum Word {
            Auto,
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Raw {
            Dual(bool),
            Word(Word),
        }
        Ok(match Raw::deserialize(deserializer)? {
            Raw::Word(Word::Auto) => Self::Auto,
            Raw::Dual(true) => Self::Dual,
            Raw::Dual(false) => Self::Primal,
        })
    }
}

/// Parameters of a linear support vector machine, with the names and defaults of scikit-learn's `LinearSVC`.
///
/// Minimises `|w|^2 / 2 + C * sum(loss)`, or `|w|_1 + C * sum(loss)` with the L1 penalty, for each class against all others (one problem in all for two classes). As in
/// scikit-learn the intercept is the weight of an extra feature of the value `intercept_scaling`, and is penalised
/// like every other weight.
///
/// Fits best on standardised features ([`crate::StandardScaler`]). It has a decision function, but no probabilities.
///
/// Source: scikit-learn 1.9, `LinearSVC` (liblinear). Differs: the primal problem is solved by Newton steps with the
/// whole Hessian instead of conjugate gradients, which reaches the minimum more exactly at the same `tol`.
///
/// ```
/// use cratedigger_learn::{Classifier, LinearSvc, Matrix, TrainSet};
///
/// let x = Matrix::new(4, 1, vec![-2.0, -1.0, 1.0, 2.0])?;
/// let model = LinearSvc::default().fit(&TrainSet::new(&x, &[0, 0, 1, 1], 2)?)?;
/// assert_eq!(model.predict(&Matrix::new(2, 1, vec![-0.5, 0.5])?)?, [0, 1]);
/// # Ok::<(), cratedigger_learn::LearnError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinearSvc {
    /// Penalty of the weights; L1 goes with the squared hinge and the primal problem. Default: L2.
    pub penalty: SvmPenalty,
    /// Loss of a row. Default: squared hinge.
    pub loss: SvmLoss,
    /// Which problem is solved. Default: auto.
    #[serde(rename = "dual")]
    pub solver: SvmSolver,
    /// Cost of the loss against the penalty. Default: 1.
    #[serde(rename = "C")]
    pub c: f64,
    /// Stopping tolerance. Default: 0.0001.
    pub tol: f64,
    /// Largest number of iterations. Default: 1000.
    pub max_iter: usize,
    /// Whether there is an intercept. Default: yes.
    pub fit_intercept: bool,
    /// Value of the extra feature that carries the intercept; the larger, the less the intercept is penalised.
    /// Default: 1.
    pub intercept_scaling: f64,
    /// Weight of each class. With three or more classes the weight of a class applies where it is the one against the
    /// others, as in liblinear. Default: none.
    pub class_weight: ClassWeight,
    /// Seed of the order in which the dual solver takes rows (`random_state`). Default: 0.
    #[serde(rename = "random_state", alias = "seed")]
    pub seed: u64,
}

impl Default for LinearSvc {
    fn default() -> Self {
        Self {
            penalty: SvmPenalty::L2,
            loss: SvmLoss::SquaredHinge,
            solver: SvmSolver::Auto,
            c: 1.0,
            tol: 1e-4,
            max_iter: 1000,
            fit_intercept: true,
            intercept_scaling: 1.0,
            class_weight: ClassWeight::None,
            seed: 0,
        }
    }
}

/// Largest number of features for which `SvmSolver::Auto` keeps a Hessian (32 MiB at this size).
const MAX_PRIMAL_FEATURES: usize = 2048;

impl LinearSvc {
    pub(super) fn solve_primal(&self, x: &Matrix) -> bool {
        match self.solver {
            SvmSolver::Primal => true,
            SvmSolver::Dual => false,
            SvmSolver::Auto => {
                self.loss == SvmLoss::SquaredHinge
                    && x.n_rows() > x.n_cols()
                    && x.n_cols() <= MAX_PRIMAL_FEATURES
            }
        }
    }
}
