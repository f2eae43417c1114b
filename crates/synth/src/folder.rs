//! A folder that an archive is written into: what an earlier one left goes, and nothing else.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cratedigger_catalog::TableId;
use cratedigger_catalog::store::MARKER_FILE;
use cratedigger_files::sweep;

use crate::archive::path_of;
use crate::clips::CLIP_FOLDER;
use crate::error::Error;
use crate::options::Format;

/// Makes `dir` and removes an earlier synthetic archive from it, but for the clips that are kept.
pub(crate) fn clear(dir: &Path, keep: Option<Vec<PathBuf>>) -> Result<(), Error> {
    fs::create_dir_all(dir).map_err(failed(dir))?;
    sweep(dir);
    let is_synthetic = dir.join(MARKER_FILE).exists();
    let mut old = Vec::new();
    for id in TableId::ALL {
        // Features beside clips that stay were extracted from these.
        if keep.is_some() && id == TableId::Features {
            continue;
        }
        for format in [Format::Csv, Format::Parquet] {
            let path = path_of(dir, id, format);
            if path.exists() {
                if !is_synthetic {
                    return Err(Error::NotSynthetic { path });
                }
                old.push(path);
            }
        }
    }
    let clips = dir.join(CLIP_FOLDER);
    if clips.exists() && !is_synthetic {
        return Err(Error::NotSynthetic { path: clips });
    }
    old.iter()
        .try_for_each(|path| fs::remove_file(path).map_err(failed(path)))?;
    if is_synthetic {
        discard(dir, keep.unwrap_or_default())?;
    }
    Ok(())
}

/// Removes clips and what an interruption left of them from a synthetic archive, but for those that `keep` has.
fn discard(dir: &Path, mut kept: Vec<PathBuf>) -> Result<(), Error> {
    let top = dir.join(CLIP_FOLDER);
    kept.sort_unstable();
    for folder in entries(&top)? {
        if !is_number(&folder, 3) || !folder.is_dir() {
            continue;
        }
        sweep(&folder);
        for file in entries(&folder)? {
            let is_clip = is_number(&file, 6) && file.extension().is_some_and(|e| e == "wav" || e == "flac");
            if is_clip && kept.binary_search(&file).is_err() {
                fs::remove_file(&file).map_err(failed(&file))?;
            }
        }
        // Folders with anything else in them stay.
        let _ = fs::remove_dir(&folder);
    }
    let _ = fs::remove_dir(&top);
    Ok(())
}

/// What a folder holds, in order; nothing where there is no folder.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let listing = match fs::read_dir(folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(failed(folder))?,
    };
    let mut paths = listing
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed(folder))?;
    paths.sort_unstable();
    Ok(paths)
}

/// True for a name of at least `n` digits, its extension left aside.
fn is_number(path: &Path, n: usize) -> bool {
    path.file_stem().is_some_and(|stem| {
        let stem = stem.to_string_lossy();
        stem.len() >= n && stem.bytes().all(|b| b.is_ascii_digit())
    })
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> Error + use<> {
    let path = path.to_path_buf();
    move |source| Error::Write { path, source }
}
