//! Gradients, occlusion, states that do not fit, and the autoencoder.
#![allow(clippy::unwrap_used)]

mod common;

use common::{N_BANDS, cnn, crnn, go_on, low_and_high, lstm, options, rising_and_falling, train};
use cratedigger_deep::{
    Autoencoder, AutoencoderOptions, Classifier, Clips, DeepError, LayerKind, State, TrainOptions,
};

fn frames_of(made: &common::Made, clip: usize) -> Vec<f32> {
    let mut frames = vec![0.0; made.clips.n_frames(clip) * N_BANDS];
    made.clips.read(clip, 0, &mut frames).unwrap();
    frames
}

#[test]
fn the_input_gradient_is_that_of_differences() {
    let made = low_and_high(32, 1);
    let options = TrainOptions {
        max_epochs: 3,
        ..options()
    };
    // as long as an excerpt, so that the probability is that of one excerpt
    let frames = frames_of(&made, 3)[..32 * N_BANDS].to_vec();
    for architecture in [cnn(), crnn(), lstm()] {
        let classifier = train(&architecture, &options, &made).unwrap();
        let map = classifier.input_gradient(&frames, 1).unwrap();
        assert_eq!(
            (map.n_frames, map.n_bands, map.values.len()),
            (32, N_BANDS, 32 * N_BANDS)
        );
        let log = |frames: &[f32]| f64::from(classifier.predict_frames(frames).unwrap()[1]).ln();
        let middle = log(&frames);
        let mut compared = 0;
        for at in (0..frames.len()).step_by(7) {
            let step = 0.02_f32;
            let moved = |by: f32| {
                let mut moved = frames.clone();
                moved[at] += by;
                log(&moved)
            };
            let (up, down) = (moved(step), moved(-step));
            let want = (up - down) / f64::from(2.0 * step);
            let kink = ((up - middle) - (middle - down)).abs() / f64::from(step);
            if kink < 2e-3 {
                compared += 1;
                let got = f64::from(map.values[at]);
                assert!(
                    (got - want).abs() < 1e-3 + kink,
                    "{architecture:?} {at}: {got} for {want}"
                );
            }
        }
        assert!(compared > 25, "{compared}");
    }
}

#[test]
fn occlusion_finds_the_band_that_speaks_for_the_class() {
    let made = low_and_high(80, 1);
    let options = TrainOptions {
        max_epochs: 15,
        ..options()
    };
    let classifier = train(&cnn(), &options, &made).unwrap();
    let frames = frames_of(&made, 4);
    let map = classifier
        .occlusion(&frames, 0, (frames.len() / N_BANDS, 1))
        .unwrap();
    assert_eq!((map.n_frames, map.n_bands), (1, N_BANDS));
    // what is heard in the band of the class, and what is not heard in that of the other
    let mut bands: Vec<usize> = (0..N_BANDS).collect();
    bands.sort_by(|&a, &b| map.values[b].total_cmp(&map.values[a]));
    bands.truncate(2);
    bands.sort_unstable();
    assert_eq!(bands, [2, 9], "{:?}", map.values);
    // patches cover everything, the last ones being smaller
    let map = classifier.occlusion(&frames, 0, (7, 5)).unwrap();
    assert_eq!(
        (map.n_frames, map.n_bands),
        ((frames.len() / N_BANDS).div_ceil(7), 3)
    );
    assert!(map.values.iter().all(|value| value.is_finite()));
    assert!(matches!(
        classifier.occlusion(&frames, 2, (1, 1)),
        Err(DeepError::Option { .. })
    ));
    assert!(matches!(
        classifier.occlusion(&frames, 0, (0, 1)),
        Err(DeepError::Option { .. })
    ));
    assert!(matches!(
        classifier.occlusion(&frames[..12], 0, (1, 1)),
        Err(DeepError::TooShort { .. })
    ));
    assert!(matches!(
        classifier.input_gradient(&frames[1..], 0),
        Err(DeepError::Size { .. })
    ));
}

#[test]
fn the_layers_of_a_state_say_all_that_another_program_needs() {
    let made = low_and_high(24, 1);
    let options = TrainOptions {
        max_epochs: 1,
        ..options()
    };
    let classifier = train(&crnn(), &options, &made).unwrap();
    let state = classifier.state().unwrap();
    let kinds: Vec<LayerKind> = serde_json::from_value(state.facts["layers"].clone()).unwrap();
    assert_eq!(kinds, classifier.layers());
    let conv = LayerKind::Conv {
        inputs: 1,
        outputs: 6,
        bias: false,
    };
    assert_eq!(kinds[0], conv);
    let weight = state
        .arrays
        .iter()
        .find(|array| array.name == "layers.0.weight")
        .unwrap();
    assert_eq!(weight.shape, [3, 3, 1, 6]);
    assert!(
        state
            .arrays
            .iter()
            .any(|array| array.name == "bands.mean" && array.shape == [N_BANDS])
    );
}

