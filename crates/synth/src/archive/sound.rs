//! How a track sounds: its 518 features.
//!
//! A track is a point in a space of [`N_LATENT`] hidden properties. The point is the sum of where its genres lie, what its
//! artist and its album always do, and chance. Each of the 74 series takes its mean, spread and shape from the point and from
//! peculiarities that artist, album and track have in this series alone. The genres below one root lie apart from each other,
//! more so than the roots, so a straight boundary between roots does not go far; and an artist's peculiarities give away
//! the genre to whoever has heard the artist before, as in real collections.
//!
//! The places of genres and the meaning of properties are fixed: they do not depend on the seed, and a model that was trained
//! on one synthetic archive works on another.

use super::dims::{Dim, FAMILIES, Law, N_DIMS, N_FEATURES, dims};
use super::genres::{GENRES, ROOTS, root_of};
use super::labels::Labels;
use super::moments::{Shape, two_values};
use super::plan::{Oddity, Plan};
use crate::stream::{Domain, Stream};

/// Number of hidden properties. The first is brightness, the second loudness.
pub(crate) const N_LATENT: usize = 16;

/// Standard deviation, for each hidden property, of roots around the middle, of genres around their root, of artists, albums
/// and tracks around their genres.
const OF_ROOT: f64 = 0.29;
const OF_GENRE: f64 = 0.58;
const OF_ARTIST: f64 = 0.58;
const OF_ALBUM: f64 = 0.25;
const OF_TRACK: f64 = 0.59;
/// Shares of the standard deviation of a series' mean: hidden properties, artist, album; the rest is the track's.
const SHARED: f64 = 0.72;
const ARTIST_OWN: f64 = 0.42;
const ALBUM_OWN: f64 = 0.25;
const TRACK_OWN: f64 = 0.49;
/// How much each pitch class sounds in a piece in the first one's major key.
const KEY: [f64; 12] = [1.0, -0.7, 0.2, -0.7, 0.6, 0.3, -0.7, 0.9, -0.7, 0.2, -0.5, 0.0];

type Latent = [f64; N_LATENT];

/// The fixed constants of the model, and the plan that it is applied to.
pub(crate) struct Sound<'a> {
    plan: &'a Plan,
    dims: Vec<Dim>,
    /// Where each genre lies.
    genres: Vec<Latent>,
    /// How each series' mean, standard deviation and skewness follow from the hidden properties.
    mean_of: Vec<Latent>,
    std_of: Vec<Latent>,
    skew_of: Vec<Latent>,
}

/// What an artist or album does to each track.
struct Habit {
    latent: Latent,
    mean: [f64; N_DIMS],
    std: [f64; N_DIMS],
}

/// The habits of the artist and album that were asked for last; tracks of one album follow each other.
#[derive(Default)]
pub(crate) struct Habits {
    artist: Option<(u32, Habit)>,
    album: Option<(u64, Habit)>,
}

impl<'a> Sound<'a> {
    /// For the tracks of `plan`.
    pub(crate) fn new(plan: &'a Plan) -> Self {
        let normals = |index: u64, n: usize| -> Vec<Latent> {
            let mut s = Stream::new(0, Domain::World, index);
            (0..n).map(|_| std::array::from_fn(|_| s.normal())).collect()
        };
        let roots = normals(1, ROOTS.len());
        let genres = normals(2, GENRES.len())
            .iter()
            .enumerate()
            .map(|(g, own)| std::array::from_fn(|k| OF_ROOT * roots[root_of(g)][k] + OF_GENRE * own[k]))
            .collect();
        let dims = dims();
        let families = normals(3, FAMILIES.len());
        let loadings = |index: u64, family_share: f64| -> Vec<Latent> {
            let own = normals(index, dims.len());
            dims.iter()
                .zip(own)
                .map(|(dim, own)| {
                    let mut row: Latent =
                        std::array::from_fn(|k| family_share * families[dim.family][k] + own[k]);
                    // What makes a sound bright or loud is known.
                    let (bright, loud) = match (FAMILIES[dim.family].0, dim.number) {
                        ("spectral_centroid" | "spectral_rolloff", _) => (4.0, 0.5),
                        ("zcr" | "spectral_bandwidth", _) => (3.0, 0.5),
                        ("mfcc", 0) => (1.0, 3.5),
                        ("mfcc", 1) => (-3.5, 0.0),
                        ("rmse", _) => (0.0, 4.0),
                        _ => (row[0], row[1]),
                    };
                    (row[0], row[1]) = (bright, loud);
                    let norm = row.iter().map(|x| x * x).sum::<f64>().sqrt();
                    row.map(|x| x / norm)
                })
                .collect()
        };
        let (mean_of, std_of, skew_of) = (loadings(4, 0.7), loadings(5, 1.2), loadings(6, 0.7));
        Self {
            plan,
            dims,
            genres,
            mean_of,
            std_of,
            skew_of,
        }
    }

