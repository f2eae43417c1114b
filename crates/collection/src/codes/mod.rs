//! Autoencoders of one's own: what they are trained on, and their codes as columns, of a cache or of audio.
//!
//! ```text
//! cache of frames ──recordings──> training (cratedigger-learn) ──> FILE.cdauto
//!        └──────────recordings──────────────┐                         │
//! audio ───────────describer (--embedding)──┴──> columns autoencoder.mean.001, …
//! ```

mod describer;
mod recordings;

pub use describer::OpenAutoencoder;
pub use recordings::CodedRecordings;
