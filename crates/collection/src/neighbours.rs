//! The tracks of the training data that are most like a recording, as the model sees it.
//!
//! Rows are those of a file of features or a store, after the model's preprocessing. Where that does not end in a scaling
//! (trees), columns are scaled by the rows' own mean and deviation, since a column in Hz would outweigh all others. Every row
//! is compared: at 25,000 rows of 518 features a look takes some milliseconds, and nothing is approximate.

use std::collections::HashMap;
use std::path::Path;

use cratedigger_catalog::TableId;
use cratedigger_catalog::store::Store;
use cratedigger_learn::{Matrix, Model};
use serde::Serialize;

use crate::error::{Context, Result, refuse};
use crate::listener::Listener;
use crate::rows::for_model::gather_one;
use crate::rows::source::{self, Kind, Reading};
use crate::rows::tables::read_some;
use crate::table::{Table, text_at, value_at};

/// How many are told.
pub const K: usize = 5;

/// Partial sums of a distance, always taken in the same order.
const LANES: usize = 16;

/// Tracks to look among. Memory: 4 bytes for each feature of each row (53 MB for 25,621 x 518), and their names.
#[derive(Debug)]
pub struct Neighbours {
    rows: Matrix,
    tracks: Vec<Track>,
    /// Mean and inverse deviation of each column, where the model does not scale.
    scaling: Option<(Vec<f32>, Vec<f32>)>,
}

/// What a track is called.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Track {
    /// As the file of features or the store names the row.
    pub id: String,
    /// Its title, where it is known.
    pub title: Option<String>,
    /// Its artist, where it is known.
    pub artist: Option<String>,
    /// The genre that people gave it.
    pub genre: Option<String>,
}

/// A track and how far it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Near {
    /// The track.
    #[serde(flatten)]
    pub track: Track,
    /// Root of the mean squared difference of the scaled features: 0 for the same sound; two tracks that are typical each in
    /// its own way are some 1.4 apart.
    pub distance: f64,
}

impl Neighbours {
    /// Reads the rows of a file of features, a store, a folder of the dataset's CSV files, or audio. Rows that the model cannot
    /// take are left out and counted in a message.
    pub fn load(path: &Path, model: &Model, reading: &Reading, listener: &dyn Listener) -> Result<Self> {
        let load = || -> Result<Self> {
            if model.card().feature_names.is_empty() {
                refuse!(
                    Model,
                    "the model reads frames and has no features that tracks could be near in"
                );
            }
            let gathered = gather_one(path, model, reading, listener)?;
            if gathered.ids.is_empty() {
                refuse!(Input, "no row of it can be used by the model");
            }
            if !gathered.failures.is_empty() {
                listener.say(&format!(
                    "{} rows of {} take no part in the search for neighbours, the first because of this: {}",
                    gathered.failures.len(),
                    path.display(),
                    gathered.failures[0]
                ));
            }
            let has_names = path.is_dir() && source::kind(path) == Kind::Tables;
            let mut names = match has_names {
                true => names(&source::open(path, reading, listener)?.0)?,
                false => HashMap::new(),
            };
            let tracks = gathered
                .ids
                .into_iter()
                .map(|id| {
                    names.remove(&id).unwrap_or(Track {
                        id,
                        ..Track::default()
                    })
                })
                .collect();
            Self::new(model, gathered.x, tracks)
        };
        load().with_context(|| format!("--neighbours {}", path.display()))
    }

    /// Rows of the model's features, in its order, and what they are called.
    fn new(model: &Model, x: Matrix, tracks: Vec<Track>) -> Result<Self> {
        let mut rows = model.pipeline().transform(&x)?;
        drop(x);
        let scaled = model.pipeline().steps().pipeline().ends_in_scaling();
        let scaling = (!scaled).then(|| scaling_of(&rows));
        if let Some(scaling) = &scaling {
            let n_cols = rows.n_cols();
            rows.as_mut_slice()
                .chunks_exact_mut(n_cols)
                .for_each(|row| scale(row, scaling));
        }
        Ok(Self {
            rows,
            tracks,
            scaling,
        })
    }

