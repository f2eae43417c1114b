//! Taking the type of a column from its cells, where the dataset's documentation does not tell.

use std::io::Read;
use std::path::Path;

use super::cell;
use super::chunks::{Chunk, Chunks};
use super::parser::skip_empty_line;
use super::shorten::shorten;
use super::wave::{Wave, run_wave};
use crate::error::{Error, Result};
use crate::report::{Note, NoteKind};
use crate::schema::{ColumnType, Known};
use crate::value;

/// A column whose type depends on its cells.
#[derive(Debug, Clone)]
pub(super) struct Open {
    /// Its place among the columns of the file.
    pub(super) column: usize,
    pub(super) name: String,
    pub(super) known: Known,
}

/// The types of the open columns, and a note on each.
///
/// Unknown columns become Boolean, else Int64, else Float64, else text, whichever all of their cells allow; a column without
/// any value is text. Usual columns keep their usual type if all cells allow it, and are text otherwise.
pub(super) fn infer<R: Read + Send>(
    mut chunks: Chunks<R>,
    path: &Path,
    open: &[Open],
    wave: Wave,
) -> Result<(Vec<ColumnType>, Vec<Note>)> {
    let mut seen: Vec<Seen> = open.iter().map(|_| Seen::default()).collect();
    loop {
        let parts = run_wave(&mut chunks, wave, &|chunk: &Chunk| (look(chunk, open), 0))
            .map_err(|source| Error::read(path, source))?;
        if parts.is_empty() {
            break;
        }
        for part in parts {
            seen.iter_mut()
                .zip(part)
                .for_each(|(seen, part)| seen.merge(part));
        }
    }
    let mut kinds = Vec::new();
    let mut notes = Vec::new();
    for (open, seen) in open.iter().zip(seen) {
        let column = Some(open.name.clone());
        match open.known {
            Known::Usually(kind) | Known::Always(kind) if seen.n_unusual == 0 => kinds.push(kind),
            Known::Usually(_) | Known::Always(_) => {
                kinds.push(ColumnType::Text);
                let (count, examples) = (seen.n_unusual, seen.examples);
                notes.push(Note {
                    kind: NoteKind::KeptAsText,
                    column,
                    count,
                    examples,
                });
            }
            Known::Never => {
                let (kind, name) = match seen {
                    Seen { any: false, .. } => (ColumnType::Text, "text (no cell has a value)"),
                    Seen { not_bool: false, .. } => (ColumnType::Boolean, "Boolean"),
                    Seen { not_int: false, .. } => (ColumnType::Int64, "whole numbers"),
                    Seen { not_float: false, .. } => (ColumnType::Float64, "numbers"),
                    _ => (ColumnType::Text, "text"),
                };
                kinds.push(kind);
                notes.push(Note {
                    kind: NoteKind::UnknownColumn,
                    column,
                    count: 1,
                    examples: vec![name.to_string()],
                });
            }
        }
    }
    Ok((kinds, notes))
}

/// What the cells of a column have ruled out.
#[derive(Debug, Default)]
struct Seen {
    any: bool,
    not_bool: bool,
    not_int: bool,
    not_float: bool,
    n_unusual: u64,
    examples: Vec<String>,
}

impl Seen {
    fn merge(&mut self, later: Seen) {
        self.any |= later.any;
        self.not_bool |= later.not_bool;
        self.not_int |= later.not_int;
        self.not_float |= later.not_float;
        self.n_unusual += later.n_unusual;
        let room = 5 - self.examples.len();
        self.examples.extend(later.examples.into_iter().take(room));
    }

    fn add(&mut self, known: Known, cell: &[u8]) {
        self.any = true;
        match known {
            Known::Never => {
                self.not_bool = self.not_bool || value::boolean(cell).is_none();
                self.not_int = self.not_int
                    || std::str::from_utf8(cell.trim_ascii())
                        .ok()
                        .and_then(|t| t.parse::<i64>().ok())
                        .is_none();
                self.not_float = self.not_float || (self.not_int && value::float(cell).is_none());
            }
            Known::Usually(kind) | Known::Always(kind) => {
                let usual = match kind {
                    ColumnType::Int64 => value::whole(cell).is_some(),
                    ColumnType::Float64 => value::float(cell).is_some(),
                    ColumnType::Boolean => value::boolean(cell).is_some(),
                    ColumnType::Timestamp => value::timestamp(cell).is_some(),
                    ColumnType::Text | ColumnType::Category(_) => true,
                    ColumnType::IntList => value::int_list(cell, &mut Vec::new()).is_some(),
                    ColumnType::TextList => value::text_list(cell, |_| {}).is_some(),
                };
                if !usual {
                    self.n_unusual += 1;
                    if self.examples.len() < 5 {
                        self.examples.push(format!("`{}`", shorten(cell)));
                    }
                }
            }
        }
    }
}

fn look(chunk: &Chunk, open: &[Open]) -> Vec<Seen> {
    let text = &chunk.text;
    let mut seen: Vec<Seen> = open.iter().map(|_| Seen::default()).collect();
    let mut at = 0;
    while at < text.len() {
        if let Some(next) = skip_empty_line(text, at) {
            at = next;
            continue;
        }
        let (mut column, mut next_open) = (0, 0);
        loop {
            let cell = cell::scan(text, at);
            if open.get(next_open).is_some_and(|o| o.column == column) {
                let value = cell.text(text);
                if !value::is_missing(&value) {
                    seen[next_open].add(open[next_open].known, &value);
                }
                next_open += 1;
            }
            column += 1;
            at = cell.next;
            if cell.ends_record {
                break;
            }
        }
    }
    seen
}
