//! The finding `comparison`: every figure of the published study beside what the data at hand give.
//!
//! The study, "Genre Classification in the Free Music Archive", used all 106,574 tracks of the dataset. Beside another
//! archive its figures are not expected to recur; the table then says how far it is like the whole.

use serde::{Deserialize, Serialize};

/// The finding `comparison`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Published {
    /// Whether this is the dataset that the published study used.
    pub whole_dataset: bool,
    /// The figures but for times.
    pub figures: Vec<PublishedFigure>,
    /// How many of `figures` are equal.
    pub n_equal: u64,
    /// How many are near.
    pub n_near: u64,
    /// How many are different.
    pub n_different: u64,
    /// How many the data at hand do not give.
    pub n_not_computable: u64,
    /// What the dataset's authors published for simple methods on their own split of the subset medium, by features and method.
    #[serde(default)]
    pub baselines: Vec<PublishedFigure>,
    /// Times to train, in seconds; they depend on the machine.
    pub times_seconds: Vec<PublishedFigure>,
}

/// A figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PublishedFigure {
    /// What it is about: `dataset`, `missing values`, `missing together`, `selection`, `places`, `languages`, `tests`, `outliers`,
    /// `accuracy`, `training time` or `baselines`.
    pub topic: String,
    /// The figure.
    pub figure: String,
    /// `share`, `phi`, `tracks`, `artists`, `features`, `value`, `log10 p` or `s`.
    pub unit: String,
    /// How the study states it: `exactly`, `about`, `more than` or `less than`.
    pub stated: String,
    /// Its value there.
    pub published: f64,
    /// Its value here; `null` where the data do not give it.
    pub ours: Option<f64>,
    /// How the two compare.
    pub verdict: Verdict,
    /// Why it is not computable, or what differs in its making; may be empty.
    pub note: String,
}

/// How two figures compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The same as far as the published one is stated, or on the stated side of it.
    Equal,
    /// Within a tenth.
    Near,
    /// Further off.
    Different,
    /// Not given by the data at hand.
    NotComputable,
}

impl Verdict {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Near => "near",
            Self::Different => "different",
            Self::NotComputable => "not computable",
        }
    }
}