    /// The hidden properties of a track.
    pub(crate) fn latent(&self, index: usize, labels: &Labels, habits: &mut Habits) -> Latent {
        let mut s = Stream::new(self.plan.seed, Domain::TrackSound, index as u64);
        self.latent_from(&mut s, index, labels, habits)
    }

    fn latent_from(&self, s: &mut Stream, index: usize, labels: &Labels, habits: &mut Habits) -> Latent {
        self.refresh(index, habits);
        let mut x = [0.0; N_LATENT];
        // The first genre counts most.
        let weights: Vec<f64> = (0..labels.genres.len())
            .map(|i| if i == 0 { 2.0 } else { 1.0 })
            .collect();
        let total: f64 = weights.iter().sum();
        for (&genre, weight) in labels.genres.iter().zip(weights) {
            for (x, place) in x.iter_mut().zip(&self.genres[genre]) {
                *x += place * weight / total;
            }
        }
        // Experimental music keeps to no place.
        let reach = if ROOTS[labels.root].id == 38 { 1.4 } else { 1.0 };
        for (k, x) in x.iter_mut().enumerate() {
            let artist = habits.artist.as_ref().map_or(0.0, |h| h.1.latent[k]);
            let album = habits.album.as_ref().map_or(0.0, |h| h.1.latent[k]);
            *x += reach * (OF_ARTIST * artist + OF_ALBUM * album + OF_TRACK * s.normal());
        }
        x
    }

    /// The 518 features of the track at `index`, in the order of the columns.
    pub(crate) fn features(&self, index: usize, labels: &Labels, habits: &mut Habits) -> [f64; N_FEATURES] {
        let mut row = [0.0; N_FEATURES];
        let mut s = Stream::new(self.plan.seed, Domain::TrackSound, index as u64);
        match self.plan.tracks[index].oddity {
            Oddity::Silent => {}
            Oddity::Blip => self.blip(&mut s, &mut row),
            Oddity::None | Oddity::Untitled => {
                let x = self.latent_from(&mut s, index, labels, habits);
                self.series(&mut s, &x, habits, &mut row);
            }
        }
        row
    }

    fn series(&self, s: &mut Stream, x: &Latent, habits: &Habits, row: &mut [f64; N_FEATURES]) {
        let (Some((_, artist)), Some((_, album))) = (&habits.artist, &habits.album) else {
            return;
        };
        // A latent value has this standard deviation over the archive.
        let scale = 1.0
            / (OF_ROOT * OF_ROOT
                + 0.6 * OF_GENRE * OF_GENRE
                + OF_ARTIST * OF_ARTIST
                + OF_ALBUM * OF_ALBUM
                + OF_TRACK * OF_TRACK)
                .sqrt();
        let follow = |loading: &Latent| scale * loading.iter().zip(x).map(|(l, x)| l * x).sum::<f64>();
        let key = s.below(12);
        let tonality = 0.9 * (1.0 / (1.0 + (-x[2] * scale).exp()));
        let restless = 0.15 * s.normal();
        for (d, dim) in self.dims.iter().enumerate() {
            let mut u = SHARED * follow(&self.mean_of[d])
                + ARTIST_OWN * artist.mean[d]
                + ALBUM_OWN * album.mean[d]
                + TRACK_OWN * s.normal();
            if dim.family < 3 {
                u = 0.8 * u + tonality * KEY[(dim.number + 12 - key) % 12];
            }
            let v = follow(&self.std_of[d]);
            let spread =
                (0.13 * v + restless + 0.06 * artist.std[d] + 0.05 * album.std[d] + 0.09 * s.normal()).exp();
            let (mean, std) = match dim.mean {
                Law::Normal(centre, sd) => (centre + sd * u, dim.std * spread),
                Law::LogNormal(median, sigma) => {
                    let mean = median * (sigma * u).exp();
                    (mean, dim.std * mean * spread)
                }
            };
            // Within the bounds with some room to vary.
            let (low, high) = dim.bounds;
            let mean = mean.clamp(low + 0.05 * dim.std.min(1.0), high - 0.05);
            let shape = Shape {
                mean,
                std,
                below: 1.0 + (dim.below - 1.0) * (0.18 * s.normal()).exp(),
                above: 1.0 + (dim.above - 1.0) * (0.18 * s.normal()).exp(),
                skew_at: dim.skew_at + 0.045 * follow(&self.skew_of[d]) + 0.035 * s.normal(),
                kurtosis_at: dim.kurtosis_at * (0.22 * s.normal()).exp(),
                median_shift: 0.02 * s.normal(),
                bounds: dim.bounds,
            };
            dim.put(&shape.statistics(), row);
        }
    }

