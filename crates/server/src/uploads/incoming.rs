//! A body as it comes in: its pace, its size, and the memory that it may take.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
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
const LEAST_PIECE: usize = 64 << 10;

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

    /// The rest as a stream for the multipart parser, in pieces of at least an eighth of what came before them. The parser looks
    /// through all that it holds whenever a piece comes; with pieces of one size, a body without a boundary would cost the square
    /// of its length.
    pub(crate) fn stream(&mut self) -> impl Stream<Item = Result<Bytes, Stop>> + Send + '_ {
        stream::unfold(Some((self, 0)), |state| async move {
            let (incoming, n_given) = state?;
            let least = LEAST_PIECE.max(n_given / 8);
            let mut piece = BytesMut::new();
            while piece.len() < least {
                match incoming.next().await {
                    Ok(Some(chunk)) => piece.extend_from_slice(&chunk),
                    Ok(None) if piece.is_empty() => return None,
                    Ok(None) => return Some((Ok(piece.freeze()), Some((incoming, n_given)))),
                    Err(stop) => return Some((Err(stop), None)),
                }
            }
            let n_given = n_given + piece.len();
            Some((Ok(piece.freeze()), Some((incoming, n_given))))
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
    fn pieces_for_the_parser_grow_with_what_came_before() {
        let rules = Rules::new(
            1 << 40,
            1 << 30,
            1,
            Duration::from_secs(60),
            Duration::from_secs(60),
            0,
        );
        let n_bytes = 16 << 20;
        let chunks = (0..n_bytes / 1024).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(&[0; 1024])));
        let body = axum::body::Body::from_stream(stream::iter(chunks));
        let mut incoming = Incoming::new(body.into_data_stream(), &rules);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        let pieces: Vec<usize> = runtime.block_on(async {
            incoming
                .stream()
                .map(|piece| piece.unwrap().len())
                .collect()
                .await
        });
        assert_eq!(pieces.iter().sum::<usize>(), n_bytes);
        // What a parser looks through that keeps everything: a few times the body, not its square.
        let looked: usize = pieces
            .iter()
            .scan(0, |held, n| {
                *held += n;
                Some(*held)
            })
            .sum();
        assert!(looked < 12 * n_bytes, "{looked}");
        assert!(pieces[..pieces.len() - 1].iter().all(|n| *n >= LEAST_PIECE));
    }
}
