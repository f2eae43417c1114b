//! A body as it comes in: its pace, its size, and the memory that it may take.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::BodyDataStream;
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use futures::stream::{self, Stream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::limits::{GRAIN, Rules};
use crate::problem::{Kind, Problem};

/// The longest that an unwanted body is read.
const DISCARD_TIME: Duration = Duration::from_secs(5);

/// How long nothing may come until an unwanted body is taken for sent.
const DISCARD_SILENCE: Duration = Duration::from_millis(500);

/// Bytes that the multipart parser gets at a time, at least.
const PIECE: usize = 64 << 10;

/// Bytes that the multipart parser may hold before it finds a part or something of one.
const MOST_AHEAD: usize = 512 << 10;

/// Bytes of the memory for uploads that a request holds.
#[derive(Default)]
pub(crate) struct Budget(Option<OwnedSemaphorePermit>);

impl Budget {
    pub(crate) fn grow_to(&mut self, n_bytes: u64, memory: &Arc<Semaphore>) -> Result<(), Stop> {
        let wanted = n_bytes.div_ceil(GRAIN);
        let held = self.0.as_ref().map_or(0, |p| p.num_permits() as u64);
        let more = u32::try_from(wanted.saturating_sub(held)).map_err(|_| Stop::NoMemory)?;
        if more == 0 {
            return Ok(());
        }
        let more = Arc::clone(memory)
            .try_acquire_many_owned(more)
            .map_err(|_| Stop::NoMemory)?;
        match &mut self.0 {
            Some(held) => held.merge(more),
            none => *none = Some(more),
        }
        Ok(())
    }
}

/// A body as it comes in.
pub(crate) struct Incoming<'a> {
    pub(crate) stream: BodyDataStream,
    pub(crate) rules: &'a Rules,
    pub(crate) n_bytes: u64,
    pub(crate) deadline: Instant,
    pub(crate) budget: Budget,
    /// Since when, and from which byte on, the pace is measured.
    pace: (Instant, u64),
}

impl<'a> Incoming<'a> {
    pub(crate) fn new(stream: BodyDataStream, rules: &'a Rules) -> Self {
        let now = Instant::now();
        Self {
            stream,
            rules,
            n_bytes: 0,
            deadline: now + rules.upload_timeout,
            budget: Budget::default(),
            pace: (now, 0),
        }
    }

    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Stop> {
        let until = self.deadline.min(Instant::now() + self.rules.read_timeout);
        let chunk = match timeout_at(until, self.stream.next()).await {
            Err(_) if until == self.deadline => return Err(Stop::TooSlow),
            Err(_) => return Err(Stop::Silent),
            Ok(None) => return Ok(None),
            Ok(Some(Err(error))) => return Err(Stop::Broken(error.to_string())),
            Ok(Some(Ok(chunk))) => chunk,
        };
        self.n_bytes += chunk.len() as u64;
        self.check_pace()?;
        if self.n_bytes > self.rules.max_body {
            return Err(Stop::TooLarge);
        }
        self.budget.grow_to(self.n_bytes, &self.rules.memory)?;
        Ok(Some(chunk))
    }

    /// A client that sends a byte now and then would hold its place for as long as an upload may take.
    fn check_pace(&mut self) -> Result<(), Stop> {
        let (since, from) = self.pace;
        let now = Instant::now();
        if now - since < self.rules.read_timeout {
            return Ok(());
        }
        self.pace = (now, self.n_bytes);
        let wanted = self.rules.min_rate as f64 * (now - since).as_secs_f64();
        match (self.n_bytes - from) as f64 >= wanted {
            true => Ok(()),
            false => Err(Stop::BelowRate),
        }
    }

    /// Reads and forgets what is still being sent: up to the size of a body, for some seconds, until nothing comes.
    pub(crate) async fn discard(&mut self) {
        self.budget = Budget::default();
        let deadline = Instant::now() + DISCARD_TIME;
        let mut n_bytes = 0;
        while n_bytes <= self.rules.max_body {
            let until = deadline.min(Instant::now() + DISCARD_SILENCE);
            match timeout_at(until, self.stream.next()).await {
                Ok(Some(Ok(chunk))) => n_bytes += chunk.len() as u64,
                _ => return,
            }
        }
    }

