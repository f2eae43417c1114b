//! Frames of recordings, made in this process or in helpers.

use std::io::Cursor;
use std::path::Path;
use std::time::Duration;

use cratedigger_features::{
    AudioInfo, Error as AudioError, FrameArray, FrameExtractor, FrameRecipe, decode_info,
};

use super::decoding::{Decoding, in_file};
use super::message::Sound;
use super::pieces::Pieces;
use super::strikes::Strikes;
use super::task::Task;

/// Recordings to frames, here or in helpers: the one way that commands and the server go.
pub struct FrameExtraction {
    extractor: FrameExtractor,
    decoding: Decoding,
}

impl FrameExtraction {
    /// By an extractor, whose limits become those of `decoding`.
    pub fn new(extractor: FrameExtractor, decoding: &Decoding) -> Self {
        Self {
            extractor: extractor.with_limits(*decoding.limits()),
            decoding: decoding.clone(),
        }
    }

    /// Where decoders run.
    pub fn decoding(&self) -> &Decoding {
        &self.decoding
    }

    /// Which frames.
    pub fn recipe(&self) -> &FrameRecipe {
        self.extractor.recipe()
    }

    /// What makes frames of samples, which need no decoder.
    pub fn extractor(&self) -> &FrameExtractor {
        &self.extractor
    }

    /// Hands the frames of a file over, so that a spectrogram of hours needs no memory for itself.
    ///
    /// # Errors
    /// Those of [`FrameExtractor::path`], and [`AudioError::DecoderEnded`] of a file that ended two helpers.
    pub fn path(
        &self,
        path: &Path,
        strikes: &mut dyn Strikes,
        frames: &mut dyn Pieces,
    ) -> Result<AudioInfo, AudioError> {
        match self.ask(Sound::Path(path), self.decoding.time(), strikes, frames) {
            Some(answer) => answer.map_err(in_file(path)),
            None => match self.decoding.changed(Sound::Path(path)) {
                None => self.extractor.path_into(path, &mut |block| frames.push(block)),
                Some(bytes) => {
                    let made = self.extractor.reader(Cursor::new(bytes?));
                    let made = made.map_err(in_file(path))?;
                    frames.push(&made.values);
                    Ok(made.info)
                }
            },
        }
    }

    /// Hands the frames of a recording over whose bytes are in memory, as [`Self::path`] does.
    ///
    /// # Errors
    /// As there, without a path.
    pub fn bytes_into(
        &self,
        bytes: &[u8],
        strikes: &mut dyn Strikes,
        frames: &mut dyn Pieces,
    ) -> Result<AudioInfo, AudioError> {
        match self.ask(Sound::Bytes(bytes), self.decoding.time(), strikes, frames) {
            Some(answer) => answer,
            None => {
                let made = self.extractor.reader(Cursor::new(bytes))?;
                frames.push(&made.values);
                Ok(made.info)
            }
        }
    }

    /// The frames of a file that is in memory, within a time and the limits.
    ///
    /// # Errors
    /// As [`Self::path`], without a path.
    pub fn bytes(&self, bytes: &[u8], time: Duration) -> Result<FrameArray, AudioError> {
        let mut values = Vec::new();
        match self.ask(Sound::Bytes(bytes), time, &mut 0, &mut values) {
            Some(answer) => Ok(FrameArray {
                info: answer?,
                values,
                n_bands: self.recipe().n_bands(),
            }),
            None => {
                let changed = self.decoding.changed(Sound::Bytes(bytes)).transpose()?;
                let bytes = changed.as_deref().unwrap_or(bytes);
                self.extractor.within(time).reader(Cursor::new(bytes))
            }
        }
    }

    fn ask(
        &self,
        sound: Sound<'_>,
        time: Duration,
        strikes: &mut dyn Strikes,
        frames: &mut dyn Pieces,
    ) -> Option<Result<AudioInfo, AudioError>> {
        let task = Task::Frames(*self.recipe());
        self.decoding
            .ask((task, sound), time, strikes, frames, decode_info)
    }
}
