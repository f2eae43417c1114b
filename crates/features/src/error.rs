//! What can go wrong between a file and its features, by remedy.

use std::io;
use std::path::PathBuf;

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a file, a stream or a block of samples gave no features.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// One of the other errors, with the file that it happened in.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What happened in it.
        #[source]
        source: Box<Error>,
    },
    /// The file could not be opened or read.
    #[error("cannot read it: {source}")]
    Read {
        /// The error of the operating system.
        #[from]
        source: io::Error,
    },
    /// The file has no bytes at all.
    #[error("the file is empty (0 bytes)")]
    Empty,
    /// The file is larger than the limit that the caller set.
    #[error("the file has {n_bytes} bytes, the limit is {limit}; raise `Limits::max_bytes` to accept it")]
    TooLarge {
        /// Size of the file.
        n_bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The recording is longer than the limit that the caller set.
    #[error("the recording is longer than {limit_s} s; raise `Limits::max_duration_s` to accept it")]
    TooLong {
        /// The limit in seconds.
        limit_s: f64,
    },
    /// The recording has more samples than the limits allow, counting those that are left out.
    #[error(
        "more than {limit} samples had to be decoded (its rate, its channels or what is left out of it are beyond measure); raise \
         `Limits::max_duration_s` (--max-duration) to accept it"
    )]
    TooManySamples {
        /// The limit, of one channel.
        limit: u64,
    },
    /// The work on the recording took longer than the limit that the caller set.
    #[error("the work on it took longer than {limit_s} s; raise `Limits::max_work_s` to accept it")]
    TookTooLong {
        /// The limit in seconds.
        limit_s: f64,
    },
    /// No known container or stream was recognised.
    #[error(
        "not a known audio format ({reason}); known: MP3, FLAC, Ogg Vorbis, Opus, WAV, AIFF, CAF, AAC, M4A, Matroska"
    )]
    UnknownFormat {
        /// The decoder's own words.
        reason: String,
    },
    /// The container is known, but holds no track with audio.
    #[error("the container holds no audio track")]
    NoAudioTrack,
    /// The audio is in a codec that has no decoder here.
    #[error("no decoder for this audio ({reason})")]
    UnsupportedCodec {
        /// The decoder's own words.
        reason: String,
    },
    /// The stream starts as a known format, but not one packet of it could be decoded.
    #[error("no audio could be decoded ({n_bad_packets} packets were damaged; the last error: {reason})")]
    NoAudio {
        /// How many packets were refused.
        n_bad_packets: u64,
        /// The decoder's own words.
        reason: String,
    },
    /// More of the recording is damaged or missing than the caller accepts.
    #[error(
        "{:.1} % of the sound is lost ({n_lost} samples are damaged, missing or of another rate, {n_samples} are there; \
         packets of that kind: {n_bad_packets}); the limit is {} %, raise `Limits::max_lost` (--max-lost) to accept it",
        100.0 * share,
        100.0 * limit
    )]
    TooMuchLost {
        /// Samples per channel that are damaged or missing.
        n_lost: u64,
        /// Samples per channel that were decoded.
        n_samples: u64,
        /// Packets that were damaged, or of another rate than the first.
        n_bad_packets: u64,
        /// The share that is lost, 0 to 1.
        share: f64,
        /// The largest share that is accepted.
        limit: f64,
    },
    /// The first bytes are those of a known format, but its headers could not be read.
    #[error("it begins like {format}, but is damaged or cut short before the first audio ({reason})")]
    Damaged {
        /// The format, with its article.
        format: &'static str,
        /// The decoder's own words.
        reason: String,
    },
    /// A decoder panicked on the bytes of a file, which is a bug of it.
    #[error("the decoder failed on damaged data ({message})")]
    DecoderPanicked {
        /// The panic's message.
        message: String,
    },
    /// The processes that decoded the file ended before they answered, which is a bug of a decoder or a limit of memory.
    #[error("two processes that decoded it ended before they answered (the last one: {how})")]
    DecoderEnded {
        /// How the last one ended: a signal, an exit code.
        how: String,
    },
    /// A sample is not a finite number.
    #[error("sample {index} is not a finite number")]
    NotANumber {
        /// Index of the sample in its channel, from 0.
        index: u64,
    },
    /// Too few samples for the seven octaves of the constant-Q transform.
    #[error(
        "too short: {n_samples} samples at {sample_rate} Hz, the constant-Q transform needs at least {needed}"
    )]
    TooShort {
        /// Number of samples per channel.
        n_samples: u64,
        /// Their rate in Hz.
        sample_rate: u32,
        /// The smallest number that would do.
        needed: u64,
    },
    /// The highest constant-Q band lies above half the sample rate.
    #[error(
        "sample rate {sample_rate} Hz is too low: the constant-Q transform reaches {needed_hz:.0} Hz and needs twice that"
    )]
    RateTooLow {
        /// The rate in Hz.
        sample_rate: u32,
        /// Upper edge of the highest band in Hz.
        needed_hz: f64,
    },
    /// A sample rate outside what is accepted (1 kHz to 768 kHz).
    #[error("sample rate {sample_rate} Hz is outside 1000 to 768000")]
    BadRate {
        /// The rate in Hz.
        sample_rate: u32,
    },
    /// The second reading of a long recording gave another number of samples than the first.
    #[error("the recording changed while it was read ({first} samples, then {second})")]
    Changed {
        /// Samples of the first reading.
        first: u64,
        /// Samples of the second reading.
        second: u64,
    },
    /// The analysis panicked, which is a bug of this crate; the batch engine turns it into a failure of one file.
    #[error("internal error: {message}")]
    Panicked {
        /// The panic's message.
        message: String,
    },
    /// A recipe name that does not exist.
    #[error("unknown feature recipe `{name}`; known: fma, librosa")]
    UnknownRecipe {
        /// The name that was given.
        name: String,
    },
    /// Parameters of frames that cannot be computed, or a text that does not say any.
    #[error("frames cannot be computed so: {reason}")]
    BadFrameRecipe {
        /// What is wrong, and what would be right.
        reason: String,
    },
    /// A change to a recording that there is not, or of a strength that it cannot have.
    #[error("`{text}` is no change to a recording: {reason}")]
    BadChange {
        /// What was asked for.
        text: String,
        /// What can be.
        reason: String,
    },
    /// Feature values that do not belong together were about to be mixed.
    #[error("features of recipe `{got}` where `{want}` was expected: extract again with the same recipe")]
    RecipeMismatch {
        /// The version string that was found.
        got: String,
        /// The version string that was expected.
        want: String,
    },
}

