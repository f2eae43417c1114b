//! Helpers that are kept for many files, and replaced when they end.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use cratedigger_features::Error;

use super::command::HelperCommand;
use super::message::{Request, Sound};
use super::pieces::Pieces;
use super::process::{NoAnswer, Process};
use super::strikes::{MAX_STRIKES, Strikes};
use super::task::Asked;

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

    /// The outcome that a helper tells of a recording within a time, and the numbers that go before it, at most so many.
    ///
    /// A file that ends a helper is given to another one, until it has ended two; `strikes` knows of those it ended before, and is
    /// told.
    ///
    /// # Errors
    /// [`Error::DecoderEnded`], [`Error::TookTooLong`], and [`Error::Panicked`] if no helper can be started.
    pub(super) fn ask(
        &self,
        (asked, sound): (Asked, Sound<'_>),
        time: Duration,
        strikes: &mut dyn Strikes,
        (numbers, most): (&mut dyn Pieces, u64),
    ) -> Result<Vec<u8>, Error> {
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
            let request = Request {
                asked,
                sound,
                time: left,
            };
            let (head, content) = request.parts();
            // What one that ended had said does not count.
            numbers.again();
            let (mut n, mut values) = (0, Vec::new());
            let mut take = |piece: &[u8]| {
                n += (piece.len() / 4) as u64;
                let (numbers_here, rest) = piece.as_chunks::<4>();
                values.clear();
                values.extend(numbers_here.iter().map(|bytes| f32::from_le_bytes(*bytes)));
                let fits = n <= most && rest.is_empty();
                if fits {
                    numbers.push(&values);
                }
                fits
            };
            match helper.ask(&[&head, content], left.saturating_add(GRACE), &mut take) {
                Ok(mut answer) => {
                    if answer.first() == Some(&1) {
                        self.idle().push(helper);
                    }
                    answer.drain(..answer.len().min(1));
                    return Ok(answer);
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
