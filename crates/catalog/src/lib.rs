//! The tables of the Free Music Archive: read, checked and kept as Parquet.
//!
//! ```text
//! archive on the network ──download──> zip ──unpack──> CSV files
//!                                                          │ csv: chunks, header, types, parser
//!                                                          v
//! sql <── Store (store.json and Parquet files) <──import── typed batches, rejected records, notes
//! ```
//!
//! [`import()`] turns the dataset's CSV files into a [`Store`], [`open_or_import`] does so where needed, and
//! [`Store::read`] gives a table, or some columns of it, as one Arrow batch. What each column holds is told by
//! [`TableId`] and [`ColumnType`]. [`feature_table`] is the other way round: files of features that others can read.
//!
//! | to change | look into |
//! |---|---|
//! | what a column means, and its type | `schema/columns.rs` |
//! | which texts count as missing, how numbers and dates are read | `value/` |
//! | what is wrong with a record | `csv/parser.rs` |
//! | what a store keeps, and where | `store/` |
//! | how often a broken download is tried again (feature `download`) | `download/options.rs` |
//! | queries (feature `sql`) | `sql.rs` |
//!
//! ```
//! use cratedigger_catalog::{ImportOptions, Store, TableId, import};
//!
//! let folder = tempfile::tempdir()?;
//! import("tests/fixtures".as_ref(), folder.path(), &ImportOptions::default(), &|_| {})?;
//! let store = Store::open(folder.path())?;
//! let genres = store.read(TableId::Genres, Some(&["genre_id", "title"]))?;
//! assert_eq!(genres.num_columns(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod csv;
#[cfg(feature = "download")]
pub mod download;
pub mod error;
pub mod feature_table;
mod import;
pub mod pandas;
mod path_in_json;
pub mod report;
pub mod schema;
#[cfg(feature = "sql")]
pub mod sql;
pub mod store;
mod unharmed;
mod value;
mod words;

pub use error::{Error, Result};
pub use import::{ImportOptions, import, open_or_import};
pub use report::{ImportReport, ProgressEvent, TableReport};
pub use schema::{ColumnType, TableId, feature_columns};
pub use store::Store;
pub use value::is_missing;
