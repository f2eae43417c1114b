//! From a chunk of text to columns.

use std::ops::Range;

use arrow::array::ArrayRef;
use arrow::error::ArrowError;

use super::cell;
use super::chunks::Chunk;
use super::columns::Growing;
use super::remarks::Remarks;
use super::shorten::shorten;
use crate::report::{NoteKind, Reason};
use crate::schema::ColumnType;
use crate::value::is_missing;

/// What the parser needs to know of a column.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    pub(super) kind: ColumnType,
    /// Values of a larger size are remarkable.
    pub(super) max_abs: Option<f64>,
}

/// The columns of one chunk.
#[derive(Debug)]
pub(super) struct Parsed {
    /// The chunk's first byte in the file.
    pub(super) offset: u64,
    /// The kept rows of every column.
    pub(super) arrays: Vec<ArrayRef>,
    /// Where the kept rows stand.
    pub(super) places: Vec<Place>,
    /// Records, the bad ones included.
    pub(super) n_records: u64,
    /// Line feeds.
    pub(super) n_lines: u64,
    /// The first bad records.
    pub(super) bad: Vec<Bad>,
    /// All bad records.
    pub(super) n_bad: u64,
    pub(super) remarks: Remarks,
    pub(super) no_final_line_feed: bool,
}

/// Where a record stands in its chunk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) record: u32,
    pub(super) line: u32,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// A record that cannot be read.
#[derive(Debug)]
pub(super) struct Bad {
    pub(super) place: Place,
    /// The byte at fault in the chunk.
    pub(super) byte: usize,
    pub(super) column: Option<usize>,
    pub(super) value: Option<String>,
    pub(super) reason: Reason,
}

/// Parses a chunk. The first column is the index; at most `keep_bad` bad records are described, all are counted.
pub(super) fn parse(
    chunk: &Chunk,
    expected: &[Expected],
    max_record: usize,
    keep_bad: usize,
) -> Result<Parsed, ArrowError> {
    let text = &chunk.text;
    let has_text = expected.iter().any(|e| {
        matches!(
            e.kind,
            ColumnType::Text | ColumnType::Category(_) | ColumnType::TextList
        )
    });
    let row = Row {
        text,
        expected,
        check_utf8: has_text && std::str::from_utf8(text).is_err(),
    };

    // The first record tells about how many there are.
    let first = memchr::memchr(b'\n', text)
        .map_or(text.len(), |i| i + 1)
        .max(expected.len());
    let n_rows = text.len() / first.max(1) + 1;
    let mut columns: Vec<Growing> = expected.iter().map(|e| Growing::new(e.kind, n_rows)).collect();
    let mut places = Vec::with_capacity(n_rows);
    let mut parsed_remarks = Remarks::default();
    let mut pending: Vec<Remark> = Vec::new();
    let (mut bad, mut n_bad) = (Vec::new(), 0);
    let (mut n_records, mut n_lines): (u32, u32) = (0, 0);
    let mut at = 0;
    while at < text.len() {
        if let Some(next) = skip_empty_line(text, at) {
            n_lines += 1;
            at = next;
            continue;
        }
        let start = at;
        pending.clear();
        let outcome = row.parse(start, &mut columns, &mut pending);
        let end = match &outcome {
            Ok(end) => *end,
            Err(_) => record_end(text, start).0,
        };
        let place = Place {
            record: n_records,
            line: n_lines,
            start: start as u32,
            end: end as u32,
        };
        match outcome {
            Ok(_) => {
                for remark in pending.drain(..) {
                    let value = &text[remark.value.clone()];
                    parsed_remarks.add(remark.column, remark.kind, u64::from(n_records), value);
                }
                places.push(place);
            }
            Err(fault) => {
                columns.iter_mut().for_each(|c| c.truncate(places.len()));
                n_bad += 1;
                if bad.len() < keep_bad {
                    let is_last = chunk.no_final_line_feed && end == text.len();
                    bad.push(row.describe(place, fault, is_last));
                }
            }
        }
        n_records += 1;
        n_lines += memchr::memchr_iter(b'\n', &text[start..end]).count() as u32;
        at = end;
    }
    if let Some(tail) = &chunk.tail {
        n_bad += 1;
        let (start, end) = (text.len() as u32, (text.len() + tail.text.len()) as u32);
        let place = Place {
            record: n_records,
            line: n_lines,
            start,
            end,
        };
        let reason = match tail.too_long {
            true => Reason::TooLong { limit: max_record },
            false => Reason::UnclosedQuote,
        };
        if bad.len() < keep_bad {
            bad.push(Bad {
                place,
                byte: text.len(),
                column: None,
                value: None,
                reason,
            });
        }
        n_records += 1;
    }
    let arrays = columns
        .into_iter()
        .map(Growing::into_array)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Parsed {
        offset: chunk.offset,
        arrays,
        places,
        n_records: u64::from(n_records),
        n_lines: u64::from(n_lines),
        bad,
        n_bad,
        remarks: parsed_remarks,
        no_final_line_feed: chunk.no_final_line_feed,
    })
}

