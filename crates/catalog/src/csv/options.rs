//! How files are read.

use std::num::NonZeroUsize;

/// How [`read`](super::read) reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// Worker threads; `None` takes rayon's current pool (all cores). The result does not depend on it.
    pub threads: Option<NonZeroUsize>,
    /// Bytes that are read at once and parsed by one thread. Batches and memory grow with it.
    pub block_bytes: usize,
    /// The longest record that is taken for one; a longer one has an unclosed quote.
    pub max_record_bytes: usize,
}

impl Default for ReadOptions {
    /// All cores, blocks of 4 MiB, records of at most 16 MiB.
    fn default() -> Self {
        ReadOptions {
            threads: None,
            block_bytes: 4 << 20,
            max_record_bytes: 16 << 20,
        }
    }
}
