//! The 518 audio features of the Free Music Archive dataset (FMA), from any audio file.
//!
//! Eleven families of frame descriptors (chroma, MFCC, spectral shape, tonal centroid, ...), each summarised over time by
//! seven statistics. With [`Recipe::Fma`] the values are those of the dataset's published `features.csv`, so that models
//! trained on it work on new audio; [`Recipe::Librosa`] gives what a current librosa computes.
//!
//! # The flow
//!
//! The folders of `src` are its steps, from left to right:
//!
//! ```text
//! file, bytes ──audio──> mono samples ──signal──> spectra ──descriptors──> 74 rows of numbers, one a frame
//!                  │           │                                                  │        [Frames]
//!            Decoder    (or your own samples)                                  summary
//!                                                                                 v
//!              extractor: the two passes of one recording,            518 numbers, one a column
//!              shared plans, batches of many                                  [Features]
//! ```
//!
//! For networks that hear time there are the frames themselves, as a plain array: the 74 rows, or a log-mel spectrogram of any
//! geometry ([FrameExtractor]).
//!
//! # Where to change what
//!
//! | what | where |
//! |---|---|
//! | a format, damaged files, encoder delay | `audio/`: `probe`, `repair`, `edits` |
//! | what is accepted; what a hostile file may take | `audio/`: `limits`, `work`, `headers`; what no decoder sees: `tags`, `repair` |
//! | the rounding to 16 bits and the mix to mono | `audio/samples` |
//! | windows, Fourier and constant-Q transforms, resampling | `signal/` |
//! | one family of descriptors; the tuning estimate | `descriptors/`, a file each; `descriptors/tuning` |
//! | the seven statistics; names, order and units of the 518 columns; their CSV | `summary/` |
//! | the order of the steps; which tables are kept; the order in which files are extracted | `extractor/`: `analysis`, `plans`, `batch` |
//! | changes to a recording that leave its genre as it was | `perturb/` |
//! | what tells the two recipes apart; its version | `recipe` (used by all) |
//! | frames as an array, and the parameters of log-mel spectrograms | `extractor/`: `frame_array`, `mel_frames`, `frame_recipe` |
//!
//! # Example
//!
//! ```
//! use cratedigger_features::{Extractor, Recipe, columns};
//!
//! // Two seconds of A4; `extract_path("000002.mp3")` takes a file.
//! let tone: Vec<f32> = (0..44_100)
//!     .map(|i| (i as f32 * std::f32::consts::TAU * 440.0 / 22_050.0).sin() / 2.0)
//!     .collect();
//! let features = Extractor::new(Recipe::Fma).extract_samples(&tone, 22_050)?;
//! assert_eq!(features.values().len(), columns().len());
//! // The tenth pitch class from C is A.
//! let a = features.get("chroma_stft.mean.10").unwrap();
//! assert!(a > 0.99);
//! # Ok::<(), cratedigger_features::Error>(())
//! ```
//!
//! # Decoding
//!
//! Decoding is by symphonia: MP1/2/3, FLAC, Ogg Vorbis, WAV, AIFF, CAF, AAC, M4A (AAC, ALAC), Matroska audio.
//! Opus is decoded by `opus-pure`, AAC by `rusty_aac`. All of it is Rust, without a C library. It is the feature `decode`, on by default;
//! without it samples are all that is taken, and no decoder is built.

#[cfg(test)]
extern crate self as cratedigger_features;

mod audio;
mod descriptors;
mod error;
mod extractor;
mod frames;
mod lock;
#[cfg(feature = "decode")]
mod perturb;
mod recipe;
mod signal;
mod summary;
#[cfg(test)]
mod test_signals;
#[cfg(feature = "decode")]
mod wire;

#[cfg(feature = "decode")]
pub use audio::decode::Decoder;
#[cfg(feature = "decode")]
pub use audio::inputs::{AUDIO_EXTENSIONS, Input, find_audio};
pub use audio::limits::{AudioInfo, Limits};
pub use audio::samples::mix_to_mono;
pub use descriptors::mel::N_MELS;
pub use error::{Error, Result};
#[cfg(feature = "decode")]
pub use extractor::batch::{BatchOptions, Failure, Order, Row, Summary, batch, extract_batch};
pub use extractor::extract::Extractor;
pub use extractor::frame_array::{FrameArray, FrameExtractor};
pub use extractor::frame_recipe::{FrameRecipe, LogScale, MelRecipe};
pub use frames::{Features, Frames, MelSpectrogram};
#[cfg(feature = "decode")]
pub use perturb::{Change, ChangeKind};
pub use recipe::{HOP_LENGTH, N_BINS, N_FFT, Recipe};
pub use signal::framing::Edges;
pub use summary::columns::{Column, Family, N_COLUMNS, N_ROWS, Statistic, column_index, columns};
pub use summary::csv::{write_csv_header, write_csv_row};
#[cfg(feature = "decode")]
pub use wire::{decode_info, decode_outcome, encode_info, encode_outcome};
