//! One object: looked at, read whole, read in part.

use std::io::Write;
use std::ops::Range;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use object_store::path::Path as Key;
use object_store::{GetOptions, GetRange, ObjectStore};

use crate::error::{Error, Result};
use crate::stores::Stores;
use crate::uri::Uri;

/// Requests for the state of objects that are under way at a time.
const N_HEADS: usize = 32;

/// An object as a store tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Where it is.
    pub uri: Uri,
    /// Its bytes.
    pub size: u64,
    /// What changes with its bytes, where the store tells it: an etag, else the time of its last change.
    pub version: Option<String>,
}

impl Object {
    /// From what a store tells.
    pub(crate) fn of(uri: Uri, meta: &object_store::ObjectMeta) -> Self {
        Self {
            uri,
            size: meta.size,
            version: Some(version(meta)),
        }
    }

    /// The etag that a request may be bound to.
    fn etag(&self) -> Option<&str> {
        self.version
            .as_deref()
            .filter(|version| !version.starts_with(TIME))
    }
}

/// How a version begins that is a time.
const TIME: &str = "time ";

fn version(meta: &object_store::ObjectMeta) -> String {
    match &meta.e_tag {
        Some(etag) => etag.clone(),
        None => format!("{TIME}{}", meta.last_modified.timestamp_millis()),
    }
}

impl Stores {
    /// Asks for an object's size and version.
    ///
    /// # Errors
    /// There is none, or the store does not say.
    pub fn head(&self, uri: &Uri) -> Result<Object> {
        let store = self.of(uri)?;
        self.wait(head(store, uri.clone()))
    }

    /// The same for many, some of them at a time, in their order.
    ///
    /// # Errors
    /// A store cannot be opened; what is wrong with one object is in its place.
    pub fn heads(&self, uris: &[Uri]) -> Result<Vec<Result<Object>>> {
        let asked: Vec<_> = uris
            .iter()
            .map(|uri| Ok((self.of(uri)?, uri.clone())))
            .collect::<Result<_>>()?;
        self.wait(async {
            let answers = futures::stream::iter(asked)
                .map(|(store, uri)| head(store, uri))
                .buffered(N_HEADS);
            Ok(answers.collect().await)
        })
    }

    /// The bytes of an object, whatever they are now.
    ///
    /// # Errors
    /// As [`Self::head`]; it has more than `most` bytes, or changes meanwhile.
    pub fn read(&self, uri: &Uri, most: u64) -> Result<Bytes> {
        let object = self.head(uri)?;
        self.read_object(&object, most)
    }

    /// The bytes of the object that was listed, and of no other that has its name by now.
    ///
    /// # Errors
    /// As [`Self::read`]; [`Error::Changed`] and [`Error::Truncated`].
    pub fn read_object(&self, object: &Object, most: u64) -> Result<Bytes> {
        let store = self.of(&object.uri)?;
        self.wait(whole(store, object.clone(), self.settings().range_bytes, most))
    }

    /// Copies an object range by range, so that it need not be in memory.
    ///
    /// # Errors
    /// As [`Self::read`], and those of writing.
    pub fn copy_to(&self, uri: &Uri, to: &mut dyn Write) -> Result<Object> {
        let object = self.head(uri)?;
        let (store, key) = (self.of(uri)?, key(uri)?);
        let mut at = 0;
        while at < object.size {
            let end = (at + self.settings().range_bytes).min(object.size);
            let bytes = self.wait(part(&store, &key, object.etag(), Some(at..end)))?;
            to.write_all(&bytes)?;
            at = end;
        }
        to.flush()?;
        Ok(object)
    }

    /// Some of an object's bytes.
    ///
    /// # Errors
    /// As [`Self::read`]; the object ends before the range does.
    pub fn read_range(&self, uri: &Uri, range: Range<u64>) -> Result<Bytes> {
        let store = self.of(uri)?;
        let key = key(uri)?;
        self.wait(async move { part(&store, &key, None, Some(range)).await })
    }
}

pub(crate) fn key(uri: &Uri) -> Result<Key> {
    uri.path().map_err(|error| Error::Uri {
        uri: uri.to_string(),
        reason: error.to_string(),
    })
}

async fn head(store: Arc<dyn ObjectStore>, uri: Uri) -> Result<Object> {
    let options = GetOptions {
        head: true,
        ..GetOptions::default()
    };
    let found = store.get_opts(&key(&uri)?, options).await;
    found
        .map(|found| Object::of(uri, &found.meta))
        .map_err(|error| Error::of(&error))
}

/// All bytes of an object, in one request where it is small, else range by range, each bound to the object's etag.
pub(crate) async fn whole(
    store: Arc<dyn ObjectStore>,
    object: Object,
    range_bytes: u64,
    most: u64,
) -> Result<Bytes> {
    if object.size > most {
        return Err(Error::TooLarge {
            n_bytes: object.size,
            limit: most,
        });
    }
    let key = key(&object.uri)?;
    let etag = object.etag();
    let bytes = if object.size <= range_bytes {
        part(&store, &key, etag, None).await?
    } else {
        let mut all = BytesMut::with_capacity(usize::try_from(object.size).unwrap_or(0));
        let mut at = 0;
        while at < object.size {
            let end = (at + range_bytes).min(object.size);
            let bytes = part(&store, &key, etag, Some(at..end)).await?;
            if bytes.is_empty() {
                break;
            }
            at += bytes.len() as u64;
            all.extend_from_slice(&bytes);
        }
        all.freeze()
    };
    match bytes.len() as u64 {
        found if found != object.size => Err(Error::Truncated {
            expected: object.size,
            found,
        }),
        _ => Ok(bytes),
    }
}

async fn part(
    store: &Arc<dyn ObjectStore>,
    key: &Key,
    etag: Option<&str>,
    range: Option<Range<u64>>,
) -> Result<Bytes> {
    let options = GetOptions {
        if_match: etag.map(str::to_owned),
        range: range.clone().map(GetRange::Bounded),
        ..GetOptions::default()
    };
    let got = store
        .get_opts(key, options)
        .await
        .map_err(|error| Error::of(&error))?;
    let bytes = got.bytes().await.map_err(|error| Error::of(&error))?;
    match range {
        Some(range) if bytes.len() as u64 != range.end - range.start => Err(Error::Truncated {
            expected: range.end - range.start,
            found: bytes.len() as u64,
        }),
        _ => Ok(bytes),
    }
}
