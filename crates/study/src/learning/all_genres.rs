//! How well all genres of a track can be named, along their tree: the finding `all_genres`.

use cratedigger_catalog::Store;
use cratedigger_collection::rows::options::{DataOptions, GenreChoice, GenreLists, LabelRule};
use cratedigger_collection::rows::{SeveralGenres, several_of_store};
use cratedigger_learn::multilabel::{Averages, Claims, LabelEvaluation, ThresholdFor, evaluate_labels};
use cratedigger_learn::{CvOptions, Method, Splitter};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::options::StudyOptions;

/// The method: one fit for all genres.
const METHOD: Method = Method::MLP;

/// Folds, unless the split is the dataset's own.
const FOLDS: usize = 3;

/// Tracks that a genre must have at least.
const MIN_SUPPORT: usize = 20;

/// What thresholds are chosen for: what finds most, and what is sure.
const WANTED: [ThresholdFor; 2] = [ThresholdFor::F1, ThresholdFor::Precision(0.8)];

/// The finding `all_genres`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AllGenres {
    /// The method that was fitted: `mlp`, with a logistic unit for each genre.
    pub method: String,
    /// How tracks were told apart, as in `--split`.
    pub split: String,
    /// Folds that every track is tested in once; 1 for the official split.
    pub n_folds: u64,
    /// Tracks with a genre and features.
    pub n_tracks: u64,
    /// Tracks that were tested.
    pub n_tested: u64,
    /// Tracks none of whose genres is learnt.
    pub n_without_label: u64,
    /// Genres of a track in the mean, of those that are learnt.
    pub genres_per_track: f64,
    /// Tracks that a genre must have at least.
    pub min_support: u64,
    /// Each genre that is learnt, in the order of the tree: below the one above it, those beside each other by name.
    pub genres: Vec<GenreScore>,
    /// Genres of too few tracks or artists, most tracks first.
    pub left_out: Vec<GenreLeftOut>,
    /// Areas under the ROC curves.
    pub roc_auc: Means,
    /// Average precisions; the macro average is the mean average precision.
    pub average_precision: Means,
    /// The average precision of chance: the share of a genre's tracks, mean over genres.
    pub chance: f64,
    /// Average precisions of the genres of each level of the tree, from the roots down.
    pub average_precision_by_level: Vec<Means>,
    /// Of the genres that are as likely as one of a track's, the share that it has.
    pub label_ranking_average_precision: f64,
    /// Of the claims, each with all genres above it, the share that is right.
    pub hierarchical_precision: f64,
    /// Of a track's genres, the share that is claimed.
    pub hierarchical_recall: f64,
    /// Harmonic mean of the two.
    pub hierarchical_f1: f64,
    /// The claims by each way to choose from which probability on a genre is claimed; the first are those above.
    pub claims: Vec<ClaimScores>,
}

/// Claims by one way to choose thresholds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClaimScores {
    /// What thresholds are chosen for on other artists: `f1`, or `precision:0.8`.
    pub threshold_for: String,
    /// Genres that are claimed of any track.
    pub n_genres: u64,
    /// Genres that are claimed of a track in the mean.
    pub claims_per_track: f64,
    /// Of the claims, each with all genres above it, the share that is right.
    pub precision: f64,
    /// Of a track's genres, the share that is claimed.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1: f64,
}

impl ClaimScores {
    fn of(claims: &Claims) -> Self {
        let support = claims.claimed.support();
        Self {
            threshold_for: claims.threshold_for.to_string(),
            n_genres: support.iter().filter(|&&n| n > 0).count() as u64,
            claims_per_track: support.iter().sum::<usize>() as f64 / claims.claimed.n_rows() as f64,
            precision: claims.hierarchical.precision,
            recall: claims.hierarchical.recall,
            f1: claims.hierarchical.f1,
        }
    }
}

/// A genre with its scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GenreScore {
    /// Its title.
    pub genre: String,
    /// The genre above it, of those that are learnt; `null` for a root.
    pub parent: Option<String>,
    /// Steps up to the root; 0 for a root.
    pub level: u64,
    /// Tested tracks that have it.
    pub n_tracks: u64,
    /// Their share of the tested tracks: the average precision of chance.
    pub prevalence: f64,
    /// Area under the ROC curve; `null` where all tested tracks or none have it.
    pub roc_auc: Option<f64>,
    /// Average precision; `null` where no tested track has it.
    pub average_precision: Option<f64>,
}

