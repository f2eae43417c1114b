//! What has been done so far of many files, in a file that survives being killed.
//!
//! A line with the job as JSON, then one [`record`] for each file. One that is cut short or does not match its checksum ends the
//! journal; what follows is done again.

use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use cratedigger_features::Input;
use cratedigger_files::open_kept;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::file_state::FileState;
use super::record::{self, Entry, Kept, Kind, Outcome, Record};
use crate::error::{Context, Result, refuse};

/// What a journal is of: its first line, as JSON.
pub(crate) trait Head: Serialize + DeserializeOwned + PartialEq {
    /// How the line begins, whatever it says.
    const BEGINNING: &'static [u8];
    /// What the file is not where this line cannot be read, and what to do then.
    const WHAT: &'static str;
    /// Said of the file where another process has it open.
    const BUSY: &'static str;

    /// What differs from the line that was found.
    fn differs_from(&self, found: &Self) -> String;
}

/// An open journal, locked against other processes.
pub(crate) struct Journal<T> {
    path: PathBuf,
    file: File,
    end: u64,
    entries: HashMap<String, Entry>,
    unfinished: HashMap<String, Unfinished>,
    kept: PhantomData<T>,
}

impl<T> Drop for Journal<T> {
    /// Ends the lock. A helper that is being started at this moment has the file open too, until it becomes a program of its own, and
    /// closing ours alone would leave the file locked as long.
    fn drop(&mut self) {
        // Where it fails, closing the file ends the lock.
        let _ = self.file.unlock();
    }
}

/// What is noted of a file that has no outcome yet.
#[derive(Clone, Copy, Debug)]
struct Unfinished {
    entry: Entry,
    tried: Tried,
}

/// How often a file was tried and no outcome noted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tried {
    /// Times that its analysis was begun in the process that wrote the journal.
    pub(super) begun: u32,
    /// Helpers that it ended.
    pub(super) ended_helpers: u32,
}

impl<T: Kept> Journal<T> {
    /// Begins a journal, in place of an old one.
    pub(crate) fn create<H: Head>(path: &Path, job: &H) -> Result<Self> {
        let mut journal = Self::open(path, job)?;
        journal.check_ours::<H>()?;
        let line = serde_json::to_string(job)? + "\n";
        journal.file.set_len(0).with_context(|| cannot_write(path))?;
        journal
            .file
            .write_all(line.as_bytes())
            .with_context(|| cannot_write(path))?;
        journal.end = line.len() as u64;
        Ok(journal)
    }

    /// Goes on with the journal that is there, or begins one. `seen` is given each record of an outcome.
    pub(crate) fn resume<H: Head>(path: &Path, job: &H, seen: &mut dyn FnMut(Record<T>)) -> Result<Self> {
        if !path.exists() {
            return Self::create(path, job);
        }
        let mut journal = Self::open(path, job)?;
        let mut input = BufReader::with_capacity(1 << 20, &journal.file);
        let (mut entries, mut unfinished) = (HashMap::new(), HashMap::new());
        let Some((found, end)) = read::<H, T>(path, &mut input, &mut |record| {
            note(&mut unfinished, &record.id, record.entry);
            if record.entry.is_outcome() {
                entries.insert(record.id.clone(), record.entry);
                seen(record);
            }
        })?
        else {
            // Killed before the first line was whole.
            drop(input);
            drop(journal);
            return Self::create(path, job);
        };
        if found != *job {
            refuse!(Journal, "{} {}", path.display(), job.differs_from(&found));
        }
        drop(input);
        journal.file.set_len(end).with_context(|| cannot_write(path))?;
        journal
            .file
            .seek(SeekFrom::Start(end))
            .with_context(|| cannot_write(path))?;
        (journal.end, journal.entries, journal.unfinished) = (end, entries, unfinished);
        Ok(journal)
    }

    fn open<H: Head>(path: &Path, _: &H) -> Result<Self> {
        let file = open_kept(path).with_context(|| cannot_write(path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => refuse!(
                Journal,
                "{} {}; wait for it, or choose another --out",
                H::BUSY,
                path.display()
            ),
            // A file system without locks: go on without.
            Err(TryLockError::Error(_)) => {}
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            end: 0,
            entries: HashMap::new(),
            unfinished: HashMap::new(),
            kept: PhantomData,
        })
    }

