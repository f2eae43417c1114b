//! The files of a store: under temporary names until an import has succeeded, removed when no longer listed.

use std::path::Path;

use cratedigger_files::{WholeFile, sweep};

use crate::error::{Error, Result};
use crate::schema::TableId;
use crate::store::Manifest;

/// How names of incomplete files began in earlier versions.
const EARLIER: &str = ".tmp-";

/// Complete files that still have temporary names; deleted when dropped.
#[derive(Default)]
pub(super) struct Pending {
    files: Vec<(WholeFile, String)>,
}

impl Pending {
    pub(super) fn add(&mut self, file: WholeFile, name: String) {
        self.files.push((file, name));
    }

    /// Gives all of them their names.
    pub(super) fn commit(self, store_dir: &Path) -> Result<()> {
        for (file, name) in self.files {
            let path = store_dir.join(name);
            file.finish_as(&path).map_err(|e| Error::write(&path, e))?;
        }
        Ok(())
    }
}

/// Removes what an import left that the manifest does not list. Only names that imports make are touched; a file that
/// cannot be removed does no harm and is tried again next time.
pub(super) fn remove_stale(store_dir: &Path, manifest: &Manifest) {
    sweep(store_dir);
    let listed: Vec<&Path> = manifest
        .tables
        .values()
        .flat_map(|entry| std::iter::once(&entry.object).chain(&entry.report.rejected_file))
        .map(|path| path.as_path())
        .collect();
    for entry in std::fs::read_dir(store_dir).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_ours = name
            .to_str()
            .is_some_and(|name| name.starts_with(EARLIER) || is_object(name));
        if is_ours && !listed.contains(&Path::new(&name)) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn is_object(name: &str) -> bool {
    TableId::ALL.iter().any(|table| {
        let of_table = |rest: &str| rest.strip_prefix(table.name()).map(str::to_string);
        let is_rejects = name
            .strip_prefix("rejected-")
            .and_then(of_table)
            .is_some_and(|rest| rest == ".csv");
        let is_parquet = of_table(name)
            .and_then(|rest| Some(rest.strip_prefix('-')?.strip_suffix(".parquet")?.to_string()))
            .is_some_and(|hash| hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()));
        is_rejects || is_parquet
    })
}

#[cfg(test)]
mod tests {
    use super::is_object;

    #[test]
    fn only_names_that_imports_make_are_ours() {
        for name in [
            "tracks-0123456789abcdef.parquet",
            "raw_tracks-0123456789abcdef.parquet",
            "rejected-tracks.csv",
        ] {
            assert!(is_object(name), "{name}");
        }
        for name in [
            "tracks.csv",
            "tracks.parquet",
            "tracks-2024.parquet",
            "my-tracks-0123456789abcdef.parquet",
            "store.json",
            "rejected-tracks.csv.bak",
            "rejected-songs.csv",
            "tracks-0123456789abcdeg.parquet",
        ] {
            assert!(!is_object(name), "{name}");
        }
    }
}
