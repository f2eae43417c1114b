//! The genres of a track: what its artist plays, what the album is about, and what the track adds.

use super::genres::{GENRES, Palette, ROOTS, lineage};
use super::plan::{Plan, top_share};
use crate::stream::{Domain, Stream};

/// The genres of a track.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Labels {
    /// Position in [`ROOTS`] of the root that the track belongs to, known or not.
    pub(crate) root: usize,
    /// True where the genres have one root: then it is `genre_top`.
    pub(crate) has_top: bool,
    /// Positions in [`GENRES`], the defining one first.
    pub(crate) genres: Vec<usize>,
}

impl Labels {
    /// `track.genres`: identifiers, ascending.
    pub(crate) fn ids(&self) -> Vec<i64> {
        let mut ids: Vec<i64> = self.genres.iter().map(|&g| GENRES[g].id).collect();
        ids.sort_unstable();
        ids
    }

    /// `track.genres_all`: identifiers of the genres and of all above them, ascending.
    pub(crate) fn ids_all(&self) -> Vec<i64> {
        let mut ids: Vec<i64> = self
            .genres
            .iter()
            .flat_map(|&g| lineage(g))
            .map(|g| GENRES[g].id)
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

/// Gives tracks their genres.
pub(crate) struct Labeller<'a> {
    plan: &'a Plan,
    palette: Palette,
}

impl<'a> Labeller<'a> {
    /// For the tracks of `plan`.
    pub(crate) fn new(plan: &'a Plan) -> Self {
        Self {
            plan,
            palette: Palette::new(),
        }
    }

    /// The genres of the track at `index`.
    pub(crate) fn labels(&self, index: usize) -> Labels {
        let seed = self.plan.seed;
        let track = &self.plan.tracks[index];
        let artist = &self.plan.artists[track.artist as usize];
        let release = u64::from(track.album) << 32 | u64::from(track.artist);
        let mut of_release = Stream::new(seed, Domain::ReleaseGenres, release);
        let mut of_track = Stream::new(seed, Domain::TrackGenres, index as u64);

        // Artists stray now and then: a whole album or a single track of another root, which then is labelled anew.
        let (mut root, mut has_top) = (usize::from(artist.root), artist.has_top);
        for (s, strays, relabels) in [(&mut of_release, 0.05, 0.15), (&mut of_track, 0.04, 0.06)] {
            if s.chance(strays) {
                root = random_root(s);
                has_top = s.chance(top_share(root));
            } else if s.chance(relabels) {
                has_top = s.chance(top_share(root));
            }
        }
        let main = self.repertoire(u64::from(track.artist), root);
        let s = &mut of_track;
        let mut genres = vec![main_pick(s, &main)];
        let more = s.weighted([0.55, 0.3, 0.15].into_iter());
        for _ in 0..more {
            genres.push(main_pick(s, &main));
        }
        if !has_top {
            // Artists who cross a border tend to cross the same one.
            let mut artist_stream =
                Stream::new(seed, Domain::ArtistGenres, u64::from(track.artist) << 8 | 0xff);
            let usual = random_root(&mut artist_stream);
            let mut other = if s.chance(0.75) { usual } else { random_root(s) };
            while other == root {
                other = random_root(s);
            }
            let there = self.repertoire(u64::from(track.artist), other);
            genres.push(main_pick(s, &there));
            if s.chance(0.25) {
                genres.push(main_pick(s, &there));
            }
        }
        let mut unique: Vec<usize> = Vec::with_capacity(genres.len());
        for g in genres {
            if !unique.contains(&g) {
                unique.push(g);
            }
        }
        Labels {
            root,
            has_top,
            genres: unique,
        }
    }

    /// The three genres of a root that an artist plays, favourite first; a genre may stand there twice.
    fn repertoire(&self, artist: u64, root: usize) -> [usize; 3] {
        let mut s = Stream::new(self.plan.seed, Domain::ArtistGenres, artist << 8 | root as u64);
        let genres = self.palette.of(root);
        std::array::from_fn(|_| genres[s.weighted(genres.iter().map(|g| g.1))].0)
    }
}

fn main_pick(s: &mut Stream, repertoire: &[usize; 3]) -> usize {
    repertoire[s.weighted([0.65, 0.25, 0.1].into_iter())]
}

fn random_root(s: &mut Stream) -> usize {
    s.weighted(ROOTS.iter().map(|r| r.n_first))
}

#[cfg(test)]
mod tests {
    use super::super::genres::root_of;
    use super::*;

    fn one_root(genres: &[usize]) -> bool {
        genres.iter().all(|&g| root_of(g) == root_of(genres[0]))
    }

    #[test]
    fn genre_top_means_one_root_and_its_absence_several() {
        let plan = Plan::new(5_000, 9);
        let labeller = Labeller::new(&plan);
        let mut n_top = 0;
        for i in 0..plan.tracks.len() {
            let labels = labeller.labels(i);
            assert_eq!(one_root(&labels.genres), labels.has_top, "{labels:?}");
            assert_eq!(root_of(labels.genres[0]), labels.root);
            n_top += usize::from(labels.has_top);
            let (ids, all) = (labels.ids(), labels.ids_all());
            assert!(ids.iter().all(|id| all.contains(id)));
            assert!(all.contains(&ROOTS[labels.root].id));
            assert!(ids.windows(2).all(|w| w[0] < w[1]) && all.windows(2).all(|w| w[0] < w[1]));
        }
        let share = n_top as f64 / plan.tracks.len() as f64;
        assert!((share - 0.4654).abs() < 0.03, "{share}");
    }
}
