//! The small JSON file beside a CSV file of features that says which recipe made them. It is bound to the file by the hash of its
//! bytes: the two are written one after the other, and whatever happens in between, no values are taken for those of another recipe.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use cratedigger_files::write_whole;
use serde::{Deserialize, Serialize};

use super::RECIPE_KEY;
use crate::error::{Error, Result};

/// The largest note that is read.
const MAX_BYTES: u64 = 1 << 16;

/// What a note says of the features.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Said {
    /// The recipe that made them.
    #[serde(rename = "cratedigger.recipe")]
    pub(super) recipe: String,
    /// What must be known of the embeddings among them, as JSON.
    #[serde(
        rename = "cratedigger.embeddings",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub(super) embeddings: Option<String>,
}

/// A note.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Note {
    #[serde(flatten)]
    said: Said,
    /// BLAKE3 of the file that is meant; notes of earlier versions do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    blake3: Option<String>,
    /// What it said before, while the file is being replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<Box<Note>>,
}

/// Where the note of a CSV file of features is: `got.csv` has `got.csv.json`.
pub fn recipe_note(csv: &Path) -> PathBuf {
    let mut name = csv.as_os_str().to_owned();
    name.push(".json");
    name.into()
}

/// What a note beside a CSV file says of its features.
pub(super) fn said(csv: &Path) -> Result<Option<Said>> {
    let Some(note) = load(csv)? else {
        return Ok(None);
    };
    if note.blake3.is_none() {
        return Ok(Some(note.said));
    }
    let found = hash(csv).map_err(|e| Error::read(csv, e))?;
    let is_of = |note: &Note| note.blake3.as_deref() == Some(found.as_str());
    match std::iter::once(&note)
        .chain(note.before.as_deref())
        .find(|note| is_of(note))
    {
        Some(note) => Ok(Some(note.said.clone())),
        None => Err(refuse(
            csv,
            format!(
                "it was changed after {} was written, which says by which recipe its features were made; delete that file, and \
                 say the recipe with --recipe",
                recipe_note(csv).display()
            ),
        )),
    }
}

/// Refuses to begin where something else has the name of the note.
pub(super) fn check(csv: &Path) -> Result<()> {
    load(csv).map(drop)
}

/// Gives a file its name by `rename`, so that at any moment what the note says of the file that is there is true.
pub(super) fn replace(
    csv: &Path,
    said: Said,
    blake3: blake3::Hash,
    rename: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let note = Note {
        said,
        blake3: Some(blake3.to_hex().to_string()),
        before: None,
    };
    let before = of_old(csv)?;
    save(
        csv,
        &Note {
            before: before.clone().map(Box::new),
            ..note.clone()
        },
    )?;
    rename()?;
    match before {
        Some(_) => save(csv, &note),
        None => Ok(()),
    }
}

/// What is known of the file that is to be replaced.
fn of_old(csv: &Path) -> Result<Option<Note>> {
    // What cannot be told of the old file does not keep a new one from being written.
    let (Ok(Some(said)), Ok(blake3)) = (said(csv), hash(csv)) else {
        return Ok(None);
    };
    Ok(Some(Note {
        said,
        blake3: Some(blake3),
        before: None,
    }))
}

fn save(csv: &Path, note: &Note) -> Result<()> {
    let path = recipe_note(csv);
    let failed = |e| Error::write(&path, e);
    let mut text = serde_json::to_vec(note).map_err(|e| failed(e.into()))?;
    text.push(b'\n');
    write_whole(&path, &text).map_err(failed)
}

fn load(csv: &Path) -> Result<Option<Note>> {
    let path = recipe_note(csv);
    let mut text = Vec::new();
    let read = File::open(&path).and_then(|file| file.take(MAX_BYTES).read_to_end(&mut text));
    match read {
        Ok(_) => {}
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(Error::read(&path, e)),
    }
    let note = serde_json::from_slice(&text);
    note.map(Some)
        .map_err(|e| refuse(&path, format!("{e}; expected {{\"{RECIPE_KEY}\": \"...\"}}")))
}

fn hash(csv: &Path) -> std::io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(csv)?)?;
    Ok(hasher.finalize().to_hex().to_string())
}

fn refuse(path: &Path, problem: String) -> Error {
    Error::FeatureFile {
        path: path.to_owned(),
        problem,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn of(recipe: &str) -> Said {
        Said {
            recipe: recipe.to_owned(),
            embeddings: None,
        }
    }

    fn recipe(csv: &Path) -> Result<Option<String>> {
        Ok(said(csv)?.map(|said| said.recipe))
    }

    #[test]
    fn whatever_ends_a_replacement_the_recipe_is_that_of_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let csv = dir.path().join("f.csv");
        let write = |text: &str| std::fs::write(&csv, text).unwrap();
        let named = |text: &'static str, recipe_name: &str| {
            replace(&csv, of(recipe_name), blake3::hash(text.as_bytes()), || {
                write(text);
                Ok(())
            })
        };
        named("old", "librosa/1").unwrap();
        assert_eq!(recipe(&csv).unwrap().unwrap(), "librosa/1");
        // Ended before the rename, and behind it, before the note is written again.
        let ended = |text: &'static str| {
            let killed = replace(&csv, of("fma/1"), blake3::hash(b"new"), || {
                write(text);
                Err(refuse(&csv, "killed".to_owned()))
            });
            assert!(killed.is_err());
        };
        ended("old");
        assert_eq!(recipe(&csv).unwrap().unwrap(), "librosa/1");
        ended("new");
        assert_eq!(recipe(&csv).unwrap().unwrap(), "fma/1");
        named("newer", "fma/1").unwrap();
        assert_eq!(recipe(&csv).unwrap().unwrap(), "fma/1");
        assert!(load(&csv).unwrap().unwrap().before.is_none());
        // By other hands.
        write("another");
        let error = recipe(&csv).unwrap_err().to_string();
        assert!(
            error.contains("f.csv.json") && error.contains("--recipe"),
            "{error}"
        );
        named("newest", "librosa/1").unwrap();
        assert_eq!(recipe(&csv).unwrap().unwrap(), "librosa/1");
        // Of an earlier version.
        std::fs::write(recipe_note(&csv), "{\"cratedigger.recipe\": \"fma/1\"}").unwrap();
        assert_eq!(recipe(&csv).unwrap().unwrap(), "fma/1");
        ended("newest");
        assert_eq!(recipe(&csv).unwrap().unwrap(), "fma/1");
    }
}
