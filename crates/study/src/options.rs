//! What a study is asked to do, and the texts by which the command line asks for it.

use std::path::PathBuf;

use cratedigger_learn::{Method, Splitter};

pub use cratedigger_collection::rows::InputChoice;
pub use cratedigger_collection::rows::options::{DataOptions, FeatureChoice, GenreChoice, LabelRule};

use crate::error::{Result, StudyError};

/// All choices of a study; [`StudyOptions::default`] is what `cratedigger study` does.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct StudyOptions {
    /// Which tracks, labels and features the classifiers see.
    pub data: DataOptions,
    /// How training and test tracks are told apart (`--split`).
    pub split: Splitter,
    /// The share of the tracks to test on; the official split has its own.
    pub test_size: f64,
    /// The classifiers to train, in this order (`--methods`). Default: [`METHODS`]; the majority class is always there.
    pub methods: Vec<Method>,
    /// Choices of genres on which all methods are compared (`--genre-sets`). Default: the top 3, the top 8 and all; choices
    /// that come to the same genres are made once.
    pub genre_sets: Vec<GenreChoice>,
    /// Sections to leave out (`--skip`), by the names that [`crate::section_ids`] gives: the field of the findings that a section
    /// fills. What needs one of them is left out with it. Default: none.
    pub skip: Vec<String>,
    /// Whether the perceptron's parameters are searched for (`--no-tune` for not). Default: yes.
    pub tune: bool,
    /// A shapefile or GeoJSON file of boundaries, instead of the embedded ones (`--boundaries`).
    pub boundaries: Option<PathBuf>,
    /// Standard deviations from the mean beyond which a feature's value counts as an outlier (`--outlier-threshold`).
    pub outlier_threshold: f64,
    /// What is set beside the features to see what it adds (`--inputs`). Default: nothing.
    pub inputs: InputChoice,
    /// Whether all genres of a track are learnt too (`--all-genres`).
    pub all_genres: bool,
    /// What of the frames of recordings is learnt from (`--deep`). Default: nothing.
    pub deep: Option<DeepOptions>,
    /// Whether the published study's figures are set beside these whatever was studied (`--compare`).
    pub compare: bool,
    /// The seed of everything random.
    pub seed: u64,
    /// Seconds after which no further classifier is begun; `None` for no limit.
    pub time_budget_seconds: Option<f64>,
    /// Threads to use; `None` for one for each core. The findings do not depend on it.
    pub n_jobs: Option<usize>,
    /// The command line, to be told in the report.
    pub command_line: Vec<String>,
    /// Where the data come from, in words, such as the folder's name.
    pub data_source: String,
    /// Set where the data were generated: the sentence that every page and picture shows.
    pub synthetic: Option<String>,
}

/// Networks on the frames of recordings, and an autoencoder. A study that was built without the feature `deep` passes them over.
#[derive(Debug, Clone, PartialEq)]
pub struct DeepOptions {
    /// Caches of frames.
    pub frames: Vec<PathBuf>,
    /// The networks.
    pub methods: Vec<Method>,
    /// The most epochs of each; `None` for the methods' own number.
    pub max_epochs: Option<usize>,
}

/// The classifiers that a study compares unless others are named: the published study's three and two strong ones. Others,
/// which cost more or tell less, are there by name.
pub const METHODS: [Method; 5] = [
    Method::LINEAR_SVC,
    Method::MLP,
    Method::DECISION_TREE,
    Method::GRADIENT_BOOSTING,
    Method::LOGISTIC_REGRESSION,
];

impl Default for StudyOptions {
    fn default() -> Self {
        Self {
            data: DataOptions::default(),
            split: Splitter::Artist,
            test_size: 0.25,
            methods: METHODS.to_vec(),
            genre_sets: vec![GenreChoice::Top(3), GenreChoice::Top(8), GenreChoice::All],
            skip: Vec::new(),
            tune: true,
            boundaries: None,
            outlier_threshold: 3.0,
            inputs: InputChoice::default(),
            all_genres: false,
            deep: None,
            compare: false,
            seed: 0,
            time_budget_seconds: None,
            n_jobs: None,
            command_line: Vec::new(),
            data_source: String::new(),
            synthetic: None,
        }
    }
}

impl StudyOptions {
    /// `Ok` where every number makes sense.
    ///
    /// # Errors
    /// `InvalidOption`.
    pub fn check(&self) -> Result<()> {
        if !(self.test_size > 0.0 && self.test_size < 1.0) {
            return Err(invalid(
                "--test-size",
                &self.test_size.to_string(),
                "a share between 0 and 1, such as 0.25",
            ));
        }
        if !(self.outlier_threshold > 0.0 && self.outlier_threshold.is_finite()) {
            return Err(invalid(
                "--outlier-threshold",
                &self.outlier_threshold.to_string(),
                "a number of standard deviations above 0, such as 3",
            ));
        }
        if self
            .time_budget_seconds
            .is_some_and(|seconds| !(seconds.is_finite() && seconds >= 0.0))
        {
            return Err(invalid(
                "--time-budget",
                "a negative number",
                "a number of seconds, 0 or more",
            ));
        }
        Ok(())
    }
}

fn invalid(option: &'static str, value: &str, expected: &'static str) -> StudyError {
    StudyError::InvalidOption {
        option,
        value: value.to_owned(),
        expected,
    }
}
#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn numbers_that_make_no_sense_are_refused() {
        for test_size in [0.0, 1.0, f64::NAN, -0.2] {
            assert!(
                StudyOptions {
                    test_size,
                    ..StudyOptions::default()
                }
                .check()
                .is_err(),
                "{test_size}"
            );
        }
        for outlier_threshold in [0.0, -3.0, f64::NAN, f64::INFINITY] {
            let error = StudyOptions {
                outlier_threshold,
                ..StudyOptions::default()
            }
            .check()
            .unwrap_err();
            assert!(error.to_string().contains("--outlier-threshold"), "{error}");
        }
        let budget = StudyOptions {
            time_budget_seconds: Some(-1.0),
            ..StudyOptions::default()
        };
        assert!(budget.check().is_err());
        StudyOptions::default().check().unwrap();
    }
}
