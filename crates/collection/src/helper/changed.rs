//! A recording that is changed before anything is made of it.

use std::io::Cursor;

use cratedigger_features::{Change, Error, Limits};

use super::message::Sound;

/// The changed recording, as the bytes of a file.
pub(super) fn changed(change: &Change, sound: Sound<'_>, limits: &Limits) -> Result<Vec<u8>, Error> {
    match sound {
        Sound::Path(path) => change.of_path(path, limits),
        Sound::Bytes(bytes) => change.of_reader(Cursor::new(bytes), limits),
    }
}
