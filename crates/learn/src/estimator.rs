//! What every method promises, and the handle by which it is named. Nothing here knows a method: each declares its
//! [`Entry`] beside its code, and `methods/registry.rs` lists them.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde_json::Value;

use crate::data::label_matrix::LabelMatrix;
use crate::data::matrix::Matrix;
use crate::data::score_matrix::ScoreMatrix;
use crate::data::train_set::TrainSet;
use crate::error::{LearnError, Result, same_length};
use crate::model::error::ModelResult;
use crate::model::onnx::graph::Graph;
use crate::params::{Param, ParamValue, Params};
use crate::state::ModelState;
use crate::watch::FitEpoch;

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

    /// Whether the method takes rows as they are read, with missing values and codes of categories, and prepares them itself.
    fn prepares_rows(&self) -> bool {
        false
    }

    /// Whether it may read recordings, or nothing at all, so that rows without columns can be enough.
    fn reads_recordings(&self) -> bool {
        self.method().reads_frames() || self.prepares_rows()
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

    /// Fits one model to all labels of the rows at once; `None` where the method has no such thing, so that each label is
    /// fitted by itself. The rows' classes are what rows are told apart by where some are set aside.
    fn fit_labels(&self, train: &TrainSet<'_>, labels: &LabelMatrix) -> Option<Result<Box<dyn LabelModel>>> {
        let _ = (train, labels);
        None
    }

    /// The run that this fit is, or is the beginning of. A search does fits of one run together.
    fn run(&self) -> Run {
        Run {
            params: self.params(),
            end: None,
        }
    }

    /// The models that fits of this [`Run`] with each of these ends would give, byte by byte, from one run, each with the
    /// seconds after which it was there. `None` where a shorter run is not the beginning of a longer one.
    fn fit_path(&self, train: &TrainSet<'_>, ends: &[RunEnd]) -> Option<Vec<PathFit>> {
        let _ = (train, ends);
        None
    }
}

/// What fits have in common; see [`Classifier::run`].
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The parameters that decide what the run does, without those that decide only where it ends or that it does not look at.
    pub params: Vec<(&'static str, ParamValue)>,
    /// Where the fit ends on the way of the run; `None` where the method has no such thing.
    pub end: Option<RunEnd>,
}

/// Where a fit ends on the way of a longer one, in numbers that only its method reads; longer runs have larger ones.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunEnd(Vec<usize>);

impl RunEnd {
    /// An end by its numbers.
    pub fn new(numbers: impl Into<Vec<usize>>) -> Self {
        Self(numbers.into())
    }

    /// The numbers.
    pub fn numbers(&self) -> &[usize] {
        &self.0
    }
}

/// A model on the way of a longer run, and the seconds until then; see [`Classifier::fit_path`].
pub type PathFit = (Result<Box<dyn FittedClassifier>>, f64);

/// What a fitted model says of rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// The class of each row. Ties go to the lowest class.
    pub class: Vec<usize>,
    /// The probability of each class (columns) for each row; every row sums to one, classes without a training row have
    /// probability 0. `None` where the method knows margins only.
    pub probabilities: Option<ScoreMatrix>,
    /// Signed distances from the decision boundary, one column per class, or one column in all for two classes (positive:
    /// the second class). `None` where the method has none.
    pub decision: Option<ScoreMatrix>,
}

/// Numbers over frames and bands.
#[derive(Debug, Clone, PartialEq)]
pub struct FrameMap {
    /// Rows, from the first frame on.
    pub n_frames: usize,
    /// Columns, from the lowest band on.
    pub n_bands: usize,
    /// Row after row.
    pub values: Vec<f32>,
}

/// What a model that listens attended to in the frames of one recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Attention {
    /// The gradient of the log-probability of a class by each number of the frames.
    pub gradient: FrameMap,
    /// What of its probability goes where a patch of frames and bands is put to its mean; a number for each patch.
    pub occlusion: FrameMap,
}

