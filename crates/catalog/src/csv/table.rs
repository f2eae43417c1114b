//! Reading a whole file: header, types, chunks in parallel, and what concerns all records together.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use arrow::array::{Array, BooleanArray, Int64Array, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{Schema, SchemaRef};

use super::ReadOptions;
use super::chunks::{Chunk, Chunks};
use super::header;
use super::infer::{self, Open};
use super::parser::{self, Expected, Parsed, Place};
use super::remarks::Remarks;
use crate::error::{BadRecords, Error, Result};
use crate::report::{Note, NoteKind, Reason, Rejection};
use crate::schema::{Column, ColumnType, Known, TableId, distributed_columns, known_column};

/// What becomes of records that cannot be read.
pub(crate) enum Rejected<'a> {
    /// The file is refused.
    Refuse,
    /// They are left out and handed over, each with its bytes in the file; more than `limit` of them refuse the file.
    List {
        limit: u64,
        sink: &'a mut dyn FnMut(&Rejection, Range<u64>) -> Result<()>,
    },
}

/// What a file held.
#[derive(Debug)]
pub(crate) struct Summary {
    pub(crate) rows: u64,
    pub(crate) n_rejected: u64,
    /// The first of them.
    pub(crate) rejections: Vec<Rejection>,
    pub(crate) notes: Vec<Note>,
    pub(crate) blake3: Option<blake3::Hash>,
}

/// A file whose header has been read.
pub(crate) struct TableReader {
    path: PathBuf,
    table: TableId,
    options: ReadOptions,
    chunks: Chunks<File>,
    state: FileState,
    schema: SchemaRef,
    expected: Vec<Expected>,
    notes: Vec<Note>,
    next_line: u64,
}

/// Size and time of modification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileState {
    pub(crate) size: u64,
    pub(crate) modified: SystemTime,
}

impl FileState {
    pub(crate) fn of(path: &Path) -> Result<FileState> {
        let metadata = std::fs::metadata(path).map_err(|source| Error::read(path, source))?;
        let modified = metadata.modified().map_err(|source| Error::read(path, source))?;
        Ok(FileState {
            size: metadata.len(),
            modified,
        })
    }
}

/// Runs `work` on a pool of that many threads, or on the current pool.
pub(crate) fn with_threads<T: Send>(
    threads: Option<NonZeroUsize>,
    work: impl FnOnce() -> T + Send,
) -> Result<T> {
    let Some(threads) = threads else { return Ok(work()) };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads.get())
        .build()
        .map_err(|source| Error::Threads {
            threads: threads.get(),
            source,
        })?;
    Ok(pool.install(work))
}

impl TableReader {
    /// Opens a file, reads its header and settles the type of every column.
    pub(crate) fn open(path: &Path, table: TableId, options: &ReadOptions) -> Result<TableReader> {
        let start = || -> Result<Chunks<File>> {
            let file = File::open(path).map_err(|source| Error::read(path, source))?;
            Ok(Chunks::new(file, options.block_bytes, options.max_record_bytes))
        };
        let state = FileState::of(path)?;
        let mut chunks = start()?;
        if state.size == 0 {
            let n_lines = table.header_levels() + usize::from(table.header_levels() > 1);
            return Err(Error::Empty {
                path: path.to_path_buf(),
                n_lines,
            });
        }
        let header = header::read(&mut chunks, path, table)?;

        let mut notes = Vec::new();
        let absent: Vec<String> = distributed_columns(table)
            .into_iter()
            .filter(|name| !header.names.contains(name))
            .collect();
        if !absent.is_empty() {
            let (count, examples) = (absent.len() as u64, absent.into_iter().take(5).collect());
            notes.push(Note {
                kind: NoteKind::MissingColumns,
                column: None,
                count,
                examples,
            });
        }
        let mut kinds: Vec<ColumnType> = Vec::new();
        let mut open = Vec::new();
        for (column, name) in header.names.iter().enumerate() {
            match known_column(table, name) {
                _ if column == 0 => kinds.push(ColumnType::Int64),
                Known::Always(kind) | Known::Usually(kind @ ColumnType::Text) => kinds.push(kind),
                known => {
                    kinds.push(ColumnType::Text);
                    open.push(Open {
                        column,
                        name: name.clone(),
                        known,
                    });
                }
            }
        }
        if !open.is_empty() {
            let mut again = start()?;
            header::read(&mut again, path, table)?;
            let (found, more_notes) = infer::infer(again, path, &open, Wave::of(options))?;
            open.iter()
                .zip(found)
                .for_each(|(open, kind)| kinds[open.column] = kind);
            notes.extend(more_notes);
        }
        let columns: Vec<Column> = header
            .names
            .into_iter()
            .zip(kinds)
            .map(|(name, kind)| Column { name, kind })
            .collect();
        let fields: Vec<_> = columns.iter().enumerate().map(|(i, c)| c.field(i == 0)).collect();
        Ok(TableReader {
            path: path.to_path_buf(),
            table,
            options: options.clone(),
            chunks,
            state,
            schema: Arc::new(Schema::new(fields)),
            expected: columns.iter().map(expectation).collect(),
            notes,
            next_line: header.next_line,
        })
    }

    /// Also hashes the file while reading it.
    pub(crate) fn hashing(mut self) -> TableReader {
        self.chunks = self.chunks.hashing();
        self
    }

    /// The columns: the index first, then in the order of the file.
    pub(crate) fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// The file as it was when it was opened.
    pub(crate) fn state(&self) -> FileState {
        self.state
    }

