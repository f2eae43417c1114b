//! The limits of an upload: how large, how many files, how slow, and the memory for all of them together.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::problem::{Kind, Problem};

/// Largest request in bytes, where nothing else is said.
pub(crate) const MAX_BODY: u64 = 64 << 20;

/// Most files in one request, where nothing else is said and the queue can hold as many.
pub(crate) const MAX_FILES: usize = 16;

/// Memory for uploads that are under way or waiting, in bytes, where nothing else is said.
pub(crate) const UPLOAD_MEMORY: u64 = 512 << 20;

/// Seconds without a byte after which a client is given up, where nothing else is said; also for request heads.
pub(crate) const READ_TIMEOUT_S: f64 = 15.0;

/// Seconds that a whole upload may take, where nothing else is said.
pub(crate) const UPLOAD_TIMEOUT_S: f64 = 300.0;

/// Bytes a second that an upload must have, where nothing else is said.
pub(crate) const MIN_RATE: u64 = 4096;

/// Bytes per permit of the memory for uploads.
pub(super) const GRAIN: u64 = 1024;

/// What is allowed.
pub(crate) struct Rules {
    pub(super) memory: Arc<Semaphore>,
    n_permits: usize,
    pub(super) max_body: u64,
    pub(super) max_files: usize,
    pub(super) read_timeout: Duration,
    pub(super) upload_timeout: Duration,
    pub(super) min_rate: u64,
}

impl Rules {
    /// With the limits that were chosen, memory and largest body in bytes.
    pub(crate) fn new(
        upload_memory: u64,
        max_body: u64,
        max_files: usize,
        read_timeout: Duration,
        upload_timeout: Duration,
        min_rate: u64,
    ) -> Self {
        let n_permits = (upload_memory / GRAIN) as usize + 1;
        Self {
            memory: Arc::new(Semaphore::new(n_permits)),
            n_permits,
            max_body,
            max_files,
            read_timeout,
            upload_timeout,
            min_rate,
        }
    }

    /// Bytes of the memory for uploads that are in use.
    pub(crate) fn n_bytes_used(&self) -> u64 {
        (self.n_permits - self.memory.available_permits()) as u64 * GRAIN
    }

    /// More bytes than a request may have.
    pub(super) fn too_large(&self) -> Problem {
        Problem::new(
            Kind::TooLarge,
            format!("a request may have {} bytes", self.max_body),
        )
    }
}
