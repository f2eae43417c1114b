//! Which inputs rows get besides their features, and the text by which a command line asks for them.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use cratedigger_catalog::feature_table::FeatureFormat;

use crate::error::{Error, Result};

/// Columns that are not of the sound, and more files of features: `place,year,own.parquet`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InputChoice {
    /// Families out of the dataset's tables, each once.
    pub families: Vec<Family>,
    /// Files of features, whose rows are looked up by name.
    pub files: Vec<PathBuf>,
}

/// What the dataset's tables know of a track besides its sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Continent and first-level region of the artist's coordinates, else of what the artist wrote.
    Place,
    /// Latitude and longitude as they are.
    Coordinates,
    /// Years of the album's release, of the recording and of the artist's beginning.
    Year,
    /// The code of the language.
    Language,
    /// Kind of the album and number of its tracks.
    Album,
    /// Bits in a second of the original file.
    BitRate,
    /// Seconds.
    Duration,
    /// Echonest's numbers, as far as they are there.
    Echonest,
}

impl Family {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Place,
        Self::Coordinates,
        Self::Year,
        Self::Language,
        Self::Album,
        Self::BitRate,
        Self::Duration,
        Self::Echonest,
    ];

    /// The first part of the columns' names, as on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Place => "place",
            Self::Coordinates => "coordinates",
            Self::Year => "year",
            Self::Language => "language",
            Self::Album => "album",
            Self::BitRate => "bit_rate",
            Self::Duration => "duration",
            Self::Echonest => "echonest",
        }
    }
}

impl InputChoice {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.families.is_empty() && self.files.is_empty()
    }

    /// Whether some of the columns are numbers that may be missing, which a pipeline has to fill.
    pub fn may_be_missing(&self) -> bool {
        let categories = [Family::Place, Family::Language];
        !self.files.is_empty() || self.families.iter().any(|family| !categories.contains(family))
    }

    /// The families that columns of these names are of.
    pub(crate) fn of_columns<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let mut choice = Self::default();
        for name in names {
            let first = name.split('.').next().unwrap_or_default();
            let known = Family::ALL.into_iter().find(|family| family.name() == first);
            if let Some(family) = known.filter(|family| !choice.families.contains(family)) {
                choice.families.push(family);
            }
        }
        choice
    }
}

impl FromStr for InputChoice {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut choice = Self::default();
        for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let path = PathBuf::from(name);
            match Family::ALL.into_iter().find(|family| family.name() == name) {
                Some(family) if !choice.families.contains(&family) => choice.families.push(family),
                Some(_) => {}
                None if FeatureFormat::of(&path).is_some() => choice.files.push(path),
                None => {
                    return Err(Error::InvalidOption {
                        option: "--inputs",
                        value: name.to_owned(),
                        expected: "place, coordinates, year, language, album, bit_rate, duration, echonest, or a file of \
                                   features (.parquet, .csv)",
                    });
                }
            }
        }
        Ok(choice)
    }
}

impl fmt::Display for InputChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let families = self.families.iter().map(|family| family.name().to_owned());
        let files = self.files.iter().map(|path| path.display().to_string());
        f.write_str(&families.chain(files).collect::<Vec<_>>().join(","))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn choices_are_read_from_their_texts() {
        let choice: InputChoice = " place, year,own.parquet,place,".parse().unwrap();
        assert_eq!(choice.families, [Family::Place, Family::Year]);
        assert_eq!(choice.files, [PathBuf::from("own.parquet")]);
        assert_eq!(choice.to_string(), "place,year,own.parquet");
        for family in Family::ALL {
            assert_eq!(family.name().parse::<InputChoice>().unwrap().families, [family]);
        }
        let error = "places".parse::<InputChoice>().unwrap_err().to_string();
        assert!(
            error.contains("`places`") && error.contains("--inputs") && error.contains("bit_rate"),
            "{error}"
        );
        let names = [
            "mfcc.mean.01",
            "place.region.category",
            "year.released.optional",
            "place.country.category",
        ];
        let of_columns = InputChoice::of_columns(names.into_iter());
        assert_eq!(of_columns.families, [Family::Place, Family::Year]);
    }
}
