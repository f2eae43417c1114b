//! Outliers among the features: values far from the mean, in standard deviations, and from the median.
//!
//! The z-score is (value - mean) / standard deviation, both of all tracks, with the population's standard deviation. A few
//! enormous values hide themselves in it, since they widen the standard deviation; the robust z-score, (value - median) /
//! (1.4826 median absolute deviation), does not know that weakness.

use std::collections::BTreeMap;

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use cratedigger_catalog::{Store, TableId};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::dataset::{ECHONEST_AUDIO_FEATURES, read_some};
use crate::error::Result;
use crate::table::{Table, text_at, value_at};

/// What makes the median absolute deviation of normal values their standard deviation: 1 / Φ⁻¹(3/4).
pub const MAD_TO_STD: f64 = 1.482_602_218_505_602;

/// Beyond this, the square of a value or the sum of squares may be infinite.
const ENORMOUS: f64 = 1e140;

/// Columns that are read at a time.
const COLUMNS_AT_ONCE: usize = 48;

/// Extremes that the findings name.
const N_EXTREMES: usize = 30;

/// Half of the histogram's width and the width of a class, in z-scores.
const HISTOGRAM: (f64, f64) = (6.0, 0.5);

/// The finding `outliers`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outliers {
    /// The table of the features: `features` or `echonest`.
    pub table: String,
    /// Its rows.
    pub n_tracks: u64,
    /// How many standard deviations from the mean count as an outlier.
    pub threshold: f64,
    /// All values.
    pub n_values: u64,
    /// Values beyond the threshold.
    pub n_beyond: u64,
    /// `n_beyond / n_values`.
    pub share_beyond: f64,
    /// Tracks with at least one such value.
    pub n_tracks_beyond: u64,
    /// The features, in the order of the table.
    pub features: Vec<FeatureOutliers>,
    /// The same by families, such as `mfcc`, in the order of the table.
    pub families: Vec<FamilyOutliers>,
    /// The values farthest from their means, at most thirty, one for each track and feature.
    pub extremes: Vec<NamedExtreme>,
    /// The lower ends of the classes of every feature's histogram, in z-scores; the first class has no lower end, and is
    /// below the first of these, the last one has no upper end.
    pub histogram_edges: Vec<f64>,
}

/// One feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeatureOutliers {
    /// The column.
    pub feature: String,
    /// Tracks with a value.
    pub n: u64,
    /// Tracks without one.
    pub n_missing: u64,
    /// Tracks whose value is infinite, which counts nowhere else. Absent in findings written before these were told from
    /// missing values.
    #[serde(default)]
    pub n_infinite: u64,
    /// The mean.
    pub mean: f64,
    /// The population's standard deviation.
    pub std: f64,
    /// The median.
    pub median: f64,
    /// The median absolute deviation from the median, not scaled.
    pub mad: f64,
    /// The track with the lowest value.
    pub lowest: Extreme,
    /// The track with the highest value.
    pub highest: Extreme,
    /// Values with a z-score above the threshold.
    pub n_above: u64,
    /// Values with a z-score below minus the threshold.
    pub n_below: u64,
    /// Both, divided by `n`.
    pub share_beyond: f64,
    /// Values with a robust z-score beyond the threshold; `null` where the median absolute deviation is 0.
    pub n_robust: Option<u64>,
    /// Values by z-score; see `histogram_edges`.
    pub histogram: Vec<u64>,
}

/// A value and how far out it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Extreme {
    /// The track.
    pub track_id: i64,
    /// Its value.
    pub value: f64,
    /// Its z-score; 0 where all values are equal.
    pub z: f64,
    /// Its robust z-score; `null` where the median absolute deviation is 0.
    pub robust_z: Option<f64>,
}

/// A family of features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FamilyOutliers {
    /// The family.
    pub family: String,
    /// Its features.
    pub n_features: u64,
    /// Their values.
    pub n_values: u64,
    /// Values beyond the threshold.
    pub n_beyond: u64,
    /// `n_beyond / n_values`.
    pub share_beyond: f64,
}

/// An extreme value with names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NamedExtreme {
    /// The column.
    pub feature: String,
    /// The track.
    pub track_id: i64,
    /// Its title.
    pub title: Option<String>,
    /// Its artist.
    pub artist: Option<String>,
    /// Its value.
    pub value: f64,
    /// Its z-score.
    pub z: f64,
}

