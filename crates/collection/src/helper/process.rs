//! One helper: started, asked, killed.

use std::io::{self, BufReader};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use super::command::HelperCommand;
use super::frames;

/// Time to start: a program that is read from a slow disk, on a machine that has much to do.
const TIME_TO_START: Duration = Duration::from_secs(60);

/// Pieces of an answer that may wait to be taken.
const MAX_WAITING: usize = 4;

/// What a piece of an answer begins with; the last one begins with another byte.
pub(super) const PIECE: u8 = 2;

/// A process that waits for requests. Dropped, it is killed.
pub(super) struct Process {
    child: Child,
    to: Option<ChildStdin>,
    from: Receiver<io::Result<Option<Vec<u8>>>>,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum NoAnswer {
    /// The process ended: how.
    Ended(String),
    /// The time was over; the process was killed.
    TooLate,
}

impl Process {
    /// Starts a helper and tells it what it is to be.
    ///
    /// # Errors
    /// The program cannot be started, or is no helper.
    pub(super) fn start(command: &HelperCommand, hello: &[u8]) -> io::Result<Self> {
        let mut start = Command::new(&command.program);
        start
            .args(&command.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        apart(&mut start, command);
        let mut child = start.spawn()?;
        let (to, from) = (child.stdin.take(), child.stdout.take());
        let (send, receive) = sync_channel(MAX_WAITING);
        if let Some(from) = from {
            std::thread::Builder::new()
                .name("helper-answers".to_owned())
                .spawn(move || {
                    let mut from = BufReader::new(from);
                    loop {
                        let frame = frames::read(&mut from, frames::MAX_ANSWER);
                        let is_last = !matches!(frame, Ok(Some(_)));
                        if send.send(frame).is_err() || is_last {
                            return;
                        }
                    }
                })?;
        }
        let mut process = Self {
            child,
            to,
            from: receive,
        };
        match process.ask(&[hello], TIME_TO_START, &mut |_| false) {
            Ok(answer) if answer == hello => Ok(process),
            Ok(_) => Err(io::Error::other("it is no helper of this version")),
            Err(NoAnswer::Ended(how)) => Err(io::Error::other(format!("it ended at once ({how})"))),
            Err(NoAnswer::TooLate) => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    /// The answer to a request, within a time. What comes before its last piece is given to `take`, which says whether it may be.
    pub(super) fn ask(
        &mut self,
        request: &[&[u8]],
        time: Duration,
        take: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<Vec<u8>, NoAnswer> {
        let end = Instant::now().checked_add(time);
        let sent = match &mut self.to {
            Some(to) => frames::write(to, request),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        };
        if sent.is_err() {
            return Err(NoAnswer::Ended(self.end()));
        }
        loop {
            let left = end.map_or(time, |end| end.saturating_duration_since(Instant::now()));
            match self.from.recv_timeout(left) {
                Ok(Ok(Some(answer))) => match answer.split_first() {
                    Some((&PIECE, piece)) if take(piece) => {}
                    Some((&PIECE, _)) => {
                        self.end();
                        return Err(NoAnswer::Ended(
                            "it said more than a recording can give".to_owned(),
                        ));
                    }
                    _ => return Ok(answer),
                },
                Ok(Ok(None) | Err(_)) | Err(RecvTimeoutError::Disconnected) => {
                    return Err(NoAnswer::Ended(self.end()));
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.end();
                    return Err(NoAnswer::TooLate);
                }
            }
        }
    }

    /// Ends the process, if it has not ended, and tells how it did.
    fn end(&mut self) -> String {
        self.to = None;
        // One that closes its pipes and goes on is killed, too; one that is about to end by itself gets the time to.
        for _ in 0..20 {
            if let Ok(Some(status)) = self.child.try_wait() {
                return in_words(status);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        self.child.wait().map_or_else(|e| e.to_string(), in_words)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.to = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Ctrl-C on a terminal ends the program that the person sees, and it ends its helpers; lists of processes call them by its name.
#[cfg(unix)]
fn apart(start: &mut Command, command: &HelperCommand) {
    use std::os::unix::process::CommandExt;
    start.process_group(0).arg0(&command.name);
}

#[cfg(not(unix))]
fn apart(_: &mut Command, _: &HelperCommand) {}

#[cfg(unix)]
fn in_words(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match status.signal() {
        Some(4) => "signal 4, an illegal instruction".to_owned(),
        Some(6) => "signal 6, aborted: out of memory or out of stack".to_owned(),
        Some(7) => "signal 7, a bus error".to_owned(),
        Some(9) => "signal 9, killed".to_owned(),
        Some(11) => "signal 11, out of stack or a wrong address".to_owned(),
        Some(24) => "signal 24, out of processor time".to_owned(),
        Some(n) => format!("signal {n}"),
        None => status.to_string(),
    }
}

#[cfg(not(unix))]
fn in_words(status: ExitStatus) -> String {
    status.to_string()
}
