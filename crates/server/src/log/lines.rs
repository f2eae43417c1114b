//! Lines that a thread writes, so that nobody waits for who reads them.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

/// Lines that wait to be written, at most.
const N_WAITING: usize = 1024;

/// The longest that is waited for the last lines.
const PATIENCE: Duration = Duration::from_secs(1);

enum Message {
    Line(Vec<u8>),
    /// Everything before it is written: say so.
    Written(SyncSender<()>),
}

/// Takes lines, and loses those for which there is no room.
#[derive(Clone)]
pub(super) struct Lines {
    to_thread: SyncSender<Message>,
    n_lost: Arc<AtomicU64>,
}

/// Waits for the last lines of the log when it is dropped, for a second at most.
pub struct LogEnd(SyncSender<Message>);

/// Starts the thread.
pub(super) fn start(to: impl Write + Send + 'static) -> io::Result<(Lines, LogEnd)> {
    let (to_thread, from_others) = sync_channel(N_WAITING);
    let n_lost = Arc::new(AtomicU64::new(0));
    let lost = Arc::clone(&n_lost);
    std::thread::Builder::new()
        .name("log".to_owned())
        .spawn(move || write(to, &from_others, &lost))?;
    let end = LogEnd(to_thread.clone());
    Ok((Lines { to_thread, n_lost }, end))
}

fn write(mut to: impl Write, from_others: &Receiver<Message>, n_lost: &AtomicU64) {
    for message in from_others {
        // A log that is closed is no reason to stop serving.
        match message {
            Message::Line(line) => drop(to.write_all(&line)),
            Message::Written(answer) => drop(answer.try_send(())),
        }
        let n = n_lost.swap(0, Ordering::Relaxed);
        if n > 0 {
            drop(writeln!(
                to,
                "{n} lines of the log are lost, since nobody read them"
            ));
        }
        drop(to.flush());
    }
}

impl Write for &Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.to_thread.try_send(Message::Line(line.to_vec())).is_err() {
            self.n_lost.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

impl Drop for LogEnd {
    fn drop(&mut self) {
        let (answer, written) = sync_channel(1);
        if self.0.try_send(Message::Written(answer)).is_ok() {
            let _ = written.recv_timeout(PATIENCE);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::{Condvar, Mutex};

    use super::*;

    /// Somewhere that takes lines when it is told to.
    #[derive(Clone, Default)]
    struct Gate(Arc<(Mutex<State>, Condvar)>);

    /// Whether lines are taken, and those that were.
    type State = (bool, Vec<u8>);

    impl Gate {
        fn open(&self) {
            self.0.0.lock().unwrap().0 = true;
            self.0.1.notify_all();
        }

        fn text(&self) -> String {
            String::from_utf8(self.0.0.lock().unwrap().1.clone()).unwrap()
        }
    }

    impl Write for Gate {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut state = self
                .0
                .1
                .wait_while(self.0.0.lock().unwrap(), |state| !state.0)
                .unwrap();
            state.1.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn who_writes_never_waits_and_what_is_lost_is_counted() {
        let gate = Gate::default();
        let (lines, end) = start(gate.clone()).unwrap();
        let n = 3 * N_WAITING;
        for at in 0..n {
            (&lines).write_all(format!("{at}\n").as_bytes()).unwrap();
        }
        // The thread holds one line at most beside those that wait.
        let n_lost = lines.n_lost.load(Ordering::Relaxed) as usize;
        assert!((n - N_WAITING - 1..=n - N_WAITING).contains(&n_lost), "{n_lost}");
        gate.open();
        while gate.text().lines().count() < n - n_lost + 1 {
            std::thread::yield_now();
        }
        let told = format!("{n_lost} lines of the log are lost, since nobody read them\n");
        assert!(gate.text().starts_with("0\n") && gate.text().contains(&told));
        (&lines).write_all(b"the last\n").unwrap();
        drop(end);
        assert!(gate.text().ends_with("the last\n"));
    }
}
