//! Which tracks, labels and features make up a data set, and the texts by which a command line asks for it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::error::{Error, Result};

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
    type Err = Error;

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
    type Err = Error;

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
    type Err = Error;

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

/// Where genres come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LabelSource {
    /// The tables, by this rule.
    Rule(LabelRule),
    /// The tables, all genres of a track.
    Lists(GenreLists),
    /// A file.
    File(PathBuf),
}

/// All genres of a track, instead of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GenreLists {
    /// `track.genres`: those that were chosen for the track.
    Genres,
    /// `track.genres_all`: those and all that stand above them in the tree.
    GenresAll,
}

impl GenreLists {
    /// The column of `tracks`.
    pub fn column(self) -> &'static str {
        match self {
            Self::Genres => "track.genres",
            Self::GenresAll => "track.genres_all",
        }
    }
}

impl fmt::Display for GenreLists {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.column().trim_start_matches("track."))
    }
}

impl LabelSource {
    /// The list of genres of a track, where all of them are asked for instead of one.
    pub fn lists(&self) -> Option<GenreLists> {
        match self {
            Self::Lists(lists) => Some(*lists),
            Self::Rule(_) | Self::File(_) => None,
        }
    }
}

impl FromStr for LabelSource {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        Ok(match (text.parse(), text) {
            (Ok(rule), _) => Self::Rule(rule),
            (_, "genres") => Self::Lists(GenreLists::Genres),
            (_, "genres_all") => Self::Lists(GenreLists::GenresAll),
            _ => Self::File(text.into()),
        })
    }
}

fn split_names(text: &str) -> Vec<String> {
    text.split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

fn invalid(option: &'static str, value: &str, expected: &'static str) -> Error {
    Error::InvalidOption {
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
    }
}
