//! The perceptron with a logistic unit for each label: several labels a row.

use std::fmt;

use super::fitted::outputs;
use super::lbfgs;
use super::network::{Network, Rows, Targets};
use super::outcome::Outcome;
use super::parameters::{MlpClassifier, Solver};
use super::train::epochs;
use crate::data::label_matrix::LabelMatrix;
use crate::data::matrix::Matrix;
use crate::data::score_matrix::ScoreMatrix;
use crate::data::train_set::TrainSet;
use crate::error::{Result, same_length};
use crate::estimator::{Classifier, LabelModel, check_predict};
use crate::split::set_aside;
use crate::state::{ModelState, TensorValues};
use cratedigger_stats::rng::SeededRng;

/// A perceptron with one logistic unit per label.
#[derive(Clone)]
pub(crate) struct LabelNetwork {
    network: Network,
    loss_curve: Vec<f64>,
    converged: bool,
}

impl MlpClassifier {
    /// Minimises the sum over labels of the binary cross-entropy.
    ///
    /// Source: scikit-learn 1.9, `MLPClassifier` with labels in several columns: logistic units and `binary_log_loss`. Rows
    /// that are set aside to tell when to stop are whole groups, and score by the share of rows of which all labels are right.
    pub(super) fn fit_each_label(&self, train: &TrainSet<'_>, labels: &LabelMatrix) -> Result<LabelNetwork> {
        self.check()?;
        same_length("rows of labels", train.x().n_rows(), labels.n_rows())?;
        let weights: Option<Vec<f32>> = train
            .sample_weight()
            .map(|weights| weights.iter().map(|&weight| weight as f32).collect());
        let mut sizes = vec![train.x().n_cols()];
        sizes.extend(&self.hidden_layer_sizes);
        sizes.push(labels.n_labels());
        let mut rng = SeededRng::new(self.seed);
        let mut network = Network::initialise(sizes, self.activation, &mut rng);
        network.independent = true;
        let rows = Rows {
            x: train.x(),
            y: Targets::Labels(labels),
            sample_weight: weights.as_deref(),
        };
        let Outcome {
            network,
            loss_curve,
            converged,
        } = match self.solver {
            Solver::Lbfgs => lbfgs::iterations(self, network, &rows)?,
            Solver::Adam | Solver::Sgd => {
                let share = self.validation_fraction;
                let aside = || set_aside(train.y(), train.n_classes(), train.groups(), share, self.seed);
                let aside = self.early_stopping.then(aside).transpose()?;
                epochs(self, network, &rows, aside, &mut rng, &mut |_, _, _| {})?
            }
        };
        Ok(LabelNetwork {
            network,
            loss_curve,
            converged,
        })
    }
}

impl LabelNetwork {
    /// The network of a state.
    ///
    /// # Errors
    /// `BadState`.
    pub(crate) fn read(state: &ModelState, n_features: usize, n_labels: usize) -> Result<Self> {
        let mut network = Network::read(state, n_features, n_labels)?;
        network.independent = true;
        Ok(Self {
            network,
            loss_curve: state.f64("loss_curve")?.1.to_vec(),
            converged: state.fact("converged")?,
        })
    }
}

impl LabelModel for LabelNetwork {
    fn proba(&self, x: &Matrix) -> Result<ScoreMatrix> {
        check_predict(x, self.network.sizes[0])?;
        let n_labels = self.network.sizes[self.network.sizes.len() - 1];
        let values = outputs(&self.network, x).into_iter().map(f64::from).collect();
        ScoreMatrix::new(x.n_rows(), n_labels, values)
    }

    fn state(&self) -> Result<ModelState> {
        let mut state = ModelState::default();
        self.network.put(&mut state)?;
        let curve = TensorValues::F64(self.loss_curve.clone());
        state.put("loss_curve", &[self.loss_curve.len()], curve)?;
        state.put_fact("converged", self.converged);
        Ok(state)
    }

    fn converged(&self) -> bool {
        self.converged
    }
}

impl fmt::Debug for LabelNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LabelNetwork")
            .field("sizes", &self.network.sizes)
            .field("n_iter", &self.loss_curve.len())
            .finish_non_exhaustive()
    }
}
