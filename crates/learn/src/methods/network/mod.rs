//! Networks on the frames of recordings: what `cratedigger-deep` trains, as methods like all others.

pub(crate) mod clips;
mod fitted;
mod onnx;
mod parameters;
pub(crate) mod state;
pub(crate) mod words;

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use cratedigger_deep::{Classifier as Network, Epoch, TrainData};
use serde_json::json;

use self::clips::RowClips;
use self::fitted::FittedNetwork;
use self::words::{of_deep, told};
use crate::data::train_set::TrainSet;
use crate::error::Result;
use crate::estimator::{Classifier, Entry, FittedClassifier, Method, OnnxExport};
use crate::methods::by_name;
use crate::params::ParamValue;

pub use parameters::{CnnClassifier, CrnnClassifier, FrameKind, LstmClassifier, NetworkClassifier};

impl Method {
    /// A short-chunk convolutional network, `cnn`.
    pub const CNN: Self = Self::of(&CNN);
    /// Convolutions, then a recurrent network over time, `crnn`.
    pub const CRNN: Self = Self::of(&CRNN);
    /// A recurrent network on the frames as they are, `lstm`.
    pub const LSTM: Self = Self::of(&LSTM);
}

static CNN: Entry = NETWORK;
static CRNN: Entry = Entry {
    name: "crnn",
    title: "the convolutional recurrent network",
    params: parameters::OF_CRNN,
    default: |seed| Box::new(CrnnClassifier::with_seed(seed)),
    build: by_name::build::<CrnnClassifier>,
    restore: |state, n_features, n_classes| state::from_state(Method::CRNN, state, n_features, n_classes),
    ..NETWORK
};
static LSTM: Entry = Entry {
    name: "lstm",
    title: "the recurrent network",
    params: parameters::OF_LSTM,
    default: |seed| Box::new(LstmClassifier::with_seed(seed)),
    build: by_name::build::<LstmClassifier>,
    restore: |state, n_features, n_classes| state::from_state(Method::LSTM, state, n_features, n_classes),
    ..NETWORK
};

/// The convolutional network, and what all have in common.
const NETWORK: Entry = Entry {
    name: "cnn",
    title: "the convolutional network",
    wants_scaling: false,
    reads_frames: true,
    params: parameters::OF_CNN,
    space: || json!({"learning_rate": [0.001, 0.002, 0.004], "dropout": [0.0, 0.25, 0.5]}),
    default: |seed| Box::new(CnnClassifier::with_seed(seed)),
    build: by_name::build::<CnnClassifier>,
    restore: |state, n_features, n_classes| state::from_state(Method::CNN, state, n_features, n_classes),
    onnx: Some(OnnxExport {
        add: onnx::network,
        probabilities: true,
    }),
};

impl<A: parameters::Kind> Classifier for NetworkClassifier<A> {
    fn method(&self) -> Method {
        A::method()
    }

    fn params(&self) -> Vec<(&'static str, ParamValue)> {
        by_name::list(self)
    }

    fn check(&self) -> Result<()> {
        let method = A::method().name();
        self.training.check().map_err(|error| of_deep(method, error))?;
        self.architecture
            .of_deep()
            .layers(1, 2)
            .map(drop)
            .map_err(|error| of_deep(method, error))
    }

    fn fit(&self, train: &TrainSet<'_>) -> Result<Box<dyn FittedClassifier>> {
        self.check()?;
        let method = A::method();
        let classes = train.two_or_more_classes(method.name())?;
        let places = train.places(&classes);
        let recordings = self.frames.choose(train.x(), method)?;
        let labels: Vec<usize> = train.y().iter().map(|&label| places[label]).collect();
        let of_classes = self.class_weight.weights(train.y(), train.n_classes())?;
        let of_classes: Vec<f64> = classes.iter().map(|&class| of_classes[class]).collect();
        let groups = train.groups().map(numbered);
        let data = TrainData {
            clips: &RowClips(recordings),
            labels: &labels,
            n_classes: classes.len(),
            groups: groups.as_deref(),
            weights: train.sample_weight(),
            class_weights: Some(&of_classes),
        };
        let most = self.training.max_epochs;
        let mut on_epoch = |epoch: &Epoch| match train.watch() {
            Some(watch) => watch.epoch(&told(epoch, most)),
            None => ControlFlow::Continue(()),
        };
        let network = Network::train(
            &self.architecture.of_deep(),
            &self.training,
            data,
            train.watch().and_then(|watch| watch.checkpoint()),
            &mut on_epoch,
        )
        .map_err(|error| of_deep(method.name(), error))?;
        Ok(Box::new(FittedNetwork {
            method,
            network,
            recipe: recordings.source().recipe().to_owned(),
            n_features: train.x().n_cols(),
            classes,
            n_classes: train.n_classes(),
        }))
    }
}

/// Groups as numbers from 0 up, in the order in which they come.
pub(crate) fn numbered(groups: &[i64]) -> Vec<usize> {
    let mut numbers = BTreeMap::new();
    groups
        .iter()
        .map(|&group| {
            let next = numbers.len();
            *numbers.entry(group).or_insert(next)
        })
        .collect()
}

#[cfg(test)]
mod tests;
