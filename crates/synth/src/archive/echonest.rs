//! What Echonest said of the tracks that it knew: 25 named columns and 224 temporal features.

use super::missing::artist as empty_artist;
use super::plan::Plan;
use super::records::{AlbumRecord, ArtistRecord, TrackRecord};
use super::sound::N_LATENT;
use crate::stream::{Domain, Stream};
use cratedigger_catalog::pandas::Cell;
use cratedigger_catalog::schema::{TableId, distributed_columns};

/// Named columns before the temporal features.
const N_NAMED: usize = 25;
/// Temporal features.
const N_TEMPORAL: usize = 224;

/// The fixed constants: how the audio and temporal features follow from a track's hidden properties.
pub(crate) struct Echonest {
    audio: Vec<[f64; N_LATENT]>,
    temporal: Vec<[f64; N_LATENT]>,
}

/// The texts of a row, which its cells borrow.
pub(crate) struct EchonestRecord {
    numbers: [f64; N_NAMED],
    album_date: Option<String>,
    album_name: Option<String>,
    point: Option<(f64, f64)>,
    location: Option<String>,
    artist_name: String,
    release: String,
    /// Discovery, familiarity and hotttnesss ranks of the artist.
    is_ranked: bool,
    is_song_ranked: bool,
    temporal: [f64; N_TEMPORAL],
}

impl Echonest {
    /// The constants.
    pub(crate) fn new() -> Self {
        let rows = |index: u64, n: usize| -> Vec<[f64; N_LATENT]> {
            let mut s = Stream::new(0, Domain::World, index);
            let norm = (N_LATENT as f64).sqrt();
            (0..n)
                .map(|_| std::array::from_fn(|_| s.normal() / norm))
                .collect()
        };
        Self {
            audio: rows(7, 8),
            temporal: rows(8, N_TEMPORAL),
        }
    }

