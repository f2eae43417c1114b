//! Everything that was learnt, as arrays and facts.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::clips::Bands;
use crate::error::{DeepError, Result};
use crate::layers::{Array, LayerKind};
use crate::network::Network;

/// Everything that a fitted network is: arrays of `f32` by name, and facts as JSON.
///
/// `layers.K.NAME` are the arrays of layer `K` (from 0) as [`LayerKind`] lists them, `bands.mean` and `bands.std` what frames are
/// standardised by (`(value - mean) / std`). The fact `layers` is the list of [`LayerKind`]s. No clock: the same training gives the same
/// state, byte by byte.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// Arrays, in the order of the layers.
    pub arrays: Vec<Array>,
    /// Facts.
    pub facts: BTreeMap<String, Value>,
}

impl State {
    pub(crate) fn array(&self, name: &str) -> Option<&Array> {
        self.arrays.iter().find(|array| array.name == name)
    }

    pub(crate) fn fact<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        let value = self
            .facts
            .get(name)
            .ok_or_else(|| DeepError::State(format!("it has no fact {name}")))?;
        serde_json::from_value(value.clone())
            .map_err(|error| DeepError::State(format!("the fact {name}: {error}")))
    }

    pub(crate) fn set(&mut self, name: &str, value: impl Serialize) -> Result<()> {
        let value = serde_json::to_value(value)
            .map_err(|error| DeepError::State(format!("the fact {name}: {error}")))?;
        self.facts.insert(name.to_owned(), value);
        Ok(())
    }

    pub(crate) fn bands(&self) -> Result<Bands> {
        let of = |name| {
            self.array(name)
                .map(|array| array.values.clone())
                .ok_or_else(|| DeepError::State(format!("it has no array {name}")))
        };
        let bands = Bands {
            mean: of("bands.mean")?,
            std: of("bands.std")?,
        };
        let finite = bands.mean.iter().all(|value| value.is_finite());
        if !finite || bands.std.iter().any(|&std| !(std > 0.0 && std.is_finite())) {
            return Err(DeepError::State(
                "means or deviations of bands are no numbers".into(),
            ));
        }
        if bands.mean.len() != bands.std.len() || bands.mean.is_empty() {
            return Err(DeepError::State(
                "there are not as many means as deviations of bands".into(),
            ));
        }
        Ok(bands)
    }

    /// The network of the fact `layers`. Bounded by the arrays that are there: sizes that they do not have are refused before memory is
    /// taken for them.
    pub(crate) fn network(&self, prefix: &str) -> Result<Network> {
        let kinds: Vec<LayerKind> = self.fact("layers")?;
        if kinds.len() > 256 {
            return Err(DeepError::State(format!("it has {} layers", kinds.len())));
        }
        let there: usize = self.arrays.iter().map(|array| array.values.len()).sum();
        let asked = kinds
            .iter()
            .try_fold(0_usize, |sum, kind| sum.checked_add(kind.numbers()?));
        if asked.is_none_or(|asked| asked > there) {
            return Err(DeepError::State("its layers are larger than its arrays".into()));
        }
        let mut network = Network::drawn(&kinds, 0, 0);
        network.restore(prefix, |name| self.array(name).cloned())?;
        if network
            .arrays("")
            .iter()
            .any(|array| array.values.iter().any(|value| !value.is_finite()))
        {
            return Err(DeepError::State(
                "its arrays hold something that is no number".into(),
            ));
        }
        Ok(network)
    }
}
