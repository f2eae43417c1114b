//! Columns that grow cell by cell and can give back the cells of a bad record.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, ListArray, StringArray, TimestampMicrosecondArray,
};
use arrow::buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field};
use arrow::error::ArrowError;

use crate::schema::ColumnType;
use crate::value;

/// The cells of one column so far.
#[derive(Debug)]
pub(super) struct Growing {
    values: Values,
    /// Rows without a value, ascending.
    missing: Vec<u32>,
}

#[derive(Debug)]
enum Values {
    Int(Vec<i64>),
    Float(Vec<f64>),
    Bool(Vec<bool>),
    Time(Vec<i64>),
    Text(Texts),
    Ints { ends: Vec<i32>, items: Vec<i64> },
    TextList { ends: Vec<i32>, items: Texts },
}

#[derive(Debug, Default)]
struct Texts {
    ends: Vec<i32>,
    bytes: Vec<u8>,
}

impl Texts {
    fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.ends.push(end(self.bytes.len()));
    }

    fn truncate(&mut self, n: usize) {
        self.ends.truncate(n);
        self.bytes.truncate(last(&self.ends));
    }

    fn into_array(self, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
        Ok(Arc::new(StringArray::try_new(
            offsets(self.ends),
            Buffer::from_vec(self.bytes),
            nulls,
        )?))
    }
}

impl Growing {
    pub(super) fn new(kind: ColumnType, n_rows: usize) -> Growing {
        let values = match kind {
            ColumnType::Int64 => Values::Int(Vec::with_capacity(n_rows)),
            ColumnType::Float64 => Values::Float(Vec::with_capacity(n_rows)),
            ColumnType::Boolean => Values::Bool(Vec::with_capacity(n_rows)),
            ColumnType::Timestamp => Values::Time(Vec::with_capacity(n_rows)),
            ColumnType::Text | ColumnType::Category(_) => Values::Text(Texts {
                ends: Vec::with_capacity(n_rows),
                bytes: Vec::new(),
            }),
            ColumnType::IntList => Values::Ints {
                ends: Vec::with_capacity(n_rows),
                items: Vec::new(),
            },
            ColumnType::TextList => Values::TextList {
                ends: Vec::with_capacity(n_rows),
                items: Texts::default(),
            },
        };
        Growing {
            values,
            missing: Vec::new(),
        }
    }

    /// Reads the number at `at` straight into a column of numbers: the position behind it. `None` where the column is of
    /// another type or the fast way does not apply; nothing is pushed then.
    #[inline]
    pub(super) fn push_number(&mut self, text: &[u8], at: usize) -> Option<usize> {
        match &mut self.values {
            Values::Float(values) => {
                let (value, end) = value::number::decimal(text, at)?;
                if !matches!(text.get(end), Some(b',' | b'\n')) {
                    return None;
                }
                values.push(value);
                Some(end)
            }
            _ => None,
        }
    }

    /// Adds a cell's text; `false`, and nothing added, if it is not of the column's type.
    pub(super) fn push(&mut self, cell: &[u8]) -> bool {
        let pushed = match &mut self.values {
            Values::Int(values) => value::whole(cell).map(|v| values.push(v)),
            Values::Float(values) => value::float(cell).map(|v| values.push(v)),
            Values::Bool(values) => value::boolean(cell).map(|v| values.push(v)),
            Values::Time(values) => value::timestamp(cell).map(|v| values.push(v)),
            Values::Text(texts) => {
                texts.push(cell);
                Some(())
            }
            Values::Ints { ends, items } => {
                let before = items.len();
                let read = value::int_list(cell, items);
                if read.is_none() {
                    items.truncate(before);
                }
                read.map(|()| ends.push(end(items.len())))
            }
            Values::TextList { ends, items } => {
                let before = items.ends.len();
                let read = value::text_list(cell, |item| items.push(item.as_bytes()));
                if read.is_none() {
                    items.truncate(before);
                }
                read.map(|()| ends.push(end(items.ends.len())))
            }
        };
        pushed.is_some()
    }

