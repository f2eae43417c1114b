//! The tables of the Free Music Archive: read, checked and kept as Parquet; and a synthetic archive of the same shape.
//!
//! [`import()`] turns the dataset's CSV files into a [`Store`], [`open_or_import`] does so where needed, and
//! [`Store::read`] gives a table, or some columns of it, as one Arrow batch. What each column holds is told by
//! [`TableId`] and [`ColumnType`].

pub mod csv;
#[cfg(feature = "download")]
pub mod download;
pub mod error;
pub mod feature_table;
mod import;
pub mod report;
pub mod schema;
#[cfg(feature = "sql")]
pub mod sql;
pub mod store;
pub mod synth;
mod value;

pub use error::{Error, Result};
pub use import::{ImportOptions, import, open_or_import};
pub use report::{ImportReport, ProgressEvent, TableReport};
pub use schema::{ColumnType, TableId, feature_columns};
pub use store::Store;