    /// A track of silence and one short noise.
    fn blip(&self, s: &mut Stream, row: &mut [f64; N_FEATURES]) {
        let kurtosis = s.log_normal(300.0, 0.9);
        for dim in &self.dims {
            let (centre, sd) = match dim.mean {
                Law::Normal(centre, sd) => (centre, sd),
                Law::LogNormal(median, sigma) => (median, sigma * median),
            };
            let peak = (centre + sd * s.normal()).clamp(dim.bounds.0, dim.bounds.1);
            // Of n frames one is loud: the kurtosis is about n - 6. No track has more than 1,777.
            let n = 6.0 + (kurtosis * (0.25 * s.normal()).exp()).min(1_777.0);
            let share = 0.5 - (0.25 - 1.0 / n).max(0.0).sqrt();
            dim.put(&two_values(dim.silence, peak, share), row);
        }
    }

    fn refresh(&self, index: usize, habits: &mut Habits) {
        let track = &self.plan.tracks[index];
        if habits.artist.as_ref().is_none_or(|h| h.0 != track.artist) {
            habits.artist = Some((
                track.artist,
                self.habit(Domain::ArtistSound, u64::from(track.artist)),
            ));
        }
        let release = u64::from(track.album) << 32 | u64::from(track.artist);
        if habits.album.as_ref().is_none_or(|h| h.0 != release) {
            habits.album = Some((release, self.habit(Domain::AlbumSound, release)));
        }
    }

    fn habit(&self, domain: Domain, index: u64) -> Habit {
        let mut s = Stream::new(self.plan.seed, domain, index);
        Habit {
            latent: std::array::from_fn(|_| s.normal()),
            mean: std::array::from_fn(|_| s.normal()),
            std: std::array::from_fn(|_| s.normal()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::labels::Labeller;
    use super::*;

    #[test]
    fn statistics_are_consistent_and_in_their_units() {
        let plan = Plan::new(4_000, 12);
        let (labeller, sound) = (Labeller::new(&plan), Sound::new(&plan));
        let mut habits = Habits::default();
        let (mut n_silent, mut greatest) = (0, 0.0f64);
        for i in 0..plan.tracks.len() {
            let row = sound.features(i, &labeller.labels(i), &mut habits);
            assert!(row.iter().all(|x| x.is_finite()));
            n_silent += usize::from(row.iter().all(|&x| x == 0.0));
            let mut column = 0;
            for (name, n) in FAMILIES {
                for j in 0..n {
                    let at = |k: usize| row[column + k * n + j];
                    let (kurtosis, max, mean, median, min, skew, std) =
                        (at(0), at(1), at(2), at(3), at(4), at(5), at(6));
                    let what = || {
                        format!("track {i} {name} {j}: {kurtosis} {max} {mean} {median} {min} {skew} {std}")
                    };
                    assert!(
                        min <= median && median <= max && min <= mean && mean <= max,
                        "{}",
                        what()
                    );
                    assert!(std >= 0.0 && (mean - median).abs() <= std, "{}", what());
                    assert!(
                        (max - mean) * (mean - min) >= std * std * (1.0 - 1e-9),
                        "{}",
                        what()
                    );
                    assert!(
                        kurtosis >= skew * skew - 2.0 - 1e-9 * (1.0 + skew * skew),
                        "{}",
                        what()
                    );
                    match name {
                        "chroma_cens" | "chroma_cqt" | "chroma_stft" | "zcr" => {
                            assert!(min >= 0.0 && max <= 1.0, "{}", what())
                        }
                        "mfcc" | "tonnetz" => {}
                        _ => assert!(min >= 0.0, "{}", what()),
                    }
                    greatest = greatest.max(kurtosis);
                }
                column += 7 * n;
            }
        }
        assert!(n_silent >= 1);
        assert!(greatest > 100.0 && greatest < 1_778.0, "{greatest}");
    }
}
