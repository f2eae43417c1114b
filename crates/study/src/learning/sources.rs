//! What each source of information adds to the features of the sound: the finding `sources`.

use cratedigger_catalog::Store;
use cratedigger_collection::rows::inputs::{add_inputs, each_input};
use cratedigger_learn::model::EmbeddingCard;
use cratedigger_learn::{CvOptions, Dataset, Fold, Method, SourceSet, Splitter, compare_sources};
use cratedigger_stats::GroupedMean;
use serde::{Deserialize, Serialize};

use super::methods::Ends;
use crate::error::Result;
use crate::options::StudyOptions;

/// The method that is fitted to each set: its inputs add up, so that a source that tells nothing does little harm.
const METHOD: Method = Method::LOGISTIC_REGRESSION;

/// Folds, unless the split is the dataset's own.
const FOLDS: usize = 5;

/// The finding `sources`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sources {
    /// The method that was fitted: `logistic-regression`.
    pub method: String,
    /// Folds that every track is tested in once; 1 for the official split.
    pub n_folds: u64,
    /// Tracks.
    pub n_tracks: u64,
    /// Groups of artists that keep apart what is on both sides; `null` where no artist is known.
    pub n_groups: Option<u64>,
    /// Of how many tracks each input is known.
    pub known: Vec<Known>,
    /// The embeddings among the inputs, and autoencoders. Absent in findings written before these were told.
    #[serde(default)]
    pub embeddings: Vec<EmbeddingFinding>,
    /// The sets of sources; the first one, the features alone, is what the others are compared with.
    pub sets: Vec<SourceFinding>,
}

/// A network whose numbers are among the inputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EmbeddingFinding {
    /// Its name.
    pub name: String,
    /// BLAKE3 of its file of weights.
    pub hash: String,
    /// Its columns.
    pub n_columns: u64,
    /// The licence of its weights.
    pub licence: String,
    /// The data that it was trained on.
    pub pretrained_on: Vec<String>,
    /// A warning that belongs beside its scores: that it was itself trained on the FMA; `null` where it was not.
    pub caution: Option<String>,
}

/// How often an input is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// The first part of its columns' names.
    pub family: String,
    /// Tracks of which at least one of its columns is known.
    pub n_tracks: u64,
}

/// A set of sources with its scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceFinding {
    /// `features`, and the inputs beside them.
    pub families: Vec<String>,
    /// Columns.
    pub n_features: u64,
    /// The accuracy on all tested tracks.
    pub accuracy: f64,
    /// The balanced accuracy.
    pub balanced_accuracy: f64,
    /// The log loss of the method's own probabilities.
    pub log_loss: Option<f64>,
    /// Against the first set; `null` for that.
    pub gain: Option<Gain>,
}

/// What a set of sources does better, or worse, than the first one on the same tracks and folds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gain {
    /// The accuracy less that of the first set.
    pub accuracy: f64,
    /// Its interval over artists, which holds for all sets together with 95 %; `null` with fewer than five artists.
    pub accuracy_interval: Option<Ends>,
    /// The p-value of the difference, by sign flips of whole artists, after Holm's correction for the number of sets.
    pub p_holm: f64,
    /// The balanced accuracy less that of the first set.
    pub balanced_accuracy: Difference,
    /// The log loss less that of the first set: below 0 is better.
    pub log_loss: Option<Difference>,
    /// `adds`, `lowers` or `nothing`, by the test and the interval of the accuracy.
    pub verdict: String,
}

/// A difference with its interval over artists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The difference.
    pub difference: f64,
    /// Its 95 % interval.
    pub interval: Ends,
    /// Its two-sided p-value, for itself alone.
    pub p: f64,
}

/// Fits and scores the method with the features alone, with each input beside them, and with all; embeddings alone too.
///
/// # Errors
/// What the tables lack; whatever a split or a fit returns.
pub(crate) fn sources(store: &Store, options: &StudyOptions, data: &Dataset, fold: &Fold) -> Result<Sources> {
    let (choice, seed) = (&options.inputs, options.seed);
    let mut data = data.clone();
    let known = add_inputs(store, choice, &mut data)?;
    let folds = match options.split {
        Splitter::Official => vec![fold.clone()],
        splitter => splitter.k_fold(&data, FOLDS, seed)?,
    };
    let cv = CvOptions {
        pipeline: None,
        n_jobs: options.n_jobs,
    };
    let found = compare_sources(
        &*METHOD.classifier(seed),
        &data,
        &each_input(&data.feature_names),
        &folds,
        &cv,
        seed,
    )?;
    Ok(Sources {
        method: METHOD.name().to_owned(),
        n_folds: folds.len() as u64,
        n_tracks: data.n_rows() as u64,
        n_groups: found[0].evaluation.n_groups.map(|n| n as u64),
        embeddings: known.embeddings.iter().map(described).collect(),
        known: known
            .families
            .into_iter()
            .map(|(family, n_tracks)| Known { family, n_tracks })
            .collect(),
        sets: found.iter().map(finding).collect(),
    })
}

fn described(card: &EmbeddingCard) -> EmbeddingFinding {
    EmbeddingFinding {
        name: card.name.clone(),
        hash: card.hash.clone(),
        n_columns: card.n_columns as u64,
        licence: card.licence.clone(),
        pretrained_on: card.pretrained_on.clone(),
        caution: card.caution(),
    }
}

fn finding(set: &SourceSet) -> SourceFinding {
    let summary = &set.evaluation.summary;
    let difference = |mean: GroupedMean| Difference {
        difference: mean.mean,
        interval: mean.interval.into(),
        p: mean.p.value(),
    };
    SourceFinding {
        families: set.families.clone(),
        n_features: set.evaluation.result.n_features as u64,
        accuracy: summary.accuracy,
        balanced_accuracy: summary.balanced_accuracy,
        log_loss: summary.probability.map(|scores| scores.log_loss),
        gain: set.gain.map(|gain| Gain {
            accuracy: gain.accuracy.difference,
            accuracy_interval: gain.accuracy.interval.map(Ends::from),
            p_holm: gain.accuracy.adjusted.value(),
            balanced_accuracy: difference(gain.balanced_accuracy),
            log_loss: gain.log_loss.map(difference),
            verdict: gain.verdict().name().to_owned(),
        }),
    }
}
