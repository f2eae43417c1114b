//! What an extraction has done so far, in a file that survives being killed.
//!
//! A line with the job as JSON, then one [`record`] for each file. One that is cut short or does not match its checksum ends the
//! journal; what follows is done again.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use cratedigger_features::Input;
use serde::{Deserialize, Serialize};

use super::file_state::FileState;
use super::record::{self, Entry, Outcome};
use crate::error::{Context, Result, refuse};

/// What a journal is of; rows made otherwise must not be mixed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Job {
    /// Version of the recipe.
    pub(super) recipe: String,
    /// Limits, which decide what fails.
    pub(super) max_duration_s: f64,
    pub(super) max_bytes: u64,
    #[serde(default)]
    pub(super) max_lost: f64,
    /// Hash and contract of the embedding; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) embedding: String,
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
        if found.embedding != job.embedding {
            let named = |text: &str| match text {
                "" => "no embedding".to_owned(),
                text => format!("the embedding {text}"),
            };
            refuse!(
                Journal,
                "{} was begun with {}, and now it is {}. Ask for the former, or begin again with --restart",
                path.display(),
                named(&found.embedding),
                named(&job.embedding)
            );
        }
        if found != *job {
            refuse!(
                Journal,
                "{} was begun with recipe `{}`, at most {} s, {} bytes and a share of {} lost; now it is `{}`, {} s, {} bytes \
                 and {}. Ask for the former, or begin again with --restart",
                path.display(),
                found.recipe,
                found.max_duration_s,
                found.max_bytes,
                found.max_lost,
                job.recipe,
                job.max_duration_s,
                job.max_bytes,
                job.max_lost
            );
        }
        let mut end = line.len() as u64;
        let mut entries = HashMap::new();
        while let Some((id, entry)) = record::next(&mut input, end)? {
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
        let (record, entry) = record::encode(input, state, outcome, self.end);
        self.file
            .write_all(&record)
            .with_context(|| cannot_write(&self.path))?;
        self.entries.insert(input.id.clone(), entry);
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
    pub(super) fn remove(self) -> Result<()> {
        std::fs::remove_file(&self.path).with_context(|| format!("cannot delete {}", self.path.display()))
    }
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write {}", path.display())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::heard::Heard;
    use super::*;

    fn job() -> Job {
        Job {
            recipe: "fma/1".to_owned(),
            max_duration_s: 10.0,
            max_bytes: 5,
            max_lost: 0.01,
            embedding: String::new(),
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
            _ => Outcome::Done {
                values: (0..518).map(|i| (id * i) as f64 / 7.0).collect(),
                heard: Heard {
                    sample_rate: 44_100,
                    n_channels: 2,
                    n_samples: id as u64,
                    n_bad_packets: 1,
                    n_lost: 7,
                    n_trimmed: 8,
                    n_told: (id % 3 == 1).then_some(9),
                },
            },
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
