//! Which names are addresses of objects and no files of this machine.

use std::path::Path;

/// How addresses of objects begin.
const SCHEMES: [&str; 5] = ["s3://", "gs://", "az://", "https://", "http://"];

/// Whether what a person named is the address of an object (`s3://bucket/song.mp3`) and not a file of this machine.
///
/// ```
/// use std::path::Path;
///
/// assert!(cratedigger_files::is_uri(Path::new("s3://music/a.mp3")));
/// assert!(!cratedigger_files::is_uri(Path::new("s3:/music/a.mp3")));
/// ```
pub fn is_uri(path: &Path) -> bool {
    let bytes = path.as_os_str().as_encoded_bytes();
    SCHEMES.iter().any(|scheme| bytes.starts_with(scheme.as_bytes()))
}
