//! Recordings: what is heard in them, and genres written into them and taken back.

use std::fs;
use std::io::Cursor;

use cratedigger_collection::tags::{Restored, Tagged, Tagger, genres};
use cratedigger_features::{Error, Extractor, Limits, Recipe};

use crate::place;

/// The features of bytes of any container and codec.
pub(crate) fn features(bytes: &[u8]) -> bool {
    let limits = Limits::default()
        .max_duration_s(20.0)
        .max_work_s(20.0)
        .in_memory_s(1.0);
    let extractor = Extractor::new(Recipe::Fma).with_limits(limits);
    match extractor.extract_reader(Cursor::new(bytes.to_vec())) {
        Ok(features) => {
            assert_eq!(features.values().len(), 518);
            assert!(features.values().iter().all(|value| value.is_finite()));
            true
        }
        Err(error) => {
            assert!(!matches!(error, Error::Panicked { .. }), "{error}");
            false
        }
    }
}

/// A genre into a file and out again: the bytes are then the old ones.
pub(crate) fn tags(bytes: &[u8]) -> bool {
    let folder = place::empty("tags");
    let path = folder.join("song");
    fs::write(&path, bytes).expect("a file can be written");
    let before = genres(&path);
    let tagger = Tagger {
        overwrite: true,
        dry_run: false,
        backups: None,
        break_hard_links: false,
    };
    let written = match tagger.write(&path, "Fuzz") {
        Ok(Tagged::Written { .. }) => {
            assert!(before.is_ok(), "what cannot be read was written");
            assert_eq!(genres(&path).expect("what was written can be read"), ["Fuzz"]);
            let restored = tagger.restore(&path).expect("what was written can be taken back");
            assert!(matches!(restored, Restored::Done { .. }), "{restored:?}");
            true
        }
        Ok(_) | Err(_) => false,
    };
    let after = fs::read(&path).expect("the file is there");
    assert_eq!(after, bytes, "the file is not what it was");
    written
}
