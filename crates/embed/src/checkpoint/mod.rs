//! TensorFlow's checkpoints: an index of names (`.index`, a table as LevelDB writes it) and the bytes of all tensors
//! (`.data-00000-of-00001`). Read with every length checked, since such a file may come from anywhere.

mod bundle;
mod crc32c;
mod table;

#[cfg(test)]
pub(crate) use bundle::test_bundle;
pub use bundle::{Tensor, read};
