//! Reading a whole file: its header, the types of its columns, and its chunks in parallel.

use std::fs::File;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::{Schema, SchemaRef};

use super::chunks::Chunks;
use super::header;
use super::infer::{self, Open};
use super::options::ReadOptions;
use super::parser::{self, Expected};
use super::rejected::Rejected;
use super::so_far::SoFar;
use super::wave::{Wave, run_wave};
use crate::error::{BadRecords, Error, Result};
use crate::report::{Note, NoteKind, Rejection};
use crate::schema::{Column, ColumnType, Known, TableId, distributed_columns, known_column};

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
        // A pipe that is opened waits for its other end.
        if !metadata.is_file() && !metadata.is_dir() {
            let reason = std::io::Error::other("it is no regular file (a pipe, a socket or a device)");
            return Err(Error::read(path, reason));
        }
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
        let mut so_far = SoFar::new(self.next_line);
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
