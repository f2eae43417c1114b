//! A trained network as named arrays.

use cratedigger_deep::{Array, Classifier as Network, State};

use super::fitted::FittedNetwork;
use super::words::of_deep;
use crate::error::Result;
use crate::estimator::{FittedClassifier, Method};
use crate::state::{ModelState, TensorValues, expect};

impl FittedNetwork {
    /// The arrays of the network's own state, `classes`, and the facts `network` and `frames`.
    pub(super) fn to_state(&self) -> Result<ModelState> {
        let network = self
            .network
            .state()
            .map_err(|error| of_deep(self.method.name(), error))?;
        let mut state = put(network)?;
        state.put_indices("classes", &self.classes)?;
        state.put_fact("frames", &self.recipe);
        Ok(state)
    }
}

/// The arrays of a network's own state, and the fact `network`.
pub(crate) fn put(network: State) -> Result<ModelState> {
    let mut state = ModelState::default();
    for array in network.arrays {
        state.put(&array.name, &array.shape, TensorValues::F32(array.values))?;
    }
    state.put_fact("network", network.facts);
    Ok(state)
}

/// The way back.
pub(crate) fn take(state: &ModelState) -> Result<State> {
    let arrays = state.all_f32().map(|(name, shape, values)| Array {
        name: name.to_owned(),
        shape: shape.to_vec(),
        values: values.to_vec(),
    });
    Ok(State {
        arrays: arrays.collect(),
        facts: state.fact("network")?,
    })
}

/// The network of a state.
pub(super) fn from_state(
    method: Method,
    state: &ModelState,
    n_features: usize,
    n_classes: usize,
) -> Result<Box<dyn FittedClassifier>> {
    let classes = state.classes(n_classes, 2)?;
    let network = take(state)?;
    let network = Network::from_state(&network).map_err(|error| of_deep(method.name(), error))?;
    expect("classes of the network", classes.len(), network.n_classes())?;
    Ok(Box::new(FittedNetwork {
        method,
        network,
        recipe: state.fact("frames")?,
        n_features,
        classes,
        n_classes,
    }))
}
