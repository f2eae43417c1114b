//! A trained network as a fitted model.

use cratedigger_deep::{Classifier as Network, Map};

use super::clips::RowClips;
use super::words::{of_deep, told};
use crate::data::matrix::Matrix;
use crate::data::recordings::Recordings;
use crate::data::score_matrix::ScoreMatrix;
use crate::error::{LearnError, Result};
use crate::estimator::{Attention, FittedClassifier, FrameMap, Method, Scores, check_predict};
use crate::state::ModelState;
use crate::watch::FitEpoch;

#[derive(Debug)]
pub(super) struct FittedNetwork {
    pub(super) method: Method,
    pub(super) network: Network,
    /// The recipe of the frames that it learnt from.
    pub(super) recipe: String,
    pub(super) n_features: usize,
    /// The classes that it tells apart, in order.
    pub(super) classes: Vec<usize>,
    pub(super) n_classes: usize,
}

impl FittedNetwork {
    /// The recordings of the rows that have frames of its recipe.
    fn recordings<'x>(&self, x: &'x Matrix) -> Result<&'x Recordings> {
        if x.recordings().is_empty() {
            return Err(LearnError::NoFrames {
                method: self.method.name(),
            });
        }
        let mut all = x.recordings().iter();
        all.find(|rows| rows.source().recipe() == self.recipe)
            .ok_or_else(|| {
                let there: Vec<&str> = x.recordings().iter().map(|rows| rows.source().recipe()).collect();
                LearnError::frames(format!(
                    "the model reads frames of `{}`, and these are of `{}`",
                    self.recipe,
                    there.join("` and `")
                ))
            })
    }
}

impl FittedClassifier for FittedNetwork {
    fn method(&self) -> Method {
        self.method
    }

    fn n_features(&self) -> usize {
        self.n_features
    }

    fn n_classes(&self) -> usize {
        self.n_classes
    }

    fn scores(&self, x: &Matrix) -> Result<Scores> {
        check_predict(x, self.n_features)?;
        let clips = RowClips(self.recordings(x)?);
        let narrow = self
            .network
            .predict_proba(&clips)
            .map_err(|error| of_deep(self.method.name(), error))?;
        let mut values = vec![0.0; x.n_rows() * self.n_classes];
        let rows = values.chunks_exact_mut(self.n_classes);
        for (row, narrow) in rows.zip(narrow.chunks_exact(self.classes.len())) {
            let total: f64 = narrow.iter().map(|&value| f64::from(value)).sum();
            for (&class, &value) in self.classes.iter().zip(narrow) {
                row[class] = f64::from(value) / total;
            }
        }
        let probabilities = ScoreMatrix::new(x.n_rows(), self.n_classes, values)?;
        Ok(Scores {
            class: probabilities.argmax(),
            probabilities: Some(probabilities),
            decision: None,
        })
    }

    fn n_iter(&self) -> Option<usize> {
        Some(self.network.curve().len())
    }

    fn curve(&self) -> Vec<FitEpoch> {
        let curve = self.network.curve();
        curve.iter().map(|epoch| told(epoch, curve.len())).collect()
    }

    fn fewest_frames(&self) -> Option<(&str, usize)> {
        Some((&self.recipe, self.network.fewest_frames()))
    }

    fn attention(&self, frames: &[f32], class: usize, patch: (usize, usize)) -> Result<Option<Attention>> {
        // A class without a training row speaks for nothing.
        let Ok(narrow) = self.classes.binary_search(&class) else {
            return Ok(None);
        };
        let wrong = |error| of_deep(self.method.name(), error);
        let plain = |map: Map| FrameMap {
            n_frames: map.n_frames,
            n_bands: map.n_bands,
            values: map.values,
        };
        let gradient = self.network.input_gradient(frames, narrow).map_err(wrong)?;
        let occlusion = self.network.occlusion(frames, narrow, patch).map_err(wrong)?;
        Ok(Some(Attention {
            gradient: plain(gradient),
            occlusion: plain(occlusion),
        }))
    }

    fn state(&self) -> Result<ModelState> {
        self.to_state()
    }
}