impl Error {
    /// The step that failed: `open`, `probe`, `decode`, `features` or `internal`.
    pub fn stage(&self) -> &'static str {
        match self {
            Self::File { source, .. } => source.stage(),
            Self::Read { .. } | Self::Empty | Self::TooLarge { .. } => "open",
            Self::UnknownFormat { .. } | Self::NoAudioTrack | Self::UnsupportedCodec { .. } => "probe",
            Self::TooLong { .. }
            | Self::TooManySamples { .. }
            | Self::TookTooLong { .. }
            | Self::Damaged { .. }
            | Self::DecoderPanicked { .. }
            | Self::DecoderEnded { .. }
            | Self::NoAudio { .. }
            | Self::NotANumber { .. }
            | Self::TooMuchLost { .. }
            | Self::BadRate { .. }
            | Self::Changed { .. } => "decode",
            Self::TooShort { .. } | Self::RateTooLow { .. } => "features",
            Self::Panicked { .. }
            | Self::UnknownRecipe { .. }
            | Self::BadFrameRecipe { .. }
            | Self::BadChange { .. }
            | Self::RecipeMismatch { .. } => "internal",
        }
    }

    /// Names the file that the error happened in.
    #[cfg(feature = "decode")]
    pub(crate) fn in_file(self, path: &std::path::Path) -> Self {
        Self::File {
            path: path.to_owned(),
            source: Box::new(self),
        }
    }
}
