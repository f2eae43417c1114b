use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{LearnError, Result};

/// Everything a fitted model learnt: named arrays, and a few facts.
///
/// [`crate::FittedClassifier::state`] gives it, and a model is rebuilt from it. Reading checks shapes and ranges, since
/// the arrays may come from a file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ModelState {
    pub(crate) tensors: BTreeMap<String, Tensor>,
    pub(crate) facts: BTreeMap<String, Value>,
}

/// An array of any number of dimensions, the last one contiguous.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tensor {
    pub(crate) shape: Vec<usize>,
    pub(crate) values: TensorValues,
}

/// The values of an array.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum TensorValues {
    /// Single precision.
    F32(Vec<f32>),
    /// Double precision.
    F64(Vec<f64>),
    /// Whole numbers.
    I64(Vec<i64>),
}

impl TensorValues {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::F32(values) => values.len(),
            Self::F64(values) => values.len(),
            Self::I64(values) => values.len(),
        }
    }

    fn is_finite(&self) -> bool {
        match self {
            Self::F32(values) => values.iter().all(|value| value.is_finite()),
            Self::F64(values) => values.iter().all(|value| value.is_finite()),
            Self::I64(_) => true,
        }
    }
}

/// An array that is not as it should be.
pub(crate) fn bad_state(reason: impl Into<String>) -> LearnError {
    LearnError::BadState {
        reason: reason.into(),
    }
}

impl ModelState {
    /// Adds an array.
    ///
    /// # Errors
    /// `BadState` where the shape does not fit, or where a number is NaN or infinite: such a model is of no use.
    pub fn put(&mut self, name: &str, shape: &[usize], values: TensorValues) -> Result<()> {
        let n = shape.iter().try_fold(1usize, |n, &size| n.checked_mul(size));
        if n != Some(values.len()) {
            return Err(bad_state(format!(
                "`{name}` has {} values and the shape {shape:?}",
                values.len()
            )));
        }
        if !values.is_finite() {
            return Err(bad_state(format!("`{name}` holds numbers that are not finite")));
        }
        let tensor = Tensor {
            shape: shape.to_vec(),
            values,
        };
        self.tensors.insert(name.to_owned(), tensor);
        Ok(())
    }

    /// Adds an array of indices.
    ///
    /// # Errors
    /// As [`ModelState::put`].
    pub fn put_indices(&mut self, name: &str, indices: &[usize]) -> Result<()> {
        let values = indices.iter().map(|&index| index as i64).collect();
        self.put(name, &[indices.len()], TensorValues::I64(values))
    }

    /// Adds a fact.
    pub fn put_fact(&mut self, name: &str, value: impl Serialize) {
        let value = serde_json::to_value(value).unwrap_or(Value::Null);
        self.facts.insert(name.to_owned(), value);
    }

    /// Adds all of another state: its facts and its arrays, each below a prefix.
    pub(crate) fn put_part(&mut self, facts: &str, arrays: &str, part: Self) {
        let below = |prefix: &str, name: String| format!("{prefix}{name}");
        let part_facts = part.facts.into_iter();
        self.facts
            .extend(part_facts.map(|(name, fact)| (below(facts, name), fact)));
        let part_arrays = part.tensors.into_iter();
        self.tensors
            .extend(part_arrays.map(|(name, array)| (below(arrays, name), array)));
    }

    /// What [`ModelState::put_part`] added below these prefixes.
    pub(crate) fn part(&self, facts: &str, arrays: &str) -> Self {
        Self {
            facts: below(&self.facts, facts),
            tensors: below(&self.tensors, arrays),
        }
    }

    /// A fact.
    ///
    /// # Errors
    /// `BadState` where it is missing or of another kind.
    pub fn fact<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        let value = self.facts.get(name).cloned().unwrap_or(Value::Null);
        serde_json::from_value(value).map_err(|error| bad_state(format!("`{name}`: {error}")))
    }

    /// An array of single precision and its shape.
    ///
    /// # Errors
    /// `BadState` where it is missing or of another kind.
    pub fn f32(&self, name: &str) -> Result<(&[usize], &[f32])> {
        match self.tensors.get(name) {
            Some(Tensor {
                shape,
                values: TensorValues::F32(values),
            }) => Ok((shape, values)),
            _ => Err(bad_state(format!("there is no array `{name}` of f32"))),
        }
    }

    /// All arrays of single precision: name, shape and values.
    #[cfg(feature = "deep")]
    pub(crate) fn all_f32(&self) -> impl Iterator<Item = (&str, &[usize], &[f32])> {
        self.tensors
            .iter()
            .filter_map(|(name, tensor)| match &tensor.values {
                TensorValues::F32(values) => {
                    Some((name.as_str(), tensor.shape.as_slice(), values.as_slice()))
                }
                _ => None,
            })
    }

    /// An array of double precision and its shape.
    ///
    /// # Errors
    /// `BadState` where it is missing or of another kind.
    pub fn f64(&self, name: &str) -> Result<(&[usize], &[f64])> {
        match self.tensors.get(name) {
            Some(Tensor {
                shape,
                values: TensorValues::F64(values),
            }) => Ok((shape, values)),
            _ => Err(bad_state(format!("there is no array `{name}` of f64"))),
        }
    }

    /// An array of indices below `bound`.
    ///
    /// # Errors
    /// `BadState` where it is missing, of another kind, or holds something else.
    pub fn indices(&self, name: &str, bound: usize) -> Result<Vec<usize>> {
        let Some(Tensor {
            values: TensorValues::I64(values),
            ..
        }) = self.tensors.get(name)
        else {
            return Err(bad_state(format!("there is no array `{name}` of i64")));
        };
        let index = |&value: &i64| {
            usize::try_from(value)
                .ok()
                .filter(|&index| index < bound)
                .ok_or_else(|| bad_state(format!("`{name}` holds {value}, which is not below {bound}")))
        };
        values.iter().map(index).collect()
    }

    /// The classes a model tells apart: at least `least` indices below `n_classes`, in ascending order.
    ///
    /// # Errors
    /// `BadState`.
    pub fn classes(&self, n_classes: usize, least: usize) -> Result<Vec<usize>> {
        let classes = self.indices("classes", n_classes)?;
        if classes.len() < least || classes.windows(2).any(|pair| pair[0] >= pair[1]) {
            return Err(bad_state("`classes` must be at least two, in ascending order"));
        }
        Ok(classes)
    }
}

/// What stands below a prefix, by the rest of its name.
fn below<T: Clone>(named: &BTreeMap<String, T>, prefix: &str) -> BTreeMap<String, T> {
    // Names with a prefix stand together.
    named
        .range(prefix.to_owned()..)
        .map_while(|(name, value)| Some((name.strip_prefix(prefix)?.to_owned(), value.clone())))
        .collect()
}

/// `Ok` where a count or size is what it must be.
pub(crate) fn expect(what: &str, want: usize, got: usize) -> Result<()> {
    match want == got {
        true => Ok(()),
        false => Err(bad_state(format!("{what}: {got} instead of {want}"))),
    }
}
