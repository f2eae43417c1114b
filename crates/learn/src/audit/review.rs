//! What to listen to first: every row with what speaks against its label, albums that are doubtful as a whole, doubles.

use std::collections::BTreeMap;

use super::company::{Company, Mates};
use super::confident::ConfidentJoint;
use super::doubles::{NearDoubles, near_doubles};
use super::issues::{IssueFilter, find_label_issues, normalized_margin, self_confidence};
use crate::data::dataset::Dataset;
use crate::data::score_matrix::{ScoreMatrix, argmax};
use crate::error::Result;

/// Rows of an album at least, for it to be doubted as a whole.
const ALBUM_ROWS: usize = 3;

/// A row and what speaks for and against its label.
#[derive(Debug, Clone, PartialEq)]
pub struct Doubt {
    /// The row.
    pub row: usize,
    /// Its label.
    pub given: usize,
    /// The label that is believed most after sound and company.
    pub suggested: usize,
    /// The label that its sound has most of.
    pub heard: usize,
    /// Probability of its label by its sound alone (`self_confidence`).
    pub self_confidence: f64,
    /// How far its label is ahead by its sound alone (`normalized_margin`).
    pub normalized_margin: f64,
    /// Belief in its label after sound and company.
    pub belief: f64,
    /// Whether confident learning finds its label wrong by its sound.
    pub issue: bool,
    /// The artist's other rows.
    pub artist: Mates,
    /// The album's other rows.
    pub album: Mates,
    /// Rows of the same sound.
    pub doubles: Mates,
}

impl Doubt {
    /// Whether anything speaks against the label: confident learning, or another label that is believed more.
    pub fn is_doubtful(&self) -> bool {
        self.issue || self.suggested != self.given
    }

    /// 1 less the belief in the label: how likely it is that listening finds it wrong.
    pub fn doubt(&self) -> f64 {
        1.0 - self.belief
    }
}

/// An album of which most rows are found mislabelled by their sound, all with the same label: one decision for all of them.
#[derive(Debug, Clone, PartialEq)]
pub struct AlbumDoubt {
    /// The album.
    pub album: i64,
    /// Its rows, rising.
    pub rows: Vec<usize>,
    /// Those of them that confident learning finds wrong.
    pub n_issues: usize,
    /// The label that most of them have.
    pub given: usize,
    /// The label that their sounds have most of together.
    pub suggested: usize,
    /// 1 less the label's share of the geometric mean of the rows' probabilities.
    pub doubt: f64,
}

/// Rows of the same sound.
#[derive(Debug, Clone, PartialEq)]
pub struct DoubleGroup {
    /// The rows, rising.
    pub rows: Vec<usize>,
    /// Whether they are all equal; otherwise some are only nearly so.
    pub exact: bool,
    /// Artists that are known of them.
    pub n_artists: usize,
    /// Whether they have more than one label, so that one at least is wrong.
    pub labels_differ: bool,
    /// The largest share of the threshold of a pair by which they were joined, 0 for equal rows.
    pub share: f64,
}

/// All of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    /// Every row, the least believed label first, of equal ones the lowest row.
    pub rows: Vec<Doubt>,
    /// Albums, the most doubtful first.
    pub albums: Vec<AlbumDoubt>,
    /// Doubles, by their lowest rows.
    pub doubles: Vec<DoubleGroup>,
    /// The pairs of near doubles, and what is near.
    pub near: NearDoubles,
    /// The joint of given and true labels.
    pub joint: ConfidentJoint,
}

impl Review {
    /// Reviews labels by out-of-sample probabilities, a row for each row of the data, a column for each class.
    ///
    /// # Errors
    /// As [`ConfidentJoint::new`] and [`near_doubles`].
    pub fn new(data: &Dataset, proba: &ScoreMatrix) -> Result<Self> {
        let joint = ConfidentJoint::new(&data.y, proba)?;
        let issues = find_label_issues(&data.y, proba, IssueFilter::default())?;
        let near = near_doubles(data)?;
        let doubles = groups(data, &near);
        let mut double_of = vec![None; data.n_rows()];
        for (group, double) in doubles.iter().enumerate() {
            double.rows.iter().for_each(|&row| double_of[row] = Some(group));
        }
        let company = Company::of(data, &double_of)?;
        let belief = company.belief(proba)?;
        let own = self_confidence(&data.y, proba)?;
        let margin = normalized_margin(&data.y, proba)?;
        let doubt = |row: usize| {
            let given = data.y[row];
            let most = argmax(belief.row(row));
            Doubt {
                row,
                given,
                suggested: if belief.row(row)[most] > belief.row(row)[given] {
                    most
                } else {
                    given
                },
                heard: argmax(proba.row(row)),
                self_confidence: own[row],
                normalized_margin: margin[row],
                belief: belief.row(row)[given],
                issue: issues[row],
                artist: company.artist[row],
                album: company.album[row],
                doubles: company.doubles[row],
            }
        };
        let mut rows: Vec<Doubt> = (0..data.n_rows()).map(doubt).collect();
        rows.sort_by(|a, b| a.belief.total_cmp(&b.belief).then(a.row.cmp(&b.row)));
        Ok(Self {
            rows,
            albums: albums(data, proba, &issues),
            doubles,
            near,
            joint,
        })
    }

