//! Decoding in helper processes: they give what this process gives, and what ends them ends nothing else.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

#[path = "common/desk.rs"]
mod desk;
#[path = "common/processes.rs"]
mod processes;
use desk::Desk;
use processes::{busy_helpers, kill};

fn audio(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../features/tests/data/audio");
    fs::read(Path::new(folder).join(name)).unwrap()
}

/// A folder of whole and of damaged files.
fn damaged() -> Desk {
    let desk = Desk::empty();
    fs::create_dir(desk.path("music")).unwrap();
    for name in ["mp3_cbr.mp3", "flac.flac", "aac.m4a", "pages.ogg", "pcm_s16.wav"] {
        let whole = audio(name);
        fs::write(desk.path(&format!("music/{name}")), &whole).unwrap();
        fs::write(desk.path(&format!("music/cut.{name}")), &whole[..whole.len() / 3]).unwrap();
    }
    fs::write(desk.path("music/empty.mp3"), "").unwrap();
    fs::write(desk.path("music/text.mp3"), "no sound at all ".repeat(100)).unwrap();
    desk
}

/// How all is run twice: in helpers and in this process.
const WAYS: [(&str, &[&str]); 2] = [("a", &["--jobs", "3"]), ("b", &["--in-process"])];

#[test]
fn helpers_give_what_this_process_gives_byte_by_byte() {
    assert_features_are_the_same(&damaged(), &[]);
}

/// A network that hears a quarter of a second: `crates/embed/tests/golden/make_onnx.py`.
#[cfg(feature = "embed")]
const SMALL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../embed/tests/golden/small.onnx");

#[cfg(feature = "embed")]
#[test]
fn helpers_hear_what_this_process_hears() {
    assert_features_are_the_same(&damaged(), &["--embedding", SMALL]);
}

fn assert_features_are_the_same(desk: &Desk, args: &[&str]) {
    let mut files = Vec::new();
    for (out, more) in WAYS {
        let name = format!("{out}.csv");
        let run = desk.run(&[&["extract", "music", "--out", &name], args, more].concat());
        assert_eq!(run.code, 1, "{}", run.stderr);
        files.push(["csv", "failures.csv", "audio.csv"].map(|end| {
            let text = fs::read_to_string(desk.path(&format!("{out}.{end}"))).unwrap();
            text.replace(&format!("{out}.csv"), "out.csv")
        }));
    }
    assert_eq!(files[0], files[1]);
    assert!(files[0][1].lines().count() > 3 && files[0][0].lines().count() > 5);
}

#[test]
fn frames_of_helpers_are_those_of_this_process_byte_by_byte() {
    let desk = damaged();
    for kind in [&["--sr", "22050"][..], &["--kind", "descriptors"]] {
        let mut caches: Vec<BTreeMap<String, Vec<u8>>> = Vec::new();
        for (out, more) in WAYS {
            let out = format!("{}.{out}", kind[1]);
            let run = desk.run(&[&["mel", "music", "--out", &out], kind, more].concat());
            assert_eq!(run.code, 1, "{}", run.stderr);
            let folder = fs::read_dir(desk.path(&out)).unwrap().next().unwrap().unwrap();
            let entries = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap());
            let content = |name: &str| fs::read(folder.path().join(name)).unwrap();
            let names = entries.map(|entry| entry.file_name().into_string().unwrap());
            caches.push(names.map(|name| (name.clone(), content(&name))).collect());
        }
        assert!(caches[0] == caches[1]);
        let names: Vec<&str> = caches[0].keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "failures.csv",
                "frames-000.f16",
                "index",
                "recipe.json",
                "recordings.csv"
            ]
        );
        assert!(caches[0]["frames-000.f16"].len() > 10_000);
    }
}

#[test]
fn the_subcommand_of_helpers_is_for_them_alone() {
    let desk = Desk::empty();
    let run = desk.run(&["decode-helper"]);
    // Nobody says anything on its standard input.
    assert_eq!((run.code, run.stdout.as_str()), (0, ""));
    let mut child = desk
        .command(&["decode-helper"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(child.stdin.as_mut().unwrap(), b"\x05\0\0\0\0\0\0\0hello").unwrap();
    let out = child.wait_with_output().unwrap();
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&out.stderr).contains("for the program itself"));
    assert!(!desk.ok(&["--help"]).stdout.contains("decode-helper"));
}

