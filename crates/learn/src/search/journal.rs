use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use cratedigger_files::open_kept;
use serde::{Deserialize, Serialize};

use super::record::{FitKey, FitRecord};
use crate::error::{LearnError, Result};

/// The file in which every finished fit is noted, a JSON line each, so that a search that was killed goes on where it
/// stopped. The first line tells what is searched; a file of another search is refused.
pub(super) struct Journal {
    path: String,
    file: Mutex<File>,
    done: BTreeMap<FitKey, FitRecord>,
}

const FORMAT: u32 = 1;

/// How every journal begins.
const BEGINNING: &[u8] = b"{\"cratedigger_search\":";

#[derive(Serialize, Deserialize)]
struct Header {
    cratedigger_search: u32,
    fingerprint: String,
}

#[derive(Serialize, Deserialize)]
struct Line {
    #[serde(flatten)]
    key: FitKey,
    #[serde(flatten)]
    record: FitRecord,
}

impl Journal {
    /// Opens or begins the journal of the search with this fingerprint.
    ///
    /// A last line without its end was being written when the search was killed: it is cut off.
    pub(super) fn open(path: &Path, fingerprint: &str) -> Result<Self> {
        let name = path.display().to_string();
        let bad = |reason: String| LearnError::Journal {
            path: name.clone(),
            reason,
        };
        let unusable = |error: std::io::Error| bad(error.to_string());
        let mut file = open_kept(path).map_err(unusable)?;
        // A file system without locks: go on without.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(bad(
                "another search is writing to it; wait for it, or name another file".into(),
            ));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(unusable)?;
        if !bytes.is_empty() && !is_begun(&bytes) {
            return Err(bad(
                "this is no journal of a search; move it away or name another file".into(),
            ));
        }
        let whole = bytes
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |at| at + 1);
        if whole < bytes.len() {
            file.set_len(whole as u64).map_err(unusable)?;
            file.seek(SeekFrom::Start(whole as u64)).map_err(unusable)?;
        }
        let mut done = BTreeMap::new();
        let mut lines = bytes[..whole].split_inclusive(|&byte| byte == b'\n').enumerate();
        match lines.next() {
            None => {
                let header = Header {
                    cratedigger_search: FORMAT,
                    fingerprint: fingerprint.to_owned(),
                };
                write_line(&mut file, &header).map_err(unusable)?;
            }
            Some((_, line)) => {
                let header: Header = serde_json::from_slice(line).map_err(|_| {
                    bad("this is no journal of a search; move it away or name another file".into())
                })?;
                if header.cratedigger_search != FORMAT || header.fingerprint != fingerprint {
                    return Err(bad(
                        "it belongs to another search (other data, folds, space, seed or version); delete it to begin \
                         anew, or repeat the command that made it"
                            .into(),
                    ));
                }
            }
        }
        for (at, line) in lines {
            let line: Line = serde_json::from_slice(line).map_err(|error| {
                bad(format!(
                    "line {} is damaged ({error}); delete the file to begin anew",
                    at + 1
                ))
            })?;
            done.insert(line.key, line.record);
        }
        Ok(Self {
            path: name,
            file: Mutex::new(file),
            done,
        })
    }

    /// What was noted before the search was opened.
    pub(super) fn done(&self) -> &BTreeMap<FitKey, FitRecord> {
        &self.done
    }

    /// Notes a finished fit.
    pub(super) fn note(&self, key: FitKey, record: &FitRecord) -> Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let line = Line {
            key,
            record: record.clone(),
        };
        write_line(&mut file, &line).map_err(|error| LearnError::Journal {
            path: self.path.clone(),
            reason: error.to_string(),
        })
    }
}

/// Whether a file is the journal of a search, or the beginning of one; not whether it can be gone on with.
pub fn is_search_journal(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(BEGINNING.len() as u64).read_to_end(&mut start));
    read.is_ok() && is_begun(&start)
}

fn is_begun(bytes: &[u8]) -> bool {
    let n = bytes.len().min(BEGINNING.len());
    BEGINNING[..n] == bytes[..n]
}

/// One write for the whole line, so that a killed process leaves whole lines but the last.
fn write_line(file: &mut File, value: &impl Serialize) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    file.write_all(&line)
}
