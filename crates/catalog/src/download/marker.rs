//! The list of what was unpacked, by which a later call sees that nothing is left to do.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::Error;
use super::part::write_json;
use super::spec::Spec;

/// Files of an archive that was wholly unpacked: path below the destination with `/`, and size in bytes.
#[derive(Serialize, Deserialize)]
pub(super) struct Marker {
    sha1: String,
    files: Vec<(String, u64)>,
}

impl Marker {
    pub(super) fn path(dest: &Path, spec: &Spec) -> PathBuf {
        dest.join(format!("{}.unpacked.json", spec.file_name))
    }

    pub(super) fn new(spec: &Spec, files: Vec<(String, u64)>) -> Self {
        Self {
            sha1: spec.sha1.clone(),
            files,
        }
    }

    /// The list at `path` if it is of that very archive.
    pub(super) fn read(path: &Path, spec: &Spec) -> Option<Self> {
        let marker: Self = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
        (marker.sha1 == spec.sha1).then_some(marker)
    }

    pub(super) fn write(&self, path: &Path) -> Result<(), Error> {
        write_json(path, self)
    }

    /// Whether every file is there with its size.
    pub(super) fn is_complete(&self, dest: &Path) -> bool {
        self.files.iter().all(|(file, size)| {
            std::fs::metadata(dest.join(file)).is_ok_and(|found| found.is_file() && found.len() == *size)
        })
    }

    pub(super) fn n_files(&self) -> usize {
        self.files.len()
    }

    pub(super) fn n_bytes(&self) -> u64 {
        self.files.iter().map(|(_, size)| size).sum()
    }

    /// What the archive holds at its top, in order of name.
    pub(super) fn roots(&self, dest: &Path) -> Vec<PathBuf> {
        let tops: BTreeSet<_> = self
            .files
            .iter()
            .filter_map(|(file, _)| file.split('/').next())
            .collect();
        tops.into_iter().map(|top| dest.join(top)).collect()
    }
}
