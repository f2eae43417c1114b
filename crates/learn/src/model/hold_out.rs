use serde::{Deserialize, Serialize};

use crate::data::dataset::{Dataset, Part};
use crate::data::groups::GroupBy;
use crate::error::Result;
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

    /// The training and test rows of the same data.
    ///
    /// # Errors
    /// Those of [`Splitter::hold_out`] and [`given_folds`], for example for other data without artists.
    pub fn fold(&self, data: &Dataset) -> Result<Fold> {
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
