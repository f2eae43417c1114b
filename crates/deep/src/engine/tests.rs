#![allow(clippy::unwrap_used)]

use std::ops::ControlFlow;
use std::sync::Mutex;

use super::*;
use crate::architecture::{Architecture, Cnn};
use crate::classes::Classes;
use crate::clips::{Bands, ClipsInMemory};
use crate::excerpts::Excerpts;
use crate::train::{Batches, TrainOptions, Trained, train};
use crate::train_data::TrainData;

/// An engine that is this crate's own layers, and goes forward anew on the way back.
struct Own;

struct OwnWorker {
    network: Mutex<Network>,
    last: Mutex<Option<Tensor>>,
}

const TRAIN: Pass = Pass::Train { seed: 0, stream: 0 };

impl Engine for Own {
    fn open(&self, layers: &[LayerKind]) -> EngineResult<Box<dyn Worker>> {
        Ok(Box::new(OwnWorker {
            network: Mutex::new(Network::drawn(layers, 99, 99)),
            last: Mutex::default(),
        }))
    }
}

impl Worker for OwnWorker {
    fn put(&self, arrays: &[Vec<&[f32]>]) -> EngineResult<()> {
        let mut network = self.network.lock().unwrap();
        let mut values = arrays.iter().flatten();
        let all = network.arrays("a");
        let filled: Vec<_> = all
            .into_iter()
            .map(|array| crate::Array::new(&array.name, &array.shape, values.next().unwrap().to_vec()))
            .collect();
        let find = |name: &str| filled.iter().find(|array| array.name == name).cloned();
        network.restore("a", find).map_err(|error| error.to_string())
    }

    fn output(&self, x: Tensor) -> EngineResult<Tensor> {
        Ok(self.network.lock().unwrap().output(x))
    }

    fn forward(&self, x: Tensor, factors: Vec<Option<Vec<f32>>>) -> EngineResult<(Tensor, Vec<Moments>)> {
        assert!(factors.iter().all(Option::is_none));
        *self.last.lock().unwrap() = Some(x.clone());
        let network = self.network.lock().unwrap();
        let run = network.run(x, |_| TRAIN);
        Ok((run.out, run.moments))
    }

    fn backward(&self, gradient: Tensor) -> EngineResult<Vec<Vec<f32>>> {
        let x = self.last.lock().unwrap().take().ok_or("nothing went forward")?;
        let network = self.network.lock().unwrap();
        Ok(network.run(x, |_| TRAIN).backward(gradient, false).0)
    }
}

fn trained(engine: Option<&dyn Engine>) -> Result<Trained> {
    let clip = |k: usize| {
        (0..24 * 8)
            .map(|at| ((at * 7_919 + k * 31) % 101) as f32 / 30.0)
            .collect()
    };
    let clips = ClipsInMemory::new(8, (0..10).map(clip).collect())?;
    let labels: Vec<usize> = (0..10).map(|k| k % 2).collect();
    let options = TrainOptions {
        excerpt_frames: 16,
        batch_size: 4,
        max_epochs: 3,
        ..TrainOptions::default()
    };
    let architecture = Architecture::Cnn(Cnn {
        widths: vec![3, 4],
        hidden: 5,
        dropout: 0.0,
    });
    let network = Network::drawn(&architecture.layers(8, 2)?, 1, 1);
    let excerpts = Excerpts::of(&network, 16, Bands::of(&clips, &[0, 1, 2])?)?;
    let objective = Classes {
        data: TrainData {
            clips: &clips,
            labels: &labels,
            n_classes: 2,
            groups: None,
            weights: None,
            class_weights: None,
        },
        weights: &[1.0; 10],
        excerpts: &excerpts,
        held_out: &[8, 9],
    };
    let batches = Batches {
        clips: &clips,
        excerpts: &excerpts,
        options: &options,
        rows: &[0, 1, 2, 3, 4, 5, 6, 7],
        augment: true,
    };
    train(network, &batches, &objective, None, engine, &mut |_| {
        ControlFlow::Continue(())
    })
}

#[test]
fn a_training_on_an_engine_is_the_same_training() {
    let (here, there) = (trained(None).unwrap(), trained(Some(&Own)).unwrap());
    assert_eq!(there.network.arrays("a"), here.network.arrays("a"));
    let losses = |trained: &Trained| -> Vec<_> {
        let curve = trained.curve.iter();
        curve
            .map(|epoch| (epoch.train_loss, epoch.validation_loss))
            .collect()
    };
    assert_eq!(losses(&there), losses(&here));
    assert!(losses(&here)[0].1.is_some());
}

/// An engine whose every part can fail.
struct Broken(&'static str);

impl Engine for Broken {
    fn open(&self, layers: &[LayerKind]) -> EngineResult<Box<dyn Worker>> {
        match self.0 {
            "open" => Err("there is no device".into()),
            part => Ok(Box::new(BrokenWorker(part, Own.open(layers)?))),
        }
    }
}

struct BrokenWorker(&'static str, Box<dyn Worker>);

impl Worker for BrokenWorker {
    fn put(&self, arrays: &[Vec<&[f32]>]) -> EngineResult<()> {
        self.1.put(arrays)
    }

    fn output(&self, x: Tensor) -> EngineResult<Tensor> {
        match self.0 {
            "output" => Err("it is gone".into()),
            _ => self.1.output(x),
        }
    }

    fn forward(&self, x: Tensor, factors: Vec<Option<Vec<f32>>>) -> EngineResult<(Tensor, Vec<Moments>)> {
        let mut done = self.1.forward(x, factors)?;
        if self.0 == "shape" {
            done.0.shape.c += 1;
        }
        Ok(done)
    }

    fn backward(&self, gradient: Tensor) -> EngineResult<Vec<Vec<f32>>> {
        let mut done = self.1.backward(gradient)?;
        if self.0 == "gradients" {
            done.pop();
        }
        Ok(done)
    }
}

#[test]
fn what_an_engine_cannot_do_is_told() {
    for (part, told) in [
        ("open", "no device"),
        ("output", "it is gone"),
        ("shape", "another shape"),
        ("gradients", "other shapes"),
    ] {
        match trained(Some(&Broken(part))) {
            Err(DeepError::Engine(reason)) => assert!(reason.contains(told), "{part}: {reason}"),
            other => panic!("{part}: {:?}", other.map(|trained| trained.curve.len())),
        }
    }
}
