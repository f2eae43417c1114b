//! Which parts of a form are files, and what they are called.

use axum::http::HeaderMap;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

use super::kind::is_audio;
use super::name::file_name;

/// A part that is a file.
#[derive(Debug, PartialEq)]
pub(super) struct FilePart {
    /// What the client calls it, where it says so.
    pub(super) name: Option<String>,
}

impl FilePart {
    /// The file that a part with these headers is: one with a file name, whatever its spelling, or with a type that audio may have.
    /// `None` for other fields of a form.
    ///
    /// `filename*` (RFC 8187) comes before `filename` (RFC 6266, section 4.3); bytes that are not UTF-8 are Latin-1.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let disposition = headers.get(CONTENT_DISPOSITION).map(|value| value.as_bytes());
        let parameters = parameters(disposition.unwrap_or_default());
        let value = |wanted: &str| {
            parameters
                .iter()
                .find(|(name, _)| name == wanted)
                .map(|(_, value)| value)
        };
        let is_named = parameters
            .iter()
            .any(|(name, _)| name.split('*').next() == Some("filename"));
        let is_audio = || {
            let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
            kind.is_some_and(is_audio)
        };
        if !is_named && !is_audio() {
            return None;
        }
        let name = value("filename*")
            .and_then(|value| extended(value))
            .or_else(|| value("filename").map(|v| text(v)));
        Some(Self {
            name: name.map(|name| file_name(&name)).filter(|name| !name.is_empty()),
        })
    }
}

/// The parameters behind the first semicolon, with names in lower case and values without quotes.
///
/// In quotes only `\"` is an escape: old browsers send paths with backslashes.
fn parameters(value: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut rest = after(value, b';');
    while !rest.is_empty() {
        let end = rest
            .iter()
            .position(|b| matches!(b, b'=' | b';'))
            .unwrap_or(rest.len());
        let name = text(rest[..end].trim_ascii()).to_ascii_lowercase();
        if rest.get(end) != Some(&b'=') {
            rest = after(&rest[end..], b';');
            continue;
        }
        rest = rest[end + 1..].trim_ascii_start();
        let mut value = Vec::new();
        if let Some(quoted) = rest.strip_prefix(b"\"") {
            rest = quoted;
            while let Some((&byte, behind)) = rest.split_first() {
                rest = behind;
                match (byte, behind.first()) {
                    (b'"', _) => break,
                    (b'\\', Some(b'"')) => {
                        value.push(b'"');
                        rest = &behind[1..];
                    }
                    _ => value.push(byte),
                }
            }
        } else {
            let end = rest.iter().position(|b| *b == b';').unwrap_or(rest.len());
            value.extend_from_slice(rest[..end].trim_ascii());
        }
        rest = after(rest, b';');
        found.push((name, value));
    }
    found
}

/// What stands behind the first of these bytes.
fn after(bytes: &[u8], byte: u8) -> &[u8] {
    bytes
        .iter()
        .position(|b| *b == byte)
        .map_or(&[], |at| &bytes[at + 1..])
}

/// The text of `charset'language'percent-encoded`; `None` where it is written otherwise.
fn extended(value: &[u8]) -> Option<String> {
    let mut parts = value.splitn(3, |b| *b == b'\'');
    let (charset, _language, encoded) = (parts.next()?, parts.next()?, parts.next()?);
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        match (byte, behind.get(..2).and_then(hexadecimal)) {
            (b'%', Some(decoded)) => {
                bytes.push(decoded);
                rest = &behind[2..];
            }
            _ => bytes.push(byte),
        }
    }
    match charset.eq_ignore_ascii_case(b"iso-8859-1") {
        true => Some(latin_1(&bytes)),
        false => Some(text(&bytes)),
    }
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(16 * digit(*digits.first()?)? + digit(*digits.get(1)?)?).ok()
}

