//! The front end against the original: resampy's `kaiser_best` and librosa's mel spectrogram, as musicnn puts them together.
//!
//! Golden: `tests/golden/make_golden.py front`.
#![allow(clippy::unwrap_used)]

use cratedigger_embed::front::mel::MusicnnMel;
use cratedigger_embed::front::resample::Resampler;
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    rate: u32,
    n: usize,
    n_resampled: usize,
    /// Every 37th sample.
    resampled: Vec<f32>,
    n_frames: usize,
    /// Every 5th frame.
    mel: Vec<Vec<f32>>,
}

/// The signal of the script.
fn signal(n: usize, rate: u32) -> Vec<f32> {
    let tau = std::f64::consts::TAU;
    (0..n)
        .map(|i| {
            let t = i as f64 / f64::from(rate);
            let rising = 0.4 * (tau * (110.0 + 400.0 * t) * t).sin();
            let falling = 0.2 * (tau * (6000.0 - 2000.0 * t) * t).sin();
            let beat = 0.3 * (tau * 60.0 * t).sin() * ((t * 4.0).floor() % 2.0);
            let noise = 0.01 * ((i * 7919 % 10_007) as f64 / 5003.5 - 1.0);
            (rising + falling + beat + noise) as f32
        })
        .collect()
}

#[test]
fn samples_and_frames_are_those_of_the_original() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("golden/front.json")).unwrap();
    assert_eq!(cases.len(), 5);
    for case in cases {
        let rate = case.rate;
        let heard = Resampler::new(rate, 16_000).run(&signal(case.n, rate));
        assert_eq!(heard.len(), case.n_resampled, "{rate}");
        for (i, (got, want)) in heard.iter().step_by(37).zip(&case.resampled).enumerate() {
            assert!(
                (got - want).abs() < 5e-6,
                "{rate} Hz, sample {}: {got} {want}",
                37 * i
            );
        }
        let frames = MusicnnMel::new().frames(&heard);
        assert_eq!(frames.len(), 96 * case.n_frames, "{rate}");
        for (i, want) in case.mel.iter().enumerate() {
            for (band, want) in want.iter().enumerate() {
                let got = frames[5 * i * 96 + band];
                assert!(
                    (got - want).abs() < 1e-4,
                    "{rate} Hz, frame {}, band {band}: {got} {want}",
                    5 * i
                );
            }
        }
    }
}