/// A quarter of an hour of silence in some kilobytes: enough work to be met while it is done.
fn long_silence() -> Vec<u8> {
    const N_BLOCK: u16 = 65_535;
    let mut x = b"fLaC\x80\0\0\x22".to_vec();
    x.extend([N_BLOCK.to_be_bytes(), N_BLOCK.to_be_bytes()].concat());
    x.extend([0; 6]);
    x.extend((44_100u64 << 44 | 7 << 36).to_be_bytes());
    x.extend([0; 16]);
    for number in 0..610u32 {
        let mut frame = vec![0xff, 0xf8, 0x70, 0x02];
        match number {
            0..0x80 => frame.push(number as u8),
            _ => frame.extend([0xc0 | (number >> 6) as u8, 0x80 | (number & 63) as u8]),
        }
        frame.extend((N_BLOCK - 1).to_be_bytes());
        frame.push(frame.iter().fold(0u8, |mut c, b| {
            c ^= b;
            for _ in 0..8 {
                c = if c & 0x80 != 0 { c << 1 ^ 7 } else { c << 1 };
            }
            c
        }));
        frame.extend([0, 0]);
        let sum = frame.iter().fold(0u16, |mut c, b| {
            c ^= u16::from(*b) << 8;
            for _ in 0..8 {
                c = if c & 0x8000 != 0 { c << 1 ^ 0x8005 } else { c << 1 };
            }
            c
        });
        frame.extend(sum.to_be_bytes());
        x.extend(frame);
    }
    x
}

/// Kills every helper that works, at most so many, until the process ends; how many there were.
fn kill_helpers(child: &mut Child, at_most: usize) -> usize {
    let end = Instant::now() + Duration::from_secs(300);
    let mut killed = Vec::new();
    while child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < end, "it does not end");
        for number in busy_helpers(child.id()) {
            if killed.len() < at_most && !killed.contains(&number) {
                let limits = fs::read_to_string(format!("/proc/{number}/limits")).unwrap_or_default();
                let limited = |name: &str| {
                    let line = limits.lines().find(|line| line.starts_with(name));
                    line.is_none_or(|line| !line[26..46].contains("unlimited"))
                };
                assert!(
                    limited("Max address space") && limited("Max cpu time"),
                    "{limits}"
                );
                kill(number);
                killed.push(number);
            }
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    killed.len()
}

fn folder() -> Desk {
    let desk = Desk::empty();
    fs::create_dir(desk.path("music")).unwrap();
    fs::write(desk.path("music/good.flac"), audio("flac.flac")).unwrap();
    fs::write(desk.path("music/long.flac"), long_silence()).unwrap();
    desk
}

fn start(desk: &Desk, more: &[&str]) -> Child {
    let args = [&["extract", "music", "--out", "f.csv", "--jobs", "1"], more].concat();
    desk.command(&args)
        .stdout(Stdio::null())
        .stderr(fs::File::create(desk.path("said")).unwrap())
        .spawn()
        .unwrap()
}

/// What the last run said.
fn said(desk: &Desk) -> String {
    fs::read_to_string(desk.path("said")).unwrap()
}

