//! What networks learn, and what they cannot.
#![allow(clippy::unwrap_used)]

mod common;

use common::{
    accuracy, cnn, crnn, data, go_on, low_and_high, lstm, options, rising_and_falling, shuffled, train,
};
use cratedigger_deep::{Classifier, DeepError, TrainOptions};

#[test]
fn all_networks_tell_sounds_apart() {
    let (known, new) = (low_and_high(80, 1), low_and_high(60, 2));
    let options = TrainOptions {
        max_epochs: 15,
        ..options()
    };
    for architecture in [cnn(), crnn(), lstm()] {
        let classifier = train(&architecture, &options, &known).unwrap();
        let got = accuracy(&classifier, &new);
        assert!(got >= 0.95, "{architecture:?}: {got}");
        let rows = classifier.predict_proba(&new.clips).unwrap();
        assert!(
            rows.chunks_exact(2)
                .all(|row| (row[0] + row[1] - 1.0).abs() < 1e-5)
        );
        let curve = classifier.curve();
        assert!(curve[curve.len() - 1].train_loss < curve[0].train_loss);
        assert!(
            curve
                .iter()
                .all(|epoch| epoch.epoch_seconds > 0.0 && epoch.validation_loss.is_some())
        );
        assert_eq!(classifier.best_epoch(), curve[classifier.best_epoch() - 1].epoch);
    }
}

#[test]
fn recurrent_networks_hear_the_order_of_events_and_nothing_else_of_it() {
    let (known, new) = (rising_and_falling(160, 1), rising_and_falling(60, 2));
    let (mixed, mixed_new) = (shuffled(160, 1), shuffled(60, 2));
    for architecture in [crnn(), lstm()] {
        let got = accuracy(&train(&architecture, &options(), &known).unwrap(), &new);
        assert!(got >= 0.95, "{architecture:?}: {got}");
        let got = accuracy(&train(&architecture, &options(), &mixed).unwrap(), &mixed_new);
        assert!((0.25..0.75).contains(&got), "{architecture:?}, shuffled: {got}");
    }
}

#[test]
fn training_stops_when_groups_held_out_no_longer_get_better_and_keeps_the_best() {
    // labels without a meaning: what is held out can only get worse
    let mut made = low_and_high(60, 3);
    let n = made.labels.len();
    for clip in 0..n {
        made.labels[clip] = clip * 7 % 11 % 2;
    }
    let options = TrainOptions {
        max_epochs: 60,
        patience: 4,
        validation_fraction: 0.2,
        ..options()
    };
    let classifier = train(&cnn(), &options, &made).unwrap();
    let curve = classifier.curve();
    assert!(curve.len() < 60, "{}", curve.len());
    assert_eq!(curve.len(), classifier.best_epoch() + 4);
    let best = curve[classifier.best_epoch() - 1].validation_loss.unwrap();
    assert!(curve.iter().all(|epoch| epoch.validation_loss.unwrap() >= best));
    // without groups to spare all epochs are run
    made.groups.fill(1);
    let options = TrainOptions {
        max_epochs: 3,
        ..options
    };
    let classifier = train(&cnn(), &options, &made).unwrap();
    assert_eq!((classifier.curve().len(), classifier.best_epoch()), (3, 3));
    assert!(classifier.curve()[0].validation_loss.is_none());
}

#[test]
fn clips_of_no_weight_do_not_count_and_heavy_ones_do() {
    let options = TrainOptions {
        max_epochs: 4,
        mixup: 0.4,
        ..options()
    };
    let made = low_and_high(40, 4);
    let weights: Vec<f64> = (0..40)
        .map(|clip| if clip % 5 == 0 { 0.0 } else { 2.0 })
        .collect();
    let weighted = |made: &common::Made, weights: &[f64], class_weights: Option<&[f64]>| {
        let data = cratedigger_deep::TrainData {
            weights: Some(weights),
            class_weights,
            ..data(made)
        };
        Classifier::train(&cnn(), &options, data, None, &mut go_on).unwrap()
    };
    let base = weighted(&made, &weights, None);
    let mut other = low_and_high(40, 4);
    for clip in (0..40).step_by(5) {
        other.labels[clip] = 1 - other.labels[clip];
    }
    assert_eq!(
        weighted(&other, &weights, None).state().unwrap(),
        base.state().unwrap()
    );
    // a scale of all weights changes nothing, a weight of a class does
    let half: Vec<f64> = weights.iter().map(|weight| weight / 2.0).collect();
    assert_eq!(
        weighted(&made, &half, None).state().unwrap(),
        base.state().unwrap()
    );
    // labels without a meaning: what is left to learn is how often a class is
    for (clip, label) in other.labels.iter_mut().enumerate() {
        *label = clip * 7 % 11 % 2;
    }
    let first = |class_weights: [f64; 2]| {
        let classifier = weighted(&other, &weights, Some(&class_weights));
        let rows = classifier.predict_proba(&made.clips).unwrap();
        rows.chunks_exact(2).map(|row| f64::from(row[0])).sum::<f64>()
    };
    let (many, few) = (first([20.0, 1.0]), first([1.0, 20.0]));
    assert!(many > few + 2.0, "{many}, {few}");
}

