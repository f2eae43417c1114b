//! What is accepted of a recording, and what is told about it: all that is known of audio where nothing is decoded.

/// What a caller accepts.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Limits {
    /// Longest recording in seconds; a longer one is an error, not cut. Default: 6 hours.
    pub max_duration_s: f64,
    /// Largest file in bytes. Default: 4 GiB.
    pub max_bytes: u64,
    /// Recordings up to this length are held in memory (64 MiB at 44.1 kHz); longer ones are read twice. Default: 360 s.
    pub in_memory_s: f64,
    /// Largest share of a recording, 0 to 1, that may be damaged or missing. Default: 0.01.
    pub max_lost: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_duration_s: 6.0 * 3600.0,
            max_bytes: 4 << 30,
            in_memory_s: 360.0,
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