    /// Adds a missing value.
    pub(super) fn push_missing(&mut self) {
        self.missing.push(self.len() as u32);
        match &mut self.values {
            Values::Int(values) | Values::Time(values) => values.push(0),
            Values::Float(values) => values.push(0.0),
            Values::Bool(values) => values.push(false),
            Values::Text(texts) => texts.push(b""),
            Values::Ints { ends, items } => ends.push(end(items.len())),
            Values::TextList { ends, items } => ends.push(end(items.ends.len())),
        }
    }

    /// The last value of a column of whole numbers.
    pub(super) fn last_float(&self) -> Option<f64> {
        match &self.values {
            Values::Float(values) => values.last().copied(),
            _ => None,
        }
    }

    fn len(&self) -> usize {
        match &self.values {
            Values::Int(values) | Values::Time(values) => values.len(),
            Values::Float(values) => values.len(),
            Values::Bool(values) => values.len(),
            Values::Text(texts) => texts.ends.len(),
            Values::Ints { ends, .. } | Values::TextList { ends, .. } => ends.len(),
        }
    }

    /// Drops all cells behind the first `n`.
    pub(super) fn truncate(&mut self, n: usize) {
        match &mut self.values {
            Values::Int(values) | Values::Time(values) => values.truncate(n),
            Values::Float(values) => values.truncate(n),
            Values::Bool(values) => values.truncate(n),
            Values::Text(texts) => texts.truncate(n),
            Values::Ints { ends, items } => {
                ends.truncate(n);
                items.truncate(last(ends));
            }
            Values::TextList { ends, items } => {
                ends.truncate(n);
                items.truncate(last(ends));
            }
        }
        while self.missing.last().is_some_and(|&row| row as usize >= n) {
            self.missing.pop();
        }
    }

    /// The Arrow array. Fails on text that is not UTF-8.
    pub(super) fn into_array(self) -> Result<ArrayRef, ArrowError> {
        let nulls = nulls(self.len(), &self.missing);
        Ok(match self.values {
            Values::Int(values) => Arc::new(Int64Array::try_new(ScalarBuffer::from(values), nulls)?),
            Values::Float(values) => Arc::new(Float64Array::try_new(ScalarBuffer::from(values), nulls)?),
            Values::Bool(values) => Arc::new(BooleanArray::new(BooleanBuffer::from(values), nulls)),
            Values::Time(values) => Arc::new(TimestampMicrosecondArray::try_new(
                ScalarBuffer::from(values),
                nulls,
            )?),
            Values::Text(texts) => texts.into_array(nulls)?,
            Values::Ints { ends, items } => {
                let field = Arc::new(Field::new_list_field(DataType::Int64, true));
                Arc::new(ListArray::try_new(
                    field,
                    offsets(ends),
                    Arc::new(Int64Array::from(items)),
                    nulls,
                )?)
            }
            Values::TextList { ends, items } => {
                let field = Arc::new(Field::new_list_field(DataType::Utf8, true));
                Arc::new(ListArray::try_new(
                    field,
                    offsets(ends),
                    items.into_array(None)?,
                    nulls,
                )?)
            }
        })
    }
}

/// Chunks are far below 2 GiB, so an end always fits.
fn end(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

fn last(ends: &[i32]) -> usize {
    ends.last().map_or(0, |&end| end as usize)
}

fn offsets(ends: Vec<i32>) -> OffsetBuffer<i32> {
    let mut offsets = Vec::with_capacity(ends.len() + 1);
    offsets.push(0);
    offsets.extend(ends);
    OffsetBuffer::new(ScalarBuffer::from(offsets))
}

fn nulls(n: usize, missing: &[u32]) -> Option<NullBuffer> {
    if missing.is_empty() {
        return None;
    }
    let mut valid = vec![true; n];
    for &row in missing {
        if let Some(slot) = valid.get_mut(row as usize) {
            *slot = false;
        }
    }
    Some(NullBuffer::from(valid))
}
