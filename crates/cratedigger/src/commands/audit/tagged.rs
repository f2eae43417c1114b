//! Genres of files by their own tags, as a table of labels.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use cratedigger_collection::extract::Inputs;
use cratedigger_collection::tags::genres;
use cratedigger_files::csv::field;
use cratedigger_learn::model::Model;
use tempfile::NamedTempFile;

use crate::progress::{Progress, Unit};

/// The most files of a folder that is taken for an album; folders of a whole genre or of an artist's life have more.
const MOST_TRACKS: usize = 40;

/// A CSV file with the genre that each file's tags tell first, and its folder below DATA as its album. Genres that differ in capitals alone are
/// one: the model's, else the first.
pub(super) fn labels(paths: &[PathBuf], model: Option<&Model>, progress: Progress) -> Result<NamedTempFile> {
    if paths.iter().any(|path| path == Path::new("-")) {
        bail!("a list on standard input has no tags; name genres by --labels FILE");
    }
    let inputs = Inputs::find(paths, &mut std::io::empty())?;
    if let Some(reason) = inputs.nothing() {
        bail!("{reason}");
    }
    let mut spelled: BTreeMap<String, String> = BTreeMap::new();
    for label in model.iter().flat_map(|model| &model.card().labels) {
        spelled.insert(label.to_lowercase(), label.clone());
    }
    let job = progress.job("reading tags", Unit::Steps);
    let folder = |id: &str| id.rsplit_once('/').map(|(folder, _)| folder.to_owned());
    let mut n_in_folder: BTreeMap<String, usize> = BTreeMap::new();
    for file in &inputs.files {
        if let Some(folder) = folder(&file.id) {
            *n_in_folder.entry(folder).or_default() += 1;
        }
    }
    let album = |id: &str| folder(id).filter(|folder| n_in_folder[folder] <= MOST_TRACKS);
    let mut text = "path,genre,album\n".to_owned();
    let (mut n_without, mut n_unread) = (0, 0);
    for (at, file) in inputs.files.iter().enumerate() {
        match genres(&file.path) {
            Ok(genres) if genres.is_empty() => n_without += 1,
            Ok(genres) => {
                let said = genres[0].trim();
                let genre = spelled
                    .entry(said.to_lowercase())
                    .or_insert_with(|| said.to_owned());
                let album = album(&file.id).unwrap_or_default();
                let _ = writeln!(text, "{},{},{}", field(&file.id), field(genre), field(&album));
            }
            // A file that has no tags may have sound all the same; it has no label to doubt.
            Err(_) => n_unread += 1,
        }
        job.set(at as u64 + 1, inputs.files.len() as u64);
    }
    drop(job);
    let n_tagged = inputs.files.len() - n_without - n_unread;
    if n_tagged == 0 {
        bail!(
            "none of the {} files has a genre in its tags; name genres by --labels FILE",
            inputs.files.len()
        );
    }
    progress.say(&format!(
        "genres of the files' own tags: {n_tagged} files have one, {n_without} have none, the tags of {n_unread} cannot be read; \
         folders of up to {MOST_TRACKS} files are taken for albums"
    ));
    let labels = tempfile::Builder::new().suffix(".csv").tempfile()?;
    std::fs::write(labels.path(), text)?;
    Ok(labels)
}
