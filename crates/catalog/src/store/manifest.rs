//! `store.json`: which tables a store has and what they were made from.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};

use cratedigger_files::write_whole;
use serde::{Deserialize, Serialize};

use super::files::MANIFEST_FILE;
use super::synthetic::Synthetic;
use crate::error::{Error, Result};
use crate::report::TableReport;
use crate::schema::TableId;

/// The layout of `store.json`; another number is not read.
pub(crate) const FORMAT: u32 = 1;

/// The content of `store.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Manifest {
    /// The layout of this file.
    pub format: u32,
    /// The program that wrote it, with its version.
    pub written_by: String,
    /// The folder (or `tracks.csv`) that was imported.
    #[serde(with = "crate::path_in_json")]
    pub source: PathBuf,
    /// What the source said of itself if it was synthetic, so that a store never passes for real data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub synthetic: Option<Synthetic>,
    /// The tables.
    pub tables: BTreeMap<TableId, TableEntry>,
}

/// One table of a store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TableEntry {
    /// The CSV file that it was made from.
    pub source: Source,
    /// The Parquet file inside of the store's folder.
    pub object: PathBuf,
    /// The reading rules that made it; a table of older rules is made again.
    pub schema_version: u32,
    /// Rows, rejected records and notes, as the import reported them.
    pub report: TableReport,
}

/// A file as it was when it was imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Source {
    /// Where it was.
    #[serde(with = "crate::path_in_json")]
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: u64,
    /// When it was last modified, in nanoseconds since 1970.
    pub modified_ns: i128,
    /// The BLAKE3 hash of its content, hexadecimal.
    pub blake3: String,
}

impl Manifest {
    /// Replaces the `store.json` of a folder at once.
    pub(crate) fn write(&self, dir: &Path) -> Result<()> {
        let path = dir.join(MANIFEST_FILE);
        let failed = |source: io::Error| Error::write(&path, source);
        let mut text = serde_json::to_vec_pretty(self).map_err(|e| failed(e.into()))?;
        text.push(b'\n');
        write_whole(&path, &text).map_err(failed)
    }

    /// Reads the `store.json` of a folder.
    pub(crate) fn read(dir: &Path) -> Result<Manifest> {
        let path = dir.join(MANIFEST_FILE);
        let text = std::fs::read(&path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Error::NotAStore {
                dir: dir.to_path_buf(),
            },
            _ => Error::read(&path, source),
        })?;
        let problem = |problem: String| Error::Manifest {
            path: path.clone(),
            problem,
        };
        let value: serde_json::Value = serde_json::from_slice(&text).map_err(|e| problem(e.to_string()))?;
        match value.get("format").and_then(serde_json::Value::as_u64) {
            Some(n) if n == u64::from(FORMAT) => {}
            Some(n) => return Err(problem(format!("its format is {n}, this version reads {FORMAT}"))),
            None => return Err(problem("it has no format number".to_string())),
        }
        let manifest: Manifest = serde_json::from_value(value).map_err(|e| problem(e.to_string()))?;
        let is_inside = |object: &Path| {
            let mut parts = object.components();
            matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None))
        };
        match manifest.tables.values().find(|entry| !is_inside(&entry.object)) {
            Some(entry) => Err(problem(format!(
                "it names a file outside of the store: {}",
                entry.object.display()
            ))),
            None => Ok(manifest),
        }
    }
}