    /// Number of tracks.
    pub fn len(&self) -> usize {
        self.tracks.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.tracks.is_empty()
    }

    /// The [`K`] nearest tracks to a row after the model's preprocessing, the nearest first, equal ones in their order.
    pub fn nearest(&self, seen: &[f32]) -> Vec<Near> {
        let mut row = seen.to_vec();
        if let Some(scaling) = &self.scaling {
            scale(&mut row, scaling);
        }
        let mut best: Vec<(f32, usize)> = Vec::with_capacity(K + 1);
        for (at, other) in self.rows.rows().enumerate() {
            let d = squared(&row, other);
            // Also false for what is no number.
            if best.len() < K && !d.is_nan() || best.last().is_some_and(|(worst, _)| d < *worst) {
                let place = best.partition_point(|(there, _)| *there <= d);
                best.insert(place, (d, at));
                best.truncate(K);
            }
        }
        best.into_iter()
            .map(|(d, at)| Near {
                track: self.tracks[at].clone(),
                distance: (f64::from(d) / self.rows.n_cols() as f64).sqrt(),
            })
            .collect()
    }
}

fn squared(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; LANES];
    let (a, b) = (a.chunks(LANES), b.chunks(LANES));
    for (a, b) in a.zip(b) {
        for (i, (a, b)) in a.iter().zip(b).enumerate() {
            let d = a - b;
            sums[i] += d * d;
        }
    }
    sums.iter().sum()
}

/// Mean and inverse deviation of each column over the rows where it is a number; 1 where it never changes.
fn scaling_of(x: &Matrix) -> (Vec<f32>, Vec<f32>) {
    let column = |column: usize| {
        let values = x
            .rows()
            .map(|row| f64::from(row[column]))
            .filter(|v| v.is_finite());
        let (mut n, mut mean, mut squares) = (0.0, 0.0, 0.0);
        for value in values {
            n += 1.0;
            let d = value - mean;
            mean += d / n;
            squares += d * (value - mean);
        }
        let deviation = if n > 0.0 { (squares / n).sqrt() } else { 0.0 };
        let inverse = if deviation > 0.0 { 1.0 / deviation } else { 1.0 };
        (mean as f32, inverse as f32)
    };
    (0..x.n_cols()).map(column).unzip()
}

fn scale(row: &mut [f32], (mean, inverse): &(Vec<f32>, Vec<f32>)) {
    for ((value, mean), inverse) in row.iter_mut().zip(mean).zip(inverse) {
        *value = (*value - mean) * inverse;
    }
}

