//! Bad files are ordinary: each gives features or a clear reason, and none a panic.

#![allow(clippy::unwrap_used)]

mod common;

use std::io::Cursor;
use std::ops::ControlFlow;

use common::whole::{extract, extract_part, read};
use common::{Noise, data};
use cratedigger_features::{
    BatchOptions, Error, Extractor, Limits, Order, Recipe, extract_batch, find_audio,
};

/// A 16-bit mono WAV file of a tone.
fn wav(sample_rate: u32, n_samples: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let n_bytes = 2 * n_samples as u32;
    out.extend(b"RIFF");
    out.extend((36 + n_bytes).to_le_bytes());
    out.extend(b"WAVEfmt ");
    out.extend(16u32.to_le_bytes());
    out.extend(1u16.to_le_bytes());
    out.extend(1u16.to_le_bytes());
    out.extend(sample_rate.to_le_bytes());
    out.extend((2 * sample_rate).to_le_bytes());
    out.extend(2u16.to_le_bytes());
    out.extend(16u16.to_le_bytes());
    out.extend(b"data");
    out.extend(n_bytes.to_le_bytes());
    for i in 0..n_samples {
        out.extend((((i as f64 * 0.2).sin() * 9000.0).round() as i16).to_le_bytes());
    }
    out
}

#[test]
fn nothing_and_noise_are_told_apart() {
    assert!(matches!(extract(Vec::new()), Err(Error::Empty)));
    assert!(matches!(
        extract(vec![0; 5000]),
        Err(Error::UnknownFormat { .. } | Error::NoAudio { .. })
    ));
    let mut noise = Noise(3);
    for n in [1, 10, 1000, 50_000] {
        let bytes: Vec<u8> = (0..n).map(|_| noise.below(256) as u8).collect();
        let error = extract(bytes).expect_err("noise has no features");
        assert!(
            ["probe", "decode", "features"].contains(&error.stage()),
            "{error}"
        );
    }
    let text = extract(b"<html><body>404 not found</body></html>".repeat(40))
        .unwrap_err()
        .to_string();
    assert!(text.contains("not a known audio format"), "{text}");
}

#[test]
fn short_audio_gives_features_down_to_the_shortest_that_the_reference_accepts() {
    // 22,050 Hz: six halvings need 33 samples; 44,100 Hz: seven need 65.
    for (rate, shortest) in [(22_050, 33), (44_100, 65), (48_000, 65), (96_000, 129)] {
        let features = extract(wav(rate, shortest)).unwrap();
        assert!(features.values().iter().all(|v| v.is_finite()), "{rate}");
        match extract(wav(rate, shortest - 1)) {
            Err(Error::TooShort {
                n_samples, needed, ..
            }) => {
                assert_eq!((n_samples, needed), (shortest as u64 - 1, shortest as u64));
            }
            other => panic!("{rate}: {other:?}"),
        }
    }
    for n in [100, 511, 512, 513, 1023, 1024, 1025, 2047, 2048, 3000] {
        assert!(
            extract(wav(44_100, n))
                .unwrap()
                .values()
                .iter()
                .all(|v| v.is_finite()),
            "{n}"
        );
    }
}

#[test]
fn rates_too_low_for_the_highest_band_say_so() {
    for rate in [4000, 8000] {
        let error = extract(wav(rate, 20_000)).unwrap_err();
        assert!(
            matches!(error, Error::RateTooLow { sample_rate, .. } if sample_rate == rate),
            "{rate}: {error}"
        );
    }
    for rate in [0, 1, 100] {
        assert!(extract(wav(rate, 20_000)).is_err(), "{rate}");
    }
    assert!(extract(wav(9000, 20_000)).is_ok());
    // At the lowest rate of the `librosa` recipe everything is resampled first.
    let low = Extractor::new(Recipe::Librosa)
        .extract_reader(Cursor::new(wav(8000, 20_000)))
        .unwrap();
    assert_eq!(low.values().len(), 518);
}

/// A header cannot make the decoder reserve gigabytes: CAF gives the number of frames of a packet in 32 bits.
#[test]
fn absurd_packet_lengths_are_refused() {
    let mut caf = read("pcm_s16.caf");
    let desc = caf.windows(4).position(|w| w == b"desc").unwrap() + 12;
    caf[desc + 20..desc + 24].copy_from_slice(&u32::MAX.to_be_bytes());
    let error = extract(caf).unwrap_err();
    assert!(matches!(error, Error::UnsupportedCodec { .. }), "{error}");
    assert!(error.to_string().contains("8589934590 samples"), "{error}");
}

