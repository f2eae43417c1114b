//! What a training is recognised by.

use super::options::TrainOptions;
use crate::clips::{Bands, Clips};
use crate::layers::LayerKind;

/// Everything that its result depends on.
pub(crate) fn fingerprint(
    kinds: &[LayerKind],
    options: &TrainOptions,
    clips: &dyn Clips,
    bands: &Bands,
    rest: &[&[u64]],
) -> String {
    let mut hash = blake3::Hasher::new();
    hash.update(format!("{kinds:?} {options:?}").as_bytes());
    let frames: Vec<u64> = (0..clips.n_clips())
        .map(|clip| clips.n_frames(clip) as u64)
        .collect();
    for values in std::iter::once(&frames[..]).chain(rest.iter().copied()) {
        hash.update(&(values.len() as u64).to_le_bytes());
        for value in values {
            hash.update(&value.to_le_bytes());
        }
    }
    for value in bands.mean.iter().chain(&bands.std) {
        hash.update(&value.to_le_bytes());
    }
    hash.finalize().to_hex().to_string()
}
