//! What the labels of a row's company say of its own: the artist's other rows, the album's, those of the same sound.
//!
//! People label whole albums and know artists, so a label that differs from its company's is more doubtful than one that only the
//! sound speaks against. Each source leaves the row's own label out.

use std::collections::BTreeMap;

use crate::data::dataset::{Dataset, class_counts};
use crate::data::score_matrix::{ScoreMatrix, argmax};
use crate::error::{Result, same_length};

/// What the shares of all labels may count for, in rows: the most likely one is taken. The last one leaves company without a say, as is
/// right where artists and albums have labels of every kind.
const PRIOR_ROWS: [f64; 9] = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 1e9];

/// What a row of the artist counts for.
const ARTIST: f64 = 1.0;

/// What a row of the album, or of the same sound, counts for besides. With 3 the flipped labels of two archives stand nearer to the
/// top than with 1 (`docs/trust.md`).
const CLOSE: f64 = 3.0;

/// Other rows that belong to a row in one way, and their labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mates {
    /// How many there are.
    pub n: usize,
    /// How many of them have the row's own label.
    pub n_same: usize,
    /// The most frequent label among them, the lowest of equally frequent ones; `None` without mates.
    pub most: Option<usize>,
    /// How many of them have that one.
    pub n_most: usize,
}

impl Mates {
    /// Whether most of them have another label, and more of them than have the row's own.
    pub fn contradict(&self) -> bool {
        self.n_most > self.n_same && 2 * self.n_most > self.n
    }
}

/// The company of every row.
#[derive(Debug, Clone, PartialEq)]
pub struct Company {
    /// Other rows of the artist.
    pub artist: Vec<Mates>,
    /// Other rows of the album.
    pub album: Vec<Mates>,
    /// Other rows that are doubles of it.
    pub doubles: Vec<Mates>,
    /// How many rows the shares of all labels count for against company: of those that were tried the one by which the rows' labels
    /// are most likely, each given its company's.
    pub prior_rows: f64,
    /// For each row and class: the class's share among the company, over its share among all rows.
    odds: ScoreMatrix,
}

impl Company {
    /// Of all rows of a data set; `double_of` numbers the rows of the same sound alike.
    ///
    /// # Errors
    /// `ShapeMismatch`, `UnknownLabel` for a data set whose parts do not fit, `ShapeMismatch` for another number of `double_of`.
    pub fn of(data: &Dataset, double_of: &[Option<usize>]) -> Result<Self> {
        data.check()?;
        let n_rows = data.n_rows();
        same_length("doubles", n_rows, double_of.len())?;
        let of = |group: &dyn Fn(usize) -> Option<i64>| Labels::of(data, group);
        let artist = of(&|row| data.artist(row));
        let album = of(&|row| data.album(row));
        let doubles = of(&|row| double_of[row].map(|group| group as i64));
        let share: Vec<f64> = class_counts(&data.y, data.n_classes())
            .iter()
            .map(|&n| n as f64 / n_rows as f64)
            .collect();
        let sources = [(&artist, ARTIST), (&album, CLOSE), (&doubles, CLOSE)];
        // Rows of the company by label, and in all.
        let there = |row: usize, class: usize| -> f64 {
            let others = |(labels, weight): &(&Labels<'_>, f64)| weight * labels.others(row, class) as f64;
            sources.iter().map(others).sum()
        };
        let all: Vec<f64> = (0..n_rows)
            .map(|row| (0..data.n_classes()).map(|class| there(row, class)).sum())
            .collect();
        let own: Vec<f64> = (0..n_rows).map(|row| there(row, data.y[row])).collect();
        let likelihood = |prior: f64| -> f64 {
            let of_row = |row: usize| ((own[row] + prior * share[data.y[row]]) / (all[row] + prior)).ln();
            (0..n_rows).map(of_row).sum()
        };
        let likelihoods = PRIOR_ROWS.map(likelihood);
        let prior_rows = PRIOR_ROWS[argmax(&likelihoods)];
        let mut odds = ScoreMatrix::zeros(n_rows, data.n_classes());
        for row in 0..n_rows {
            for (class, odds) in odds.row_mut(row).iter_mut().enumerate() {
                if share[class] > 0.0 {
                    let shared = there(row, class) + prior_rows * share[class];
                    *odds = shared / (all[row] + prior_rows) / share[class];
                }
            }
        }
        let mates = |labels: &Labels<'_>| (0..n_rows).map(|row| labels.mates(row)).collect();
        Ok(Self {
            artist: mates(&artist),
            album: mates(&album),
            doubles: mates(&doubles),
            prior_rows,
            odds,
        })
    }

    /// What to believe of each row after its sound and its company, a column for each class: the probabilities times the odds of the
    /// company, scaled to a sum of 1 (Bayes' rule, sound and company taken for independent given the label).
    ///
    /// # Errors
    /// `ShapeMismatch` for other rows or classes.
    pub fn belief(&self, proba: &ScoreMatrix) -> Result<ScoreMatrix> {
        same_length("rows of probabilities", self.odds.n_rows(), proba.n_rows())?;
        same_length("classes", self.odds.n_cols(), proba.n_cols())?;
        let mut belief = ScoreMatrix::zeros(proba.n_rows(), proba.n_cols());
        for row in 0..proba.n_rows() {
            let both: Vec<f64> = proba
                .row(row)
                .iter()
                .zip(self.odds.row(row))
                .map(|(p, odds)| p * odds)
                .collect();
            let sum: f64 = both.iter().sum();
            for ((belief, both), p) in belief.row_mut(row).iter_mut().zip(both).zip(proba.row(row)) {
                *belief = if sum > 0.0 { both / sum } else { *p };
            }
        }
        Ok(belief)
    }
}

/// The labels of groups of rows.
struct Labels<'a> {
    y: &'a [usize],
    group_of: Vec<Option<usize>>,
    counts: Vec<Vec<usize>>,
}

