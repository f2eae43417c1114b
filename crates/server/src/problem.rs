//! Every error as RFC 9457 problem details.

use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use cratedigger_features::Error as AudioError;
use serde::Serialize;

/// What kind of problem it is. Each has its own `type`, title and status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    BadRequest,
    Unauthorized,
    CrossSite,
    WrongHost,
    NotFound,
    MethodNotAllowed,
    RequestTimeout,
    TooLarge,
    TooManyFiles,
    UnsupportedType,
    NotAudio,
    TooLong,
    Unusable,
    QueueFull,
    Internal,
    TookTooLong,
    NotReady,
    TooManyConnections,
}

impl Kind {
    /// All kinds, for the documentation's test.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 18] = [
        Self::BadRequest,
        Self::Unauthorized,
        Self::CrossSite,
        Self::WrongHost,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::RequestTimeout,
        Self::TooLarge,
        Self::TooManyFiles,
        Self::UnsupportedType,
        Self::NotAudio,
        Self::TooLong,
        Self::Unusable,
        Self::QueueFull,
        Self::Internal,
        Self::TookTooLong,
        Self::NotReady,
        Self::TooManyConnections,
    ];

    fn of(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::BadRequest => (
                StatusCode::BAD_REQUEST,
                "bad-request",
                "The request cannot be understood",
            ),
            Self::Unauthorized => (
                StatusCode::UNAUTHORIZED,
                "unauthorized",
                "A valid token is needed",
            ),
            Self::CrossSite => (
                StatusCode::FORBIDDEN,
                "cross-site",
                "Another site may not ask here",
            ),
            Self::WrongHost => (
                StatusCode::MISDIRECTED_REQUEST,
                "wrong-host",
                "This server has another name",
            ),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "There is nothing here"),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "The method is not allowed here",
            ),
            Self::RequestTimeout => (
                StatusCode::REQUEST_TIMEOUT,
                "request-timeout",
                "The upload came too slowly",
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "too-large",
                "The request is too large",
            ),
            Self::TooManyFiles => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "too-many-files",
                "Too many files in one request",
            ),
            Self::UnsupportedType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-type",
                "The content type is not supported",
            ),
            Self::NotAudio => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not-audio",
                "This is no audio that can be decoded",
            ),
            Self::TooLong => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "too-long",
                "The recording is too long",
            ),
            Self::Unusable => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "unusable-audio",
                "The recording cannot be analysed",
            ),
            Self::QueueFull => (StatusCode::TOO_MANY_REQUESTS, "queue-full", "The server is busy"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "The server failed"),
            Self::TookTooLong => (
                StatusCode::SERVICE_UNAVAILABLE,
                "took-too-long",
                "The answer was not ready in time",
            ),
            Self::NotReady => (
                StatusCode::SERVICE_UNAVAILABLE,
                "not-ready",
                "The server is not ready",
            ),
            Self::TooManyConnections => (
                StatusCode::SERVICE_UNAVAILABLE,
                "too-many-connections",
                "Too many connections",
            ),
        }
    }

    /// The status of an answer that is this problem.
    pub(crate) fn status(self) -> StatusCode {
        self.of().0
    }

    /// The last part of the `type`.
    pub(crate) fn slug(self) -> &'static str {
        self.of().1
    }
}

/// A problem that an answer, or one file of it, has.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) kind: Kind,
    pub(crate) detail: String,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// A problem as it is sent.
#[derive(Serialize)]
pub(crate) struct ProblemDetails {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
}

