use serde_json::json;

use crate::data::matrix::Matrix;
use crate::data::score_matrix::{ScoreMatrix, argmax};
use crate::data::train_set::TrainSet;
use crate::error::Result;
use crate::estimator::{Classifier, Entry, FittedClassifier, Method, Scores, check_predict};
use crate::methods::by_name;
use crate::state::{ModelState, TensorValues, expect};

/// Always the most frequent class of the training rows, by their weights: the accuracy every method has to beat.
///
/// Source: scikit-learn, `DummyClassifier(strategy="most_frequent")`. Differs: the probabilities are the frequencies
/// of the classes (as `strategy="prior"`), so that the log loss is that of knowing the frequencies, not infinite.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Majority;

impl Method {
    /// The most frequent class of the training rows, `majority`: what every method has to beat.
    pub const MAJORITY: Self = Self::of(&METHOD);
}

static METHOD: Entry = Entry {
    name: "majority",
    title: "the most frequent class",
    wants_scaling: false,
    reads_frames: false,
    params: &[],
    space: || json!({}),
    default: |_| Box::new(Majority),
    build: |method, params, _| {
        for name in params.keys() {
            by_name::find(method, name)?;
        }
        Ok(Box::new(Majority))
    },
    restore: from_state,
    onnx: None,
};

impl Classifier for Majority {
    fn method(&self) -> Method {
        Method::MAJORITY
    }

    /// It reads nothing of a row: those that are recordings alone are enough, as what is to be beaten there.
    fn reads_recordings(&self) -> bool {
        true
    }

    fn fit(&self, train: &TrainSet<'_>) -> Result<Box<dyn FittedClassifier>> {
        let mut prior = vec![0.0; train.n_classes()];
        for (row, &label) in train.y().iter().enumerate() {
            prior[label] += train.sample_weight().map_or(1.0, |weights| weights[row]);
        }
        let total: f64 = prior.iter().sum();
        prior.iter_mut().for_each(|weight| *weight /= total);
        Ok(Box::new(FittedMajority {
            n_features: train.x().n_cols(),
            prior,
        }))
    }
}

#[derive(Debug, Clone, PartialEq)]
struct FittedMajority {
    n_features: usize,
    prior: Vec<f64>,
}

impl FittedClassifier for FittedMajority {
    fn method(&self) -> Method {
        Method::MAJORITY
    }

    fn n_features(&self) -> usize {
        self.n_features
    }

    fn n_classes(&self) -> usize {
        self.prior.len()
    }

    fn state(&self) -> Result<ModelState> {
        let mut state = ModelState::default();
        let shape = [self.prior.len()];
        state.put("prior", &shape, TensorValues::F64(self.prior.clone()))?;
        Ok(state)
    }

    fn scores(&self, x: &Matrix) -> Result<Scores> {
        check_predict(x, self.n_features)?;
        let proba = ScoreMatrix::new(x.n_rows(), self.prior.len(), self.prior.repeat(x.n_rows()))?;
        Ok(Scores {
            class: vec![argmax(&self.prior); x.n_rows()],
            probabilities: Some(proba),
            decision: None,
        })
    }
}

/// The model of rows of which each class has so many.
pub(crate) fn of_counts(n_features: usize, counts: &[usize]) -> Box<dyn FittedClassifier> {
    let total = counts.iter().sum::<usize>().max(1) as f64;
    Box::new(FittedMajority {
        n_features,
        prior: counts.iter().map(|&count| count as f64 / total).collect(),
    })
}

/// The model of a state.
fn from_state(state: &ModelState, n_features: usize, n_classes: usize) -> Result<Box<dyn FittedClassifier>> {
    let (_, prior) = state.f64("prior")?;
    expect("classes", n_classes, prior.len())?;
    Ok(Box::new(FittedMajority {
        n_features,
        prior: prior.to_vec(),
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_heaviest_class_wins_and_ties_go_to_the_lowest() {
        let x = Matrix::new(4, 1, vec![0.0; 4]).unwrap();
        let fit = |weights: &[f64]| {
            let train = TrainSet::new(&x, &[2, 1, 1, 2], 3).unwrap();
            Majority.fit(&train.with_sample_weight(weights).unwrap()).unwrap()
        };
        assert_eq!(fit(&[1.0; 4]).predict(&x).unwrap(), [1; 4]);
        let model = fit(&[2.0, 1.0, 1.0, 1.0]);
        assert_eq!(model.predict(&x).unwrap(), [2; 4]);
        assert_eq!(model.predict_proba(&x).unwrap().row(3), [0.0, 0.4, 0.6]);
    }
}
