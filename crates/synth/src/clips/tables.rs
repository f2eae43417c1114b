//! The tables' side of clips: artists, albums, genres and durations that agree with what is heard.

use super::plan::{Clip, ClipPlan};
use crate::archive::Heard;
use crate::archive::drafts::UPLOADS;
use crate::archive::genres::{GENRES, ROOTS, index_of};
use crate::archive::labels::Labels;
use crate::archive::plan::{AlbumPlan, ArtistPlan, Oddity, Plan, TrackPlan, by_size};
use crate::archive::records::TrackRecord;
use crate::archive::{missing, places};
use crate::stream::{Domain, Stream};

/// Seconds between two albums.
const ALBUM_EVERY: i64 = 6 * 3_600;

/// What the tables say of clips.
pub(crate) struct ClipTables<'a> {
    clips: &'a ClipPlan,
}

impl<'a> ClipTables<'a> {
    /// For the clips of a plan.
    pub(crate) fn new(clips: &'a ClipPlan) -> Self {
        Self { clips }
    }

    /// The archive of which every track has a clip.
    pub(crate) fn plan(&self) -> Plan {
        let (clips, seed) = (self.clips.clips(), self.clips.options().seed);
        let s = &mut Stream::new(seed, Domain::ClipTables, 0);
        let mut albums: Vec<AlbumPlan> = Vec::with_capacity(self.clips.n_albums());
        let mut sizes = vec![0.0; self.clips.n_artists()];
        let mut firsts: Vec<(&Clip, i64)> = Vec::with_capacity(sizes.len());
        let every = ALBUM_EVERY.min((UPLOADS.1 - UPLOADS.0) / (1 + self.clips.n_albums() as i64));
        let mut album_id = 0;
        for clip in clips {
            if clip.album as usize == albums.len() {
                album_id += s.geometric(1.54) as i64;
                albums.push(AlbumPlan {
                    id: album_id,
                    created: UPLOADS.0 + every * i64::from(clip.album) + s.below(every as usize) as i64,
                    n_tracks: 0,
                    is_compilation: false,
                    missing: 0,
                });
            }
            albums[clip.album as usize].n_tracks += 1;
            if clip.artist as usize == firsts.len() {
                firsts.push((clip, albums[clip.album as usize].created));
            }
            sizes[clip.artist as usize] += 1.0;
        }
        let order = by_size(s, &sizes);
        let bits = missing::draw_artists(s, &sizes, &order);
        let mut n_of_style = [0usize; ROOTS.len()];
        let mut id = 0;
        let artists = firsts
            .into_iter()
            .zip(bits)
            .map(|((clip, created), missing)| {
                let root = clip.style.root();
                let nth = n_of_style[root];
                n_of_style[root] += 1;
                id += s.geometric(1.49) as i64;
                ArtistPlan {
                    id,
                    created: created - 60 - s.geometric(900.0).min(30_000) as i64,
                    root: root as u8,
                    has_top: true,
                    place: places::draw(s, ROOTS[root].continents) as u8,
                    // Of each style's first five artists three are for training, and so on.
                    split: [0, 2, 0, 1, 0][nth % 5],
                    in_echonest: false,
                    missing,
                }
            })
            .collect();
        let sizes: Vec<f64> = albums.iter().map(|a| f64::from(a.n_tracks)).collect();
        let order = by_size(s, &sizes);
        let bits = missing::draw_albums(s, &sizes, &vec![false; sizes.len()], &order);
        for (album, bits) in albums.iter_mut().zip(bits) {
            album.missing = bits;
        }
        let tracks = clips
            .iter()
            .map(|clip| TrackPlan {
                id: clip.track_id,
                artist: clip.artist,
                album: clip.album,
                number: clip.number,
                oddity: Oddity::None,
                in_echonest: false,
            })
            .collect();
        Plan {
            seed,
            artists,
            albums,
            tracks,
        }
    }
}

impl Heard for ClipTables<'_> {
    /// Its style's root, and at times one below it.
    fn labels(&self, index: usize) -> Labels {
        let clip = &self.clips.clips()[index];
        let root = clip.style.root();
        let top = ROOTS[root].id;
        let s = &mut Stream::new(
            self.clips.options().seed,
            Domain::ClipTables,
            1 + u64::from(clip.artist),
        );
        let mut genres = vec![index_of(top).unwrap_or(0)];
        let below: Vec<usize> = (0..GENRES.len()).filter(|&g| GENRES[g].parent == top).collect();
        if !below.is_empty() && s.chance(0.6) {
            genres.push(s.pick(&below));
        }
        Labels {
            root,
            has_top: true,
            genres,
        }
    }

    fn amend(&self, track: &mut TrackRecord) {
        track.duration = i64::from(self.clips.options().seconds);
    }
}
