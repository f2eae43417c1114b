//! The files of a batch: where they are and what their rows are called.

use std::io;
use std::path::{Path, PathBuf};

/// File name extensions that a folder is searched for (any case).
pub const AUDIO_EXTENSIONS: [&str; 15] = [
    "mp3", "flac", "ogg", "oga", "wav", "aif", "aiff", "aifc", "m4a", "mp4", "aac", "caf", "mka", "mp2",
    "opus",
];

/// A file of a batch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Input {
    /// What the row is called in the output.
    pub id: String,
    /// Where the file is.
    pub path: PathBuf,
}

impl Input {
    /// The file at `path`, found under `root`.
    ///
    /// The id is the track number for names of the FMA (`000/000002.mp3` gives `2`), otherwise the path relative to `root`
    /// with `/` between folders.
    pub fn new(root: &Path, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let stem = path.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
        let id = match stem.parse::<u32>() {
            Ok(n) if stem.len() == 6 && stem.bytes().all(|b| b.is_ascii_digit()) => n.to_string(),
            _ => {
                let relative = match path.strip_prefix(root) {
                    Ok(r) if r.as_os_str().is_empty() => Path::new(path.file_name().unwrap_or_default()),
                    Ok(r) => r,
                    Err(_) => &path,
                };
                let parts: Vec<_> = relative.iter().map(|p| p.to_string_lossy()).collect();
                parts.join("/")
            }
        };
        Self { id, path }
    }
}

/// All audio files in a folder and its subfolders, or the one file that `root` is, sorted by path.
///
/// Links to folders are not followed, so that a circle of them ends.
///
/// # Errors
/// Those of reading the folders.
pub fn find_audio(root: &Path) -> io::Result<Vec<Input>> {
    let mut found = Vec::new();
    if !std::fs::metadata(root)?.is_dir() {
        return Ok(vec![Input::new(root, root)]);
    }
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let (kind, path) = (entry.file_type()?, entry.path());
            if kind.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| {
                let e = e.to_string_lossy().to_lowercase();
                AUDIO_EXTENSIONS.contains(&e.as_str())
            }) {
                found.push(Input::new(root, path));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_track_numbers_or_relative_paths() {
        let id = |root: &str, path: &str| Input::new(Path::new(root), path).id;
        assert_eq!(id("fma_small", "fma_small/000/000002.mp3"), "2");
        assert_eq!(id("music", "music/b/a song.flac"), "b/a song.flac");
        assert_eq!(id("music/a.mp3", "music/a.mp3"), "a.mp3");
        assert_eq!(id("x", "x/0000002.mp3"), "0000002.mp3");
        assert_eq!(id("x", "x/+00002.mp3"), "+00002.mp3");
    }
}
