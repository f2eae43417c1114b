//! Patterns of file names: what they lead to, also where links make circles.
//!
//! A `*` leads through links to folders, since a pattern has only so many of them; a `**` does not, as a folder that is named is not
//! searched through links: every walk ends.

use std::collections::{BTreeSet, HashSet};
use std::io;
use std::path::{Path, PathBuf};

use glob::Pattern;

/// What a pattern leads to.
#[derive(Debug, Default)]
pub(super) struct Matches {
    /// Files and folders, in the order of their names.
    pub(super) paths: BTreeSet<PathBuf>,
    /// Folders that could not be read, and why.
    pub(super) unread: Vec<(PathBuf, io::Error)>,
}

/// A part of a pattern between two separators.
enum Part {
    /// `**`: any number of folders.
    Folders,
    /// A name without signs of a pattern.
    Name(String),
    /// A name with them.
    Like(Pattern),
}

/// Everything below `folder` that a pattern leads to; a `**` at the end stands for folders.
///
/// # Errors
/// The text is no pattern.
pub(super) fn matches(folder: &Path, pattern: &str) -> Result<Matches, glob::PatternError> {
    // What is wrong is told with its place in the whole.
    Pattern::new(pattern)?;
    let mut parts: Vec<Part> = Vec::new();
    for text in pattern
        .split(std::path::is_separator)
        .filter(|text| !matches!(*text, "" | "."))
    {
        match text {
            "**" if matches!(parts.last(), Some(Part::Folders)) => {}
            "**" => parts.push(Part::Folders),
            text if text.contains(['*', '?', '[']) => parts.push(Part::Like(Pattern::new(text)?)),
            text => parts.push(Part::Name(text.to_owned())),
        }
    }
    let mut walk = Walk {
        parts: &parts,
        seen: HashSet::new(),
        found: Matches::default(),
    };
    if !parts.is_empty() {
        walk.go(folder, 0);
    }
    Ok(walk.found)
}

struct Walk<'a> {
    parts: &'a [Part],
    /// Folders by the part that they were looked through for.
    seen: HashSet<(PathBuf, usize)>,
    found: Matches,
}

impl Walk<'_> {
    /// Follows the parts from one on, in a folder.
    fn go(&mut self, folder: &Path, at: usize) {
        if !self.seen.insert((folder.to_owned(), at)) {
            return;
        }
        let is_last = at + 1 == self.parts.len();
        match &self.parts[at] {
            Part::Name(name) => self.follow(folder.join(name), at, is_last),
            Part::Like(pattern) => {
                for (name, _) in self.entries(folder) {
                    if pattern.matches(&name.to_string_lossy()) {
                        self.follow(folder.join(&name), at, is_last);
                    }
                }
            }
            Part::Folders => {
                if !is_last {
                    self.go(folder, at + 1);
                }
                for (name, is_folder) in self.entries(folder) {
                    if !is_folder {
                        continue;
                    }
                    let below = folder.join(&name);
                    if is_last {
                        self.found.paths.insert(below.clone());
                    }
                    self.go(&below, at);
                }
            }
        }
    }

    fn follow(&mut self, path: PathBuf, at: usize, is_last: bool) {
        if is_last {
            if path.symlink_metadata().is_ok() {
                self.found.paths.insert(path);
            }
        } else if path.is_dir() {
            self.go(&path, at + 1);
        }
    }

    /// Names in a folder, and whether each is a folder itself and no link to one.
    fn entries(&mut self, folder: &Path) -> Vec<(std::ffi::OsString, bool)> {
        let here = match folder.as_os_str().is_empty() {
            true => Path::new("."),
            false => folder,
        };
        let mut names = Vec::new();
        let read = std::fs::read_dir(here).and_then(|entries| {
            for entry in entries {
                let entry = entry?;
                names.push((entry.file_name(), entry.file_type()?.is_dir()));
            }
            Ok(())
        });
        if let Err(error) = read {
            self.found.unread.push((here.to_owned(), error));
        }
        names.sort();
        names
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn of(folder: &Path, pattern: &str) -> Vec<String> {
        let found = matches(folder, pattern).unwrap();
        assert!(found.unread.is_empty());
        let names = found.paths.iter().map(|path| path.strip_prefix(folder).unwrap());
        names.map(|name| name.to_string_lossy().into_owned()).collect()
    }

    fn music() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for name in ["a.mp3", "x/b.mp3", "x/y/c.mp3", "x/y/d.ogg", "z/e.mp3"] {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        dir
    }

    #[test]
    fn every_part_leads_one_folder_down_and_two_stars_any_number() {
        let dir = music();
        for (pattern, want) in [
            ("*.mp3", vec!["a.mp3"]),
            ("*/*.mp3", vec!["x/b.mp3", "z/e.mp3"]),
            ("**/*.mp3", vec!["a.mp3", "x/b.mp3", "x/y/c.mp3", "z/e.mp3"]),
            ("**/**/?.ogg", vec!["x/y/d.ogg"]),
            ("x/**/y/*", vec!["x/y/c.mp3", "x/y/d.ogg"]),
            ("**", vec!["x", "x/y", "z"]),
            ("[xz]/[!b].mp3", vec!["z/e.mp3"]),
            ("x/./y/../*.mp3", vec!["x/y/../b.mp3"]),
            ("*/none", vec![]),
        ] {
            assert_eq!(of(dir.path(), pattern), want, "{pattern}");
        }
        assert!(matches(dir.path(), "a**").is_err());
    }

    /// Two links to the folder that they are in: the number of ways down doubles with each step.
    #[cfg(unix)]
    #[test]
    fn links_in_circles_end() {
        let dir = music();
        for name in ["l", "m", "x/n"] {
            std::os::unix::fs::symlink(dir.path(), dir.path().join(name)).unwrap();
        }
        let want = ["a.mp3", "x/b.mp3", "x/y/c.mp3", "z/e.mp3"];
        assert_eq!(of(dir.path(), "**/*.mp3"), want);
        assert_eq!(of(dir.path(), "l/*.mp3"), ["l/a.mp3"]);
        assert_eq!(of(dir.path(), "*/a.mp3"), ["l/a.mp3", "m/a.mp3"]);
        assert_eq!(of(dir.path(), "**/n"), ["x/n"]);
    }

    #[test]
    fn a_folder_that_cannot_be_read_is_told() {
        let dir = music();
        let found = matches(&dir.path().join("gone"), "*").unwrap();
        assert_eq!(found.unread.len(), 1);
    }
}
