use cratedigger_stats::StatsError;
use thiserror::Error;

/// Result of this crate.
pub type Result<T> = std::result::Result<T, LearnError>;

/// What can be wrong with a matrix, its labels, a split or the parameters of a classifier.
#[derive(Debug, Error, Clone, PartialEq)]
#[non_exhaustive]
pub enum LearnError {
    /// Two lengths or shapes that must agree do not.
    #[error("{what}: expected {expected}, got {got}")]
    ShapeMismatch {
        /// What was measured, for example `labels` or `features per row`.
        what: &'static str,
        /// The length that was needed.
        expected: usize,
        /// The length that was given.
        got: usize,
    },
    /// There are no rows, or no columns.
    #[error("{what} is empty; at least one is needed")]
    Empty {
        /// What is empty, for example `training rows`.
        what: &'static str,
    },
    /// A value is NaN or infinite where a finite one is needed.
    #[error(
        "row {row}, column {column} is {value}; impute or drop incomplete rows first (`Dataset::drop_incomplete`)"
    )]
    NotFinite {
        /// Row of the matrix, from 0.
        row: usize,
        /// Column of the matrix, from 0.
        column: usize,
        /// The value found.
        value: f32,
    },
    /// A label is not one of the classes.
    #[error("row {row} has label {label}, but there are {n_classes} classes (0..{n_classes})")]
    UnknownLabel {
        /// Row of the label, from 0.
        row: usize,
        /// The label found.
        label: usize,
        /// Number of classes.
        n_classes: usize,
    },
    /// A tree of labels that is none.
    #[error("the tree of labels: label {label} is its own ancestor, or has a parent that is no label")]
    BadHierarchy {
        /// The label, from 0.
        label: usize,
    },
    /// A name of a class or feature is longer than any table is wide.
    #[error("the name of {what} {index} has {n_chars} characters; at most 1000 are taken")]
    LongName {
        /// `class` or `feature`.
        what: &'static str,
        /// Which one, from 0.
        index: usize,
        /// Its length.
        n_chars: usize,
    },
    /// A row index points outside the matrix.
    #[error("row index {index} is out of range for {n_rows} rows")]
    IndexOutOfRange {
        /// The index given.
        index: usize,
        /// Number of rows there are.
        n_rows: usize,
    },
    /// A classifier that separates classes was given one only.
    #[error("all {n_rows} training rows are of `{class}`; at least two classes are needed to fit {method}")]
    OneClass {
        /// The method that was to be fitted.
        method: &'static str,
        /// The only class: its name, or its index where names are not known.
        class: String,
        /// Number of training rows.
        n_rows: usize,
    },
    /// A parameter has a value that makes no sense.
    #[error("parameter {name} = {value}: {expected}")]
    InvalidParameter {
        /// Name of the parameter.
        name: &'static str,
        /// Its value, as text.
        value: String,
        /// What would be accepted.
        expected: &'static str,
    },
    /// The data cannot be divided as asked.
    #[error("cannot split {n_rows} rows as asked: {reason}")]
    CannotSplit {
        /// Number of rows there are.
        n_rows: usize,
        /// Why, and what to do.
        reason: String,
    },
    /// The split needs something the dataset does not carry.
    #[error("the {split} split needs {needs}, which this dataset does not have")]
    MissingForSplit {
        /// Name of the split.
        split: &'static str,
        /// What is missing.
        needs: &'static str,
    },
    /// No method has this name.
    #[error("unknown method `{name}`; available: {available}")]
    UnknownMethod {
        /// The name given.
        name: String,
        /// Names that are known, comma separated.
        available: String,
    },
    /// A method that this build is without.
    #[error(
        "`{method}` is not in this build, which lacks the feature `deep`: build it with `--features deep`"
    )]
    NotInBuild {
        /// The method.
        method: String,
    },
    /// No column is of this family.
    #[error("no column is of the family `{family}`; there are {available}")]
    UnknownFamily {
        /// The family given.
        family: String,
        /// Families of the columns there are, comma separated.
        available: String,
    },
    /// No preprocessing step is written like this.
    #[error("cannot read the preprocessing step `{step}`: expected {expected}")]
    UnknownStep {
        /// The step given.
        step: String,
        /// What would be accepted.
        expected: &'static str,
    },
    /// A search space cannot be searched.
    #[error("the search space of {parameter}: {reason}")]
    BadSpace {
        /// The parameter.
        parameter: String,
        /// What is wrong, and what to do.
        reason: &'static str,
    },
    /// No candidate of a search could be fitted.
    #[error("none of the {n_candidates} candidates could be fitted; the first one: {first}")]
    NoCandidate {
        /// Number of candidates.
        n_candidates: usize,
        /// Why the first one could not.
        first: String,
    },
    /// The journal of a search cannot be used.
    #[error("the journal {path}: {reason}")]
    Journal {
        /// The file.
        path: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// A fitted model cannot be saved or rebuilt.
    #[error("the state of the model is of no use: {reason}")]
    BadState {
        /// What is wrong.
        reason: String,
    },
    /// The method has no parameter of this name.
    #[error("{method} has no parameter `{name}`; available: {available}")]
    UnknownParameter {
        /// The method asked.
        method: &'static str,
        /// The name given.
        name: String,
        /// Names that are known, comma separated.
        available: String,
    },
    /// The method has no such output (a margin classifier has no probabilities, a tree no decision function).
    #[error("{method} has no {what}")]
    Unsupported {
        /// The method asked.
        method: &'static str,
        /// What it does not have.
        what: &'static str,
    },
    /// A number that should be a probability is none, or a row of them does not sum to 1.
    #[error("row {row}: {value} is no probability, or not the sum of all probabilities of a row")]
    NotProbability {
        /// Row of the prediction, from 0.
        row: usize,
        /// The value, or the sum of the row.
        value: f64,
    },
    /// A score has no value for these rows.
    #[error("{metric} is not defined here: {reason}")]
    UndefinedMetric {
        /// The score.
        metric: &'static str,
        /// What it needs.
        reason: &'static str,
    },
    /// The optimisation left the range of finite numbers.
    #[error(
        "{method} diverged in iteration {iteration}: the loss is not finite; standardise the features or lower {parameter}"
    )]
    Diverged {
        /// The method that was fitted.
        method: &'static str,
        /// Iteration or epoch, from 1.
        iteration: usize,
        /// The parameter to lower.
        parameter: &'static str,
    },
    /// The method reads frames of recordings, and the rows have none.
    #[error(
        "{method} reads recordings frame by frame, and these rows have none: make a cache of frames (`cratedigger mel`) and name \
         it with --frames or as the data"
    )]
    NoFrames {
        /// The method asked.
        method: &'static str,
    },
    /// Frames cannot be read.
    #[error("frames of recordings: {reason}")]
    Frames {
        /// What is wrong, and where.
        reason: String,
    },
    /// A library underneath refused to fit.
    #[error("{method} could not be fitted: {reason}")]
    Library {
        /// The method that was fitted.
        method: &'static str,
        /// What the library said.
        reason: String,
    },
    /// The threads of a parallel computation could not be started.
    #[error("cannot start worker threads: {reason}")]
    Threads {
        /// What the system said.
        reason: String,
    },
}

impl From<StatsError> for LearnError {
    fn from(error: StatsError) -> Self {
        match error {
            StatsError::ShapeMismatch { what, expected, got } => Self::ShapeMismatch { what, expected, got },
            StatsError::Empty { what } => Self::Empty { what },
            StatsError::InvalidParameter {
                name,
                value,
                expected,
            } => Self::InvalidParameter {
                name,
                value,
                expected,
            },
        }
    }
}

impl LearnError {
    /// Frames that cannot be read.
    pub fn frames(reason: impl Into<String>) -> Self {
        Self::Frames {
            reason: reason.into(),
        }
    }

    pub(crate) fn parameter(name: &'static str, value: impl ToString, expected: &'static str) -> Self {
        Self::InvalidParameter {
            name,
            value: value.to_string(),
            expected,
        }
    }
}

/// `Ok` where the two lengths agree.
pub(crate) fn same_length(what: &'static str, expected: usize, got: usize) -> Result<()> {
    if expected == got {
        Ok(())
    } else {
        Err(LearnError::ShapeMismatch { what, expected, got })
    }
}
