//! Counting remarkable cells while parsing, with a few examples.

use std::collections::BTreeMap;

use super::shorten::shorten;
use crate::report::{Note, NoteKind};

const MAX_EXAMPLES: usize = 5;

/// Counts per column and kind of remark.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    tallies: BTreeMap<(usize, NoteKind), Tally>,
}

#[derive(Debug, Default)]
struct Tally {
    count: u64,
    /// Record (from 0 in the chunk, or in the file once merged) and text.
    examples: Vec<(u64, String)>,
}

impl Remarks {
    pub(super) fn add(&mut self, column: usize, kind: NoteKind, record: u64, value: &[u8]) {
        let tally = self.tallies.entry((column, kind)).or_default();
        tally.count += 1;
        if tally.examples.len() < MAX_EXAMPLES {
            tally.examples.push((record, shorten(value)));
        }
    }

    /// Takes over the remarks of a later part whose first record is number `first_record`.
    pub(super) fn merge(&mut self, later: Remarks, first_record: u64) {
        for (key, theirs) in later.tallies {
            let tally = self.tallies.entry(key).or_default();
            tally.count += theirs.count;
            let room = MAX_EXAMPLES - tally.examples.len();
            let examples = theirs.examples.into_iter().take(room);
            tally
                .examples
                .extend(examples.map(|(record, text)| (first_record + record, text)));
        }
    }

    pub(super) fn into_notes(self, column_name: impl Fn(usize) -> String) -> Vec<Note> {
        let note = |((column, kind), tally): ((usize, NoteKind), Tally)| Note {
            kind,
            column: Some(column_name(column)),
            count: tally.count,
            examples: tally
                .examples
                .into_iter()
                .map(|(record, text)| format!("`{text}` (record {})", record + 1))
                .collect(),
        };
        self.tallies.into_iter().map(note).collect()
    }
}
