//! Request bodies to audio files in memory, with bounds on size, pace and number.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::body::BodyDataStream;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, Stream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::problem::{Kind, Problem};
use super::settings::Settings;

/// A file of a request.
pub(super) struct Upload {
    /// What the client calls it, where it says so.
    pub(super) name: Option<String>,
    pub(super) bytes: Vec<u8>,
}

/// The files of a request, and the share of the memory for uploads that they hold until they are dropped.
pub(super) struct Uploads {
    pub(super) files: Vec<Upload>,
    pub(super) n_bytes: u64,
    pub(super) budget: Budget,
}

/// What is allowed.
pub(super) struct Rules {
    memory: Arc<Semaphore>,
    n_permits: usize,
    max_body: u64,
    max_files: usize,
    read_timeout: Duration,
    upload_timeout: Duration,
}

/// Bytes per permit of the memory for uploads.
const GRAIN: u64 = 1024;

/// What is reserved before the first byte, however much the request declares.
const FIRST_RESERVATION: u64 = 1 << 20;

/// The longest that an unwanted body is read.
const DISCARD_TIME: Duration = Duration::from_secs(5);

/// How long nothing may come until an unwanted body is taken for sent.
const DISCARD_SILENCE: Duration = Duration::from_millis(500);

/// Names longer than this are cut.
const MAX_NAME_CHARS: usize = 200;

impl Rules {
    pub(super) fn new(settings: &Settings) -> Self {
        let n_permits = (settings.upload_memory / GRAIN) as usize + 1;
        Self {
            memory: Arc::new(Semaphore::new(n_permits)),
            n_permits,
            max_body: settings.max_body,
            max_files: settings.max_files,
            read_timeout: settings.read_timeout,
            upload_timeout: settings.upload_timeout,
        }
    }

    /// Bytes of the memory for uploads that are in use.
    pub(super) fn n_bytes_used(&self) -> u64 {
        (self.n_permits - self.memory.available_permits()) as u64 * GRAIN
    }

    /// The files of a request: the parts of `multipart/form-data` that have a file name, or the whole body.
    pub(super) async fn read(&self, request: Request) -> Result<Uploads, Problem> {
        let (parts, body) = request.into_parts();
        let mut incoming = Incoming {
            stream: body.into_data_stream(),
            rules: self,
            n_bytes: 0,
            deadline: Instant::now() + self.upload_timeout,
            budget: Budget::default(),
        };
        let files = match self.read_files(&parts.headers, &mut incoming).await {
            Ok(files) => files,
            Err(problem) => {
                if problem.kind != Kind::RequestTimeout {
                    incoming.discard().await;
                }
                return Err(problem);
            }
        };
        Ok(Uploads {
            files,
            n_bytes: incoming.n_bytes,
            budget: incoming.budget,
        })
    }

    /// Reads a body that is not wanted, for a moment: who is still sending cannot hear the answer.
    pub(super) async fn discard(&self, request: Request) {
        let mut incoming = Incoming {
            stream: request.into_body().into_data_stream(),
            rules: self,
            n_bytes: 0,
            deadline: Instant::now(),
            budget: Budget::default(),
        };
        incoming.discard().await;
    }

    async fn read_files(
        &self,
        headers: &HeaderMap,
        incoming: &mut Incoming<'_>,
    ) -> Result<Vec<Upload>, Problem> {
        let kind = body_kind(headers)?;
        let declared = declared_length(headers).unwrap_or(0);
        if declared > self.max_body {
            return Err(self.too_large());
        }
        let files = match kind {
            BodyKind::Raw => {
                let mut bytes = Vec::with_capacity(declared.min(FIRST_RESERVATION) as usize);
                while let Some(chunk) = incoming.next().await.map_err(|stop| stop.problem(self))? {
                    bytes.extend_from_slice(&chunk);
                }
                vec![Upload { name: None, bytes }]
            }
            BodyKind::Multipart(boundary) => self.read_parts(incoming, boundary).await?,
        };
        match files.iter().all(|file| file.bytes.is_empty()) {
            true => Err(Problem::new(
                Kind::BadRequest,
                "the request has no audio: send a file as the body, or as parts of multipart/form-data that have a file name",
            )),
            false => Ok(files),
        }
    }

    async fn read_parts(
        &self,
        incoming: &mut Incoming<'_>,
        boundary: String,
    ) -> Result<Vec<Upload>, Problem> {
        let mut parts = multer::Multipart::new(incoming.stream(), boundary);
        let mut files = Vec::new();
        while let Some(mut part) = parts.next_field().await.map_err(|e| self.bad_part(&e))? {
            let name = part.file_name().map(file_name);
            let mut bytes = Vec::new();
            while let Some(chunk) = part.chunk().await.map_err(|e| self.bad_part(&e))? {
                if name.is_some() {
                    bytes.extend_from_slice(&chunk);
                }
            }
            if name.is_none() {
                continue;
            }
            if files.len() == self.max_files {
                return Err(Problem::new(
                    Kind::TooManyFiles,
                    format!(
                        "a request may have {} files; send the others in further requests",
                        self.max_files
                    ),
                ));
            }
            files.push(Upload { name, bytes });
        }
        Ok(files)
    }

    fn too_large(&self) -> Problem {
        Problem::new(
            Kind::TooLarge,
            format!("a request may have {} bytes", self.max_body),
        )
    }

    fn bad_part(&self, error: &multer::Error) -> Problem {
        if let multer::Error::StreamReadFailed(cause) = error
            && let Some(stop) = cause.downcast_ref::<Stop>()
        {
            return stop.problem(self);
        }
        Problem::new(Kind::BadRequest, format!("the multipart body is broken: {error}"))
    }
}