    /// Rows of which something speaks against the label.
    pub fn n_doubtful(&self) -> usize {
        self.rows.iter().filter(|doubt| doubt.is_doubtful()).count()
    }

    /// Rows that confident learning finds mislabelled.
    pub fn n_issues(&self) -> usize {
        self.rows.iter().filter(|doubt| doubt.issue).count()
    }
}

fn albums(data: &Dataset, proba: &ScoreMatrix, issues: &[bool]) -> Vec<AlbumDoubt> {
    let mut of_album: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for row in 0..data.n_rows() {
        if let Some(album) = data.album(row) {
            of_album.entry(album).or_default().push(row);
        }
    }
    let doubt = |(album, rows): (i64, Vec<usize>)| {
        let n_issues = rows.iter().filter(|&&row| issues[row]).count();
        let given = data.y[rows[0]];
        let alike = rows.iter().all(|&row| data.y[row] == given);
        if rows.len() < ALBUM_ROWS || !alike || 2 * n_issues <= rows.len() {
            return None;
        }
        // Logarithms from the largest, so that none underflows.
        let log = |class: usize| {
            let logs = rows
                .iter()
                .map(|&row| proba.row(row)[class].max(f64::MIN_POSITIVE).ln());
            logs.sum::<f64>() / rows.len() as f64
        };
        let logs: Vec<f64> = (0..proba.n_cols()).map(log).collect();
        let suggested = argmax(&logs);
        let shares: Vec<f64> = logs.iter().map(|log| (log - logs[suggested]).exp()).collect();
        let sum: f64 = shares.iter().sum();
        (suggested != given).then(|| AlbumDoubt {
            album,
            n_issues,
            given,
            suggested,
            doubt: 1.0 - shares[given] / sum,
            rows,
        })
    };
    let mut found: Vec<AlbumDoubt> = of_album.into_iter().filter_map(doubt).collect();
    found.sort_by(|a, b| b.doubt.total_cmp(&a.doubt));
    found
}

