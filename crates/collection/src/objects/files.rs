//! Whole objects that stand for files of a command: tables and models that are read, outputs that are written.

use std::path::Path;

use cratedigger_files::is_uri;

#[cfg(not(feature = "store"))]
use super::known::NO_STORES;
use crate::error::Result;
#[cfg(not(feature = "store"))]
use crate::error::refuse;

/// The stores of a command, for what is no recording.
#[derive(Debug)]
pub struct ObjectFiles {
    #[cfg(feature = "store")]
    stores: cratedigger_store::Stores,
}

impl ObjectFiles {
    /// Opened as the environment says.
    ///
    /// # Errors
    /// The environment does not say how, or this build has no stores.
    pub fn open() -> Result<Self> {
        #[cfg(feature = "store")]
        return Ok(Self {
            stores: cratedigger_store::Stores::from_env()?,
        });
        #[cfg(not(feature = "store"))]
        refuse!(Input, "{NO_STORES}")
    }

    /// Whether there is an object.
    ///
    /// # Errors
    /// It is no address, or the store does not say.
    pub fn has(&self, address: &Path) -> Result<bool> {
        debug_assert!(is_uri(address));
        #[cfg(feature = "store")]
        return match self.stores.head(&cratedigger_store::Uri::of_path(address)?) {
            Ok(_) => Ok(true),
            Err(cratedigger_store::Error::Missing { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        };
        #[cfg(not(feature = "store"))]
        refuse!(Input, "{NO_STORES}")
    }

    /// Copies an object into a file.
    ///
    /// # Errors
    /// There is none, the store does not answer, or the file cannot be written.
    pub fn fetch(&self, address: &Path, to: &Path) -> Result<()> {
        #[cfg(feature = "store")]
        {
            let uri = cratedigger_store::Uri::of_path(address)?;
            let mut file = std::fs::File::create(to)?;
            self.stores.copy_to(&uri, &mut file)?;
            Ok(())
        }
        #[cfg(not(feature = "store"))]
        refuse!(Input, "{}, for {}: {NO_STORES}", address.display(), to.display())
    }

    /// Puts a file; in place of an object only if so asked. Returns whether it was put.
    ///
    /// # Errors
    /// The store refuses, or the file cannot be read.
    pub fn put(&self, from: &Path, address: &Path, replace: bool) -> Result<bool> {
        #[cfg(feature = "store")]
        {
            let uri = cratedigger_store::Uri::of_path(address)?;
            if replace {
                self.stores.upload(&uri, &mut std::fs::File::open(from)?)?;
                return Ok(true);
            }
            let put = self.stores.put_new(&uri, std::fs::read(from)?.into())?;
            Ok(put == cratedigger_store::Put::Made)
        }
        #[cfg(not(feature = "store"))]
        refuse!(
            Input,
            "{} {} {replace}: {NO_STORES}",
            from.display(),
            address.display()
        )
    }
}
