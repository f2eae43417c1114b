//! Boosted trees as named arrays.

use super::fitted::FittedBoosting;
use super::forest::Forest;
use crate::error::Result;
use crate::methods::margins::n_margins;
use crate::state::{ModelState, TensorValues, bad_state, expect};

impl FittedBoosting {
    /// `starts` [trees]; `feature`, `left`, `right`, `threshold`, `value` and `gain` [nodes]; `base_margins`, `classes`.
    pub(crate) fn to_state(&self) -> Result<ModelState> {
        let mut state = ModelState::default();
        let forest = &self.forest;
        for (name, indices) in [
            ("starts", &forest.starts),
            ("feature", &forest.feature),
            ("left", &forest.left),
            ("right", &forest.right),
        ] {
            let indices: Vec<usize> = indices.iter().map(|&index| index as usize).collect();
            state.put_indices(name, &indices)?;
        }
        for (name, values) in [
            ("threshold", &forest.threshold),
            ("value", &forest.value),
            ("gain", &forest.gain),
        ] {
            state.put(name, &[values.len()], TensorValues::F32(values.clone()))?;
        }
        let base = self.base_margins.clone();
        state.put("base_margins", &[base.len()], TensorValues::F64(base))?;
        state.put_indices("classes", &self.classes)?;
        Ok(state)
    }

    pub(crate) fn from_state(state: &ModelState, n_features: usize, n_classes: usize) -> Result<Self> {
        let classes = state.classes(n_classes, 2)?;
        let indices = |name: &str| -> Result<Vec<u32>> {
            let indices = state.indices(name, u32::MAX as usize)?;
            Ok(indices.into_iter().map(|index| index as u32).collect())
        };
        let values = |name: &str| state.f32(name).map(|(_, values)| values.to_vec());
        let forest = Forest {
            starts: indices("starts")?,
            feature: indices("feature")?,
            threshold: values("threshold")?,
            left: indices("left")?,
            right: indices("right")?,
            value: values("value")?,
            gain: values("gain")?,
        };
        forest.check(n_features)?;
        let base_margins = state.f64("base_margins")?.1.to_vec();
        let n_sums = n_margins(classes.len());
        expect("base margins", n_sums, base_margins.len())?;
        if !forest.n_trees().is_multiple_of(n_sums) {
            return Err(bad_state("the last round of trees is not whole"));
        }
        Ok(Self {
            n_features,
            n_classes,
            classes,
            base_margins,
            forest,
        })
    }
}