/// Looks for outliers in the features table, or in Echonest's audio features where there is none; `None` without either.
///
/// # Errors
/// `Catalog`, `ColumnType`.
pub fn outliers(store: &Store, threshold: f64) -> Result<Option<Outliers>> {
    let table = match (store.has(TableId::Features), store.has(TableId::Echonest)) {
        (true, _) => TableId::Features,
        (false, true) => TableId::Echonest,
        (false, false) => return Ok(None),
    };
    let index = table.index_column();
    let schema = store.schema(table)?;
    let columns: Vec<&str> = schema
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .filter(|name| {
            *name != index && (table == TableId::Features || name.starts_with(ECHONEST_AUDIO_FEATURES))
        })
        .collect();
    let ids = store.read(table, Some(&[index]))?;
    let ids: Vec<i64> = Table::new(table.name(), &ids)
        .int64(index)?
        .map_or_else(Vec::new, |ids| ids.values().to_vec());
    let mut features = Vec::with_capacity(columns.len());
    let mut n_of_track = vec![0_u32; ids.len()];
    for names in columns.chunks(COLUMNS_AT_ONCE) {
        let batch = store.read(table, Some(names))?;
        let numbers = Table::new(table.name(), &batch);
        let found: Vec<Option<(FeatureOutliers, Vec<usize>)>> = names
            .par_iter()
            .map(|name| {
                let values = numbers.float64(name)?;
                Ok(values.and_then(|values| {
                    let values: Vec<Option<f64>> = values.iter().collect();
                    describe(name, &values, &ids, threshold)
                }))
            })
            .collect::<Result<_>>()?;
        for (feature, beyond) in found.into_iter().flatten() {
            for row in beyond {
                n_of_track[row] += 1;
            }
            features.push(feature);
        }
    }
    if features.is_empty() {
        return Ok(None);
    }
    let n_values = features.iter().map(|feature| feature.n).sum();
    let n_beyond = features.iter().map(FeatureOutliers::n_beyond).sum();
    Ok(Some(Outliers {
        table: table.name().to_owned(),
        n_tracks: ids.len() as u64,
        threshold,
        n_values,
        n_beyond,
        share_beyond: share(n_beyond, n_values),
        n_tracks_beyond: n_of_track.iter().filter(|&&n| n > 0).count() as u64,
        families: families(&features),
        extremes: extremes(store, &features)?,
        features,
        histogram_edges: edges(),
    }))
}

impl FeatureOutliers {
    /// Values beyond the threshold on either side.
    pub fn n_beyond(&self) -> u64 {
        self.n_above + self.n_below
    }
}

/// One column, and the rows of its outliers; `None` without a finite value.
fn describe(
    feature: &str,
    values: &[Option<f64>],
    ids: &[i64],
    threshold: f64,
) -> Option<(FeatureOutliers, Vec<usize>)> {
    let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
    let n_infinite = values
        .iter()
        .flatten()
        .filter(|value| value.is_infinite())
        .count();
    let greatest = values
        .iter()
        .filter_map(|&value| finite(value))
        .fold(0.0, |a: f64, b| a.max(b.abs()));
    // Squares of values near the end of the numbers would be infinite: these are counted in a unit of their own.
    let unit = if greatest > ENORMOUS { greatest } else { 1.0 };
    let present: Vec<(usize, f64)> = values
        .iter()
        .enumerate()
        .filter_map(|(row, &value)| Some((row, finite(value)? / unit)))
        .collect();
    let n = present.len() as f64;
    let mean = present.iter().map(|(_, value)| value).sum::<f64>() / n;
    let variance = present
        .iter()
        .map(|(_, value)| (value - mean).powi(2))
        .sum::<f64>()
        / n;
    let std = variance.sqrt();
    let mut sorted: Vec<f64> = present.iter().map(|&(_, value)| value).collect();
    let median = cratedigger_stats::median(&mut sorted)?;
    sorted
        .iter_mut()
        .for_each(|value| *value = (*value - median).abs());
    let mad = cratedigger_stats::median(&mut sorted)?;
    // Where all values are equal, rounding may leave a tiny deviation, of which nothing follows.
    let constant = present.iter().all(|&(_, value)| value == present[0].1);
    let z_of = |value: f64| if constant { 0.0 } else { (value - mean) / std };
    let robust_of = |value: f64| (mad > 0.0).then(|| (value - median) / (MAD_TO_STD * mad));
    let extreme = |&(row, value): &(usize, f64)| Extreme {
        track_id: ids.get(row).copied().unwrap_or_default(),
        value: value * unit,
        z: z_of(value),
        robust_z: robust_of(value),
    };
    // The first of equal ones.
    let lowest = present.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let highest = present.iter().rev().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let mut histogram = vec![0; edges().len() + 1];
    let (half, width) = HISTOGRAM;
    let (mut n_above, mut n_below, mut n_robust, mut beyond) = (0, 0, 0, Vec::new());
    for &(row, value) in &present {
        let z = z_of(value);
        let class = ((z + half) / width).floor() + 1.0;
        histogram[(class.max(0.0) as usize).min(edges().len())] += 1;
        n_above += u64::from(z > threshold);
        n_below += u64::from(z < -threshold);
        if z.abs() > threshold {
            beyond.push(row);
        }
        n_robust += u64::from(robust_of(value).is_some_and(|z| z.abs() > threshold));
    }
    Some((
        FeatureOutliers {
            feature: feature.to_owned(),
            n: present.len() as u64,
            n_missing: (values.len() - present.len() - n_infinite) as u64,
            n_infinite: n_infinite as u64,
            mean: mean * unit,
            std: std * unit,
            median: median * unit,
            mad: mad * unit,
            lowest: extreme(lowest),
            highest: extreme(highest),
            n_above,
            n_below,
            share_beyond: share(n_above + n_below, present.len() as u64),
            n_robust: (mad > 0.0).then_some(n_robust),
            histogram,
        },
        beyond,
    ))
}

