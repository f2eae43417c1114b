use serde::{Deserialize, Serialize};

use crate::data::dataset::{Dataset, Part};
use crate::data::groups::GroupBy;
use crate::error::Result;
use crate::metrics::parts_of_groups;
use crate::split::{Fold, Splitter, given_folds, official_fold};

/// How the rows that a model was scored on were chosen from all rows, so that they can be chosen again.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HoldOutCard {
    /// Name of the [`Splitter`], [`HoldOutCard::GIVEN`] or [`HoldOutCard::OFFICIAL_TEST`].
    pub kind: String,
    /// Share of the rows that were held out.
    pub test_size: f64,
    /// Seed of the split.
    pub seed: u64,
    /// What was kept on one side.
    #[serde(skip_serializing_if = "is_default")]
    pub group: GroupBy,
    /// Indices of the rows that were held out, rising, where they were given one by one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub test_rows: Vec<usize>,
    /// Whether half of the held-out groups (artists) calibrated the model: the scores are of the other half.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub calibrating: bool,
}

/// Three sets of rows, no two of which share a group (artist) where the split keeps groups whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// What the model is fitted on.
    pub train: Vec<usize>,
    /// What its temperature, threshold and sets are calibrated on; empty where nothing is.
    pub calibration: Vec<usize>,
    /// What is reported.
    pub test: Vec<usize>,
}

impl Parts {
    /// What the model is fitted on, and all else.
    pub fn held_out(&self) -> Fold {
        let mut test = [self.calibration.as_slice(), &self.test].concat();
        test.sort_unstable();
        Fold {
            train: self.train.clone(),
            test,
        }
    }
}

fn is_default(group: &GroupBy) -> bool {
    *group == GroupBy::default()
}

impl HoldOutCard {
    /// The kind where the held-out rows were given one by one.
    pub const GIVEN: &'static str = "given";

    /// The kind where the dataset's own test part was held out, and its validation part fitted on beside its training part.
    pub const OFFICIAL_TEST: &'static str = "official-test";

    /// The official test part, held out from a model that was chosen on the validation part and fitted on both others.
    pub fn official_test() -> Self {
        Self {
            kind: Self::OFFICIAL_TEST.to_owned(),
            ..Self::default()
        }
    }

    /// Rows that a splitter held out.
    pub fn of_splitter(splitter: Splitter, test_size: f64, seed: u64) -> Self {
        Self {
            kind: splitter.name().to_owned(),
            test_size,
            seed,
            ..Self::default()
        }
    }

    /// The test rows of this fold, `n_rows` in all.
    pub fn given(fold: &Fold, n_rows: usize) -> Self {
        Self {
            kind: Self::GIVEN.to_owned(),
            test_size: fold.test.len() as f64 / n_rows as f64,
            test_rows: fold.test.clone(),
            ..Self::default()
        }
    }

    /// The training rows of the same data, and those that are reported.
    ///
    /// # Errors
    /// As [`HoldOutCard::parts`].
    pub fn fold(&self, data: &Dataset) -> Result<Fold> {
        let Parts { train, test, .. } = self.parts(data)?;
        Ok(Fold { train, test })
    }

    /// The training rows of the same data, those that calibrate, and those that are reported: where the model is calibrated, the held-out
    /// groups (artists; single rows without groups) are divided at random into two halves.
    ///
    /// # Errors
    /// Those of [`Splitter::hold_out`] and [`given_folds`], for example for other data without artists; `CannotSplit` where the held-out
    /// rows are of one group.
    pub fn parts(&self, data: &Dataset) -> Result<Parts> {
        let Fold { train, test } = self.held_out(data)?;
        if !self.calibrating {
            return Ok(Parts {
                train,
                calibration: Vec::new(),
                test,
            });
        }
        let group = |&row: &usize| data.groups.as_ref().map_or(row as i64, |groups| groups[row]);
        let halves = parts_of_groups(&test.iter().map(group).collect::<Vec<_>>(), 2, self.seed)?;
        let of = |half: usize| {
            test.iter()
                .zip(&halves)
                .filter(move |(_, part)| **part == half)
                .map(|(&row, _)| row)
        };
        Ok(Parts {
            calibration: of(0).collect(),
            test: of(1).collect(),
            train,
        })
    }

    /// The training rows and all that are held out.
    fn held_out(&self, data: &Dataset) -> Result<Fold> {
        if self.kind == Self::OFFICIAL_TEST {
            return official_fold(data, &[Part::Training, Part::Validation], Part::Test);
        }
        if self.kind != Self::GIVEN {
            let splitter: Splitter = self.kind.parse()?;
            if self.group != GroupBy::default() {
                let mut data = data.clone();
                data.unite_groups_by(self.group);
                return splitter.hold_out(&data, self.test_size, self.seed);
            }
            return splitter.hold_out(data, self.test_size, self.seed);
        }
        let mut folds = given_folds(data.n_rows(), std::slice::from_ref(&self.test_rows))?;
        Ok(folds.remove(0))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::error::LearnError;
    use crate::test_support::three_classes;
    use std::collections::BTreeSet;

    #[test]
    fn what_fits_what_calibrates_and_what_is_reported_share_no_artist() {
        let mut data = three_classes();
        data.groups = Some((0..120).map(|row| row / 4).collect());
        let plain = HoldOutCard::of_splitter(Splitter::Artist, 0.4, 3);
        let card = HoldOutCard {
            calibrating: true,
            ..plain.clone()
        };
        let (all, parts) = (plain.parts(&data).unwrap(), card.parts(&data).unwrap());
        assert_eq!((&all.train, all.calibration.len()), (&parts.train, 0));
        let mut both = [parts.calibration.clone(), parts.test.clone()].concat();
        both.sort_unstable();
        assert_eq!(both, all.test);
        let artists = |rows: &[usize]| rows.iter().map(|row| row / 4).collect::<BTreeSet<_>>();
        let three = [&parts.train, &parts.calibration, &parts.test].map(|rows| artists(rows));
        assert_eq!(three.iter().map(BTreeSet::len).sum::<usize>(), 30);
        assert_eq!(three[1].len(), three[2].len());
        let fold = card.fold(&data).unwrap();
        assert_eq!((fold.train, fold.test), (parts.train, parts.test));
        // Another seed, another half.
        let other = HoldOutCard {
            seed: 4,
            ..HoldOutCard::given(&plain.fold(&data).unwrap(), 120)
        };
        let halves = |seed| {
            HoldOutCard {
                seed,
                calibrating: true,
                ..other.clone()
            }
            .parts(&data)
            .unwrap()
            .test
        };
        assert_ne!(halves(4), halves(5));
        // The file says so only where it is so.
        assert!(!serde_json::to_string(&plain).unwrap().contains("calibrating"));
        let read: HoldOutCard = serde_json::from_str(&serde_json::to_string(&card).unwrap()).unwrap();
        assert_eq!(read, card);
        data.groups = Some((0..120).map(|row| i64::from(row < 80)).collect());
        assert!(matches!(card.parts(&data), Err(LearnError::CannotSplit { .. })));
    }
}
