//! The files of a request, out of a raw body or of the parts of a form.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::Request;
use axum::http::HeaderMap;

use super::incoming::{Budget, Incoming, Stop};
use super::kind::{BodyKind, body_kind, declared_length};
use super::limits::Rules;
use super::part::FilePart;
use crate::problem::{Kind, Problem};

/// A file of a request.
pub(crate) struct Upload {
    /// What the client calls it, where it says so.
    pub(crate) name: Option<String>,
    pub(crate) bytes: Vec<u8>,
}

/// The files of a request, and the share of the memory for uploads that they hold until they are dropped.
pub(crate) struct Uploads {
    pub(crate) files: Vec<Upload>,
    pub(crate) n_bytes: u64,
    pub(crate) budget: Budget,
}

/// What is reserved before the first byte, however much the request declares.
const FIRST_RESERVATION: u64 = 1 << 20;

impl Rules {
    /// The files of a request in the order in which they were sent: the parts of `multipart/form-data` that are files, or the whole
    /// body.
    pub(crate) async fn read(&self, request: Request) -> Result<Uploads, Problem> {
        let (parts, body) = request.into_parts();
        let mut incoming = Incoming::new(body.into_data_stream(), self);
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
    pub(crate) async fn discard(&self, request: Request) {
        Incoming::new(request.into_body().into_data_stream(), self)
            .discard()
            .await;
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
        match files.as_slice() {
            [] => {}
            [alone] if alone.bytes.is_empty() => {}
            _ => return Ok(files),
        }
        Err(Problem::new(
            Kind::BadRequest,
            "the request has no audio: send a file as the body, or as parts of multipart/form-data that have a file name",
        ))
    }

    async fn read_parts(
        &self,
        incoming: &mut Incoming<'_>,
        boundary: String,
    ) -> Result<Vec<Upload>, Problem> {
        let ahead = AtomicUsize::new(0);
        let found = || ahead.store(0, Ordering::Relaxed);
        let mut parts = multer::Multipart::new(incoming.stream(&ahead), boundary);
        let mut files = Vec::new();
        while let Some(mut part) = parts.next_field().await.map_err(|e| self.bad_part(&e))? {
            found();
            let file = FilePart::of(part.headers());
            let mut bytes = Vec::new();
            while let Some(chunk) = part.chunk().await.map_err(|e| self.bad_part(&e))? {
                found();
                if file.is_some() {
                    bytes.extend_from_slice(&chunk);
                }
            }
            let Some(FilePart { name }) = file else { continue };
            // What browsers send of a field for files in which none was chosen.
            if name.is_none() && bytes.is_empty() {
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

    fn bad_part(&self, error: &multer::Error) -> Problem {
        if let multer::Error::StreamReadFailed(cause) = error
            && let Some(stop) = cause.downcast_ref::<Stop>()
        {
            return stop.problem(self);
        }
        Problem::new(Kind::BadRequest, format!("the multipart body is broken: {error}"))
    }
}
