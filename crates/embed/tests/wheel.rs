//! musicnn's own weights, from its wheel, against its own code in TensorFlow on ten real clips.
//!
//! Run where `CRATEDIGGER_MUSICNN_WHEEL` names `musicnn-0.1.0-py3-none-any.whl` and the clips are there (`../shared/fma/clips`);
//! otherwise it says that it is skipped. Golden: `tests/golden/make_golden.py clips`.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cratedigger_embed::{Embedding, Sound, musicnn};
use serde::Deserialize;

#[derive(Deserialize)]
struct Said {
    tags: Vec<f64>,
    /// Every 16th.
    penultimate: Vec<f64>,
}

fn clips() -> Option<PathBuf> {
    let shared = match std::env::var_os("CRATEDIGGER_SHARED") {
        Some(shared) => PathBuf::from(shared),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
    };
    Some(shared.join("fma/clips")).filter(|clips| clips.is_dir())
}

#[test]
fn outputs_equal_the_originals_on_real_clips() {
    let (Some(wheel), Some(clips)) = (std::env::var_os("CRATEDIGGER_MUSICNN_WHEEL"), clips()) else {
        println!("skipped: CRATEDIGGER_MUSICNN_WHEEL names no wheel, or there are no clips");
        return;
    };
    let golden: BTreeMap<String, BTreeMap<String, Said>> =
        serde_json::from_str(include_str!("golden/clips.json")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let imported = musicnn::import(wheel.as_ref(), folder.path()).unwrap();
    let names: Vec<&str> = imported.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["MSD_musicnn", "MSD_vgg", "MTT_musicnn", "MTT_vgg"]);
    for one in imported {
        let embedding = Embedding::open(one.path.to_str().unwrap(), &[]).unwrap();
        assert_eq!(embedding.card().hash, one.hash);
        let (mut worst_tag, mut worst_unit) = (0.0f64, 0.0f64);
        let mut n_genres = 0;
        for (clip, want) in &golden[&one.name] {
            let path = clips.join(clip);
            let (got, _) = embedding
                .describe(Sound::Path(&path), &Default::default())
                .unwrap();
            assert_eq!((got.tags.len(), got.n_patches), (50, 10), "{clip}");
            let difference = |got: &[f64], want: &[f64]| {
                got.iter()
                    .zip(want)
                    .map(|(g, w)| (g - w).abs())
                    .fold(0.0, f64::max)
            };
            let units: Vec<f64> = got.values.iter().copied().step_by(16).collect();
            assert_eq!(units.len(), want.penultimate.len());
            worst_tag = worst_tag.max(difference(&got.tags, &want.tags));
            worst_unit = worst_unit.max(difference(&units, &want.penultimate));
            n_genres +=
                usize::from(musicnn::tags::best_genre(&embedding.contract().tags, &got.tags).is_some());
        }
        println!(
            "{}: tags within {worst_tag:.1e}, penultimate layer within {worst_unit:.1e}",
            one.name
        );
        assert!(worst_tag < 1e-4, "{}: {worst_tag}", one.name);
        assert!(worst_unit < 1e-4, "{}: {worst_unit}", one.name);
        assert_eq!(n_genres, 10);
    }
}
