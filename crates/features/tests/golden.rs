//! Formula signals against values from librosa itself (see data/make_golden.py).

#![allow(clippy::unwrap_used)]

mod common;

use common::silence::silences;
use common::{Table, data, signals};
use cratedigger_features::{Extractor, Family, Recipe, columns};

fn extract(recipe: Recipe) -> Table {
    features(recipe, signals())
}

fn features(recipe: Recipe, signals: Vec<(impl ToString, u32, Vec<f32>)>) -> Table {
    let extractor = Extractor::new(recipe);
    let rows = signals
        .into_iter()
        .map(|(name, rate, x)| {
            (
                name.to_string(),
                extractor.extract_samples(&x, rate).unwrap().values().to_vec(),
            )
        })
        .collect();
    Table {
        columns: columns().iter().map(|c| c.name.clone()).collect(),
        rows,
    }
}

#[test]
fn fma_features_equal_librosa_0_5_0() {
    Table::load(&data("fma.csv")).assert_close(&extract(Recipe::Fma), 0.002, 0.05);
}

#[test]
fn librosa_features_equal_librosa_0_11() {
    let want = Table::load(&data("librosa.csv"));
    let got = extract(Recipe::Librosa);
    // Where the file's rate is kept.
    let same_rate: Vec<&str> = signals().iter().filter(|s| s.1 == 22_050).map(|s| s.0).collect();
    let (kept, resampled) = want.split(|id| same_rate.contains(&id));
    assert_eq!((kept.rows.len(), resampled.rows.len()), (8, 5));
    kept.assert_close(&got, 0.002, 0.1);
    resampled.assert_close(&got, 0.02, 0.5);
    // In units of the spread of all signals; 96 kHz is resampled in another order of stages.
    want.assert_close(&got, 0.002, 0.1);
}

/// Digital silence before, within and behind music, from 0.1 to 15 s at four rates, and alone: what is left of the music in its
/// frames is too faint for single precision, but not for the reference.
#[test]
fn silence_equals_librosa_0_5_0() {
    let want = Table::load(&data("fma_silence.csv"));
    let got = features(Recipe::Fma, silences());
    want.assert_close(&got, 0.001, 0.02);
    let (alone, beside) = want.split(|id| id.contains("silent"));
    assert_eq!((alone.rows.len(), beside.rows.len()), (8, 16));
    alone.assert_close(&got, 1e-6, 1e-6);
    // In units of the spread of the signals with music: largest chroma hardly varies among them.
    beside.assert_close(&got, 0.005, 0.02);
}

/// The same for librosa 0.11, whose resampler fills silence beside music with its own rounding noise up to the end of a block.
/// Chroma scales that to 1, so there its level and its extent count, and its values are not those of ours: the limit is a dozen
/// spreads, of which a filter that leaves no noise takes seventy.
#[test]
fn silence_is_as_long_as_that_of_librosa_0_11() {
    const FROM_CONSTANT_Q: [Family; 3] = [Family::ChromaCens, Family::ChromaCqt, Family::Tonnetz];
    let others: Vec<Family> = Family::ALL
        .into_iter()
        .filter(|f| !FROM_CONSTANT_Q.contains(f))
        .collect();
    let got = features(Recipe::Librosa, silences());
    let (alone, beside) = Table::load(&data("librosa_silence.csv")).split(|id| id.contains("silent"));
    alone.assert_close(&got, 1e-6, 1e-6);
    let (kept, resampled) = beside.split(|id| id.starts_with("22050"));
    assert_eq!((kept.rows.len(), resampled.rows.len()), (4, 12));
    let compare = |want: &Table, families: &[Family], limit| {
        want.of_families(families)
            .assert_close(&got.of_families(families), limit, limit);
    };
    compare(&kept, &others, 0.002);
    compare(&beside, &others, 6.0);
    compare(&beside, &FROM_CONSTANT_Q, 12.0);
}

/// All frames of silence are equal, so that no moment depends on how many there are beyond the rounding of their mean.
#[test]
fn frames_of_silence_are_all_the_same() {
    for recipe in Recipe::ALL {
        let extractor = Extractor::new(recipe);
        for n_frames in [2, 3, 15, 16, 17, 86, 87, 258, 259] {
            let frames = extractor
                .frames_samples(&vec![0.0; 512 * (n_frames - 1)], 22_050)
                .unwrap();
            for family in Family::ALL {
                for row in frames.family(family) {
                    assert_eq!(row.len(), n_frames);
                    assert!(row.iter().all(|x| x == &row[0]), "{recipe} {family:?} {n_frames}");
                }
            }
        }
    }
}

