//! Which frames of a recording are computed, with all parameters, as a value and as a text.

use std::fmt;
use std::str::FromStr;

use crate::audio::limits::RATES;
use crate::error::{Error, Result};
use crate::recipe::Recipe;
use crate::signal::framing::Edges;
use crate::summary::columns::N_ROWS;

/// Most bands of a spectrogram.
const MAX_MELS: usize = 512;

/// What the logarithm of a band's power is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogScale {
    /// `log10(1 + 10000 x)`: never below zero, silence is 0. What musicnn, Discogs-EffNet and MAEST were trained on.
    Log10OnePlus,
    /// `10 log10(max(1e-10, x))`, decibels: librosa's `power_to_db` with `top_db=None`.
    Decibel,
}

impl LogScale {
    /// The word in the text of a recipe and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Log10OnePlus => "log10(1+10000x)",
            Self::Decibel => "db",
        }
    }
}

/// Parameters of a log-mel spectrogram, under librosa's names. Slaney's mel scale, area-normalised filters, power, Hann window.
///
/// The default is the front end of musicnn: 96 bands, 16 kHz, frames of 512 samples every 256.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MelRecipe {
    /// Rate in Hz that recordings are resampled to (librosa's `sr`).
    pub sample_rate: u32,
    /// Length of a frame and of its transform, a power of two.
    pub n_fft: usize,
    /// Samples between frames.
    pub hop_length: usize,
    /// Number of bands.
    pub n_mels: usize,
    /// Lower edge of the lowest band in Hz.
    pub f_min: f64,
    /// Upper edge of the highest band in Hz; `None` for half the rate.
    pub f_max: Option<f64>,
    /// What lies beyond the ends of the recording (librosa's `pad_mode`).
    pub edges: Edges,
    /// The logarithm.
    pub log: LogScale,
}

impl Default for MelRecipe {
    fn default() -> Self {
        Self {
            sample_rate: 16_000,
            n_fft: 512,
            hop_length: 256,
            n_mels: 96,
            f_min: 0.0,
            f_max: None,
            edges: Edges::Reflect,
            log: LogScale::Log10OnePlus,
        }
    }
}

impl MelRecipe {
    /// Upper edge of the highest band in Hz.
    pub fn f_max(&self) -> f64 {
        self.f_max.unwrap_or(f64::from(self.sample_rate) / 2.0)
    }

    /// `Ok` where all parameters can be computed with.
    ///
    /// # Errors
    /// `BadFrameRecipe` with the parameter.
    pub fn check(&self) -> Result<()> {
        let bad = |reason: String| Err(Error::BadFrameRecipe { reason });
        if !RATES.contains(&self.sample_rate) {
            return bad(format!(
                "sr is {} Hz, expected {} to {}",
                self.sample_rate,
                RATES.start(),
                RATES.end()
            ));
        }
        if !(64..=16_384).contains(&self.n_fft) || !self.n_fft.is_power_of_two() {
            return bad(format!(
                "n_fft is {}, expected a power of two from 64 to 16384",
                self.n_fft
            ));
        }
        if !(1..=self.n_fft).contains(&self.hop_length) {
            return bad(format!(
                "hop_length is {}, expected 1 to n_fft, {}",
                self.hop_length, self.n_fft
            ));
        }
        if !(1..=MAX_MELS).contains(&self.n_mels) {
            return bad(format!("n_mels is {}, expected 1 to {MAX_MELS}", self.n_mels));
        }
        let top = f64::from(self.sample_rate) / 2.0;
        if !(self.f_min >= 0.0 && self.f_min < self.f_max() && self.f_max() <= top) {
            return bad(format!(
                "f_min is {} Hz and f_max {} Hz, expected 0 <= f_min < f_max <= {top}",
                self.f_min,
                self.f_max()
            ));
        }
        Ok(())
    }
}

/// Which frames of a recording are computed.
///
/// Its text ([`fmt::Display`], [`FromStr`]) has every parameter: frames of equal texts mean the same, and of different ones must
/// not be mixed.
///
/// ```
/// use cratedigger_features::{FrameRecipe, MelRecipe, Recipe};
///
/// let mel = FrameRecipe::Mel(MelRecipe::default());
/// assert_eq!(
///     mel.to_string(),
///     "mel/1 sr=16000 n_fft=512 hop_length=256 n_mels=96 f_min=0 f_max=8000 edges=reflect log=log10(1+10000x)"
/// );
/// assert_eq!(mel.to_string().parse::<FrameRecipe>()?, mel);
/// assert_eq!(FrameRecipe::Descriptors(Recipe::Fma).n_bands(), 74);
/// # Ok::<(), cratedigger_features::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FrameRecipe {
    /// A log-mel spectrogram.
    Mel(MelRecipe),
    /// The 74 descriptors that the 518 features summarise, by this recipe, in the order of the rows of
    /// [`Family::ALL`](crate::Family::ALL). With [`Recipe::Fma`] the frames are 512 samples of the file's own rate apart.
    Descriptors(Recipe),
}

impl FrameRecipe {
    /// Values of a frame.
    pub fn n_bands(&self) -> usize {
        match self {
            Self::Mel(mel) => mel.n_mels,
            Self::Descriptors(_) => N_ROWS,
        }
    }

