//! Which rows belong together: those of an artist, of an album, and those that are the same recording twice.

use std::collections::{BTreeMap, BTreeSet};

use std::fmt;
use std::str::FromStr;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::dataset::Dataset;
use crate::error::LearnError;

/// Finite values that a row needs at least to be taken for the double of an equal one: with fewer, equality may be chance.
const FEWEST_VALUES: usize = 4;

/// What is kept on one side of a split. Doubles always are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GroupBy {
    /// Artists, with albums of several artists, and with doubles.
    #[default]
    Artist,
    /// Albums, with doubles: an artist's albums may be on both sides.
    Album,
    /// Doubles alone.
    Double,
}

impl GroupBy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Artist, Self::Album, Self::Double];

    /// The name, as in `--group artist`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Artist => "artist",
            Self::Album => "album",
            Self::Double => "double",
        }
    }
}

impl fmt::Display for GroupBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for GroupBy {
    type Err = LearnError;

    /// # Errors
    /// `InvalidParameter`, which lists the names there are.
    fn from_str(name: &str) -> Result<Self, LearnError> {
        let found = Self::ALL.into_iter().find(|group| group.name() == name);
        found.ok_or_else(|| LearnError::parameter("group", name, "must be one of artist, album, double"))
    }
}

/// Which rows belong together, and how that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grouping {
    /// Group of each row: the lowest number of its artists; numbers below those of all artists, and below 0, in the order of the
    /// rows where no artist is known.
    pub groups: Vec<i64>,
    /// Number of groups.
    pub n_groups: usize,
    /// Rows whose artist is not known.
    pub n_without_artist: usize,
    /// Rows of which neither artist nor album is known: but for doubles each is a group of its own.
    pub n_alone: usize,
    /// Rows that equal a row of other artists and albums in every feature.
    pub n_doubles: usize,
}

impl Dataset {
    /// The artist of a row, where it is known. A data set with groups and neither artists nor albums has its artists as groups.
    pub fn artist(&self, row: usize) -> Option<i64> {
        match (&self.artists, &self.albums) {
            (Some(artists), _) => artists[row],
            (None, Some(_)) => None,
            (None, None) => Some(self.groups.as_ref()?[row]),
        }
    }

    /// The album of a row, where it is known.
    pub fn album(&self, row: usize) -> Option<i64> {
        self.albums.as_ref()?[row]
    }

    /// Rows whose artist is not known.
    pub fn n_without_artist(&self) -> usize {
        (0..self.n_rows())
            .filter(|&row| self.artist(row).is_none())
            .count()
    }

    /// The artist of each row alone; rows whose artist is not known are on their own, with negative numbers. `None` where no
    /// artist is known.
    pub fn artist_groups(&self) -> Option<Vec<i64>> {
        let artists: Vec<Option<i64>> = (0..self.n_rows()).map(|row| self.artist(row)).collect();
        let mut unused = artists.iter().flatten().copied().min()?.min(0);
        let number = |artist: Option<i64>| {
            artist.unwrap_or_else(|| {
                unused -= 1;
                unused
            })
        };
        Some(artists.into_iter().map(number).collect())
    }

    /// The connected components of rows over three ties: a known artist, a known album, and equal features (every value the
    /// same, a missing one equal to a missing one; at least four values of a row must be there) or frames. A row without any tie is a
    /// group of its own.
    ///
    /// An album of several artists ties them together, and a compilation all of its artists: what a model can recognise on the
    /// other side of a split is the production of an album as well as the voice of an artist.
    pub fn grouping(&self) -> Grouping {
        let n_rows = self.n_rows();
        let mut ties = self.ties(&[Self::artist, Self::album]);
        let mut n_doubles = 0;
        let apart: Vec<usize> = (0..n_rows).map(|row| ties.root(row)).collect();
        for equal in self.equal_rows() {
            if equal.iter().any(|&row| apart[row] != apart[equal[0]]) {
                n_doubles += equal.len();
            }
            equal.iter().for_each(|&row| ties.tie(equal[0], row));
        }
        let roots: Vec<usize> = (0..n_rows).map(|row| ties.root(row)).collect();
        let mut number_of = BTreeMap::<usize, i64>::new();
        for (row, &root) in roots.iter().enumerate() {
            if let Some(artist) = self.artist(row) {
                let number = number_of.entry(root).or_insert(artist);
                *number = artist.min(*number);
            }
        }
        let mut unused = number_of.values().copied().min().unwrap_or(0).min(0);
        let groups: Vec<i64> = roots
            .iter()
            .map(|&root| {
                *number_of.entry(root).or_insert_with(|| {
                    unused -= 1;
                    unused
                })
            })
            .collect();
        let alone = |row: &usize| self.artist(*row).is_none() && self.album(*row).is_none();
        Grouping {
            groups,
            n_groups: number_of.len(),
            n_without_artist: self.n_without_artist(),
            n_alone: (0..n_rows).filter(alone).count(),
            n_doubles,
        }
    }

