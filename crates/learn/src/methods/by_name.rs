//! The fields of a classifier as its parameters by name, and back.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::{LearnError, Result};
use crate::estimator::{Classifier, Method};
use crate::params::{Param, ParamValue, Params};

/// The fields of a classifier as JSON, by the names of its parameters.
pub(crate) fn fields<T: Serialize>(classifier: &T) -> Map<String, Value> {
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

/// The method with these parameters, checked; the others have their defaults.
pub(crate) fn build<T>(method: Method, params: &Params, seed: u64) -> Result<Box<dyn Classifier>>
where
    T: Classifier + Default + Serialize + DeserializeOwned + 'static,
{
    let classifier: T = filled(method.name(), method.params(), params, seed)?;
    classifier.check()?;
    Ok(Box::new(classifier))
}

/// Something with these parameters of those that are `known`; the others have their defaults.
pub(crate) fn filled<T>(name: &'static str, known: &'static [Param], params: &Params, seed: u64) -> Result<T>
where
    T: Default + Serialize + DeserializeOwned,
{
    let mut fields = fields(&T::default());
    if fields.contains_key("random_state") {
        fields.insert("random_state".to_owned(), seed.into());
    }
    let mut seen: Vec<&'static str> = Vec::new();
    for (of, value) in params {
        let param = find_in(name, known, of)?;
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
    serde_json::from_value(Value::Object(fields)).map_err(|error| LearnError::Library {
        method: name,
        reason: error.to_string(),
    })
}

/// The parameter of this name or alias.
pub(crate) fn find(method: Method, name: &str) -> Result<&'static Param> {
    find_in(method.name(), method.params(), name)
}

fn find_in(method: &'static str, known: &'static [Param], name: &str) -> Result<&'static Param> {
    let mut found = known
        .iter()
        .filter(|param| param.name == name || param.aliases.contains(&name));
    found.next().ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|param| param.name).collect();
        LearnError::UnknownParameter {
            method,
            name: name.to_owned(),
            available: match names.as_slice() {
                [] => "none".to_owned(),
                names => names.join(", "),
            },
        }
    })
}
