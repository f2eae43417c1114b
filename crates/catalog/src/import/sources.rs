//! Which files of a folder are tables of the dataset.

use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::schema::TableId;

/// The folder into which the distributed `fma_metadata.zip` unpacks.
const ARCHIVE_FOLDER: &str = "fma_metadata";

/// The files to import, in the order of [`TableId::ALL`]: those of a folder, or a `tracks.csv` of any name and its siblings.
pub(super) fn find(dir: &Path, required: &[TableId]) -> Result<Vec<(TableId, PathBuf)>> {
    let metadata = std::fs::metadata(dir).map_err(|source| Error::read(dir, source))?;
    let (folder, tracks) = match metadata.is_dir() {
        true => (dir.to_path_buf(), None),
        false => (dir.parent().unwrap_or(Path::new("")).to_path_buf(), Some(dir)),
    };
    if tracks.is_none() {
        // Asked first, so that a folder that may not be listed is not taken for an empty one.
        std::fs::read_dir(dir).map_err(|source| Error::read(dir, source))?;
    }
    let mut found = Vec::new();
    for table in TableId::ALL {
        let path = match tracks {
            Some(tracks) if table == TableId::Tracks => tracks.to_path_buf(),
            _ => folder.join(table.file_name()),
        };
        match std::fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => {
                return Err(Error::read(&path, io::Error::from(io::ErrorKind::IsADirectory)));
            }
            Ok(_) => found.push((table, path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::read(&path, error)),
        }
    }
    if found.is_empty() {
        let nested = dir.join(ARCHIVE_FOLDER);
        let nested = nested
            .join(TableId::Tracks.file_name())
            .is_file()
            .then_some(nested);
        return Err(Error::NoTables {
            dir: dir.to_path_buf(),
            nested,
        });
    }
    for &table in required {
        if !found.iter().any(|(t, _)| *t == table) {
            return Err(Error::MissingFile {
                table,
                path: folder.join(table.file_name()),
            });
        }
    }
    Ok(found)
}
