//! The folder of a report: files of others in it are not replaced, those of an older report go, and no kill mixes two of them.
//!
//! A hidden list names what a report wrote. A new one is on the disk under temporary names before the first old file goes;
//! then all old ones go, and then the new ones get their names, the page last. A folder is thus one report or a part of one, which
//! the list tells, and never parts of two.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use cratedigger_files::{Existing, WholeFile, folder_of, sweep, write_whole};
use serde::{Deserialize, Serialize};

use crate::error::{ReportError, Result};

/// The list of what was written.
const LIST: &str = ".cratedigger-report.json";

/// Folders inside, each with the extension of the files that a report has in it.
const INSIDE: [(&str, &str); 2] = [("tables", "csv"), ("figures", "svg")];

/// Files beside them.
const TOP: [&str; 2] = ["report.html", "findings.json"];

/// A folder that a report can be written into.
#[derive(Debug)]
pub struct Folder {
    dir: PathBuf,
    old: Vec<PathBuf>,
    force: bool,
    /// Folders that were made for this, innermost first, and go again where nothing comes of it.
    made: Vec<PathBuf>,
}

#[derive(Serialize, Deserialize)]
struct List {
    written_by: String,
    /// False while the files get their names.
    complete: bool,
    /// Paths inside of the folder.
    files: Vec<PathBuf>,
}

impl Folder {
    /// Makes the folder where it is not there, and finds out whether a report can be written into it. To be asked before the work.
    ///
    /// With `force` files of others that have a name of the report's are replaced too.
    ///
    /// # Errors
    /// `Write` where nothing can be written; `NotOurs` where there is a file that a report would have and that none wrote.
    pub fn open(dir: &Path, force: bool) -> Result<Self> {
        let mut this = Self {
            dir: dir.to_owned(),
            old: listed(dir),
            force,
            made: Vec::new(),
        };
        for folder in std::iter::once(dir.to_owned()).chain(INSIDE.map(|(name, _)| dir.join(name))) {
            if folder != dir && folder.is_symlink() {
                let why = "it is a link, which is not followed inside of a report's folder";
                return Err(failed(&folder)(io::Error::new(io::ErrorKind::InvalidInput, why)));
            }
            if !folder.exists() {
                this.made.insert(0, folder.clone());
            }
            std::fs::create_dir_all(&folder).map_err(failed(&folder))?;
            sweep(&folder);
            // That it is there does not say that it can be written to.
            WholeFile::create(&folder.join(LIST), Existing::ReplaceLink).map_err(failed(&folder))?;
        }
        match foreign(dir, &this.old).filter(|_| !force) {
            Some(path) => Err(ReportError::NotOurs { path }),
            None => Ok(this),
        }
    }

