//! The finding `genre_sets`: how scores fall as more genres are to be told apart.

use cratedigger_catalog::Store;
use cratedigger_learn::{Dataset, Fold, LearnError, Method};
use serde::{Deserialize, Serialize};

use crate::dataset::assemble;
use crate::error::{Result, StudyError, learn_error};
use crate::learning::methods::Ends;
use crate::learning::training::{baseline, train_and_test};
use crate::options::{DataOptions, StudyOptions};
use crate::progress::Progress;
use crate::words::sentence;

/// Training tracks of a set at most: methods that fit every genre by itself would take minutes for sixteen of them.
pub const TRAIN_LIMIT: usize = 2_000;

/// Genres times features beyond which gradient boosting is left out of the comparison: it grows a tree for every genre in
/// every round, and looks through every feature at every node, however few the tracks are.
pub const BOOSTING_LIMIT: usize = 4_000;

/// All methods on one choice of genres.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GenreSet {
    /// The choice, as on the command line: `top:3`, `all`.
    pub genres_option: String,
    /// The genres, sorted by name.
    pub genres: Vec<String>,
    /// Tracks of these genres with complete features.
    pub n_tracks: u64,
    /// Tracks to train on: whole artists, so that there are about as many as the limit.
    pub n_train: u64,
    /// Training tracks that there are.
    pub n_train_available: u64,
    /// Tracks to test on.
    pub n_test: u64,
    /// The accuracy of always saying the most frequent genre of the training tracks.
    pub baseline_accuracy: f64,
    /// The methods that could be trained.
    pub methods: Vec<SetScores>,
    /// The others, with the reason.
    pub skipped: Vec<String>,
}

/// A method's scores on one choice of genres.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SetScores {
    /// The method.
    pub name: String,
    /// Accuracy on the test tracks.
    pub accuracy: f64,
    /// Where it might be with other artists; `null` with too few of them to tell.
    pub accuracy_interval: Option<Ends>,
    /// Balanced accuracy.
    pub balanced_accuracy: f64,
    /// Mean F1 of the genres.
    pub macro_f1: f64,
    /// Seconds to fit.
    pub fit_seconds: f64,
}

/// All methods on each choice of genres, as long as there is time; a choice that comes to the genres of one before is left out.
///
/// `data`, `fold`: those of the study's own choice.
///
/// # Errors
/// Those of [`assemble`]. A choice that cannot be learnt from is noted.
pub(crate) fn genre_sets(
    store: &Store,
    options: &StudyOptions,
    data: &Dataset,
    fold: &Fold,
    progress: &mut Progress<'_>,
) -> Result<Vec<GenreSet>> {
    let StudyOptions {
        split,
        test_size,
        seed,
        ..
    } = *options;
    let methods = &options.methods;
    let mut sets: Vec<GenreSet> = Vec::new();
    for choice in &options.genre_sets {
        if progress.time_is_spent() {
            break;
        }
        let set = progress.part(&format!("genres {choice}"), || {
            let name = choice.to_string();
            let made = |data: &Dataset| sets.iter().any(|set: &GenreSet| set.genres == data.classes);
            if *choice == options.data.genres {
                return match made(data) {
                    true => Ok(Ok(None)),
                    false => learn_error(genre_set(&name, data, fold, methods, seed).map(Some)),
                };
            }
            let choice = DataOptions {
                genres: choice.clone(),
                ..options.data.clone()
            };
            let Ok(other) = assemble(store, &choice)?.data else {
                return Ok(Err(LearnError::Empty {
                    what: "the list of tracks of these genres",
                }));
            };
            if made(&other) {
                return Ok(Ok(None));
            }
            let fold = match split.hold_out(&other, test_size, seed) {
                Ok(fold) => fold,
                Err(error) => return Ok(Err(error)),
            };
            learn_error(genre_set(&name, &other, &fold, methods, seed).map(Some))
        })?;
        match set {
            Ok(set) => sets.extend(set),
            Err(error) => progress.note(format!(
                "The genres {choice} were not compared: {}",
                sentence(&error)
            )),
        }
    }
    Ok(sets)
}

