//! Paths in JSON, exactly: as text where they are text, otherwise (Linux has names that are not UTF-8) as a list of their bytes.

use std::path::{Path, PathBuf};

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A path as it stands in a file.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Kept {
    Text(String),
    Bytes(Vec<u8>),
}

pub(crate) fn serialize<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
    match path.to_str() {
        Some(text) => Kept::Text(text.to_owned()).serialize(to),
        None => Kept::Bytes(bytes_of(path).ok_or_else(|| S::Error::custom("a path is not Unicode"))?)
            .serialize(to),
    }
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
    match Kept::deserialize(from)? {
        Kept::Text(text) => Ok(text.into()),
        Kept::Bytes(bytes) => path_of(bytes).ok_or_else(|| D::Error::custom("a path of another system")),
    }
}

/// The same for what may be absent.
pub(crate) mod option {
    use super::*;

    #[derive(Serialize, Deserialize)]
    struct One(#[serde(with = "super")] PathBuf);

    pub(crate) fn serialize<S: Serializer>(path: &Option<PathBuf>, to: S) -> Result<S::Ok, S::Error> {
        path.clone().map(One).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<PathBuf>, D::Error> {
        Ok(Option::<One>::deserialize(from)?.map(|One(path)| path))
    }
}

#[cfg(unix)]
fn bytes_of(path: &Path) -> Option<Vec<u8>> {
    use std::os::unix::ffi::OsStrExt;
    Some(path.as_os_str().as_bytes().to_vec())
}

#[cfg(unix)]
fn path_of(bytes: Vec<u8>) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    Some(std::ffi::OsString::from_vec(bytes).into())
}

#[cfg(not(unix))]
fn bytes_of(_: &Path) -> Option<Vec<u8>> {
    None
}

#[cfg(not(unix))]
fn path_of(_: Vec<u8>) -> Option<PathBuf> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Both {
        #[serde(with = "super")]
        path: PathBuf,
        #[serde(with = "super::option")]
        perhaps: Option<PathBuf>,
    }

    #[test]
    fn every_path_comes_back_and_text_stays_text() {
        let odd = Path::new(OsStr::from_bytes(b"a\xff/b\n"));
        for (path, perhaps, json) in [
            (Path::new("a/b"), None, r#"{"path":"a/b","perhaps":null}"#),
            (
                odd,
                Some(odd),
                r#"{"path":[97,255,47,98,10],"perhaps":[97,255,47,98,10]}"#,
            ),
        ] {
            let both = Both {
                path: path.to_owned(),
                perhaps: perhaps.map(Path::to_owned),
            };
            let text = serde_json::to_string(&both).unwrap();
            assert_eq!(text, json);
            assert_eq!(serde_json::from_str::<Both>(&text).unwrap(), both);
        }
        assert!(serde_json::from_str::<Both>(r#"{"path":[300],"perhaps":null}"#).is_err());
    }
}