    /// Rows tied by what is known of them.
    fn ties(&self, by: &[fn(&Self, usize) -> Option<i64>]) -> Ties {
        let mut ties = Ties::new(self.n_rows());
        for known in by {
            let mut first = BTreeMap::new();
            for row in 0..self.n_rows() {
                if let Some(number) = known(self, row) {
                    ties.tie(*first.entry(number).or_insert(row), row);
                }
            }
        }
        ties
    }

    /// The components over these ties and doubles, by the lowest row of each.
    fn components(&self, by: &[fn(&Self, usize) -> Option<i64>]) -> Vec<usize> {
        let mut ties = self.ties(by);
        for equal in self.equal_rows() {
            equal.iter().for_each(|&row| ties.tie(equal[0], row));
        }
        (0..self.n_rows()).map(|row| ties.root(row)).collect()
    }

    /// For each row the lowest row that is its double; itself where there is none.
    pub(crate) fn double_roots(&self) -> Vec<usize> {
        self.components(&[])
    }

    /// The artists with doubles, as numbers for [`crate::Splitter::ArtistPlain`]: the lowest artist of those that are tied; rows whose
    /// artist is not known are on their own, or with their doubles. `None` where no artist is known.
    pub(crate) fn artists_with_doubles(&self) -> Option<Vec<i64>> {
        let artists = self.artist_groups()?;
        let roots = self.components(&[Self::artist]);
        let mut number_of = BTreeMap::<usize, i64>::new();
        for (row, &root) in roots.iter().enumerate() {
            // Known artists before the negative numbers of unknown ones.
            let of = number_of.entry(root).or_insert(artists[row]);
            if self.artist(row).is_some() && (*of < 0 || artists[row] < *of) {
                *of = artists[row];
            }
        }
        Some(roots.iter().map(|root| number_of[root]).collect())
    }

    /// Sets the groups to what `by` keeps together; to `None` where the artists (and albums), or the albums, that it asks for are known
    /// of no row. Needed again after rows or columns were taken.
    pub fn unite_groups_by(&mut self, by: GroupBy) {
        let numbered = |roots: Vec<usize>| Some(roots.into_iter().map(|root| root as i64).collect());
        self.groups = match by {
            GroupBy::Artist => return self.unite_groups(),
            GroupBy::Album if self.albums.is_none() => None,
            GroupBy::Album => numbered(self.components(&[Self::album])),
            GroupBy::Double => numbered(self.double_roots()),
        };
    }

    /// Sets the groups to what belongs together by [`Dataset::grouping`]; to `None` where neither an artist nor an album is
    /// known. Needed again after rows or columns were taken, where the groups should not know of the others.
    pub fn unite_groups(&mut self) {
        let known = self.artists.is_some() || self.albums.is_some();
        self.groups = known.then(|| self.grouping().groups);
    }

    /// Rows that are equal in every feature (every value the same, a missing one equal to a missing one; at least four values must be
    /// there) or in every frame: lists of two rows or more, each rising, in the order of a hash. Rows may stand in two lists where
    /// they have both features and frames.
    pub fn equal_rows(&self) -> Vec<Vec<usize>> {
        let mut hashes: Vec<([u8; 32], usize)> = (0..self.n_rows())
            .into_par_iter()
            .filter_map(|row| Some((hash(self.x.row(row))?, row)))
            .collect();
        for recordings in self.x.recordings() {
            let heard = (0..recordings.n_rows()).filter(|&row| recordings.n_frames(row) > 0);
            hashes.extend(heard.map(|row| (recordings.digest(row), row)));
        }
        hashes.par_sort_unstable();
        hashes
            .chunk_by(|a, b| a.0 == b.0)
            .filter(|equal| equal.len() > 1)
            .map(|equal| equal.iter().map(|(_, row)| *row).collect())
            .collect()
    }
}

