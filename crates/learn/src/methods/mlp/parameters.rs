use serde::{Deserialize, Serialize};

/// Activation of the hidden layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// `max(0, z)`.
    #[default]
    Relu,
    /// Hyperbolic tangent.
    Tanh,
    /// `1 / (1 + exp(-z))`.
    Logistic,
}

/// How the weights are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Solver {
    /// Adam (Kingma and Ba 2015) on batches.
    #[default]
    Adam,
    /// Stochastic gradient descent with momentum on batches.
    Sgd,
    /// L-BFGS on all rows at once: for few rows, where it converges faster and often better.
    Lbfgs,
}

/// How the step size of [`Solver::Sgd`] changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LearningRate {
    /// It stays `learning_rate_init`.
    #[default]
    Constant,
    /// After each epoch `learning_rate_init / (t + 1)^power_t`, where `t` is the number of rows seen.
    Invscaling,
    /// Divided by 5 each time the score stalls, until it is 1e-6.
    Adaptive,
}

/// Parameters of a multi-layer perceptron, with the names and defaults of scikit-learn's `MLPClassifier`.
///
/// Fully connected layers, minimising the cross-entropy plus `alpha / 2` times the sum of squared weights (biases
/// excluded) over the number of rows of a batch. Two classes get one logistic output, more a softmax. Weights and
/// biases start uniformly in `±sqrt(6 / (fan_in + fan_out))` (`2` instead of `6` for the logistic activation; Glorot
/// and Bengio 2010). The network is computed in `f32`, as scikit-learn does for float32 features; losses are summed
/// in `f64`.
///
/// Fits best on standardised features ([`crate::StandardScaler`]).
///
/// Source: scikit-learn 1.9, `MLPClassifier`. Differs: random numbers come from another generator, so single runs
/// differ as two seeds do; classes without a training row get probability 0.
///
/// ```
/// use cratedigger_learn::{Classifier, Matrix, MlpClassifier, TrainSet};
///
/// let x = Matrix::new(4, 2, vec![0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0])?;
/// let y = [0, 1, 1, 0];
/// let mlp = MlpClassifier { hidden_layer_sizes: vec![16], learning_rate_init: 0.05, max_iter: 500, ..Default::default() };
/// let model = mlp.fit(&TrainSet::new(&x, &y, 2)?)?;
/// assert_eq!(model.predict(&x)?, y);
/// # Ok::<(), cratedigger_learn::LearnError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MlpClassifier {
    /// Units of each hidden layer. Default: one layer of 100.
    pub hidden_layer_sizes: Vec<usize>,
    /// Activation of the hidden layers. Default: relu.
    pub activation: Activation,
    /// How the weights are found. Default: adam.
    pub solver: Solver,
    /// Strength of the L2 penalty on the weights. Default: 0.0001.
    pub alpha: f64,
    /// Rows per batch; `None` (`auto`) for `min(200, n_rows)`. Default: `None`.
    #[serde(with = "auto")]
    pub batch_size: Option<usize>,
    /// How the step size changes; sgd only. Default: constant.
    pub learning_rate: LearningRate,
    /// Step size. Default: 0.001.
    pub learning_rate_init: f64,
    /// Exponent of the invscaling learning rate. Default: 0.5.
    pub power_t: f64,
    /// Largest number of epochs, or of iterations of lbfgs. Default: 200.
    pub max_iter: usize,
    /// Whether rows are drawn in a new order each epoch. Default: yes.
    pub shuffle: bool,
    /// Seed of the first weights, of the order of rows and of the validation rows (`random_state`). Default: 0.
    #[serde(rename = "random_state", alias = "seed")]
    pub seed: u64,
    /// Training stops when the loss, or with `early_stopping` the validation accuracy, did not improve by this much
    /// for more than `n_iter_no_change` epochs; with lbfgs when no derivative is larger. Default: 0.0001.
    pub tol: f64,
    /// Epochs without improvement to wait for. Default: 10.
    pub n_iter_no_change: usize,
    /// Share of the last step that is kept; sgd only. Default: 0.9.
    pub momentum: f64,
    /// Whether the gradient is taken where the momentum leads to; sgd only. Default: yes.
    pub nesterovs_momentum: bool,
    /// Whether a stratified part of the rows is set aside to decide when to stop; the weights of the epoch with the
    /// best validation accuracy are kept then. Default: no.
    pub early_stopping: bool,
    /// Share of the rows set aside by `early_stopping`, in whole groups (artists) where groups are known. Default: 0.1.
    pub validation_fraction: f64,
    /// Largest number of evaluations of the loss; lbfgs only. Default: 15,000.
    pub max_fun: usize,
    /// Decay of Adam's first moment. Default: 0.9.
    pub beta_1: f64,
    /// Decay of Adam's second moment. Default: 0.999.
    pub beta_2: f64,
    /// Added to the root of Adam's second moment. Default: 1e-8.
    pub epsilon: f64,
}

/// `None` is written `auto`.
mod auto {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &Option<usize>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            None => serializer.serialize_str("auto"),
            Some(value) => value.serialize(serializer),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<usize>, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum Word {
            Auto,
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Raw {
            Count(usize),
            Word(Word),
        }
        Ok(match Option::deserialize(deserializer)? {
            Some(Raw::Count(value)) => Some(value),
            Some(Raw::Word(Word::Auto)) | None => None,
        })
    }
}

impl Default for MlpClassifier {
    fn default() -> Self {
        Self {
            hidden_layer_sizes: vec![100],
            activation: Activation::Relu,
            solver: Solver::Adam,
            alpha: 1e-4,
            batch_size: None,
            learning_rate: LearningRate::Constant,
            learning_rate_init: 1e-3,
            power_t: 0.5,
            max_iter: 200,
            shuffle: true,
            seed: 0,
            tol: 1e-4,
            n_iter_no_change: 10,
            momentum: 0.9,
            nesterovs_momentum: true,
            early_stopping: false,
            validation_fraction: 0.1,
            max_fun: 15_000,
            beta_1: 0.9,
            beta_2: 0.999,
            epsilon: 1e-8,
        }
    }
}
