//! Files that stay open and grow: journals, parts of downloads, locks.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use crate::whole::refused;

/// Opens a file beside an output for reading and writing, as it is, or makes it. A link is not followed, since its name is not one
/// that a person gave, and what it leads to would be written into; nor is anything but a file.
///
/// # Errors
/// The folder or the file cannot be written to, or a link or something else has the name.
pub fn open_kept(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        // A pipe without a reader is refused, not waited for.
        options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32);
    }
    let is_link = || std::fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
    match options.open(path) {
        Ok(_) if cfg!(not(unix)) && is_link() => Err(refused("it is a link, which is not followed")),
        Ok(file) if file.metadata()?.is_file() => Ok(file),
        Ok(_) => Err(refused("it is no file")),
        Err(_) if is_link() => Err(refused("it is a link, which is not followed")),
        Err(error) => Err(error),
    }
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::{Read, Write};
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_file_is_kept_and_a_link_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        open_kept(&at("journal")).unwrap().write_all(b"one").unwrap();
        let mut text = String::new();
        open_kept(&at("journal"))
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, "one");
        std::fs::write(at("important"), "mine").unwrap();
        symlink("important", at("link")).unwrap();
        symlink("not there", at("dangling")).unwrap();
        for name in ["link", "dangling"] {
            let error = open_kept(&at(name)).unwrap_err().to_string();
            assert!(error.contains("a link"), "{error}");
        }
        assert_eq!(std::fs::read(at("important")).unwrap(), b"mine");
        assert!(!at("not there").exists());
        assert!(open_kept(folder.path()).is_err());
    }
}
