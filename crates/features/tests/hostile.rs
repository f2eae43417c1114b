//! Files that were made to do harm: what they may take of stack, memory and work is bounded. The files are made here.

#![allow(clippy::unwrap_used)]

mod common;

use std::io::Cursor;
use std::process::Command;

use common::data;
use common::hostile::{chain, chunk, flac, flac_frame, flac_info, frame, nested, page, vorbis};
use cratedigger_features::{Error, Extractor, Features, Limits, Recipe, Result};

fn read(name: &str) -> Vec<u8> {
    std::fs::read(data("audio").join(name)).unwrap()
}

fn extract(limits: Limits, bytes: &[u8]) -> Result<Features> {
    Extractor::new(Recipe::Fma)
        .with_limits(limits)
        .extract_reader(Cursor::new(bytes))
}

#[test]
fn tags_are_never_parsed_wherever_they_stand() {
    // A parser that goes down into them needs more than this stack.
    let small = std::thread::Builder::new().stack_size(512 << 10);
    let work = || {
        for tag in [chain(20_000), nested(3000, Vec::new())] {
            let n = tag.len() as u32;
            for name in ["mp3_cbr.mp3", "flac.flac", "pcm_s16.wav", "aac.aac"] {
                let plain = read(name);
                let want = extract(Limits::default(), &plain).unwrap();
                let got = extract(Limits::default(), &[&tag[..], &plain].concat()).unwrap();
                assert_eq!(got.values(), want.values(), "{name}");
                let got = extract(Limits::default(), &[&plain[..], &tag].concat()).unwrap();
                assert!(got.info().n_samples >= want.info().n_samples, "{name}");
            }
            let aiff = read("pcm_s16.aiff");
            let inside = [&aiff[..12], &chunk(b"ID3 ", n.to_be_bytes(), &tag), &aiff[12..]].concat();
            let want = extract(Limits::default(), &aiff).unwrap();
            assert_eq!(
                extract(Limits::default(), &inside).unwrap().values(),
                want.values()
            );
            // Without the sound that a plain header could be put in front of.
            let at = aiff.windows(4).position(|w| w == b"SSND").unwrap();
            let headless = [&aiff[..at], &chunk(b"ID3 ", n.to_be_bytes(), &tag)].concat();
            assert!(matches!(
                extract(Limits::default(), &headless),
                Err(Error::Damaged { .. })
            ));
            let wav = read("pcm_s16.wav");
            let inside = [&wav[..12], &chunk(b"id3 ", n.to_le_bytes(), &tag), &wav[12..]].concat();
            let want = extract(Limits::default(), &wav).unwrap();
            assert_eq!(
                extract(Limits::default(), &inside).unwrap().values(),
                want.values()
            );
        }
    };
    small.spawn(work).unwrap().join().unwrap();
}

#[test]
fn a_header_of_some_bytes_makes_no_tables_of_gigabytes() {
    let x = vorbis(16);
    assert!(x.len() < 600);
    let error = extract(Limits::default(), &x).unwrap_err();
    assert!(matches!(error, Error::UnsupportedCodec { .. }), "{error}");
    assert!(error.to_string().contains("codebooks"), "{error}");
}

#[test]
fn samples_are_limited_and_not_only_seconds() {
    let limits = Limits::default().max_duration_s(60.0);
    // Twenty seconds of the highest rate that FLAC knows.
    let error = extract(limits, &flac(655_350, 8, 200)).unwrap_err();
    assert!(
        matches!(error, Error::TooManySamples { limit: 6_000_000 }),
        "{error}"
    );
    assert_eq!(error.stage(), "decode");
    let error = extract(limits, &flac(44_100, 1, 60)).unwrap_err();
    assert!(matches!(error, Error::TooLong { .. }), "{error}");
}

#[test]
fn what_is_skipped_is_work_too() {
    // A second stream of another rate, whose packets are decoded and left out.
    let stream = |serial: u32, rate: u64, n_channels: u8, n_frames: u64| {
        let info = flac_info(rate, u64::from(n_channels), 65_535);
        let head = [b"\x7fFLAC\x01\0\0\x01fLaC\0\0\0\x22", &info[..]].concat();
        let mut x = page(serial, 0, 2, &[&head], false);
        x.extend(page(
            serial,
            1,
            0,
            &[b"\x84\0\0\x0c\x04\0\0\0abcd\0\0\0\0"],
            false,
        ));
        for i in 0..n_frames {
            let flags = if i + 1 == n_frames { 4 } else { 0 };
            let packet = flac_frame(i, n_channels, 65_535);
            x.extend(page(serial, 2 + i as u32, flags, &[&packet], false));
        }
        x
    };
    let x = [stream(1, 44_100, 1, 3), stream(2, 48_000, 8, 200)].concat();
    let limits = Limits::default().max_lost(1.0);
    let error = extract(limits.max_duration_s(10.0), &x).unwrap_err();
    assert!(matches!(error, Error::TooManySamples { .. }), "{error}");
    // Where the limit holds them they are skipped, as ever.
    assert!(extract(limits, &x).unwrap().info().n_samples >= 65_535);
}

#[test]
fn a_deadline_ends_the_work() {
    let late = Limits::default().max_work_s(0.0);
    for name in ["mp3_cbr.mp3", "flac.flac", "pages.ogg"] {
        let error = extract(late, &read(name)).unwrap_err();
        assert!(matches!(error, Error::TookTooLong { .. }), "{name}: {error}");
    }
    let error = extract(late, &flac(655_350, 8, 2000)).unwrap_err();
    assert!(matches!(error, Error::TookTooLong { .. }), "{error}");
}

