//! The 518 audio features of the Free Music Archive dataset (FMA), from any audio file.
//!
//! Eleven families of frame descriptors (chroma, MFCC, spectral shape, tonal centroid, ...), each summarised over time by
//! seven statistics. With [`Recipe::Fma`] the values are those of the dataset's published `features.csv`, so that models
//! trained on it work on new audio; [`Recipe::Librosa`] gives what a current librosa computes.
//!
//! ```no_run
//! use cratedigger_features::{Extractor, Recipe, columns};
//!
//! let extractor = Extractor::new(Recipe::Fma);
//! let features = extractor.extract_path("000002.mp3")?;
//! for (column, value) in columns().iter().zip(features.values()) {
//!     println!("{} = {value} {}", column.name, column.unit);
//! }
//! # Ok::<(), cratedigger_features::Error>(())
//! ```
//!
//! Decoding is by symphonia: MP1/2/3, FLAC, Ogg Vorbis, WAV, AIFF, CAF, AAC, M4A (AAC, ALAC), Matroska audio.
//! Opus is decoded by `opus-pure`. All of it is Rust, without a C library.

#[cfg(test)]
extern crate self as cratedigger_features;

mod audio;
mod descriptors;
mod error;
mod extractor;
mod frames;
mod recipe;
mod signal;
mod summary;
#[cfg(test)]
mod test_signals;

pub use audio::decode::{AudioInfo, Decoder, Limits};
pub use audio::inputs::{AUDIO_EXTENSIONS, Input, find_audio};
pub use audio::samples::mix_to_mono;
pub use descriptors::mel::N_MELS;
pub use error::{Error, Result};
pub use extractor::batch::{BatchOptions, Failure, Order, Row, Summary, extract_batch};
pub use extractor::extract::Extractor;
pub use frames::{Features, Frames, MelSpectrogram};
pub use recipe::{HOP_LENGTH, N_BINS, N_FFT, Recipe};
pub use summary::columns::{Column, Family, N_COLUMNS, N_ROWS, Statistic, column_index, columns};
pub use summary::csv::{write_csv_header, write_csv_row};
