//! What describes recordings by columns of its own.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use cratedigger_features::{AudioInfo, Failure};
use cratedigger_learn::model::EmbeddingCard;

use crate::helper::{Decoding, Strikes};

/// Where a recording is.
#[derive(Debug, Clone, Copy)]
pub enum Recording<'a> {
    /// In a file.
    Path(&'a Path),
    /// In memory.
    Bytes(&'a [u8]),
}

/// What a describer says of a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// A number for each of its columns.
    pub values: Vec<f64>,
    /// A share from 0 to 1 for each of its tags.
    pub tags: Vec<f64>,
    /// What was decoded.
    pub info: AudioInfo,
}

/// Something that describes recordings by columns of its own, beside the 518 features or in their place.
pub trait Describer: Send + Sync + fmt::Debug {
    /// What must be known of it.
    fn card(&self) -> &EmbeddingCard;

    /// Names of its columns.
    fn columns(&self) -> &[String];

    /// The tags that it names without any training; often none.
    fn tags(&self) -> &[String];

    /// The root genre of the FMA that holds what a tag means.
    fn genre_of(&self, tag: &str) -> Option<&'static str>;

    /// Describes a recording that is decoded there, within a time, or says at which stage and why not. `strikes` knows of the
    /// helpers that it has ended.
    ///
    /// # Errors
    /// It cannot be decoded, is too short, or is beyond the limits.
    fn describe(
        &self,
        recording: Recording<'_>,
        decoding: &Decoding,
        time: Duration,
        strikes: &mut dyn Strikes,
    ) -> Result<Description, Failure>;
}
