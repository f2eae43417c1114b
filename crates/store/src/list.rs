//! What is below an address, streamed.

use futures::StreamExt;
use tokio::sync::mpsc::{Receiver, channel};

use crate::error::{Error, Result};
use crate::read::{Object, key};
use crate::stores::Stores;
use crate::uri::Uri;

/// Objects that were listed and not taken yet.
const N_WAITING: usize = 4096;

/// Objects as they are listed, in the order of the store: that of the bytes of their keys for S3 and Google, which have no other.
pub struct Objects {
    from: Receiver<Result<Object>>,
}

impl Iterator for Objects {
    type Item = Result<Object>;

    fn next(&mut self) -> Option<Self::Item> {
        self.from.blocking_recv()
    }
}

impl Stores {
    /// Lists all objects below an address; `s3://b/a` means what begins with `a/`. Never more than a few thousand are in memory.
    ///
    /// # Errors
    /// The store cannot be listed; what goes wrong later is among the objects, and the last of them.
    pub fn list(&self, uri: &Uri) -> Result<Objects> {
        if uri.is_http() {
            return Err(Error::ReadOnly { uri: uri.to_string() });
        }
        let store = self.of(uri)?;
        let prefix = key(uri)?;
        let (send, from) = channel(N_WAITING);
        let place = uri.with_key("");
        self.spawn(async move {
            let mut listed = store.list((!prefix.as_ref().is_empty()).then_some(&prefix));
            while let Some(found) = listed.next().await {
                let object = match found {
                    Ok(meta) => Ok(Object::of(place.with_key(meta.location.as_ref()), &meta)),
                    Err(error) => Err(Error::of(&error)),
                };
                let is_last = object.is_err();
                if send.send(object).await.is_err() || is_last {
                    return;
                }
            }
        })?;
        Ok(Objects { from })
    }
}