    /// The rest as a stream for the multipart parser, and nothing more once it has got [`MOST_AHEAD`] bytes since `ahead` was set to
    /// 0. The parser looks through all that it holds whenever a piece comes, so that a body in which no part begins, or whose
    /// head does not end, would cost the square of its length.
    pub(crate) fn stream<'s>(
        &'s mut self,
        ahead: &'s AtomicUsize,
    ) -> impl Stream<Item = Result<Bytes, Stop>> + Send + 's {
        stream::unfold(Some(self), move |state| async move {
            let incoming = state?;
            let mut piece = BytesMut::new();
            while piece.len() < PIECE {
                match incoming.next().await {
                    Ok(Some(chunk)) => piece.extend_from_slice(&chunk),
                    Ok(None) if piece.is_empty() => return None,
                    Ok(None) => break,
                    Err(stop) => return Some((Err(stop), None)),
                }
            }
            if ahead.fetch_add(piece.len(), Ordering::Relaxed) > MOST_AHEAD {
                return Some((Err(Stop::NoPart), None));
            }
            Some((Ok(piece.freeze()), Some(incoming)))
        })
    }
}

/// Why no more of a body is read.
#[derive(Debug)]
pub(crate) enum Stop {
    TooLarge,
    TooSlow,
    Silent,
    BelowRate,
    NoPart,
    NoMemory,
    Broken(String),
}

impl Stop {
    pub(crate) fn problem(&self, rules: &Rules) -> Problem {
        match self {
            Self::TooLarge => rules.too_large(),
            Self::TooSlow => Problem::new(
                Kind::RequestTimeout,
                format!(
                    "an upload may take {} seconds",
                    rules.upload_timeout.as_secs_f64()
                ),
            ),
            Self::Silent => Problem::new(
                Kind::RequestTimeout,
                format!(
                    "nothing came for {} seconds, and the upload is not complete",
                    rules.read_timeout.as_secs_f64()
                ),
            ),
            Self::BelowRate => Problem::new(
                Kind::RequestTimeout,
                format!("an upload must come at {} bytes a second", rules.min_rate),
            ),
            Self::NoPart => Problem::new(
                Kind::BadRequest,
                format!(
                    "the multipart body is broken: {MOST_AHEAD} bytes went by in which no part began or no head of one ended"
                ),
            ),
            Self::NoMemory => Problem::new(
                Kind::QueueFull,
                "the memory for uploads is in use; come again later",
            )
            .retry_after(2),
            Self::Broken(reason) => Problem::new(
                Kind::BadRequest,
                format!("the upload broke off or is malformed: {reason}"),
            ),
        }
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl StdError for Stop {}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_budget_is_held_until_it_is_dropped() {
        let memory = Arc::new(Semaphore::new(4));
        let mut one = Budget::default();
        one.grow_to(1, &memory).unwrap();
        one.grow_to(3 * GRAIN, &memory).unwrap();
        assert_eq!(memory.available_permits(), 1);
        let mut two = Budget::default();
        assert!(two.grow_to(2 * GRAIN, &memory).is_err());
        drop(one);
        two.grow_to(2 * GRAIN, &memory).unwrap();
        assert_eq!(memory.available_permits(), 2);
    }
    #[test]
    fn a_parser_gets_no_more_than_it_finds_parts_in() {
        let second = Duration::from_secs(60);
        let rules = Rules::new(1 << 40, 1 << 30, 1, second, second, 0);
        let ahead = AtomicUsize::new(0);
        let chunks = (0..16 << 10).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(&[0; 1024])));
        let body = axum::body::Body::from_stream(stream::iter(chunks));
        let mut incoming = Incoming::new(body.into_data_stream(), &rules);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut pieces = Box::pin(incoming.stream(&ahead));
            let mut n_bytes = 0;
            while n_bytes < 8 << 20 {
                n_bytes += pieces.next().await.unwrap().unwrap().len();
                ahead.store(0, Ordering::Relaxed);
            }
            // From here on nothing is found.
            let mut n_more = 0;
            let stop = loop {
                match pieces.next().await.unwrap() {
                    Ok(piece) => n_more += piece.len(),
                    Err(stop) => break stop,
                }
            };
            assert!(
                matches!(stop, Stop::NoPart) && n_more <= MOST_AHEAD + PIECE,
                "{n_more}"
            );
            assert!(pieces.next().await.is_none());
        });
    }
}