/// Digital silence at four lengths: librosa 0.11 with numpy 2.4 and scipy 1.17, whose single-precision mean of the constant
/// zeroth MFCC is exact, off by two steps, off by one, and exact.
#[test]
fn silence_has_the_moments_of_single_precision_sums() {
    let extractor = Extractor::new(Recipe::Librosa);
    let step = 0.000_122_070_312_5;
    for (n_frames, skew, kurtosis, std) in [
        (22, f64::NAN, f64::NAN, 0.0),
        (87, -1.0, -2.0, 2.0 * step),
        (431, f64::NAN, f64::NAN, step),
        (1292, f64::NAN, f64::NAN, 0.0),
    ] {
        let f = extractor
            .extract_samples(&vec![0.0; 512 * (n_frames - 1)], 22_050)
            .unwrap();
        let get = |name: &str| f.get(name).unwrap();
        assert_eq!(get("mfcc.max.01"), -1_131.370_971_679_687_5, "{n_frames}");
        assert_eq!(get("mfcc.std.01"), std, "{n_frames}");
        for (got, want) in [(get("mfcc.skew.01"), skew), (get("mfcc.kurtosis.01"), kurtosis)] {
            assert!(
                got == want || (got.is_nan() && want.is_nan()),
                "{n_frames}: {got} {want}"
            );
        }
        assert!(get("mfcc.skew.02").is_nan() && get("mfcc.std.02") == 0.0);
    }
}

/// Every frame descriptor at single frames, so that an error is found in its stage and not in 518 statistics.
#[test]
fn frames_equal_librosa_0_5_0_stage_by_stage() {
    let extractor = Extractor::new(Recipe::Fma);
    let signals = signals();
    let text = std::fs::read_to_string(data("fma_stages.csv")).unwrap();
    let mut n_compared = 0;
    for line in text.lines() {
        let fields: Vec<&str> = line.split(',').collect();
        let (name, stage, t) = (fields[0], fields[1], fields[2].parse::<usize>().unwrap());
        let want: Vec<f64> = fields[3..].iter().map(|v| v.parse().unwrap()).collect();
        let (_, rate, x) = signals.iter().find(|s| s.0 == name).unwrap();
        let frames = extractor.frames_samples(x, *rate).unwrap();
        let (got, tolerance) = match stage {
            "tuning" => (vec![frames.tuning()], 1e-9),
            "mel_db" => {
                let mel = extractor.mel_spectrogram_samples(x, *rate).unwrap();
                // The floor is exact; quiet bands carry the rounding noise of the transform.
                (mel.db.iter().map(|row| f64::from(row[t])).collect(), 0.02)
            }
            _ => match Family::ALL.into_iter().find(|f| f.name() == stage) {
                Some(family) => {
                    let tolerance = match family {
                        Family::SpectralContrast => 0.5,
                        Family::SpectralBandwidth | Family::SpectralCentroid => 0.05,
                        Family::Mfcc => 0.02,
                        Family::SpectralRolloff => 2e-3,
                        _ => 2e-5,
                    };
                    (
                        frames.family(family).iter().map(|row| row[t]).collect(),
                        tolerance,
                    )
                }
                // Compared inside the crate, where they are visible.
                None => continue,
            },
        };
        assert_eq!(got.len(), want.len(), "{name} {stage}");
        for (i, (g, w)) in got.iter().zip(&want).enumerate() {
            assert!(
                (g - w).abs() <= tolerance,
                "{name} {stage} frame {t} row {i}: {g} instead of {w}"
            );
        }
        n_compared += 1;
    }
    assert!(n_compared > 100, "{n_compared}");
}

/// What was extracted before, by whom and in how many threads changes no bit.
#[test]
fn features_do_not_depend_on_earlier_calls_or_threads() {
    for recipe in Recipe::ALL {
        let shared = Extractor::new(recipe);
        let signals: Vec<_> = signals().into_iter().filter(|s| s.2.len() < 60_000).collect();
        std::thread::scope(|scope| {
            for shift in 0..3 {
                let (shared, signals) = (&shared, &signals);
                scope.spawn(move || {
                    for i in 0..signals.len() {
                        let (name, rate, x) = &signals[(i + shift) % signals.len()];
                        let again = shared.extract_samples(x, *rate).unwrap();
                        let alone = Extractor::new(recipe).extract_samples(x, *rate).unwrap();
                        let bits = |f: &cratedigger_features::Features| -> Vec<u64> {
                            f.values().iter().map(|v| v.to_bits()).collect()
                        };
                        assert_eq!(bits(&again), bits(&alone), "{name}");
                    }
                });
            }
        });
    }
}

/// The clips of the dataset, where they are at hand (`CRATEDIGGER_SHARED`, or `../shared` beside the project).
#[test]
fn real_clips_equal_the_reference() {
    let shared = std::env::var("CRATEDIGGER_SHARED").map_or_else(
        |_| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        std::path::PathBuf::from,
    );
    let clips = shared.join("fma/clips");
    if !clips.is_dir() {
        eprintln!("skipped: {} is not there", clips.display());
        return;
    }
    let extractor = Extractor::new(Recipe::Fma);
    let mut want = Table::load(&clips.join("reference_features.csv"));
    for row in &mut want.rows {
        row.0 = row.0.trim_start_matches('0').to_owned();
    }
    let rows = cratedigger_features::find_audio(&clips)
        .unwrap()
        .into_iter()
        .map(|i| (i.id, extractor.extract_path(&i.path).unwrap().values().to_vec()))
        .collect();
    let got = Table {
        columns: want.columns.clone(),
        rows,
    };
    want.assert_close(&got, 0.002, 0.4);
}
