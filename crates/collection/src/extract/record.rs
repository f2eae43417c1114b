//! A record of a journal: length of its body, checksum of the body, body.

use std::io::Read;
use std::path::Path;

use cratedigger_features::Input;

use super::file_state::FileState;
use crate::error::{Context, Result};

/// The longest body: 518 values, a path and a reason fit into a small part of it.
const MAX_BODY: u32 = 1 << 20;
/// Bytes before a body.
const HEAD: usize = 12;

/// What a record keeps of a file that was done.
pub(crate) trait Kept: Sized {
    /// Appends it to the body of a record.
    fn put(&self, body: &mut Vec<u8>);

    /// The reverse, of the whole rest of a body; `None` for anything else.
    fn take(rest: &[u8]) -> Option<Self>;
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome<T> {
    /// What is kept of it.
    Done(T),
    /// Where and why there is nothing.
    Failed { stage: String, reason: String },
    /// None yet: its analysis has begun in the process that writes the journal.
    Begun,
    /// None yet: it ended a helper.
    EndedHelper,
}

/// What a record says, without the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Done,
    Failed,
    Begun,
    EndedHelper,
}

impl Kind {
    fn of<T>(outcome: &Outcome<T>) -> Self {
        match outcome {
            Outcome::Done(_) => Self::Done,
            Outcome::Failed { .. } => Self::Failed,
            Outcome::Begun => Self::Begun,
            Outcome::EndedHelper => Self::EndedHelper,
        }
    }
}

/// A record that was read.
pub(crate) struct Record<T> {
    pub(crate) id: String,
    pub(crate) entry: Entry,
    pub(crate) outcome: Outcome<T>,
}

/// Where a record is, and of which file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(super) offset: u64,
    pub(super) length: u32,
    kind: Kind,
    path_hash: u64,
    state: FileState,
}

impl Entry {
    /// Whether it is of this file as it is now.
    pub(crate) fn is_of(&self, path: &Path, state: FileState) -> bool {
        self.path_hash == hash(path.as_os_str().as_encoded_bytes()) && self.state == state
    }

    /// Whether the file gave nothing.
    pub(crate) fn is_failure(&self) -> bool {
        self.kind == Kind::Failed
    }

    /// What it says.
    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether it says what became of the file.
    pub(super) fn is_outcome(&self) -> bool {
        matches!(self.kind, Kind::Done | Kind::Failed)
    }

    /// Whether it is of the same file in the same state.
    pub(super) fn is_as(&self, other: &Self) -> bool {
        self.path_hash == other.path_hash && self.state == other.state
    }
}

/// The bytes of a record that will begin at `start`, and where its parts are.
pub(super) fn encode<T: Kept>(
    input: &Input,
    state: FileState,
    outcome: &Outcome<T>,
    start: u64,
) -> (Vec<u8>, Entry) {
    let mut body = Vec::with_capacity(8 * 1024);
    put(&mut body, input.id.as_bytes());
    let path_hash = hash(input.path.as_os_str().as_encoded_bytes());
    for number in [path_hash, state.size, state.modified_ns] {
        body.extend_from_slice(&number.to_le_bytes());
    }
    match outcome {
        Outcome::Done(kept) => {
            body.push(2);
            kept.put(&mut body);
        }
        Outcome::Failed { stage, reason } => {
            body.push(1);
            put(&mut body, stage.as_bytes());
            let end = reason.floor_char_boundary(reason.len().min(MAX_BODY as usize / 2));
            put(&mut body, &reason.as_bytes()[..end]);
        }
        Outcome::Begun => body.push(3),
        Outcome::EndedHelper => body.push(4),
    }
    let mut record = Vec::with_capacity(HEAD + body.len());
    record.extend_from_slice(&(body.len() as u32).to_le_bytes());
    record.extend_from_slice(&hash(&body).to_le_bytes());
    record.extend_from_slice(&body);
    let entry = Entry {
        offset: start + HEAD as u64,
        length: body.len() as u32,
        kind: Kind::of(outcome),
        path_hash,
        state,
    };
    (record, entry)
}

/// The record that begins at `start`, or `None` where no whole one does.
pub(super) fn next<T: Kept>(input: &mut impl Read, start: u64) -> Result<Option<Record<T>>> {
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
            kind: Kind::of(&outcome),
            path_hash,
            state,
        };
        Record { id, entry, outcome }
    }))
}

/// Whether there were enough bytes.
fn fill(input: &mut impl Read, buffer: &mut [u8]) -> Result<bool> {
    match input.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => Ok(false),
        Err(e) => Err(e).context("cannot read the journal"),
    }
}

/// The id, the hash of the path, the state of the file and the outcome of a body.
pub(super) fn parse<T: Kept>(body: &[u8]) -> Option<(String, u64, FileState, Outcome<T>)> {
    let rest = &mut &body[..];
    let id = take_text(rest)?;
    let path_hash = take_u64(rest)?;
    let state = FileState {
        size: take_u64(rest)?,
        modified_ns: take_u64(rest)?,
    };
    let (&kind, mut rest) = rest.split_first()?;
    let outcome = match kind {
        // 0 stood for values without what was heard: such a file is done again.
        2 => Outcome::Done(T::take(rest)?),
        1 => Outcome::Failed {
            stage: take_text(&mut rest)?,
            reason: take_text(&mut rest)?,
        },
        3 => Outcome::Begun,
        4 => Outcome::EndedHelper,
        _ => return None,
    };
    Some((id, path_hash, state, outcome))
}

/// Appends bytes behind their number.
pub(crate) fn put(body: &mut Vec<u8>, bytes: &[u8]) {
    body.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    body.extend_from_slice(bytes);
}

/// Takes a number off the front.
pub(crate) fn take_u64(rest: &mut &[u8]) -> Option<u64> {
    let (bytes, after) = rest.split_first_chunk::<8>()?;
    *rest = after;
    Some(u64::from_le_bytes(*bytes))
}

/// Takes a text off the front that [`put`] put there.
pub(crate) fn take_text(rest: &mut &[u8]) -> Option<String> {
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