    /// `mel` or `descriptors`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Mel(_) => "mel",
            Self::Descriptors(_) => "descriptors",
        }
    }
}

/// Version of the computation behind the parameters: it changes whenever a value would.
const MEL: &str = "mel/1";
const DESCRIPTORS: &str = "descriptors/1";

impl fmt::Display for FrameRecipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Descriptors(recipe) => write!(f, "{DESCRIPTORS} {}", recipe.version()),
            Self::Mel(mel) => write!(
                f,
                "{MEL} sr={} n_fft={} hop_length={} n_mels={} f_min={} f_max={} edges={} log={}",
                mel.sample_rate,
                mel.n_fft,
                mel.hop_length,
                mel.n_mels,
                mel.f_min,
                mel.f_max(),
                match mel.edges {
                    Edges::Reflect => "reflect",
                    Edges::Zero => "zero",
                },
                mel.log.name()
            ),
        }
    }
}

impl FromStr for FrameRecipe {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let bad = || Error::BadFrameRecipe {
            reason: format!("`{text}` is no recipe of frames that this version knows"),
        };
        if let Some(version) = text.strip_prefix(DESCRIPTORS) {
            let recipe = Recipe::from_version(version.trim()).ok_or_else(bad)?;
            return Ok(Self::Descriptors(recipe));
        }
        let mut words = text.split(' ');
        if words.next() != Some(MEL) {
            return Err(bad());
        }
        let mut value = |name: &str| -> Result<&str> {
            let word = words.next().and_then(|word| word.split_once('='));
            word.filter(|(found, _)| *found == name)
                .map(|(_, value)| value)
                .ok_or_else(bad)
        };
        fn number<T: FromStr>(text: &str, bad: impl FnOnce() -> Error) -> Result<T> {
            text.parse().map_err(|_| bad())
        }
        let mut mel = MelRecipe {
            sample_rate: number(value("sr")?, bad)?,
            n_fft: number(value("n_fft")?, bad)?,
            hop_length: number(value("hop_length")?, bad)?,
            n_mels: number(value("n_mels")?, bad)?,
            f_min: number(value("f_min")?, bad)?,
            f_max: Some(number(value("f_max")?, bad)?),
            edges: match value("edges")? {
                "reflect" => Edges::Reflect,
                "zero" => Edges::Zero,
                _ => return Err(bad()),
            },
            log: match value("log")? {
                name if name == LogScale::Log10OnePlus.name() => LogScale::Log10OnePlus,
                name if name == LogScale::Decibel.name() => LogScale::Decibel,
                _ => return Err(bad()),
            },
        };
        // Half the rate has one way to be said, so that equal texts are equal values.
        mel.f_max = mel
            .f_max
            .filter(|f_max| *f_max != f64::from(mel.sample_rate) / 2.0);
        mel.check()?;
        Ok(Self::Mel(mel))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn texts_say_every_parameter_and_are_read_back() {
        let default = MelRecipe::default();
        let others = [
            default,
            MelRecipe {
                sample_rate: 22_050,
                ..default
            },
            MelRecipe {
                n_fft: 2048,
                ..default
            },
            MelRecipe {
                hop_length: 160,
                ..default
            },
            MelRecipe {
                n_mels: 128,
                ..default
            },
            MelRecipe {
                f_min: 30.5,
                ..default
            },
            MelRecipe {
                f_max: Some(7600.0),
                ..default
            },
            MelRecipe {
                edges: Edges::Zero,
                ..default
            },
            MelRecipe {
                log: LogScale::Decibel,
                ..default
            },
        ];
        let mut recipes: Vec<FrameRecipe> = others.map(FrameRecipe::Mel).to_vec();
        recipes.extend(Recipe::ALL.map(FrameRecipe::Descriptors));
        let texts: std::collections::BTreeSet<String> = recipes.iter().map(ToString::to_string).collect();
        assert_eq!(texts.len(), recipes.len());
        for recipe in recipes {
            assert_eq!(recipe.to_string().parse::<FrameRecipe>().unwrap(), recipe);
        }
        for text in [
            "",
            "mel/1",
            "mel/2 sr=16000",
            "descriptors/1 fma/9",
            "mel/1 sr=0 n_fft=512",
        ] {
            assert!(text.parse::<FrameRecipe>().is_err(), "{text}");
        }
    }

    #[test]
    fn parameters_that_cannot_be_are_named() {
        let default = MelRecipe::default();
        for (wrong, name) in [
            (
                MelRecipe {
                    sample_rate: 10,
                    ..default
                },
                "sr",
            ),
            (
                MelRecipe {
                    n_fft: 500,
                    ..default
                },
                "n_fft",
            ),
            (
                MelRecipe {
                    hop_length: 0,
                    ..default
                },
                "hop_length",
            ),
            (
                MelRecipe {
                    hop_length: 513,
                    ..default
                },
                "hop_length",
            ),
            (MelRecipe { n_mels: 0, ..default }, "n_mels"),
            (
                MelRecipe {
                    f_min: f64::NAN,
                    ..default
                },
                "f_min",
            ),
            (
                MelRecipe {
                    f_max: Some(9000.0),
                    ..default
                },
                "f_max",
            ),
        ] {
            let error = wrong.check().unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
        default.check().unwrap();
    }
}
