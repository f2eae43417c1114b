//! Request bodies to audio files in memory, with bounds on size, pace and number.

mod incoming;
mod kind;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::http::HeaderMap;
use tokio::sync::Semaphore;
use tokio::time::Instant;

pub(super) use self::incoming::Budget;
use self::incoming::{GRAIN, Incoming, Stop};
use self::kind::{BodyKind, body_kind, declared_length};
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

/// What is reserved before the first byte, however much the request declares.
const FIRST_RESERVATION: u64 = 1 << 20;

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
    use super::*;

    #[test]
    fn names_lose_their_folders_and_stay_short() {
        assert_eq!(file_name("C:\\music\\a.mp3"), "a.mp3");
        assert_eq!(file_name("../../etc/pass\nwd"), "passwd");
        assert_eq!(file_name(&"x".repeat(999)).len(), MAX_NAME_CHARS);
    }
}