#[test]
fn sources_that_cannot_be_sent_back_are_read_whole_up_to_the_limit() {
    use symphonia::core::io::ReadOnlySource;
    let decode = |limits: &Limits| {
        let source = ReadOnlySource::new(Cursor::new(read("flac.flac")));
        let mut decoder = cratedigger_features::Decoder::new(Box::new(source), limits)?;
        let mut samples = Vec::new();
        while decoder.next_samples(&mut samples)? {}
        Ok(samples.len())
    };
    assert_eq!(decode(&Limits::default()).unwrap(), 4800);
    let refused: Result<usize> = decode(&Limits::default().max_bytes(1000));
    assert!(matches!(refused, Err(Error::TooLarge { .. })));
}

/// A case of the test below: what is extracted, and whether it gives features.
fn case(name: &str) -> (Vec<u8>, Limits, bool) {
    let default = Limits::default();
    let mp3 = read("mp3_cbr.mp3");
    match name {
        "nothing" => (mp3, default, true),
        "nested tags around 10 MB" => {
            let private = frame(b"PRIV", &[b"o\0", &vec![1; 10_000_000][..]].concat());
            ([nested(300, private), mp3].concat(), default, true)
        }
        "codebooks" => (vorbis(64), default, false),
        "four million comments" => {
            let stream = read("pages.ogg");
            let pages: Vec<usize> = (0..stream.len() - 4)
                .filter(|i| &stream[*i..*i + 4] == b"OggS")
                .collect();
            let serial = u32::from_le_bytes(stream[14..18].try_into().unwrap());
            // In front of the stream's own, a comment that claims and has as many comments as a packet can hold.
            let n = 4_000_000u32;
            let mut comment = b"\x03vorbis\0\0\0\0".to_vec();
            comment.extend(n.to_le_bytes());
            comment.resize(comment.len() + 4 * n as usize, 0);
            let parts: Vec<&[u8]> = comment.chunks(255 * 255).collect();
            let mut x = stream[..pages[1]].to_vec();
            for (i, part) in parts.iter().enumerate() {
                let flags = u8::from(i > 0);
                let goes_on = i + 1 < parts.len();
                x.extend(page(serial, 1 + i as u32, flags, &[part], goes_on));
            }
            x.extend(&stream[pages[1]..]);
            (x, default.max_lost(1.0), true)
        }
        "tags of Matroska" => {
            let x = read("flac.mka");
            let at = x.windows(4).position(|w| w == b"\x18\x53\x80\x67").unwrap();
            let n_size = x[at + 4].leading_zeros() as usize + 1;
            let tag = b"\x67\xc8\x88\x45\xa3\x81T\x44\x87\x81v".repeat(300_000);
            let long = |n: usize| (n as u64 | 1 << 56).to_be_bytes();
            let tags = [b"\x73\x73", &long(tag.len())[..], &tag].concat();
            let tags = [b"\x12\x54\xc3\x67", &long(tags.len())[..], &tags].concat();
            let x = [&x[..at + 4], &[0x01], &[0xff; 7], &tags, &x[at + 4 + n_size..]].concat();
            (x, default, true)
        }
        "the highest rate" => (flac(655_350, 8, 3000), default.max_duration_s(300.0), false),
        other => panic!("{other}"),
    }
}

/// Not a test of its own: the process that the test below measures.
#[test]
fn measured() {
    let Ok(name) = std::env::var("CRATEDIGGER_HOSTILE_CASE") else {
        return;
    };
    let (bytes, limits, gives_features) = case(&name);
    let extractor = Extractor::new(Recipe::Fma).with_limits(limits);
    let outcome = extractor.extract_reader(Cursor::new(&bytes));
    assert_eq!(
        outcome.is_ok(),
        gives_features,
        "{name}: {:?}",
        outcome.map(|f| f.info())
    );
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = |name: &str| {
        status
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap()
            .to_owned()
    };
    println!("\n{} {}", line("VmHWM"), line("VmRSS"));
}

#[cfg(target_os = "linux")]
#[test]
fn memory_has_bounds_and_comes_back() {
    let measure = |name: &str| {
        let out = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "measured", "--nocapture", "--test-threads", "1"])
            .env("CRATEDIGGER_HOSTILE_CASE", name)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        assert!(
            out.status.success(),
            "{name}: {text} {}",
            String::from_utf8_lossy(&out.stderr)
        );
        let numbers: Vec<u64> = text
            .lines()
            .find(|line| line.starts_with("VmHWM"))
            .unwrap()
            .split_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect();
        // KiB to MiB.
        (numbers[0] / 1024, numbers[1] / 1024)
    };
    let (usual, _) = measure("nothing");
    // What is allowed above that, with the file, which is in memory more than once while it is made.
    for (name, peak, after) in [
        ("nested tags around 10 MB", 60, 60),
        ("codebooks", 10, 10),
        ("four million comments", 120, 120),
        ("tags of Matroska", 40, 40),
        // 30 million samples at two bytes each, and as many as are kept.
        ("the highest rate", 320, 100),
    ] {
        let got = measure(name);
        assert!(
            got.0 < usual + peak && got.1 < usual + after,
            "{name}: {got:?} MiB at most and after, a usual file takes {usual}"
        );
    }
}
