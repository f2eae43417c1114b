//! Every track with its place.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use rayon::prelude::*;

use crate::error::Result;
use crate::selection::Labels;
use crate::table::{Table, text_at, value_at};
use cratedigger_places::{Atlas, Outcome, Reason};
use cratedigger_places::{Gazetteer, TextPlace};

/// The tracks of an archive with what is known of their places; all lists are in the order of the table.
#[derive(Debug, Clone)]
pub struct Located {
    /// Ids.
    pub(super) track_ids: Vec<i64>,
    /// Artists; a track whose artist is not known is an artist of its own, with a number below all ids.
    pub(super) artists: Vec<i64>,
    /// Names of artists.
    pub(super) artist_names: BTreeMap<i64, String>,
    /// Latitude and longitude, as far as they are there.
    pub(super) coordinates: Vec<(Option<f64>, Option<f64>)>,
    /// Where the coordinates lead; `None` without any.
    pub(super) outcomes: Vec<Option<Outcome>>,
    /// What the artist's text says; `None` without any.
    pub(super) texts: Vec<Option<TextPlace>>,
    /// Classes, as positions of the labels' classes.
    pub(super) classes: Vec<Option<usize>>,
    /// Language codes, in lower case.
    pub(super) languages: Vec<Option<String>>,
}

impl Located {
    pub(super) fn new(tracks: &RecordBatch, labels: &Labels, atlas: &Atlas) -> Result<Option<Self>> {
        let table = Table::new("tracks", tracks);
        let n = table.n_rows();
        let (latitudes, longitudes) = (
            table.float64("artist.latitude")?,
            table.float64("artist.longitude")?,
        );
        let words = table.text("artist.location")?;
        let coordinates: Vec<(Option<f64>, Option<f64>)> = (0..n)
            .map(|row| {
                (
                    value_at(latitudes.as_ref(), row),
                    value_at(longitudes.as_ref(), row),
                )
            })
            .collect();
        let any_coordinate = coordinates.iter().any(|(a, b)| a.is_some() || b.is_some());
        if !any_coordinate && (0..n).all(|row| text_at(words.as_ref(), row).is_none()) {
            return Ok(None);
        }
        let mut outcomes: Vec<Option<Outcome>> = coordinates
            .par_iter()
            .map(|&(latitude, longitude)| match (latitude, longitude) {
                (None, None) => None,
                (Some(latitude), Some(longitude)) => Some(atlas.locate(latitude, longitude)),
                _ => Some(Outcome::Nowhere {
                    reason: Reason::HalfMissing,
                }),
            })
            .collect();
        let gazetteer = Gazetteer::new(atlas);
        let mut known: BTreeMap<&str, TextPlace> = BTreeMap::new();
        let texts: Vec<Option<TextPlace>> = (0..n)
            .map(|row| {
                let text = text_at(words.as_ref(), row)?;
                Some(*known.entry(text).or_insert_with(|| gazetteer.find(text)))
            })
            .collect();
        for (row, outcome) in outcomes.iter_mut().enumerate() {
            // Words that name another country than the swapped point's speak against a swap.
            let swapped = Some(Outcome::Nowhere {
                reason: Reason::SwappedPerhaps,
            });
            if let (true, Some(TextPlace::Found { country, .. }), (Some(latitude), Some(longitude))) =
                (*outcome == swapped, texts[row], coordinates[row])
            {
                let there = atlas
                    .locate(longitude, latitude)
                    .region()
                    .map(|region| atlas.region(region).country);
                if there != Some(country) && latitude.abs() <= 90.0 {
                    *outcome = Some(Outcome::Nowhere { reason: Reason::Sea });
                }
            }
        }
        let (ids, artists, names) = (
            table.int64("track_id")?,
            table.int64("artist.id")?,
            table.text("artist.name")?,
        );
        let artists: Vec<i64> = (0..n)
            .map(|row| value_at(artists.as_ref(), row).unwrap_or(i64::MIN + row as i64))
            .collect();
        let mut artist_names = BTreeMap::new();
        for (row, &artist) in artists.iter().enumerate() {
            if let Some(name) = text_at(names.as_ref(), row) {
                artist_names.entry(artist).or_insert_with(|| name.to_owned());
            }
        }
        let languages = table.text("track.language_code")?;
        Ok(Some(Self {
            track_ids: (0..n)
                .map(|row| value_at(ids.as_ref(), row).unwrap_or(row as i64))
                .collect(),
            artists,
            artist_names,
            coordinates,
            outcomes,
            texts,
            classes: labels.class_of.clone(),
            languages: (0..n)
                .map(|row| {
                    let code = text_at(languages.as_ref(), row)?.trim().to_lowercase();
                    (!code.is_empty()).then_some(code)
                })
                .collect(),
        }))
    }

    pub(super) fn n_tracks(&self) -> usize {
        self.artists.len()
    }

    /// The region that a track's coordinates lead to.
    pub(super) fn region(&self, row: usize) -> Option<usize> {
        self.outcomes[row].and_then(Outcome::region)
    }

    /// The continent that each track's coordinates lead to, by its id.
    pub(crate) fn continents<'a>(&self, atlas: &'a Atlas) -> BTreeMap<i64, &'a str> {
        let of = |row: usize| {
            Some((
                self.track_ids[row],
                atlas.region(self.region(row)?).continent.as_str(),
            ))
        };
        (0..self.n_tracks()).filter_map(of).collect()
    }

    /// For each artist with tracks of any class on a continent: the continent (of most of these tracks, the first of
    /// equals) and the tracks by class. In the order of artists' ids.
    pub(crate) fn artists_by_continent(
        &self,
        atlas: &Atlas,
        continents: &[String],
        n_classes: usize,
    ) -> Vec<(usize, Vec<u64>)> {
        let mut artists: BTreeMap<i64, (Vec<u64>, Vec<u64>)> = BTreeMap::new();
        for row in 0..self.n_tracks() {
            let (Some(region), Some(class)) = (self.region(row), self.classes[row]) else {
                continue;
            };
            let name = &atlas.region(region).continent;
            let Some(continent) = continents.iter().position(|other| other == name) else {
                continue;
            };
            let entry = artists
                .entry(self.artists[row])
                .or_insert_with(|| (vec![0; continents.len()], vec![0; n_classes]));
            entry.0[continent] += 1;
            entry.1[class] += 1;
        }
        artists
            .into_values()
            .map(|(places, classes)| (first_greatest(&places), classes))
            .collect()
    }
}

/// The position of the greatest count, the first of equals.
pub(crate) fn first_greatest(counts: &[u64]) -> usize {
    let mut best = 0;
    for (position, &count) in counts.iter().enumerate() {
        if count > counts[best] {
            best = position;
        }
    }
    best
}
