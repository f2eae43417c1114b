//! The stores that are open, and the threads that wait for them.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::http::HttpBuilder;
use object_store::{ClientConfigKey, ObjectStore};
use tokio::runtime::{Builder, Runtime};

use crate::error::{Error, Result};
use crate::settings::Settings;
use crate::uri::Uri;
use crate::watch::{Watch, Watched};

/// Threads that send and receive; the bytes of a dozen cores are nothing to one of them but for encryption.
const N_THREADS: usize = 2;

/// Every store that was named so far. To be shared: connections are kept and used again.
pub struct Stores {
    settings: Settings,
    open: Mutex<BTreeMap<String, Arc<dyn ObjectStore>>>,
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
}

impl Drop for Stores {
    /// What nobody waits for any more is left.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_millis(100));
        }
    }
}

impl std::fmt::Debug for Stores {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stores")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Stores {
    /// With none open yet.
    ///
    /// # Errors
    /// There can be no more threads.
    pub fn new(settings: Settings) -> Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(N_THREADS)
            .thread_name("objects")
            .enable_all()
            .build()?;
        Ok(Self {
            settings,
            open: Mutex::default(),
            runtime: Some(runtime),
        })
    }

    /// As the environment says.
    ///
    /// # Errors
    /// As [`Settings::from_env`] and [`Self::new`].
    pub fn from_env() -> Result<Self> {
        Self::new(Settings::from_env()?)
    }

    /// How patient and how greedy they are.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The store of an address, opened if it is not.
    pub(crate) fn of(&self, uri: &Uri) -> Result<Arc<dyn ObjectStore>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = open.get(uri.place()) {
            return Ok(store.clone());
        }
        let store = self.open(uri)?;
        open.insert(uri.place().to_owned(), store.clone());
        Ok(store)
    }

    /// Uses a store for all addresses that begin so.
    #[cfg(test)]
    pub(crate) fn use_store(&self, place: &str, store: Arc<dyn ObjectStore>) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.insert(place.to_owned(), store);
    }

    fn open(&self, uri: &Uri) -> Result<Arc<dyn ObjectStore>> {
        let retry = self.settings.retry();
        let timeout = format!("{} ms", (1000.0 * self.settings.timeout_s).ceil());
        let watched = Watched(Arc::new(Watch::new(retry.retry_timeout)));
        let place = uri.place();
        let opened: object_store::Result<Arc<dyn ObjectStore>> = match place.split_once("://") {
            Some(("s3", bucket)) => AmazonS3Builder::from_env()
                .with_bucket_name(bucket)
                .with_config(AmazonS3ConfigKey::Client(ClientConfigKey::Timeout), timeout)
                .with_retry(retry)
                .with_http_connector(watched)
                .build()
                .map(|store| Arc::new(store) as _),
            Some(("gs", bucket)) => GoogleCloudStorageBuilder::from_env()
                .with_bucket_name(bucket)
                .with_config(GoogleConfigKey::Client(ClientConfigKey::Timeout), timeout)
                .with_retry(retry)
                .with_http_connector(watched)
                .build()
                .map(|store| Arc::new(store) as _),
            Some(("az", container)) => MicrosoftAzureBuilder::from_env()
                .with_container_name(container)
                .with_config(AzureConfigKey::Client(ClientConfigKey::Timeout), timeout)
                .with_retry(retry)
                .with_http_connector(watched)
                .build()
                .map(|store| Arc::new(store) as _),
            Some(("http", _)) if !self.settings.allow_http => {
                return Err(Error::Open {
                    place: place.to_owned(),
                    said: "http:// is not encrypted; use https://, or set CRATEDIGGER_ALLOW_HTTP=true"
                        .to_owned(),
                });
            }
            _ => HttpBuilder::new()
                .with_url(place)
                .with_config(ClientConfigKey::Timeout, timeout)
                .with_config(ClientConfigKey::AllowHttp, self.settings.allow_http.to_string())
                .with_retry(retry)
                .with_http_connector(watched)
                .build()
                .map(|store| Arc::new(store) as _),
        };
        opened.map_err(|error| Error::Open {
            place: place.to_owned(),
            said: error.to_string(),
        })
    }

    /// Waits for something that the threads do.
    ///
    /// # Errors
    /// Never while this is there.
    pub(crate) fn wait<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        match &self.runtime {
            Some(runtime) => runtime.block_on(work),
            None => Err(ended()),
        }
    }

    /// Has the threads do something.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> Result<()> {
        match &self.runtime {
            Some(runtime) => {
                drop(runtime.spawn(work));
                Ok(())
            }
            None => Err(ended()),
        }
    }
}

fn ended() -> Error {
    std::io::Error::other("the stores are closed").into()
}
