//! The other side: a process that analyses what it is told, and ends when nobody tells it any more.

use std::io::{self, BufReader, Cursor, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use cratedigger_features::{Error, Extractor, Features, Limits, encode_outcome};

use super::frames;
use super::message::{Hello, Received, received};

/// Memory for everything but the samples: the program, its tables, a file's parts.
const BASE_MEMORY: u64 = 768 << 20;

/// Memory for each sample that the limits allow: two bytes of descriptors, which grow by doubling.
const MEMORY_PER_SAMPLE: u64 = 4;

/// Processor time besides that of the deadlines, after which the system ends the process.
const SPARE_TIME: Duration = Duration::from_secs(60);

/// Samples of a recording after which a helper ends, so that its memory goes back.
const MANY_SAMPLES: u64 = 1 << 25;

/// Answers requests on `from` until it ends, whatever is being worked on then.
///
/// Memory and processor time are limited where the system can.
///
/// # Errors
/// `from` is not what an [`Extraction`](super::Extraction) writes, or `to` is closed.
pub fn serve(from: impl Read, mut to: impl Write + Send + 'static) -> io::Result<()> {
    let started = Instant::now();
    let mut from = BufReader::new(from);
    let Some(first) = frames::read(&mut from)? else {
        return Ok(());
    };
    let Some(hello) = Hello::decode(&first) else {
        return Err(io::Error::other(
            "this subcommand is for the program itself: it speaks with its helpers by it",
        ));
    };
    // A panic of a decoder is an answer, not a text on the terminal.
    std::panic::set_hook(Box::new(|_| {}));
    limit_memory(&hello.limits);
    let extractor = Extractor::new(hello.recipe).with_limits(hello.limits);
    frames::write(&mut to, &[&first])?;
    let (send, requests) = channel::<(Received, Duration)>();
    let worker =
        std::thread::Builder::new()
            .name("analysis".to_owned())
            .spawn(move || -> io::Result<()> {
                for (sound, time) in requests {
                    limit_time(started.elapsed() + time);
                    let outcome = analyse(&extractor, sound, time);
                    let goes_on = outcome
                        .as_ref()
                        .map_or(true, |features| features.info().n_samples < MANY_SAMPLES);
                    frames::write(&mut to, &[&[u8::from(goes_on)], &encode_outcome(&outcome)])?;
                    if !goes_on {
                        return Ok(());
                    }
                }
                Ok(())
            })?;
    // The thread that reads is always there to see the end, also while another one works.
    while let Some(frame) = frames::read(&mut from)? {
        let Some(request) = received(frame) else {
            return Err(io::Error::other("a request that is none"));
        };
        if send.send(request).is_err() {
            break;
        }
    }
    drop(send);
    // Who does not listen any more does not wait for an answer: what is being worked on is left.
    match worker.is_finished() {
        true => worker.join().unwrap_or(Ok(())),
        false => Ok(()),
    }
}

fn analyse(extractor: &Extractor, sound: Received, time: Duration) -> Result<Features, Error> {
    let work = || match &sound {
        Received::Path(path) => without_path(extractor.within(time).extract_path(path)),
        Received::Bytes(bytes) => extractor.within(time).extract_reader(Cursor::new(bytes)),
    };
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let words = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied());
        Err(Error::Panicked {
            message: words.unwrap_or("panic without a message").to_owned(),
        })
    })
}

/// Who asked knows the path.
fn without_path(outcome: Result<Features, Error>) -> Result<Features, Error> {
    match outcome {
        Err(Error::File { source, .. }) => Err(*source),
        other => other,
    }
}

/// Bytes of address space that a helper has.
fn memory(limits: &Limits) -> u64 {
    let of_samples = limits.max_samples().saturating_mul(MEMORY_PER_SAMPLE);
    // A file that is sent is in memory; one that is named is read piece by piece.
    let of_file = limits.max_bytes.min(1 << 30);
    BASE_MEMORY.saturating_add(of_samples).saturating_add(of_file)
}

/// Limits the address space, if it is not limited further already.
#[cfg(unix)]
fn limit_memory(limits: &Limits) {
    lower(rlimit::Resource::AS, memory(limits));
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
fn limit_memory(limits: &Limits) {
    let _ = memory(limits);
}

#[cfg(not(unix))]
fn limit_time(time: Duration) {
    let _ = time.saturating_add(SPARE_TIME);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
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
        let of = |limits| memory(&limits) >> 20;
        assert_eq!(
            of(Limits::default().max_duration_s(900.0).max_bytes(64 << 20)),
            1175
        );
        assert_eq!(of(Limits::default()), 5911);
    }
}
