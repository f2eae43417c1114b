//! What concerns the records of a file together: their numbers, their indices, what is wrong and remarkable.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;
use std::path::Path;

use arrow::array::{Array, BooleanArray, Int64Array, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::SchemaRef;

use super::parser::{Parsed, Place};
use super::rejected::Rejected;
use super::remarks::Remarks;
use crate::error::{Error, Result};
use crate::report::{Reason, Rejection};
use crate::schema::TableId;

/// What is known after the chunks taken so far.
#[derive(Default)]
pub(super) struct SoFar {
    pub(super) rows: u64,
    n_records: u64,
    next_line: u64,
    pub(super) n_rejected: u64,
    pub(super) rejections: Vec<Rejection>,
    pub(super) remarks: Remarks,
    pub(super) no_final_line_feed: bool,
    ids: Ids,
}

impl SoFar {
    /// Nothing yet; the records start on this line.
    pub(super) fn new(next_line: u64) -> SoFar {
        SoFar {
            next_line,
            ..SoFar::default()
        }
    }

    const KEPT_REJECTIONS: usize = 20;

    /// Takes the next chunk of the file: its rows, unless the file is going to be refused anyway.
    pub(super) fn take(
        &mut self,
        parsed: Parsed,
        table: TableId,
        schema: &SchemaRef,
        path: &Path,
        rejected: &mut Rejected<'_>,
    ) -> Result<Option<RecordBatch>> {
        let arrow = |source| Error::Arrow { table, source };
        let mut bad: Vec<(Rejection, Range<u64>)> = Vec::new();
        let at = |place: &Place| {
            (
                self.n_records + u64::from(place.record) + 1,
                self.next_line + u64::from(place.line),
            )
        };
        for b in parsed.bad {
            let (record, line) = at(&b.place);
            let column = b.column.map(|i| schema.field(i).name().clone());
            let byte = parsed.offset + b.byte as u64;
            let rejection = Rejection {
                record,
                line,
                byte,
                column,
                value: b.value,
                reason: b.reason,
            };
            bad.push((rejection, bytes_of(&b.place, parsed.offset)));
        }
        let mut n_bad = parsed.n_bad;

        let index = parsed
            .arrays
            .first()
            .and_then(|a| a.as_any().downcast_ref::<Int64Array>());
        let mut unique = vec![true; parsed.places.len()];
        for ((&id, place), unique) in index
            .iter()
            .flat_map(|a| a.values())
            .zip(&parsed.places)
            .zip(&mut unique)
        {
            let (record, line) = at(place);
            if let Some(first_record) = self.ids.add(id, record) {
                *unique = false;
                n_bad += 1;
                let rejection = Rejection {
                    record,
                    line,
                    byte: parsed.offset + u64::from(place.start),
                    column: Some(schema.field(0).name().clone()),
                    value: Some(id.to_string()),
                    reason: Reason::DuplicateId { first_record },
                };
                bad.push((rejection, bytes_of(place, parsed.offset)));
            }
        }
        bad.sort_by_key(|(rejection, _)| rejection.record);

        let n_unique = unique.iter().filter(|u| **u).count();
        self.rows += n_unique as u64;
        self.remarks.merge(parsed.remarks, self.n_records);
        self.n_records += parsed.n_records;
        self.next_line += parsed.n_lines;
        self.n_rejected += n_bad;
        self.no_final_line_feed |= parsed.no_final_line_feed;
        for (rejection, bytes) in bad {
            if let Rejected::List { sink, .. } = rejected {
                sink(&rejection, bytes)?;
            }
            if self.rejections.len() < Self::KEPT_REJECTIONS {
                self.rejections.push(rejection);
            }
        }
        match (rejected, self.rejections.first()) {
            (Rejected::Refuse, Some(_)) => return Ok(None),
            (Rejected::List { limit, .. }, Some(first)) if self.n_rejected > *limit => {
                let (path, first, limit) = (path.to_path_buf(), Box::new(first.clone()), *limit);
                return Err(Error::TooManyRejected {
                    path,
                    table,
                    limit,
                    first,
                });
            }
            _ => {}
        }
        if n_unique == 0 {
            return Ok(None);
        }
        let batch = RecordBatch::try_new(schema.clone(), parsed.arrays).map_err(arrow)?;
        if n_unique == unique.len() {
            return Ok(Some(batch));
        }
        filter_record_batch(&batch, &BooleanArray::from(unique))
            .map(Some)
            .map_err(arrow)
    }
}

fn bytes_of(place: &Place, offset: u64) -> Range<u64> {
    offset + u64::from(place.start)..offset + u64::from(place.end)
}

/// The indices seen so far. While they ascend, as the dataset's do, nothing needs to be looked up.
#[derive(Default)]
struct Ids {
    seen: Vec<(i64, u64)>,
    lookup: Option<HashMap<i64, u64>>,
}

impl Ids {
    /// Adds the index of a record; if an earlier record has it, that record.
    fn add(&mut self, id: i64, record: u64) -> Option<u64> {
        if let Some(lookup) = &mut self.lookup {
            return match lookup.entry(id) {
                Entry::Occupied(first) => Some(*first.get()),
                Entry::Vacant(free) => {
                    free.insert(record);
                    None
                }
            };
        }
        if self.seen.last().is_none_or(|(last, _)| *last < id) {
            self.seen.push((id, record));
            return None;
        }
        self.lookup = Some(std::mem::take(&mut self.seen).into_iter().collect());
        self.add(id, record)
    }
}
