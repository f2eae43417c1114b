//! Every container and codec, plain and with a number wrong beside whole sound (see data/make_containers.py): as many samples
//! as ffmpeg decodes, as many as the container counts by another way, nothing lost.

#![allow(clippy::unwrap_used)]

mod common;

use common::data;
use cratedigger_features::{Decoder, Extractor, Limits, Recipe};

/// Samples more than ffmpeg 5.1 decodes, where that is known.
const KNOWN: [(&str, i64); 4] = [
    // The padding in the last packet, which Matroska notes and symphonia 0.6 does not read.
    ("mka_libmp3lame.mka", 65),
    ("mka_libopus.mka", 648),
    // ffmpeg leaves the padding out in the middle of the stream, where the header says that it ends.
    ("mp3_xing_half.mp3", 65),
    // ffmpeg plays the first packet of the second stream, which belongs to no recording; 2 x 13,230 were encoded.
    ("ogg_chained.ogg", -512),
];

struct File {
    name: String,
    sample_rate: u32,
    n_channels: usize,
    n_samples: u64,
}

fn files() -> Vec<File> {
    let text = std::fs::read_to_string(data("containers/lengths.csv")).unwrap();
    let files: Vec<File> = text
        .lines()
        .skip(1)
        .map(|line| {
            let f: Vec<&str> = line.split(',').collect();
            File {
                name: f[0].to_owned(),
                sample_rate: f[1].parse().unwrap(),
                n_channels: f[2].parse().unwrap(),
                n_samples: f[3].parse().unwrap(),
            }
        })
        .collect();
    assert!(files.len() >= 70, "{}", files.len());
    files
}

#[test]
fn lengths_are_those_of_ffmpeg_and_of_the_containers_own_count() {
    let mut wrong = Vec::new();
    for file in files() {
        let path = data("containers").join(&file.name);
        let known = KNOWN
            .iter()
            .find(|(name, _)| *name == file.name)
            .map_or(0, |k| k.1);
        let mut samples = Vec::new();
        let mut decode = || {
            let mut decoder = Decoder::open(&path, &Limits::default())?;
            while decoder.next_samples(&mut samples)? {}
            Ok::<_, cratedigger_features::Error>(decoder.info().unwrap())
        };
        let info = match decode() {
            Ok(info) => info,
            Err(e) => {
                wrong.push(format!("{}: {e}", file.name));
                continue;
            }
        };
        let is_right = (info.sample_rate, info.n_channels) == (file.sample_rate, file.n_channels)
            && info.n_samples as i64 == file.n_samples as i64 + known
            && info.n_samples == samples.len() as u64
            && (info.n_bad_packets, info.n_lost) == (0, 0);
        // The last packet in MP4 is longer than its table says, that of ALAC in CAF shorter; Matroska counts nothing.
        let is_told = match info.n_told {
            None => file.name.ends_with(".mka") || file.name == "flac_no_length.flac",
            Some(n) if file.name == "caf_alac.caf" => n <= info.n_samples && n + 4096 > info.n_samples,
            Some(n) if file.name.contains("m4a") || file.name.contains("mp4") => {
                n <= info.n_samples && n + 2048 > info.n_samples
            }
            Some(n) => n == info.n_samples,
        };
        if !is_right || !is_told {
            wrong.push(format!("{}: {} by ffmpeg, {info:?}", file.name, file.n_samples));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_gives_features() {
    let extractor = Extractor::new(Recipe::Librosa);
    for file in files() {
        let features = extractor.extract_path(data("containers").join(&file.name));
        assert!(features.is_ok(), "{:?}", features.err());
    }
}
