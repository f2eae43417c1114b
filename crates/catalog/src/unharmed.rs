//! The Parquet reader panics at some damaged bytes, which checks of its own pass: that is an error of the file.

use cratedigger_files::contained;
use parquet::errors::{ParquetError, Result};

/// What `work` reads.
///
/// # Errors
/// Its own, and what it says in a panic. What it was reading from must not be used afterwards.
pub(crate) fn unharmed<T, E: From<ParquetError>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    contained(work).unwrap_or_else(|words| Err(ParquetError::General(format!("damaged: {words}")).into()))
}
