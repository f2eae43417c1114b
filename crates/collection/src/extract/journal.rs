//! What an extraction has done so far, in a file that survives being killed.
//!
//! A line with the job as JSON, then one record for each file: length of its body, checksum of the body, body. A record
//! that is cut short or does not match its checksum ends the journal; what follows is done again.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use cratedigger_features::Input;
use serde::{Deserialize, Serialize};

use super::file_state::FileState;
use crate::error::{Context, Result, refuse};

/// The longest body: 518 values, a path and a reason fit into a small part of it.
const MAX_BODY: u32 = 1 << 20;
/// Bytes before a body.
const HEAD: usize = 12;

/// What a journal is of; rows made otherwise must not be mixed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Job {
    /// Version of the recipe.
    pub(super) recipe: String,
    /// Limits, which decide what fails.
    pub(super) max_duration_s: f64,
    pub(super) max_bytes: u64,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Outcome {
    /// The values.
    Done(Vec<f64>),
    /// Where and why there are none.
    Failed { stage: String, reason: String },
}

/// Where a record is, and of which file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Entry {
    offset: u64,
    length: u32,
    failed: bool,
    path_hash: u64,
    state: FileState,
}

impl Entry {
    /// Whether it is of this file as it is now.
    pub(super) fn is_of(&self, path: &Path, state: FileState) -> bool {
        self.path_hash == hash(path.as_os_str().as_encoded_bytes()) && self.state == state
    }

    /// Whether the file gave no features.
    pub(super) fn is_failure(&self) -> bool {
        self.failed
    }
}

/// An open journal, locked against other processes.
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    end: u64,
    entries: HashMap<String, Entry>,
}

impl Journal {
    /// Begins a journal, in place of an old one.
    pub(super) fn create(path: &Path, job: &Job) -> Result<Self> {
        let mut journal = Self::open(path)?;
        let line = serde_json::to_string(job)? + "\n";
        journal.file.set_len(0).with_context(|| cannot_write(path))?;
        journal
            .file
            .write_all(line.as_bytes())
            .with_context(|| cannot_write(path))?;
        journal.end = line.len() as u64;
        Ok(journal)
    }

    /// Goes on with the journal that is there, or begins one.
    pub(super) fn resume(path: &Path, job: &Job) -> Result<Self> {
        if !path.exists() {
            return Self::create(path, job);
        }
        let mut journal = Self::open(path)?;
        let mut input = BufReader::with_capacity(1 << 20, &journal.file);
        let mut line = Vec::new();
        (&mut input)
            .take(4096)
            .read_until(b'\n', &mut line)
            .with_context(|| format!("cannot read {}", path.display()))?;
        if line.last() != Some(&b'\n') {
            // Killed before the first line was whole.
            drop(input);
            drop(journal);
            return Self::create(path, job);
        }
        let found: Job = serde_json::from_slice(&line).with_context(|| {
            format!(
                "{} is not the journal of an extraction; begin again with --restart",
                path.display()
            )
        })?;
        if found != *job {
            refuse!(
                Journal,
                "{} was begun with recipe `{}`, at most {} s and {} bytes; now it is `{}`, {} s and {} bytes. Ask for the \
                 former, or begin again with --restart",
                path.display(),
                found.recipe,
                found.max_duration_s,
                found.max_bytes,
                job.recipe,
                job.max_duration_s,
                job.max_bytes
            );
        }
        let mut end = line.len() as u64;
        let mut entries = HashMap::new();
        while let Some((id, entry)) = next_record(&mut input, end)? {
            end = entry.offset + u64::from(entry.length);
            entries.insert(id, entry);
        }
        drop(input);
        journal.file.set_len(end).with_context(|| cannot_write(path))?;
        journal
            .file
            .seek(SeekFrom::Start(end))
            .with_context(|| cannot_write(path))?;
        (journal.end, journal.entries) = (end, entries);
        Ok(journal)
    }

    fn open(path: &Path) -> Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .with_context(|| cannot_write(path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => refuse!(
                Journal,
                "another extraction is writing to {}; wait for it, or choose another --out",
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
        })
    }

    /// The last record of a row.
    pub(super) fn entry(&self, id: &str) -> Option<Entry> {
        self.entries.get(id).copied()
    }

