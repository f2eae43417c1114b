//! Which files are meant by the arguments: files, folders, patterns, and a list on standard input.

use std::collections::HashMap;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use cratedigger_catalog::feature_table::RowId;
use cratedigger_features::{AUDIO_EXTENSIONS, Input};

use crate::error::{Context, Result};

/// The files of an extraction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inputs {
    /// Files to be extracted, each id once.
    pub files: Vec<Input>,
    /// What was asked for and is no file.
    pub unread: Vec<Unread>,
}

/// Something that gave no features.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The file, or the argument.
    pub path: PathBuf,
    /// `open`, `probe`, `decode`, `features`, `internal`, or `name` where another file has the same name.
    pub stage: String,
    /// Why.
    pub reason: String,
}

/// Paths of a list: separated by zero bytes where there is one (`find -print0`), by line feeds otherwise.
fn list(stdin: &mut dyn Read) -> Result<Vec<PathBuf>> {
    let mut text = Vec::new();
    stdin
        .read_to_end(&mut text)
        .context("cannot read the list of files on standard input")?;
    let end = if text.contains(&0) { 0 } else { b'\n' };
    let paths = text
        .split(|&b| b == end)
        .map(|path| if end == b'\n' { path.trim_ascii_end() } else { path })
        .filter(|path| !path.is_empty());
    Ok(paths.map(path_of_bytes).collect())
}

#[cfg(unix)]
fn path_of_bytes(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::OsStr::from_bytes(bytes).into()
}

#[cfg(not(unix))]
fn path_of_bytes(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}

fn is_pattern(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '['])
}

/// The path as text, without `.`.
fn name(path: &Path) -> String {
    let path: PathBuf = path.components().filter(|c| *c != Component::CurDir).collect();
    path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}

impl Inputs {
    /// Finds the files that the arguments name; `-` is a list of paths on `stdin`, ended by line feeds or zero bytes.
    ///
    /// Rows are called by track number for names of the FMA (`000/000002.mp3`), otherwise by the path: relative to the
    /// folder where one folder is all there is, as given where there are several arguments.
    ///
    /// # Errors
    /// The list on `stdin` cannot be read. What is named and is not there is in [`Inputs::unread`].
    pub fn find(arguments: &[PathBuf], stdin: &mut dyn Read) -> Result<Inputs> {
        let mut found = Inputs::default();
        let root = match arguments {
            [folder] if folder.is_dir() => Some(folder.as_path()),
            _ => None,
        };
        for argument in arguments {
            if argument.as_os_str() == "-" {
                for path in list(stdin)? {
                    found.add(&path, root);
                }
            } else if !argument.exists() && is_pattern(argument) {
                found.add_pattern(argument);
            } else {
                found.add(argument, root);
            }
        }
        found.files = unique(std::mem::take(&mut found.files), &mut found.unread);
        Ok(found)
    }

    /// A file whatever its name, or the audio files of a folder and those below it.
    fn add(&mut self, path: &Path, root: Option<&Path>) {
        if path.is_dir() {
            self.add_folder(path, root);
        } else if let Err(error) = std::fs::metadata(path) {
            self.fail(path, error.to_string());
        } else {
            self.push(path.to_owned(), root);
        }
    }

    fn push(&mut self, path: PathBuf, root: Option<&Path>) {
        let id = Input::new(root.unwrap_or(&path), &path).id;
        let id = match (root, RowId::from(id.as_str())) {
            (None, RowId::Name(_)) => name(&path),
            _ => id,
        };
        self.files.push(Input { id, path });
    }

    /// Links to folders are not followed, so that a circle of them ends.
    fn add_folder(&mut self, folder: &Path, root: Option<&Path>) {
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.fail(folder, error.to_string()),
        };
        let mut found = Vec::new();
        for entry in entries {
            match entry.and_then(|e| Ok((e.file_type()?, e.path()))) {
                Ok(entry) => found.push(entry),
                Err(error) => self.fail(folder, error.to_string()),
            }
        }
        found.sort_by(|a, b| a.1.cmp(&b.1));
        for (kind, path) in found {
            if kind.is_dir() {
                self.add_folder(&path, root);
            } else if is_audio(&path) {
                self.push(path, root);
            }
        }
    }

    fn add_pattern(&mut self, pattern: &Path) {
        let paths = match glob::glob(&pattern.to_string_lossy()) {
            Ok(paths) => paths,
            Err(error) => return self.fail(pattern, format!("not a pattern: {error}")),
        };
        let mut n = 0;
        for path in paths {
            n += 1;
            match path {
                Ok(path) => self.add(&path, None),
                Err(error) => self.fail(error.path(), error.error().to_string()),
            }
        }
        if n == 0 {
            self.fail(pattern, "no file has a name like this pattern".to_owned());
        }
    }

    fn fail(&mut self, path: &Path, reason: String) {
        self.unread.push(Unread {
            path: path.to_owned(),
            stage: "open".to_owned(),
            reason,
        });
    }
}

