//! The multi-layer perceptron: a feed-forward neural network for classification.

mod fitted;
mod labels;
mod lbfgs;
mod network;
mod onnx;
mod optimiser;
mod outcome;
mod parameters;
mod path;
mod state;
mod train;

pub(crate) use labels::LabelNetwork;
pub use parameters::{Activation, LearningRate, MlpClassifier, Solver};

use crate::error::{LearnError, Result};
use serde_json::json;

use self::path::PathEnd;
use crate::data::label_matrix::LabelMatrix;
use crate::data::train_set::TrainSet;
use crate::estimator::{
    Classifier, Entry, FittedClassifier, LabelModel, Method, OnnxExport, PathFit, Run, RunEnd,
};
use crate::methods::by_name;
use crate::params::words::{COUNT, NOT_NEGATIVE, OPEN_SHARE, POSITIVE, SEED, YES_NO, param};
use crate::params::{Param, ParamValue};

impl Method {
    /// Multi-layer perceptron, `mlp`.
    pub const MLP: Self = Self::of(&METHOD);
}

static METHOD: Entry = Entry {
    name: "mlp",
    title: "the neural network",
    wants_scaling: true,
    reads_frames: false,
    params: PARAMS,
    space: || {
        json!({
            "hidden_layer_sizes": [[100], [50, 50, 50], [50, 100, 50]],
            "solver": ["adam", "sgd"],
            "alpha": [0.0001, 0.05],
            "learning_rate": ["constant", "adaptive"],
            "max_iter": [100, 200],
        })
    },
    default: |seed| {
        Box::new(MlpClassifier {
            seed,
            ..MlpClassifier::default()
        })
    },
    build: by_name::build::<MlpClassifier>,
    restore: state::from_state,
    onnx: Some(OnnxExport {
        add: onnx::perceptron,
        probabilities: true,
    }),
};

const PARAMS: &[Param] = &[
    param(
        "hidden_layer_sizes",
        "must be a list of whole numbers, as in [100, 50]",
    ),
    param("activation", "must be relu, tanh or logistic"),
    param("solver", "must be adam, sgd or lbfgs"),
    param("alpha", NOT_NEGATIVE),
    param("batch_size", "must be auto or a whole number, at least 1"),
    param("learning_rate", "must be constant, invscaling or adaptive"),
    param("learning_rate_init", POSITIVE),
    param("power_t", NOT_NEGATIVE),
    param("max_iter", COUNT),
    param("shuffle", YES_NO),
    SEED,
    param("tol", NOT_NEGATIVE),
    param("momentum", "must be between 0 and 1"),
    param("nesterovs_momentum", YES_NO),
    param("early_stopping", YES_NO),
    param("validation_fraction", OPEN_SHARE),
    param("beta_1", "must be at least 0 and below 1"),
    param("beta_2", "must be at least 0 and below 1"),
    param("epsilon", POSITIVE),
    param("n_iter_no_change", COUNT),
    param("max_fun", COUNT),
];

impl Classifier for MlpClassifier {
    fn method(&self) -> Method {
        Method::MLP
    }

    fn params(&self) -> Vec<(&'static str, ParamValue)> {
        by_name::list(self)
    }