#[test]
fn states_that_do_not_fit_are_errors() {
    let made = low_and_high(24, 1);
    let options = TrainOptions {
        max_epochs: 1,
        ..options()
    };
    let state = train(&crnn(), &options, &made).unwrap().state().unwrap();
    let refused = |state: &State, what: &str| {
        let error = Classifier::from_state(state).unwrap_err();
        assert!(matches!(error, DeepError::State(_)), "{what}: {error}");
    };
    for index in 0..state.arrays.len() {
        let mut gone = state.clone();
        gone.arrays.remove(index);
        refused(&gone, "no array");
        let mut other = state.clone();
        other.arrays[index].shape = vec![3, 7];
        other.arrays[index].values = vec![0.5; 21];
        refused(&other, "another shape");
        let mut nan = state.clone();
        nan.arrays[index].values[0] = f32::NAN;
        refused(&nan, "no number");
    }
    for name in state.facts.keys() {
        let mut gone = state.clone();
        gone.facts.remove(name);
        refused(&gone, name);
        let mut other = state.clone();
        other.facts.insert(name.clone(), serde_json::json!({"conv": -1}));
        refused(&other, name);
    }
    let with = |name: &str, value: serde_json::Value| {
        let mut other = state.clone();
        other.facts.insert(name.to_owned(), value);
        other
    };
    refused(&with("n_classes", serde_json::json!(3)), "three classes");
    refused(&with("n_classes", serde_json::json!(0)), "no classes");
    refused(&with("excerpt_frames", serde_json::json!(1)), "short excerpts");
    let huge = serde_json::json!([{"dense": {"inputs": 1_u64 << 40, "outputs": 1_u64 << 40}}]);
    refused(&with("layers", huge), "larger than memory");
    let odd = serde_json::json!([{"norm-relu-pool": {"channels": 1, "frames": 0, "bands": 1}}]);
    refused(&with("layers", odd), "a window of nothing");
}

#[test]
fn an_autoencoder_gives_back_more_than_the_mean_and_its_code_tells_sounds_apart() {
    let (made, new) = (low_and_high(60, 1), rising_and_falling(8, 2));
    let options = TrainOptions {
        max_epochs: 20,
        ..options()
    };
    let sizes = AutoencoderOptions {
        widths: vec![6, 8],
        code: 3,
    };
    let coder = Autoencoder::train(
        &sizes,
        &options,
        &made.clips,
        Some(&made.groups),
        None,
        &mut go_on,
    )
    .unwrap();
    assert_eq!((coder.code_len(), coder.fewest_frames()), (2 * 3 * 3, 4));
    let curve = coder.curve();
    assert!(curve[curve.len() - 1].train_loss < 0.9 * curve[0].train_loss);
    assert!(curve[0].train_accuracy.is_none());
    // the mean of each band has a squared error of 1, standardised, and ten bands of twelve are noise
    let best = curve[coder.best_epoch() - 1].validation_loss.unwrap();
    assert!(best < 0.985, "{best}");
    let frames = frames_of(&made, 3);
    let back = coder.reconstruct(&frames).unwrap();
    assert_eq!(back.len(), frames.len());
    // of the two bands that are no noise, whose mean is 1, a good part comes back
    let error = |other: &dyn Fn(usize) -> f32| -> f64 {
        let told = (0..frames.len()).filter(|at| [2, 9].contains(&(at % N_BANDS)));
        told.map(|at| f64::from(frames[at] - other(at)).powi(2)).sum()
    };
    let (coded, mean) = (error(&|at| back[at]), error(&|_| 1.0));
    assert!(coded < 0.8 * mean, "{coded}, the mean has {mean}");
    // codes of a class lie nearer to each other: nearest mean of the others
    let codes = coder.encode(&made.clips).unwrap();
    let width = coder.code_len();
    let row = |clip: usize| &codes[clip * width..(clip + 1) * width];
    let distance =
        |a: usize, b: usize| -> f32 { row(a).iter().zip(row(b)).map(|(a, b)| (a - b).powi(2)).sum() };
    let right = (0..60)
        .filter(|&clip| {
            let nearest = (0..60)
                .filter(|&other| other != clip)
                .min_by(|&a, &b| distance(clip, a).total_cmp(&distance(clip, b)));
            nearest.is_some_and(|other| made.labels[other] == made.labels[clip])
        })
        .count();
    assert!(right >= 57, "{right} of 60");
    assert_eq!(coder.encode(&new.clips).unwrap().len(), 8 * width);
    assert!(matches!(
        coder.reconstruct(&frames[..12]),
        Err(DeepError::TooShort { .. })
    ));
    let mut state = coder.state().unwrap();
    state
        .facts
        .insert("n_encoder_layers".into(), serde_json::json!(99));
    assert!(matches!(
        Autoencoder::from_state(&state),
        Err(DeepError::State(_))
    ));
}
