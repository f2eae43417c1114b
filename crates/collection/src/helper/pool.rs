//! Helpers that are kept for many files, and replaced when they end.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use cratedigger_features::{Error, Features, decode_outcome};

use super::command::HelperCommand;
use super::message::{Request, Sound};
use super::process::{NoAnswer, Process};
use super::strikes::{MAX_STRIKES, Strikes};

/// How much longer than a helper's own deadline is waited for it: what is between two looks at the clock.
const GRACE: Duration = Duration::from_secs(10);

/// Helpers that wait for files; as many are started as files come at the same time.
pub(super) struct Pool {
    command: HelperCommand,
    hello: Vec<u8>,
    idle: Mutex<Vec<Process>>,
}

impl Pool {
    /// Starts the first helper, to see that there can be one.
    ///
    /// # Errors
    /// It cannot be started.
    pub(super) fn start(command: HelperCommand, hello: Vec<u8>) -> std::io::Result<Self> {
        let first = Process::start(&command, &hello)?;
        Ok(Self {
            command,
            hello,
            idle: Mutex::new(vec![first]),
        })
    }

    /// What a helper makes of a recording within a time.
    ///
    /// A file that ends a helper is given to another one, until it has ended two; `strikes` knows of those it ended before, and is
    /// told.
    ///
    /// # Errors
    /// Those of the extractor, [`Error::DecoderEnded`], [`Error::TookTooLong`], and [`Error::Panicked`] if no helper can be started.
    pub(super) fn features(
        &self,
        sound: Sound<'_>,
        time: Duration,
        strikes: &mut dyn Strikes,
    ) -> Result<Features, Error> {
        let end = Instant::now().checked_add(time);
        let mut how = "in an earlier run".to_owned();
        while strikes.count() < MAX_STRIKES {
            let left = end.map_or(time, |end| end.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                break;
            }
            let mut helper = self.helper().map_err(|e| Error::Panicked {
                message: format!("a helper process cannot be started: {e}"),
            })?;
            let request = Request { sound, time: left };
            let (head, content) = request.parts();
            match helper.ask(&[&head, content], left.saturating_add(GRACE)) {
                Ok(answer) => {
                    let Some((&goes_on, outcome)) = answer.split_first() else {
                        return Err(no_answer());
                    };
                    if goes_on == 1 {
                        self.idle().push(helper);
                    }
                    return decode_outcome(outcome).unwrap_or_else(|| Err(no_answer()));
                }
                Err(NoAnswer::TooLate) => break,
                Err(NoAnswer::Ended(told)) => {
                    strikes.add();
                    how = told;
                }
            }
        }
        match strikes.count() < MAX_STRIKES {
            true => Err(Error::TookTooLong {
                limit_s: time.as_secs_f64(),
            }),
            false => Err(Error::DecoderEnded { how }),
        }
    }

    fn helper(&self) -> std::io::Result<Process> {
        let idle = self.idle().pop();
        match idle {
            Some(helper) => Ok(helper),
            None => Process::start(&self.command, &self.hello),
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Process>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn no_answer() -> Error {
    Error::Panicked {
        message: "a helper process gave an answer that is none".to_owned(),
    }
}
