//! How far a row is from what was learnt, in one of several ways, after a scaling of its own.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::families::Families;
use super::mahalanobis::Mahalanobis;
use super::neighbours::Near;
use crate::data::dataset::Dataset;
use crate::data::matrix::Matrix;
use crate::error::Result;
use crate::preprocess::StandardScaler;
use crate::split::inner_folds;

/// A way to tell how far a row is from what was learnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DetectorKind {
    /// The mean distance to the five nearest of at most 2,000 training rows.
    ///
    /// Source: Ramaswamy, Rastogi and Shim, "Efficient algorithms for mining outliers from large data sets", SIGMOD 2000, and Angiulli and
    /// Pizzuti 2002 for the mean; scikit-learn, `NearestNeighbors`.
    #[default]
    Neighbours,
    /// The same over the mean distance of these five to their own nearest rows of other groups: what is far for where it is.
    ///
    /// Source: after Breunig, Kriegel, Ng and Sander, "LOF: identifying density-based local outliers", SIGMOD 2000, with distances instead
    /// of reachability.
    LocalNeighbours,
    /// The squared Mahalanobis distance to the nearest class.
    ///
    /// Source: Lee, Lee, Lee and Shin, NeurIPS 2018; the covariance within classes by Ledoit and Wolf 2004.
    Mahalanobis,
    /// The same in the covariance of the class itself, by one part of the columns after the other (harmony, `mfcc`, spectrum, level; other
    /// families by themselves), each over the distance that a tenth of the training rows have from those of other groups; the largest.
    /// What is far is drawn in by a logarithm. Speech is like music in most parts and unlike it in one.
    ///
    /// Source: as `Mahalanobis`, with a covariance for each class.
    Families,
}

impl DetectorKind {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Neighbours,
        Self::LocalNeighbours,
        Self::Mahalanobis,
        Self::Families,
    ];

    /// The name, as in model files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Neighbours => "neighbours",
            Self::LocalNeighbours => "local-neighbours",
            Self::Mahalanobis => "mahalanobis",
            Self::Families => "families",
        }
    }
}

impl fmt::Display for DetectorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Folds on which a detector finds what is usual.
const FOLDS: usize = 5;

/// What was learnt of where training rows are.
#[derive(Debug, Clone, PartialEq)]
pub struct Detector {
    pub(super) scaler: StandardScaler,
    pub(super) place: Place,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Place {
    Near(Near),
    Mahalanobis(Mahalanobis),
    Families(Families),
}

impl Detector {
    /// Learns from the rows of a data set. Columns are scaled to mean 0 and deviation 1, missing values are taken for the mean.
    ///
    /// # Errors
    /// `Empty`, `NotFinite` for infinite values, `CannotSplit` for fewer than six rows, `InvalidParameter` where rows do not differ
    /// within classes.
    pub fn fit(kind: DetectorKind, data: &Dataset, seed: u64) -> Result<Self> {
        let scaler = StandardScaler::fit(&data.x)?;
        let scaled = scale(&scaler, &data.x)?;
        let groups = data.groups.as_deref();
        let place = match kind {
            DetectorKind::Neighbours => Place::Near(Near::fit(&scaled, groups, false, seed)?),
            DetectorKind::LocalNeighbours => Place::Near(Near::fit(&scaled, groups, true, seed)?),
            DetectorKind::Mahalanobis => {
                Place::Mahalanobis(Mahalanobis::fit(&scaled, &data.y, data.n_classes())?)
            }
            DetectorKind::Families => {
                let folds = inner_folds(&data.y, data.n_classes(), groups, FOLDS, seed)?;
                Place::Families(Families::fit(
                    &scaled,
                    &data.y,
                    &data.feature_names,
                    &folds,
                    seed,
                )?)
            }
        };
        Ok(Self { scaler, place })
    }

    /// The larger, the less a row is like what was learnt. Always finite: a row that has an infinite value gets the largest number.
    ///
    /// # Errors
    /// `ShapeMismatch` for another number of columns.
    pub fn scores(&self, x: &Matrix) -> Result<Vec<f64>> {
        let scaled = scale(&self.scaler, x)?;
        let scores = match &self.place {
            Place::Near(near) => near.scores(&scaled),
            Place::Mahalanobis(classes) => classes.scores(&scaled),
            Place::Families(families) => families.scores(&scaled),
        };
        let told = |(score, row): (f64, &[f32])| match row.iter().any(|value| value.is_infinite()) {
            false if score.is_finite() => score,
            _ => f64::MAX,
        };
        Ok(scores.into_iter().zip(x.rows()).map(told).collect())
    }
}

/// Scaled values; missing ones are 0, and what would be infinite is as large as a value can usefully be.
fn scale(scaler: &StandardScaler, x: &Matrix) -> Result<Matrix> {
    let mut x = scaler.transform(x)?;
    for value in x.as_mut_slice() {
        *value = if value.is_nan() {
            0.0
        } else {
            value.clamp(-1e9, 1e9)
        };
    }
    Ok(x)
}