    fn check(&self) -> Result<()> {
        let positive = |name, value: f64| match value.is_finite() && value > 0.0 {
            true => Ok(()),
            false => Err(LearnError::parameter(name, value, "must be finite and above 0")),
        };
        let share = |name, value: f64| match (0.0..1.0).contains(&value) {
            true => Ok(()),
            false => Err(LearnError::parameter(
                name,
                value,
                "must be at least 0 and below 1",
            )),
        };
        if !(0.0..=1.0).contains(&self.momentum) {
            return Err(LearnError::parameter(
                "momentum",
                self.momentum,
                "must be between 0 and 1",
            ));
        }
        if !(self.power_t.is_finite() && self.power_t >= 0.0) {
            return Err(LearnError::parameter(
                "power_t",
                self.power_t,
                "must be finite and not negative",
            ));
        }
        if self.hidden_layer_sizes.contains(&0) {
            return Err(LearnError::parameter(
                "hidden_layer_sizes",
                0,
                "every hidden layer needs at least one unit",
            ));
        }
        if !(self.alpha.is_finite() && self.alpha >= 0.0) {
            return Err(LearnError::parameter(
                "alpha",
                self.alpha,
                "must be finite and not negative",
            ));
        }
        if self.batch_size == Some(0) {
            return Err(LearnError::parameter("batch_size", 0, "must be at least 1"));
        }
        for (name, value) in [
            ("max_iter", self.max_iter),
            ("max_fun", self.max_fun),
            ("n_iter_no_change", self.n_iter_no_change),
        ] {
            if value == 0 {
                return Err(LearnError::parameter(name, 0, "must be at least 1"));
            }
        }
        if self.tol.is_nan() || self.tol < 0.0 {
            return Err(LearnError::parameter("tol", self.tol, "must not be negative"));
        }
        positive("learning_rate_init", self.learning_rate_init)?;
        positive("epsilon", self.epsilon)?;
        share("beta_1", self.beta_1)?;
        share("beta_2", self.beta_2)?;
        if self.early_stopping && !(self.validation_fraction > 0.0 && self.validation_fraction < 1.0) {
            let value = self.validation_fraction;
            return Err(LearnError::parameter(
                "validation_fraction",
                value,
                "must be above 0 and below 1",
            ));
        }
        Ok(())
    }

    fn fit(&self, train: &TrainSet<'_>) -> Result<Box<dyn FittedClassifier>> {
        self.check()?;
        let present = train.two_or_more_classes(Method::MLP.name())?;
        Ok(Box::new(train::fit(self, train, &present)?))
    }

    fn fit_labels(&self, train: &TrainSet<'_>, labels: &LabelMatrix) -> Option<Result<Box<dyn LabelModel>>> {
        let fitted = self.fit_each_label(train, labels);
        Some(fitted.map(|model| Box::new(model) as Box<dyn LabelModel>))
    }

    /// The run up to `max_iter` of 100 is the beginning of the run up to 200, and a run with a constant learning rate is the
    /// beginning of one with an adaptive rate, up to where the score first stalls. Only the solver `sgd` looks at the
    /// schedule of the learning rate.
    fn run(&self) -> Run {
        let sgd = self.solver == Solver::Sgd;
        let adaptive = sgd && self.learning_rate == LearningRate::Adaptive;
        let mut params = self.params();
        params.retain(|(name, _)| match *name {
            "learning_rate" => sgd && self.learning_rate == LearningRate::Invscaling,
            name => name != "max_iter",
        });
        let end = PathEnd {
            max_iter: self.max_iter,
            adaptive,
        };
        Run {
            params,
            end: Some(end.into()),
        }
    }

    fn fit_path(&self, train: &TrainSet<'_>, ends: &[RunEnd]) -> Option<Vec<PathFit>> {
        // L-BFGS takes all rows at once: it has iterations, but no epochs to stop at.
        if self.solver == Solver::Lbfgs {
            return None;
        }
        let ends: Vec<PathEnd> = ends.iter().map(PathEnd::of).collect::<Option<_>>()?;
        let adaptive = self.solver == Solver::Sgd && ends.iter().any(|end| end.adaptive);
        let longest = Self {
            max_iter: ends.iter().map(|end| end.max_iter).max()?,
            learning_rate: match adaptive {
                true => LearningRate::Adaptive,
                false => self.learning_rate,
            },
            ..self.clone()
        };
        longest.check().ok()?;
        let present = train.two_or_more_classes(Method::MLP.name()).ok()?;
        let fits = train::fit_path(&longest, train, &present, &ends);
        let boxed = |model| Box::new(model) as Box<dyn FittedClassifier>;
        Some(
            fits.into_iter()
                .map(|(model, seconds)| (model.map(boxed), seconds))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests;
