//! What is accepted of a recording, and what is told about it: all that is known of audio where nothing is decoded.

/// What a caller accepts.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Limits {
    /// Longest recording in seconds; a longer one is an error, not cut. Default: 6 hours.
    pub max_duration_s: f64,
    /// Largest file in bytes. Default: 4 GiB.
    pub max_bytes: u64,
    /// Recordings up to this length are held in memory (64 MiB at 44.1 kHz, at most 128 MiB); longer ones are read twice.
    /// Default: 360 s.
    pub in_memory_s: f64,
    /// Longest time in seconds that the work on one recording may take. Default: 3600 s.
    pub max_work_s: f64,
    /// Largest share of a recording, 0 to 1, that may be damaged or missing. Default: 0.01.
    pub max_lost: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_duration_s: 6.0 * 3600.0,
            max_bytes: 4 << 30,
            in_memory_s: 360.0,
            max_work_s: 3600.0,
            max_lost: Self::DEFAULT_MAX_LOST,
        }
    }
}

impl Limits {
    /// The share of a recording that may be lost unless told otherwise.
    pub const DEFAULT_MAX_LOST: f64 = 0.01;

    /// Sets the longest recording, in seconds.
    pub fn max_duration_s(mut self, seconds: f64) -> Self {
        self.max_duration_s = seconds;
        self
    }

    /// Sets the largest file, in bytes.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Sets up to which length a recording is held in memory, in seconds.
    pub fn in_memory_s(mut self, seconds: f64) -> Self {
        self.in_memory_s = seconds;
        self
    }

    /// Sets the longest time that the work on a recording may take, in seconds.
    pub fn max_work_s(mut self, seconds: f64) -> Self {
        self.max_work_s = seconds;
        self
    }

    /// Samples of a channel that are decoded at most, those that are left out among them: 100,000 for each second of the longest
    /// recording, but no more than 2^30 or, where that is more, 50,000 for each second. The analysis takes two bytes of memory for
    /// each. More than eight channels count as often as there are eights in them.
    pub fn max_samples(&self) -> u64 {
        // Numbers of seconds below 0 and those that are none become 0.
        let at = |rate: f64| (self.max_duration_s * rate) as u64;
        at(100_000.0).min(at(50_000.0).max(1 << 30))
    }

    /// An error where more of a recording is lost than that.
    #[cfg(feature = "decode")]
    pub(crate) fn check_lost(&self, info: &AudioInfo) -> crate::error::Result<()> {
        let (share, limit) = (info.lost_share(), self.max_lost);
        if share > limit {
            return Err(crate::error::Error::TooMuchLost {
                n_lost: info.n_lost,
                n_samples: info.n_samples,
                n_bad_packets: info.n_bad_packets,
                share,
                limit,
            });
        }
        Ok(())
    }

    /// Sets the largest share of a recording that may be lost, 0 to 1.
    pub fn max_lost(mut self, share: f64) -> Self {
        self.max_lost = share;
        self
    }
}

/// What was decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AudioInfo {
    /// Rate of the file in Hz.
    pub sample_rate: u32,
    /// Number of channels in the file.
    pub n_channels: usize,
    /// Samples per channel after trimming of encoder delay and padding.
    pub n_samples: u64,
    /// Packets that could not be decoded or were of another sample rate than the first, and were left out; and frames of
    /// FLAC whose checksum is wrong.
    pub n_bad_packets: u64,
    /// Samples per channel that are known to be damaged or missing: those of bad packets, those that the container counts
    /// and no packet gave, and samples that are infinite and were clipped.
    pub n_lost: u64,
    /// Samples per channel that were left out because they belong to no recording: the encoder's delay and padding, and what
    /// the container says is not played.
    pub n_trimmed: u64,
    /// Samples per channel by another way than decoding: frames counted by their headers (MP3, AAC), positions (Ogg), tables
    /// (MP4), the description (FLAC), bytes (WAV, AIFF, CAF). Known at the end; none for Matroska.
    pub n_told: Option<u64>,
}

impl AudioInfo {
    /// Length in seconds.
    pub fn duration_s(&self) -> f64 {
        self.n_samples as f64 / f64::from(self.sample_rate)
    }

    /// Share of the recording that was lost, 0 to 1.
    pub fn lost_share(&self) -> f64 {
        if self.n_lost == 0 {
            return 0.0;
        }
        self.n_lost as f64 / (self.n_samples as f64 + self.n_lost as f64)
    }
}

/// Sample rates in Hz that are accepted. From a lower one, the `librosa` recipe would make hours of signal of a small file.
pub(crate) const RATES: std::ops::RangeInclusive<u32> = 1000..=768_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_limited_by_the_length_and_by_memory() {
        let of = |s: f64| Limits::default().max_duration_s(s).max_samples();
        assert_eq!(of(900.0), 90_000_000);
        assert_eq!(Limits::default().max_samples(), 1_080_000_000);
        assert_eq!(of(5.0 * 3600.0), 1 << 30);
        // Half a day at 48 kHz, as was asked for.
        assert!(of(43_200.0) > 43_200 * 48_000);
        assert_eq!((of(f64::NAN), of(-1.0)), (0, 0));
    }
}
