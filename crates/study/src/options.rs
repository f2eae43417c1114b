//! What a study is asked to do, and the texts by which the command line asks for it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use cratedigger_learn::{Method, Splitter};

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
    /// The classifiers to train, in this order (`--methods`). Default: all; the majority class is always there.
    pub methods: Vec<Method>,
    /// Choices of genres on which all methods are compared (`--genre-sets`). Default: the top 3, the top 8 and all; choices
    /// that come to the same genres are made once.
    pub genre_sets: Vec<GenreChoice>,
    /// Whether the perceptron's parameters are searched for (`--no-tune` for not). Default: yes.
    pub tune: bool,
    /// A shapefile or GeoJSON file of boundaries, instead of the embedded ones (`--boundaries`).
    pub boundaries: Option<PathBuf>,
    /// Standard deviations from the mean beyond which a feature's value counts as an outlier (`--outlier-threshold`).
    pub outlier_threshold: f64,
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

impl Default for StudyOptions {
    fn default() -> Self {
        Self {
            data: DataOptions::default(),
            split: Splitter::Artist,
            test_size: 0.25,
            methods: Method::ALL
                .iter()
                .copied()
                .filter(|&method| method != Method::MAJORITY)
                .collect(),
            genre_sets: vec![GenreChoice::Top(3), GenreChoice::Top(8), GenreChoice::All],
            tune: true,
            boundaries: None,
            outlier_threshold: 3.0,
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

/// Which tracks, labels and features make up a data set to learn from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DataOptions {
    /// Which genres are told apart (`--genres`).
    pub genres: GenreChoice,
    /// Where a track's genre is taken from (`--labels`).
    pub labels: LabelRule,
    /// Which features the classifiers see (`--features`).
    pub features: FeatureChoice,
    /// Whether tracks with empty cells among their features stay, for a pipeline that fills them. Default: no.
    pub keep_incomplete: bool,
}

/// Which genres a study tells apart: `top:N`, `all`, or names with commas between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GenreChoice {
    /// The genres with the most tracks by `track.genre_top`.
    Top(usize),
    /// These genres, by their titles.
    Named(Vec<String>),
    /// Every genre that a track has.
    All,
}

impl Default for GenreChoice {
    /// The three most frequent, as in the study's source.
    fn default() -> Self {
        Self::Top(3)
    }
}

impl FromStr for GenreChoice {
    type Err = StudyError;

    fn from_str(text: &str) -> Result<Self> {
        let bad = || {
            invalid(
                "--genres",
                text,
                "`all`, `top:N` with N of 2 or more, or names such as `Rock,Hip-Hop`",
            )
        };
        let text = text.trim();
        if text.eq_ignore_ascii_case("all") {
            return Ok(Self::All);
        }
        if let Some(n) = text.strip_prefix("top:") {
            let n = n.trim().parse().map_err(|_| bad())?;
            return if n >= 2 { Ok(Self::Top(n)) } else { Err(bad()) };
        }
        let names = split_names(text);
        if names.is_empty() {
            Err(bad())
        } else {
            Ok(Self::Named(names))
        }
    }
}

impl fmt::Display for GenreChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Top(n) => write!(f, "top:{n}"),
            Self::Named(names) => f.write_str(&names.join(",")),
            Self::All => f.write_str("all"),
        }
    }
}

/// Where a track's genre is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LabelRule {
    /// `track.genre_top`, the dataset's own choice.
    #[default]
    GenreTop,
    /// The roots of `track.genres_all` (or of `track.genres` where that is empty): tracks whose roots hold exactly one of
    /// the selected genres have that one.
    Unambiguous,
}

impl LabelRule {
    /// The name, as in `--labels genre_top`.
    pub fn name(self) -> &'static str {
        match self {
            Self::GenreTop => "genre_top",
            Self::Unambiguous => "unambiguous",
        }
    }
}

impl fmt::Display for LabelRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for LabelRule {
    type Err = StudyError;

    fn from_str(text: &str) -> Result<Self> {
        match text.trim() {
            "genre_top" | "genre-top" => Ok(Self::GenreTop),
            "unambiguous" => Ok(Self::Unambiguous),
            other => Err(invalid("--labels", other, "`genre_top` or `unambiguous`")),
        }
    }
}

/// Which features the classifiers see.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum FeatureChoice {
    /// The features table where there is one, otherwise Echonest's audio features.
    #[default]
    Auto,
    /// Every column of the features table.
    All,
    /// The columns of these families, such as `mfcc` and `chroma_cens`.
    Families(Vec<String>),
    /// The columns `echonest.audio_features.*`.
    Echonest,
}

impl FromStr for FeatureChoice {
    type Err = StudyError;

    fn from_str(text: &str) -> Result<Self> {
        match text.trim() {
            "auto" => Ok(Self::Auto),
            "all" => Ok(Self::All),
            "echonest" => Ok(Self::Echonest),
            other => match split_names(other) {
                names if names.is_empty() || names.iter().any(|name| name == "echonest" || name == "all") => {
                    Err(invalid(
                        "--features",
                        other,
                        "`all`, `echonest`, or families such as `mfcc,chroma_cens`",
                    ))
                }
                names => Ok(Self::Families(names)),
            },
        }
    }
}

impl fmt::Display for FeatureChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::All => f.write_str("all"),
            Self::Families(names) => f.write_str(&names.join(",")),
            Self::Echonest => f.write_str("echonest"),
        }
    }
}

fn split_names(text: &str) -> Vec<String> {
    text.split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
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
    fn choices_are_read_from_their_texts() {
        assert_eq!("top:5".parse::<GenreChoice>().unwrap(), GenreChoice::Top(5));
        assert_eq!("all".parse::<GenreChoice>().unwrap(), GenreChoice::All);
        let named = GenreChoice::Named(vec!["Old-Time / Historic".into(), "Rock".into()]);
        assert_eq!(
            " Old-Time / Historic , Rock,".parse::<GenreChoice>().unwrap(),
            named
        );
        assert_eq!(named.to_string(), "Old-Time / Historic,Rock");
        assert_eq!(
            "unambiguous".parse::<LabelRule>().unwrap(),
            LabelRule::Unambiguous
        );
        assert_eq!(
            "mfcc, chroma_cens".parse::<FeatureChoice>().unwrap(),
            FeatureChoice::Families(vec!["mfcc".into(), "chroma_cens".into()])
        );
        assert_eq!(
            "echonest".parse::<FeatureChoice>().unwrap(),
            FeatureChoice::Echonest
        );
    }

    #[test]
    fn other_texts_are_refused_with_what_is_valid() {
        for text in ["", "top:1", "top:many", "top:-3", ","] {
            let error = text.parse::<GenreChoice>().unwrap_err().to_string();
            assert!(error.contains("--genres") && error.contains("top:N"), "{error}");
        }
        assert!("genres".parse::<LabelRule>().is_err());
        assert!("mfcc,echonest".parse::<FeatureChoice>().is_err());
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