/// A fitted model.
pub trait FittedClassifier: Send + Sync + fmt::Debug {
    /// The method.
    fn method(&self) -> Method;

    /// Number of features a row must have.
    fn n_features(&self) -> usize;

    /// Number of classes, those without a training row included.
    fn n_classes(&self) -> usize;

    /// All that the model says of each row.
    ///
    /// # Errors
    /// `ShapeMismatch` where the number of features is another one, `NotFinite`.
    fn scores(&self, x: &Matrix) -> Result<Scores>;

    /// The class of each row.
    ///
    /// # Errors
    /// As [`FittedClassifier::scores`].
    fn predict(&self, x: &Matrix) -> Result<Vec<usize>> {
        Ok(self.scores(x)?.class)
    }

    /// The probabilities of [`FittedClassifier::scores`].
    ///
    /// # Errors
    /// As [`FittedClassifier::scores`]; `Unsupported` where the method knows margins only.
    fn predict_proba(&self, x: &Matrix) -> Result<ScoreMatrix> {
        self.scores(x)?.probabilities.ok_or(LearnError::Unsupported {
            method: self.method().name(),
            what: "probabilities",
        })
    }

    /// The decision values of [`FittedClassifier::scores`].
    ///
    /// # Errors
    /// As [`FittedClassifier::scores`]; `Unsupported` where the method has none.
    fn decision_function(&self, x: &Matrix) -> Result<ScoreMatrix> {
        self.scores(x)?.decision.ok_or(LearnError::Unsupported {
            method: self.method().name(),
            what: "decision function",
        })
    }

    /// Iterations or epochs of the optimisation, where the method has any.
    fn n_iter(&self) -> Option<usize> {
        None
    }

    /// What each pass over the rows brought, where the method makes several and kept that.
    fn curve(&self) -> Vec<FitEpoch> {
        Vec::new()
    }

    /// The recipe of the frames that are read, and the fewest that a recording must have; `None` where columns are read.
    fn fewest_frames(&self) -> Option<(&str, usize)> {
        None
    }