/// A disk that fails is not the end of the recording.
#[test]
fn a_failing_read_is_an_error_of_the_open_stage() {
    struct Failing(Cursor<Vec<u8>>);
    impl std::io::Read for Failing {
        fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
            if self.0.position() > 9000 {
                return Err(std::io::Error::other("the disk is gone"));
            }
            let n = buf.len().min(512);
            self.0.read(&mut buf[..n])
        }
    }
    impl std::io::Seek for Failing {
        fn seek(&mut self, pos: std::io::SeekFrom) -> std::io::Result<u64> {
            self.0.seek(pos)
        }
    }
    for name in ["flac.flac", "pcm_s16.wav", "six_channels.wav"] {
        let error = Extractor::new(Recipe::Fma)
            .extract_reader(Failing(Cursor::new(read(name))))
            .unwrap_err();
        assert_eq!(error.stage(), "open", "{name}: {error}");
        assert!(error.to_string().contains("the disk is gone"), "{name}: {error}");
    }
}

/// The damage that is known of the dataset's own clips, on a clip of our own.
#[test]
fn known_bad_clips_of_the_dataset_are_ordinary() {
    let clean = read("mp3_cbr.mp3");
    // 0 bytes, as 98565 and its neighbours.
    assert!(matches!(extract(Vec::new()), Err(Error::Empty)));
    // A few KB of a 30 s clip, as 133297: what decodes counts.
    let short = extract(clean[..2000].to_vec()).unwrap();
    assert!(short.info().duration_s() > 0.05 && short.info().duration_s() < 0.4);
    // A header that promises more frames than follow: the Info frame says 1,000,000.
    let mut promising = clean.clone();
    let info = promising
        .windows(4)
        .position(|w| w == b"Info" || w == b"Xing")
        .unwrap();
    promising[info + 8..info + 12].copy_from_slice(&1_000_000u32.to_be_bytes());
    let features = extract(promising).unwrap();
    assert!(
        features.info().duration_s() < 1.0,
        "{}",
        features.info().duration_s()
    );
    // Tags of absurd size and content: longer than the file, of a version that does not exist, with frames of 256 MB.
    for tag in [
        &b"ID3\x03\x00\x00\x7f\x7f\x7f\x7f"[..],
        b"ID3\x09\x00\xff\xff\xff\xff\xff",
        b"ID3\x04\x00\x00\x00\x00\x00\x14TBPM\x0f\x7f\x7f\x7f\x00\x00\x00123456789",
        b"ID3\x03\x00\x40\x00\x00\x00\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
    ] {
        let mut tagged = tag.to_vec();
        tagged.extend(&clean);
        let n = extract(tagged)
            .unwrap_or_else(|e| panic!("{tag:?}: {e}"))
            .info()
            .n_samples;
        assert!(n > 15_000, "{tag:?}: {n}");
    }
    // Frames that claim another bit rate than they have: at worst they are left out.
    let mut wrong = clean;
    let frame = (1000..wrong.len())
        .find(|i| wrong[*i] == 0xff && wrong[i + 1] & 0xf0 == 0xf0)
        .unwrap();
    wrong[frame + 2] = wrong[frame + 2] & 0x0f | 0xe0;
    assert!(extract(wrong).unwrap().info().n_samples > 8000);
}

#[test]
fn garbage_around_an_mp3_is_skipped() {
    let clean = read("mp3_cbr.mp3");
    let want = extract(clean.clone()).unwrap();
    // An ID3v2 tag of the right form whose frames are noise, with a rate and a length that mean nothing.
    let mut tagged = b"ID3\x03\x00\x00\x00\x00\x07\x76".to_vec();
    tagged.extend(b"TBPM\x00\x00\x00\x09\x00\x00\x00999999999TLEN\x7f\x7f\x7f\x7f\x00\x00\x00");
    let mut noise = Noise(8);
    tagged.resize_with(10 + (7 << 7) + 0x76, || noise.below(128) as u8);
    tagged.extend(&clean);
    assert_eq!(extract(tagged).unwrap().info().n_samples, want.info().n_samples);
    let mut followed = clean.clone();
    followed.extend(
        [b'T', b'A', b'G']
            .iter()
            .copied()
            .chain((0..125).map(|i| i as u8)),
    );
    assert_eq!(extract(followed).unwrap().values(), want.values());
    let mut damaged = clean;
    let n = damaged.len();
    for i in (n / 2..n / 2 + 300).step_by(7) {
        damaged[i] ^= 0x55;
    }
    let features = extract_part(damaged.clone()).unwrap();
    assert!(features.values().iter().all(|v| v.is_finite()));
    // One of some twenty frames.
    let error = extract(damaged).unwrap_err();
    assert!(
        matches!(error, Error::TooMuchLost { n_bad_packets: 1, .. }),
        "{error}"
    );
}

