//! Working on a file's chunks with all threads, the results in the order of the file.

use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};

use super::chunks::{Chunk, Chunks};
use super::options::ReadOptions;

/// How much is read ahead before results are taken in order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wave {
    chunks: usize,
    bytes: usize,
}

impl Wave {
    pub(super) fn of(options: &ReadOptions) -> Wave {
        let bytes = 128 << 20;
        Wave {
            chunks: (bytes / options.block_bytes.max(1)).clamp(1, 64),
            bytes,
        }
    }
}

/// Works on the next chunks of a file with all threads; the results in the order of the file, none at its end. `work` also
/// tells how much memory its result holds.
pub(super) fn run_wave<R: Read + Send, T: Send>(
    chunks: &mut Chunks<R>,
    wave: Wave,
    work: &(dyn Fn(&Chunk) -> (T, usize) + Sync),
) -> io::Result<Vec<T>> {
    struct Shared<'a, R, T> {
        chunks: &'a mut Chunks<R>,
        n_taken: usize,
        n_bytes: usize,
        results: Vec<(usize, T)>,
        error: Option<io::Error>,
    }
    let shared = Mutex::new(Shared {
        chunks,
        n_taken: 0,
        n_bytes: 0,
        results: Vec::new(),
        error: None,
    });
    let lock = || shared.lock().unwrap_or_else(PoisonError::into_inner);
    rayon::scope(|scope| {
        for _ in 0..rayon::current_num_threads() {
            scope.spawn(|_| {
                loop {
                    let chunk = {
                        let mut shared = lock();
                        if shared.n_taken == wave.chunks
                            || shared.n_bytes >= wave.bytes
                            || shared.error.is_some()
                        {
                            return;
                        }
                        match shared.chunks.next_chunk() {
                            Ok(Some(chunk)) => {
                                shared.n_taken += 1;
                                chunk
                            }
                            Ok(None) => return,
                            Err(error) => {
                                shared.error = Some(error);
                                return;
                            }
                        }
                    };
                    let (result, size) = work(&chunk);
                    let mut shared = lock();
                    shared.n_bytes += size;
                    shared.results.push((chunk.index, result));
                    shared.chunks.recycle(chunk.text);
                }
            });
        }
    });
    let shared = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(error) = shared.error {
        return Err(error);
    }
    let mut results = shared.results;
    results.sort_by_key(|(index, _)| *index);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}
