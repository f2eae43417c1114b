//! What is computed, and its version.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// A feature recipe: which library's numbers the 518 values are.
///
/// The two recipes share the list of features and the frame grid (2048-sample Hann window, hop of 512) and differ in
/// sample rate, edges, constant-Q basis, RMS scale and smoothing window. Their values must not be mixed, which is why
/// every output carries [`Recipe::version`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Recipe {
    /// The values of the dataset's published `features.csv`: librosa 0.5.0 with resampy 0.1.5 and scipy 0.19.0, on
    /// 16-bit samples mixed to mono at the file's own rate.
    #[default]
    Fma,
    /// What librosa 0.11 gives with its current defaults for the same list of features at 22,050 Hz, on the same
    /// 16-bit mono samples, resampled by a windowed sinc of soxr's `HQ` specification.
    Librosa,
}

impl Recipe {
    /// All recipes.
    pub const ALL: [Self; 2] = [Self::Fma, Self::Librosa];

    /// The name used on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fma => "fma",
            Self::Librosa => "librosa",
        }
    }

    /// The version string to write beside every value: it changes whenever a value would.
    pub fn version(self) -> &'static str {
        match self {
            Self::Fma => "fma/1 librosa-0.5.0",
            Self::Librosa => "librosa/1 librosa-0.11.0 22050",
        }
    }

    /// The recipe whose version string is `version`.
    pub fn from_version(version: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.version() == version)
    }

    /// Checks a version string that came with a table or a model against this recipe.
    ///
    /// # Errors
    /// [`Error::RecipeMismatch`] with both strings if they differ.
    pub fn check_version(self, found: &str) -> Result<()> {
        if found == self.version() {
            return Ok(());
        }
        Err(Error::RecipeMismatch {
            got: found.to_owned(),
            want: self.version().to_owned(),
        })
    }
}

impl fmt::Display for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Recipe {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|r| r.name() == name)
            .ok_or_else(|| Error::UnknownRecipe {
                name: name.to_owned(),
            })
    }
}

/// Length of a frame and of its transform, in samples.
pub const N_FFT: usize = 2048;

/// Step between frames, in samples.
pub const HOP_LENGTH: usize = 512;

/// Non-negative frequency bins of a frame.
pub const N_BINS: usize = N_FFT / 2 + 1;

/// Rate that spectral features assume when they are handed a spectrogram without one (librosa's default `sr`).
pub(crate) const NOMINAL_RATE: u32 = 22_050;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_and_versions_round_trip_and_mismatches_name_both_sides() {
        for r in Recipe::ALL {
            assert_eq!(r.name().parse::<Recipe>().unwrap(), r);
            assert_eq!(Recipe::from_version(r.version()), Some(r));
            r.check_version(r.version()).unwrap();
        }
        assert!(
            "librosa2"
                .parse::<Recipe>()
                .unwrap_err()
                .to_string()
                .contains("librosa2")
        );
        let text = Recipe::Fma
            .check_version(Recipe::Librosa.version())
            .unwrap_err()
            .to_string();
        assert!(
            text.contains(Recipe::Fma.version()) && text.contains(Recipe::Librosa.version()),
            "{text}"
        );
    }
}
