//! A Parquet file of this machine or of a store, of which only what is asked for is read.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use bytes::Bytes;
use parquet::errors::Result as ParquetResult;
use parquet::file::reader::{ChunkReader, Length};

use crate::error::{Context, Result};

/// What is read at once of a store where it is not said how much will be: heads of pages.
#[cfg(feature = "store")]
const AT_ONCE: u64 = 64 << 10;

/// A table that can be read from any place.
#[derive(Debug)]
pub(super) enum TableFile {
    Local(File, u64),
    #[cfg(feature = "store")]
    Remote(
        std::sync::Arc<cratedigger_store::Stores>,
        cratedigger_store::Object,
    ),
}

impl TableFile {
    /// Opens a file, or looks at an object.
    ///
    /// # Errors
    /// It is not there, or the store does not say.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let cannot = || format!("cannot read {}", path.display());
        if cratedigger_files::is_uri(path) {
            #[cfg(feature = "store")]
            {
                let stores = std::sync::Arc::new(cratedigger_store::Stores::from_env()?);
                let uri = cratedigger_store::Uri::of_path(path)?;
                return Self::remote(&stores, &uri).with_context(cannot);
            }
            #[cfg(not(feature = "store"))]
            crate::error::refuse!(Input, "{}: {}", path.display(), crate::objects::NO_STORES);
        }
        let file = File::open(path).with_context(cannot)?;
        let length = file.metadata().with_context(cannot)?.len();
        Ok(Self::Local(file, length))
    }

    /// Looks at an object.
    ///
    /// # Errors
    /// As [`Self::open`].
    #[cfg(feature = "store")]
    pub(super) fn remote(
        stores: &std::sync::Arc<cratedigger_store::Stores>,
        uri: &cratedigger_store::Uri,
    ) -> Result<Self> {
        Ok(Self::Remote(stores.clone(), stores.head(uri)?))
    }

    /// The same table again.
    ///
    /// # Errors
    /// There can be no more open files.
    pub(super) fn again(&self) -> Result<Self> {
        Ok(match self {
            Self::Local(file, length) => Self::Local(file.try_clone()?, *length),
            #[cfg(feature = "store")]
            Self::Remote(stores, object) => Self::Remote(stores.clone(), object.clone()),
        })
    }
}

impl Length for TableFile {
    fn len(&self) -> u64 {
        match self {
            Self::Local(_, length) => *length,
            #[cfg(feature = "store")]
            Self::Remote(_, object) => object.size,
        }
    }
}

impl ChunkReader for TableFile {
    type T = Box<dyn Read + Send>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        match self {
            Self::Local(file, _) => {
                let mut file = file.try_clone()?;
                file.seek(SeekFrom::Start(start))?;
                Ok(Box::new(BufReader::new(file)))
            }
            #[cfg(feature = "store")]
            Self::Remote(_, object) => {
                let end = (start + AT_ONCE).min(object.size);
                let first = self.get_bytes(start, end.saturating_sub(start) as usize)?;
                Ok(Box::new(std::io::Cursor::new(first)))
            }
        }
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        match self {
            Self::Local(file, _) => {
                let mut file = file.try_clone()?;
                file.seek(SeekFrom::Start(start))?;
                let mut bytes = Vec::new();
                file.take(length as u64).read_to_end(&mut bytes)?;
                match bytes.len() == length {
                    true => Ok(bytes.into()),
                    false => Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into()),
                }
            }
            #[cfg(feature = "store")]
            Self::Remote(stores, object) => stores
                .read_range(&object.uri, start..start + length as u64)
                .map_err(|error| parquet::errors::ParquetError::External(Box::new(error))),
        }
    }
}
