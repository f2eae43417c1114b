//! A whole recording as samples of one channel.

use std::io::Cursor;
use std::path::Path;

use cratedigger_features::{AudioInfo, Decoder, Error as AudioError, Limits};

/// Where a recording is.
#[derive(Debug, Clone, Copy)]
pub enum Sound<'a> {
    /// In a file.
    Path(&'a Path),
    /// In memory, in any of the formats of files.
    Bytes(&'a [u8]),
}

/// All samples at the recording's own rate, and what was decoded. They take 4 bytes each: 10 MB a minute.
///
/// # Errors
/// As [`Decoder`]'s, and where more was lost than the limits allow.
pub(crate) fn samples(sound: Sound<'_>, limits: &Limits) -> Result<(Vec<f32>, AudioInfo), AudioError> {
    match sound {
        Sound::Path(path) => drain(Decoder::open(path, limits)?, limits),
        Sound::Bytes(bytes) => drain(Decoder::new(Box::new(Cursor::new(bytes)), limits)?, limits),
    }
}

fn drain(mut decoder: Decoder<'_>, limits: &Limits) -> Result<(Vec<f32>, AudioInfo), AudioError> {
    let mut samples = Vec::new();
    while decoder.next_samples(&mut samples)? {}
    let Some(info) = decoder.info() else {
        return Err(AudioError::NoAudio {
            n_bad_packets: 0,
            reason: "there are no samples".to_owned(),
        });
    };
    let (share, limit) = (info.lost_share(), limits.max_lost);
    if share > limit {
        return Err(AudioError::TooMuchLost {
            n_lost: info.n_lost,
            n_samples: info.n_samples,
            n_bad_packets: info.n_bad_packets,
            share,
            limit,
        });
    }
    Ok((samples, info))
}