    /// Refuses to begin anew over what no extraction left.
    fn check_ours<H: Head>(&mut self) -> Result<()> {
        let mut start = Vec::new();
        (&self.file)
            .take(H::BEGINNING.len() as u64)
            .read_to_end(&mut start)
            .and_then(|_| self.file.rewind())
            .with_context(|| format!("cannot read {}", self.path.display()))?;
        if H::BEGINNING[..start.len()] != start {
            refuse!(
                Journal,
                "{} is not the journal of an extraction, so it is not replaced; move it away, or choose another --out",
                self.path.display()
            );
        }
        Ok(())
    }

    /// The last record of a row.
    pub(crate) fn entry(&self, id: &str) -> Option<Entry> {
        self.entries.get(id).copied()
    }

    /// How often a file as it is now was tried without an outcome.
    pub(super) fn tried(&self, input: &Input, state: FileState) -> Tried {
        let found = self.unfinished.get(&input.id);
        found
            .filter(|found| found.entry.is_of(&input.path, state))
            .map_or_else(Tried::default, |found| found.tried)
    }

    /// Adds a record.
    pub(crate) fn append(&mut self, input: &Input, state: FileState, outcome: &Outcome<T>) -> Result<()> {
        let (record, entry) = record::encode(input, state, outcome, self.end);
        self.file
            .write_all(&record)
            .with_context(|| cannot_write(&self.path))?;
        note(&mut self.unfinished, &input.id, entry);
        if entry.is_outcome() {
            self.entries.insert(input.id.clone(), entry);
        }
        self.end += record.len() as u64;
        Ok(())
    }

    /// Reads the outcome of a record back.
    pub(super) fn read(&mut self, entry: Entry) -> Result<Outcome<T>> {
        let cannot_read = || format!("cannot read {}", self.path.display());
        let mut body = vec![0; entry.length as usize];
        self.file
            .seek(SeekFrom::Start(entry.offset))
            .with_context(cannot_read)?;
        self.file.read_exact(&mut body).with_context(cannot_read)?;
        match record::parse(&body) {
            Some((.., outcome)) => Ok(outcome),
            None => refuse!(
                Journal,
                "{} changed while it was read; begin again with --restart",
                self.path.display()
            ),
        }
    }

    /// Deletes the journal: the job is done.
    pub(crate) fn remove(self) -> Result<()> {
        std::fs::remove_file(&self.path).with_context(|| format!("cannot delete {}", self.path.display()))
    }
}

/// Counts what a record says of a file that has no outcome yet.
fn note(unfinished: &mut HashMap<String, Unfinished>, id: &str, entry: Entry) {
    if entry.is_outcome() {
        unfinished.remove(id);
        return;
    }
    let new = Unfinished {
        entry,
        tried: Tried::default(),
    };
    let found = unfinished.entry(id.to_owned()).or_insert(new);
    if !found.entry.is_as(&entry) {
        *found = new;
    }
    match entry.kind() {
        Kind::Begun => found.tried.begun += 1,
        Kind::EndedHelper => found.tried.ended_helpers += 1,
        Kind::Done | Kind::Failed => {}
    }
}

/// The first line of a journal and where its last whole record ends, after each record was given to `seen`; `None` where not even
/// the first line is whole.
fn read<H: Head, T: Kept>(
    path: &Path,
    input: &mut impl BufRead,
    seen: &mut dyn FnMut(Record<T>),
) -> Result<Option<(H, u64)>> {
    let mut line = Vec::new();
    input
        .take(4096)
        .read_until(b'\n', &mut line)
        .with_context(|| format!("cannot read {}", path.display()))?;
    if line.last() != Some(&b'\n') {
        return Ok(None);
    }
    let found =
        serde_json::from_slice(&line).with_context(|| format!("{} is not {}", path.display(), H::WHAT))?;
    let mut end = line.len() as u64;
    while let Some(record) = record::next(input, end)? {
        end = record.entry.offset + u64::from(record.entry.length);
        seen(record);
    }
    Ok(Some((found, end)))
}

/// Reads a journal that others may be writing to, as [`Journal::resume`] would. Returns its first line, and how many bytes are
/// behind the last whole record.
pub(crate) fn look<H: Head, T: Kept>(path: &Path, seen: &mut dyn FnMut(Record<T>)) -> Result<(H, u64)> {
    let cannot_read = || format!("cannot read {}", path.display());
    let file = File::open(path).with_context(cannot_read)?;
    let length = file.metadata().with_context(cannot_read)?.len();
    let mut input = BufReader::with_capacity(1 << 20, file);
    match read(path, &mut input, seen)? {
        Some((head, end)) => Ok((head, length.saturating_sub(end))),
        None => refuse!(Journal, "{} is not {}", path.display(), H::WHAT),
    }
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write {}", path.display())
}

#[cfg(test)]
mod tests;