#[test]
fn limits_are_kept() {
    let path = data("audio/mp3_cbr.mp3");
    let too_long = Extractor::new(Recipe::Fma).with_limits(Limits::default().max_duration_s(0.1));
    let error = too_long.extract_path(&path).unwrap_err();
    assert!(
        error.to_string().contains("mp3_cbr.mp3") && error.to_string().contains("0.1 s"),
        "{error}"
    );
    assert_eq!(error.stage(), "decode");
    let too_large = Extractor::new(Recipe::Fma).with_limits(Limits::default().max_bytes(1000));
    assert!(
        too_large
            .extract_path(&path)
            .unwrap_err()
            .to_string()
            .contains("the limit is 1000")
    );
    let missing = Extractor::new(Recipe::Fma)
        .extract_path("no/such/file.mp3")
        .unwrap_err();
    assert!(
        missing
            .to_string()
            .starts_with("no/such/file.mp3: cannot read it"),
        "{missing}"
    );
    assert_eq!(missing.stage(), "open");
    assert_eq!(
        Extractor::new(Recipe::Fma)
            .extract_path(data("audio"))
            .unwrap_err()
            .stage(),
        "open"
    );
}

#[test]
fn samples_are_checked() {
    let e = Extractor::new(Recipe::Fma);
    assert!(matches!(
        e.extract_samples(&[0.0, f32::NAN], 22_050),
        Err(Error::NotANumber { index: 1 })
    ));
    assert!(matches!(
        e.extract_samples(&[f32::INFINITY], 22_050),
        Err(Error::NotANumber { index: 0 })
    ));
    assert!(matches!(
        e.extract_samples(&[], 22_050),
        Err(Error::NoAudio { .. })
    ));
    assert!(matches!(
        e.extract_samples(&[0.0; 100], 0),
        Err(Error::BadRate { sample_rate: 0 })
    ));
    let frames = e.frames_samples(&[0.25; 22_050], 22_050).unwrap();
    // A constant: no crossings, all magnitude in the lowest bins, and every value finite.
    assert!(frames.summarize().values().iter().all(|v| v.is_finite()));
    assert_eq!(frames.summarize().get("zcr.max.01"), Some(0.0));
}

#[test]
fn a_batch_lists_the_bad_and_finishes_the_good() {
    let folder = std::env::temp_dir().join(format!("cratedigger-batch-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("000")).unwrap();
    let put = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).unwrap();
    put("000/000002.mp3", &read("mp3_cbr.mp3"));
    put("000/000005.mp3", &[]);
    put("000/000010.mp3", &[0xff; 3000]);
    put("a.flac", &read("flac.flac"));
    put("b.wav", &wav(22_050, 10));
    put("notes.txt", b"not looked at");
    let inputs = find_audio(&folder).unwrap();
    let ids: Vec<&str> = inputs.iter().map(|i| i.id.as_str()).collect();
    assert_eq!(ids, ["2", "5", "10", "a.flac", "b.wav"]);
    let extractor = Extractor::new(Recipe::Fma);
    let mut runs = Vec::new();
    for n in [1, 2, 5] {
        for order in [Order::AsGiven, Order::LargestFirst] {
            let options = BatchOptions::default()
                .n_threads(std::num::NonZeroUsize::new(n))
                .order(order);
            let mut rows = Vec::new();
            let summary = extract_batch(&extractor, &inputs, options, |row| {
                rows.push(row);
                ControlFlow::Continue(())
            });
            assert_eq!((summary.n_done, summary.n_failed, summary.stopped), (2, 3, false));
            runs.push(rows);
        }
    }
    assert!(runs[0].iter().enumerate().all(|(i, r)| r.index == i));
    let stages: Vec<_> = runs[0]
        .iter()
        .map(|r| r.outcome.as_ref().err().map(|f| f.stage))
        .collect();
    assert_eq!(stages[0], None);
    assert_eq!(stages[1], Some("open"));
    assert!(stages[2] == Some("probe") || stages[2] == Some("decode"));
    assert_eq!(stages[3..], [None, Some("features")]);
    let sizes: Vec<u64> = runs[1]
        .iter()
        .map(|r| std::fs::metadata(&inputs[r.index].path).unwrap().len())
        .collect();
    assert!(sizes.is_sorted_by(|a, b| a >= b), "{sizes:?}");
    for pair in runs.chunks(2).skip(1) {
        assert_eq!(pair[0], runs[0]);
        assert_eq!(pair[1], runs[1]);
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