/// Where the record that starts at `start` ends, and how many fields it has.
pub(super) fn record_end(text: &[u8], start: usize) -> (usize, usize) {
    let (mut at, mut n_fields) = (start, 0);
    loop {
        let cell = cell::scan(text, at);
        n_fields += 1;
        if cell.ends_record {
            return (cell.next, n_fields);
        }
        at = cell.next;
    }
}

/// The position behind a line that holds nothing at all.
pub(super) fn skip_empty_line(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at)? {
        b'\n' => Some(at + 1),
        b'\r' if text.get(at + 1) == Some(&b'\n') => Some(at + 2),
        _ => None,
    }
}

struct Row<'a> {
    text: &'a [u8],
    expected: &'a [Expected],
    check_utf8: bool,
}

/// A remarkable cell of a row that may still turn out to be bad.
struct Remark {
    column: usize,
    kind: NoteKind,
    value: Range<usize>,
}

/// Why a row is bad.
enum Fault {
    FieldCount,
    Cell {
        column: usize,
        cell: cell::Cell,
        reason: Reason,
    },
}

impl Row<'_> {
    /// Adds one cell to every column: where the next record starts. After a fault the columns have unequal lengths.
    fn parse(
        &self,
        start: usize,
        columns: &mut [Growing],
        remarks: &mut Vec<Remark>,
    ) -> Result<usize, Fault> {
        let n_columns = columns.len();
        let mut at = start;
        for (i, (column, expected)) in columns.iter_mut().zip(self.expected).enumerate() {
            let is_last = i + 1 == n_columns;
            let from = at;
            if let Some(end) = column.push_number(self.text, at) {
                if (self.text[end] == b'\n') != is_last {
                    return Err(Fault::FieldCount);
                }
                at = end + 1;
                if let Some(max) = expected.max_abs
                    && column.last_float().is_some_and(|v| v.abs() > max)
                {
                    remarks.push(Remark {
                        column: i,
                        kind: NoteKind::OutOfRange,
                        value: from..end,
                    });
                }
                continue;
            }
            at = self.parse_cell(i, is_last, at, column, remarks)?;
        }
        Ok(at)
    }

    /// The general way: any type, quotes, missing values.
    fn parse_cell(
        &self,
        i: usize,
        is_last: bool,
        at: usize,
        column: &mut Growing,
        remarks: &mut Vec<Remark>,
    ) -> Result<usize, Fault> {
        let cell = cell::scan(self.text, at);
        if cell.ends_record != is_last {
            return Err(Fault::FieldCount);
        }
        let fault = |reason| {
            Err(Fault::Cell {
                column: i,
                cell,
                reason,
            })
        };
        let expected = &self.expected[i];
        let value = cell.text(self.text);
        if is_missing(&value) {
            if i == 0 {
                return fault(Reason::MissingId);
            }
            if !value.is_empty() {
                remarks.push(Remark {
                    column: i,
                    kind: NoteKind::ReadAsMissing,
                    value: cell.start..cell.end,
                });
            }
            column.push_missing();
            return Ok(cell.next);
        }
        if self.check_utf8 && std::str::from_utf8(&value).is_err() {
            return fault(Reason::NotUtf8);
        }
        if !column.push(&value) {
            return fault(Reason::Unparsable {
                expected: expected.kind.expected().to_string(),
            });
        }
        let mut remark = |kind| {
            remarks.push(Remark {
                column: i,
                kind,
                value: cell.start..cell.end,
            })
        };
        match expected.kind {
            ColumnType::Category(values) if !values.iter().any(|v| v.as_bytes() == &*value) => {
                remark(NoteKind::NotACategory);
            }
            ColumnType::Float64 => match (column.last_float(), expected.max_abs) {
                (Some(v), _) if v.is_infinite() => remark(NoteKind::Infinite),
                (Some(v), Some(max)) if v.abs() > max => remark(NoteKind::OutOfRange),
                _ => {}
            },
            _ => {}
        }
        Ok(cell.next)
    }

    /// Puts a fault into words. A wrong number of fields is the better explanation wherever there is one, since the cells
    /// are then not those of their columns.
    fn describe(&self, place: Place, fault: Fault, is_last: bool) -> Bad {
        let start = place.start as usize;
        let (_, found) = record_end(self.text, start);
        let expected = self.expected.len();
        if found != expected {
            let reason = match is_last && found < expected {
                true => Reason::CutOff { found, expected },
                false => Reason::FieldCount { found, expected },
            };
            return Bad {
                place,
                byte: start,
                column: None,
                value: None,
                reason,
            };
        }
        match fault {
            Fault::Cell { column, cell, reason } => {
                let raw = &self.text[cell.start..cell.end];
                let skipped = match reason {
                    Reason::NotUtf8 => std::str::from_utf8(raw).err().map_or(0, |e| e.valid_up_to()),
                    _ => 0,
                };
                Bad {
                    place,
                    byte: cell.start + skipped,
                    column: Some(column),
                    value: Some(shorten(raw)),
                    reason,
                }
            }
            Fault::FieldCount => Bad {
                place,
                byte: start,
                column: None,
                value: None,
                reason: Reason::FieldCount { found, expected },
            },
        }
    }
}
