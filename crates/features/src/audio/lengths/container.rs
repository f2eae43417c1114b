//! Which count is whose.

use std::io;

use super::window::Window;
use super::{adts, flac, mp4, mpeg, ogg, plain};
use crate::audio::edits::TrackEdit;
use crate::audio::patch::Repair;
use crate::audio::source::Bytes;

/// A container and how it is read.
pub(crate) struct Container {
    /// What its reader calls it.
    format: &'static str,
    repair: Repair,
}

impl Container {
    pub(crate) fn new(format: &'static str, repair: Repair) -> Self {
        Self { format, repair }
    }

    /// The object type that the first frame of an AAC stream tells.
    ///
    /// # Errors
    /// Those of reading.
    pub(crate) fn object_type(&self, bytes: &Bytes<'_>) -> io::Result<Option<u8>> {
        adts::object_type(&mut Window::new(bytes, bytes.n_bytes()), self.repair.start)
    }

    /// Samples per channel of a track at a rate, by another way than decoding it; none for Matroska, which counts nothing,
    /// and where the description of FLAC tells nothing.
    ///
    /// # Errors
    /// Those of reading.
    pub(crate) fn n_samples(
        &self,
        bytes: &Bytes<'_>,
        track_id: u32,
        edit: Option<TrackEdit>,
        sample_rate: u32,
    ) -> io::Result<Option<u64>> {
        let n = bytes.n_bytes();
        let Repair {
            start,
            end,
            front,
            joined,
            ..
        } = &self.repair;
        let end = end.map_or(n, |end| end.min(n));
        let mut window = Window::new(bytes, end);
        match self.format {
            "mp1" | "mp2" | "mp3" => mpeg::n_samples(&mut window, *start),
            "aac" => adts::n_samples(&mut window, *start, sample_rate),
            "ogg" => ogg::n_samples(&mut window, *start),
            "isomp4" => mp4::n_samples(bytes, end, track_id, edit, sample_rate),
            "caf" => plain::in_caf(&mut window),
            "wave" => Ok(plain::in_wave(front, end.saturating_sub(*start))),
            "aiff" => Ok(plain::in_aiff(front, end.saturating_sub(*start))),
            "flac" => flac::n_samples(bytes, front, joined),
            _ => Ok(None),
        }
    }
}