/// Trains and tests every method on the tracks of one choice of genres.
///
/// # Errors
/// `Learn`, where not even the baseline can be scored.
pub fn genre_set(
    option: &str,
    data: &Dataset,
    fold: &Fold,
    methods: &[Method],
    seed: u64,
) -> Result<GenreSet> {
    let less = fold.with_less_training(data.groups.as_deref(), TRAIN_LIMIT, seed);
    let least = baseline(data, &less, seed)?;
    let mut set = GenreSet {
        genres_option: option.to_owned(),
        genres: data.classes.clone(),
        n_tracks: data.n_rows() as u64,
        n_train: less.train.len() as u64,
        n_train_available: fold.train.len() as u64,
        n_test: less.test.len() as u64,
        baseline_accuracy: least.accuracy,
        methods: Vec::with_capacity(methods.len()),
        skipped: Vec::new(),
    };
    for &method in methods {
        if method == Method::GRADIENT_BOOSTING && data.n_classes() * data.n_features() > BOOSTING_LIMIT {
            set.skipped.push(format!(
                "{method} was left out of the comparison with {} genres, since {} features for each of them take long; \
                 --genres {option} trains it on all tracks.",
                data.n_classes(),
                data.n_features()
            ));
            continue;
        }
        match train_and_test(method, data, &less, &least, seed) {
            Ok(trained) => set.methods.push(SetScores {
                name: trained.finding.name,
                accuracy: trained.finding.accuracy,
                accuracy_interval: trained.evaluation.accuracy_interval().map(Ends::from),
                balanced_accuracy: trained.finding.balanced_accuracy,
                macro_f1: trained.finding.macro_f1,
                fit_seconds: trained.finding.fit_seconds,
            }),
            Err(StudyError::Learn(error)) => {
                set.skipped.push(format!("{method} failed: {}", sentence(&error)))
            }
            Err(error) => return Err(error),
        }
    }
    Ok(set)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::learning::training::tests::{data, fold};

    #[test]
    fn a_set_has_the_scores_of_its_methods() {
        let (data, fold) = (data(), fold());
        let methods = [Method::LOGISTIC_REGRESSION, Method::DECISION_TREE];
        let set = genre_set("all", &data, &fold, &methods, 0).unwrap();
        let least = baseline(&data, &fold, 0).unwrap();
        assert_eq!(
            (set.n_tracks, set.n_train, set.n_train_available, set.n_test),
            (60, 40, 40, 20)
        );
        assert_eq!(set.baseline_accuracy, least.accuracy);
        for (scores, method) in set.methods.iter().zip(methods) {
            let alone = train_and_test(method, &data, &fold, &least, 0).unwrap().finding;
            assert_eq!(
                (scores.name.as_str(), scores.accuracy),
                (method.name(), alone.accuracy)
            );
            let (in_set, alone) = (
                scores.accuracy_interval.unwrap(),
                alone.accuracy_interval.unwrap(),
            );
            assert_eq!((in_set.low, in_set.high), (alone.low, alone.high));
        }
    }

    #[test]
    fn boosting_is_left_out_where_it_would_take_long_and_it_is_said() {
        let narrow = data();
        let values = narrow
            .x
            .as_slice()
            .iter()
            .flat_map(|&value| std::iter::repeat_n(value, 2_001))
            .collect();
        let x = cratedigger_learn::Matrix::new(60, 2_001, values).unwrap();
        let mut wide = Dataset::new(x, narrow.y, narrow.classes).unwrap();
        wide.groups = narrow.groups;
        let set = genre_set("top:2", &wide, &fold(), &[Method::GRADIENT_BOOSTING], 0).unwrap();
        assert!(set.methods.is_empty());
        assert!(set.skipped[0].contains("--genres top:2"), "{:?}", set.skipped);
    }

    #[test]
    fn a_method_that_fails_is_told_and_the_others_stay() {
        let (mut data, mut fold) = (data(), fold());
        // The training tracks are all of one genre.
        fold.train.retain(|row| row % 3 != 0);
        data.groups = None;
        let set = genre_set("all", &data, &fold, &[Method::DECISION_TREE, Method::MAJORITY], 0).unwrap();
        assert_eq!(set.methods.len(), 1);
        assert!(
            set.skipped[0].contains("decision-tree failed"),
            "{:?}",
            set.skipped
        );
    }
}
