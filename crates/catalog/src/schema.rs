//! Which tables the Free Music Archive consists of, and what each of their columns means.
//!
//! The meaning of the columns (dates, lists, ordered categories) is that of the dataset's own loader, function `load` in
//! `utils.py` of <https://github.com/mdeff/fma> at commit b997ca8. Header levels are joined with a dot
//! (`track.genre_top`, `mfcc.mean.01`, `echonest.audio_features.tempo`); the flat `genres.csv` and `raw_*.csv` keep their
//! names.

mod columns;
mod kinds;

pub use columns::feature_columns;
pub use kinds::{Column, ColumnType, Known, TableId};

/// What is known of a column of a table by its flattened name.
pub fn known_column(table: TableId, name: &str) -> Known {
    columns::known(table, name)
}

/// The names of the columns that the distributed file has, without the index.
pub fn distributed_columns(table: TableId) -> Vec<String> {
    columns::distributed(table)
}
