//! Frames as plain arrays: log-mel spectrograms against librosa (see data/make_mel.py), descriptors against those by family.

#![allow(clippy::unwrap_used)]

mod common;

use common::{data, signals};
use cratedigger_features::{
    Edges, Error, Extractor, Family, FrameExtractor, FrameRecipe, LogScale, MelRecipe, Recipe,
};

#[test]
fn mel_frames_equal_librosa_0_11() {
    let signals = signals();
    let text = std::fs::read_to_string(data("mel.csv")).unwrap();
    let (mut n_compared, mut n_same) = (0, 0);
    for line in text.lines() {
        let fields: Vec<&str> = line.split(',').collect();
        let recipe: FrameRecipe = format!("mel/1 {}", fields[1]).parse().unwrap();
        let FrameRecipe::Mel(mel) = recipe else {
            panic!("{recipe}")
        };
        let (n_frames, t) = (fields[2].parse::<usize>().unwrap(), fields[3].parse().unwrap());
        let want: Vec<f64> = fields[4..].iter().map(|v| v.parse().unwrap()).collect();
        let (name, own_rate, x) = signals
            .iter()
            .find(|s| s.0 == fields[0].trim_end_matches('@'))
            .unwrap();
        let rate = match fields[0].ends_with('@') {
            true => mel.sample_rate,
            false => *own_rate,
        };
        let got = FrameExtractor::new(recipe).unwrap().samples(x, rate).unwrap();
        assert_eq!(
            (got.n_frames(), got.n_bands),
            (n_frames, want.len()),
            "{name} {recipe}"
        );
        // Decibels have no floor but silence: far below the loudest band is the rounding noise of both transforms.
        let loudest = want.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let counts = |w: &f64| mel.log != LogScale::Decibel || *w > loudest - 60.0;
        let pairs = got.frame(t).iter().zip(&want).filter(|(_, w)| counts(w));
        let worst = pairs.map(|(g, w)| (f64::from(*g) - w).abs()).fold(0.0, f64::max);
        // What is resampled differs where the filter falls off, from 6.6 kHz on of 8, and at jumps; half precision rounds to 0.002.
        let tolerance = match (rate == mel.sample_rate, mel.sample_rate) {
            (true, _) => 2e-4,
            (false, 22_050) => 5e-4,
            (false, 16_000) => 1e-2,
            (false, _) => 3e-2,
        };
        assert!(
            worst <= tolerance,
            "{name} {rate} {recipe} frame {t}: off by {worst}"
        );
        n_same += usize::from(rate == mel.sample_rate);
        n_compared += 1;
    }
    assert!(n_compared > 100 && n_same > 30, "{n_compared} {n_same}");
}

/// The spectrogram of the features, with its floor of 80 dB taken off, is one of these recipes.
#[test]
fn the_mel_spectrogram_of_the_features_is_the_same_in_another_shape() {
    let (_, rate, x) = signals().into_iter().find(|s| s.0 == "stereo_44100").unwrap();
    let recipe = MelRecipe {
        sample_rate: rate,
        n_fft: 2048,
        hop_length: 512,
        n_mels: 128,
        edges: Edges::Reflect,
        log: LogScale::Decibel,
        ..MelRecipe::default()
    };
    let got = FrameExtractor::new(FrameRecipe::Mel(recipe))
        .unwrap()
        .samples(&x, rate)
        .unwrap();
    let want = Extractor::new(Recipe::Fma)
        .mel_spectrogram_samples(&x, rate)
        .unwrap();
    assert_eq!(got.n_frames(), want.n_frames());
    let loudest = want
        .db
        .iter()
        .flatten()
        .copied()
        .fold(f32::NEG_INFINITY, f32::max);
    for t in 0..got.n_frames() {
        for (band, value) in got.frame(t).iter().enumerate() {
            assert_eq!(
                value.max(loudest - 80.0),
                want.db[band][t],
                "frame {t} band {band}"
            );
        }
    }
}

#[test]
fn descriptor_frames_are_the_rows_turned_over() {
    for recipe in Recipe::ALL {
        for (name, rate, x) in signals() {
            let want = Extractor::new(recipe).frames_samples(&x, rate).unwrap();
            let got = FrameExtractor::new(FrameRecipe::Descriptors(recipe))
                .unwrap()
                .samples(&x, rate)
                .unwrap();
            let rows: Vec<&Vec<f64>> = Family::ALL.into_iter().flat_map(|f| want.family(f)).collect();
            let n_frames = rows.iter().map(|row| row.len()).min().unwrap();
            assert_eq!((got.n_bands, got.n_frames()), (74, n_frames), "{name}");
            for t in 0..n_frames {
                for (value, row) in got.frame(t).iter().zip(&rows) {
                    assert_eq!(*value, row[t] as f32, "{name} frame {t}");
                }
            }
        }
    }
}

/// A file, its bytes, its bytes behind others, and what a sink is handed are the same frames.
#[test]
fn files_and_readers_give_the_same_frames() {
    let path = data("audio/mp3_vbr.mp3");
    let bytes = std::fs::read(&path).unwrap();
    for recipe in [
        FrameRecipe::Mel(MelRecipe::default()),
        FrameRecipe::Descriptors(Recipe::Fma),
    ] {
        let extractor = FrameExtractor::new(recipe).unwrap();
        let want = extractor.path(&path).unwrap();
        assert!(want.n_frames() > 10 && want.values.iter().all(|v| v.is_finite()));
        assert_eq!(extractor.reader(std::io::Cursor::new(&bytes)).unwrap(), want);
        let mut behind = std::io::Cursor::new([b"something".as_slice(), &bytes].concat());
        behind.set_position(9);
        assert_eq!(extractor.reader(behind).unwrap(), want);
        let mut n_blocks = 0;
        let mut values = Vec::new();
        let info = extractor
            .path_into(&path, &mut |block| {
                assert_eq!(block.len() % want.n_bands, 0);
                values.extend_from_slice(block);
                n_blocks += 1;
            })
            .unwrap();
        assert!(n_blocks > 1);
        assert_eq!((values, info), (want.values, want.info));
    }
}

#[test]
fn what_cannot_be_computed_is_refused() {
    let narrow = MelRecipe {
        n_mels: 256,
        ..MelRecipe::default()
    };
    let error = FrameExtractor::new(FrameRecipe::Mel(narrow))
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("larger n_fft"), "{error}");
    let mel = FrameExtractor::new(FrameRecipe::Mel(MelRecipe::default())).unwrap();
    assert!(matches!(mel.samples(&[], 16_000), Err(Error::NoAudio { .. })));
    assert!(matches!(
        mel.samples(&[f32::NAN], 16_000),
        Err(Error::NotANumber { index: 0 })
    ));
    assert!(matches!(mel.path(data("mel.csv")), Err(Error::File { .. })));
    // No lower limit of length.
    assert_eq!(mel.samples(&[0.5], 16_000).unwrap().n_frames(), 1);
}
