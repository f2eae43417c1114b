//! Which names are those of audio.

use std::path::Path;

use cratedigger_features::AUDIO_EXTENSIONS;

/// Whether a name has the extension of audio.
pub(crate) fn is_audio(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        let extension = extension.to_string_lossy().to_lowercase();
        AUDIO_EXTENSIONS.contains(&extension.as_str())
    })
}

/// Whether a path has a name that macOS keeps what is no sound under, on file systems and in archives that are not its own.
pub(crate) fn is_of_macos(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().starts_with("._") || path.components().any(|part| part.as_os_str() == "__MACOSX")
}
