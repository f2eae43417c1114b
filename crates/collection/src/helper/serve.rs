//! The other side: a process that analyses what it is told, and ends when nobody tells it any more.

use std::io::{self, BufReader, Read, Write};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use cratedigger_features::Limits;

use super::frames;
use super::message::{Hello, Received, received};
use super::process::PIECE;
use super::task::Asked;
use super::worker::Worker;

/// Memory for everything but the samples: the program, its tables, a file's parts.
const BASE_MEMORY: u64 = 768 << 20;

/// Processor time besides that of the deadlines, after which the system ends the process.
const SPARE_TIME: Duration = Duration::from_secs(60);

/// Samples of a recording after which a helper ends, so that its memory goes back.
const MANY_SAMPLES: u64 = 1 << 25;

/// Numbers of a piece of an answer.
const PIECE_NUMBERS: usize = 1 << 18;

/// Answers requests on `from` until it ends, whatever is being worked on then.
///
/// Memory and processor time are limited where the system can.
///
/// # Errors
/// `from` is not what a [`Decoding`](super::Decoding) writes, or `to` is closed.
pub fn serve(from: impl Read, mut to: impl Write + Send + 'static) -> io::Result<()> {
    let started = Instant::now();
    let mut from = BufReader::new(from);
    let Some(first) = frames::read(&mut from, frames::MAX_REQUEST)? else {
        return Ok(());
    };
    let Some(hello) = Hello::decode(&first) else {
        return Err(io::Error::other(
            "this subcommand is for the program itself: it speaks with its helpers by it",
        ));
    };
    // A panic of a decoder is an answer, not a text on the terminal.
    std::panic::set_hook(Box::new(|_| {}));
    let limits = hello.limits;
    let mut worker = Worker::new(limits);
    frames::write(&mut to, &[&first])?;
    let (send, requests) = channel::<(Asked, Received, Duration)>();
    let thread =
        std::thread::Builder::new()
            .name("analysis".to_owned())
            .spawn(move || -> io::Result<()> {
                for (asked, sound, time) in requests {
                    limit_memory(&limits, &asked);
                    limit_time(started.elapsed() + time);
                    let mut pieces = Pieces::to(&mut to);
                    let worked = worker.work(asked, &sound, time, &mut |values| pieces.push(values));
                    pieces.end()?;
                    let goes_on = worked.n_samples < MANY_SAMPLES;
                    frames::write(&mut to, &[&[u8::from(goes_on)], &worked.outcome])?;
                    if !goes_on {
                        return Ok(());
                    }
                }
                Ok(())
            })?;
    // The thread that reads is always there to see the end, also while another one works.
    while let Some(frame) = frames::read(&mut from, frames::MAX_REQUEST)? {
        let Some(request) = received(frame) else {
            return Err(io::Error::other("a request that is none"));
        };
        if send.send(request).is_err() {
            break;
        }
    }
    drop(send);
    // Who does not listen any more does not wait for an answer: what is being worked on is left.
    match thread.is_finished() {
        true => thread.join().unwrap_or(Ok(())),
        false => Ok(()),
    }
}

/// Numbers on their way to who asked.
struct Pieces<'a, W> {
    to: &'a mut W,
    bytes: Vec<u8>,
    written: io::Result<()>,
}

impl<'a, W: Write> Pieces<'a, W> {
    fn to(to: &'a mut W) -> Self {
        Self {
            to,
            bytes: Vec::new(),
            written: Ok(()),
        }
    }

    fn push(&mut self, values: &[f32]) {
        for values in values.chunks(PIECE_NUMBERS) {
            self.bytes
                .extend(values.iter().flat_map(|value| value.to_le_bytes()));
            if self.bytes.len() >= 4 * PIECE_NUMBERS {
                self.write();
            }
        }
    }

    /// Who does not listen any more needs no more; the end tells.
    fn write(&mut self) {
        if self.written.is_ok() {
            self.written = frames::write(self.to, &[&[PIECE], &self.bytes]);
        }
        self.bytes.clear();
    }

    fn end(mut self) -> io::Result<()> {
        if !self.bytes.is_empty() {
            self.write();
        }
        self.written
    }
}

/// Bytes of address space that a helper has for a task.
fn memory(limits: &Limits, asked: &Asked) -> u64 {
    let of_samples = limits.max_samples().saturating_mul(asked.memory_per_sample());
    // A file that is sent is in memory; one that is named is read piece by piece.
    let of_file = limits.max_bytes.min(1 << 30);
    BASE_MEMORY.saturating_add(of_samples).saturating_add(of_file)
}

/// Limits the address space, if it is not limited further already.
#[cfg(unix)]
fn limit_memory(limits: &Limits, asked: &Asked) {
    lower(rlimit::Resource::AS, memory(limits, asked));
}

/// Limits the processor time since the start: no thread has had more than the time that has passed.
#[cfg(unix)]
fn limit_time(time: Duration) {
    lower(
        rlimit::Resource::CPU,
        time.saturating_add(SPARE_TIME).as_secs().max(1),
    );
}

/// Where a system does not know a limit, the deadlines of the program that asks are left.
#[cfg(unix)]
fn lower(resource: rlimit::Resource, wanted: u64) {
    if let Ok((_, hard)) = resource.get() {
        let _ = resource.set(wanted.min(hard), hard);
    }
}

#[cfg(not(unix))]
fn limit_memory(limits: &Limits, asked: &Asked) {
    let _ = memory(limits, asked);
}

#[cfg(not(unix))]
fn limit_time(time: Duration) {
    let _ = time.saturating_add(SPARE_TIME);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::task::Task;
    use super::*;
    use cratedigger_features::Recipe;
    use std::sync::{Arc, Mutex};

    /// What is written, for another thread to read.
    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_is_no_hello_is_refused() {
        for bytes in [&b"\x05\0\0\0\0\0\0\0hello"[..], b"GET / HTTP/1.1\r\n\r\n"] {
            assert!(serve(bytes, Written::default()).is_err());
        }
        assert!(serve(&b""[..], Written::default()).is_ok());
    }

    #[test]
    fn memory_is_that_of_the_limits() {
        let asked = |task| Asked { change: None, task };
        let of = |limits| memory(&limits, &asked(Task::Features(Recipe::Fma))) >> 20;
        assert_eq!(
            of(Limits::default().max_duration_s(900.0).max_bytes(64 << 20)),
            1175
        );
        assert_eq!(of(Limits::default()), 5911);
        #[cfg(feature = "embed")]
        assert_eq!(
            memory(
                &Limits::default().max_duration_s(900.0).max_bytes(64 << 20),
                &asked(Task::Hearing("waveform 16000".parse().unwrap()))
            ) >> 20,
            1518
        );
    }

    #[test]
    fn an_answer_comes_in_pieces_that_are_taken() {
        let values: Vec<f32> = (0..2 * PIECE_NUMBERS + 7).map(|i| i as f32).collect();
        let mut out = Vec::new();
        let mut pieces = Pieces::to(&mut out);
        values
            .chunks(PIECE_NUMBERS / 3)
            .for_each(|values| pieces.push(values));
        pieces.push(&values);
        pieces.end().unwrap();
        let (mut from, mut back) = (out.as_slice(), Vec::new());
        while let Some(piece) = frames::read(&mut from, frames::MAX_ANSWER).unwrap() {
            assert_eq!(piece[0], PIECE);
            back.extend_from_slice(&piece[1..]);
        }
        let want: Vec<u8> = [&values[..], &values[..]]
            .concat()
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        assert!(back == want);
    }
}
