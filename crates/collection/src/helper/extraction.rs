//! Features of recordings, made in this process or in helpers.

use std::io::Cursor;
use std::path::Path;
use std::time::Duration;

use cratedigger_features::{Error as AudioError, Extractor, Features, Limits, Recipe, decode_outcome};

use super::command::HelperCommand;
use super::decoding::{Decoding, in_file};
use super::message::Sound;
use super::strikes::Strikes;
use super::task::Task;
use crate::error::Result;

/// Recordings to features, here or in helpers: the one way that commands and the server go.
pub struct Extraction {
    extractor: Extractor,
    decoding: Decoding,
}

impl Extraction {
    /// All in this process: a decoder that overflows its stack or takes all memory ends it.
    pub fn in_process(extractor: Extractor) -> Self {
        Self {
            decoding: Decoding::in_process(*extractor.limits()),
            extractor,
        }
    }

    /// In helpers where there is a command for them, else in this process.
    ///
    /// # Errors
    /// The first helper cannot be started.
    pub fn new(extractor: Extractor, command: Option<&HelperCommand>) -> Result<Self> {
        Ok(Self {
            decoding: Decoding::new(*extractor.limits(), command)?,
            extractor,
        })
    }

    /// Where other work is decoded, too, within its limits.
    pub fn of(recipe: Recipe, decoding: &Decoding) -> Self {
        Self {
            extractor: Extractor::new(recipe).with_limits(*decoding.limits()),
            decoding: decoding.clone(),
        }
    }

    /// Where decoders run.
    pub fn decoding(&self) -> &Decoding {
        &self.decoding
    }

    /// The recipe of the features.
    pub fn recipe(&self) -> Recipe {
        self.extractor.recipe()
    }

    /// What is accepted.
    pub fn limits(&self) -> &Limits {
        self.extractor.limits()
    }

    /// What makes features of samples, which need no decoder.
    pub fn extractor(&self) -> &Extractor {
        &self.extractor
    }

    /// The features of a file.
    ///
    /// # Errors
    /// Those of [`Extractor::extract_path`], and [`AudioError::DecoderEnded`] of a file that ended two helpers.
    pub fn path(&self, path: &Path, strikes: &mut dyn Strikes) -> Result<Features, AudioError> {
        match self.ask(Sound::Path(path), self.decoding.time(), strikes) {
            Some(answer) => answer.map_err(in_file(path)),
            None => match self.decoding.changed(Sound::Path(path)) {
                None => self.extractor.extract_path(path),
                Some(bytes) => {
                    let features = self.extractor.extract_reader(Cursor::new(bytes?));
                    features.map_err(in_file(path))
                }
            },
        }
    }

    /// The features of a file that is in memory, within a time and the limits.
    ///
    /// # Errors
    /// As [`Self::path`], without a path.
    pub fn bytes(&self, bytes: &[u8], time: Duration) -> Result<Features, AudioError> {
        self.bytes_noted(bytes, time, &mut 0)
    }

    /// The same of a recording that may have ended helpers before.
    ///
    /// # Errors
    /// As [`Self::path`], without a path.
    pub fn bytes_noted(
        &self,
        bytes: &[u8],
        time: Duration,
        strikes: &mut dyn Strikes,
    ) -> Result<Features, AudioError> {
        if let Some(answer) = self.ask(Sound::Bytes(bytes), time, strikes) {
            return answer;
        }
        let changed = self.decoding.changed(Sound::Bytes(bytes)).transpose()?;
        let bytes = changed.as_deref().unwrap_or(bytes);
        self.extractor.within(time).extract_reader(Cursor::new(bytes))
    }

    fn ask(
        &self,
        sound: Sound<'_>,
        time: Duration,
        strikes: &mut dyn Strikes,
    ) -> Option<Result<Features, AudioError>> {
        let task = Task::Features(self.recipe());
        self.decoding
            .ask((task, sound), time, strikes, &mut Vec::new(), decode_outcome)
    }
}
