//! Files that are cut short: features of what is there, or a clear reason.

#![allow(clippy::unwrap_used)]

mod common;

use common::data;
use common::whole::{extract, extract_part, read};
use cratedigger_features::Error;

#[test]
fn truncated_files_give_what_is_there() {
    let mut n_files = 0;
    for entry in std::fs::read_dir(data("audio")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with("csv") {
            continue;
        }
        n_files += 1;
        let whole = read(&name);
        let n_whole = extract(whole.clone()).unwrap().info().n_samples;
        // Two thirds of the pages of an Ogg stream this short are its headers.
        let tenths = if name == "pages.ogg" { 9 } else { 7 };
        let cut = whole[..whole.len() * tenths / 10].to_vec();
        let part = extract_part(cut.clone());
        match name.as_str() {
            // The table of contents was at the end; the only page of audio has lost its checksum.
            "aac.m4a" | "alac.m4a" | "edited.m4a" | "edited_alac.m4a" | "tagged.m4a" | "opus.mp4"
            | "vorbis.ogg" | "opus.opus" | "opus_mono.opus" | "opus_six.opus" => {
                let error = part.unwrap_err();
                assert!(matches!(error, Error::Damaged { .. }), "{name}: {error}");
                assert_eq!(error.stage(), "decode");
                assert!(error.to_string().contains("cut short"), "{name}: {error}");
            }
            _ => {
                let part = part.unwrap_or_else(|e| panic!("{name}: {e}"));
                let n_part = part.info().n_samples;
                assert!(
                    n_part < n_whole * 4 / 5 && n_part > n_whole / 6,
                    "{name}: {n_part} of {n_whole}"
                );
                assert!(part.values().iter().all(|v| v.is_finite()), "{name}");
                // Where the container counts what is missing, so does the error.
                let refused = extract(cut);
                let counts = ["flac.flac", "index_first.m4a", "fragments.m4a"].contains(&name.as_str());
                assert_eq!(
                    part.info().lost_share() > 0.01,
                    counts,
                    "{name}: {:?}",
                    part.info()
                );
                match refused {
                    Err(error @ Error::TooMuchLost { n_lost, .. }) => {
                        assert!(counts && n_lost == part.info().n_lost, "{name}: {error}");
                        assert_eq!(error.stage(), "decode");
                    }
                    other => assert!(!counts && other.is_ok(), "{name}"),
                }
            }
        }
    }
    assert!(n_files >= 30);
}

/// What is left of a file that was cut after a few bytes is never more than a reason.
#[test]
fn stumps_give_a_reason() {
    for name in [
        "mp3_cbr.mp3",
        "flac.flac",
        "pcm_s16.wav",
        "pcm_s16.aiff",
        "pcm_s16.caf",
        "pages.ogg",
        "index_first.m4a",
        "flac.mka",
    ] {
        let whole = read(name);
        for n in [1, 4, 12, 13, 20, 40] {
            match extract(whole[..n].to_vec()) {
                Ok(f) => panic!("{name} {n}: {} samples", f.info().n_samples),
                Err(e) => assert!(["probe", "decode"].contains(&e.stage()), "{name} {n}: {e}"),
            }
        }
    }
}