    /// Hands all rows to `sink`, in the order of the file. `progress` gets bytes and rows.
    pub(crate) fn read(
        &mut self,
        sink: &mut dyn FnMut(RecordBatch) -> Result<()>,
        mut rejected: Rejected<'_>,
        progress: &dyn Fn(u64, u64),
    ) -> Result<Summary> {
        let keep_bad = match &rejected {
            Rejected::Refuse => 1,
            Rejected::List { limit, .. } => usize::try_from(*limit).unwrap_or(usize::MAX).saturating_add(1),
        };
        let mut so_far = SoFar {
            next_line: self.next_line,
            ..SoFar::default()
        };
        let (expected, max_record) = (&self.expected, self.options.max_record_bytes);
        loop {
            let wave = run_wave(&mut self.chunks, Wave::of(&self.options), &|chunk| {
                let parsed = parser::parse(chunk, expected, max_record, keep_bad);
                let size = parsed
                    .as_ref()
                    .map_or(0, |p| p.arrays.iter().map(|a| a.get_buffer_memory_size()).sum());
                (parsed, size)
            })
            .map_err(|source| Error::read(&self.path, source))?;
            if wave.is_empty() {
                break;
            }
            for parsed in wave {
                let parsed = parsed.map_err(|source| Error::Arrow {
                    table: self.table,
                    source,
                })?;
                if let Some(batch) =
                    so_far.take(parsed, self.table, &self.schema, &self.path, &mut rejected)?
                {
                    sink(batch)?;
                }
            }
            progress(self.chunks.offset(), so_far.rows);
        }
        let hash = self
            .chunks
            .finish_hash()
            .map_err(|source| Error::read(&self.path, source))?;
        if FileState::of(&self.path)? != self.state {
            return Err(Error::Changed {
                path: self.path.clone(),
            });
        }
        if let (Rejected::Refuse, Some(first)) = (&rejected, so_far.rejections.first()) {
            return Err(Error::Records(Box::new(BadRecords {
                path: self.path.clone(),
                table: self.table,
                first: first.clone(),
                n_rejected: so_far.n_rejected,
                n_whole: so_far.rows,
            })));
        }
        let mut notes = std::mem::take(&mut self.notes);
        notes.extend(so_far.remarks.into_notes(|i| self.schema.field(i).name().clone()));
        if so_far.no_final_line_feed {
            notes.push(Note {
                kind: NoteKind::NoFinalLineBreak,
                column: None,
                count: 1,
                examples: Vec::new(),
            });
        }
        Ok(Summary {
            rows: so_far.rows,
            n_rejected: so_far.n_rejected,
            rejections: so_far.rejections,
            notes,
            blake3: hash,
        })
    }
}

fn expectation(column: &Column) -> Expected {
    let max_abs = match column.name.rsplit(['.', '_']).next() {
        Some("latitude") => Some(90.0),
        Some("longitude") => Some(180.0),
        _ => None,
    };
    Expected {
        kind: column.kind,
        max_abs: max_abs.filter(|_| column.kind == ColumnType::Float64),
    }
}

/// What is known after the chunks taken so far.
#[derive(Default)]
struct SoFar {
    rows: u64,
    n_records: u64,
    next_line: u64,
    n_rejected: u64,
    rejections: Vec<Rejection>,
    remarks: Remarks,
    no_final_line_feed: bool,
    ids: Ids,
}

impl SoFar {
    const KEPT_REJECTIONS: usize = 20;

    /// Takes the next chunk of the file: its rows, unless the file is going to be refused anyway.
    fn take(
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
                std::collections::hash_map::Entry::Occupied(first) => Some(*first.get()),
                std::collections::hash_map::Entry::Vacant(free) => {
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

/// How much is read ahead before results are taken in order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wave {
    chunks: usize,
    bytes: usize,
}

impl Wave {
    pub(super) fn of(options: &ReadOptions) -> Wave {
        let bytes = 128 << 20;
        Wave {
            chunks: (bytes / options.block_bytes.max(1)).clamp(1, 64),
            bytes,
        }
    }
}

/// Works on the next chunks of a file with all threads; the results in the order of the file, none at its end. `work` also
/// tells how much memory its result holds.
pub(super) fn run_wave<R: Read + Send, T: Send>(
    chunks: &mut Chunks<R>,
    wave: Wave,
    work: &(dyn Fn(&Chunk) -> (T, usize) + Sync),
) -> io::Result<Vec<T>> {
    struct Shared<'a, R, T> {
        chunks: &'a mut Chunks<R>,
        n_taken: usize,
        n_bytes: usize,
        results: Vec<(usize, T)>,
        error: Option<io::Error>,
    }
    let shared = Mutex::new(Shared {
        chunks,
        n_taken: 0,
        n_bytes: 0,
        results: Vec::new(),
        error: None,
    });
    let lock = || shared.lock().unwrap_or_else(PoisonError::into_inner);
    rayon::scope(|scope| {
        for _ in 0..rayon::current_num_threads() {
            scope.spawn(|_| {
                loop {
                    let chunk = {
                        let mut shared = lock();
                        if shared.n_taken == wave.chunks
                            || shared.n_bytes >= wave.bytes
                            || shared.error.is_some()
                        {
                            return;
                        }
                        match shared.chunks.next_chunk() {
                            Ok(Some(chunk)) => {
                                shared.n_taken += 1;
                                chunk
                            }
                            Ok(None) => return,
                            Err(error) => {
                                shared.error = Some(error);
                                return;
                            }
                        }
                    };
                    let (result, size) = work(&chunk);
                    let mut shared = lock();
                    shared.n_bytes += size;
                    shared.results.push((chunk.index, result));
                    shared.chunks.recycle(chunk.text);
                }
            });
        }
    });
    let shared = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(error) = shared.error {
        return Err(error);
    }
    let mut results = shared.results;
    results.sort_by_key(|(index, _)| *index);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}
