//! The section: tracks with frames, the best method on their features, the networks, the autoencoder.

use cratedigger_collection::Nobody;
use cratedigger_collection::rows::frames_of_tracks;
use cratedigger_learn::{Dataset, Fold, Method, evaluate_hold_out};

use super::autoencoder::autoencoder;
use super::networks::network;
use super::{Deep, OnFeatures};
use crate::error::{Result, learn_error};
use crate::learning::training::interval_of;
use crate::options::{DeepOptions, StudyOptions};
use crate::progress::Progress;
use crate::words::sentence;

/// Trains and tests all on those tracks of `data` that have frames. `best`: the best method on the features.
///
/// # Errors
/// The caches cannot be read, or hold none of the tracks; `Learn` where not even the features can be learnt from. A network that fails is
/// noted.
pub(crate) fn deep(
    options: &StudyOptions,
    asked: &DeepOptions,
    (data, fold, best): (&Dataset, &Fold, Method),
    progress: &mut Progress<'_>,
) -> Result<Deep> {
    let jobs = options.n_jobs.and_then(std::num::NonZeroUsize::new);
    let (with_frames, kept) = frames_of_tracks(&asked.frames, data, jobs, &Nobody)?;
    let n_without = data.n_rows() - kept.len();
    let sides = (&with_frames, &narrowed(fold, &kept), best);
    let found = on_frames(options.seed, asked, sides, progress)?;
    Ok(Deep {
        n_without_frames: n_without as u64,
        ..found
    })
}

/// The same on tracks that all have frames.
fn on_frames(
    seed: u64,
    asked: &DeepOptions,
    (data, fold, best): (&Dataset, &Fold, Method),
    progress: &mut Progress<'_>,
) -> Result<Deep> {
    let (_, features) = progress.part(&format!("training {} on tracks with frames", best.name()), || {
        Ok(evaluate_hold_out(
            &*best.classifier(seed),
            &data,
            &fold,
            None,
            seed,
        )?)
    })?;
    let (mut networks, mut notes) = (Vec::new(), Vec::new());
    let with = (asked.max_epochs, seed);
    for &method in &asked.methods {
        let name = method.name();
        let done = progress.part(&format!("training {name}"), || {
            learn_error(network(method, data, fold, &features, with))
        })?;
        match done {
            Ok(found) => networks.push(found),
            Err(error) => notes.push(format!("{name} failed: {}", sentence(&error))),
        }
    }
    let of_mel = data
        .x
        .recordings()
        .iter()
        .find(|rows| rows.source().recipe().starts_with("mel"));
    let recordings = of_mel.or(data.x.recordings().first());
    let autoencoder = match recordings {
        None => None,
        Some(recordings) => {
            let done = progress.part("training the autoencoder", || {
                learn_error(autoencoder(data, recordings, fold, with))
            })?;
            done.map_err(|error| notes.push(format!("The autoencoder failed: {}", sentence(&error))))
                .ok()
        }
    };
    notes.iter().for_each(|note| progress.note(note.clone()));
    Ok(Deep {
        frames: data
            .x
            .recordings()
            .iter()
            .map(|rows| rows.source().recipe().to_owned())
            .collect(),
        n_tracks: data.n_rows() as u64,
        n_without_frames: 0,
        n_train: fold.train.len() as u64,
        n_test: fold.test.len() as u64,
        features: OnFeatures {
            method: best.name().to_owned(),
            n_features: data.n_features() as u64,
            accuracy: features.summary.accuracy,
            accuracy_interval: interval_of(&features, data),
        },
        networks,
        autoencoder,
        notes,
    })
}

