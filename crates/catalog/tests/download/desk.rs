//! A server with an honest archive, and what a download leaves.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cratedigger_catalog::download::{DownloadOptions, DownloadReport, Error, Spec, download};
use tempfile::TempDir;

use crate::server::{Act, Server};
use crate::zips;

pub(crate) const FILE: &str = "fma_tiny.zip";

pub(crate) fn options(base_url: &str) -> DownloadOptions {
    DownloadOptions {
        base_url: base_url.to_owned(),
        max_tries: 4,
        max_requests: 40,
        read_timeout: Duration::from_secs(20),
        backoff: Duration::from_millis(1),
        max_backoff: Duration::from_millis(4),
        ..DownloadOptions::default()
    }
}

pub(crate) fn spec(content: &[u8]) -> Spec {
    Spec::new(FILE, &zips::sha1(content)).unwrap()
}

pub(crate) fn get(server: &Server, content: &[u8], dest: &Path) -> Result<DownloadReport, Error> {
    download(spec(content), dest, &options(&server.base_url()), &mut |_| {})
}

/// Downloads the honest archive from a server that does these things one after the other.
pub(crate) fn run(acts: &[Act]) -> (Arc<Vec<u8>>, Server, TempDir, Result<DownloadReport, Error>) {
    let content = zips::honest();
    let server = Server::of(&content, acts);
    let dest = tempfile::tempdir().unwrap();
    let result = get(&server, &content, dest.path());
    (content, server, dest, result)
}

/// Exactly the archive's files are there and the list of them, nothing else.
pub(crate) fn assert_unpacked(dest: &Path) {
    for (name, content) in zips::files() {
        assert!(fs::read(dest.join(name)).unwrap() == content, "{name}");
    }
    assert_eq!(names(dest), ["fma_tiny", "fma_tiny.zip.unpacked.json"]);
    assert_eq!(names(&dest.join("fma_tiny")), ["000", "README.txt", "empty"]);
}

pub(crate) fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

pub(crate) fn part(dest: &Path) -> std::path::PathBuf {
    dest.join(format!("{FILE}.part"))
}
