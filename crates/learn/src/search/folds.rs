use std::sync::{Arc, Mutex, PoisonError};

use crate::data::dataset::{Dataset, take};
use crate::data::matrix::Matrix;
use crate::data::train_set::TrainSet;
use crate::error::Result;
use crate::preprocess::{Pipeline, Rows};
use crate::split::Fold;

/// One fold after preprocessing, shared by all candidates.
pub(super) struct Prepared {
    /// Whether the method prepares its rows itself.
    raw: bool,
    feature_names: Vec<String>,
    pub(super) train_x: Matrix,
    pub(super) train_y: Vec<usize>,
    pub(super) train_groups: Option<Vec<i64>>,
    pub(super) test_x: Matrix,
    pub(super) test_y: Vec<usize>,
}

impl Prepared {
    /// The rows to fit on.
    pub(super) fn train_set<'a>(&'a self, data: &'a Dataset) -> Result<TrainSet<'a>> {
        let train = match self.raw {
            true => TrainSet::unprepared(&self.train_x, &self.train_y, data.n_classes())?,
            false => TrainSet::new(&self.train_x, &self.train_y, data.n_classes())?,
        };
        let train = train.with_class_names(&data.classes)?;
        let train = train.with_feature_names(&self.feature_names)?;
        match &self.train_groups {
            Some(groups) => train.with_groups(groups),
            None => Ok(train),
        }
    }
}

/// The folds of one round. Each is prepared when the first candidate asks for it, and forgotten after the last.
pub(super) struct SharedFolds<'a> {
    data: &'a Dataset,
    folds: &'a [Fold],
    pipeline: &'a Pipeline,
    raw: bool,
    slots: Vec<Mutex<Slot>>,
}

struct Slot {
    prepared: Option<Arc<Prepared>>,
    n_left: usize,
}

impl<'a> SharedFolds<'a> {
    /// `raw`: whether the method prepares its rows itself; `n_uses[fold]`: how many times each fold will be asked for.
    pub(super) fn new(
        data: &'a Dataset,
        folds: &'a [Fold],
        pipeline: &'a Pipeline,
        raw: bool,
        n_uses: &[usize],
    ) -> Self {
        let slot = |&n_left: &usize| {
            Mutex::new(Slot {
                prepared: None,
                n_left,
            })
        };
        Self {
            data,
            folds,
            pipeline,
            raw,
            slots: n_uses.iter().map(slot).collect(),
        }
    }

    /// The fold, prepared by the first who asks while the others wait.
    pub(super) fn get(&self, fold: usize) -> Result<Arc<Prepared>> {
        let mut slot = self.slots[fold].lock().unwrap_or_else(PoisonError::into_inner);
        slot.n_left = slot.n_left.saturating_sub(1);
        let prepared = match slot.prepared.take() {
            Some(prepared) => prepared,
            None => Arc::new(self.prepare(&self.folds[fold])?),
        };
        if slot.n_left > 0 {
            slot.prepared = Some(Arc::clone(&prepared));
        }
        Ok(prepared)
    }

    fn prepare(&self, fold: &Fold) -> Result<Prepared> {
        let train_x = self.data.x.take_rows(&fold.train)?;
        let test_x = self.data.x.take_rows(&fold.test)?;
        let train_y = take(&self.data.y, &fold.train);
        let train_groups = self.data.groups.as_ref().map(|groups| take(groups, &fold.train));
        let (train_x, test_x, feature_names) = match self.raw && self.pipeline.steps.is_empty() {
            true => (train_x, test_x, self.data.feature_names.clone()),
            false => {
                let rows = Rows {
                    x: &train_x,
                    y: &train_y,
                    groups: train_groups.as_deref(),
                    ..Rows::of(self.data)
                };
                let (steps, seen) = self.pipeline.fit_transform(&rows)?;
                let names = steps.output_names(&self.data.feature_names);
                (seen, steps.transform(&test_x)?, names)
            }
        };
        Ok(Prepared {
            raw: self.raw,
            feature_names,
            train_x,
            train_y,
            train_groups,
            test_x,
            test_y: take(&self.data.y, &fold.test),
        })
    }
}
