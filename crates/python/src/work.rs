//! Work without the interpreter's lock, which Ctrl-C ends.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// How often it is looked whether there was a signal.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Whether nobody waits for the work any more.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Whether the work should end.
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Does the work on a thread of its own while other threads of Python run, and looks for signals meanwhile.
///
/// # Errors
/// What a handler of a signal raised, such as `KeyboardInterrupt`: at once, and the work is told to stop; what it gives then is
/// dropped. `RuntimeError` where the work panicked, which would be a defect.
pub(crate) fn interruptible<T: Send + 'static>(
    py: Python<'_>,
    work: impl FnOnce(&Stop) -> T + Send + 'static,
) -> PyResult<T> {
    let stop = Stop::default();
    let (send, mut receive) = sync_channel(1);
    let theirs = stop.clone();
    std::thread::Builder::new()
        .name("cratedig".to_owned())
        .spawn(move || {
            let _nobody_waits = send.send(catch_unwind(AssertUnwindSafe(|| work(&theirs))).ok());
        })?;
    loop {
        let (message, back) = py.detach(move || (receive.recv_timeout(LOOK_EVERY), receive));
        receive = back;
        match message {
            Ok(Some(done)) => return Ok(done),
            Err(RecvTimeoutError::Timeout) => py.check_signals().inspect_err(|_| {
                stop.0.store(true, Ordering::Relaxed);
            })?,
            Ok(None) | Err(RecvTimeoutError::Disconnected) => {
                return Err(PyRuntimeError::new_err(
                    "internal error: the work panicked; standard error says where",
                ));
            }
        }
    }
}
