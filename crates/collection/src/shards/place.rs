//! Where parts lie: a folder, or what is below an address of a store. Either gives a name only once.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use cratedigger_files::{Existing, WholeFile, is_uri, sweep};

use crate::error::{Context, Result, refuse};

/// A place for parts.
#[derive(Debug)]
pub enum Place {
    /// A folder.
    Folder(PathBuf),
    /// What is below an address.
    #[cfg(feature = "store")]
    Store(std::sync::Arc<cratedigger_store::Stores>, cratedigger_store::Uri),
}

/// What became of a name that was to be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// It was free.
    New,
    /// Something had it, and has it still.
    WasThere,
}

impl Place {
    /// The place that a person named.
    ///
    /// # Errors
    /// It is an address that is none, or of a kind that cannot be written to; stores cannot be opened, or are not in this build.
    pub fn of(path: &Path) -> Result<Self> {
        if !is_uri(path) {
            if path.is_file() {
                refuse!(Input, "{} is a file, and parts go into a folder", path.display());
            }
            return Ok(Self::Folder(path.to_owned()));
        }
        #[cfg(feature = "store")]
        {
            let stores = std::sync::Arc::new(cratedigger_store::Stores::from_env()?);
            let uri = cratedigger_store::Uri::of_path(path)?;
            if uri.is_http() {
                refuse!(Input, "{uri} is read only, and cannot be listed");
            }
            Ok(Self::Store(stores, uri))
        }
        #[cfg(not(feature = "store"))]
        refuse!(Input, "{}: {}", path.display(), crate::objects::NO_STORES)
    }

    /// Names of all files in it, in the order of their bytes.
    ///
    /// # Errors
    /// It cannot be listed. A folder that is not there has none.
    pub fn names(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        match self {
            Self::Folder(folder) => match std::fs::read_dir(folder) {
                Ok(entries) => {
                    for entry in entries {
                        names.extend(entry?.file_name().into_string().ok());
                    }
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error).with_context(|| format!("cannot list {}", folder.display())),
            },
            #[cfg(feature = "store")]
            Self::Store(stores, uri) => {
                let folder = uri.join("");
                for object in stores.list(uri)? {
                    let object = object?;
                    names.extend(
                        object
                            .uri
                            .as_str()
                            .strip_prefix(folder.as_str())
                            .map(str::to_owned),
                    );
                }
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Whether there is a file of that name.
    ///
    /// # Errors
    /// The store does not say.
    pub fn has(&self, name: &str) -> Result<bool> {
        match self {
            Self::Folder(folder) => Ok(folder.join(name).is_file()),
            #[cfg(feature = "store")]
            Self::Store(stores, uri) => match stores.head(&uri.join(name)) {
                Ok(_) => Ok(true),
                Err(cratedigger_store::Error::Missing { .. }) => Ok(false),
                Err(error) => Err(error.into()),
            },
        }
    }

    /// Sees that files can be put here, as far as that can be seen.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn prepare(&self) -> Result<()> {
        match self {
            Self::Folder(folder) => {
                std::fs::create_dir_all(folder)
                    .with_context(|| format!("cannot make {}", folder.display()))?;
                sweep(folder);
                Ok(())
            }
            #[cfg(feature = "store")]
            Self::Store(..) => Ok(()),
        }
    }

    /// Gives bytes a name that is free; of several who do so at once, one does.
    ///
    /// # Errors
    /// The folder or the store cannot be written to.
    pub fn put_new(&self, name: &str, bytes: Vec<u8>) -> Result<Named> {
        match self {
            Self::Folder(folder) => {
                let path = folder.join(name);
                match write(&path, &bytes, Existing::Keep) {
                    Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Named::WasThere),
                    written => written
                        .map(|()| Named::New)
                        .with_context(|| format!("cannot write {}", path.display())),
                }
            }
            #[cfg(feature = "store")]
            Self::Store(stores, uri) => Ok(match stores.put_new(&uri.join(name), bytes.into())? {
                cratedigger_store::Put::Made => Named::New,
                cratedigger_store::Put::WasThere => Named::WasThere,
            }),
        }
    }

    /// Gives bytes a name, in place of what has it.
    ///
    /// # Errors
    /// As [`Self::put_new`].
    pub fn put(&self, name: &str, bytes: Vec<u8>) -> Result<()> {
        match self {
            Self::Folder(folder) => {
                let path = folder.join(name);
                write(&path, &bytes, Existing::ReplaceLink)
                    .with_context(|| format!("cannot write {}", path.display()))
            }
            #[cfg(feature = "store")]
            Self::Store(stores, uri) => Ok(stores.put(&uri.join(name), bytes.into())?),
        }
    }

    /// Where a name is, for people.
    pub fn show(&self, name: &str) -> String {
        match self {
            Self::Folder(folder) => folder.join(name).display().to_string(),
            #[cfg(feature = "store")]
            Self::Store(_, uri) => uri.join(name).to_string(),
        }
    }
}

fn write(path: &Path, bytes: &[u8], existing: Existing) -> std::io::Result<()> {
    let mut file = WholeFile::create(path, existing)?;
    file.write_all(bytes)?;
    file.finish().map(drop)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_name_is_given_once() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::of(&dir.path().join("parts")).unwrap();
        assert!(place.names().unwrap().is_empty());
        place.prepare().unwrap();
        let made: Vec<Named> = std::thread::scope(|scope| {
            let put = |text: &'static str| {
                let place = &place;
                scope.spawn(move || place.put_new("p", text.into()).unwrap())
            };
            [put("one"), put("two"), put("three")]
                .map(|t| t.join().unwrap())
                .to_vec()
        });
        assert_eq!(made.iter().filter(|named| **named == Named::New).count(), 1);
        assert!(place.has("p").unwrap() && !place.has("q").unwrap());
        place.put("a", b"x".to_vec()).unwrap();
        place.put("a", b"y".to_vec()).unwrap();
        assert_eq!(place.names().unwrap(), ["a", "p"]);
        assert!(Place::of(&dir.path().join("parts/a")).is_err());
    }
}
