use thiserror::Error;

/// Result of this crate.
pub type Result<T> = std::result::Result<T, StatsError>;

/// What can be wrong with the numbers that a statistic is asked of.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum StatsError {
    /// Two lengths that must agree do not.
    #[error("{what}: expected {expected}, got {got}")]
    ShapeMismatch {
        /// What was measured, for example `predicted labels`.
        what: &'static str,
        /// The length that was needed.
        expected: usize,
        /// The length that was given.
        got: usize,
    },
    /// There is nothing to compute from.
    #[error("{what} is empty; at least one is needed")]
    Empty {
        /// What is empty, for example `the list of predictions`.
        what: &'static str,
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
}

impl StatsError {
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
        Err(StatsError::ShapeMismatch { what, expected, got })
    }
}

/// `Ok` for a level of confidence.
pub(crate) fn check_level(level: f64) -> Result<()> {
    if level > 0.0 && level < 1.0 {
        Ok(())
    } else {
        Err(StatsError::parameter(
            "level",
            level,
            "must be above 0 and below 1",
        ))
    }
}
