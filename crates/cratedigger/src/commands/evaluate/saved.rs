//! A saved model that was scored: which of the rows it has not seen, and what to say where that cannot be told.

use cratedigger_collection::rows::Labelled;
use cratedigger_learn::model::{HoldOutCard, ModelCard, UnknownRows};

/// The model that was scored, and what it has seen.
pub(super) struct Saved {
    /// The name of its file, without the folder.
    pub(super) file: String,
    pub(super) card: ModelCard,
    pub(super) rows: Rows,
    /// How many of the scored rows it calls unknown, where it tells; they are scored like the others.
    pub(super) unknown: Option<UnknownRows>,
}

/// What the rows that were scored are to the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rows {
    /// Those that its own split held out, all others being those that it was fitted on.
    HeldOut { n_fitted: usize },
    /// Exactly those that it was fitted on.
    Fitted,
    /// Others, as far as the whole is concerned; some of them may be among those that it was fitted on.
    Unknown,
}

impl Rows {
    /// The word for them in the JSON output.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::HeldOut { .. } => "held out",
            Self::Fitted => "fitted",
            Self::Unknown => "unknown",
        }
    }
}

impl Saved {
    /// One line on which `n` rows were scored.
    pub(super) fn in_words(&self, n: u64) -> String {
        match self.rows {
            Rows::HeldOut { n_fitted } => {
                let others = match self.card.hold_out.as_ref().is_some_and(|card| card.calibrating) {
                    true => format!("{n_fitted} others and calibrated on the rest"),
                    false => format!("the {n_fitted} others"),
                };
                format!("the {n} rows that its own split held out; it was fitted on {others}")
            }
            Rows::Fitted => format!("the {n} rows that it was fitted on"),
            Rows::Unknown => format!(
                "all {n} rows; it was fitted on {} rows{}",
                self.card.data.n_rows,
                match self.card.data.source.as_str() {
                    "" => String::new(),
                    source => format!(" of {source}"),
                }
            ),
        }
    }

    /// What a reader must be told before believing the scores.
    pub(super) fn warnings(&self, training: &Labelled) -> Vec<String> {
        let mut warnings = Vec::new();
        match self.rows {
            Rows::Fitted => warnings.push(
                "warning: the model was fitted on exactly these rows: the scores tell what it remembers, not how well it does \
                 on others"
                    .to_owned(),
            ),
            Rows::Unknown => warnings.push(
                "warning: whether the model was fitted on some of these rows cannot be told, since they are not the whole data \
                 that it was trained on; where it was, the scores flatter it"
                    .to_owned(),
            ),
            Rows::HeldOut { .. } => {
                let calibrated_apart = |card: &HoldOutCard| card.calibrating;
                if self.card.temperature.is_some() && !self.card.hold_out.as_ref().is_some_and(calibrated_apart) {
                    warnings.push(
                        "warning: the model's temperature was fitted on these rows, which flatters its probabilities"
                            .to_owned(),
                    );
                }
            }
        }
        let silent = match (&self.card.recipe, &training.recipe) {
            (None, Some(_)) => Some("the model does not say by which recipe its"),
            (Some(_), None) => Some("the file, unlike --recipe NAME, does not say by which recipe its"),
            _ => None,
        };
        if let Some(silent) = silent {
            warnings.push(format!(
                "warning: {silent} features were computed; they were matched by name"
            ));
        }
        let unknown = &training.lost.unknown_labels;
        if !unknown.is_empty() {
            let named: Vec<String> = unknown
                .iter()
                .map(|(genre, n)| format!("{genre} ({n})"))
                .collect();
            warnings.push(format!(
                "warning: rows of genres that the model does not know are left out: {}",
                named.join(", ")
            ));
        }
        warnings
    }
}
