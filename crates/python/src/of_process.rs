//! What belongs to the process that made it, such as helpers: a forked child makes its own, and leaves those of its parent alone.

use std::sync::{Arc, Mutex, PoisonError};

/// Something that is made when it is first asked for, once in each process.
pub(crate) struct OfProcess<T>(Mutex<Option<(u32, Arc<T>)>>);

impl<T> OfProcess<T> {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// What this process has, made by `make` where it has none.
    ///
    /// # Errors
    /// Those of `make`.
    pub(crate) fn get<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<Arc<T>, E> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let here = std::process::id();
        if let Some((process, found)) = &*slot
            && *process == here
        {
            return Ok(Arc::clone(found));
        }
        let made = Arc::new(make()?);
        leave(slot.replace((here, Arc::clone(&made))));
        Ok(made)
    }
}

impl<T> Drop for OfProcess<T> {
    fn drop(&mut self) {
        leave(self.0.get_mut().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// Drops what is of this process. What is of another must not even be dropped: that would end its helpers.
fn leave<T>(slot: Option<(u32, Arc<T>)>) {
    if let Some((process, found)) = slot
        && process != std::process::id()
    {
        std::mem::forget(found);
    }
}
