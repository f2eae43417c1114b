//! Embeddings: numbers that a network which others trained gives to a recording, and the tags that it names.
//!
//! ```text
//! recording ──sound──> samples ──front: resample──> waveform at the declared rate ──────────┐
//!                                        └──mel──> log-mel frames (`musicnn`) ──patches──> graph ──pooled──> columns, tags
//!                                                                                          │
//!   FILE.onnx + FILE.toml ──contract──────────────────────────────────────────────────────┤
//!   wheel ──musicnn: wheel──> checkpoint ──> weights (safetensors in the library) ──> ONNX ┘
//! ```
//!
//! A graph says nothing of what it wants to hear, and a wrong front end gives numbers all the same: the [`Contract`] says it, and
//! an embedding that does not fit is refused before the first recording. Nothing here knows tables or models.
//!
//! | to change | look into |
//! |---|---|
//! | what can be declared | [`contract`] |
//! | the log-mel front end; resampling | [`front::mel`], [`front::resample`] |
//! | what a network hears, apart from it | `hearing.rs` |
//! | which runtime runs graphs | `graph/runtime.rs`, the only file that knows it |
//! | what is read of TensorFlow's checkpoints | [`checkpoint`] |
//! | musicnn's layers; which tags mean a genre | `musicnn/network.rs`, `musicnn/vgg.rs`; [`musicnn::tags`] |
//! | where imported networks are kept | [`library`] |
//!
//! ```
//! use cratedigger_embed::Embedding;
//!
//! // a network in a file, with its contract in a file beside it
//! let embedding = Embedding::open("tests/golden/small.onnx", &[])?;
//! let samples: Vec<f32> = (0..9000).map(|i| (i as f32 * 0.07).sin()).collect();
//! let described = embedding.describe_samples(&samples, 8000)?;
//! assert_eq!(described.values.len(), embedding.columns().len());
//! # Ok::<(), cratedigger_embed::Error>(())
//! ```
//!
//! One that was imported is opened by its name:
//!
//! ```no_run
//! use cratedigger_embed::{Embedding, Sound, library, musicnn};
//!
//! musicnn::import("musicnn-0.1.0-py3-none-any.whl".as_ref(), &library::folder()?)?;
//! let embedding = Embedding::open("musicnn", &[])?;
//! let (described, _) = embedding.describe(Sound::Path("song.mp3".as_ref()), &Default::default())?;
//! println!("{:?}", musicnn::tags::best_genre(&embedding.contract().tags, &described.tags));
//! # Ok::<(), cratedigger_embed::Error>(())
//! ```

mod card;
pub mod checkpoint;
pub mod contract;
mod embedding;
mod error;
pub mod front;
mod graph;
mod hearing;
pub mod library;
pub mod musicnn;
mod sound;

pub use card::{Card, names_the_fma};
pub use contract::Contract;
pub use embedding::{Described, Embedding};
pub use error::{Error, Result};
pub use hearing::{FrontEnd, Hearing};
pub use sound::Sound;