/// UTF-8, or Latin-1 where it is none.
fn text(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| latin_1(bytes), str::to_owned)
}

fn latin_1(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use axum::http::HeaderValue;

    /// The name of the file that a part is; `None` for one that is no file.
    fn name(disposition: &[u8]) -> Option<String> {
        let value = HeaderValue::from_bytes(disposition).unwrap();
        let file = FilePart::of(&HeaderMap::from_iter([(CONTENT_DISPOSITION, value)]))?;
        Some(file.name.unwrap_or_default())
    }

    #[test]
    fn a_part_with_a_file_name_in_any_spelling_is_a_file() {
        for (disposition, want) in [
            (&b"form-data; name=\"file\"; filename=\"a.mp3\""[..], "a.mp3"),
            (b"form-data; filename=a.mp3; name=file", "a.mp3"),
            (b"form-data ; FileName = \"a.mp3\" ; name=\"f\"", "a.mp3"),
            (
                "form-data; name=\"f\"; filename=\"M\u{f6}t\u{f6}r.mp3\"".as_bytes(),
                "M\u{f6}t\u{f6}r.mp3",
            ),
            (
                b"form-data; name=\"f\"; filename=\"M\xf6t\xf6r.mp3\"",
                "M\u{f6}t\u{f6}r.mp3",
            ),
            (
                b"form-data; name=\"f\"; filename*=UTF-8''M%C3%B6t%c3%b6r.mp3",
                "M\u{f6}t\u{f6}r.mp3",
            ),
            (
                b"form-data; filename*=iso-8859-1'en'M%F6t%F6r.mp3",
                "M\u{f6}t\u{f6}r.mp3",
            ),
            (b"form-data; filename*=\"utf-8''%e6%9d%b1.mp3\"", "\u{6771}.mp3"),
            (
                b"form-data; filename=\"plain.mp3\"; filename*=UTF-8''%E2%82%AC.mp3",
                "\u{20ac}.mp3",
            ),
            (b"form-data; filename=\"plain.mp3\"; filename*=odd", "plain.mp3"),
            (b"form-data; filename*=UTF-8''100%25%zz.mp3", "100%%zz.mp3"),
            (b"form-data; filename*=odd", ""),
            (b"form-data; filename*0=\"long \"; filename*1=\"name\"", ""),
            (b"form-data; name=\"f\"; filename=\"\"", ""),
            (
                b"form-data; filename=\"say \\\"a; b\\\".mp3\"; name=\"f\"",
                "say \"a; b\".mp3",
            ),
            (b"form-data; filename=\"C:\\music\\a.mp3\"", "a.mp3"),
            (b"form-data; filename=\"never closed", "never closed"),
        ] {
            assert_eq!(
                name(disposition).as_deref(),
                Some(want),
                "{}",
                latin_1(disposition)
            );
        }
        for disposition in [
            &b"form-data; name=\"note\""[..],
            b"form-data; name=\"filename=x\"",
            b"form-data; name=\"a\\\"; filename=\\\"b\"",
            b"form-data; filename",
            b"filename=a.mp3",
            b"",
        ] {
            assert_eq!(name(disposition), None, "{}", latin_1(disposition));
        }
    }

    #[test]
    fn a_part_without_a_name_is_a_file_by_the_type_of_audio() {
        let typed = |kind: &'static str| {
            FilePart::of(&HeaderMap::from_iter([
                (
                    CONTENT_DISPOSITION,
                    HeaderValue::from_static("form-data; name=\"file\""),
                ),
                (CONTENT_TYPE, HeaderValue::from_static(kind)),
            ]))
        };
        for kind in ["audio/mpeg", "Audio/FLAC; x=1", "application/octet-stream"] {
            assert_eq!(typed(kind), Some(FilePart { name: None }), "{kind}");
        }
        for kind in ["text/plain", "application/json", ""] {
            assert_eq!(typed(kind), None, "{kind}");
        }
    }
}
