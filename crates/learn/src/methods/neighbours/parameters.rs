use serde::{Deserialize, Serialize};

/// How much the vote of a neighbour counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NeighborWeights {
    /// All alike.
    #[default]
    Uniform,
    /// By the inverse of its distance. Where rows are at distance 0, only they vote.
    Distance,
}

/// Parameters of the k nearest neighbours, with the names and defaults of scikit-learn's `KNeighborsClassifier`.
///
/// A row has the class that most of its `n_neighbors` nearest training rows have; the probability of a class is its share
/// of the votes. Neighbours are found by brute force and are exact: matrix products in `f32` find the rows that can be
/// among the nearest by a proven bound of their rounding, and the distances of those are computed in `f64` by the formula.
///
/// Fits best on standardised features ([`crate::StandardScaler`]).
///
/// Source: Cover and Hart 1967; scikit-learn 1.9, `KNeighborsClassifier(algorithm="brute")`. Differs: of rows at the same
/// distance the lowest index is the nearer one, where scikit-learn keeps the one that its heap happens to hold, which moves
/// with its algorithm and threads; scikit-learn's brute force takes `|a|^2 - 2ab + |b|^2` for the distance itself, so that
/// equal rows may be a little apart. It has no weights of rows: here they multiply votes, and rows of weight 0 take no
/// part. A row of weight 2 has two votes, but is one neighbour, not two.
///
/// ```
/// use cratedigger_learn::{Classifier, KNeighborsClassifier, Matrix, TrainSet};
///
/// let x = Matrix::new(6, 1, vec![0.0, 0.1, 0.2, 5.0, 5.1, 5.2])?;
/// let knn = KNeighborsClassifier { n_neighbors: 3, ..Default::default() };
/// let model = knn.fit(&TrainSet::new(&x, &[0, 0, 1, 1, 1, 1], 2)?)?;
/// let near = Matrix::new(2, 1, vec![0.05, 4.0])?;
/// assert_eq!(model.predict(&near)?, [0, 1]);
/// # Ok::<(), cratedigger_learn::LearnError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KNeighborsClassifier {
    /// Neighbours that vote, at most as many as there are training rows. Default: 5.
    pub n_neighbors: usize,
    /// How much the vote of a neighbour counts. Default: uniform.
    pub weights: NeighborWeights,
    /// Power of the Minkowski distance: 1 (Manhattan) or 2 (Euclidean). Default: 2.
    pub p: u8,
}

impl Default for KNeighborsClassifier {
    fn default() -> Self {
        Self {
            n_neighbors: 5,
            weights: NeighborWeights::Uniform,
            p: 2,
        }
    }
}
