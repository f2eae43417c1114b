//! What runs of cratedigger leave for later ones, and processes say to each other: nobody else should write them, and somebody may.

use std::fs;

use cratedigger_catalog::feature_table::FeatureFormat;
use cratedigger_collection::extract::{Begin, Inputs, Job, Losses, heard_path, partial_path, run};
use cratedigger_collection::frames::FrameCache;
use cratedigger_collection::{Extraction, Nobody};
use cratedigger_features::{BatchOptions, Extractor, Recipe, decode_info, decode_outcome, encode_outcome};

use crate::{place, seeds};

/// The journal of an extraction that was interrupted. Whatever it says, the recording is a row or a failure of the run that goes on.
pub(crate) fn journal(bytes: &[u8]) -> bool {
    let folder = place::empty("journal");
    let song = folder.join("1.wav");
    fs::write(&song, seeds::song()).expect("a file can be written");
    let out = folder.join("out.parquet");
    fs::write(partial_path(&out), bytes).expect("a file can be written");
    let inputs = Inputs::find(&[song], &mut std::io::empty()).expect("a file that is there is found");
    let done = run(
        Job {
            extraction: &Extraction::in_process(Extractor::new(Recipe::Fma)),
            embedding: None,
            inputs,
            out: &out,
            format: FeatureFormat::Parquet,
            batch: BatchOptions::default().n_threads(std::num::NonZeroUsize::new(1)),
            journal: Begin::Resume,
            part: None,
        },
        &Nobody,
    );
    let Ok(report) = done else {
        return false;
    };
    assert_eq!(report.n_done + report.n_failed, 1, "{report:?}");
    true
}

/// The table of what was lost, beside a file of features.
pub(crate) fn losses(bytes: &[u8]) -> bool {
    let features = place::path("lost.parquet");
    fs::write(heard_path(&features), bytes).expect("a file can be written");
    Losses::beside(&features).is_ok_and(|losses| losses.is_some())
}

/// A cache of frames: the first two bytes say where its index ends and its numbers begin.
pub(crate) fn frames(bytes: &[u8]) -> bool {
    let Some((place, rest)) = bytes.split_first_chunk() else {
        return false;
    };
    let (index, numbers) = rest.split_at(usize::from(u16::from_le_bytes(*place)).min(rest.len()));
    let cache = place::empty("cache");
    let folder = cache.join(seeds::frames_folder());
    fs::create_dir(&folder).expect("a folder can be made");
    for (name, bytes) in [
        ("recipe.json", seeds::frames_recipe()),
        ("index", index),
        ("frames-000.f16", numbers),
    ] {
        fs::write(folder.join(name), bytes).expect("a file can be written");
    }
    let Ok(cache) = FrameCache::open(&folder, None) else {
        return false;
    };
    let all: Vec<usize> = (0..cache.ids().len()).collect();
    let wrong = cache.verify(&all, std::num::NonZeroUsize::new(1), &Nobody);
    cache.damage().is_none() && wrong.is_empty()
}

/// What a helper says to who asked it.
pub(crate) fn wire(bytes: &[u8]) -> bool {
    let info = decode_info(bytes);
    let outcome = decode_outcome(bytes);
    if let Some(outcome) = &outcome {
        let again = encode_outcome(outcome);
        assert!(
            decode_outcome(&again).is_some(),
            "what was encoded can be decoded"
        );
    }
    info.is_some() || outcome.is_some()
}
