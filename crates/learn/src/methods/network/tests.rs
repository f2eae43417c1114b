#![allow(clippy::unwrap_used)]
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use cratedigger_stats::rng::SeededRng;

use super::*;
use crate::data::dataset::Dataset;
use crate::data::matrix::Matrix;
use crate::data::recordings::{FramesInMemory, Recordings};
use crate::error::LearnError;
use crate::evaluate::fold::hold_out_validate;
use crate::model::{Model, ModelCard};
use crate::params::Params;
use crate::preprocess::FittedPipeline;
use crate::split::Splitter;
use crate::watch::{FitEpoch, Watch};

const METHODS: [Method; 3] = [Method::CNN, Method::CRNN, Method::LSTM];

/// Recordings of 40 frames of 16 bands: noise, and in those of class 1 a line that rises, in those of class 2 one that falls; class
/// 0 has no recording.
fn data(recipe: &str) -> Dataset {
    let mut rng = SeededRng::new(5);
    let n = 60;
    let recordings = (0..n).map(|row| {
        let mut frames: Vec<f32> = (0..40 * 16).map(|_| rng.unit() as f32).collect();
        for t in 0..40 {
            let band = (t + row) % 16;
            let band = if row % 2 == 0 { band } else { 15 - band };
            frames[16 * t + band] += 3.0;
        }
        frames
    });
    let source = FramesInMemory::new(recipe, 16, recordings.collect()).unwrap();
    let rows = Recordings::new(Arc::new(source), (0..n).collect()).unwrap();
    let x = Matrix::new(n, 0, vec![]).unwrap().with_recordings(rows).unwrap();
    let y = (0..n).map(|row| 1 + row % 2).collect();
    let classes = ["none", "rising", "falling"].map(str::to_owned).to_vec();
    let mut data = Dataset::new(x, y, classes).unwrap();
    data.groups = Some((0..n as i64).map(|row| row / 4).collect());
    data
}

fn small(method: Method) -> Box<dyn Classifier> {
    let mut params: Params = [
        ("excerpt_frames", "40"),
        ("max_epochs", "25"),
        ("batch_size", "8"),
        ("learning_rate", "0.01"),
        ("patience", "25"),
        ("hidden", "16"),
        ("dropout", "0"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.parse().unwrap()))
    .collect();
    if method != Method::LSTM {
        params.insert("widths".to_owned(), "8,8".parse().unwrap());
    }
    method.classifier_with(&params, 3).unwrap()
}