/// Titles, artists and genres of a store's tracks, as far as it knows them, by the track's id.
fn names(store: &Store) -> Result<HashMap<String, Track>> {
    if !store.has(TableId::Tracks) {
        return Ok(HashMap::new());
    }
    let columns = ["track_id", "track.title", "artist.name", "track.genre_top"];
    let batch = read_some(store, TableId::Tracks, &columns)?;
    let table = Table::new("tracks", &batch);
    let ids = table.int64("track_id")?;
    let [title, artist, genre] = [
        table.text("track.title")?,
        table.text("artist.name")?,
        table.text("track.genre_top")?,
    ];
    let text =
        |column: &Option<arrow::array::StringArray>, row| text_at(column.as_ref(), row).map(str::to_owned);
    let tracks = (0..table.n_rows()).map(|row| {
        let id = value_at(ids.as_ref(), row).unwrap_or_default().to_string();
        let track = Track {
            id: id.clone(),
            title: text(&title, row),
            artist: text(&artist, row),
            genre: text(&genre, row),
        };
        (id, track)
    });
    Ok(tracks.collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use cratedigger_learn::{Dataset, FittedPipeline, Method, ModelCard, TrainSet};

    /// 300 rows of 37 features on scales that differ by a million.
    fn rows() -> Matrix {
        let mut state = 5_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 8) / f64::from(1 << 24)
        };
        let values = (0..300 * 37).map(|i| (next() * 10_f64.powi(i % 37 % 7) + 3.0) as f32);
        Matrix::new(300, 37, values.collect()).unwrap()
    }

    fn model(method: Method) -> Model {
        let x = rows();
        let y: Vec<usize> = (0..x.n_rows()).map(|i| i % 2).collect();
        let data = Dataset::new(x, y, vec!["A".into(), "B".into()]).unwrap();
        let train = TrainSet::new(&data.x, &data.y, 2).unwrap();
        let fitted = FittedPipeline::fit(&*method.classifier(0), &train).unwrap();
        Model::new(fitted, ModelCard::of(&data)).unwrap()
    }

    fn tracks(n: usize) -> Vec<Track> {
        let track = |i: usize| Track {
            id: i.to_string(),
            ..Track::default()
        };
        (0..n).map(track).collect()
    }

    #[test]
    fn the_nearest_are_those_of_the_definition_whatever_the_model_does_to_its_features() {
        for method in [Method::LOGISTIC_REGRESSION, Method::DECISION_TREE] {
            let (x, model) = (rows(), model(method));
            let near = Neighbours::new(&model, x.clone(), tracks(300)).unwrap();
            // By the definition, in double precision: columns by their mean and deviation.
            let n = x.n_rows() as f64;
            let z = |row: usize, column: usize| {
                let of = |r: usize| f64::from(x.get(r, column));
                let mean = (0..300).map(of).sum::<f64>() / n;
                let variance = (0..300).map(|r| (of(r) - mean).powi(2)).sum::<f64>() / n;
                (of(row) - mean) / variance.sqrt()
            };
            let all: Vec<Vec<f64>> = (0..300).map(|r| (0..37).map(|c| z(r, c)).collect()).collect();
            for row in [0, 17, 299] {
                let mut want: Vec<(f64, usize)> = (0..300)
                    .map(|other| {
                        let squares = all[row].iter().zip(&all[other]).map(|(a, b)| (a - b).powi(2));
                        ((squares.sum::<f64>() / 37.0).sqrt(), other)
                    })
                    .collect();
                want.sort_by(|a, b| a.0.total_cmp(&b.0));
                let seen = model.pipeline().transform(&x.take_rows(&[row]).unwrap()).unwrap();
                let got = near.nearest(seen.row(0));
                assert_eq!(got.len(), K);
                for (got, (distance, at)) in got.iter().zip(&want) {
                    assert_eq!(got.track.id, at.to_string(), "{method}");
                    assert!(
                        (got.distance - distance).abs() < 1e-5,
                        "{method}: {got:?} {distance}"
                    );
                }
                assert_eq!(got[0].distance, 0.0, "the row itself");
            }
        }
    }

    #[test]
    fn equal_distances_stay_in_order_and_few_tracks_are_all_told() {
        let model = model(Method::LOGISTIC_REGRESSION);
        let x = rows();
        let same = x.take_rows(&[4, 9, 4, 4, 9, 4, 4, 4]).unwrap();
        let near = Neighbours::new(&model, same, tracks(8)).unwrap();
        let seen = model.pipeline().transform(&x.take_rows(&[4]).unwrap()).unwrap();
        let ids: Vec<String> = near
            .nearest(seen.row(0))
            .into_iter()
            .map(|n| n.track.id)
            .collect();
        assert_eq!(ids, ["0", "2", "3", "5", "6"]);
        let two = Neighbours::new(&model, x.take_rows(&[1, 4]).unwrap(), tracks(2)).unwrap();
        let ids: Vec<String> = two.nearest(seen.row(0)).into_iter().map(|n| n.track.id).collect();
        assert_eq!(ids, ["1", "0"]);
        assert_eq!(two.len(), 2);
    }
}
