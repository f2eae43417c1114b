use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::error::LearnError;

/// The value of a parameter, as it is written in TOML, JSON or on the command line.
///
/// `None` is written `none` (TOML has no null): no limit, no weights.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ParamValue {
    /// Nothing: scikit-learn's `None`.
    None,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction or an exponent.
    Float(f64),
    /// A word.
    Text(String),
    /// Whole numbers, for example the sizes of layers.
    IntList(Vec<i64>),
    /// Numbers, for example the weights of classes.
    FloatList(Vec<f64>),
}

impl ParamValue {
    /// The forms the value may take in a field, the most literal first: `2.0` may stand for 2 where a whole number is
    /// needed, 100 for a list of one.
    pub(crate) fn as_json(&self) -> Vec<Value> {
        match self {
            Self::None => vec![Value::Null],
            Self::Bool(value) => vec![Value::from(*value)],
            Self::Int(value) => vec![Value::from(*value), Value::from(vec![*value])],
            // JSON has no NaN and no infinity, and no parameter takes them.
            Self::Float(value) if !value.is_finite() => Vec::new(),
            Self::Float(value) if value.fract() == 0.0 && value.abs() < 1e15 => {
                vec![Value::from(*value), Value::from(*value as i64)]
            }
            Self::Float(value) => vec![Value::from(*value)],
            // A seed may be too large for `Int`.
            Self::Text(text) => match text.parse::<u64>() {
                Ok(number) => vec![Value::from(number)],
                Err(_) => vec![Value::from(text.as_str())],
            },
            Self::IntList(values) => vec![Value::from(values.clone())],
            Self::FloatList(values) if values.iter().any(|value| !value.is_finite()) => Vec::new(),
            Self::FloatList(values) => vec![Value::from(values.clone())],
        }
    }

    pub(crate) fn from_json(json: &Value) -> Self {
        match json {
            Value::Null | Value::Object(_) => Self::None,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(value), _) => Self::Int(value),
                (None, Some(value)) if number.is_f64() => Self::Float(value),
                _ => Self::Text(number.to_string()),
            },
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(values) => match values.iter().map(Value::as_i64).collect() {
                Some(values) => Self::IntList(values),
                None => Self::FloatList(values.iter().filter_map(Value::as_f64).collect()),
            },
        }
    }
}

/// As [`FromStr`] reads it back: `none`, `true`, `0.01`, `relu`, `[100, 50]`.
impl fmt::Display for ParamValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Text(text) => f.write_str(text),
            Self::IntList(values) => write!(f, "{values:?}"),
            Self::FloatList(values) => write!(f, "{values:?}"),
        }
    }
}

impl FromStr for ParamValue {
    type Err = LearnError;

    /// Never fails: what is no number, list, `true`, `false` or `none` is a word. Python's spelling is read too: `True`,
    /// `None`, `(100, 50)`, `'relu'`.
    fn from_str(text: &str) -> Result<Self, LearnError> {
        Ok(read(text))
    }
}

fn read(text: &str) -> ParamValue {
    let text = text.trim();
    match text {
        "none" | "None" | "null" => return ParamValue::None,
        "true" | "True" => return ParamValue::Bool(true),
        "false" | "False" => return ParamValue::Bool(false),
        _ => {}
    }
    if let Ok(value) = text.parse() {
        return ParamValue::Int(value);
    }
    if text.parse::<u64>().is_ok() {
        // A seed too large for `Int` keeps its digits.
        return ParamValue::Text(text.to_owned());
    }
    let numeric = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    if numeric && let Ok(value) = text.parse() {
        return ParamValue::Float(value);
    }
    for quote in ['\'', '"'] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return ParamValue::Text(inner.to_owned());
        }
    }
    let bracketed = [('[', ']'), ('(', ')')]
        .into_iter()
        .find_map(|(open, close)| text.strip_prefix(open)?.strip_suffix(close));
    if bracketed.is_some() || text.contains(',') {
        let inner = bracketed.unwrap_or(text).trim().trim_end_matches(',');
        let cells: Vec<&str> = if inner.is_empty() {
            Vec::new()
        } else {
            inner.split(',').map(str::trim).collect()
        };
        if let Ok(values) = cells.iter().map(|cell| cell.parse()).collect() {
            return ParamValue::IntList(values);
        }
        if let Ok(values) = cells.iter().map(|cell| cell.parse()).collect() {
            return ParamValue::FloatList(values);
        }
    }
    ParamValue::Text(text.to_owned())
}

impl Serialize for ParamValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_str("none"),
            Self::Bool(value) => value.serialize(serializer),
            Self::Int(value) => value.serialize(serializer),
            Self::Float(value) => value.serialize(serializer),
            Self::Text(text) => text.serialize(serializer),
            Self::IntList(values) => values.serialize(serializer),
            Self::FloatList(values) => values.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for ParamValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Raw {
            Bool(bool),
            Int(i64),
            Float(f64),
            Text(String),
            IntList(Vec<i64>),
            FloatList(Vec<f64>),
            None(()),
        }
        Ok(match Raw::deserialize(deserializer)? {
            Raw::Bool(value) => Self::Bool(value),
            Raw::Int(value) => Self::Int(value),
            Raw::Float(value) => Self::Float(value),
            Raw::Text(text) if matches!(text.as_str(), "none" | "None") => Self::None,
            Raw::Text(text) => Self::Text(text),
            Raw::IntList(values) => Self::IntList(values),
            Raw::FloatList(values) => Self::FloatList(values),
            Raw::None(()) => Self::None,
        })
    }
}

impl From<bool> for ParamValue {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for ParamValue {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<f64> for ParamValue {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<&str> for ParamValue {
    /// Read as by [`FromStr`].
    fn from(text: &str) -> Self {
        read(text)
    }
}
