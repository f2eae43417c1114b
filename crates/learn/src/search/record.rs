//! What a fit leaves behind.

use serde::{Deserialize, Serialize};

use crate::error::LearnError;

/// One candidate on one fold of one round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct FitKey {
    pub(super) round: usize,
    pub(super) candidate: usize,
    pub(super) fold: usize,
}

/// What became of a fit. Numbers are kept as text that reads back to the same bits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct FitRecord {
    #[serde(with = "text", default, skip_serializing_if = "Option::is_none")]
    pub(super) score: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
    pub(super) fit_seconds: f64,
    pub(super) score_seconds: f64,
    pub(super) converged: bool,
}

mod text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(value: &Option<f64>, out: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => out.serialize_str(&format!("{value:?}")),
            None => out.serialize_none(),
        }
    }

    pub(super) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<Option<f64>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| text.parse().map_err(D::Error::custom))
            .transpose()
    }
}

impl FitRecord {
    pub(super) fn failed(error: &LearnError) -> Self {
        Self {
            score: None,
            error: Some(error.to_string()),
            fit_seconds: 0.0,
            score_seconds: 0.0,
            converged: false,
        }
    }
}
