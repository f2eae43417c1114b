//! Typed views of the columns of a catalogue table, with errors that name the table and the column.

use arrow::array::{Array, ArrayRef, AsArray, ListArray, PrimitiveArray, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};

use crate::error::{Error, Result};

/// A table as the study reads it: one record batch and its name for messages.
#[derive(Debug, Clone, Copy)]
pub struct Table<'a> {
    name: &'static str,
    batch: &'a RecordBatch,
}

impl<'a> Table<'a> {
    /// Wraps `batch`; `name` appears in error messages.
    pub fn new(name: &'static str, batch: &'a RecordBatch) -> Self {
        Self { name, batch }
    }

    /// The number of rows.
    pub fn n_rows(&self) -> usize {
        self.batch.num_rows()
    }

    /// The record batch itself.
    pub fn batch(&self) -> &'a RecordBatch {
        self.batch
    }

    /// The column, where the table has it.
    pub fn get(&self, column: &str) -> Option<&'a ArrayRef> {
        self.batch.column_by_name(column)
    }

    /// The column, or an error that lists what is there.
    pub fn column(&self, column: &str) -> Result<&'a ArrayRef> {
        self.get(column).ok_or_else(|| Error::MissingColumn {
            table: self.name,
            column: column.to_owned(),
            present: list_some(
                self.batch
                    .schema()
                    .fields()
                    .iter()
                    .map(|field| field.name().clone()),
                12,
            ),
        })
    }

    /// Whole numbers; a completely empty (null-typed) column is read as all missing. `None` where there is no such column.
    pub fn int64(&self, column: &str) -> Result<Option<PrimitiveArray<Int64Type>>> {
        self.primitive::<Int64Type>(column, "whole numbers")
    }

    /// Real numbers; whole-number columns are converted. `None` where there is no such column.
    pub fn float64(&self, column: &str) -> Result<Option<PrimitiveArray<Float64Type>>> {
        self.primitive::<Float64Type>(column, "numbers")
    }

    /// Text. `None` where there is no such column.
    pub fn text(&self, column: &str) -> Result<Option<StringArray>> {
        let Some(array) = self.get(column) else {
            return Ok(None);
        };
        if !matches!(
            array.data_type(),
            DataType::Utf8
                | DataType::LargeUtf8
                | DataType::Utf8View
                | DataType::Null
                | DataType::Dictionary(_, _)
        ) {
            return Err(self.wrong_type(column, array, "text"));
        }
        let array = cast(array, &DataType::Utf8)?;
        Ok(Some(array.as_string::<i32>().clone()))
    }

    /// Text as the table holds it, without a copy: the catalogue keeps text as `Utf8`. `None` where there is no such column,
    /// or where it is null-typed.
    pub fn borrowed_text(&self, column: &str) -> Result<Option<&'a StringArray>> {
        match self.get(column) {
            None => Ok(None),
            Some(array) if array.data_type() == &DataType::Null => Ok(None),
            Some(array) => {
                let text = array.as_string_opt::<i32>();
                text.map(Some)
                    .ok_or_else(|| self.wrong_type(column, array, "text"))
            }
        }
    }

    /// Points in time, in microseconds since 1970 without a time zone. `None` where there is no such column.
    pub fn timestamps(&self, column: &str) -> Result<Option<PrimitiveArray<TimestampMicrosecondType>>> {
        let Some(array) = self.get(column) else {
            return Ok(None);
        };
        if !matches!(
            array.data_type(),
            DataType::Timestamp(_, None) | DataType::Date32 | DataType::Date64 | DataType::Null
        ) {
            return Err(self.wrong_type(column, array, "dates"));
        }
        let array = cast(array, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
        Ok(Some(array.as_primitive().clone()))
    }

    /// Lists of whole numbers, such as `track.genres`. `None` where there is no such column, or where it is null-typed.
    pub fn int64_lists(&self, column: &str) -> Result<Option<ListArray>> {
        let Some(array) = self.get(column) else {
            return Ok(None);
        };
        match array.data_type() {
            DataType::List(item) if item.data_type() == &DataType::Int64 => {
                Ok(Some(array.as_list::<i32>().clone()))
            }
            DataType::Null => Ok(None),
            _ => Err(self.wrong_type(column, array, "lists of whole numbers")),
        }
    }

    fn primitive<T: ArrowPrimitiveType>(
        &self,
        column: &str,
        expected: &'static str,
    ) -> Result<Option<PrimitiveArray<T>>> {
        let Some(array) = self.get(column) else {
            return Ok(None);
        };
        let numeric = array.data_type().is_numeric() || array.data_type() == &DataType::Null;
        if !numeric || (T::DATA_TYPE == DataType::Int64 && array.data_type().is_floating()) {
            return Err(self.wrong_type(column, array, expected));
        }
        let array = cast(array, &T::DATA_TYPE)?;
        Ok(Some(array.as_primitive::<T>().clone()))
    }

    fn wrong_type(&self, column: &str, array: &ArrayRef, expected: &'static str) -> Error {
        Error::ColumnType {
            table: self.name,
            column: column.to_owned(),
            found: array.data_type().to_string(),
            expected,
        }
    }
}

/// The value at `row`, where it is not missing.
pub fn value_at<T: ArrowPrimitiveType>(column: Option<&PrimitiveArray<T>>, row: usize) -> Option<T::Native> {
    column.and_then(|array| (!array.is_null(row)).then(|| array.value(row)))
}

/// The text at `row`, where it is not missing.
pub fn text_at(column: Option<&StringArray>, row: usize) -> Option<&str> {
    column.and_then(|array| (!array.is_null(row)).then(|| array.value(row)))
}

/// The list at `row`, where it is not missing; an item that is missing reads as 0.
pub fn list_at(column: Option<&ListArray>, row: usize) -> Option<&[i64]> {
    let array = column?;
    if array.is_null(row) {
        return None;
    }
    let items = array.values().as_primitive::<Int64Type>().values();
    let range = array.value_offsets()[row] as usize..array.value_offsets()[row + 1] as usize;
    items.get(range)
}

/// The first `limit` names, and how many more there are.
pub fn list_some(names: impl Iterator<Item = String>, limit: usize) -> String {
    let names: Vec<String> = names.collect();
    if names.is_empty() {
        return "nothing".to_owned();
    }
    let shown = names[..names.len().min(limit)].join(", ");
    match names.len().saturating_sub(limit) {
        0 => shown,
        more => format!("{shown}, and {more} more"),
    }
}
