//! Parameters by name: for the command line, search spaces, model files and model cards.

mod tables;
mod value;

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::{LearnError, Result};
use crate::estimator::{Classifier, Method};
use crate::methods::boosting::GradientBoosting;
use crate::methods::linear::LogisticRegression;
use crate::methods::majority::Majority;
use crate::methods::mlp::MlpClassifier;
use crate::methods::svm::LinearSvc;
use crate::methods::tree::DecisionTree;

pub use value::ParamValue;

/// A parameter of a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Param {
    /// The name in scikit-learn or XGBoost.
    pub name: &'static str,
    /// Other names for it, for example XGBoost's own beside those of its scikit-learn interface.
    pub aliases: &'static [&'static str],
    /// The values it takes, in words.
    pub accepts: &'static str,
}

impl Method {
    /// The parameters of the method, in the order of scikit-learn's or XGBoost's documentation.
    pub fn params(self) -> &'static [Param] {
        tables::of(self)
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
    /// let mlp = Method::Mlp.classifier_with(&params, 0)?;
    /// assert!(mlp.params().contains(&("hidden_layer_sizes", ParamValue::IntList(vec![200, 100]))));
    /// # Ok::<(), cratedigger_learn::LearnError>(())
    /// ```
    ///
    /// # Errors
    /// `UnknownParameter`, which lists the names there are; `InvalidParameter`, which says what the parameter takes.
    pub fn classifier_with(
        self,
        params: &BTreeMap<String, ParamValue>,
        seed: u64,
    ) -> Result<Box<dyn Classifier>> {
        match self {
            Self::LinearSvc => build::<LinearSvc>(self, params, seed),
            Self::Mlp => build::<MlpClassifier>(self, params, seed),
            Self::DecisionTree => build::<DecisionTree>(self, params, seed),
            Self::GradientBoosting => build::<GradientBoosting>(self, params, seed),
            Self::LogisticRegression => build::<LogisticRegression>(self, params, seed),
            Self::Majority => match params.keys().next() {
                Some(name) => Err(unknown(self, name)),
                None => Ok(Box::new(Majority)),
            },
        }
    }
}

/// Splits `name=value`, as given to `--param`. The value is read as by [`ParamValue`]'s `FromStr`.
///
/// # Errors
/// `InvalidParameter` where there is no `=` or no name.
pub fn parse_param(text: &str) -> Result<(String, ParamValue)> {
    let bad = || LearnError::parameter("param", text, "must have the form name=value, as in alpha=0.01");
    let (name, value) = text.split_once('=').ok_or_else(bad)?;
    let name = name.trim();
    if name.is_empty() {
        return Err(bad());
    }
    Ok((name.to_owned(), value.parse()?))
}

/// The fields of a classifier as JSON, by the names of its parameters.
fn fields<T: Serialize>(classifier: &T) -> Map<String, Value> {
    match serde_json::to_value(classifier) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

/// The parameters of a classifier and their values.
pub(crate) fn list<T: Classifier + Serialize>(classifier: &T) -> Vec<(&'static str, ParamValue)> {
    let fields = fields(classifier);
    let value = |param: &Param| ParamValue::from_json(fields.get(param.name).unwrap_or(&Value::Null));
    classifier
        .method()
        .params()
        .iter()
        .map(|param| (param.name, value(param)))
        .collect()
}

fn build<T>(method: Method, params: &BTreeMap<String, ParamValue>, seed: u64) -> Result<Box<dyn Classifier>>
where
    T: Classifier + Default + Serialize + DeserializeOwned + 'static,
{
    let mut fields = fields(&T::default());
    if fields.contains_key("random_state") {
        fields.insert("random_state".to_owned(), seed.into());
    }
    let mut seen: Vec<&'static str> = Vec::new();
    for (name, value) in params {
        let param = find(method, name)?;
        if seen.contains(&param.name) {
            return Err(LearnError::parameter(
                param.name,
                value,
                "is given twice, under two names",
            ));
        }
        seen.push(param.name);
        let accepted = value.as_json().into_iter().find(|json| {
            let mut tried = fields.clone();
            tried.insert(param.name.to_owned(), json.clone());
            serde_json::from_value::<T>(Value::Object(tried)).is_ok()
        });
        let json = accepted.ok_or_else(|| LearnError::parameter(param.name, value, param.accepts))?;
        fields.insert(param.name.to_owned(), json);
    }
    let classifier: T =
        serde_json::from_value(Value::Object(fields)).map_err(|error| LearnError::Library {
            method: method.name(),
            reason: error.to_string(),
        })?;
    classifier.check()?;
    Ok(Box::new(classifier))
}

fn find(method: Method, name: &str) -> Result<&'static Param> {
    let known = method.params().iter();
    let mut found = known.filter(|param| param.name == name || param.aliases.contains(&name));
    found.next().ok_or_else(|| unknown(method, name))
}

fn unknown(method: Method, name: &str) -> LearnError {
    let names: Vec<&str> = method.params().iter().map(|param| param.name).collect();
    LearnError::UnknownParameter {
        method: method.name(),
        name: name.to_owned(),
        available: match names.as_slice() {
            [] => "none".to_owned(),
            names => names.join(", "),
        },
    }
}

#[cfg(test)]
mod tests;
