//! The tables of the Free Music Archive: read, checked and kept as Parquet; and a synthetic archive of the same shape.

#[cfg(feature = "download")]
pub mod download;
#[cfg(feature = "sql")]
pub mod sql;
pub mod synth;
