//! What was evaluated, and what must be said of it.

use cratedigger_collection::rows::Labelled;
use cratedigger_learn::model::EmbeddingCard;
use cratedigger_learn::search::Params;
use cratedigger_learn::{Evaluation, Method, Pipeline};

use super::by::By;
use super::perturb::Perturbed;
use super::promised::Promised;
use super::saved::{Rows, Saved};
use crate::commands::folds::Plan;

/// What was evaluated, and how.
pub(super) struct Report {
    pub(super) training: Labelled,
    pub(super) plan: Plan,
    pub(super) seed: u64,
    /// The parameters that were set, and the preprocessing that was asked for.
    pub(super) params: Params,
    pub(super) pipeline: Option<Pipeline>,
    /// The methods that could be fitted, in the order asked for.
    pub(super) evaluations: Vec<Evaluation>,
    /// What came of what was to be promised, for each of them.
    pub(super) promised: Vec<Promised>,
    /// Scores by kinds of track, for each of them; empty where none were asked for.
    pub(super) by: Vec<By>,
    /// What changes to the recordings did, for each of them; empty where none were asked for.
    pub(super) perturbed: Vec<Perturbed>,
    /// The others, with the reason.
    pub(super) failed: Vec<(Method, String)>,
    /// Always the most frequent genre of the training tracks, on the same tracks.
    pub(super) baseline: Evaluation,
    /// The model that was scored, where it was there before.
    pub(super) saved: Option<Saved>,
}

impl Report {
    /// What a reader must be told before believing the scores.
    pub(super) fn warnings(&self) -> Vec<String> {
        let mut warnings = match &self.saved {
            Some(saved) => saved.warnings(&self.training),
            None => Vec::new(),
        };
        let cautions = self.training.embeddings.iter().filter_map(EmbeddingCard::caution);
        warnings.extend(cautions.map(|text| format!("warning: {text}")));
        let belonging = &self.plan.belonging;
        // Which artists a saved model was fitted on is known of its own hold-out only.
        let held_out = |saved: &Saved| matches!(saved.rows, Rows::HeldOut { .. });
        if self.saved.as_ref().is_none_or(held_out) {
            warnings.extend(belonging.cautions().iter().map(|text| format!("warning: {text}")));
            warnings.extend(belonging.doubles().map(|text| format!("note: {text}")));
        }
        let baseline = self.baseline.summary.accuracy;
        for found in self
            .evaluations
            .iter()
            .filter(|found| found.method != Method::MAJORITY)
        {
            if found.summary.accuracy <= baseline {
                warnings.push(format!(
                    "warning: {} ({:.4}) is not better than always saying the most frequent genre ({baseline:.4})",
                    found.method, found.summary.accuracy
                ));
            }
            if self.saved.is_none() && !found.converged() {
                warnings.push(format!(
                    "warning: {} ended at its limit of iterations before it had converged",
                    found.method
                ));
            }
        }
        warnings
    }
}
