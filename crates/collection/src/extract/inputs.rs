//! Which files are meant by the arguments: files, folders, patterns, and a list on standard input.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use cratedigger_catalog::feature_table::RowId;
use cratedigger_features::{AUDIO_EXTENSIONS, Input};
use cratedigger_files::is_uri;

use super::file_state::FileState;
use super::names::{is_audio, is_of_macos};
use super::pattern::matches;
use crate::error::{Context, Result};
use crate::objects::{self, Found, Objects};

/// Why something that is there is not read.
const NO_FILE: &str = "it is no regular file (a pipe, a socket or a device)";

/// The files of an extraction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inputs {
    /// Files to be extracted, each id once.
    pub files: Vec<Input>,
    /// What was asked for and is no file.
    pub unread: Vec<Unread>,
    /// Files of folders and patterns that were passed over, since macOS keeps what is no sound under their names: `._*`, and all
    /// below `__MACOSX`. Who names such a file gets it.
    pub passed_over: BTreeSet<PathBuf>,
    /// Other names of files that are among [`Self::files`], by links, with the name that the file is there under: one recording is
    /// one row.
    pub other_names: BTreeMap<PathBuf, PathBuf>,
    /// What is known of files and objects besides their names.
    pub objects: Objects,
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
        Self::find_among(arguments, arguments.len() == 1, stdin)
    }

    /// The same where these may not be all arguments that there are.
    pub(crate) fn find_among(arguments: &[PathBuf], is_all: bool, stdin: &mut dyn Read) -> Result<Inputs> {
        let mut found = Inputs::default();
        let root = match arguments {
            [folder] if is_all && folder.is_dir() => Some(folder.as_path()),
            _ => None,
        };
        let mut addresses = Vec::new();
        for argument in arguments {
            if argument.as_os_str() == "-" {
                for path in list(stdin)? {
                    match is_uri(&path) {
                        true => addresses.push(path),
                        false => found.add(&path, root),
                    }
                }
            } else if is_uri(argument) {
                addresses.push(argument.clone());
            } else if !argument.exists() && is_pattern(argument) {
                found.add_pattern(argument);
            } else {
                found.add(argument, root);
            }
        }
        found.add_addresses(&addresses, is_all)?;
        let files = one_of_each(std::mem::take(&mut found.files), &mut found.other_names);
        found.files = unique(files, &mut found.unread);
        Ok(found)
    }

    /// Adds what addresses of objects mean. Rows are called as those of files are.
    fn add_addresses(&mut self, addresses: &[PathBuf], is_all: bool) -> Result<()> {
        if addresses.is_empty() {
            return Ok(());
        }
        objects::search(&mut self.objects.clone(), addresses, &mut |objects, found| {
            self.objects.use_those_of(objects);
            match found {
                Found::Named(path, known) => {
                    self.objects.insert(path.clone(), known);
                    self.push(path, None);
                }
                Found::Below(folder, path, known) => {
                    self.objects.insert(path.clone(), known);
                    self.push(path, is_all.then_some(&*folder));
                }
                Found::Not(path, reason) => self.fail(&path, reason),
            }
            Ok(())
        })
    }

    /// Size and version of a file or object, as journals keep them.
    pub(crate) fn state(&self, file: &Input) -> FileState {
        self.objects.state(&file.path)
    }

    /// What a person should know of the names that were passed over.
    pub fn passed_over_in_words(&self) -> Option<String> {
        let n = self.passed_over.len();
        (n > 0).then(|| {
            format!("files passed over, since macOS keeps no sound under such names (`._*`, `__MACOSX`): {n}")
        })
    }

    /// What a person should know of the files that are not among [`Self::files`] and did not fail.
    pub fn told(&self) -> Vec<String> {
        let others = self.other_names.iter().next().map(|(other, first)| {
            format!(
                "names passed over, since their files are there under another name (links): {}; the first: {}, which is {}",
                self.other_names.len(),
                other.display(),
                first.display()
            )
        });
        self.passed_over_in_words().into_iter().chain(others).collect()
    }

    /// Why there is nothing to do; `None` where there is.
    pub fn nothing(&self) -> Option<String> {
        (self.files.is_empty() && self.unread.is_empty()).then(|| {
            format!(
                "no audio file found; folders are searched for names that end in {}{}",
                AUDIO_EXTENSIONS.join(", "),
                self.passed_over_in_words()
                    .map(|told| format!("; {told}"))
                    .unwrap_or_default()
            )
        })
    }

    /// A file whatever its name, or the audio files of a folder and those below it.
    fn add(&mut self, path: &Path, root: Option<&Path>) {
        match std::fs::metadata(path) {
            Err(error) => self.fail(path, error.to_string()),
            Ok(found) if found.is_dir() => self.add_folder(path, path, root),
            Ok(found) if found.is_file() => self.push(path.to_owned(), root),
            Ok(_) => self.fail(path, NO_FILE.to_owned()),
        }
    }

    fn push(&mut self, path: PathBuf, root: Option<&Path>) {
        let id = Self::id_of(&path, root);
        self.files.push(Input { id, path });
    }

    /// What the row of a file or object is called that was found below `root`, or named.
    pub(crate) fn id_of(path: &Path, root: Option<&Path>) -> String {
        let id = Input::new(root.unwrap_or(path), path).id;
        match (root, RowId::from(id.as_str())) {
            (None, RowId::Name(_)) if is_uri(path) => path.to_string_lossy().into_owned(),
            (None, RowId::Name(_)) => name(path),
            _ => id,
        }
    }

    /// The audio in a folder below `top`. Links to folders are not followed, so that a circle of them ends; pipes, sockets and
    /// devices with names of audio are told as failures.
    fn add_folder(&mut self, folder: &Path, top: &Path, root: Option<&Path>) {
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
                self.add_folder(&path, top, root);
            } else if is_audio(&path) {
                let is_folder = kind.is_symlink() && path.is_dir();
                match is_of_macos(path.strip_prefix(top).unwrap_or(&path)) {
                    true => _ = self.passed_over.insert(path),
                    false if is_folder => {}
                    false => self.add(&path, root),
                }
            }
        }
    }

    /// The folders that a pattern begins with are meant as they are written, whatever is in their names; so are brackets of the
    /// rest where nothing matches otherwise.
    fn add_pattern(&mut self, pattern: &Path) {
        let text = pattern.to_string_lossy();
        let separators = text.char_indices().filter(|(_, c)| std::path::is_separator(*c));
        let mut folders = separators
            .map(|(at, _)| at + 1)
            .filter(|&end| Path::new(&text[..end]).is_dir());
        let (folder, rest) = text.split_at(folders.next_back().unwrap_or(0));
        let mut reason = "no file has a name like this pattern".to_owned();
        for rest in [rest.to_owned(), with_plain_brackets(rest)] {
            let found = match matches(Path::new(folder), &rest) {
                Ok(found) => found,
                Err(error) => {
                    reason = format!("not a pattern: {error}");
                    continue;
                }
            };
            for path in &found.paths {
                match is_of_macos(path.strip_prefix(folder).unwrap_or(path)) {
                    true => self.pass_over(path, Path::new(folder)),
                    false => self.add(path, None),
                }
            }
            for (path, error) in &found.unread {
                self.fail(path, error.to_string());
            }
            if !found.paths.is_empty() || !found.unread.is_empty() {
                return;
            }
        }
        self.fail(pattern, reason);
    }

    /// Notes what a pattern below `top` leads to and is not read.
    fn pass_over(&mut self, path: &Path, top: &Path) {
        match path.is_dir() {
            true => self.add_folder(path, top, None),
            false => _ = self.passed_over.insert(path.to_owned()),
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

/// The pattern in which brackets stand for themselves.
fn with_plain_brackets(pattern: &str) -> String {
    let plain = |c: char| match c {
        '[' => "[[]".to_owned(),
        ']' => "[]]".to_owned(),
        other => other.to_string(),
    };
    pattern.chars().map(plain).collect()
}

/// Each file once, under the first of its names; the others are noted.
fn one_of_each(files: Vec<Input>, other_names: &mut BTreeMap<PathBuf, PathBuf>) -> Vec<Input> {
    let mut first_names: HashMap<FileId, PathBuf> = HashMap::new();
    let mut kept = Vec::with_capacity(files.len());
    for file in files {
        let Some(id) = file_id(&file.path) else {
            kept.push(file);
            continue;
        };
        match first_names.get(&id) {
            None => {
                first_names.insert(id, file.path.clone());
                kept.push(file);
            }
            // Named twice.
            Some(first) if *first == file.path => {}
            Some(first) => _ = other_names.insert(file.path, first.clone()),
        }
    }
    kept
}

/// Device and number of a file; its whole path where there are no such numbers.
#[cfg(unix)]
type FileId = (u64, u64);
#[cfg(not(unix))]
type FileId = PathBuf;

#[cfg(unix)]
fn file_id(path: &Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::metadata(path).ok()?;
    // Some network file systems number nothing.
    Some((found.dev(), found.ino())).filter(|(_, number)| *number != 0)
}

#[cfg(not(unix))]
fn file_id(path: &Path) -> Option<FileId> {
    path.canonicalize().ok()
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
            // An object that was named twice.
            Some(first) if *first == file.path => {}
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

#[cfg(test)]
mod tests;
