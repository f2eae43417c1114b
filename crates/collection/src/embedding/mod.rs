//! Embeddings among the features of recordings: what describes them, what is known of it, and whether rows and a model mean the
//! same one. The networks of others are in `cratedigger-embed`, behind the feature `embed`; autoencoders of one's own are in `codes`.

mod analyser;
mod cards;
mod describer;
mod for_model;
#[cfg(feature = "embed")]
mod network;
mod tagging;

pub use analyser::{Analysed, Analyser};
pub use cards::{check, of_columns, read, write};
#[cfg(feature = "embed")]
pub use cratedigger_embed as networks;
pub use describer::{Describer, Description, Recording};
pub use for_model::for_model;
#[cfg(feature = "embed")]
pub use network::open;
pub use tagging::{Tagged, tags_of};