    /// What it attended to in the frames of one recording, for a class; patches of so many frames and bands. `None` where columns are
    /// read.
    ///
    /// # Errors
    /// `Frames` where the frames are too few or no numbers; `Library` where they are no whole frames, or a patch has no size.
    fn attention(&self, frames: &[f32], class: usize, patch: (usize, usize)) -> Result<Option<Attention>> {
        let _ = (frames, class, patch);
        Ok(None)
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

/// A model that was fitted to several labels a row at once.
pub trait LabelModel: Send + Sync + fmt::Debug {
    /// The probability of each label (columns) for each row, each by itself: rows need not sum to one.
    ///
    /// # Errors
    /// `ShapeMismatch` where the number of features is another one, `NotFinite`.
    fn proba(&self, x: &Matrix) -> Result<ScoreMatrix>;

    /// Everything the model learnt.
    ///
    /// # Errors
    /// `BadState` where a weight is not finite.
    fn state(&self) -> Result<ModelState>;

    /// `false` where the optimisation stopped at its iteration limit before it converged.
    fn converged(&self) -> bool;
}

/// `Ok` where rows to predict fit the model.
pub(crate) fn check_predict(x: &Matrix, n_features: usize) -> Result<()> {
    same_length("features per row", n_features, x.n_cols())?;
    x.check_finite()
}

/// All that the rest of the crate knows of a method.
pub(crate) struct Entry {
    /// The name on the command line, in model files and in the findings.
    pub(crate) name: &'static str,
    /// What it is called in a sentence.
    pub(crate) title: &'static str,
    /// Whether it is at its best on standardised features.
    pub(crate) wants_scaling: bool,
    /// Whether it reads the recordings of rows, and not their columns.
    pub(crate) reads_frames: bool,
    /// Its parameters, in the order of scikit-learn's or XGBoost's documentation.
    pub(crate) params: &'static [Param],
    /// The [`crate::search::Space`] that is searched unless told otherwise.
    pub(crate) space: fn() -> Value,
    /// The method with its default parameters and this seed.
    pub(crate) default: fn(u64) -> Box<dyn Classifier>,
    /// The method with these parameters, checked.
    pub(crate) build: fn(Method, &Params, u64) -> Result<Box<dyn Classifier>>,
    /// The fitted model of a state with so many features and classes.
    pub(crate) restore: fn(&ModelState, usize, usize) -> Result<Box<dyn FittedClassifier>>,
    /// How a fitted model is written as ONNX; `None` where it cannot be.
    pub(crate) onnx: Option<OnnxExport>,
}

/// How a fitted model is written as ONNX.
pub(crate) struct OnnxExport {
    /// Adds the model to the graph: from its state, the name of its input and the number of features, the name of its
    /// outputs, one column for two classes.
    pub(crate) add: fn(&mut Graph, &ModelState, &str, usize) -> ModelResult<String>,
    /// Whether the outputs are probabilities; otherwise they are decision values.
    pub(crate) probabilities: bool,
}

/// A method, by the name that the command line and the findings use. Each method has a constant, such as
/// [`Method::MLP`]; [`Method::ALL`] has them all.
#[derive(Clone, Copy)]
pub struct Method(&'static Entry);

impl Method {
    pub(crate) const fn of(entry: &'static Entry) -> Self {
        Self(entry)
    }

    pub(crate) fn entry(self) -> &'static Entry {
        self.0
    }

    /// The name, as in `--method mlp`.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// What it is called in a sentence, such as `the neural network`.
    pub fn title(self) -> &'static str {
        self.0.title
    }

    /// The method with the default parameters and this seed.
    pub fn classifier(self, seed: u64) -> Box<dyn Classifier> {
        (self.0.default)(seed)
    }

    /// Whether the method is at its best on standardised features, so that its default pipeline standardises them.
    pub fn wants_scaling(self) -> bool {
        self.0.wants_scaling
    }

    /// Whether it reads the recordings of rows frame by frame, and not their columns.
    pub fn reads_frames(self) -> bool {
        self.0.reads_frames
    }

    /// The parameters of the method, in the order of scikit-learn's or XGBoost's documentation.
    pub fn params(self) -> &'static [Param] {
        self.0.params
    }

    /// The method with these parameters, checked; those that are not named keep their defaults. `seed` is used where
    /// `random_state` is not named.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use cratedigger_learn::{Method, ParamValue};
    ///
    /// let params = BTreeMap::from([
    ///     ("alpha".to_owned(), ParamValue::Float(0.01)),
    ///     ("hidden_layer_sizes".to_owned(), "200,100".parse()?),
    /// ]);
    /// let mlp = Method::MLP.classifier_with(&params, 0)?;
    /// assert!(mlp.params().contains(&("hidden_layer_sizes", ParamValue::IntList(vec![200, 100]))));
    /// # Ok::<(), cratedigger_learn::LearnError>(())
    /// ```
    ///
    /// # Errors
    /// `UnknownParameter`, which lists the names there are; `InvalidParameter`, which says what the parameter takes.
    pub fn classifier_with(self, params: &Params, seed: u64) -> Result<Box<dyn Classifier>> {
        (self.0.build)(self, params, seed)
    }

    /// The fitted model that gave this state.
    ///
    /// `n_features` and `n_classes` must be those of the model.
    ///
    /// # Errors
    /// `BadState` where the state is not that of a model of this method.
    pub fn restore(
        self,
        state: &ModelState,
        n_features: usize,
        n_classes: usize,
    ) -> Result<Box<dyn FittedClassifier>> {
        (self.0.restore)(state, n_features, n_classes)
    }

    /// The search space of the method, as JSON.
    pub(crate) fn space(self) -> Value {
        (self.0.space)()
    }
}

impl PartialEq for Method {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Method {}

impl Hash for Method {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