/// BLAKE3 of a row in which all zeros are one and all missing values are one; `None` where it has too few values.
fn hash(row: &[f32]) -> Option<[u8; 32]> {
    if row.iter().filter(|value| value.is_finite()).count() < FEWEST_VALUES {
        return None;
    }
    let mut bytes = Vec::with_capacity(4 * row.len());
    for value in row {
        let value = if value.is_nan() { f32::NAN } else { value + 0.0 };
        bytes.extend(value.to_le_bytes());
    }
    Some(*blake3::hash(&bytes).as_bytes())
}

/// Rows tied together, by a forest in which the root of a tree is its lowest row.
struct Ties {
    parent: Vec<usize>,
}

impl Ties {
    fn new(n_rows: usize) -> Self {
        Self {
            parent: (0..n_rows).collect(),
        }
    }

    fn root(&mut self, mut row: usize) -> usize {
        while self.parent[row] != row {
            self.parent[row] = self.parent[self.parent[row]];
            row = self.parent[row];
        }
        row
    }

    fn tie(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b)] = a.min(b);
    }
}

/// How many different numbers these are.
pub(crate) fn n_different(numbers: impl Iterator<Item = i64>) -> usize {
    numbers.collect::<BTreeSet<i64>>().len()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::data::matrix::Matrix;
    use cratedigger_stats::rng::SeededRng;

    /// Rows of four features that are their number, of these artists and albums.
    fn data(artists: Vec<Option<i64>>, albums: Vec<Option<i64>>) -> Dataset {
        let n = artists.len();
        let x = Matrix::new(n, 4, (0..4 * n).map(|at| (at / 4) as f32).collect()).unwrap();
        let mut data = Dataset::new(x, vec![0; n], vec!["Folk".into()]).unwrap();
        data.artists = Some(artists);
        data.albums = Some(albums);
        data
    }

    #[test]
    fn albums_and_doubles_unite_artists_and_unknown_rows_stand_alone() {
        // Row 1 has no artist but the album of rows 0 and 4; row 3 knows nothing; row 6 has an album alone.
        let artists = vec![Some(7), None, Some(5), None, Some(3), Some(9), None];
        let albums = vec![Some(1), Some(1), Some(2), None, Some(1), None, Some(8)];
        let mut data = data(artists, albums);
        let found = data.grouping();
        assert_eq!(found.groups, [3, 3, 5, -1, 3, 9, -2]);
        assert_eq!(
            (
                found.n_groups,
                found.n_without_artist,
                found.n_alone,
                found.n_doubles
            ),
            (5, 3, 1, 0)
        );
        // Row 5 is row 2 once more, and row 3 is row 1: two rows each that stand elsewhere.
        for (to, from) in [(5, 2), (3, 1)] {
            let row = data.x.row(from).to_vec();
            data.x.as_mut_slice()[4 * to..4 * to + 4].copy_from_slice(&row);
        }
        let found = data.grouping();
        assert_eq!(found.groups, [3, 3, 5, 3, 3, 5, -1]);
        assert_eq!((found.n_groups, found.n_doubles), (3, 4));
        // Doubles of one artist tie nothing that was not tied.
        let row = data.x.row(0).to_vec();
        data.x.as_mut_slice()[16..20].copy_from_slice(&row);
        assert_eq!(data.grouping().n_doubles, 4);
        data.unite_groups();
        assert_eq!(data.groups, Some(vec![3, 3, 5, 3, 3, 5, -1]));
        assert_eq!(data.artist_groups(), Some(vec![7, -1, 5, -2, 3, 9, -3]));
        (data.artists, data.albums) = (None, None);
        assert_eq!(data.n_without_artist(), 0, "given groups are artists");
        data.unite_groups();
        assert_eq!((data.groups.clone(), data.artist_groups()), (None, None));
        assert_eq!(data.n_without_artist(), 7);
    }

    #[test]
    fn zeros_are_equal_and_rows_with_few_values_are_no_doubles() {
        let nan = f32::NAN;
        let rows = [
            [0.0, 1.0, 2.0, 3.0, nan],
            [-0.0, 1.0, 2.0, 3.0, -nan],
            [0.0, 1.0, 2.0, 3.0, 4.0],
            [5.0, 1.0, 2.0, nan, nan],
            [5.0, 1.0, 2.0, nan, nan],
        ];
        let x = Matrix::from_rows(&rows).unwrap();
        let mut data = Dataset::new(x, vec![0; 5], vec!["Folk".into()]).unwrap();
        data.artists = Some((1..6).map(Some).collect());
        assert_eq!(data.grouping().groups, [1, 1, 3, 4, 5]);
        assert_eq!(data.grouping().n_doubles, 2);
    }

    #[test]
    fn groups_are_those_asked_for() {
        let artists = vec![Some(7), Some(7), Some(5), None, None];
        let albums = vec![Some(1), Some(2), Some(2), None, None];
        let mut data = data(artists, albums);
        let row = data.x.row(0).to_vec();
        data.x.as_mut_slice()[16..20].copy_from_slice(&row);
        let mut by = |group| {
            data.unite_groups_by(group);
            data.groups.clone().unwrap()
        };
        assert_eq!(by(GroupBy::Artist), [5, 5, 5, -1, 5]);
        assert_eq!(by(GroupBy::Album), [0, 1, 1, 3, 0]);
        assert_eq!(by(GroupBy::Double), [0, 1, 2, 3, 0]);
        assert_eq!(data.artists_with_doubles(), Some(vec![7, 7, 5, -1, 7]));
        data.albums = None;
        data.unite_groups_by(GroupBy::Album);
        assert_eq!(data.groups, None);
        for group in GroupBy::ALL {
            assert_eq!(group.name().parse::<GroupBy>().unwrap(), group);
        }
        assert!(
            "artists"
                .parse::<GroupBy>()
                .unwrap_err()
                .to_string()
                .contains("album")
        );
    }

    /// Rows take the least number of their ties until nothing changes.
    fn slowly(data: &Dataset) -> Vec<usize> {
        let n = data.n_rows();
        let tied = |a: usize, b: usize| {
            let same = |a: Option<i64>, b: Option<i64>| a.is_some() && a == b;
            same(data.artist(a), data.artist(b))
                || same(data.album(a), data.album(b))
                || data.x.row(a) == data.x.row(b)
        };
        let mut label: Vec<usize> = (0..n).collect();
        loop {
            let before = label.clone();
            for a in 0..n {
                label[a] = (0..n)
                    .filter(|&b| tied(a, b))
                    .map(|b| label[b])
                    .min()
                    .unwrap()
                    .min(label[a]);
            }
            if label == before {
                return label;
            }
        }
    }

    #[test]
    fn groups_are_the_components_of_a_slow_search() {
        let mut n_united = 0;
        for seed in 0..40 {
            let mut rng = SeededRng::new(seed);
            let n = 60;
            let mut some = |below: usize, share: f64| -> Vec<Option<i64>> {
                let mut one = || (rng.unit() < share).then(|| rng.below(below) as i64 + 1);
                (0..n).map(|_| one()).collect()
            };
            let (artists, albums) = (some(30, 0.7), some(40, 0.6));
            let mut data = data(artists, albums);
            for _ in 0..4 {
                let (from, to) = (rng.below(n), rng.below(n));
                let row = data.x.row(from).to_vec();
                data.x.as_mut_slice()[4 * to..4 * to + 4].copy_from_slice(&row);
            }
            let (groups, labels) = (data.grouping().groups, slowly(&data));
            for a in 0..n {
                for b in 0..n {
                    assert_eq!(
                        groups[a] == groups[b],
                        labels[a] == labels[b],
                        "seed {seed}: {a} {b}"
                    );
                }
            }
            let artists = (0..n).filter_map(|row| data.artist(row));
            n_united += n_different(artists) - n_different(groups.iter().copied().filter(|g| *g > 0));
        }
        assert!(n_united > 40, "{n_united} artists were united");
    }
}