    /// Adds a record.
    pub(super) fn append(&mut self, input: &Input, state: FileState, outcome: &Outcome) -> Result<()> {
        let mut body = Vec::with_capacity(8 * 1024);
        put(&mut body, input.id.as_bytes());
        let path_hash = hash(input.path.as_os_str().as_encoded_bytes());
        for number in [path_hash, state.size, state.modified_ns] {
            body.extend_from_slice(&number.to_le_bytes());
        }
        match outcome {
            Outcome::Done(values) => {
                body.push(0);
                values
                    .iter()
                    .for_each(|v| body.extend_from_slice(&v.to_le_bytes()));
            }
            Outcome::Failed { stage, reason } => {
                body.push(1);
                put(&mut body, stage.as_bytes());
                let end = reason.floor_char_boundary(reason.len().min(MAX_BODY as usize / 2));
                put(&mut body, &reason.as_bytes()[..end]);
            }
        }
        let mut record = Vec::with_capacity(HEAD + body.len());
        record.extend_from_slice(&(body.len() as u32).to_le_bytes());
        record.extend_from_slice(&hash(&body).to_le_bytes());
        record.extend_from_slice(&body);
        self.file
            .write_all(&record)
            .with_context(|| cannot_write(&self.path))?;
        self.entries.insert(
            input.id.clone(),
            Entry {
                offset: self.end + HEAD as u64,
                length: body.len() as u32,
                failed: matches!(outcome, Outcome::Failed { .. }),
                path_hash,
                state,
            },
        );
        self.end += record.len() as u64;
        Ok(())
    }

    /// Reads the outcome of a record back.
    pub(super) fn read(&mut self, entry: Entry) -> Result<Outcome> {
        let cannot_read = || format!("cannot read {}", self.path.display());
        let mut body = vec![0; entry.length as usize];
        self.file
            .seek(SeekFrom::Start(entry.offset))
            .with_context(cannot_read)?;
        self.file.read_exact(&mut body).with_context(cannot_read)?;
        match parse(&body) {
            Some((.., outcome)) => Ok(outcome),
            None => refuse!(
                Journal,
                "{} changed while it was read; begin again with --restart",
                self.path.display()
            ),
        }
    }

    /// Deletes the journal: the job is done.
    pub(super) fn remove(self) -> Result<()> {
        std::fs::remove_file(&self.path).with_context(|| format!("cannot delete {}", self.path.display()))
    }
}

/// The record that begins at `start`, or `None` where no whole one does.
fn next_record(input: &mut impl Read, start: u64) -> Result<Option<(String, Entry)>> {
    let mut head = [0; HEAD];
    if !fill(input, &mut head)? {
        return Ok(None);
    }
    let [a, b, c, d, sum @ ..] = head;
    let length = u32::from_le_bytes([a, b, c, d]);
    if length > MAX_BODY {
        return Ok(None);
    }
    let mut body = vec![0; length as usize];
    if !fill(input, &mut body)? || hash(&body) != u64::from_le_bytes(sum) {
        return Ok(None);
    }
    Ok(parse(&body).map(|(id, path_hash, state, outcome)| {
        let entry = Entry {
            offset: start + HEAD as u64,
            length,
            failed: matches!(outcome, Outcome::Failed { .. }),
            path_hash,
            state,
        };
        (id, entry)
    }))
}

/// Whether there were enough bytes.
fn fill(input: &mut impl Read, buffer: &mut [u8]) -> Result<bool> {
    match input.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => Ok(false),
        Err(e) => Err(e).context("cannot read the journal of the extraction"),
    }
}

fn parse(body: &[u8]) -> Option<(String, u64, FileState, Outcome)> {
    let rest = &mut &body[..];
    let id = take_text(rest)?;
    let path_hash = take_u64(rest)?;
    let state = FileState {
        size: take_u64(rest)?,
        modified_ns: take_u64(rest)?,
    };
    let (&kind, mut rest) = rest.split_first()?;
    let outcome = match kind {
        0 => Outcome::Done(
            rest.chunks_exact(8)
                .map(|c| c.try_into().map(f64::from_le_bytes).ok())
                .collect::<Option<_>>()?,
        ),
        1 => Outcome::Failed {
            stage: take_text(&mut rest)?,
            reason: take_text(&mut rest)?,
        },
        _ => return None,
    };
    Some((id, path_hash, state, outcome))
}