fn edges() -> Vec<f64> {
    let (half, width) = HISTOGRAM;
    let n = (2.0 * half / width) as usize;
    (0..=n).map(|k| -half + width * k as f64).collect()
}

fn families(features: &[FeatureOutliers]) -> Vec<FamilyOutliers> {
    let mut families: Vec<FamilyOutliers> = Vec::new();
    for feature in features {
        let family = crate::dataset::family(&feature.feature);
        let entry = match families.iter().position(|entry| entry.family == family) {
            Some(position) => &mut families[position],
            None => {
                families.push(FamilyOutliers {
                    family: family.to_owned(),
                    n_features: 0,
                    n_values: 0,
                    n_beyond: 0,
                    share_beyond: 0.0,
                });
                let last = families.len() - 1;
                &mut families[last]
            }
        };
        entry.n_features += 1;
        entry.n_values += feature.n;
        entry.n_beyond += feature.n_beyond();
        entry.share_beyond = share(entry.n_beyond, entry.n_values);
    }
    families
}

fn extremes(store: &Store, features: &[FeatureOutliers]) -> Result<Vec<NamedExtreme>> {
    let mut all: Vec<(&FeatureOutliers, &Extreme)> = features
        .iter()
        .flat_map(|feature| [(feature, &feature.lowest), (feature, &feature.highest)])
        .filter(|(_, extreme)| extreme.z != 0.0)
        .collect();
    // Stable: equal ones stay in the order of the table.
    all.sort_by(|a, b| b.1.z.abs().total_cmp(&a.1.z.abs()));
    all.truncate(N_EXTREMES);
    let tracks = read_some(
        store,
        TableId::Tracks,
        &["track_id", "track.title", "artist.name"],
    )?;
    let table = Table::new("tracks", &tracks);
    let (titles, artists) = (table.text("track.title")?, table.text("artist.name")?);
    let rows: BTreeMap<i64, usize> = match table
        .get("track_id")
        .and_then(|ids| ids.as_primitive_opt::<Int64Type>())
    {
        Some(ids) => (0..table.n_rows())
            .filter_map(|row| Some((value_at(Some(ids), row)?, row)))
            .filter(|(id, _)| all.iter().any(|(_, extreme)| extreme.track_id == *id))
            .collect(),
        None => BTreeMap::new(),
    };
    Ok(all
        .into_iter()
        .map(|(feature, extreme)| {
            let text = |column: Option<&arrow::array::StringArray>| {
                text_at(column, *rows.get(&extreme.track_id)?).map(str::to_owned)
            };
            NamedExtreme {
                feature: feature.feature.clone(),
                track_id: extreme.track_id,
                title: text(titles.as_ref()),
                artist: text(artists.as_ref()),
                value: extreme.value,
                z: extreme.z,
            }
        })
        .collect())
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

#[cfg(test)]
mod tests;