fn is_audio(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        let extension = extension.to_string_lossy().to_lowercase();
        AUDIO_EXTENSIONS.contains(&extension.as_str())
    })
}

/// Files by id, each id once: later ones with an id that is taken are failures.
fn unique(files: Vec<Input>, unread: &mut Vec<Unread>) -> Vec<Input> {
    let mut by_id: HashMap<String, PathBuf> = HashMap::new();
    let mut kept = Vec::with_capacity(files.len());
    for file in files {
        match by_id.get(&file.id) {
            None => {
                by_id.insert(file.id.clone(), file.path.clone());
                kept.push(file);
            }
            Some(first) if same_file(first, &file.path) => {}
            Some(first) => unread.push(Unread {
                reason: format!(
                    "its row would be called `{}` like that of {}; extract them into two files",
                    file.id,
                    first.display()
                ),
                path: file.path,
                stage: "name".to_owned(),
            }),
        }
    }
    kept
}

fn same_file(a: &Path, b: &Path) -> bool {
    a == b || matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn ids(inputs: &Inputs) -> Vec<&str> {
        inputs.files.iter().map(|f| f.id.as_str()).collect()
    }

    fn music() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for path in [
            "000/000002.mp3",
            "000/000010.MP3",
            "b/a song.flac",
            "b/notes.txt",
            "b/x/c.wav",
            "d.ogg",
        ] {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        dir
    }

    #[test]
    fn one_folder_gives_track_numbers_and_paths_relative_to_it() {
        let dir = music();
        let found = Inputs::find(&[dir.path().to_owned()], &mut std::io::empty()).unwrap();
        assert_eq!(ids(&found), ["2", "10", "b/a song.flac", "b/x/c.wav", "d.ogg"]);
        assert!(found.unread.is_empty());
    }

    #[test]
    fn several_arguments_give_paths_as_they_are() {
        let dir = music();
        let (a, b) = (dir.path().join("b"), dir.path().join("./d.ogg"));
        let found = Inputs::find(&[a.clone(), b], &mut std::io::empty()).unwrap();
        let want = |name: &str| dir.path().join(name).to_string_lossy().into_owned();
        assert_eq!(
            ids(&found),
            [want("b/a song.flac"), want("b/x/c.wav"), want("d.ogg")]
        );
        let twice = Inputs::find(&[a.clone(), a], &mut std::io::empty()).unwrap();
        assert_eq!(twice.files.len(), 2);
        assert!(twice.unread.is_empty());
    }

    #[test]
    fn patterns_and_lists_are_followed_and_what_is_missing_is_told() {
        let dir = music();
        let pattern = dir.path().join("**/*.mp3");
        let found = Inputs::find(&[pattern], &mut std::io::empty()).unwrap();
        assert_eq!(ids(&found), ["2"]);
        let nothing = Inputs::find(&[dir.path().join("*.aif")], &mut std::io::empty()).unwrap();
        assert!(nothing.files.is_empty() && nothing.unread[0].reason.contains("pattern"));

        let here = dir.path().to_string_lossy().into_owned();
        for end in ["\n", "\r\n", "\0"] {
            let text = [
                format!("{here}/000/000002.mp3"),
                format!("{here}/b/notes.txt"),
                format!("{here}/gone.mp3"),
            ];
            let text = text.join(end);
            let found = Inputs::find(&["-".into()], &mut text.as_bytes()).unwrap();
            assert_eq!(found.files.len(), 2, "a listed file is tried whatever its name");
            assert_eq!(found.unread.len(), 1);
            assert!(found.unread[0].path.ends_with("gone.mp3"));
        }
    }

    #[test]
    fn a_second_file_with_the_same_track_number_is_told_and_left_out() {
        let dir = music();
        std::fs::write(dir.path().join("b/000002.mp3"), "").unwrap();
        let found = Inputs::find(&[dir.path().to_owned()], &mut std::io::empty()).unwrap();
        assert_eq!(ids(&found).iter().filter(|id| **id == "2").count(), 1);
        assert_eq!(found.unread[0].stage, "name");
        assert!(
            found.unread[0].reason.contains("`2`"),
            "{}",
            found.unread[0].reason
        );
    }
}
