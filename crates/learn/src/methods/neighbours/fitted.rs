use super::nearest::{self, Neighbor};
use super::parameters::{KNeighborsClassifier, NeighborWeights};
use crate::data::matrix::Matrix;
use crate::data::score_matrix::{ScoreMatrix, argmax};
use crate::error::Result;
use crate::estimator::{FittedClassifier, Method, Scores, check_predict};
use crate::state::ModelState;

/// The training rows. The probability of a class is its share of the votes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FittedNeighbors {
    pub(super) parameters: KNeighborsClassifier,
    pub(super) rows: Matrix,
    /// Place in `classes` of each row's class.
    pub(super) labels: Vec<usize>,
    /// Votes of each row, above 0 and at most 1.
    pub(super) weights: Vec<f64>,
    pub(super) classes: Vec<usize>,
    n_classes: usize,
    squared_lengths: Vec<f64>,
}

impl FittedNeighbors {
    pub(super) fn new(
        parameters: KNeighborsClassifier,
        rows: Matrix,
        labels: Vec<usize>,
        weights: Vec<f64>,
        classes: Vec<usize>,
        n_classes: usize,
    ) -> Self {
        Self {
            squared_lengths: nearest::squared_lengths(&rows),
            parameters,
            rows,
            labels,
            weights,
            classes,
            n_classes,
        }
    }

    /// The nearest training rows of each row, the nearest first.
    pub(super) fn neighbors(&self, x: &Matrix) -> Vec<Vec<Neighbor>> {
        let k = self.parameters.n_neighbors;
        match self.parameters.p {
            1 => nearest::manhattan(&self.rows, x, k),
            _ => nearest::euclidean(&self.rows, &self.squared_lengths, x, k),
        }
    }

    /// The votes for each of `classes`. The nearest row has a whole vote, so that no sum is 0.
    fn votes(&self, neighbors: &[Neighbor]) -> Vec<f64> {
        let mut votes = vec![0.0; self.classes.len()];
        let least = neighbors.first().map_or(0.0, |nearest| nearest.distance);
        for neighbor in neighbors {
            let vote = match self.parameters.weights {
                NeighborWeights::Distance if neighbor.distance > 0.0 => least / neighbor.distance,
                _ => 1.0,
            };
            votes[self.labels[neighbor.row]] += vote * self.weights[neighbor.row];
        }
        votes
    }
}

impl FittedClassifier for FittedNeighbors {
    fn method(&self) -> Method {
        Method::K_NEAREST_NEIGHBOURS
    }

    fn n_features(&self) -> usize {
        self.rows.n_cols()
    }

    fn n_classes(&self) -> usize {
        self.n_classes
    }

    fn scores(&self, x: &Matrix) -> Result<Scores> {
        check_predict(x, self.n_features())?;
        let mut class = Vec::with_capacity(x.n_rows());
        let mut proba = ScoreMatrix::zeros(x.n_rows(), self.n_classes);
        for (row, neighbors) in self.neighbors(x).iter().enumerate() {
            let votes = self.votes(neighbors);
            class.push(self.classes[argmax(&votes)]);
            let total: f64 = votes.iter().sum();
            for (&class, vote) in self.classes.iter().zip(votes) {
                proba.row_mut(row)[class] = vote / total;
            }
        }
        Ok(Scores {
            class,
            probabilities: Some(proba),
            decision: None,
        })
    }

    fn state(&self) -> Result<ModelState> {
        self.to_state()
    }
}
