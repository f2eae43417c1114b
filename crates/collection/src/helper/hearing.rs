//! What networks of others hear of recordings: decoded and resampled in this process or in helpers, which know no weights.

use std::time::Duration;

use cratedigger_embed::{FrontEnd, Sound as Heard};
use cratedigger_features::{AudioInfo, Error as AudioError, decode_info};

use super::decoding::Decoding;
use super::message::Sound;
use super::strikes::Strikes;
use super::task::Task;

impl Decoding {
    /// What is heard of a recording, within a time and the limits.
    ///
    /// # Errors
    /// Those of [`FrontEnd::hear`], and [`AudioError::DecoderEnded`] of a file that ended two helpers.
    pub fn hear(
        &self,
        front_end: &FrontEnd,
        heard: Heard<'_>,
        time: Duration,
        strikes: &mut dyn Strikes,
    ) -> Result<(Vec<f32>, AudioInfo), AudioError> {
        let sound = match heard {
            Heard::Path(path) => Sound::Path(path),
            Heard::Bytes(bytes) => Sound::Bytes(bytes),
        };
        let task = Task::Hearing(front_end.hearing());
        let mut numbers = Vec::new();
        match self.ask((task, sound), time, strikes, &mut numbers, decode_info) {
            Some(answer) => Ok((numbers, answer?)),
            None => {
                let changed = self.changed(sound).transpose()?;
                let heard = changed.as_deref().map_or(heard, Heard::Bytes);
                front_end.hear(heard, &self.limits_within(time))
            }
        }
    }
}
