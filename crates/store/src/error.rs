//! What can go wrong with objects, and in which words a store told it.

use std::io;

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The longest text of a store that is kept.
const MAX_SAID: usize = 400;

/// Errors of the work with objects.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An address that is none.
    #[error("{uri}: {reason}")]
    Uri {
        /// What was given.
        uri: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An environment variable does not say what it should.
    #[error("{name}={value}: expected {expected}")]
    Setting {
        /// The variable.
        name: &'static str,
        /// Its value.
        value: String,
        /// What would have been right.
        expected: String,
    },
    /// There is no such object or bucket.
    #[error("there is no such object; the store says: {said}")]
    Missing {
        /// The store's words.
        said: String,
    },
    /// The credentials do not allow it, or there are none.
    #[error("it may not be read or written with these credentials; the store says: {said}")]
    Forbidden {
        /// The store's words.
        said: String,
    },
    /// The object is not the one that was listed.
    #[error("it was changed since it was listed; the store says: {said}")]
    Changed {
        /// The store's words, or ours.
        said: String,
    },
    /// The object has fewer bytes or more than the store had told.
    #[error("it is truncated or was changed: {expected} bytes were told, and {found} came")]
    Truncated {
        /// Bytes that were told.
        expected: u64,
        /// Bytes that came.
        found: u64,
    },
    /// The object is larger than is accepted.
    #[error("it has {n_bytes} bytes, and at most {limit} are read")]
    TooLarge {
        /// Its bytes.
        n_bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The store does not answer, or says that it cannot now, after all retries. It may later.
    #[error("the store did not answer as often as it was asked; the last time: {said}")]
    Unavailable {
        /// The store's words, or those of the connection.
        said: String,
    },
    /// The store refuses for another reason.
    #[error("the store refused; it says: {said}")]
    Refused {
        /// The store's words.
        said: String,
    },
    /// Something that is read only was to be written or listed.
    #[error("{uri} is read only and cannot be listed: only single objects are read by https://")]
    ReadOnly {
        /// The address.
        uri: String,
    },
    /// The store cannot be opened with what the environment says.
    #[error("{place} cannot be opened: {said}")]
    Open {
        /// Scheme and bucket.
        place: String,
        /// Why.
        said: String,
    },
    /// No threads, or a file that was to be sent cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Error {
    /// Whether the same request may succeed later: nothing is wrong with the object.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// From an error of a store, without what differs from one request to the next.
    pub(crate) fn of(error: &object_store::Error) -> Self {
        use object_store::Error as Of;
        let said = words(&error.to_string());
        match error {
            Of::NotFound { .. } => Self::Missing { said },
            Of::PermissionDenied { .. } | Of::Unauthenticated { .. } => Self::Forbidden { said },
            Of::Precondition { .. } | Of::NotModified { .. } => Self::Changed { said },
            Of::Generic { .. } if !is_final(&error.to_string()) => Self::Unavailable { said },
            _ => Self::Refused { said },
        }
    }
}

/// Whether a status says that the request is wrong; after another one, or none, it could succeed.
fn is_final(text: &str) -> bool {
    let status = text
        .split("status code: ")
        .nth(1)
        .and_then(|rest| rest.get(..3))
        .and_then(|digits| digits.parse::<u16>().ok());
    match status {
        Some(408 | 425 | 429) => false,
        Some(status) => (300..500).contains(&status),
        None => false,
    }
}

/// What a store said, without times and numbers of requests: the status, and code and message of its XML.
fn words(text: &str) -> String {
    let status = text.split("status code: ").nth(1);
    let told = match status {
        Some(rest) => {
            let (status, body) = rest.split_once(": ").unwrap_or((rest, ""));
            let parts = [tag(body, "Code"), tag(body, "Message")];
            let parts: Vec<&str> = parts.into_iter().flatten().collect();
            match parts.as_slice() {
                [] if body.trim().is_empty() => status.to_owned(),
                [] => format!("{status}: {}", body.trim().lines().next().unwrap_or("")),
                parts => format!("{status}: {}", parts.join(": ")),
            }
        }
        // The time of the request stands between these.
        None => match (text.find(" in "), text.find(" - ")) {
            (Some(from), Some(to)) if from < to => format!("{}{}", &text[..from], &text[to..]),
            _ => text.to_owned(),
        },
    };
    let told: String = told.split_whitespace().collect::<Vec<_>>().join(" ");
    match told.char_indices().nth(MAX_SAID) {
        Some((end, _)) => format!("{}…", &told[..end]),
        None => told,
    }
}

/// The first line of an element of XML.
fn tag<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = body.split_once(&format!("<{name}>"))?;
    let (content, _) = rest.split_once(&format!("</{name}>"))?;
    content
        .lines()
        .next()
        .map(str::trim)
        .filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_same_for_the_same_failure() {
        let said = |time: &str, id: &str| {
            words(&format!(
                "Object at location a not found: Error performing GET http://h/a in {time} - Server returned non-2xx status code: 404 \
                 Not Found: <?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>The key does not\nTime: {time}</Message>\
                 <RequestId>{id}</RequestId></Error>"
            ))
        };
        assert_eq!(said("1.2ms", "A"), "404 Not Found: NoSuchKey: The key does not");
        assert_eq!(said("1.2ms", "A"), said("31s", "B"));
        assert_eq!(
            words(
                "Generic S3 error: Error performing GET http://h/a in 2s, after 3 retries - connection refused"
            ),
            "Generic S3 error: Error performing GET http://h/a - connection refused"
        );
        assert!(words(&"é".repeat(5000)).len() < 1000);
    }

    #[test]
    fn what_may_pass_is_told_from_what_does_not() {
        for (text, last) in [
            ("x status code: 400 Bad Request: ", true),
            ("x status code: 301 Moved: ", true),
            ("x status code: 503 Slow Down: ", false),
            ("x status code: 429 Too Many: ", false),
            ("connection refused", false),
        ] {
            assert_eq!(is_final(text), last, "{text}");
        }
    }
}
