//! The header lines: which columns a file has.

use std::collections::HashSet;
use std::io::{self, Read};
use std::path::Path;

use cratedigger_files::bounds::MAX_COLUMNS;

use super::cell;
use super::chunks::Chunks;
use super::shorten::shorten;
use crate::error::{Error, Result};
use crate::schema::{Known, TableId, known_column};
use crate::words::count;

/// What the header lines say.
#[derive(Debug)]
pub(super) struct Header {
    /// The flattened names of all columns, the index first.
    pub(super) names: Vec<String>,
    /// The line of the file behind the header, counted from 1.
    pub(super) next_line: u64,
}

/// Reads the header lines of a table.
pub(super) fn read<R: Read>(chunks: &mut Chunks<R>, path: &Path, table: TableId) -> Result<Header> {
    let n_levels = table.header_levels();
    let expected = describe(table);
    let wrong = |line: u64, problem: String| Error::Header {
        path: path.to_path_buf(),
        line,
        problem,
        expected: expected.clone(),
    };
    let mut line = 1;
    let mut next = |chunks: &mut Chunks<R>| -> Result<(u64, Vec<String>)> {
        let this = line;
        let record = chunks
            .next_record()
            .map_err(|source: io::Error| Error::read(path, source))?;
        let record = record.ok_or_else(|| wrong(this, "the file ends inside of its header".to_string()))?;
        line += 1 + memchr::memchr_iter(b'\n', &record).count() as u64;
        let cells = split(&record).map_err(|problem| wrong(this, problem))?;
        Ok((this, cells))
    };

    let (_, first) = next(chunks)?;
    let mut levels = vec![first];
    while levels.len() < n_levels {
        let (this, cells) = next(chunks)?;
        if cells.len() != levels[0].len() {
            let found = count(cells.len() as u64, "cell");
            return Err(wrong(
                this,
                format!("{found} under the {} of line 1", levels[0].len()),
            ));
        }
        levels.push(cells);
    }
    let index = if n_levels == 1 {
        levels[0].first().cloned().unwrap_or_default()
    } else {
        let (this, cells) = next(chunks)?;
        let is_index_line = cells.len() == levels[0].len() && cells.iter().skip(1).all(String::is_empty);
        if !is_index_line || cells.first().map(String::as_str) != Some(table.index_column()) {
            return Err(wrong(this, format!("`{}` is no index line", preview(&cells))));
        }
        table.index_column().to_string()
    };
    if index != table.index_column() {
        return Err(wrong(
            1,
            format!("the first column is `{}`", shorten(index.as_bytes())),
        ));
    }

    let mut names = vec![index];
    for column in 1..levels[0].len() {
        let parts: Vec<&str> = levels.iter().map(|level| level[column].as_str()).collect();
        names.push(parts.join("."));
    }
    let mut seen = HashSet::new();
    if let Some(twice) = names.iter().find(|name| !seen.insert(name.as_str())) {
        return Err(wrong(
            1,
            format!("two columns are named `{}`", shorten(twice.as_bytes())),
        ));
    }
    if names
        .iter()
        .skip(1)
        .all(|name| known_column(table, name) == Known::Never)
    {
        return Err(wrong(
            1,
            format!("`{}` names no column of the table `{table}`", preview(&levels[0])),
        ));
    }
    Ok(Header {
        names,
        next_line: line,
    })
}

/// The cells of a header line; an error says what is wrong with one.
fn split(record: &[u8]) -> std::result::Result<Vec<String>, String> {
    let mut cells = Vec::new();
    let mut at = 0;
    loop {
        let cell = cell::scan(record, at);
        let text = cell.text(record).into_owned();
        let text =
            String::from_utf8(text).map_err(|e| format!("`{}` is not UTF-8 text", shorten(e.as_bytes())))?;
        if cells.len() == MAX_COLUMNS {
            return Err(format!("more than {MAX_COLUMNS} columns"));
        }
        cells.push(text);
        if cell.ends_record {
            return Ok(cells);
        }
        at = cell.next;
    }
}

fn preview(cells: &[String]) -> String {
    shorten(cells.join(",").as_bytes())
}

/// What the header of a table looks like, for messages.
fn describe(table: TableId) -> String {
    let file = table.file_name();
    match table {
        TableId::Tracks => format!(
            "the 3 header lines of FMA's {file}: `,album,album,...`, `,comments,date_created,...` and `track_id,,...`"
        ),
        TableId::Features => format!(
            "the 4 header lines of FMA's {file}: `feature,chroma_cens,...`, `statistics,kurtosis,...`, `number,01,...` and \
             `track_id,,...`"
        ),
        TableId::Echonest | TableId::RawEchonest => format!(
            "the 4 header lines of FMA's {file}: `,echonest,...`, `,audio_features,...`, `,acousticness,...` and \
             `track_id,,...`"
        ),
        TableId::Genres => "the header line `genre_id,#tracks,parent,title,top_level`".to_string(),
        _ => format!(
            "the header line of FMA's {file}, which starts with `{}`",
            table.index_column()
        ),
    }
}
