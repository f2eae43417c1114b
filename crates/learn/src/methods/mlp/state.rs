//! The fitted perceptron as named arrays.

use super::fitted::FittedMlp;
use super::network::Network;
use crate::error::Result;
use crate::estimator::FittedClassifier;
use crate::state::{ModelState, TensorValues, bad_state, expect};

impl FittedMlp {
    /// `weights.0` [inputs, outputs], `biases.0` [outputs], … for each layer, `classes`, `loss_curve`.
    pub(super) fn to_state(&self) -> Result<ModelState> {
        let mut state = ModelState::default();
        self.network.put(&mut state)?;
        state.put_indices("classes", &self.classes)?;
        let n_iter = self.loss_curve.len();
        state.put(
            "loss_curve",
            &[n_iter],
            TensorValues::F64(self.loss_curve.clone()),
        )?;
        state.put_fact("converged", self.converged);
        Ok(state)
    }
}

impl Network {
    /// Adds `weights.0` [inputs, outputs], `biases.0` [outputs], … for each layer.
    pub(super) fn put(&self, state: &mut ModelState) -> Result<()> {
        for layer in 0..self.n_layers() {
            let shape = [self.sizes[layer], self.sizes[layer + 1]];
            let weights = self.weights[layer].clone();
            state.put(&format!("weights.{layer}"), &shape, TensorValues::F32(weights))?;
            let biases = self.biases[layer].clone();
            state.put(
                &format!("biases.{layer}"),
                &[biases.len()],
                TensorValues::F32(biases),
            )?;
        }
        state.put_fact("activation", self.activation);
        state.put_fact("n_layers", self.n_layers());
        Ok(())
    }

    /// The network of a state, with this number of outputs.
    pub(super) fn read(state: &ModelState, n_features: usize, n_outputs: usize) -> Result<Self> {
        let n_layers: usize = state.fact("n_layers")?;
        let mut sizes = vec![n_features];
        let (mut weights, mut biases) = (Vec::new(), Vec::new());
        for layer in 0..n_layers {
            let (shape, values) = state.f32(&format!("weights.{layer}"))?;
            let &[n_inputs, n_outputs] = shape else {
                return Err(bad_state(format!("`weights.{layer}` is no matrix")));
            };
            expect("inputs of a layer", sizes[layer], n_inputs)?;
            let (_, bias) = state.f32(&format!("biases.{layer}"))?;
            expect("biases of a layer", n_outputs, bias.len())?;
            if n_inputs == 0 || n_outputs == 0 {
                return Err(bad_state(format!("layer {layer} is empty")));
            }
            sizes.push(n_outputs);
            weights.push(values.to_vec());
            biases.push(bias.to_vec());
        }
        expect("outputs of the last layer", n_outputs, sizes[n_layers])?;
        if n_layers == 0 {
            return Err(bad_state("there is no layer"));
        }
        Ok(Self {
            sizes,
            activation: state.fact("activation")?,
            independent: false,
            weights,
            biases,
        })
    }
}

/// The perceptron of a state.
pub(crate) fn from_state(
    state: &ModelState,
    n_features: usize,
    n_classes: usize,
) -> Result<Box<dyn FittedClassifier>> {
    let classes = state.classes(n_classes, 2)?;
    let n_outputs = if classes.len() == 2 { 1 } else { classes.len() };
    Ok(Box::new(FittedMlp {
        network: Network::read(state, n_features, n_outputs)?,
        classes,
        n_classes,
        loss_curve: state.f64("loss_curve")?.1.to_vec(),
        converged: state.fact("converged")?,
    }))
}