fn failures(desk: &Desk) -> String {
    fs::read_to_string(desk.path("f.failures.csv")).unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_ends_two_helpers_is_a_failure_and_one_is_forgiven() {
    let desk = folder();
    let mut child = start(&desk, &[]);
    assert_eq!(kill_helpers(&mut child, usize::MAX), 2);
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let told = failures(&desk);
    assert!(
        told.contains("long.flac,decode,") && told.contains("signal 9") && !told.contains("good.flac"),
        "{told}"
    );
    let mut child = start(&desk, &["--force"]);
    assert_eq!(kill_helpers(&mut child, 1), 1);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(!desk.path("f.failures.csv").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_ends_the_helpers_of_frames_is_a_failure_and_one_is_forgiven() {
    let desk = folder();
    let mel = |at_most| {
        let mut child = desk
            .command(&[
                "mel",
                "music",
                "--out",
                "frames",
                "--jobs",
                "1",
                "--n-fft",
                "4096",
                "--hop-length",
                "128",
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let killed = kill_helpers(&mut child, at_most);
        (killed, child.wait().unwrap().code())
    };
    assert_eq!(mel(usize::MAX), (2, Some(1)));
    let folder = fs::read_dir(desk.path("frames"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let told = fs::read_to_string(folder.path().join("failures.csv")).unwrap();
    assert!(
        told.contains("long.flac,decode,") && told.contains("signal 9") && !told.contains("good.flac"),
        "{told}"
    );
    // The run has come to its end: the next one tries again.
    assert_eq!(mel(1), (1, Some(0)));
    assert!(!folder.path().join("failures.csv").exists() && !folder.path().join("attempts").exists());
    let rows = fs::read_to_string(folder.path().join("recordings.csv")).unwrap();
    assert!(rows.contains("long.flac") && rows.contains("good.flac"), "{rows}");
}

#[cfg(all(target_os = "linux", feature = "embed"))]
#[test]
fn a_file_that_ends_helpers_while_a_network_hears_ends_nothing_else() {
    let desk = folder();
    let mut child = desk
        .command(&[
            "classify",
            "music",
            "--embedding",
            SMALL,
            "--jobs",
            "1",
            "--format",
            "csv",
            "--out",
            "tags.csv",
        ])
        .stdout(Stdio::null())
        .stderr(fs::File::create(desk.path("told")).unwrap())
        .spawn()
        .unwrap();
    assert_eq!(kill_helpers(&mut child, usize::MAX), 2);
    let told = fs::read_to_string(desk.path("told")).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{told}");
    assert!(
        told.contains("long.flac: decode: ") && told.contains("signal 9"),
        "{told}"
    );
    let tags = fs::read_to_string(desk.path("tags.csv")).unwrap();
    assert!(
        tags.contains("good.flac") && !tags.contains("long.flac"),
        "{tags}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_file_ended_is_known_after_the_whole_program_was_killed() {
    let desk = folder();
    let mut child = start(&desk, &[]);
    let met = |child: &Child, others: &[u32]| loop {
        let found = busy_helpers(child.id());
        if let Some(number) = found.into_iter().find(|number| !others.contains(number)) {
            return number;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let first = met(&child, &[]);
    kill(first);
    let second = met(&child, &[first]);
    child.kill().unwrap();
    child.wait().unwrap();
    // Nobody is left that works for nobody.
    let end = Instant::now() + Duration::from_secs(60);
    while Path::new(&format!("/proc/{second}")).exists() {
        assert!(Instant::now() < end, "the helper goes on alone");
        std::thread::sleep(Duration::from_millis(20));
    }
    let mut child = start(&desk, &["--resume"]);
    assert_eq!(kill_helpers(&mut child, usize::MAX), 1);
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(
        failures(&desk).contains("long.flac,decode,"),
        "{}",
        failures(&desk)
    );
}

#[cfg(target_os = "linux")]
#[test]
fn in_this_process_a_file_that_was_begun_twice_without_an_outcome_is_a_failure() {
    let desk = folder();
    for round in 0..3 {
        let more: &[&str] = match round {
            0 => &["--in-process"],
            _ => &["--in-process", "--resume"],
        };
        let mut child = start(&desk, more);
        if round < 2 {
            // Until the journal says that the long file was begun.
            let is_begun = || {
                let journal = fs::read(desk.path("f.csv.partial")).unwrap_or_default();
                journal.windows(9).filter(|w| w == b"long.flac").count() > round
            };
            while !is_begun() {
                std::thread::sleep(Duration::from_millis(5));
            }
            // What became of the other file is written by another thread.
            std::thread::sleep(Duration::from_millis(300));
            child.kill().unwrap();
            child.wait().unwrap();
            continue;
        }
        let code = child.wait().unwrap().code();
        assert_eq!(code, Some(1), "{}", said(&desk));
        let told = failures(&desk);
        assert!(told.contains("the program ended twice"), "{told}");
    }
}