#[test]
fn networks_are_methods_like_others() {
    let data = data("mel/1");
    let fold = Splitter::Artist.hold_out(&data, 0.3, 1).unwrap();
    for method in METHODS {
        let (fitted, result) = hold_out_validate(&*small(method), &data, &fold, None).unwrap();
        assert!(result.accuracy > 0.9, "{method}: {}", result.accuracy);
        let x = data.x.take_rows(&fold.test).unwrap();
        let before = fitted.scores(&x).unwrap();
        let proba = before.probabilities.as_ref().unwrap();
        for row in 0..proba.n_rows() {
            assert_eq!(proba.row(row)[0], 0.0, "a class without a row");
            assert!((proba.row(row).iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
        // The file gives the same model bit by bit, and says what it reads.
        let bytes = Model::new(fitted, ModelCard::of(&data))
            .unwrap()
            .to_bytes()
            .unwrap();
        let model = Model::from_bytes(&bytes).unwrap();
        assert_eq!(model.pipeline().scores(&x).unwrap(), before, "{method}");
        assert_eq!(model.card().frames, ["mel/1"]);
        assert_eq!(model.to_bytes().unwrap(), bytes);
        let (recipe, n) = model.pipeline().model().fewest_frames().unwrap();
        assert!(recipe == "mel/1" && (1..=40).contains(&n), "{method}: {n}");
        assert!(!model.pipeline().model().curve().is_empty());
        let n_bands = x.recordings()[0].source().n_bands();
        let mut heard = vec![0.0; 40 * n_bands];
        x.recordings()[0].read(0, 0, &mut heard).unwrap();
        let attention = model
            .pipeline()
            .model()
            .attention(&heard, 1, (10, 2))
            .unwrap()
            .unwrap();
        assert_eq!(attention.gradient.values.len(), heard.len(), "{method}");
        assert_eq!(
            (attention.occlusion.n_frames, attention.occlusion.n_bands),
            (4, n_bands.div_ceil(2))
        );
        assert!(
            model
                .pipeline()
                .model()
                .attention(&heard, 9, (10, 2))
                .unwrap()
                .is_none()
        );
    }
}

#[test]
fn rows_without_the_frames_that_are_read_are_refused() {
    let data = data("mel/1");
    let columns = Matrix::new(60, 1, vec![0.0; 60]).unwrap();
    for method in METHODS {
        let train = TrainSet::new(&columns, &data.y, 3).unwrap();
        assert_eq!(
            small(method).fit(&train).unwrap_err(),
            LearnError::NoFrames {
                method: method.name()
            }
        );
    }
    // And the other way round: rows of recordings alone are nothing for a method that reads columns.
    let fold = Splitter::Artist.hold_out(&data, 0.3, 1).unwrap();
    for &method in Method::ALL {
        let classifier = method.classifier(0);
        if classifier.reads_recordings() {
            continue;
        }
        let refused = hold_out_validate(&*classifier, &data, &fold, None).unwrap_err();
        assert!(matches!(refused, LearnError::Empty { .. }), "{method}: {refused}");
    }
    let train = TrainSet::new(&data.x, &data.y, 3).unwrap();
    let model = small(Method::LSTM).fit(&train).unwrap();
    assert!(matches!(
        model.scores(&Matrix::new(2, 0, vec![]).unwrap()),
        Err(LearnError::NoFrames { .. })
    ));
    let other = self::data("mel/2");
    let refused = model.scores(&other.x).unwrap_err().to_string();
    assert!(
        refused.contains("mel/1") && refused.contains("mel/2"),
        "{refused}"
    );
    // Of several the one that the method is for.
    let both = data
        .x
        .clone()
        .with_recordings(self::data("descriptors/1").x.recordings()[0].clone());
    let both = both.unwrap();
    let chosen = |kind: FrameKind, method| kind.choose(&both, method).unwrap().source().recipe().to_owned();
    assert_eq!(chosen(FrameKind::Auto, Method::CRNN), "mel/1");
    assert_eq!(chosen(FrameKind::Auto, Method::LSTM), "descriptors/1");
    assert_eq!(chosen(FrameKind::Mel, Method::LSTM), "mel/1");
}

#[test]
fn parameters_are_checked_by_name() {
    let build = |method: Method, name: &str, value: &str| {
        method.classifier_with(&Params::from([(name.to_owned(), value.parse().unwrap())]), 0)
    };
    assert!(build(Method::CNN, "widths", "8,16").is_ok());
    assert!(build(Method::CRNN, "cell", "lstm").is_ok());
    assert!(build(Method::CNN, "cell", "lstm").is_err());
    assert!(build(Method::LSTM, "widths", "8").is_err());
    for (name, value) in [
        ("dropout", "2"),
        ("learning_rate", "0"),
        ("batch_size", "0"),
        ("frames", "chroma"),
    ] {
        assert!(build(Method::CRNN, name, value).is_err(), "{name}={value}");
    }
    for method in METHODS {
        let params = method.classifier(7).params();
        assert!(
            params.contains(&("random_state", ParamValue::Int(7))),
            "{params:?}"
        );
        let again = method.classifier_with(
            &params.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect(),
            0,
        );
        assert_eq!(again.unwrap().params(), params);
    }
}

#[derive(Debug, Default)]
struct Told {
    epochs: Mutex<Vec<FitEpoch>>,
    most: usize,
}

impl Watch for Told {
    fn epoch(&self, epoch: &FitEpoch) -> ControlFlow<()> {
        let mut epochs = self.epochs.lock().unwrap();
        epochs.push(*epoch);
        match epochs.len() < self.most {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    }
}

#[test]
fn a_fit_is_watched_and_can_be_stopped() {
    let data = data("mel/1");
    let fit = |watch: &Told| {
        let rows = crate::preprocess::Rows {
            watch: Some(watch),
            ..crate::preprocess::Rows::of(&data)
        };
        FittedPipeline::fit_rows(&*small(Method::LSTM), rows, None)
    };
    let all = Told {
        most: usize::MAX,
        ..Told::default()
    };
    let fitted = fit(&all).unwrap();
    let epochs = all.epochs.lock().unwrap();
    assert_eq!(epochs.len(), fitted.model().curve().len());
    assert!(
        epochs
            .iter()
            .enumerate()
            .all(|(at, told)| told.epoch == at + 1 && told.validation_loss.is_some())
    );
    let two = Told {
        most: 2,
        ..Told::default()
    };
    let stopped = fit(&two).unwrap_err().to_string();
    assert!(stopped.contains("stopped after epoch 2"), "{stopped}");
}