/// The sides of a fold as far as their rows were kept.
fn narrowed(fold: &Fold, kept: &[usize]) -> Fold {
    let place = |row: &usize| kept.binary_search(row).ok();
    Fold {
        train: fold.train.iter().filter_map(place).collect(),
        test: fold.test.iter().filter_map(place).collect(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use cratedigger_learn::{FramesInMemory, Matrix, Recordings};

    use super::*;

    #[test]
    fn a_fold_keeps_its_sides() {
        let fold = Fold {
            train: vec![0, 2, 4, 5],
            test: vec![1, 3],
        };
        let narrow = narrowed(&fold, &[1, 2, 5]);
        assert_eq!((narrow.train, narrow.test), (vec![1, 2], vec![0]));
    }

    /// 60 tracks of 20 artists: a low band that is loud, or a high one; the one feature tells nothing.
    fn tracks() -> (Dataset, Fold) {
        let genre = |row: usize| row / 3 % 2;
        let track = |row: usize| {
            let value = |at: usize| {
                let loud = at % 32 / 16 == genre(row);
                f32::from(u8::from(loud)) + 0.1 * ((at * 31 + row * 17) % 11) as f32
            };
            (0..32 * 160).map(value).collect()
        };
        let source = FramesInMemory::new("mel/1", 32, (0..60).map(track).collect()).unwrap();
        let recordings = Recordings::new(Arc::new(source), (0..60).collect()).unwrap();
        let x = (0..60).map(|row| (row * 7 % 5) as f32).collect();
        let x = Matrix::new(60, 1, x)
            .unwrap()
            .with_recordings(recordings)
            .unwrap();
        let y = (0..60).map(genre).collect();
        let mut data = Dataset::new(x, y, vec!["Folk".into(), "Rock".into()]).unwrap();
        data.groups = Some((0..60).map(|row| row / 3).collect());
        let fold = Fold {
            train: (0..42).collect(),
            test: (42..60).collect(),
        };
        (data, fold)
    }

    fn found(methods: &[Method]) -> Deep {
        let (data, fold) = tracks();
        let asked = DeepOptions {
            frames: Vec::new(),
            methods: methods.to_vec(),
            max_epochs: Some(12),
        };
        let mut progress = Progress::new(&|_| {}, None);
        on_frames(
            3,
            &asked,
            (&data, &fold, Method::LOGISTIC_REGRESSION),
            &mut progress,
        )
        .unwrap()
    }

    #[test]
    fn a_network_is_compared_with_the_features_of_the_same_tracks() {
        let found = found(&[Method::CNN]);
        assert_eq!((found.n_tracks, found.n_train, found.n_test), (60, 42, 18));
        let [network] = found.networks.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(network.accuracy, 1.0);
        let against = &network.against_features;
        assert!(
            (against.difference - (1.0 - found.features.accuracy)).abs() < 1e-12,
            "{against:?}"
        );
        assert!(against.p < 0.2 && against.difference > 0.2, "{against:?}");
        assert!(network.curve.len() <= 12 && network.best_epoch >= 1);
        // An example of each genre: its frames, as wide as they are kept, and what spoke for it.
        let labels: Vec<&str> = network.examples.iter().map(|one| one.label.as_str()).collect();
        assert_eq!(labels, ["Folk", "Rock"]);
        for example in &network.examples {
            let size = |rows: &[Vec<f64>]| (rows.len(), rows[0].len());
            assert_eq!(size(&example.spectrogram.rows), (11, 54));
            assert_eq!(size(&example.gradient.rows), (11, 54));
            assert_eq!(size(&example.occlusion.rows), (4, 20));
            let most = example
                .gradient
                .rows
                .iter()
                .flatten()
                .fold(0.0_f64, |most, value| most.max(value.abs()));
            assert!(most > 0.0 && most <= 1.0);
        }
        let autoencoder = found.autoencoder.as_ref().unwrap();
        assert!(
            autoencoder.accuracy > 0.9 && autoencoder.n_columns > 4,
            "{autoencoder:?}"
        );
        assert_eq!(autoencoder.examples.len(), 2);
        // docs/findings.md has every field.
        let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/findings.md");
        let docs = std::fs::read_to_string(docs).unwrap();
        let mut fields = Vec::new();
        collect(&serde_json::to_value(&found).unwrap(), "deep", &mut fields);
        let lacking: Vec<&String> = fields
            .iter()
            .filter(|field| !docs.contains(&format!("`{field}`")))
            .collect();
        assert!(fields.len() > 40 && lacking.is_empty(), "{lacking:#?}");
    }

    fn collect(value: &serde_json::Value, path: &str, fields: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(own) => {
                for (name, value) in own {
                    fields.push(format!("{path}.{name}"));
                    collect(value, &format!("{path}.{name}"), fields);
                }
            }
            serde_json::Value::Array(items) => {
                items
                    .iter()
                    .for_each(|item| collect(item, &format!("{path}[]"), fields));
            }
            _ => {}
        }
    }

    #[test]
    fn what_fails_is_noted_and_the_rest_goes_on() {
        let (mut data, fold) = tracks();
        let short = FramesInMemory::new("mel/1", 32, vec![vec![0.5; 32]; 60]).unwrap();
        let rows = Recordings::new(Arc::new(short), (0..60).collect()).unwrap();
        data.x = Matrix::new(60, 1, vec![0.0; 60])
            .unwrap()
            .with_recordings(rows)
            .unwrap();
        let asked = DeepOptions {
            frames: Vec::new(),
            methods: vec![Method::CNN],
            max_epochs: Some(1),
        };
        let mut progress = Progress::new(&|_| {}, None);
        let found = on_frames(
            0,
            &asked,
            (&data, &fold, Method::LOGISTIC_REGRESSION),
            &mut progress,
        )
        .unwrap();
        assert!(found.networks.is_empty() && found.autoencoder.is_none());
        assert!(
            found.notes[0].starts_with("cnn failed") && found.notes[1].contains("autoencoder"),
            "{:?}",
            found.notes
        );
    }
}
