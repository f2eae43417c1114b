//! Rows of features out of one place, whatever it is: a file, a table of a store, or audio that was analysed.

use std::path::Path;

use arrow::array::{Float64Array, Int64Array};
use cratedigger_catalog::feature_table::{FeatureTable, RowId};
use cratedigger_catalog::{Store, TableId};

use crate::error::{Error, Result};
use crate::table::{Table, value_at};

/// Rows of a store that are read at a time, which bounds the memory beside what is made of them.
const BATCH_ROWS: usize = 4_096;

/// A row of the columns that were asked for, in single precision, which the dataset's authors computed features in and models
/// learn from.
pub(crate) struct Row<'a> {
    /// What it is called.
    pub(crate) id: RowId,
    /// The audio file that it comes from.
    pub(crate) path: Option<&'a Path>,
    /// NaN where there is no value.
    pub(crate) values: &'a [f32],
    /// The first value that single precision cannot hold, with the place of its column among those asked for: the row is no
    /// missing value and nothing to learn from.
    pub(crate) out_of_range: Option<OutOfRange>,
}

/// A value that single precision cannot hold (beyond 3.4e38, or infinite), and the place of its column among those asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct OutOfRange {
    pub(crate) at: usize,
    pub(crate) value: f64,
}

impl OutOfRange {
    /// `value` where single precision cannot hold it.
    fn found(at: usize, value: f64) -> Option<Self> {
        (value as f32).is_infinite().then_some(Self { at, value })
    }

    /// The first of a row's values that single precision cannot hold.
    pub(crate) fn first(values: impl Iterator<Item = f64>) -> Option<Self> {
        values.enumerate().find_map(|(at, value)| Self::found(at, value))
    }
}

/// Somewhere that rows are read from. A new kind of source is one more of these.
pub(crate) trait Reader {
    /// The names of all columns of features.
    fn columns(&self) -> &[String];

    /// Gives each row, reduced to some of the columns, in the order of the source.
    fn read(&self, columns: &[usize], row: &mut dyn FnMut(Row<'_>) -> Result<()>) -> Result<()>;
}

impl Reader for FeatureTable {
    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn read(&self, columns: &[usize], row: &mut dyn FnMut(Row<'_>) -> Result<()>) -> Result<()> {
        let mut values = Vec::with_capacity(columns.len());
        for (at, id) in self.ids.iter().enumerate() {
            let all = self.row(at);
            values.clear();
            values.extend(columns.iter().map(|&column| all[column] as f32));
            row(Row {
                id: id.clone(),
                path: None,
                values: &values,
                out_of_range: OutOfRange::first(columns.iter().map(|&column| all[column])),
            })?;
        }
        Ok(())
    }
}

/// A table of a store.
pub(crate) struct StoreTable<'a> {
    store: &'a Store,
    table: TableId,
    columns: Vec<String>,
}

impl<'a> StoreTable<'a> {
    /// All columns of the table but the one that names its rows.
    pub(crate) fn open(store: &'a Store, table: TableId) -> Result<Self> {
        let schema = store.schema(table).map_err(Error::Table)?;
        let names = schema.fields().iter().map(|field| field.name());
        let columns = names.filter(|name| *name != table.index_column()).cloned();
        Ok(Self {
            store,
            table,
            columns: columns.collect(),
        })
    }
}

impl Reader for StoreTable<'_> {
    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn read(&self, columns: &[usize], row: &mut dyn FnMut(Row<'_>) -> Result<()>) -> Result<()> {
        let index = self.table.index_column();
        let names: Vec<&str> = std::iter::once(index)
            .chain(columns.iter().map(|&column| self.columns[column].as_str()))
            .collect();
        let mut values = Vec::new();
        for batch in self.store.read_batches(self.table, Some(&names), BATCH_ROWS)? {
            let batch = batch?;
            let table = Table::new(self.table.name(), &batch);
            table.column(index)?;
            let ids: Option<Int64Array> = table.int64(index)?;
            let n_columns = columns.len();
            values.clear();
            values.resize(table.n_rows() * n_columns, f32::NAN);
            let mut out_of_range: Vec<Option<OutOfRange>> = vec![None; table.n_rows()];
            for (column, name) in names[1..].iter().enumerate() {
                let Some(numbers): Option<Float64Array> = table.float64(name)? else {
                    continue;
                };
                for at in 0..table.n_rows() {
                    if let Some(value) = value_at(Some(&numbers), at) {
                        values[at * n_columns + column] = value as f32;
                        out_of_range[at] = out_of_range[at].or_else(|| OutOfRange::found(column, value));
                    }
                }
            }
            for at in 0..table.n_rows() {
                row(Row {
                    id: RowId::Track(value_at(ids.as_ref(), at).unwrap_or_default()),
                    path: None,
                    values: &values[at * n_columns..(at + 1) * n_columns],
                    out_of_range: out_of_range[at],
                })?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_what_single_precision_cannot_hold_is_out_of_range() {
        let first = |values: &[f64]| OutOfRange::first(values.iter().copied());
        let largest = f64::from(f32::MAX);
        assert_eq!(first(&[0.0, f64::NAN, largest, -largest, 1e-300]), None);
        // The largest number rounds up from half of its last place on.
        let half_a_place = (largest - f64::from(f32::MAX.next_down())) / 2.0;
        assert_eq!(first(&[(largest + half_a_place).next_down()]), None);
        assert_eq!(first(&[largest + half_a_place]).unwrap().at, 0);
        for value in [1e39, -1e39, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(first(&[f64::NAN, value, 1e40]), Some(OutOfRange { at: 1, value }));
        }
    }
}
