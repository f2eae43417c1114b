//! Where decoders run.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cratedigger_features::{Change, Error as AudioError, Limits};

use super::changed::changed;
use super::command::HelperCommand;
use super::message::{Hello, Sound};
use super::pieces::Pieces;
use super::pool::Pool;
use super::strikes::{MAX_STRIKES, Strikes};
use super::task::{Asked, Task};
use crate::error::{Context, Result};

/// Where decoders run, and what is accepted: this process, or helpers, which all kinds of work share. Clones mean the same
/// helpers.
#[derive(Clone)]
pub struct Decoding {
    limits: Limits,
    helpers: Option<Arc<Pool>>,
    change: Option<Change>,
}

impl fmt::Debug for Decoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoding")
            .field("limits", &self.limits)
            .field("has_helpers", &self.has_helpers())
            .finish()
    }
}

impl Decoding {
    /// Helpers that one file may end; then nothing is made of it.
    pub const MAX_STRIKES: u32 = MAX_STRIKES;

    /// In this process: a decoder that overflows its stack or takes all memory ends it.
    pub fn in_process(limits: Limits) -> Self {
        Self {
            limits,
            helpers: None,
            change: None,
        }
    }

    /// In helpers where there is a command for them, else in this process.
    ///
    /// # Errors
    /// The first helper cannot be started.
    pub fn new(limits: Limits, command: Option<&HelperCommand>) -> Result<Self> {
        let start = |command: &HelperCommand| {
            Pool::start(command.clone(), Hello { limits }.encode()).with_context(|| {
                format!(
                    "cannot start {} as a helper that decodes",
                    command.program.display()
                )
            })
        };
        let helpers = command.map(start).transpose()?.map(Arc::new);
        Ok(Self {
            limits,
            helpers,
            change: None,
        })
    }

    /// The same helpers, with every recording changed before anything is made of it.
    pub fn changing(&self, change: Option<Change>) -> Self {
        Self {
            change,
            ..self.clone()
        }
    }

    /// Whether recordings are decoded in helpers.
    pub fn has_helpers(&self) -> bool {
        self.helpers.is_some()
    }

    /// What is accepted.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The time for one recording.
    pub(crate) fn time(&self) -> Duration {
        Duration::try_from_secs_f64(self.limits.max_work_s.max(0.0)).unwrap_or(Duration::MAX)
    }

    /// What is accepted of work that must not take longer than this.
    #[cfg(feature = "embed")]
    pub(super) fn limits_within(&self, time: Duration) -> Limits {
        self.limits
            .max_work_s(time.as_secs_f64().min(self.limits.max_work_s))
    }

    /// In this process: the recording as it is to be analysed, where it is changed before.
    pub(super) fn changed(&self, sound: Sound<'_>) -> Option<Result<Vec<u8>, AudioError>> {
        let change = self.change.as_ref()?;
        Some(changed(change, sound, &self.limits))
    }

    /// What a helper makes of a recording; `None` where there are none. `decode` reads its outcome.
    pub(super) fn ask<T>(
        &self,
        (task, sound): (Task, Sound<'_>),
        time: Duration,
        strikes: &mut dyn Strikes,
        numbers: &mut dyn Pieces,
        decode: impl FnOnce(&[u8]) -> Option<Result<T, AudioError>>,
    ) -> Option<Result<T, AudioError>> {
        let helpers = self.helpers.as_ref()?;
        let most = task.most_numbers(&self.limits);
        let time = time.min(self.time());
        let asked = Asked {
            change: self.change,
            task,
        };
        let outcome = helpers.ask((asked, sound), time, strikes, (numbers, most));
        Some(outcome.and_then(|outcome| {
            decode(&outcome).unwrap_or_else(|| {
                Err(AudioError::Panicked {
                    message: "a helper process gave an answer that is none".to_owned(),
                })
            })
        }))
    }
}

/// Puts the name of the file in front of an error.
pub(super) fn in_file(path: &Path) -> impl FnOnce(AudioError) -> AudioError + '_ {
    move |source| AudioError::File {
        path: path.to_owned(),
        source: Box::new(source),
    }
}