impl Problem {
    pub(crate) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            headers: Vec::new(),
        }
    }

    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The client may come again in so many seconds.
    pub(crate) fn retry_after(self, seconds: u64) -> Self {
        self.header(RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// Why a file gave no features, in words for who sent it.
    pub(crate) fn of_audio(error: &AudioError) -> Self {
        let (kind, detail) = match error {
            AudioError::File { source, .. } => return Self::of_audio(source),
            AudioError::Empty => (Kind::Unusable, "the file is empty (0 bytes)".to_owned()),
            AudioError::TooLarge { limit, .. } => (
                Kind::TooLarge,
                format!("the file is larger than {limit} bytes, the most that this server takes"),
            ),
            AudioError::TooLong { limit_s } => (
                Kind::TooLong,
                format!(
                    "the recording is longer than {limit_s} seconds, the longest that this server takes; send a part of it"
                ),
            ),
            AudioError::TooManySamples { .. } => (
                Kind::TooLong,
                "the recording has more samples than this server takes: its length, its rate or its number of channels is too \
                 large; send a part of it"
                    .to_owned(),
            ),
            AudioError::TookTooLong { .. } => (
                Kind::TookTooLong,
                "the analysis was not done in time; send fewer or shorter files, or come again later".to_owned(),
            ),
            AudioError::DecoderEnded { .. } => (
                Kind::Unusable,
                "two processes that decoded the file ended before they answered".to_owned(),
            ),
            AudioError::TooMuchLost { share, limit, .. } => (
                Kind::Unusable,
                format!(
                    "{:.1} % of the sound is damaged or missing, more than the {} % that this server takes; send a whole file",
                    100.0 * share,
                    100.0 * limit
                ),
            ),
            AudioError::UnknownFormat { .. }
            | AudioError::NoAudioTrack
            | AudioError::UnsupportedCodec { .. } => (Kind::NotAudio, error.to_string()),
            AudioError::Panicked { .. } => {
                return Self::internal();
            }
            _ => (Kind::Unusable, error.to_string()),
        };
        Self::new(kind, detail)
    }

    /// A failure of ours. The log says more than the client is told.
    pub(crate) fn internal() -> Self {
        Self::new(
            Kind::Internal,
            "this file made the server fail; the log of the server says more",
        )
    }

    /// The body of an answer or of one file's result.
    pub(crate) fn details(&self, instance: Option<String>) -> ProblemDetails {
        let (status, slug, title) = self.kind.of();
        ProblemDetails {
            r#type: format!("urn:cratedigger:problem:{slug}"),
            title,
            status: status.as_u16(),
            detail: self.detail.clone(),
            instance,
        }
    }

    /// The whole answer.
    pub(crate) fn respond(&self, instance: Option<String>) -> Response {
        let body = serde_json::to_vec(&self.details(instance)).unwrap_or_default();
        let mut headers: HeaderMap = self.headers.iter().cloned().collect();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        (self.kind.status(), headers, body).into_response()
    }
}

impl IntoResponse for Problem {
    /// Without an instance: the outermost layer, which knows the request's number, writes the answer anew.
    fn into_response(self) -> Response {
        let mut response = self.respond(None);
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_kind_has_a_type_of_its_own_an_error_status_and_a_line_in_the_guide() {
        let mut slugs: Vec<_> = Kind::ALL.iter().map(|k| k.slug()).collect();
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!(slugs.len(), Kind::ALL.len());
        let guide = include_str!("../../../docs/server.md");
        for kind in Kind::ALL {
            let status = kind.status();
            assert!(status.is_client_error() || status.is_server_error());
            let line = format!("| {} | `{}` |", status.as_u16(), kind.slug());
            assert!(guide.contains(&line), "docs/server.md lacks {line}");
        }
    }

    #[test]
    fn library_words_do_not_reach_clients_and_paths_are_left_out() {
        let error = AudioError::File {
            path: "/secret/a.mp3".into(),
            source: Box::new(AudioError::TooLong { limit_s: 900.0 }),
        };
        let problem = Problem::of_audio(&error);
        assert_eq!(problem.kind, Kind::TooLong);
        assert!(
            !problem.detail.contains("Limits") && !problem.detail.contains("secret"),
            "{}",
            problem.detail
        );
    }
}
