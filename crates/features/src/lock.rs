//! Locks that outlive a panic of another worker.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks even if another worker panicked: what is kept behind the crate's locks is complete at any time.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
