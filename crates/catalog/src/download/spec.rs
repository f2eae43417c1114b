//! The archives of the dataset, and others of their kind.

use std::fmt;
use std::str::FromStr;

use super::error::Error;

const GIB: u64 = 1 << 30;

/// An archive of the dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Archive {
    /// `fma_metadata.zip`: all tables, for 106,574 tracks (342 MiB).
    Metadata,
    /// `fma_small.zip`: 8,000 clips of 30 s, 8 balanced genres (7.2 GiB).
    Small,
    /// `fma_medium.zip`: 25,000 clips of 30 s, 16 unbalanced genres (22 GiB).
    Medium,
    /// `fma_large.zip`: 106,574 clips of 30 s, 161 unbalanced genres (93 GiB).
    Large,
    /// `fma_full.zip`: 106,574 untrimmed tracks, 161 unbalanced genres (879 GiB).
    Full,
}

impl Archive {
    /// All of them, smallest first.
    pub const ALL: [Self; 5] = [Self::Metadata, Self::Small, Self::Medium, Self::Large, Self::Full];

    /// `metadata`, `small`, `medium`, `large` or `full`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Metadata => "metadata",
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
            Self::Full => "full",
        }
    }

    /// The file's name on the server, such as `fma_metadata.zip`.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Metadata => "fma_metadata.zip",
            Self::Small => "fma_small.zip",
            Self::Medium => "fma_medium.zip",
            Self::Large => "fma_large.zip",
            Self::Full => "fma_full.zip",
        }
    }

    /// The published SHA-1 sum, 40 hexadecimal digits.
    pub fn sha1(self) -> &'static str {
        match self {
            Self::Metadata => "f0df49ffe5f2a6008d7dc83c6915b31835dfe733",
            Self::Small => "ade154f733639d52e35e32f5593efe5be76c6d70",
            Self::Medium => "c67b69ea232021025fca9231fc1c7c1a063ab50b",
            Self::Large => "497109f4dd721066b5ce5e5f250ec604dc78939e",
            Self::Full => "0f0ace23fbe9ba30ecb7e95f763e435ea802b8ab",
        }
    }

    /// The published size, rounded, as people write it.
    pub fn size(self) -> &'static str {
        match self {
            Self::Metadata => "342 MiB",
            Self::Small => "7.2 GiB",
            Self::Medium => "22 GiB",
            Self::Large => "93 GiB",
            Self::Full => "879 GiB",
        }
    }

    /// Bytes that the archive has, from the fewest to the most: exactly, where that is known of what the dataset's server tells
    /// (`Content-Length`), else what the published size was rounded from.
    fn bytes(self) -> (u64, u64) {
        let exactly = |n| (n, n);
        match self {
            Self::Metadata => exactly(358_412_441),
            Self::Small => exactly(7_679_594_875),
            Self::Medium => (21 * GIB + GIB / 2, 22 * GIB + GIB / 2),
            Self::Large => exactly(100_306_112_191),
            Self::Full => (878 * GIB + GIB / 2, 879 * GIB + GIB / 2),
        }
    }

    /// Bytes that its content cannot reasonably exceed: twice the archive for MP3, which hardly shrinks, and more for text.
    fn max_unpacked_bytes(self) -> u64 {
        match self {
            Self::Metadata => 16 * GIB,
            Self::Small => 16 * GIB,
            Self::Medium => 48 * GIB,
            Self::Large => 192 * GIB,
            Self::Full => 2048 * GIB,
        }
    }
}

impl fmt::Display for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Archive {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|archive| archive.name() == name)
            .ok_or_else(|| Error::UnknownArchive {
                name: name.to_owned(),
            })
    }
}

/// A file to download and what it must be: one of the dataset's archives, or another zip of the same kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    pub(super) file_name: String,
    pub(super) sha1: String,
    pub(super) max_unpacked_bytes: u64,
    /// The fewest and the most bytes that it has.
    pub(super) bytes: (u64, u64),
}

impl Spec {
    /// Another archive, such as an excerpt that a mirror offers: its file name under the base address, and its SHA-1 sum.
    ///
    /// # Errors
    /// [`Error::BadSpec`] where the name is not a plain file name or the sum is not 40 hexadecimal digits.
    pub fn new(file_name: &str, sha1: &str) -> Result<Self, Error> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if file_name.is_empty() || file_name.starts_with('.') || !file_name.chars().all(plain) {
            return Err(Error::BadSpec {
                value: file_name.to_owned(),
                expected: "a file name of letters, digits, '.', '_' and '-'",
            });
        }
        if sha1.len() != 40 || !sha1.chars().all(|c| c.is_ascii_hexdigit()) {
            return Err(Error::BadSpec {
                value: sha1.to_owned(),
                expected: "a SHA-1 sum of 40 hexadecimal digits",
            });
        }
        Ok(Self {
            file_name: file_name.to_owned(),
            sha1: sha1.to_ascii_lowercase(),
            max_unpacked_bytes: 2048 * GIB,
            bytes: (0, 2048 * GIB),
        })
    }

    /// The same, of exactly so many bytes.
    pub fn with_bytes(mut self, n: u64) -> Self {
        self.bytes = (n, n);
        self
    }

    /// The file's name under the base address and in the destination.
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// The expected SHA-1 sum, 40 lower-case hexadecimal digits.
    pub fn sha1(&self) -> &str {
        &self.sha1
    }
}

impl From<Archive> for Spec {
    fn from(archive: Archive) -> Self {
        Self {
            file_name: archive.file_name().to_owned(),
            sha1: archive.sha1().to_owned(),
            max_unpacked_bytes: archive.max_unpacked_bytes(),
            bytes: archive.bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_sizes_agree_with_the_published_ones() {
        for archive in Archive::ALL {
            let (number, unit) = archive.size().split_once(' ').unwrap_or_default();
            let unit = if unit == "GiB" { GIB } else { GIB >> 10 } as f64;
            let decimals = number.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            let (least, most) = archive.bytes();
            for bytes in [least + 1, most - 1] {
                assert_eq!(format!("{:.decimals$}", bytes as f64 / unit), number, "{archive}");
            }
        }
    }
}
