//! Whether a file is the one that it was.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Size and time of modification: where they are the same, the file is taken for the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FileState {
    pub(crate) size: u64,
    pub(crate) modified_ns: u64,
}

impl FileState {
    /// Of a file that cannot be looked at, zeros: its extraction will say why.
    pub(crate) fn of(path: &Path) -> Self {
        let Ok(metadata) = std::fs::metadata(path) else {
            return Self::default();
        };
        let modified = metadata.modified().ok();
        Self {
            size: metadata.len(),
            modified_ns: modified.map_or(0, nanoseconds),
        }
    }
}

/// Nanoseconds since 1970 without those above 64 bits: a clock that is wrong by centuries, before 1970 too, still tells two times apart.
fn nanoseconds(time: SystemTime) -> u64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => after.as_nanos() as u64,
        Err(before) => (before.duration().as_nanos() as u64).wrapping_neg(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs::File;
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_of_wrong_clocks_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.wav");
        let file = File::create(&path).unwrap();
        let day = Duration::from_secs(86_400);
        let mut seen = Vec::new();
        for days in [0, 1, 18_000, 47_000, 100_000] {
            for time in [UNIX_EPOCH + day * days, UNIX_EPOCH - day * days.min(20_000)] {
                // where a file system has no such time, it has another one
                let modified = file.set_modified(time).and_then(|()| file.metadata()?.modified());
                if modified.is_ok_and(|modified| modified == time) {
                    seen.push((time, FileState::of(&path).modified_ns));
                }
            }
        }
        assert!(seen.len() >= 6, "{seen:?}");
        for (time, ns) in &seen {
            for (other, other_ns) in &seen {
                assert_eq!(time == other, ns == other_ns, "{time:?}, {other:?}");
            }
        }
        assert_eq!(nanoseconds(UNIX_EPOCH + day), 86_400_000_000_000);
    }
}
