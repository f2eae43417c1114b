//! What a journal is told while a file is analysed, and which files are not tried any more.

use std::sync::{Mutex, MutexGuard, PoisonError};

use cratedigger_features::Input;

use super::file_state::FileState;
use super::journal::Journal;
use super::record::{Kept, Outcome};
use crate::helper::{Decoding, Strikes};

/// What the journal is told of a file that is being analysed.
pub(crate) struct Noted<'a, T> {
    journal: &'a Mutex<Journal<T>>,
    input: &'a Input,
    state: FileState,
    /// Helpers that it ended.
    n_ended: u32,
}

impl<'a, T: Kept> Noted<'a, T> {
    /// Of a file that is begun now. In this process it can end all, which is noted before; in a helper only the helper, which is
    /// noted when it has.
    pub(crate) fn begin(
        journal: &'a Mutex<Journal<T>>,
        input: &'a Input,
        state: FileState,
        decoding: &Decoding,
    ) -> Self {
        let mut open = lock(journal);
        if !decoding.has_helpers() {
            // A journal that cannot be written is told of with the outcome.
            let _ = open.append(input, state, &Outcome::Begun);
        }
        Self {
            journal,
            input,
            state,
            n_ended: open.tried(input, state).ended_helpers,
        }
    }
}

impl<T: Kept> Strikes for Noted<'_, T> {
    fn count(&self) -> u32 {
        self.n_ended
    }

    fn add(&mut self) {
        self.n_ended += 1;
        let _ = lock(self.journal).append(self.input, self.state, &Outcome::EndedHelper);
    }
}

/// Why a file is not tried any more: it has ended two helpers, or this program twice, before it had an outcome.
///
/// Where helpers analyse, that a file was begun in this process says nothing: it gets the chance to end a helper instead.
pub(crate) fn refused<T: Kept>(
    journal: &Journal<T>,
    input: &Input,
    state: FileState,
    decoding: &Decoding,
) -> Option<&'static str> {
    let tried = journal.tried(input, state);
    if tried.ended_helpers >= Decoding::MAX_STRIKES {
        Some("two processes that decoded it ended before they answered, in earlier runs")
    } else if tried.begun >= Decoding::MAX_STRIKES && !decoding.has_helpers() {
        Some("the program ended twice while it was decoded; begin without --in-process to try it once more")
    } else {
        None
    }
}

/// Locks even if another thread panicked: a journal is whole at any time.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
