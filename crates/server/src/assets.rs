//! What is served as it is: the page, the API's description, and a study's report.

use std::collections::BTreeMap;
use std::path::Path;

use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use crate::error::{Context, Result, refuse};

/// The description of the API, OpenAPI 3.1.
pub(crate) const OPENAPI: &str = include_str!("openapi.json");

/// Files of the page by name.
const PAGE: [(&str, &str); 11] = [
    ("index.html", include_str!("page/index.html")),
    ("style.css", include_str!("page/style.css")),
    ("icon.svg", include_str!("page/icon.svg")),
    ("main.js", include_str!("page/main.js")),
    ("api.js", include_str!("page/api.js")),
    ("card.js", include_str!("page/card.js")),
    ("sound.js", include_str!("page/sound.js")),
    ("fourier.js", include_str!("page/fourier.js")),
    ("picture.js", include_str!("page/picture.js")),
    ("recorder.js", include_str!("page/recorder.js")),
    ("tap.js", include_str!("page/tap.js")),
];

/// A report has a page of some megabytes, tables and pictures; more than this is no report.
const MAX_REPORT_BYTES: u64 = 512 << 20;

/// The files, all in memory: no request reads the disk, and none can name a file outside.
pub(crate) struct Site {
    page: BTreeMap<&'static str, File>,
    report: BTreeMap<String, File>,
}

struct File {
    kind: &'static str,
    bytes: Bytes,
}

impl Site {
    /// With the report of this folder, if one is named.
    pub(crate) fn new(report: Option<&Path>) -> Result<Self> {
        let page = PAGE
            .into_iter()
            .map(|(name, text)| {
                let kind = kind(name).unwrap_or("text/plain; charset=utf-8");
                let bytes = Bytes::from_static(text.as_bytes());
                (name, File { kind, bytes })
            })
            .collect();
        let report = match report {
            Some(folder) => read_report(folder).with_context(|| format!("--report {}", folder.display()))?,
            None => BTreeMap::new(),
        };
        Ok(Self { page, report })
    }

    pub(crate) fn page(&self, name: &str) -> Option<Response> {
        self.page.get(name).map(File::respond)
    }

    pub(crate) fn report(&self, path: &str) -> Option<Response> {
        self.report.get(path).map(File::respond)
    }

    pub(crate) fn has_report(&self) -> bool {
        !self.report.is_empty()
    }

    pub(crate) fn openapi(&self) -> Response {
        let kind = HeaderValue::from_static("application/json");
        ([(CONTENT_TYPE, kind)], OPENAPI).into_response()
    }
}

impl File {
    fn respond(&self) -> Response {
        let kind = HeaderValue::from_static(self.kind);
        ([(CONTENT_TYPE, kind)], self.bytes.clone()).into_response()
    }
}

/// The files of a report's folder and of the folders in it that a report has, by their path with `/`.
fn read_report(folder: &Path) -> Result<BTreeMap<String, File>> {
    let mut files = BTreeMap::new();
    let mut n_bytes = 0;
    for (sub, prefix) in [("", ""), ("tables", "tables/"), ("figures", "figures/")] {
        let dir = folder.join(sub);
        // What a link leads to is not the report's, and would be shown to everybody.
        if !sub.is_empty() && !std::fs::symlink_metadata(&dir).is_ok_and(|found| found.is_dir()) {
            continue;
        }
        let entries = std::fs::read_dir(&dir).with_context(|| format!("cannot read {}", dir.display()))?;
        for entry in entries {
            let entry = entry?;
            let path = entry.path();
            let name = entry.file_name();
            // What is hidden is no part of a report: the list of its files, and what is being written.
            let shown = name.to_str().filter(|name| !name.starts_with('.'));
            let Some(kind) = shown.and_then(kind) else {
                continue;
            };
            let meta = std::fs::symlink_metadata(&path)?;
            if !meta.is_file() {
                continue;
            }
            n_bytes += meta.len();
            if n_bytes > MAX_REPORT_BYTES {
                refuse!(
                    Report,
                    "the folder holds more than {MAX_REPORT_BYTES} bytes; name the folder that `cratedigger study` wrote"
                );
            }
            let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let bytes = Bytes::from(bytes);
            files.insert(
                format!("{prefix}{}", name.to_string_lossy()),
                File { kind, bytes },
            );
        }
    }
    if !files.contains_key("report.html") {
        refuse!(
            Report,
            "there is no report.html; name the folder that `cratedigger study` wrote"
        );
    }
    Ok(files)
}

/// The content type by the name's extension; none for files that are not served.
fn kind(name: &str) -> Option<&'static str> {
    let (_, extension) = name.rsplit_once('.')?;
    Some(match extension {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "csv" => "text/csv; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_report_has_its_own_files_and_no_others() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Site::new(Some(dir.path())).is_err(), "no report.html");
        std::fs::create_dir(dir.path().join("tables")).unwrap();
        for name in ["report.html", "secret.key", ".hidden.json", "tables/a.csv"] {
            std::fs::write(dir.path().join(name), name).unwrap();
        }
        #[cfg(unix)]
        {
            let secret = tempfile::tempdir().unwrap();
            std::fs::write(secret.path().join("secret.csv"), "secret").unwrap();
            std::os::unix::fs::symlink(
                secret.path().join("secret.csv"),
                dir.path().join("tables/link.csv"),
            )
            .unwrap();
            std::os::unix::fs::symlink(secret.path(), dir.path().join("figures")).unwrap();
        }
        let site = Site::new(Some(dir.path())).unwrap();
        assert!(site.report("tables/a.csv").is_some());
        for absent in [
            "secret.key",
            ".hidden.json",
            "tables/link.csv",
            "figures/secret.csv",
            "../report.html",
            "tables/../report.html",
            "",
        ] {
            assert!(site.report(absent).is_none(), "{absent}");
        }
    }

    #[test]
    fn the_page_names_only_files_that_are_there() {
        let site = Site::new(None).unwrap();
        let html = PAGE[0].1;
        for part in html.split("\"/page/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(site.page(name).is_some(), "{name}");
        }
        for (name, text) in PAGE.iter().filter(|(name, _)| name.ends_with(".js")) {
            for part in text.split("from \"./").skip(1) {
                let imported = part.split('"').next().unwrap();
                assert!(site.page(imported).is_some(), "{name} imports {imported}");
            }
        }
        assert!(!html.contains("<script>") && !html.contains("style=") && !html.contains("onclick"));
    }
}
