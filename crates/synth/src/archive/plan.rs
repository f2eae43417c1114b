//! The plan of an archive: which artists, albums and tracks there are, in what order, and what they have in common.
//!
//! The plan is made by one stream, one step after the other, and holds some 40 bytes a track; everything else about an
//! artist, album or track follows from it and from that item's own stream, in any order.

use super::drafts::{Kind, draft_albums};
use super::genres::{ARCHIVE_TRACKS, ROOTS};
use super::missing;
use super::places;
use crate::stream::{Domain, Stream, Urn};

/// Tracks of the training, validation and test parts.
const SPLITS: [f64; 3] = [84_353.0, 10_958.0, 11_263.0];
/// Share of the tracks that Echonest knew, and of those of an artist that it knew.
const ECHONEST: f64 = 13_129.0 / ARCHIVE_TRACKS;
const ECHONEST_OF_ARTIST: f64 = 0.75;

/// Why a track's features are odd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Oddity {
    /// They are not.
    None,
    /// No sound at all: all features are 0.
    Silent,
    /// Silence but for one short noise: skewness and kurtosis out of all proportion.
    Blip,
    /// The title is empty.
    Untitled,
}

/// What is planned of an artist.
#[derive(Clone, Debug)]
pub(crate) struct ArtistPlan {
    /// `artist.id`.
    pub(crate) id: i64,
    /// Seconds since 1970.
    pub(crate) created: i64,
    /// Position in [`ROOTS`] of the genre that most tracks have.
    pub(crate) root: u8,
    /// True where an album has a `genre_top` unless it differs from the artist's others.
    pub(crate) has_top: bool,
    /// Position in [`places::PLACES`].
    pub(crate) place: u8,
    /// Position of the part in `training`, `validation`, `test`.
    pub(crate) split: u8,
    /// Echonest knew the artist.
    pub(crate) in_echonest: bool,
    /// Empty columns, bits of [`missing::artist`].
    pub(crate) missing: u16,
}

/// What is planned of an album.
#[derive(Clone, Debug)]
pub(crate) struct AlbumPlan {
    /// `album.id`; -1 for a track without an album.
    pub(crate) id: i64,
    /// Seconds since 1970.
    pub(crate) created: i64,
    /// Number of tracks.
    pub(crate) n_tracks: u32,
    /// Tracks of many artists.
    pub(crate) is_compilation: bool,
    /// Empty columns, bits of [`missing::album`].
    pub(crate) missing: u16,
}

/// What is planned of a track.
#[derive(Clone, Debug)]
pub(crate) struct TrackPlan {
    /// `track_id`.
    pub(crate) id: u32,
    /// Position in [`Plan::artists`].
    pub(crate) artist: u32,
    /// Position in [`Plan::albums`].
    pub(crate) album: u32,
    /// Position in the album, from 1.
    pub(crate) number: u16,
    /// What is wrong with it.
    pub(crate) oddity: Oddity,
    /// It has a row in `echonest.csv`.
    pub(crate) in_echonest: bool,
}

/// The whole plan.
pub(crate) struct Plan {
    /// The seed of the archive.
    pub(crate) seed: u64,
    /// Artists in the order of their first track.
    pub(crate) artists: Vec<ArtistPlan>,
    /// Albums in the order of their creation.
    pub(crate) albums: Vec<AlbumPlan>,
    /// Tracks in the order of their identifiers.
    pub(crate) tracks: Vec<TrackPlan>,
}

impl Plan {
    /// Plans an archive of `n_tracks` tracks.
    pub(crate) fn new(n_tracks: usize, seed: u64) -> Self {
        let mut s = Stream::new(seed, Domain::Plan, 0);
        let drafts = draft_albums(&mut s, n_tracks);
        let mut tracks = Vec::with_capacity(n_tracks);
        let mut albums = Vec::with_capacity(drafts.len());
        let mut numbered: Vec<Option<u32>> = Vec::new();
        let mut first_seen = Vec::new();
        let mut guests_of = Vec::new();
        let (mut track_id, mut album_id) = (1u64, 0i64);
        for (album, draft) in drafts.iter().enumerate() {
            album_id += s.geometric(1.54) as i64;
            let id = if draft.kind == Kind::NoAlbum { -1 } else { album_id };
            albums.push(AlbumPlan {
                id,
                created: draft.created,
                n_tracks: draft.artists.len() as u32,
                is_compilation: draft.kind == Kind::Compilation,
                missing: 0,
            });
            for (number, &artist) in draft.artists.iter().enumerate() {
                track_id += if s.chance(0.9258) { 1 } else { s.geometric(7.1) };
                let slot = artist as usize;
                if numbered.len() <= slot {
                    numbered.resize(slot + 1, None);
                }
                let artist = *numbered[slot].get_or_insert_with(|| {
                    first_seen.push(draft.created);
                    guests_of.push(if draft.kind == Kind::Compilation {
                        Some(album as u32)
                    } else {
                        None
                    });
                    (first_seen.len() - 1) as u32
                });
                tracks.push(TrackPlan {
                    id: track_id as u32,
                    artist,
                    album: album as u32,
                    number: (number + 1).min(usize::from(u16::MAX)) as u16,
                    oddity: Oddity::None,
                    in_echonest: false,
                });
            }
        }
        let artists = plan_artists(&mut s, seed, &first_seen, &guests_of, &tracks);
        let mut plan = Self {
            seed,
            artists,
            albums,
            tracks,
        };
        plan.empty_album_columns();
        plan.mark_tracks(&mut s);
        plan
    }