fn put(body: &mut Vec<u8>, bytes: &[u8]) {
    body.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    body.extend_from_slice(bytes);
}

fn take_u64(rest: &mut &[u8]) -> Option<u64> {
    let (bytes, after) = rest.split_first_chunk::<8>()?;
    *rest = after;
    Some(u64::from_le_bytes(*bytes))
}

fn take_text(rest: &mut &[u8]) -> Option<String> {
    let length = usize::try_from(take_u64(rest)?).ok()?;
    let (bytes, after) = rest.split_at_checked(length)?;
    *rest = after;
    String::from_utf8(bytes.to_vec()).ok()
}

/// The first eight bytes of BLAKE3.
fn hash(bytes: &[u8]) -> u64 {
    let mut first = [0; 8];
    first.copy_from_slice(&blake3::hash(bytes).as_bytes()[..8]);
    u64::from_le_bytes(first)
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write {}", path.display())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn job() -> Job {
        Job {
            recipe: "fma/1".to_owned(),
            max_duration_s: 10.0,
            max_bytes: 5,
        }
    }

    fn input(id: usize) -> Input {
        Input {
            id: id.to_string(),
            path: format!("{id}.mp3").into(),
        }
    }

    fn outcome(id: usize) -> Outcome {
        match id % 3 {
            0 => Outcome::Failed {
                stage: "decode".to_owned(),
                reason: format!("number {id}"),
            },
            _ => Outcome::Done((0..518).map(|i| (id * i) as f64 / 7.0).collect()),
        }
    }

    fn state(id: usize) -> FileState {
        FileState {
            size: id as u64,
            modified_ns: 7,
        }
    }

    fn written(path: &Path, n: usize) -> Journal {
        let mut journal = Journal::create(path, &job()).unwrap();
        for id in 0..n {
            journal.append(&input(id), state(id), &outcome(id)).unwrap();
        }
        journal
    }

    #[test]
    fn cut_anywhere_it_keeps_all_whole_records_and_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.partial");
        drop(written(&path, 7));
        let whole = std::fs::read(&path).unwrap();
        for length in (0..whole.len()).step_by(331).chain([whole.len()]) {
            std::fs::write(&path, &whole[..length]).unwrap();
            let mut journal = Journal::resume(&path, &job()).unwrap();
            let n = journal.entries.len();
            assert!(n < 7 || length == whole.len());
            for id in n..7 {
                journal.append(&input(id), state(id), &outcome(id)).unwrap();
            }
            for id in 0..7 {
                let entry = journal.entry(&id.to_string()).unwrap();
                assert!(entry.is_of(&input(id).path, state(id)));
                assert!(!entry.is_of(&input(id).path, state(id + 1)));
                assert!(!entry.is_of(Path::new("other.mp3"), state(id)));
                assert_eq!(entry.is_failure(), id % 3 == 0);
                assert_eq!(journal.read(entry).unwrap(), outcome(id));
            }
            drop(journal);
            assert_eq!(std::fs::read(&path).unwrap(), whole);
        }
    }

    #[test]
    fn a_damaged_record_and_what_follows_is_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.partial");
        let third = written(&path, 5).entry("2").unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[third.offset as usize + 100] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        let journal = Journal::resume(&path, &job()).unwrap();
        assert_eq!(journal.entries.len(), 2);
    }

    #[test]
    fn a_second_process_and_another_recipe_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.partial");
        let journal = written(&path, 1);
        let second = Journal::resume(&path, &job()).err().unwrap().to_string();
        assert!(second.contains("another extraction"), "{second}");
        drop(journal);
        let other = Job {
            recipe: "librosa/1".to_owned(),
            ..job()
        };
        let refused = Journal::resume(&path, &other).err().unwrap().to_string();
        assert!(
            refused.contains("`fma/1`") && refused.contains("`librosa/1`") && refused.contains("--restart"),
            "{refused}"
        );
        std::fs::write(&path, "something else\n").unwrap();
        assert!(Journal::resume(&path, &job()).is_err());
    }
}
