//! Bytes of objects by URI: listed, read whole or by ranges, fetched ahead of who needs them, put.
//!
//! ```text
//!  s3://bucket/key  gs://…  az://container/…  https://host/… (read only)
//!        │ Uri
//!        v
//!     Stores ──list──> Objects (streamed)          ──head──> Object: size, etag
//!        │    ──read, read_range──> bytes, at most so many
//!        │    ──ahead──> Ahead: bytes of a list of objects in its order, bounded by count and bytes, while others are worked on
//!        └────put_new (only where there is none), put, upload (in parts)
//! ```
//!
//! Nothing here knows what the bytes are. Calls block; a few threads of the [`Stores`] do the waiting, and end with it. Credentials come
//! from each store's usual environment variables, retries with back-off and jitter and the bounds of fetching ahead from
//! [`Settings`]. What a store says in an error is kept in the error, without what differs from request to request.
//!
//! | to change | look into |
//! |---|---|
//! | what an address may look like | `uri.rs` |
//! | retries, times, bounds of fetching ahead, and their environment variables | `settings.rs` |
//! | how a store is opened | `stores.rs` |
//! | when a store counts as one that does not answer, and who is told | `watch.rs` |
//! | which failures may pass, and in which words they are told | `error.rs` |
//! | how bytes are read; what is a changed or a truncated object | `read.rs` |
//! | what is fetched ahead, and how much | `ahead.rs` |
//! | how an object is put | `put.rs` |
//!
//! ```
//! use cratedigger_store::{Settings, Stores, Uri};
//!
//! let uri = Uri::parse("s3://music/folk/a b.mp3")?;
//! assert_eq!((uri.place(), uri.key()), ("s3://music", "folk/a b.mp3"));
//! // Nothing is asked of a store before something is read.
//! let stores = Stores::new(Settings::default())?;
//! let error = stores.put_new(&Uri::parse("https://example.org/x")?, Vec::new().into()).unwrap_err();
//! assert!(error.to_string().contains("read only"));
//! # Ok::<(), cratedigger_store::Error>(())
//! ```

mod ahead;
mod error;
mod list;
mod put;
mod read;
mod settings;
mod stores;
#[cfg(test)]
mod test_server;
#[cfg(test)]
mod tests;
mod uri;
mod watch;

pub use ahead::Ahead;
pub use bytes::Bytes;
pub use error::{Error, Result};
pub use list::Objects;
pub use put::Put;
pub use read::Object;
pub use settings::Settings;
pub use stores::Stores;
pub use uri::Uri;
pub use watch::tell_waits;
