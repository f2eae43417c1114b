//! What a body is, by its headers.

use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};

use super::name::short;
use crate::problem::{Kind, Problem};

/// How files are in a body.
pub(crate) enum BodyKind {
    /// One file.
    Raw,
    /// Parts between boundaries.
    Multipart(String),
}

/// The kind of a body that can hold audio.
pub(crate) fn body_kind(headers: &HeaderMap) -> Result<BodyKind, Problem> {
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
    match essence(value).as_str() {
        "multipart/form-data" => multer::parse_boundary(value)
            .map(BodyKind::Multipart)
            .map_err(|_| Problem::new(Kind::BadRequest, "multipart/form-data needs a boundary")),
        "" => Ok(BodyKind::Raw),
        _ if is_audio(value) => Ok(BodyKind::Raw),
        other => Err(unsupported(format!("`{}` is not taken", short(other)))),
    }
}

/// Whether audio may be sent with this type.
pub(super) fn is_audio(content_type: &str) -> bool {
    let essence = essence(content_type);
    essence.starts_with("audio/")
        || [
            "application/octet-stream",
            "application/ogg",
            "video/mp4",
            "video/webm",
            "video/x-matroska",
        ]
        .contains(&essence.as_str())
}

/// The type without its parameters, in lower case.
fn essence(content_type: &str) -> String {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// The length that the head declares.
pub(crate) fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use axum::http::HeaderValue;

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
}
