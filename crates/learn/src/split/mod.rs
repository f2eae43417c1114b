//! Ways to divide rows into training and test rows.
//!
//! A random split puts tracks of one artist on both sides and flatters every score, so [`Splitter::Artist`] is the
//! default. An album of several artists does the same, and so does a track that is there twice: a group is made of all
//! of them ([`Dataset::unite_groups`]), or of what else is to be kept together ([`Dataset::unite_groups_by`]). Every split but the
//! dataset's own keeps doubles on one side.

mod both_sides;
mod doubles;
mod fold;
mod follow;
mod group;
mod hold_out;
mod inner;
mod k_fold;
mod set_aside;

use std::fmt;
use std::str::FromStr;

pub use both_sides::BothSides;
pub use fold::Fold;
pub use follow::follow;
pub use hold_out::official_fold;
pub(crate) use inner::inner_folds;
pub(crate) use set_aside::set_aside;

use crate::data::dataset::{Dataset, Part};
use crate::error::{LearnError, Result};

/// How rows are assigned to training and test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Splitter {
    /// Any row anywhere, but for doubles. scikit-learn: `ShuffleSplit`, `KFold(shuffle=True)`.
    Random,
    /// Every class in its proportion on both sides. scikit-learn: `StratifiedShuffleSplit`,
    /// `StratifiedKFold(shuffle=True)`, with the same number of rows of each class in each fold.
    Stratified,
    /// No group on both sides ([`Dataset::groups`]: artists with those that share an album with them, and with doubles), and
    /// classes as near to their proportion as that allows. scikit-learn: `StratifiedGroupKFold(shuffle=True)`; the hold-out is
    /// the same rule for two parts of unequal size.
    #[default]
    Artist,
    /// No artist on both sides, as in the literature: albums of several artists may be, doubles are not. Folds of equal size whatever their
    /// classes. scikit-learn: `GroupKFold` without shuffling (the seed plays no role); the hold-out takes artists in random
    /// order.
    ArtistPlain,
    /// The dataset's own split: training rows to fit, test rows to score, validation rows left out. There are no
    /// folds of it.
    Official,
}

impl Splitter {
    /// All of them.
    pub const ALL: &'static [Splitter] = &[
        Self::Random,
        Self::Stratified,
        Self::Artist,
        Self::ArtistPlain,
        Self::Official,
    ];

    /// The name, as in `--split artist`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Stratified => "stratified",
            Self::Artist => "artist",
            Self::ArtistPlain => "artist-plain",
            Self::Official => "official",
        }
    }

    /// One division into training and test rows.
    ///
    /// `test_size`: share of the rows to test on, 0.25 in the study. Random and stratified splits take
    /// `ceil(test_size * n_rows)` test rows, as scikit-learn does, before doubles go to the side of the first of them; splits by artist come as near as whole artists
    /// allow; the official split ignores it.
    ///
    /// # Errors
    /// `InvalidParameter` for a share outside (0, 1), `MissingForSplit` without groups or official parts,
    /// `CannotSplit` where a side or a class would stay empty.
    pub fn hold_out(self, data: &Dataset, test_size: f64, seed: u64) -> Result<Fold> {
        data.check()?;
        if !(test_size > 0.0 && test_size < 1.0) {
            return Err(LearnError::parameter(
                "test_size",
                test_size,
                "must be above 0 and below 1",
            ));
        }
        let fold = match self {
            Self::Random => hold_out::random(data.n_rows(), test_size, seed),
            Self::Stratified => {
                let name = |class: usize| data.classes[class].clone();
                hold_out::stratified(&data.y, data.n_classes(), &name, test_size, seed)
            }
            Self::Artist => return group::stratified_hold_out(data, self.groups(data)?, test_size, seed),
            Self::ArtistPlain => return group::hold_out(&self.artists(data)?, test_size, seed),
            Self::Official => return official_fold(data, &[Part::Training], Part::Test),
        }?;
        doubles::on_one_side(data, fold)
    }

    /// `n_splits` folds: every row is tested exactly once.
    ///
    /// # Errors
    /// `InvalidParameter` for fewer than 2 folds, `MissingForSplit` without groups, `CannotSplit` with fewer rows,
    /// artists or rows of every class than folds; `Unsupported` for the official split.
    pub fn k_fold(self, data: &Dataset, n_splits: usize, seed: u64) -> Result<Vec<Fold>> {
        data.check()?;
        if n_splits < 2 {
            return Err(LearnError::parameter("n_splits", n_splits, "must be at least 2"));
        }
        let mut fold_of_row = match self {
            Self::Random => k_fold::random(data.n_rows(), n_splits, seed)?,
            Self::Stratified => k_fold::stratified(&data.y, data.n_classes(), n_splits, seed)?,
            Self::Artist => {
                group::stratified_k_fold(&data.y, data.n_classes(), self.groups(data)?, n_splits, seed)?
            }
            Self::ArtistPlain => group::k_fold(&self.artists(data)?, n_splits)?,
            Self::Official => {
                return Err(LearnError::Unsupported {
                    method: "the official split",
                    what: "folds",
                });
            }
        };
        if matches!(self, Self::Random | Self::Stratified) {
            doubles::in_one_fold(data, &mut fold_of_row);
            doubles::check_folds(&fold_of_row, n_splits)?;
        }
        Ok(k_fold::folds_of(&fold_of_row, n_splits))
    }

    fn groups(self, data: &Dataset) -> Result<&[i64]> {
        let needs = "an artist or an album for at least one row";
        data.groups.as_deref().ok_or(LearnError::MissingForSplit {
            split: self.name(),
            needs,
        })
    }

    fn artists(self, data: &Dataset) -> Result<Vec<i64>> {
        let needs = "an artist for at least one row";
        data.artists_with_doubles().ok_or(LearnError::MissingForSplit {
            split: self.name(),
            needs,
        })
    }
}

impl fmt::Display for Splitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Splitter {
    type Err = LearnError;

    /// # Errors
    /// `InvalidParameter`, which lists the names there are.
    fn from_str(name: &str) -> Result<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|splitter| splitter.name() == name)
            .ok_or_else(|| {
                LearnError::parameter(
                    "split",
                    name,
                    "must be one of random, stratified, artist, artist-plain, official",
                )
            })
    }
}

/// Folds from given test rows, for example those another program used; all other rows are training rows.
///
/// # Errors
/// `IndexOutOfRange`; `CannotSplit` where a fold has no test row, names one twice or leaves no training row, or where
/// two folds test the same row.
pub fn given_folds(n_rows: usize, test_rows: &[Vec<usize>]) -> Result<Vec<Fold>> {
    let mut owner = vec![None; n_rows];
    let mut folds = Vec::with_capacity(test_rows.len());
    for (fold, rows) in test_rows.iter().enumerate() {
        let mut test = rows.clone();
        test.sort_unstable();
        for &index in &test {
            if index >= n_rows {
                return Err(LearnError::IndexOutOfRange { index, n_rows });
            }
            if let Some(other) = owner[index].replace(fold) {
                let reason = format!("row {index} is a test row of fold {other} and of fold {fold}");
                return Err(LearnError::CannotSplit { n_rows, reason });
            }
        }
        if test.is_empty() || test.len() == n_rows {
            let reason = format!("fold {fold} has {} test rows, so one side is empty", test.len());
            return Err(LearnError::CannotSplit { n_rows, reason });
        }
        let train = (0..n_rows).filter(|&row| owner[row] != Some(fold)).collect();
        folds.push(Fold { train, test });
    }
    Ok(folds)
}

#[cfg(test)]
mod tests;
