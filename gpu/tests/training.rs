//! A whole training on the device beside the same one on the processor.
#![allow(clippy::unwrap_used)]

mod common;

use std::ops::ControlFlow;

use common::gpu;
use cratedigger_deep::{
    Architecture, Autoencoder, AutoencoderOptions, Classifier, ClipsInMemory, Cnn, Crnn, Lstm, State,
    TrainData, TrainOptions, use_engine,
};

/// Clips of three classes: which band is loud, and whether it moves.
fn clips(n: usize) -> ClipsInMemory {
    let clip = |k: usize| {
        let value = |at: usize| {
            let (frame, band) = (at / 16, at % 16);
            let loud = match k % 3 {
                0 => 3,
                1 => 11,
                _ => frame / 2 % 16,
            };
            let noise = ((at * 7_919 + k * 104_729 + at * at % 613) % 1_013) as f32 / 1_013.0;
            noise + 1.5 * f32::from(u8::from(band == loud))
        };
        (0..40 * 16).map(value).collect()
    };
    ClipsInMemory::new(16, (0..n).map(clip).collect()).unwrap()
}

struct Seen {
    losses: Vec<(f64, Option<f64>)>,
    state: State,
    /// What is said of the clips, by the network that this state is of.
    says: fn(&State) -> Vec<f32>,
    said: Vec<f32>,
}

fn trained(architecture: &Architecture) -> Seen {
    let (clips, labels) = (clips(48), (0..48).map(|k| k % 3).collect::<Vec<_>>());
    let options = TrainOptions {
        excerpt_frames: 32,
        batch_size: 12,
        max_epochs: 4,
        mixup: 0.2,
        ..TrainOptions::default()
    };
    let data = TrainData {
        clips: &clips,
        labels: &labels,
        n_classes: 3,
        groups: None,
        weights: None,
        class_weights: None,
    };
    let go_on = &mut |_: &_| ControlFlow::Continue(());
    let network = Classifier::train(architecture, &options, data, None, go_on).unwrap();
    let curve = network.curve().iter();
    Seen {
        losses: curve
            .map(|epoch| (epoch.train_loss, epoch.validation_loss))
            .collect(),
        state: network.state().unwrap(),
        says: |state| {
            Classifier::from_state(state)
                .unwrap()
                .predict_proba(&self::clips(48))
                .unwrap()
        },
        said: network.predict_proba(&clips).unwrap(),
    }
}

fn encoded() -> Seen {
    let clips = clips(24);
    let sizes = AutoencoderOptions {
        widths: vec![4, 8],
        code: 3,
    };
    let options = TrainOptions {
        excerpt_frames: 32,
        batch_size: 8,
        max_epochs: 3,
        ..TrainOptions::default()
    };
    let go_on = &mut |_: &_| ControlFlow::Continue(());
    let network = Autoencoder::train(&sizes, &options, &clips, None, None, go_on).unwrap();
    let curve = network.curve().iter();
    Seen {
        losses: curve
            .map(|epoch| (epoch.train_loss, epoch.validation_loss))
            .collect(),
        state: network.state().unwrap(),
        says: |state| {
            Autoencoder::from_state(state)
                .unwrap()
                .encode(&self::clips(24))
                .unwrap()
        },
        said: network.encode(&clips).unwrap(),
    }
}

fn largest(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    let differences = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    differences.fold(0.0, |most, value| if value <= most { most } else { value })
}

#[test]
fn a_training_goes_the_same_way_as_on_the_processor() {
    let Some(gpu) = gpu() else { return };
    let networks = [
        Architecture::Cnn(Cnn {
            widths: vec![4, 8],
            hidden: 8,
            dropout: 0.25,
        }),
        Architecture::Crnn(Crnn {
            widths: vec![4, 8],
            hidden: 8,
            n_layers: 2,
            ..Crnn::default()
        }),
        Architecture::Lstm(Lstm {
            hidden: 12,
            n_layers: 2,
            ..Lstm::default()
        }),
    ];
    let all = || {
        let mut all: Vec<Seen> = networks.iter().map(trained).collect();
        all.push(encoded());
        all
    };
    // the processor first: an engine stays for the whole process
    let here = all();
    use_engine(Box::new(gpu)).unwrap();
    let there = all();
    for (at, (here, there)) in here.iter().zip(&there).enumerate() {
        for (here, there) in here.losses.iter().zip(&there.losses) {
            println!("network {at}: {here:?} on the processor, {there:?} on the device");
            assert!(
                (here.0 - there.0).abs() < 2e-3,
                "network {at}: {here:?} {there:?}"
            );
            assert!((here.1.unwrap() - there.1.unwrap()).abs() < 2e-3);
        }
        for (here, there) in here.state.arrays.iter().zip(&there.state.arrays) {
            println!(
                "network {at}: {} differs by {:.1e} at most",
                here.name,
                largest(&here.values, &there.values)
            );
        }
        // the network of the processor, said by the device
        let of_same = largest(&here.said, &(here.says)(&here.state));
        let of_own = largest(&here.said, &there.said);
        println!("network {at}: what is said differs by {of_same:.1e}, of the own training {of_own:.1e}");
        assert!(of_same > 0.0, "network {at} was not computed on the device");
        assert!(of_same < 1e-5, "network {at}: {of_same}");
        assert!(of_own < 1e-2, "network {at}: {of_own}");
        assert!(here.losses[here.losses.len() - 1].0 < here.losses[0].0);
    }
}
