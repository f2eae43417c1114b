//! Extended attributes, which a file that takes another's place must have too: ratings, labels, lists of who may read.

use std::path::Path;

/// Which attributes are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// All of them.
    All,
    /// Lists of who may read and write.
    Access,
}

/// Whether an attribute is a list of who may read and write: POSIX's and NFS' are kept in this name space.
pub(super) fn is_access(name: &str) -> bool {
    name.starts_with("system.")
}

/// The largest list or value, by Linux's limit.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
const MAX_BYTES: usize = 1 << 16;

/// Gives `to` the extended attributes of `from`; the names of those that it could not be given.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
pub(super) fn copy(from: &Path, to: &Path, which: Which) -> Vec<String> {
    use rustix::fs::{XattrFlags, getxattr, listxattr, setxattr};

    let mut list = vec![0; MAX_BYTES];
    // A file system without attributes has none to lose.
    let n = listxattr(from, &mut list[..]).unwrap_or(0);
    let (mut old, mut new) = (vec![0; MAX_BYTES], vec![0; MAX_BYTES]);
    let mut lost = Vec::new();
    for name in list[..n].split(|&byte| byte == 0).filter(|name| !name.is_empty()) {
        if which == Which::Access && !is_access(&String::from_utf8_lossy(name)) {
            continue;
        }
        let kept = match getxattr(from, name, &mut old[..]) {
            // The system gave the new file the same, as it does with labels of its own.
            Ok(n) if getxattr(to, name, &mut new[..]).is_ok_and(|m| new[..m] == old[..n]) => true,
            Ok(n) => setxattr(to, name, &old[..n], XattrFlags::empty()).is_ok(),
            Err(_) => false,
        };
        if !kept {
            lost.push(String::from_utf8_lossy(name).into_owned());
        }
    }
    lost
}

/// Elsewhere they are not known.
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
pub(super) fn copy(_: &Path, _: &Path, _: Which) -> Vec<String> {
    Vec::new()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use rustix::fs::{XattrFlags, getxattr, setxattr};

    use super::*;

    #[test]
    fn a_file_in_the_place_of_another_has_its_attributes() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("from"), dir.path().join("to"));
        std::fs::write(&from, "a").unwrap();
        std::fs::write(&to, "b").unwrap();
        let long = vec![7; 3000];
        for (name, value) in [
            ("user.rating", &b"5"[..]),
            ("user.empty", b""),
            ("user.long", &long),
        ] {
            if let Err(error) = setxattr(&from, name, value, XattrFlags::empty()) {
                eprintln!("skipped: the file system has no extended attributes: {error}");
                return;
            }
        }
        assert!(copy(&from, &to, Which::Access).is_empty());
        assert!(getxattr(&to, "user.rating", &mut vec![0; 9][..]).is_err());
        assert!(copy(&from, &to, Which::All).is_empty());
        let mut value = vec![0; 4000];
        assert_eq!(getxattr(&to, "user.rating", &mut value[..]), Ok(1));
        assert_eq!(value[0], b'5');
        assert_eq!(getxattr(&to, "user.empty", &mut value[..]), Ok(0));
        assert_eq!(getxattr(&to, "user.long", &mut value[..]), Ok(3000));
        assert!(value[..3000] == long);
        let lost = copy(&from, &dir.path().join("not there"), Which::All);
        assert_eq!(lost.len(), 3, "{lost:?}");
    }
}