    /// The columns of the track at `index`, whose hidden properties are `x`.
    pub(crate) fn record(
        &self,
        plan: &Plan,
        index: usize,
        x: &[f64; N_LATENT],
        artist: &ArtistRecord,
        album: &AlbumRecord,
        track: &TrackRecord,
    ) -> EchonestRecord {
        let planned = &plan.tracks[index];
        let s = &mut Stream::new(plan.seed, Domain::Echonest, index as u64);
        let follow = |row: &[f64; N_LATENT]| row.iter().zip(x).map(|(r, x)| r * x).sum::<f64>();
        let unit = |z: f64| digits(1.0 / (1.0 + (-z).exp()), 10);
        let mut n = [0.0; N_NAMED];
        // Centre and steepness of each audio feature before it is squeezed into 0 to 1; the seventh is the tempo.
        for (k, (centre, steep)) in [
            (0.1, 2.2),
            (-0.05, 0.9),
            (0.15, 1.3),
            (0.8, 2.0),
            (-1.7, 0.6),
            (-2.7, 0.8),
            (0.0, 0.0),
            (-0.3, 1.3),
        ]
        .into_iter()
        .enumerate()
        {
            n[k] = unit(centre + steep * (1.3 * follow(&self.audio[k]) + 0.75 * s.normal()));
        }
        n[6] = digits(
            (121.0 + 33.0 * (follow(&self.audio[6]) + 0.8 * s.normal())).clamp(12.753, 251.072),
            3,
        );
        // What is said of artists does not change from track to track.
        let a = &mut Stream::new(plan.seed, Domain::Echonest, u64::from(planned.artist) | 1 << 40);
        let artist_plan = &plan.artists[planned.artist as usize];
        let is_ranked = a.chance(0.215);
        for rank in &mut n[15..18] {
            *rank = a.log_normal(80_000.0, 1.5).clamp(73.0, 2_200_000.0).round();
        }
        n[18] = s.log_normal(2_900_000.0, 0.8).min(6_200_000.0).round();
        n[19] = s.log_normal(1_900_000.0, 1.0).min(6_700_000.0).round();
        for (k, mean, sd) in [(20, 0.322, 0.11), (21, 0.286, 0.125), (22, 0.347, 0.13)] {
            n[k] = digits((mean + sd * a.normal()).clamp(0.0, 0.82), 10);
        }
        n[23] = if s.chance(0.7) {
            0.0
        } else {
            digits(s.log_normal(1e-4, 1.5).min(0.0522), 10)
        };
        n[24] = if s.chance(0.65) {
            0.0
        } else {
            digits(s.log_normal(0.06, 0.8).min(0.52), 6)
        };
        let album_stream = &mut Stream::new(plan.seed, Domain::Echonest, u64::from(planned.album) | 1 << 41);
        let has_date = album_stream.chance(0.207);
        let year = 1995 + album_stream.below(20);
        let (month, day) = (1 + album_stream.below(12), 1 + album_stream.below(28));
        let album_date = match album_stream.below(5) {
            0 => year.to_string(),
            _ => format!("{year}-{month:02}-{day:02}"),
        };
        let title = || {
            album
                .title
                .clone()
                .or_else(|| track.title.clone())
                .unwrap_or_default()
        };
        // Echonest knew where three of four artists live, whether or not the archive did.
        let known =
            a.chance(0.7) || artist_plan.missing & (empty_artist::COORDINATES | empty_artist::LOCATION) == 0;
        let place = &super::places::PLACES[usize::from(artist_plan.place)];
        let temporal = std::array::from_fn(|k| {
            let z = follow(&self.temporal[k]) + 0.8 * s.normal();
            digits(
                match k {
                    // Pitch statistics lie in 0 to 1, timbre statistics do not, the rest are durations.
                    0..=59 => (0.35 + 0.15 * z).clamp(0.0, 1.0),
                    60..=83 => 0.05 * (0.5 * z).exp(),
                    84..=167 => 60.0 / (1.0 + (k % 12) as f64) * z,
                    168..=195 => 400.0 * (0.6 * z).exp(),
                    _ => 0.2 * (0.4 * z).exp(),
                },
                6,
            )
        });
        EchonestRecord {
            numbers: n,
            album_date: has_date.then_some(album_date),
            album_name: (has_date || album_stream.chance(0.015)).then(title),
            point: known.then(|| (digits(place.latitude, 4), digits(place.longitude, 4))),
            location: known.then(|| match place.region {
                "" => format!("{}, {}", place.name, place.country.name),
                region => format!("{}, {region}, US", place.name),
            }),
            artist_name: artist.name.clone(),
            release: title(),
            is_ranked,
            is_song_ranked: is_ranked && s.chance(0.75),
            temporal,
        }
    }
}

impl EchonestRecord {
    /// The 249 cells of the row, in the order of the columns.
    pub(crate) fn cells(&self) -> Vec<Cell<'_>> {
        let mut cells: Vec<Cell<'_>> = self.numbers.iter().map(|&x| Cell::Float(x)).collect();
        cells[8] = Cell::text(self.album_date.as_ref());
        cells[9] = Cell::text(self.album_name.as_ref());
        cells[10] = Cell::float(self.point.map(|p| p.0));
        cells[11] = Cell::text(self.location.as_ref());
        cells[12] = Cell::float(self.point.map(|p| p.1));
        cells[13] = Cell::Text(&self.artist_name);
        cells[14] = Cell::Text(&self.release);
        for (ranks, is_known) in [(15..18, self.is_ranked), (18..20, self.is_song_ranked)] {
            if !is_known {
                cells[ranks].fill(Cell::Empty);
            }
        }
        cells.extend(self.temporal.iter().map(|&x| Cell::Float(x)));
        cells
    }
}

/// Rounded to `n` decimals.
fn digits(x: f64, n: i32) -> f64 {
    let power = 10f64.powi(n);
    (x * power).round() / power
}

/// The flattened names of the 249 columns.
pub(crate) fn columns() -> Vec<String> {
    distributed_columns(TableId::Echonest)
}
