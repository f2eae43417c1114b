//! The tags that a network names by itself, of many recordings.

use std::num::NonZeroUsize;

use cratedigger_features::Input;

use super::analyser::Analysed;
use super::describer::{Describer, Recording};
use crate::extract::{HeardFiles, Inputs, in_memory};
use crate::helper::Decoding;
use crate::listener::Listener;

/// A file and the share of each tag.
pub type Tagged = (Input, Vec<f64>);

/// The share of each of the describer's tags, of each file in the order of the files; what was heard of each; and a line for
/// each input that could not be described.
pub fn tags_of(
    describer: &dyn Describer,
    inputs: Inputs,
    decoding: &Decoding,
    jobs: Option<NonZeroUsize>,
    listener: &dyn Listener,
) -> (Vec<Tagged>, HeardFiles, Vec<String>) {
    let describe = |recording: Recording<'_>| {
        Ok(describer
            .describe(recording, decoding, decoding.time(), &mut 0)
            .map(|described| Analysed {
                values: described.tags,
                info: described.info,
            }))
    };
    let limits = decoding.limits();
    in_memory(
        describe,
        inputs,
        limits,
        jobs,
        "classifying",
        listener,
        <[f64]>::to_vec,
    )
}
