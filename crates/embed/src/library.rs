//! The folder of imported networks.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::error::{Error, Result};

/// How the names of imported networks end.
pub(crate) const EXTENSION: &str = "safetensors";

/// A name that stands for another: the network whose 50 tags name the most genres.
const SHORT: (&str, &str) = ("musicnn", "MSD_musicnn");

/// Where imported networks are kept: the folder that the variable `CRATEDIGGER_EMBEDDINGS` names, otherwise
/// `cratedigger/embeddings` in the user's folder of data.
///
/// # Errors
/// `Home` where neither is known.
pub fn folder() -> Result<PathBuf> {
    match std::env::var_os("CRATEDIGGER_EMBEDDINGS").filter(|folder| !folder.is_empty()) {
        Some(folder) => Ok(folder.into()),
        None => {
            let base = etcetera::choose_base_strategy().map_err(|_| Error::Home)?;
            Ok(base.data_dir().join("cratedigger").join("embeddings"))
        }
    }
}

/// Names and files of the networks in a folder, by name; none where there is no such folder.
///
/// # Errors
/// `File`.
pub fn list(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::from(error).in_file(folder)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| Error::from(error).in_file(folder))?.path();
        if path.extension().is_some_and(|extension| extension == EXTENSION)
            && let Some(name) = path.file_stem()
        {
            found.push((name.to_string_lossy().into_owned(), path.clone()));
        }
    }
    found.sort();
    Ok(found)
}

/// The file that a name or a path stands for. `musicnn` is `MSD_musicnn`.
///
/// # Errors
/// `Unknown` with the names that are there.
pub fn find(named: &str, folder: &Path) -> Result<PathBuf> {
    if Path::new(named).is_file() {
        return Ok(named.into());
    }
    let all = list(folder)?;
    let name = if named == SHORT.0 { SHORT.1 } else { named };
    if let Some((_, path)) = all.iter().find(|(known, _)| known == name) {
        return Ok(path.clone());
    }
    let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
    Err(Error::Unknown {
        name: named.to_owned(),
        known: match names.is_empty() {
            true => "none yet".to_owned(),
            false => names.join(", "),
        },
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_paths_and_the_short_name_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let none = find("musicnn", dir.path()).unwrap_err().to_string();
        assert!(
            none.contains("none yet") && none.contains("pip download"),
            "{none}"
        );
        assert!(list(&dir.path().join("absent")).unwrap().is_empty());
        for name in ["MTT_vgg.safetensors", "MSD_musicnn.safetensors", "notes.txt"] {
            std::fs::write(dir.path().join(name), "").unwrap();
        }
        let names: Vec<String> = list(dir.path())
            .unwrap()
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["MSD_musicnn", "MTT_vgg"]);
        let want = dir.path().join("MSD_musicnn.safetensors");
        for named in ["musicnn", "MSD_musicnn", want.to_str().unwrap()] {
            assert_eq!(find(named, dir.path()).unwrap(), want);
        }
        let error = find("msd", dir.path()).unwrap_err().to_string();
        assert!(error.contains("MSD_musicnn, MTT_vgg"), "{error}");
    }
}
