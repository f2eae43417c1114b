//! Objects that are put: only where there is none, in place of what is there, or in parts.

use std::io::Read;
use std::time::{Duration, Instant};

use bytes::Bytes;
use object_store::{ObjectStoreExt, PutMode, PutOptions, WriteMultipart};

use crate::error::{Error, Result};
use crate::read::key;
use crate::stores::Stores;
use crate::uri::Uri;

/// Bytes of a part of an object that is put in parts. Stores take at most 10,000 parts, and so objects of 160 GB.
const PART_BYTES: usize = 16 << 20;

/// Parts that are sent at a time.
const N_PARTS: usize = 4;

/// The wait before a put is tried again whose connection was cut.
const AFTER_A_CUT: Duration = Duration::from_millis(500);

/// What became of an object that was to be put where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is there now.
    Made,
    /// There was one, which stays.
    WasThere,
}

impl Stores {
    /// Puts an object unless there is one, in one step of the store: of several that do so at once, one makes it.
    ///
    /// # Errors
    /// The store refuses, or cannot put under a condition.
    pub fn put_new(&self, uri: &Uri, bytes: Bytes) -> Result<Put> {
        let store = self.writable(uri)?;
        let key = key(uri)?;
        let digest = blake3::hash(&bytes);
        let (began, patience) = (Instant::now(), Duration::from_secs_f64(self.settings().retry_s));
        let put = self.wait(async {
            loop {
                let options = PutOptions {
                    mode: PutMode::Create,
                    ..PutOptions::default()
                };
                match store.put_opts(&key, bytes.clone().into(), options).await {
                    Ok(_) => return Ok(Put::Made),
                    Err(
                        object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. },
                    ) => return Ok(Put::WasThere),
                    Err(error) => {
                        let error = Error::of(&error);
                        if !error.may_pass() || began.elapsed() >= patience {
                            return Err(error);
                        }
                    }
                }
                // A connection that is cut in the middle of it is not tried again by the store, which cannot know that it may be.
                tokio::time::sleep(AFTER_A_CUT).await;
            }
        })?;
        // A request that was tried again may have found what itself had put.
        if put == Put::WasThere {
            let there = self.head(uri)?;
            if there.size == bytes.len() as u64
                && self
                    .read_object(&there, there.size)
                    .is_ok_and(|found| blake3::hash(&found) == digest)
            {
                return Ok(Put::Made);
            }
        }
        Ok(put)
    }

    /// Puts an object in place of what is there.
    ///
    /// # Errors
    /// The store refuses.
    pub fn put(&self, uri: &Uri, bytes: Bytes) -> Result<()> {
        let store = self.writable(uri)?;
        let key = key(uri)?;
        self.wait(async {
            let put = store.put(&key, bytes.into()).await;
            put.map(drop).map_err(|error| Error::of(&error))
        })
    }

    /// Puts what is read in place of what is there: at once where it is less than a part, else in parts, so that it need not be in
    /// memory. Until the last part is there, nothing is.
    ///
    /// # Errors
    /// As [`Self::put`], and those of reading; the parts are then removed as far as the store lets them be.
    pub fn upload(&self, uri: &Uri, from: &mut dyn Read) -> Result<()> {
        let mut first = Vec::new();
        (&mut *from).take(PART_BYTES as u64).read_to_end(&mut first)?;
        if first.len() < PART_BYTES {
            return self.put(uri, first.into());
        }
        let store = self.writable(uri)?;
        let key = key(uri)?;
        self.wait(async {
            let begun = store.put_multipart(&key).await;
            let upload = begun.map_err(|error| Error::of(&error))?;
            let mut write = WriteMultipart::new_with_chunk_size(upload, PART_BYTES);
            write.put(first.into());
            loop {
                let mut part = Vec::with_capacity(PART_BYTES);
                let read = (&mut *from).take(PART_BYTES as u64).read_to_end(&mut part);
                let wrong = match read {
                    Ok(0) => break,
                    Ok(_) => match write.wait_for_capacity(N_PARTS).await {
                        Ok(()) => None,
                        Err(error) => Some(Error::of(&error)),
                    },
                    Err(error) => Some(error.into()),
                };
                if let Some(error) = wrong {
                    let _ = write.abort().await;
                    return Err(error);
                }
                write.put(part.into());
            }
            let done = write.finish().await;
            done.map(drop).map_err(|error| Error::of(&error))
        })
    }

    fn writable(&self, uri: &Uri) -> Result<std::sync::Arc<dyn object_store::ObjectStore>> {
        match uri.is_http() {
            true => Err(Error::ReadOnly { uri: uri.to_string() }),
            false => self.of(uri),
        }
    }
}