#[test]
fn what_cannot_be_learnt_is_a_clear_error() {
    let made = low_and_high(20, 5);
    let with = |options: &TrainOptions| train(&cnn(), options, &made).unwrap_err();
    let error = with(&TrainOptions {
        excerpt_frames: 3,
        ..options()
    });
    assert_eq!(
        error.to_string(),
        "excerpt_frames = 3: at least 4 for this network"
    );
    let error = with(&TrainOptions {
        learning_rate: 1e38,
        ..options()
    });
    assert!(matches!(error, DeepError::Diverged { .. }), "{error}");
    let error = with(&TrainOptions {
        batch_size: 0,
        ..options()
    });
    assert_eq!(error.to_string(), "batch_size = 0: a number from 1 to 1000000");
    let mut one = low_and_high(20, 5);
    one.labels.fill(1);
    assert!(matches!(
        train(&cnn(), &options(), &one),
        Err(DeepError::Nothing(_))
    ));
    one.labels.pop();
    assert!(matches!(
        train(&cnn(), &options(), &one),
        Err(DeepError::Size { .. })
    ));
    one.labels.push(2);
    assert!(matches!(
        train(&cnn(), &options(), &one),
        Err(DeepError::Option { .. })
    ));
}

#[test]
fn short_clips_are_filled_up_and_shorter_ones_refused() {
    let clip = |n_frames: usize, loud: usize| -> Vec<f32> {
        (0..n_frames * 12)
            .map(|at| {
                if at % 12 == loud {
                    1.0
                } else {
                    (at * 7 % 5) as f32 / 9.0
                }
            })
            .collect()
    };
    let made = |shortest: usize| common::Made {
        clips: cratedigger_deep::ClipsInMemory::new(
            12,
            (0..20)
                .map(|k| clip(if k == 13 { shortest } else { 40 }, k % 2))
                .collect(),
        )
        .unwrap(),
        labels: (0..20).map(|k| k % 2).collect(),
        groups: (0..20).collect(),
    };
    let options = TrainOptions {
        max_epochs: 2,
        ..options()
    };
    let classifier = train(&cnn(), &options, &made(4)).unwrap();
    assert_eq!(classifier.fewest_frames(), 4);
    let error = train(&cnn(), &options, &made(3)).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("clip 13 has 3 frames; the network needs 4 "),
        "{error}"
    );
    assert!(matches!(
        classifier.predict_proba(&made(3).clips),
        Err(DeepError::TooShort {
            clip: 13,
            n_frames: 3,
            needed: 4
        })
    ));
}

/// Clips that cannot be read, or hold what is no number.
struct Broken(f32);

impl cratedigger_deep::Clips for Broken {
    fn n_clips(&self) -> usize {
        40
    }

    fn n_bands(&self) -> usize {
        12
    }

    fn n_frames(&self, _: usize) -> usize {
        40
    }

    fn read(&self, clip: usize, _: usize, out: &mut [f32]) -> Result<(), cratedigger_deep::Source> {
        out.fill((clip % 2) as f32);
        out[0] = if clip == 7 { self.0 } else { 0.5 };
        if self.0 == 0.0 && clip == 7 {
            return Err("the disk is gone".into());
        }
        Ok(())
    }
}

#[test]
fn frames_that_cannot_be_read_end_the_training() {
    let labels: Vec<usize> = (0..40).map(|clip| clip % 2).collect();
    let data = |clips| cratedigger_deep::TrainData {
        clips,
        labels: &labels,
        n_classes: 2,
        groups: None,
        weights: None,
        class_weights: None,
    };
    let error = Classifier::train(&lstm(), &options(), data(&Broken(0.0)), None, &mut go_on).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the frames of clip 7 cannot be read: the disk is gone"
    );
    let error =
        Classifier::train(&lstm(), &options(), data(&Broken(f32::NAN)), None, &mut go_on).unwrap_err();
    assert!(matches!(error, DeepError::NotFinite { clip: 7 }), "{error}");
}
