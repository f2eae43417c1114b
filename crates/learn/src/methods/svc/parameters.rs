use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::methods::class_weight::ClassWeight;

/// How alike two rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SvcKernel {
    /// `exp(-gamma |a - b|^2)`.
    #[default]
    Rbf,
    /// `(gamma a.b + coef0)^degree`.
    Poly,
    /// `a.b`.
    Linear,
    /// `tanh(gamma a.b + coef0)`.
    Sigmoid,
}

/// The factor of the kernels `rbf`, `poly` and `sigmoid`.
///
/// Written as `scale`, `auto` or a number.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Gamma {
    /// `1 / (features * variance of all values)`; 1 where all values are the same.
    #[default]
    Scale,
    /// `1 / features`.
    Auto,
    /// This number.
    Value(f64),
}

impl Serialize for Gamma {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Scale => serializer.serialize_str("scale"),
            Self::Auto => serializer.serialize_str("auto"),
            Self::Value(value) => serializer.serialize_f64(*value),
        }
    }
}

impl<'de> Deserialize<'de> for Gamma {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum Word {
            Scale,
            Auto,
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Raw {
            Value(f64),
            Word(Word),
        }
        Ok(match Raw::deserialize(deserializer)? {
            Raw::Value(value) => Self::Value(value),
            Raw::Word(Word::Scale) => Self::Scale,
            Raw::Word(Word::Auto) => Self::Auto,
        })
    }
}

/// What the decision values of more than two classes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DecisionShape {
    /// One value per class: its votes, and a share below a half by which ties are told apart.
    #[default]
    Ovr,
}

/// Parameters of a support vector machine with a kernel, with the names and defaults of scikit-learn's `SVC`.
///
/// For each pair of classes the dual problem
/// `min 1/2 sum_ij a_i a_j y_i y_j K(x_i, x_j) - sum_i a_i`, `0 <= a_i <= C_i`, `sum_i a_i y_i = 0` is solved by sequential minimal
/// optimisation; a row has the class that most pairs vote for, of several the lowest. Pairs are solved side by side.
///
/// Fits best on standardised features ([`crate::StandardScaler`]).
///
/// Source: Chang and Lin 2011, "LIBSVM"; Fan, Chen and Lin 2005 (choice of the two rows of a step); scikit-learn 1.9, `SVC`:
/// the same steps, so that decision values agree to the rounding of kernels as long as no two rows are equally good. Differs:
/// with `probability` the class is the likeliest one (as in libsvm's own `svm-predict`), where scikit-learn goes on voting, so that
/// the two can contradict each other there, and of two classes the probability is what the sigmoid says (as in newer versions of
/// libsvm); the folds of `probability` are drawn by another generator; rows of weight 0 do not
/// count for `gamma = "scale"` either; `max_iter` is `none` for no limit, there -1.
///
/// ```
/// use cratedigger_learn::{Classifier, Matrix, Svc, TrainSet};
///
/// // No line divides the corners of a square crosswise.
/// let x = Matrix::new(4, 2, vec![-1.0, -1.0, 1.0, 1.0, -1.0, 1.0, 1.0, -1.0])?;
/// let y = [0, 0, 1, 1];
/// let model = Svc::default().fit(&TrainSet::new(&x, &y, 2)?)?;
/// assert_eq!(model.predict(&x)?, y);
/// # Ok::<(), cratedigger_learn::LearnError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Svc {
    /// Price of a row on the wrong side of its margin. Default: 1.
    #[serde(rename = "C")]
    pub c: f64,
    /// How alike two rows are. Default: rbf.
    pub kernel: SvcKernel,
    /// Degree of the kernel `poly`. Default: 3.
    pub degree: u32,
    /// Factor of the kernels `rbf`, `poly` and `sigmoid`. Default: scale.
    pub gamma: Gamma,
    /// Summand of the kernels `poly` and `sigmoid`. Default: 0.
    pub coef0: f64,
    /// Whether rows that will stay at a bound are left out until the end. Default: true.
    pub shrinking: bool,
    /// Whether probabilities are fitted, by cross-validation in five parts: a fit takes some five times as long. Default: false.
    pub probability: bool,
    /// How far the steepest pair of rows may be from the optimum at the end. Default: 0.001.
    pub tol: f64,
    /// Megabytes of kernel values that are kept, in all threads together. Default: 200.
    pub cache_size: f64,
    /// Weight of each class, a factor of `C`. Default: none.
    pub class_weight: ClassWeight,
    /// Steps after which a pair's problem is left as it is; `None` for no limit. Default: none.
    pub max_iter: Option<usize>,
    /// What the decision values of more than two classes are. Default: ovr.
    pub decision_function_shape: DecisionShape,
    /// Whether a tie of votes goes to the largest decision value instead of the lowest class. Default: false.
    pub break_ties: bool,
    /// Seed of the folds of `probability` (`random_state`). Default: 0.
    #[serde(rename = "random_state", alias = "seed")]
    pub seed: u64,
}

impl Default for Svc {
    fn default() -> Self {
        Self {
            c: 1.0,
            kernel: SvcKernel::Rbf,
            degree: 3,
            gamma: Gamma::Scale,
            coef0: 0.0,
            shrinking: true,
            probability: false,
            tol: 1e-3,
            cache_size: 200.0,
            class_weight: ClassWeight::None,
            max_iter: None,
            decision_function_shape: DecisionShape::Ovr,
            break_ties: false,
            seed: 0,
        }
    }
}