    fn empty_album_columns(&mut self) {
        let sizes: Vec<f64> = self.albums.iter().map(|a| f64::from(a.n_tracks)).collect();
        let none: Vec<bool> = self.albums.iter().map(|a| a.id < 0).collect();
        let mut s = Stream::new(self.seed, Domain::Missing, 1);
        let order = by_size(&mut s, &sizes);
        let bits = missing::draw_albums(&mut s, &sizes, &none, &order);
        for (album, bits) in self.albums.iter_mut().zip(bits) {
            album.missing = bits;
        }
    }

    fn mark_tracks(&mut self, s: &mut Stream) {
        let n = self.tracks.len() as f64;
        for (oddity, share, least) in [
            (Oddity::Silent, 1.5e-4, 1.0f64),
            (Oddity::Blip, 1e-3, 2.0),
            (Oddity::Untitled, 1.0 / ARCHIVE_TRACKS, 0.0),
        ] {
            // A small archive has some odd tracks too, but no archive is made of them.
            let count = (share * n).round().max(least.min((0.01 * n).floor()));
            for _ in 0..count as usize {
                let at = s.below(self.tracks.len());
                self.tracks[at].oddity = oddity;
            }
        }
        for track in &mut self.tracks {
            track.in_echonest =
                self.artists[track.artist as usize].in_echonest && s.chance(ECHONEST_OF_ARTIST);
        }
    }
}

/// Positions by falling size, equal sizes in random order.
pub(crate) fn by_size(s: &mut Stream, sizes: &[f64]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..sizes.len() as u32).collect();
    s.shuffle(&mut order);
    order.sort_by(|&a, &b| sizes[b as usize].total_cmp(&sizes[a as usize]));
    order
}

fn plan_artists(
    s: &mut Stream,
    seed: u64,
    first_seen: &[i64],
    guests_of: &[Option<u32>],
    tracks: &[TrackPlan],
) -> Vec<ArtistPlan> {
    let mut sizes = vec![0.0; first_seen.len()];
    for track in tracks {
        sizes[track.artist as usize] += 1.0;
    }
    let total = tracks.len() as f64;
    let order = by_size(s, &sizes);

    let mut by_root = [0.0; ROOTS.len()];
    let mut roots = vec![0u8; sizes.len()];
    let firsts: Vec<f64> = ROOTS.iter().map(|r| r.n_first).collect();
    let mut urn = Urn::new(&firsts, total);
    for &i in &order {
        let i = i as usize;
        // The artists of a compilation have something in common.
        let theme = guests_of[i].map(|album| {
            Stream::new(seed, Domain::Plan, 1 + u64::from(album)).weighted(ROOTS.iter().map(|r| r.n_first))
        });
        let root = urn.draw(s, sizes[i], |r| if theme == Some(r) { 20.0 } else { 1.0 });
        roots[i] = root as u8;
        by_root[root] += sizes[i];
    }
    let urns_of = |weights: &dyn Fn(usize) -> Vec<f64>| -> Vec<Urn> {
        (0..ROOTS.len())
            .map(|r| Urn::new(&weights(r), by_root[r]))
            .collect()
    };
    let mut tops = urns_of(&|r| vec![1.0 - top_share(r), top_share(r)]);
    let mut splits = urns_of(&|_| SPLITS.to_vec());
    let mut continents = urns_of(&|r| {
        (0..3)
            .map(|c| {
                let here = places::PLACES.iter().filter(|p| p.country.continent == c);
                here.map(|p| p.weight).sum::<f64>() * ROOTS[r].continents[c]
            })
            .collect()
    });
    let mut known = Urn::new(
        &[1.0 - ECHONEST / ECHONEST_OF_ARTIST, ECHONEST / ECHONEST_OF_ARTIST],
        total,
    );
    let mut artists = vec![None; sizes.len()];
    for &i in &order {
        let i = i as usize;
        let (root, size) = (usize::from(roots[i]), sizes[i]);
        let has_top = tops[root].draw(s, size, |_| 1.0) == 1;
        let split = splits[root].draw(s, size, |_| 1.0) as u8;
        let continent = continents[root].draw(s, size, |_| 1.0);
        let mut only = [0.0; 3];
        only[continent] = 1.0;
        let place = places::draw(s, only) as u8;
        let in_echonest = known.draw(s, size, |_| 1.0) == 1;
        let created = first_seen[i] - 60 - s.geometric(900.0).min(30_000) as i64;
        artists[i] = Some(ArtistPlan {
            id: 0,
            created,
            root: roots[i],
            has_top,
            place,
            split,
            in_echonest,
            missing: 0,
        });
    }
    let mut missing_stream = Stream::new(seed, Domain::Missing, 0);
    let bits = missing::draw_artists(&mut missing_stream, &sizes, &order);
    let mut id = 0;
    artists
        .into_iter()
        .flatten()
        .zip(bits)
        .map(|(mut artist, bits)| {
            id += s.geometric(1.49) as i64;
            artist.id = id;
            artist.missing = bits;
            artist
        })
        .collect()
}

/// Share of a root's tracks that have a `genre_top`, scaled so that it is known for 49,598 of 106,574 tracks in all.
pub(crate) fn top_share(root: usize) -> f64 {
    let firsts: f64 = ROOTS.iter().map(|r| r.n_first).sum();
    (ROOTS[root].n_top / ROOTS[root].n_first) * (firsts / ARCHIVE_TRACKS)
}