impl<'a> Labels<'a> {
    fn of(data: &'a Dataset, group: &dyn Fn(usize) -> Option<i64>) -> Self {
        let mut numbers = BTreeMap::new();
        let mut counts: Vec<Vec<usize>> = Vec::new();
        let group_of = (0..data.n_rows())
            .map(|row| {
                let group = *numbers.entry(group(row)?).or_insert_with(|| {
                    counts.push(vec![0; data.n_classes()]);
                    counts.len() - 1
                });
                counts[group][data.y[row]] += 1;
                Some(group)
            })
            .collect();
        Self {
            y: &data.y,
            group_of,
            counts,
        }
    }

    /// Other rows of the group with this label.
    fn others(&self, row: usize, class: usize) -> usize {
        self.group_of[row].map_or(0, |group| {
            self.counts[group][class] - usize::from(self.y[row] == class)
        })
    }

    fn mates(&self, row: usize) -> Mates {
        let Some(group) = self.group_of[row] else {
            return Mates::default();
        };
        let others: Vec<usize> = (0..self.counts[group].len())
            .map(|class| self.others(row, class))
            .collect();
        let n_most = others.iter().copied().max().unwrap_or(0);
        Mates {
            n: others.iter().sum(),
            n_same: others[self.y[row]],
            most: others.iter().position(|&n| n == n_most && n > 0),
            n_most,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::data::matrix::Matrix;
    use crate::test_support::assert_close;
    use cratedigger_stats::rng::SeededRng;

    fn data(y: Vec<usize>, artists: Vec<Option<i64>>, albums: Vec<Option<i64>>) -> Dataset {
        let x = Matrix::new(y.len(), 1, vec![0.0; y.len()]).unwrap();
        let mut data = Dataset::new(x, y, vec!["Folk".into(), "Jazz".into(), "Rock".into()]).unwrap();
        (data.artists, data.albums) = (Some(artists), Some(albums));
        data
    }

    #[test]
    fn mates_leave_the_row_out_and_contradict_by_a_majority() {
        let company = Company::of(
            &data(
                vec![2, 2, 0, 2, 1],
                vec![Some(1), Some(1), Some(1), None, Some(2)],
                vec![None, Some(5), Some(5), None, None],
            ),
            &[None, None, None, Some(0), Some(0)],
        )
        .unwrap();
        let mates = |n, n_same, most, n_most| Mates {
            n,
            n_same,
            most,
            n_most,
        };
        assert_eq!(company.artist[0], mates(2, 1, Some(0), 1));
        assert_eq!(company.artist[2], mates(2, 0, Some(2), 2));
        assert_eq!(company.artist[3], Mates::default());
        assert_eq!(company.album[1], mates(1, 0, Some(0), 1));
        assert_eq!(company.doubles[4], mates(1, 0, Some(2), 1));
        assert!(company.artist[2].contradict() && company.album[1].contradict());
        assert!(!company.artist[0].contradict() && !company.artist[3].contradict());
    }

    /// Bayes' rule with the company counted pair by pair.
    #[test]
    fn belief_is_bayes_rule_over_sound_and_company() {
        let mut rng = SeededRng::new(4);
        let n = 80;
        let mut some = |below: usize| -> Vec<Option<i64>> {
            (0..n)
                .map(|_| (rng.unit() < 0.8).then(|| rng.below(below) as i64))
                .collect()
        };
        let (artists, albums) = (some(12), some(20));
        let doubles: Vec<Option<usize>> = some(40).into_iter().map(|id| id.map(|id| id as usize)).collect();
        let y: Vec<usize> = (0..n).map(|_| rng.below(3)).collect();
        let proba = ScoreMatrix::new(
            n,
            3,
            (0..n)
                .flat_map(|_| {
                    let p = rng.unit();
                    [p * 0.5, p * 0.5, 1.0 - p]
                })
                .collect(),
        )
        .unwrap();
        let data = data(y.clone(), artists.clone(), albums.clone());
        let company = Company::of(&data, &doubles).unwrap();
        let belief = company.belief(&proba).unwrap();
        assert!(
            company.prior_rows > 10.0,
            "labels that are noise are not believed"
        );
        for row in 0..n {
            let posterior = |class: usize| {
                let share = y.iter().filter(|&&label| label == class).count() as f64 / n as f64;
                let (mut there, mut all) = (company.prior_rows * share, company.prior_rows);
                for other in (0..n).filter(|&other| other != row) {
                    let mut weight = 0.0;
                    weight += f64::from(u8::from(artists[row].is_some() && artists[row] == artists[other]));
                    weight +=
                        3.0 * f64::from(u8::from(albums[row].is_some() && albums[row] == albums[other]));
                    weight +=
                        3.0 * f64::from(u8::from(doubles[row].is_some() && doubles[row] == doubles[other]));
                    all += weight;
                    there += if y[other] == class { weight } else { 0.0 };
                }
                proba.row(row)[class] * there / all / share
            };
            let raw: Vec<f64> = (0..3).map(posterior).collect();
            let sum: f64 = raw.iter().sum();
            let want: Vec<f64> = raw.iter().map(|value| value / sum).collect();
            assert_close(belief.row(row), &want, 1e-12);
        }
    }

    #[test]
    fn company_has_a_say_as_far_as_it_is_of_one_opinion() {
        // Artists of ten rows with one label each; then the same labels dealt to artists in turn.
        let y: Vec<usize> = (0..120).map(|row| row / 10 % 3).collect();
        let alone = vec![None; 120];
        let prior = |artist: &dyn Fn(i64) -> i64| {
            let artists = (0..120).map(|row| Some(artist(row))).collect();
            let company = Company::of(&data(y.clone(), artists, alone.clone()), &[None; 120]).unwrap();
            company.prior_rows
        };
        assert_eq!(prior(&|row| row / 10), 0.25);
        assert_eq!(prior(&|row| row % 10), 1e9);
    }

    #[test]
    fn without_company_the_sound_decides() {
        let data = data(vec![0, 1, 2], vec![None; 3], vec![None; 3]);
        let company = Company::of(&data, &[None; 3]).unwrap();
        let proba = ScoreMatrix::new(3, 3, vec![0.2, 0.3, 0.5, 1.0, 0.0, 0.0, 0.1, 0.1, 0.8]).unwrap();
        assert_close(
            company.belief(&proba).unwrap().as_slice(),
            proba.as_slice(),
            1e-15,
        );
        assert!(company.belief(&ScoreMatrix::zeros(2, 3)).is_err());
        assert!(Company::of(&data, &[None; 2]).is_err());
    }
}
