//! Panics of decoders, which hostile bytes can bring about, as errors.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::{Error, Result};

/// Runs a part of the decoder; its panics, which hostile bytes can bring about, become errors.
///
/// # Errors
/// [`Error::DecoderPanicked`]. What `work` was changing must not be used afterwards.
pub(crate) fn guard<T>(work: impl FnOnce() -> T) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| Error::DecoderPanicked {
        message: panic_message(panic.as_ref()),
    })
}

/// What a panic said.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> String {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(s), _) => (*s).to_owned(),
        (_, Some(s)) => s.clone(),
        _ => "panic without a message".to_owned(),
    }
}