/// Bytes of the memory for uploads that a request holds.
#[derive(Default)]
pub(super) struct Budget(Option<OwnedSemaphorePermit>);

impl Budget {
    fn grow_to(&mut self, n_bytes: u64, memory: &Arc<Semaphore>) -> Result<(), Stop> {
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
struct Incoming<'a> {
    stream: BodyDataStream,
    rules: &'a Rules,
    n_bytes: u64,
    deadline: Instant,
    budget: Budget,
}

impl Incoming<'_> {
    async fn next(&mut self) -> Result<Option<Bytes>, Stop> {
        let now = Instant::now();
        let until = self.deadline.min(now + self.rules.read_timeout);
        let chunk = match timeout_at(until, self.stream.next()).await {
            Err(_) if until == self.deadline => return Err(Stop::TooSlow),
            Err(_) => return Err(Stop::Silent),
            Ok(None) => return Ok(None),
            Ok(Some(Err(error))) => return Err(Stop::Broken(error.to_string())),
            Ok(Some(Ok(chunk))) => chunk,
        };
        self.n_bytes += chunk.len() as u64;
        if self.n_bytes > self.rules.max_body {
            return Err(Stop::TooLarge);
        }
        self.budget.grow_to(self.n_bytes, &self.rules.memory)?;
        Ok(Some(chunk))
    }

    /// Reads and forgets what is still being sent: up to the size of a body, for some seconds, until nothing comes.
    async fn discard(&mut self) {
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

    /// The rest as a stream for the multipart parser.
    fn stream(&mut self) -> impl Stream<Item = Result<Bytes, Stop>> + Send + '_ {
        stream::unfold(Some(self), |state| async move {
            let incoming = state?;
            match incoming.next().await {
                Ok(Some(chunk)) => Some((Ok(chunk), Some(incoming))),
                Ok(None) => None,
                Err(stop) => Some((Err(stop), None)),
            }
        })
    }
}

/// Why no more of a body is read.
#[derive(Debug)]
enum Stop {
    TooLarge,
    TooSlow,
    Silent,
    NoMemory,
    Broken(String),
}

impl Stop {
    fn problem(&self, rules: &Rules) -> Problem {
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

enum BodyKind {
    Raw,
    Multipart(String),
}

fn body_kind(headers: &HeaderMap) -> Result<BodyKind, Problem> {
    let unsupported = |what: String| {
        Problem::new(
            Kind::UnsupportedType,
            format!(
                "{what}; send audio as multipart/form-data (curl -F file=@song.mp3), or as the body with an audio/… type or \
                 application/octet-stream (curl -H 'Content-Type: audio/mpeg' --data-binary @song.mp3)"
            ),
        )
    };
    if let Some(encoding) = headers.get(CONTENT_ENCODING)
        && !encoding.as_bytes().eq_ignore_ascii_case(b"identity")
    {
        return Err(unsupported("a compressed body is not taken".to_owned()));
    }
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return Ok(BodyKind::Raw);
    };
    let value = value.to_str().unwrap_or_default();
    let essence = value
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match essence.as_str() {
        "multipart/form-data" => multer::parse_boundary(value)
            .map(BodyKind::Multipart)
            .map_err(|_| Problem::new(Kind::BadRequest, "multipart/form-data needs a boundary")),
        "application/octet-stream"
        | "application/ogg"
        | "video/mp4"
        | "video/webm"
        | "video/x-matroska"
        | "" => Ok(BodyKind::Raw),
        audio if audio.starts_with("audio/") => Ok(BodyKind::Raw),
        other => Err(unsupported(format!("`{}` is not taken", short(other)))),
    }
}

fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

/// The last part of a path, without control characters, cut where it is long.
fn file_name(name: &str) -> String {
    short(name.rsplit(['/', '\\']).next().unwrap_or_default())
}

fn short(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(MAX_NAME_CHARS)
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn names_lose_their_folders_and_stay_short() {
        assert_eq!(file_name("C:\\music\\a.mp3"), "a.mp3");
        assert_eq!(file_name("../../etc/pass\nwd"), "passwd");
        assert_eq!(file_name(&"x".repeat(999)).len(), MAX_NAME_CHARS);
    }

    #[test]
    fn only_types_that_can_hold_audio_are_taken() {
        let kind = |value: &'static str| {
            body_kind(&HeaderMap::from_iter([(
                CONTENT_TYPE,
                HeaderValue::from_static(value),
            )]))
        };
        for good in [
            "audio/mpeg",
            "Audio/FLAC; x=1",
            "application/octet-stream",
            "video/mp4",
        ] {
            assert!(matches!(kind(good), Ok(BodyKind::Raw)), "{good}");
        }
        for bad in [
            "application/json",
            "application/x-www-form-urlencoded",
            "text/plain",
        ] {
            let Err(problem) = kind(bad) else {
                panic!("{bad} was taken")
            };
            assert_eq!(problem.kind, Kind::UnsupportedType);
            assert!(problem.detail.contains(bad));
        }
        assert!(
            matches!(kind("multipart/form-data; boundary=\"a b\""), Ok(BodyKind::Multipart(b)) if b == "a b")
        );
        let Err(problem) = kind("multipart/form-data") else {
            panic!()
        };
        assert_eq!(problem.kind, Kind::BadRequest);
        let gzip = HeaderMap::from_iter([(CONTENT_ENCODING, HeaderValue::from_static("gzip"))]);
        assert!(body_kind(&gzip).is_err());
    }

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
}
