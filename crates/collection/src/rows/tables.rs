//! Single tables of a store.

use arrow::array::RecordBatch;
use cratedigger_catalog::{Store, TableId};

use super::genres::GenreTree;
use crate::error::{Error, Result};

/// The genre tree, where the store has the table.
///
/// # Errors
/// `Catalog`, or as [`GenreTree::read`].
pub fn read_genres(store: &Store) -> Result<Option<GenreTree>> {
    if !store.has(TableId::Genres) {
        return Ok(None);
    }
    let genres = store.read(TableId::Genres, None).map_err(Error::Archive)?;
    Ok(Some(GenreTree::read(&genres)?))
}

/// Those of the columns that the table has.
///
/// # Errors
/// `Catalog`.
pub fn read_some(store: &Store, table: TableId, columns: &[&str]) -> Result<RecordBatch> {
    let schema = store.schema(table).map_err(Error::Archive)?;
    let present: Vec<&str> = columns
        .iter()
        .copied()
        .filter(|name| schema.column_with_name(name).is_some())
        .collect();
    store.read(table, Some(&present)).map_err(Error::Archive)
}