    /// The folder itself.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes the files of a report, named by their paths inside of the folder; the last one is the last to appear.
    pub(crate) fn write(mut self, files: &[(PathBuf, String)]) -> Result<()> {
        self.made.clear();
        let mut written = Vec::with_capacity(files.len());
        for (name, content) in files {
            let path = self.dir.join(name);
            let existing = match self.force || self.old.contains(name) {
                true => Existing::ReplaceLink,
                false => Existing::Keep,
            };
            let write = || -> io::Result<WholeFile> {
                let mut file = WholeFile::create(&path, existing)?;
                file.write_all(content.as_bytes())?;
                file.as_file().sync_all()?;
                Ok(file)
            };
            written.push((write().map_err(failed(&path))?, path));
        }
        let new = || files.iter().map(|(name, _)| name.clone());
        let both: BTreeSet<PathBuf> = self.old.iter().cloned().chain(new()).collect();
        self.list(both.into_iter().collect(), false)?;
        // The page first: without it nobody takes the rest for a report.
        for name in TOP.iter().map(PathBuf::from).chain(self.old.iter().cloned()) {
            let path = self.dir.join(&name);
            match self.old.contains(&name).then(|| std::fs::remove_file(&path)) {
                Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(failed(&path)(error));
                }
                _ => {}
            }
        }
        for (file, path) in written {
            file.finish().map_err(failed(&path))?;
        }
        self.list(new().collect(), true)
    }

    fn list(&self, files: Vec<PathBuf>, complete: bool) -> Result<()> {
        let path = self.dir.join(LIST);
        let list = List {
            written_by: concat!("cratedigger ", env!("CARGO_PKG_VERSION")).to_owned(),
            complete,
            files,
        };
        let mut text = serde_json::to_vec_pretty(&list)?;
        text.push(b'\n');
        write_whole(&path, &text).map_err(failed(&path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        for folder in &self.made {
            // One with anything in it stays.
            let _ = std::fs::remove_dir(folder);
        }
    }
}

/// What an older report wrote into the folder, as its list says. The list may come from anywhere with the folder, so that only names
/// are believed that a report can have.
fn listed(dir: &Path) -> Vec<PathBuf> {
    let list = std::fs::read(dir.join(LIST)).ok();
    let list = list.and_then(|text| serde_json::from_slice::<List>(&text).ok());
    let mut files = list.map_or_else(Vec::new, |list| list.files);
    files.retain(|name| can_be_ours(name));
    files
}

fn can_be_ours(name: &Path) -> bool {
    let plain = name.components().all(|part| matches!(part, Component::Normal(_)));
    let inside = |(folder, extension): (&str, &str)| {
        folder_of(name) == Path::new(folder) && name.extension().is_some_and(|found| found == extension)
    };
    plain && (TOP.iter().any(|top| name == Path::new(top)) || INSIDE.into_iter().any(inside))
}

/// The first file with a name as a report's that no report wrote.
fn foreign(dir: &Path, old: &[PathBuf]) -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = TOP.iter().map(PathBuf::from).collect();
    found.retain(|name| dir.join(name).symlink_metadata().is_ok());
    for (folder, _) in INSIDE {
        let entries = std::fs::read_dir(dir.join(folder))
            .into_iter()
            .flatten()
            .flatten();
        found.extend(entries.map(|entry| Path::new(folder).join(entry.file_name())));
    }
    found.sort_unstable();
    let theirs = found
        .into_iter()
        .find(|name| can_be_ours(name) && !old.contains(name));
    theirs.map(|name| dir.join(name))
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> ReportError + use<> {
    let path = path.to_owned();
    move |source| ReportError::Write { path, source }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn files(names: &[&str], content: &str) -> Vec<(PathBuf, String)> {
        names
            .iter()
            .map(|name| (name.into(), content.to_owned()))
            .collect()
    }

    fn there(dir: &Path) -> Vec<String> {
        let mut found = Vec::new();
        for folder in ["", "tables", "figures"] {
            for entry in std::fs::read_dir(dir.join(folder)).unwrap() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_file() {
                    let name = Path::new(folder).join(entry.file_name());
                    found.push(name.to_str().unwrap().to_owned());
                }
            }
        }
        found.sort();
        found
    }

    #[test]
    fn an_older_report_goes_wholly_and_what_is_a_persons_stays() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        let first = files(
            &["tables/a.csv", "figures/a.svg", "findings.json", "report.html"],
            "1",
        );
        Folder::open(dir, false).unwrap().write(&first).unwrap();
        std::fs::write(dir.join("notes.txt"), "mine").unwrap();
        std::fs::write(dir.join("tables/notes.txt"), "mine").unwrap();
        let second = files(&["tables/b.csv", "findings.json", "report.html"], "2");
        Folder::open(dir, false).unwrap().write(&second).unwrap();
        let want = [
            LIST,
            "findings.json",
            "notes.txt",
            "report.html",
            "tables/b.csv",
            "tables/notes.txt",
        ];
        assert_eq!(there(dir), want);
        assert_eq!(std::fs::read_to_string(dir.join("report.html")).unwrap(), "2");
    }

    #[test]
    fn files_that_no_report_wrote_are_not_replaced_unless_asked() {
        for name in [
            "report.html",
            "findings.json",
            "tables/mine.csv",
            "figures/mine.svg",
        ] {
            let dir = tempfile::tempdir().unwrap();
            let dir = dir.path();
            std::fs::create_dir_all(dir.join(name).parent().unwrap()).unwrap();
            std::fs::write(dir.join(name), "mine").unwrap();
            let error = Folder::open(dir, false).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains("--force"), "{error}");
            Folder::open(dir, true)
                .unwrap()
                .write(&files(&["report.html"], "ours"))
                .unwrap();
            let kept = std::fs::read_to_string(dir.join(name)).unwrap();
            assert_eq!(kept == "mine", name != "report.html", "{name}");
        }
        #[cfg(unix)]
        {
            let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            std::os::unix::fs::symlink(elsewhere.path(), dir.path().join("tables")).unwrap();
            let error = Folder::open(dir.path(), true).unwrap_err().to_string();
            assert!(error.contains("it is a link"), "{error}");
        }
        let dir = tempfile::tempdir().unwrap();
        let new = dir.path().join("new");
        drop(Folder::open(&new, false).unwrap());
        assert!(!new.exists(), "nothing came of it");
        let file = dir.path().join("file");
        std::fs::write(&file, "mine").unwrap();
        assert!(Folder::open(&file, true).is_err());
    }

    #[test]
    fn a_list_from_elsewhere_removes_nothing_outside() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        std::fs::create_dir(&out).unwrap();
        std::fs::write(dir.path().join("important.csv"), "mine").unwrap();
        std::fs::write(out.join("notes.txt"), "mine").unwrap();
        let list = List {
            written_by: String::new(),
            complete: true,
            files: ["../important.csv", "tables/../../important.csv", "notes.txt"]
                .map(PathBuf::from)
                .into(),
        };
        std::fs::write(out.join(LIST), serde_json::to_vec(&list).unwrap()).unwrap();
        let new = files(&["report.html"], "1");
        Folder::open(&out, false).unwrap().write(&new).unwrap();
        assert!(dir.path().join("important.csv").exists() && out.join("notes.txt").exists());
    }

    /// Whatever the moment of a kill, all files are of one report.
    #[test]
    fn two_reports_are_never_mixed() {
        let names = ["tables/a.csv", "figures/a.svg", "findings.json", "report.html"];
        for in_the_way in names {
            let dir = tempfile::tempdir().unwrap();
            let dir = dir.path();
            Folder::open(dir, false)
                .unwrap()
                .write(&files(&names, "1"))
                .unwrap();
            // A folder where a file should get its name ends the writing there, as a kill would.
            let folder = Folder::open(dir, false).unwrap();
            std::fs::remove_file(dir.join(in_the_way)).unwrap();
            std::fs::create_dir(dir.join(in_the_way)).unwrap();
            assert!(folder.write(&files(&names, "2")).is_err(), "{in_the_way}");
            let mut contents = BTreeSet::new();
            for name in there(dir).iter().filter(|name| *name != LIST) {
                contents.insert(std::fs::read_to_string(dir.join(name)).unwrap());
            }
            assert!(contents.len() <= 1, "{in_the_way}: {contents:?}");
        }
    }
}
