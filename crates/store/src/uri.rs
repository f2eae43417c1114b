//! Addresses of objects.

use std::fmt;
use std::path::Path;

use cratedigger_files::is_uri;
use object_store::path::Path as Key;

use crate::error::{Error, Result};

/// The address of an object or of all objects whose names begin so: a scheme, a bucket (container, host), a key.
///
/// Keys are written as the stores list them; only in `https://` are they percent-encoded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uri {
    text: String,
    /// Where the key begins.
    key_at: usize,
}

impl Uri {
    /// Reads an address.
    ///
    /// # Errors
    /// The scheme is unknown, there is no bucket, or a part of the key cannot be: empty, `.` or `..`; a query behind `https://`.
    pub fn parse(text: &str) -> Result<Self> {
        let refuse = |reason: &str| {
            Err(Error::Uri {
                uri: text.to_owned(),
                reason: reason.to_owned(),
            })
        };
        if !is_uri(Path::new(text)) {
            return refuse("an address begins with s3://, gs://, az:// or https://");
        }
        let place_at = text.find("://").map_or(0, |at| at + 3);
        let rest = &text[place_at..];
        let place_end = rest.find('/').unwrap_or(rest.len());
        if place_end == 0 {
            return refuse("there is no bucket in it");
        }
        let key_at = (place_at + place_end + 1).min(text.len());
        let uri = Self {
            text: text.to_owned(),
            key_at,
        };
        if uri.is_http() && text.contains(['?', '#']) {
            return refuse("addresses with a query are not read");
        }
        match uri.path() {
            Ok(_) => Ok(uri),
            Err(error) => refuse(&error.to_string()),
        }
    }

    /// The address that a path of the command line is, if it is one.
    ///
    /// # Errors
    /// As [`Self::parse`]; it is no UTF-8.
    pub fn of_path(path: &Path) -> Result<Self> {
        match path.to_str() {
            Some(text) => Self::parse(text),
            None => Err(Error::Uri {
                uri: path.to_string_lossy().into_owned(),
                reason: "it is no UTF-8".to_owned(),
            }),
        }
    }

    /// Scheme and bucket: `s3://bucket`.
    pub fn place(&self) -> &str {
        self.text[..self.key_at].trim_end_matches('/')
    }

    /// The bucket, container or host.
    pub fn bucket(&self) -> &str {
        self.place().split_once("://").map_or("", |(_, bucket)| bucket)
    }

    /// What is behind the bucket.
    pub fn key(&self) -> &str {
        &self.text[self.key_at..]
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it ends in `/`, or is a whole bucket: what begins so is meant.
    pub fn is_prefix(&self) -> bool {
        self.key().is_empty() || self.key().ends_with('/')
    }

    /// Whether it is read by plain HTTP, and cannot be listed or written to.
    pub fn is_http(&self) -> bool {
        self.text.starts_with("http")
    }

    /// The address of a key in the same bucket.
    pub fn with_key(&self, key: &str) -> Self {
        let place = self.place();
        Self {
            text: format!("{place}/{key}"),
            key_at: place.len() + 1,
        }
    }

    /// The address of something in the folder that this one is.
    pub fn join(&self, name: &str) -> Self {
        match self.key().trim_end_matches('/') {
            "" => self.with_key(name),
            folder => self.with_key(&format!("{folder}/{name}")),
        }
    }

    /// The key as `object_store` wants it.
    pub(crate) fn path(&self) -> std::result::Result<Key, object_store::path::Error> {
        match self.is_http() {
            true => Key::from_url_path(self.key()),
            false => Key::parse(self.key()),
        }
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn addresses_are_taken_apart_and_put_together() {
        let uri = Uri::parse("gs://b/x/y z%20.mp3").unwrap();
        assert_eq!(
            (uri.place(), uri.bucket(), uri.key()),
            ("gs://b", "b", "x/y z%20.mp3")
        );
        assert_eq!(uri.path().unwrap().as_ref(), "x/y z%20.mp3");
        assert!(!uri.is_prefix() && Uri::parse("gs://b").unwrap().is_prefix());
        assert!(Uri::parse("gs://b/x/").unwrap().is_prefix());
        for (folder, want) in [
            ("s3://b", "s3://b/p"),
            ("s3://b/x", "s3://b/x/p"),
            ("s3://b/x/", "s3://b/x/p"),
        ] {
            assert_eq!(Uri::parse(folder).unwrap().join("p").as_str(), want);
        }
        let web = Uri::parse("https://h:8/a%20b.mp3").unwrap();
        assert_eq!((web.path().unwrap().as_ref(), web.bucket()), ("a b.mp3", "h:8"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "a/b.mp3",
            "ftp://b/k",
            "s3://",
            "s3:///k",
            "s3://b/a//b",
            "az://c/../k",
            "https://h/k?X-Sig=1",
        ] {
            let error = Uri::parse(text).unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
        }
    }
}
