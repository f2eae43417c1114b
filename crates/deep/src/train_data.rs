//! What a network of classes learns from, checked and weighed.

use crate::clips::Clips;
use crate::error::{DeepError, Result, same_size};

/// What a network learns from.
#[derive(Clone, Copy)]
pub struct TrainData<'a> {
    /// The clips.
    pub clips: &'a dyn Clips,
    /// The class of each, below `n_classes`.
    pub labels: &'a [usize],
    /// Number of classes; some may have no clip.
    pub n_classes: usize,
    /// The group of each clip, such as its artist: groups are held out whole. Without, each clip is its own.
    pub groups: Option<&'a [usize]>,
    /// The weight of each clip, in any scale; clips of weight 0 do not count.
    pub weights: Option<&'a [f64]>,
    /// The weight of each class, by which those of its clips are multiplied.
    pub class_weights: Option<&'a [f64]>,
}

impl TrainData<'_> {
    /// Checks sizes; the weight of each clip, so that their mean is 1, and the clips that count.
    pub(crate) fn weigh(&self) -> Result<(Vec<f32>, Vec<usize>)> {
        let n = self.clips.n_clips();
        same_size("labels", n, self.labels.len())?;
        if let Some(groups) = self.groups {
            same_size("groups", n, groups.len())?;
        }
        if let Some(weights) = self.weights {
            same_size("weights", n, weights.len())?;
        }
        if let Some(weights) = self.class_weights {
            same_size("class weights", self.n_classes, weights.len())?;
        }
        if let Some(&label) = self.labels.iter().find(|&&label| label >= self.n_classes) {
            return Err(DeepError::option(
                "label",
                label,
                format!("below {}", self.n_classes),
            ));
        }
        let of = |clip: usize| {
            let of_class = self.class_weights.map_or(1.0, |all| all[self.labels[clip]]);
            self.weights.map_or(1.0, |all| all[clip]) * of_class
        };
        let weights: Vec<f64> = (0..n).map(of).collect();
        if let Some(weight) = weights
            .iter()
            .find(|weight| !(**weight >= 0.0 && weight.is_finite()))
        {
            return Err(DeepError::option("weight", weight, "at least 0"));
        }
        let rows: Vec<usize> = (0..n).filter(|&clip| weights[clip] > 0.0).collect();
        let mut classes: Vec<usize> = rows.iter().map(|&clip| self.labels[clip]).collect();
        classes.sort_unstable();
        classes.dedup();
        if classes.len() < 2 {
            return Err(DeepError::Nothing(format!(
                "there are clips of {} classes; at least two are needed",
                classes.len()
            )));
        }
        let mean = rows.iter().map(|&clip| weights[clip]).sum::<f64>() / rows.len() as f64;
        Ok((
            weights.iter().map(|weight| (weight / mean) as f32).collect(),
            rows,
        ))
    }
}
