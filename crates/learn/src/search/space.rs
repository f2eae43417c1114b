use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{LearnError, Result};
use crate::estimator::Method;
use crate::params::{ParamValue, Params};
use cratedigger_stats::rng::SeededRng;

/// The most candidates a grid may have.
const MAX_CANDIDATES: usize = 100_000;

/// The values that each parameter may take.
///
/// In TOML a parameter is a list of values, one value, or for a random search a range:
///
/// ```toml
/// hidden_layer_sizes = [[100], [50, 50]]
/// solver = "adam"
/// alpha = { min = 1e-5, max = 1.0, log = true }
/// ```
///
/// A range between two whole numbers without `log` gives whole numbers, both ends included.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Space {
    axes: BTreeMap<String, Axis>,
}

/// The values of one parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Axis {
    /// One of these.
    Values(Vec<ParamValue>),
    /// Any number between two.
    Range(Range),
    /// This one.
    Fixed(ParamValue),
}

/// Numbers from `min` to `max`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    min: ParamValue,
    max: ParamValue,
    /// Whether the logarithm is uniform instead of the number.
    #[serde(default)]
    log: bool,
}

impl Space {
    /// The space that a method is searched in unless told otherwise; for the perceptron the grid of the study, 48 candidates
    /// over `alpha`, `hidden_layer_sizes`, `learning_rate`, `solver` and `max_iter`.
    ///
    /// # Errors
    /// `BadSpace` where the method declares something else than a space.
    pub fn default_of(method: Method) -> Result<Self> {
        serde_json::from_value(method.space())
            .map_err(|_| bad(method.name(), "the method's own search space cannot be read"))
    }

    /// The parameters that are searched, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.axes.keys().map(String::as_str)
    }

    /// Every combination, in the order of scikit-learn's `ParameterGrid`: the values of the alphabetically last parameter
    /// change fastest. A space without parameters has one candidate, the defaults.
    ///
    /// # Errors
    /// `BadSpace` for a range, an empty list, or more than 100,000 combinations.
    pub fn grid(&self) -> Result<Vec<Params>> {
        let axes = self.lists()?;
        let n = n_combinations(&axes)?;
        Ok((0..n).map(|at| combination(&axes, at)).collect())
    }

    /// `n` random combinations. Where every parameter has a list they are drawn without repetition, and are the whole grid
    /// if it is no larger than `n`.
    ///
    /// Source: scikit-learn, `ParameterSampler`. Differs: random numbers come from another generator.
    ///
    /// # Errors
    /// `BadSpace` for an empty list or a range whose ends are no numbers in order, or not above 0 with `log`;
    /// `InvalidParameter` where `n` is 0.
    pub fn random(&self, n: usize, seed: u64) -> Result<Vec<Params>> {
        if n == 0 {
            return Err(LearnError::parameter("n_iter", n, "must be at least 1"));
        }
        if let Ok(axes) = self.lists()
            && let Ok(n_all) = n_combinations(&axes)
        {
            let mut order = SeededRng::new(seed).permutation(n_all);
            order.truncate(n);
            order.sort_unstable();
            return Ok(order.into_iter().map(|at| combination(&axes, at)).collect());
        }
        let mut rng = SeededRng::new(seed);
        (0..n)
            .map(|_| {
                let drawn = self.axes.iter().map(|(name, axis)| {
                    let value = match axis {
                        Axis::Range(range) => range.draw(&mut rng).map_err(|reason| bad(name, reason))?,
                        axis => {
                            let values = axis.list(name)?;
                            values[rng.below(values.len())].clone()
                        }
                    };
                    Ok((name.clone(), value))
                });
                drawn.collect()
            })
            .collect()
    }

    /// The parameters with their lists.
    fn lists(&self) -> Result<Vec<(&String, &[ParamValue])>> {
        self.axes
            .iter()
            .map(|(name, axis)| Ok((name, axis.list(name)?)))
            .collect()
    }
}

impl Axis {
    fn list(&self, name: &str) -> Result<&[ParamValue]> {
        match self {
            Self::Values(values) if values.is_empty() => Err(bad(name, "the list is empty")),
            Self::Values(values) => Ok(values),
            Self::Fixed(value) => Ok(std::slice::from_ref(value)),
            Self::Range(_) => Err(bad(
                name,
                "a grid needs a list of values; a range is for a random search (`--random N`)",
            )),
        }
    }
}

impl Range {
    fn draw(&self, rng: &mut SeededRng) -> std::result::Result<ParamValue, &'static str> {
        let whole = match (&self.min, &self.max) {
            (ParamValue::Int(min), ParamValue::Int(max)) => Some((*min, *max)),
            _ => None,
        };
        if let (Some((min, max)), false) = (whole, self.log) {
            let n_values = max.checked_sub(min).and_then(|range| range.checked_add(1));
            return match n_values.map(usize::try_from) {
                Some(Ok(n)) if n > 0 => Ok(ParamValue::Int(min + rng.below(n) as i64)),
                _ => Err("`min` must not be larger than `max`"),
            };
        }
        let number = |value: &ParamValue| match *value {
            ParamValue::Int(value) => Some(value as f64),
            ParamValue::Float(value) => Some(value),
            _ => None,
        };
        let (Some(min), Some(max)) = (number(&self.min), number(&self.max)) else {
            return Err("`min` and `max` must be numbers");
        };
        if !(min.is_finite() && max.is_finite() && min <= max) {
            return Err("`min` must not be larger than `max`");
        }
        if !self.log {
            return Ok(ParamValue::Float(rng.uniform(min, max)));
        }
        if min <= 0.0 {
            return Err("with `log = true`, `min` must be above 0");
        }
        let drawn = rng.uniform(min.ln(), max.ln()).exp().clamp(min, max);
        Ok(match whole {
            Some(_) => ParamValue::Int(drawn.round() as i64),
            None => ParamValue::Float(drawn),
        })
    }
}

fn n_combinations(axes: &[(&String, &[ParamValue])]) -> Result<usize> {
    axes.iter()
        .try_fold(1usize, |n, (_, values)| n.checked_mul(values.len()))
        .filter(|n| *n <= MAX_CANDIDATES)
        .ok_or_else(|| {
            bad(
                axes.first().map_or("", |(name, _)| name.as_str()),
                "the grid has more than 100,000 combinations; search at random instead (`--random N`)",
            )
        })
}

/// Number `at` of the combinations.
fn combination(axes: &[(&String, &[ParamValue])], mut at: usize) -> Params {
    let mut params = Params::new();
    for (name, values) in axes.iter().rev() {
        params.insert((*name).clone(), values[at % values.len()].clone());
        at /= values.len();
    }
    params
}

fn bad(parameter: &str, reason: &'static str) -> LearnError {
    LearnError::BadSpace {
        parameter: parameter.to_owned(),
        reason,
    }
}
