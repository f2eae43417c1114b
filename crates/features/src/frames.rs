//! What extraction returns: values per frame, values per recording, mel spectrograms.

use crate::audio::limits::AudioInfo;
use crate::recipe::{HOP_LENGTH, Recipe};
use crate::summary::columns::{Family, N_COLUMNS, Statistic, columns};
use crate::summary::statistics::{Arithmetic, Scratch, statistics};

/// All descriptors of a recording, frame by frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Frames {
    pub(crate) recipe: Recipe,
    pub(crate) info: AudioInfo,
    pub(crate) sample_rate: u32,
    pub(crate) tuning: f64,
    pub(crate) rows: Vec<Vec<f64>>,
}

impl Frames {
    /// The rows of a family, `[n_rows][n_frames]`, in the unit of [`Family::unit`].
    ///
    /// Families of the constant-Q transform (`chroma_cqt`, `chroma_cens`, `tonnetz`) can have a frame more or less than
    /// the others.
    pub fn family(&self, family: Family) -> &[Vec<f64>] {
        let first = family.first_row();
        &self.rows[first..first + family.n_rows()]
    }

    /// The recipe that made them.
    pub fn recipe(&self) -> Recipe {
        self.recipe
    }

    /// What was decoded.
    pub fn info(&self) -> AudioInfo {
        self.info
    }

    /// Rate in Hz that the frames were taken at: the file's own for `fma`, 22,050 for `librosa`.
    pub fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    /// Time of the middle of frame `i`, in seconds.
    pub fn time_s(&self, i: usize) -> f64 {
        (i * HOP_LENGTH) as f64 / f64::from(self.sample_rate)
    }

    /// Estimated deviation from A = 440 Hz, in semitones, -0.5 to below 0.5.
    pub fn tuning(&self) -> f64 {
        self.tuning
    }

    /// The 518 statistics of these frames.
    pub fn summarize(&self) -> Features {
        let mut scratch = Scratch::default();
        let mut values = Vec::with_capacity(N_COLUMNS);
        for family in Family::ALL {
            let arithmetic = Arithmetic::of(self.recipe, family);
            let rows: Vec<[f64; 7]> = self
                .family(family)
                .iter()
                .map(|row| statistics(row, arithmetic, &mut scratch))
                .collect();
            for s in 0..Statistic::ALL.len() {
                values.extend(rows.iter().map(|row| row[s]));
            }
        }
        Features {
            recipe: self.recipe,
            info: self.info,
            tuning: self.tuning,
            values,
        }
    }
}

/// The 518 values of a recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    recipe: Recipe,
    info: AudioInfo,
    tuning: f64,
    values: Vec<f64>,
}

impl Features {
    /// What another process has told of them; as many values as there are columns.
    #[cfg(feature = "decode")]
    pub(crate) fn from_parts(recipe: Recipe, info: AudioInfo, tuning: f64, values: Vec<f64>) -> Self {
        Self {
            recipe,
            info,
            tuning,
            values,
        }
    }

    /// The values in the order of [`columns`]. NaN where a statistic is undefined: never in the `fma` recipe, skewness and
    /// kurtosis of constant rows in the `librosa` recipe.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The value of the column called `name` (`mfcc.mean.01`), or `None` if there is no such column.
    pub fn get(&self, name: &str) -> Option<f64> {
        columns()
            .iter()
            .position(|c| c.name == name)
            .map(|i| self.values[i])
    }

    /// The recipe that made them; its version belongs beside the values wherever they are written.
    pub fn recipe(&self) -> Recipe {
        self.recipe
    }

    /// What was decoded.
    pub fn info(&self) -> AudioInfo {
        self.info
    }

    /// Estimated deviation from A = 440 Hz, in semitones.
    pub fn tuning(&self) -> f64 {
        self.tuning
    }
}

/// A mel spectrogram in decibels, the usual input of deep models.
#[derive(Clone, Debug, PartialEq)]
pub struct MelSpectrogram {
    /// `[128][n_frames]`: `10 log10` of the mel power, no lower than 80 dB below the loudest value.
    pub db: Vec<Vec<f32>>,
    /// Rate in Hz that the frames were taken at.
    pub sample_rate: u32,
    /// Samples between frames.
    pub hop_length: usize,
}

impl MelSpectrogram {
    /// Number of frames.
    pub fn n_frames(&self) -> usize {
        self.db.first().map_or(0, Vec::len)
    }
}
