//! Which labels are doubtful, and which tracks are there more than once: the finding `audit`.

use cratedigger_catalog::feature_table::RowId;
use cratedigger_collection::audit::{Entry, entries};
use cratedigger_learn::audit::{DoubleGroup, Review, held_out_probabilities};
use cratedigger_learn::{CvOptions, Dataset, Fold, Method, Splitter};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::options::StudyOptions;

/// The method that judges: its fit is quick and its probabilities keep their word.
const METHOD: Method = Method::LOGISTIC_REGRESSION;

/// Folds, so that every track is judged by a model of other artists.
const FOLDS: usize = 5;

/// Entries that the findings hold; `cratedigger audit` lists all.
const N_ENTRIES: usize = 50;

/// The finding `audit`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Audit {
    /// The method that judged: `logistic-regression`.
    pub method: String,
    /// Folds that every track is judged in once.
    pub n_folds: u64,
    /// Whether artists, or albums, are known, so that none judges itself.
    pub by_artist: bool,
    /// Tracks.
    pub n_tracks: u64,
    /// Tracks of which anything speaks against the label.
    pub n_doubtful: u64,
    /// Tracks that confident learning finds mislabelled.
    pub n_issues: u64,
    /// The share of labels that confident learning estimates to be wrong.
    pub noise_rate: f64,
    /// The genres, in the order of the confident joint.
    pub genres: Vec<GenreAudit>,
    /// `confident_joint[given][true]`: tracks, calibrated to the number of each label.
    pub confident_joint: Vec<Vec<u64>>,
    /// Albums that are doubtful as a whole.
    pub n_albums: u64,
    /// Tracks of the same or nearly the same sound.
    pub doubles: Doubles,
    /// What to listen to first, at most 50.
    pub entries: Vec<Entry>,
}

/// The labels of a genre.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GenreAudit {
    /// The genre.
    pub label: String,
    /// Tracks with the label.
    pub n_tracks: u64,
    /// Probability from which a track is confidently of the genre: the mean of those that have the label.
    pub threshold: f64,
    /// Tracks with the label that confident learning finds mislabelled.
    pub n_issues: u64,
    /// Tracks with the label of which anything speaks against it.
    pub n_doubtful: u64,
}

/// Tracks that are there more than once.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Doubles {
    /// Groups of tracks of the same or nearly the same sound.
    pub n_groups: u64,
    /// Tracks in these groups.
    pub n_tracks: u64,
    /// Groups whose tracks are equal in every feature.
    pub n_equal: u64,
    /// Groups under several artists.
    pub n_of_several_artists: u64,
    /// Groups with several labels.
    pub n_with_different_labels: u64,
    /// Groups with tracks on both sides of the study's split; `null` where there is none.
    pub n_on_both_sides: Option<u64>,
}

/// Judges every label by models of other artists.
///
/// # Errors
/// Whatever a split or a fit returns.
pub(crate) fn audit(options: &StudyOptions, data: &Dataset, fold: Option<&Fold>) -> Result<Audit> {
    let split = match data.groups {
        Some(_) => Splitter::Artist,
        None => Splitter::Stratified,
    };
    let folds = split.k_fold(data, FOLDS, options.seed)?;
    let cv = CvOptions {
        pipeline: None,
        n_jobs: options.n_jobs,
    };
    let proba = held_out_probabilities(data, &[METHOD], &folds, &cv, options.seed)?;
    let review = Review::new(data, &proba)?;
    let ids: Vec<RowId> = data.row_ids.iter().map(|&id| RowId::Track(id)).collect();
    let mut first = entries(data, &ids, &proba, &review, false);
    first.truncate(N_ENTRIES);
    let genre = |class: usize| {
        let of = || review.rows.iter().filter(|doubt| doubt.given == class);
        GenreAudit {
            label: data.classes[class].clone(),
            n_tracks: of().count() as u64,
            threshold: review.joint.thresholds[class],
            n_issues: of().filter(|doubt| doubt.issue).count() as u64,
            n_doubtful: of().filter(|doubt| doubt.is_doubtful()).count() as u64,
        }
    };
    Ok(Audit {
        method: METHOD.name().to_owned(),
        n_folds: folds.len() as u64,
        by_artist: split == Splitter::Artist,
        n_tracks: data.n_rows() as u64,
        n_doubtful: review.n_doubtful() as u64,
        n_issues: review.n_issues() as u64,
        noise_rate: review.joint.noise_rate(),
        genres: (0..data.n_classes()).map(genre).collect(),
        n_albums: review.albums.len() as u64,
        doubles: doubles(&review.doubles, fold),
        confident_joint: review.joint.calibrated,
        entries: first,
    })
}

fn doubles(groups: &[DoubleGroup], fold: Option<&Fold>) -> Doubles {
    let count = |of: &dyn Fn(&DoubleGroup) -> bool| groups.iter().filter(|group| of(group)).count() as u64;
    let on_both_sides = |fold: &Fold| {
        let has = |side: &[usize], group: &DoubleGroup| {
            group.rows.iter().any(|row| side.binary_search(row).is_ok())
        };
        count(&|group| has(&fold.train, group) && has(&fold.test, group))
    };
    Doubles {
        n_groups: groups.len() as u64,
        n_tracks: groups.iter().map(|group| group.rows.len() as u64).sum(),
        n_equal: count(&|group| group.exact),
        n_of_several_artists: count(&|group| group.n_artists > 1),
        n_with_different_labels: count(&|group| group.labels_differ),
        n_on_both_sides: fold.map(on_both_sides),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_on_both_sides_are_counted() {
        let group = |rows: &[usize], exact: bool, n_artists: usize| DoubleGroup {
            rows: rows.to_vec(),
            exact,
            n_artists,
            labels_differ: !exact,
            share: if exact { 0.0 } else { 0.5 },
        };
        let groups = [group(&[0, 4], true, 2), group(&[1, 2, 5], false, 1)];
        let fold = Fold {
            train: vec![0, 1, 2, 3],
            test: vec![4],
        };
        let found = doubles(&groups, Some(&fold));
        let want = Doubles {
            n_groups: 2,
            n_tracks: 5,
            n_equal: 1,
            n_of_several_artists: 1,
            n_with_different_labels: 1,
            n_on_both_sides: Some(1),
        };
        assert_eq!(found, want);
        assert_eq!(doubles(&[], None), Doubles::default());
    }
}