/// Rows that are equal or nearly so, joined as far as pairs reach.
fn groups(data: &Dataset, near: &NearDoubles) -> Vec<DoubleGroup> {
    let mut group: Vec<usize> = (0..data.n_rows()).collect();
    let mut farthest = vec![0.0_f64; data.n_rows()];
    let mut join = |a: usize, b: usize, share: f64| {
        let (keep, gone) = (group[a].min(group[b]), group[a].max(group[b]));
        farthest[keep] = farthest[keep].max(farthest[gone]).max(share);
        if keep != gone {
            group
                .iter_mut()
                .filter(|of| **of == gone)
                .for_each(|of| *of = keep);
        }
    };
    for equal in data.equal_rows() {
        equal[1..].iter().for_each(|&row| join(equal[0], row, 0.0));
    }
    for pair in &near.pairs {
        // No two rows that differ are equal, however near they are.
        join(pair.first, pair.second, pair.share.max(f64::MIN_POSITIVE));
    }
    let mut rows_of: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (row, &group) in group.iter().enumerate() {
        rows_of.entry(group).or_default().push(row);
    }
    let double = |(group, rows): (usize, Vec<usize>)| {
        let mut artists: Vec<i64> = rows.iter().filter_map(|&row| data.artist(row)).collect();
        artists.sort_unstable();
        artists.dedup();
        DoubleGroup {
            exact: farthest[group] == 0.0,
            share: farthest[group],
            n_artists: artists.len(),
            labels_differ: rows.iter().any(|&row| data.y[row] != data.y[rows[0]]),
            rows,
        }
    };
    let several = rows_of.into_iter().filter(|(_, rows)| rows.len() > 1);
    several.map(double).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::data::matrix::Matrix;
    use cratedigger_stats::rng::SeededRng;

    /// 20 albums of four rows by ten artists, two genres by artist; a column that tells them apart and 24 that do not.
    fn data() -> (Dataset, ScoreMatrix) {
        let mut rng = SeededRng::new(9);
        let y: Vec<usize> = (0..80).map(|row| row / 8 % 2).collect();
        let x: Vec<f32> = (0..80 * 25).map(|_| rng.uniform(-1.0, 1.0) as f32).collect();
        let p: Vec<f64> = y
            .iter()
            .flat_map(|&class| {
                let own = rng.uniform(0.9, 0.92);
                if class == 0 {
                    [own, 1.0 - own]
                } else {
                    [1.0 - own, own]
                }
            })
            .collect();
        let mut data = Dataset::new(
            Matrix::new(80, 25, x).unwrap(),
            y,
            vec!["Folk".into(), "Rock".into()],
        )
        .unwrap();
        data.artists = Some((0..80).map(|row| Some(row / 8)).collect());
        data.albums = Some((0..80).map(|row| Some(row / 4)).collect());
        data.unite_groups();
        (data, ScoreMatrix::new(80, 2, p).unwrap())
    }

    #[test]
    fn flipped_labels_come_first_and_albums_are_doubted_as_a_whole() {
        let (mut data, proba) = data();
        for row in [3, 30, 61] {
            data.y[row] = 1 - data.y[row];
        }
        // Album 10 whole: its company is of its opinion.
        (40..44).for_each(|row| data.y[row] = 1 - data.y[row]);
        let review = Review::new(&data, &proba).unwrap();
        let mut first: Vec<usize> = review.rows[..3].iter().map(|doubt| doubt.row).collect();
        first.sort_unstable();
        assert_eq!(first, [3, 30, 61]);
        for doubt in &review.rows[..3] {
            assert!(doubt.is_doubtful() && doubt.suggested == 1 - doubt.given && doubt.album.contradict());
            assert!(doubt.doubt() > 0.9, "{doubt:?}");
        }
        let albums: Vec<(i64, usize)> = review
            .albums
            .iter()
            .map(|album| (album.album, album.n_issues))
            .collect();
        assert_eq!(albums, [(10, 4)]);
        assert!(review.albums[0].doubt > 0.5 && review.albums[0].suggested == 1 - data.y[40]);
        assert!(review.rows.is_sorted_by(|a, b| a.belief <= b.belief));
        assert!(review.doubles.is_empty());
        let issues: Vec<usize> = review
            .rows
            .iter()
            .filter(|doubt| doubt.issue)
            .map(|doubt| doubt.row)
            .collect();
        assert_eq!(issues.len(), review.n_issues());
        assert!(issues.iter().all(|row| [3, 30, 61, 40, 41, 42, 43].contains(row)));
        assert!((5..8).contains(&issues.len()) && review.n_doubtful() >= issues.len());
    }

    #[test]
    fn doubles_are_joined_and_their_labels_compared() {
        let (mut data, proba) = data();
        let copy = |data: &mut Dataset, from: usize, to: usize, noise: f32| {
            for column in 0..25 {
                let value = data.x.get(from, column) + noise * (column as f32 / 12.0 - 1.0);
                data.x.as_mut_slice()[to * 25 + column] = value;
            }
        };
        copy(&mut data, 2, 5, 0.0);
        copy(&mut data, 2, 9, 0.0);
        copy(&mut data, 20, 21, 0.002);
        let review = Review::new(&data, &proba).unwrap();
        let found: Vec<(Vec<usize>, bool, usize, bool)> = review
            .doubles
            .iter()
            .map(|double| {
                (
                    double.rows.clone(),
                    double.exact,
                    double.n_artists,
                    double.labels_differ,
                )
            })
            .collect();
        assert_eq!(
            found,
            [(vec![2, 5, 9], true, 2, true), (vec![20, 21], false, 1, false)]
        );
        let of = |row: usize| review.rows.iter().find(|doubt| doubt.row == row).unwrap();
        assert_eq!((of(9).doubles.n, of(9).doubles.n_same), (2, 0));
        assert_eq!(of(20).doubles.n_same, 1);
    }
}