/// A genre that is not learnt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GenreLeftOut {
    /// Its title.
    pub genre: String,
    /// Tracks that have it.
    pub n_tracks: u64,
    /// Artists, or what else keeps tracks together, of these tracks.
    pub n_artists: u64,
}

/// Means over genres.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Means {
    /// Each genre alike; `null` where none has a score.
    #[serde(rename = "macro")]
    pub plain: Option<f64>,
    /// Each by its tracks.
    pub weighted: Option<f64>,
}

impl From<Averages> for Means {
    fn from(averages: Averages) -> Self {
        Self {
            plain: averages.macro_average,
            weighted: averages.weighted_average,
        }
    }
}

/// Fits the method to all genres of the tracks, and scores it on tracks of other artists.
///
/// # Errors
/// What the tables lack; whatever a split or a fit returns.
pub(crate) fn all_genres(store: &Store, options: &StudyOptions) -> Result<AllGenres> {
    let read = DataOptions {
        genres: GenreChoice::All,
        labels: LabelRule::Unambiguous,
        features: options.data.features.clone(),
        keep_incomplete: false,
    };
    let rows = several_of_store(store, GenreLists::GenresAll, &read, MIN_SUPPORT)?;
    let folds = match options.split {
        Splitter::Official => vec![
            options
                .split
                .hold_out(&rows.data, options.test_size, options.seed)?,
        ],
        split => split.k_fold(&rows.data, FOLDS, options.seed)?,
    };
    let classifier = METHOD.classifier(options.seed);
    let cv = CvOptions {
        pipeline: None,
        n_jobs: options.n_jobs,
    };
    let labels = (&rows.labels, &rows.tree);
    let found = evaluate_labels(
        &*classifier,
        &rows.data,
        labels,
        &folds,
        &cv,
        &WANTED,
        options.seed,
    )?;
    Ok(finding(&rows, &found, options.split, folds.len()))
}

fn finding(rows: &SeveralGenres, found: &LabelEvaluation, split: Splitter, n_folds: usize) -> AllGenres {
    let (names, tree, ranking) = (rows.labels.names(), &rows.tree, &found.ranking);
    let n_labels = names.len();
    let genre = |label: usize| GenreScore {
        genre: names[label].clone(),
        parent: tree.parent(label).map(|parent| names[parent].clone()),
        level: tree.level(label) as u64,
        n_tracks: ranking.per_label[label].support as u64,
        prevalence: found.prevalence[label],
        roc_auc: ranking.per_label[label].roc_auc,
        average_precision: ranking.per_label[label].average_precision,
    };
    AllGenres {
        method: METHOD.name().to_owned(),
        split: split.name().to_owned(),
        n_folds: n_folds as u64,
        n_tracks: rows.data.n_rows() as u64,
        n_tested: found.rows.len() as u64,
        n_without_label: rows.n_without_label as u64,
        genres_per_track: rows.labels.support().iter().sum::<usize>() as f64 / rows.data.n_rows() as f64,
        min_support: MIN_SUPPORT as u64,
        genres: tree.depth_first().into_iter().map(genre).collect(),
        left_out: rows
            .left_out
            .iter()
            .map(|out| GenreLeftOut {
                genre: out.name.clone(),
                n_tracks: out.n_rows as u64,
                n_artists: out.n_groups as u64,
            })
            .collect(),
        roc_auc: ranking.roc_auc.into(),
        average_precision: ranking.average_precision.into(),
        chance: found.prevalence.iter().sum::<f64>() / n_labels as f64,
        average_precision_by_level: ranking.by_level.iter().map(|&level| level.into()).collect(),
        label_ranking_average_precision: ranking.label_ranking_average_precision,
        hierarchical_precision: found.hierarchical().precision,
        hierarchical_recall: found.hierarchical().recall,
        hierarchical_f1: found.hierarchical().f1,
        claims: found.claims.iter().map(ClaimScores::of).collect(),
    }
}
