//! The one table of the 74 frame descriptors and the 518 columns made from them.

use std::fmt;
use std::sync::LazyLock;

/// Number of values that describe one recording.
pub const N_COLUMNS: usize = 518;

/// Number of descriptor rows per frame (all families together).
pub const N_ROWS: usize = 74;

/// A family of frame descriptors, in the order of the FMA's `features.csv` (alphabetical).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Chroma energy normalised statistics (Müller & Ewert 2011), 12 pitch classes from C.
    ChromaCens,
    /// Chroma from the constant-Q transform, 12 pitch classes from C, largest of each frame 1.
    ChromaCqt,
    /// Chroma from the power spectrogram, 12 pitch classes from C, largest of each frame 1.
    ChromaStft,
    /// Mel-frequency cepstral coefficients 0 to 19 (DCT-II, orthonormal, of 128 mel bands in dB).
    Mfcc,
    /// Root mean square of the magnitude spectrum.
    Rmse,
    /// Standard deviation of the magnitude spectrum around its centroid.
    SpectralBandwidth,
    /// Centre of gravity of the magnitude spectrum.
    SpectralCentroid,
    /// Peak minus valley in seven octave bands (Jiang et al. 2002).
    SpectralContrast,
    /// Frequency below which 85 % of the magnitude lies.
    SpectralRolloff,
    /// Tonal centroid (Harte et al. 2006): fifths, minor thirds and major thirds, two axes each.
    Tonnetz,
    /// Share of neighbouring samples with different signs.
    Zcr,
}

impl Family {
    /// All families in column order.
    pub const ALL: [Self; 11] = [
        Self::ChromaCens,
        Self::ChromaCqt,
        Self::ChromaStft,
        Self::Mfcc,
        Self::Rmse,
        Self::SpectralBandwidth,
        Self::SpectralCentroid,
        Self::SpectralContrast,
        Self::SpectralRolloff,
        Self::Tonnetz,
        Self::Zcr,
    ];

    /// The FMA's name of the family.
    pub fn name(self) -> &'static str {
        match self {
            Self::ChromaCens => "chroma_cens",
            Self::ChromaCqt => "chroma_cqt",
            Self::ChromaStft => "chroma_stft",
            Self::Mfcc => "mfcc",
            Self::Rmse => "rmse",
            Self::SpectralBandwidth => "spectral_bandwidth",
            Self::SpectralCentroid => "spectral_centroid",
            Self::SpectralContrast => "spectral_contrast",
            Self::SpectralRolloff => "spectral_rolloff",
            Self::Tonnetz => "tonnetz",
            Self::Zcr => "zcr",
        }
    }

    /// Number of values per frame.
    pub fn n_rows(self) -> usize {
        match self {
            Self::ChromaCens | Self::ChromaCqt | Self::ChromaStft => 12,
            Self::Mfcc => 20,
            Self::SpectralContrast => 7,
            Self::Tonnetz => 6,
            Self::Rmse
            | Self::SpectralBandwidth
            | Self::SpectralCentroid
            | Self::SpectralRolloff
            | Self::Zcr => 1,
        }
    }

    /// Index of the family's first row among the 74.
    pub fn first_row(self) -> usize {
        Self::ALL
            .iter()
            .take_while(|f| **f != self)
            .map(|f| f.n_rows())
            .sum()
    }

    /// Unit of a frame value, mean, median, minimum, maximum and standard deviation.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Mfcc | Self::SpectralContrast => "dB",
            Self::SpectralBandwidth | Self::SpectralCentroid | Self::SpectralRolloff => "Hz",
            Self::Rmse => "magnitude",
            Self::Zcr => "crossings per sample",
            Self::ChromaCens | Self::ChromaCqt | Self::ChromaStft | Self::Tonnetz => "1",
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One of the seven statistics over frames, in the order of the FMA's columns (alphabetical).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Statistic {
    /// Fisher's kurtosis, biased: fourth central moment over the squared variance, minus 3.
    Kurtosis,
    /// Largest value.
    Max,
    /// Arithmetic mean.
    Mean,
    /// Median (mean of the two middle values of an even number).
    Median,
    /// Smallest value.
    Min,
    /// Skewness, biased: third central moment over the variance to the power 1.5.
    Skew,
    /// Population standard deviation.
    Std,
}

impl Statistic {
    /// All statistics in column order.
    pub const ALL: [Self; 7] = [
        Self::Kurtosis,
        Self::Max,
        Self::Mean,
        Self::Median,
        Self::Min,
        Self::Skew,
        Self::Std,
    ];

    /// The FMA's name of the statistic.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kurtosis => "kurtosis",
            Self::Max => "max",
            Self::Mean => "mean",
            Self::Median => "median",
            Self::Min => "min",
            Self::Skew => "skew",
            Self::Std => "std",
        }
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One of the 518 columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// `family.statistic.number`, for example `mfcc.mean.01`.
    pub name: String,
    /// The descriptor family.
    pub family: Family,
    /// The statistic over frames.
    pub statistic: Statistic,
    /// Number within the family, from 1 as in the FMA's header.
    pub number: usize,
    /// Unit of the value.
    pub unit: &'static str,
}

static COLUMNS: LazyLock<Vec<Column>> = LazyLock::new(|| {
    let mut out = Vec::with_capacity(N_COLUMNS);
    for family in Family::ALL {
        for statistic in Statistic::ALL {
            for number in 1..=family.n_rows() {
                let unit = match statistic {
                    Statistic::Kurtosis | Statistic::Skew => "1",
                    _ => family.unit(),
                };
                out.push(Column {
                    name: format!("{family}.{statistic}.{number:02}"),
                    family,
                    statistic,
                    number,
                    unit,
                });
            }
        }
    }
    out
});

/// The 518 columns in the order of the FMA's `features.csv`.
pub fn columns() -> &'static [Column] {
    &COLUMNS
}

/// Index of the column called `name` (`mfcc.mean.01`), or `None`.
pub fn column_index(name: &str) -> Option<usize> {
    columns().iter().position(|c| c.name == name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_table_has_the_datasets_columns_in_its_order() {
        assert_eq!(columns().len(), N_COLUMNS);
        assert_eq!(Family::ALL.iter().map(|f| f.n_rows()).sum::<usize>(), N_ROWS);
        assert_eq!(columns()[0].name, "chroma_cens.kurtosis.01");
        assert_eq!(columns()[11].name, "chroma_cens.kurtosis.12");
        assert_eq!(columns()[12].name, "chroma_cens.max.01");
        assert_eq!(columns()[84].name, "chroma_cqt.kurtosis.01");
        assert_eq!(columns()[N_COLUMNS - 1].name, "zcr.std.01");
        assert_eq!(column_index("mfcc.mean.01"), Some(3 * 84 + 40));
        assert_eq!(column_index("mfcc.mean.21"), None);
        assert_eq!(Family::Mfcc.first_row(), 36);
        assert_eq!(Family::Zcr.first_row(), N_ROWS - 1);
    }
}
